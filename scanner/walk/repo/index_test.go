package repo

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"
)

// held is what an index shows.
type held struct {
	Entries []Entry
	Tree    *CacheTree
}

// hold reads an index. Each entry is read by itself, too.
func hold(r *Repo) (x held, err error) {
	err = r.Index(func(index *Index) {
		x = held{index.All(), index.Tree}
		if len(x.Entries) != index.Len() {
			panic(fmt.Sprintf("%d entries, not %d", len(x.Entries), index.Len()))
		}
		for i, e := range x.Entries {
			if one := index.Entry(i); one != e || !index.Below(i, e.Path[:len(e.Path)/2]) || index.Below(i, e.Path+"/") {
				panic(fmt.Sprintf("entry %d is %+v, not %+v", i, one, e))
			}
		}
	})
	return x, err
}

// stage prints the index as "git ls-files --stage" does.
func stage(x held) []string {
	var list []string
	for _, e := range x.Entries {
		list = append(list, fmt.Sprintf("%06o %s %d\t%s", uint32(e.Mode), e.Hash, e.Stage, e.Path))
	}
	return list
}

func (g gitFolder) compareIndex(opt Options) held {
	g.t.Helper()
	x, err := hold(g.openWith(opt))
	if err != nil {
		g.t.Fatal(err)
	}
	if opt.IndexFile != "" {
		g.env = append(g.env, "GIT_INDEX_FILE="+opt.IndexFile)
	}
	out := strings.TrimSuffix(g.git("ls-files", "--stage", "--sparse", "-z"), "\x00")
	want := strings.Split(out, "\x00")
	if out == "" {
		want = nil
	}
	if got := stage(x); !slices.Equal(got, want) {
		g.t.Errorf("got\n%s\ngit has\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return x
}

// manyFiles adds files whose paths share beginnings, one of them very long.
func (g gitFolder) manyFiles() {
	for i := range 60 {
		g.write(fmt.Sprintf("many/d%d/file-%d.txt", i%7, i), fmt.Sprint(i))
	}
	g.write("long/"+strings.Repeat("n", 200)+"/"+strings.Repeat("m", 250)+"/"+strings.Repeat("o", 250)+"/"+strings.Repeat("p", 250)+"/"+
		strings.Repeat("q", 250)+"/"+strings.Repeat("r", 250)+"/"+strings.Repeat("s", 250)+"/"+strings.Repeat("t", 250)+"/"+
		strings.Repeat("u", 250)+"/"+strings.Repeat("v", 250)+"/"+strings.Repeat("w", 250)+"/"+strings.Repeat("x", 250)+"/"+
		strings.Repeat("y", 250)+"/"+strings.Repeat("z", 250)+"/"+strings.Repeat("0", 250)+"/"+strings.Repeat("1", 250), "deep")
	g.write("spaced name/tab\there", "x")
	g.git("add", "-A")
}

func TestIndexAgainstGit(t *testing.T) {
	tests := []struct {
		name  string
		setup [][]string
	}{
		{"version 2", [][]string{{"update-index", "--index-version=2"}}},
		{"version 3", [][]string{{"update-index", "--index-version=3", "--skip-worktree", "a.txt"}}},
		{"version 4", [][]string{{"update-index", "--index-version=4"}}},
		{"untracked cache", [][]string{{"update-index", "--force-untracked-cache"}, {"status"}}},
		{"offset tables", [][]string{{"config", "index.threads", "2"}, {"update-index", "--index-version=4"}}},
		{"cache tree", [][]string{{"commit", "-q", "-m", "x"}, {"write-tree"}}},
		{"split", [][]string{{"update-index", "--split-index"}}},
		{"split version 4", [][]string{{"update-index", "--index-version=4"}, {"update-index", "--split-index"}}},
		{"split and changed", [][]string{{"config", "splitIndex.maxPercentChange", "100"}, {"update-index", "--split-index"},
			{"rm", "-q", "-r", "--cached", "many/d1"}, {"rm", "-q", "--cached", "a.txt"}, {"update-index", "--chmod=+x", "many/d2/file-2.txt", "many/d3/file-3.txt"},
			{"update-index", "--add", "--cacheinfo", "100644,e69de29bb2d1d6434b8b29ae775ad8c2e48c5391,many/d1.new"},
			{"update-index", "--add", "--cacheinfo", "100644,e69de29bb2d1d6434b8b29ae775ad8c2e48c5391,zz"}}},
		{"submodule entry", [][]string{{"update-index", "--add", "--cacheinfo", "160000,1111111111111111111111111111111111111111,mod"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newRepo(t)
			g.manyFiles()
			for _, args := range tt.setup {
				g.git(args...)
			}
			x := g.compareIndex(Options{})
			if len(x.Entries) < 50 {
				t.Errorf("only %d entries", len(x.Entries))
			}
			if strings.HasPrefix(tt.name, "split") && !bytes.Contains([]byte(g.read(".git/index")), []byte("link")) {
				t.Error("git did not split the index")
			}
		})
	}
}

func TestIndexFlags(t *testing.T) {
	g := newRepo(t)
	g.write("new.txt", "x")
	g.git("add", "-N", "new.txt")
	g.git("update-index", "--skip-worktree", "a.txt")
	x := g.compareIndex(Options{})
	for _, e := range x.Entries {
		if e.IntentToAdd != (e.Path == "new.txt") || e.SkipWorktree != (e.Path == "a.txt") {
			t.Errorf("%+v", e)
		}
	}
}

func TestIndexConflict(t *testing.T) {
	g := newRepo(t)
	g.git("checkout", "-q", "-b", "side")
	g.write("a.txt", "side\n")
	g.commit("side")
	g.git("checkout", "-q", "main")
	g.write("a.txt", "main\n")
	g.commit("main")
	g.run("merge", "side")
	if x := g.compareIndex(Options{}); x.Entries[0].Stage != 1 || x.Entries[2].Stage != 3 {
		t.Errorf("%+v", x.Entries)
	}
}

func TestIndexSparse(t *testing.T) {
	g := newRepo(t)
	g.manyFiles()
	g.commit("many")
	g.git("sparse-checkout", "set", "--cone", "--sparse-index", "dir/sub", "many/d1")
	x := g.compareIndex(Options{})
	if !slices.ContainsFunc(x.Entries, func(e Entry) bool { return e.IsSparseDir() && e.Path == "many/d2/" && e.SkipWorktree }) {
		t.Errorf("no sparse folder: %v", stage(x))
	}
}

func TestIndexFile(t *testing.T) {
	g := newRepo(t)
	g.env = []string{"GIT_INDEX_FILE=" + g.path("other")}
	g.git("read-tree", "HEAD~1")
	g.env = nil
	// A relative one counts from the top of the worktree.
	for _, opt := range []Options{{IndexFile: g.path("other")}, {IndexFile: "other"}, {IndexFile: "other", Path: g.path("dir")}} {
		if x := g.compareIndex(opt); len(x.Entries) != 2 {
			t.Errorf("%d entries", len(x.Entries))
		}
	}
	if x := g.compareIndex(Options{IndexFile: "none"}); len(x.Entries) != 0 {
		t.Errorf("a missing index: %+v", x.Entries)
	}
	g.git("worktree", "add", "-q", g.path("wt"), "HEAD~1")
	if x := g.at("wt").compareIndex(Options{}); len(x.Entries) != 2 {
		t.Errorf("linked worktree: %d entries", len(x.Entries))
	}
}

func TestIndexSkipHash(t *testing.T) {
	g := newRepo(t)
	data := []byte(g.read(".git/index"))
	clear(data[len(data)-indexTrailerSize:])
	g.write(".git/index", string(data))
	g.compareIndex(Options{})
}

// cacheTreeLines prints a cache tree as "ls-tree -rd" would.
func cacheTreeLines(t *CacheTree, path string, valid bool) []string {
	var list []string
	for i := range t.Children {
		c := &t.Children[i]
		if (c.Entries >= 0) == valid {
			list = append(list, fmt.Sprintf("%s%s %s", path, c.Name, c.ID))
		}
		list = append(list, cacheTreeLines(c, path+c.Name+"/", valid)...)
	}
	slices.Sort(list)
	return list
}

func TestCacheTree(t *testing.T) {
	for _, split := range []bool{false, true} {
		g := newRepo(t)
		g.manyFiles()
		g.commit("many")
		if split {
			g.git("update-index", "--split-index")
		}
		g.git("write-tree")
		x := g.compareIndex(Options{})
		want := strings.Split(g.git("ls-tree", "-r", "-d", "--format=%(path) %(objectname)", "HEAD"), "\n")
		slices.Sort(want)
		if got := cacheTreeLines(x.Tree, "", true); !slices.Equal(got, want) || x.Tree.ID.String() != g.git("rev-parse", "HEAD^{tree}") {
			t.Errorf("split %v: got %q, want %q", split, got, want)
		}
		g.write("dir/sub/c.txt", "changed")
		g.git("add", "dir")
		x = g.compareIndex(Options{})
		if got := cacheTreeLines(x.Tree, "", false); len(got) != 2 || !strings.HasPrefix(got[1], "dir/sub ") || x.Tree.Entries != -1 {
			t.Errorf("split %v: changed %q", split, got)
		}
	}
}

// TestIndexDamage cuts an index at every length and flips every byte: each is
// an error, and none a panic or a different list.
func TestIndexDamage(t *testing.T) {
	for _, version := range []string{"2", "4"} {
		g := newRepo(t)
		g.git("update-index", "--index-version="+version)
		data := []byte(g.read(".git/index"))
		for n := range data {
			if _, err := parseIndex(data[:n]); err == nil {
				t.Errorf("version %s cut at %d: no error", version, n)
			}
			flipped := bytes.Clone(data)
			flipped[n] ^= 0x10
			if _, err := parseIndex(flipped); err == nil {
				t.Errorf("version %s flipped at %d: no error", version, n)
			}
		}
		g.write(".git/index", string(data[:100]))
		_, err := hold(g.open())
		if err == nil || !strings.Contains(err.Error(), "index: its checksum does not match: run") {
			t.Errorf("error %v", err)
		}
	}
}

func TestIndexPathsCannotExplode(t *testing.T) {
	const count, long = 2000, 100000
	body := append([]byte("DIRC"), 0, 0, 0, 4)
	body = binary.BigEndian.AppendUint32(body, count)
	for i := range count {
		body = append(body, make([]byte, entrySize+1)...) // and nothing to drop
		if i == 0 {
			body = append(body, strings.Repeat("x", long)...)
		}
		body = append(body, 'y', 0)
	}
	if _, err := parseIndex(seal(body)); err == nil || !strings.Contains(err.Error(), "repeat") {
		t.Errorf("error %v", err)
	}
}

func TestReadFileRefusesWhatIsNoFile(t *testing.T) {
	g := newFolder(t)
	g.write("large", "123456")
	if _, err := readFile(g.path("large"), 5); err == nil || !strings.Contains(err.Error(), "larger than 5") {
		t.Errorf("large: %v", err)
	}
	if data, err := readFile(g.path("large"), 6); err != nil || string(data) != "123456" {
		t.Errorf("%q %v", data, err)
	}
	if _, err := readFile(g.dir, 5); err == nil || reason(err) != "not a regular file" {
		t.Errorf("folder: %v", err)
	}
	if _, err := readFile(os.DevNull, 5); err == nil {
		t.Error("a device was read")
	}
	if _, err := readFile(g.path("large/below/it"), 5); !missing(err) {
		t.Errorf("below a file: %v", err)
	}
}

func TestSplitIndexWithoutShared(t *testing.T) {
	g := newRepo(t)
	g.git("update-index", "--split-index")
	entries, _ := os.ReadDir(g.path(".git"))
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "sharedindex.") {
			os.Remove(g.path(".git", e.Name()))
		}
	}
	if _, err := hold(g.open()); err == nil || !strings.Contains(err.Error(), "its shared index") {
		t.Errorf("error %v", err)
	}
}

// encodeBitmap writes an EWAH bitmap of literal words, with runs of ones and
// zeros where a whole word is equal.
func encodeBitmap(bits []bool) []byte {
	var words []uint64
	for i := 0; i < len(bits); i += 64 {
		var w uint64
		for j := i; j < min(i+64, len(bits)); j++ {
			if bits[j] {
				w |= 1 << (j - i)
			}
		}
		words = append(words, w)
	}
	var out []uint64
	for i := 0; i < len(words); {
		run, bit := 0, uint64(0)
		if words[i] == ^uint64(0) {
			bit = 1
		}
		for i < len(words) && words[i] == -bit {
			run, i = run+1, i+1
		}
		start := i
		for i < len(words) && words[i] != 0 && words[i] != ^uint64(0) {
			i++
		}
		out = append(out, bit|uint64(run)<<1|uint64(i-start)<<33)
		out = append(out, words[start:i]...)
	}
	data := binary.BigEndian.AppendUint32(nil, uint32(len(bits)))
	data = binary.BigEndian.AppendUint32(data, uint32(len(out)))
	for _, w := range out {
		data = binary.BigEndian.AppendUint64(data, w)
	}
	return binary.BigEndian.AppendUint32(data, 0)
}

func TestBitmap(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for range 500 {
		bits := make([]bool, rnd.Intn(600))
		for i, density := 0, rnd.Intn(3); i < len(bits); i++ {
			if i%64 == 0 && rnd.Intn(2) == 0 {
				density = rnd.Intn(3)
			}
			bits[i] = density == 2 || density == 1 && rnd.Intn(2) == 0
		}
		b, rest, err := parseBitmap(append(encodeBitmap(bits), 'r'))
		if err != nil || string(rest) != "r" {
			t.Fatal(err)
		}
		got := make([]bool, len(bits))
		if err := b.each(len(bits), func(i int) error { got[i] = true; return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, bits) {
			t.Fatalf("got %v, want %v", got, bits)
		}
	}
	b, _, _ := parseBitmap(encodeBitmap([]bool{false, false, true}))
	if err := b.each(2, func(int) error { return nil }); err == nil {
		t.Error("a bit past the end is no error")
	}
}

// seal gives an index the checksum that fits.
func seal(body []byte) []byte {
	sum := sha1.Sum(body)
	return append(body[:len(body):len(body)], sum[:]...)
}

func FuzzIndex(f *testing.F) {
	g := newRepo(f)
	for _, args := range [][]string{{"--index-version=2"}, {"--index-version=4"}, {"--skip-worktree", "a.txt"}, {"--split-index"}, {"--chmod=+x", "a.txt"}} {
		g.git(append([]string{"update-index"}, args...)...)
		data := g.read(".git/index")
		f.Add([]byte(data[:len(data)-indexTrailerSize]))
	}
	base := make([]Entry, 100)
	for i := range base {
		base[i].Path = fmt.Sprintf("%03d", i)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		raw, err := parseIndex(seal(body))
		if err != nil {
			return
		}
		entries := raw.all()
		if len(entries) > len(body)/entrySize {
			t.Errorf("%d entries from %d bytes", len(entries), len(body))
		}
		if raw.at != nil && (raw.order == nil) != (checkOrder(entries) == nil) {
			t.Errorf("order: %v, %v", raw.order, checkOrder(entries))
		}
		if raw.link == nil || checkOrder(entries) != nil {
			return
		}
		if merged, err := raw.link.merge(slices.Clone(base), entries); err == nil && checkOrder(merged) != nil {
			t.Errorf("merged out of order: %v", merged)
		}
	})
}

func BenchmarkIndex(b *testing.B) {
	g := newRepo(b)
	var list strings.Builder
	for i := range 10000 {
		fmt.Fprintf(&list, "100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\tpackages/p%d/src/lib%d/file%d.go\n", i/500, i/20, i)
	}
	g.write("list", list.String())
	g.git("hash-object", "-w", "--stdin")
	for _, version := range []string{"2", "4"} {
		os.Remove(g.path(".git/index"))
		stdin, _ := os.Open(g.path("list"))
		g.gitFrom(stdin, "update-index", "--index-version="+version, "--index-info")
		g.git("write-tree")
		r := g.open()
		b.Run("version "+version, func(b *testing.B) {
			for b.Loop() {
				n := 0
				if err := r.Index(func(x *Index) { n = x.Len() }); err != nil || n != 10000 {
					b.Fatal(err)
				}
			}
		})
	}
}
