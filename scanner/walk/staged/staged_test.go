package staged

import (
	"fmt"
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"keyrake/fixtures"
)

const zeros = "0000000000000000000000000000000000000000"

// wantChanges asks git, for one line "path mode blob headblob" per file.
func (g gitFolder) wantChanges() []string {
	g.t.Helper()
	head := g.head()
	var list []string
	fields := strings.Split(g.git("diff-index", "--cached", "--ita-invisible-in-index", "--raw", "--no-renames", "--abbrev=40", "-z", head), "\x00")
	for ; len(fields) >= 2; fields = fields[2:] {
		// :mode mode id id status
		p := strings.Fields(strings.TrimPrefix(fields[0], ":"))
		was, is, path := p[2], p[3], fields[1]
		if p[0] == "160000" {
			was = zeros
		}
		if p[4] == "U" || p[4] == "D" || p[1] == "160000" || was == is {
			continue
		}
		list = append(list, fmt.Sprintf("%s %s %s %s", path, p[1], is, was))
	}
	return append(list, g.wantConflicts(head)...)
}

// head is HEAD, or the empty tree while there is no commit.
func (g gitFolder) head() string {
	if _, err := g.run("", "rev-parse", "-q", "--verify", "HEAD"); err != nil {
		return g.feed("", "mktree")
	}
	return "HEAD"
}

// wantConflicts reads both sides of unmerged paths from ls-files.
func (g gitFolder) wantConflicts(head string) []string {
	var list []string
	for line := range strings.SplitSeq(g.git("ls-files", "-u", "-z"), "\x00") {
		info, path, ok := strings.Cut(line, "\t")
		p := strings.Fields(info)
		if !ok || p[2] == "1" || p[0] == "160000" {
			continue
		}
		was := zeros
		if out := strings.Fields(g.git("ls-tree", head, "--", path)); len(out) > 2 && out[1] == "blob" {
			was = out[2]
		}
		if was != p[1] {
			list = append(list, fmt.Sprintf("%s %s %s %s", path, p[0], p[1], was))
		}
	}
	return list
}

func lines(files []File) []string {
	var list []string
	for _, f := range files {
		list = append(list, fmt.Sprintf("%s %06o %s %s", f.Path, uint32(f.Mode), f.Blob, f.HeadBlob))
	}
	return list
}

// compare checks Changes against git and returns how many objects it read.
func (g gitFolder) compare(objects *gitObjects) int {
	g.t.Helper()
	before := objects.gets
	files, problems, err := Changes(g.open(), objects)
	if err != nil || len(problems) > 0 {
		g.t.Fatalf("problems %v, error %v", problems, err)
	}
	if !slices.IsSortedFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
		g.t.Error("not sorted")
	}
	got, want := lines(files), g.wantChanges()
	slices.Sort(got)
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(got, want) {
		g.t.Errorf("got\n%s\ngit has\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return objects.gets - before
}

// names are chosen so that files, folders and their neighbours collide: a
// folder "a" sorts as "a/", after "a-" and "a.".
var names = []string{"a", "a-", "a.txt", "a/b", "a/c", "a/b/c", "a0", "d/e/f/g", "d/e/f/h", "d/e.x", "d/e-y", "d/z", "q/r/s", "q/r/t", "q/rr", "z"}

// randomIndexInfo makes lines for "git update-index --index-info".
func randomIndexInfo(rnd *rand.Rand, blobs []string) string {
	var b strings.Builder
	for range 1 + rnd.Intn(6) {
		name, blob := names[rnd.Intn(len(names))], blobs[rnd.Intn(len(blobs))]
		switch rnd.Intn(10) {
		case 0, 1, 2:
			fmt.Fprintf(&b, "0 %s\t%s\n", zeros, name)
		case 3:
			fmt.Fprintf(&b, "120000 %s\t%s\n", blob, name)
		case 4:
			fmt.Fprintf(&b, "160000 %s\t%s\n", blob, name)
		case 5:
			fmt.Fprintf(&b, "100755 %s\t%s\n", blob, name)
		default:
			fmt.Fprintf(&b, "100644 %s\t%s\n", blob, name)
		}
	}
	return b.String()
}

func TestChangesAgainstGit(t *testing.T) {
	rounds := fixtures.Cases(80, 1000)
	conflicts, changes := 0, 0
	rnd := rand.New(rand.NewSource(20261123))
	g := newRepo(t)
	objects := g.objects()
	var blobs []string
	for i := range 5 {
		blobs = append(blobs, g.feed(fmt.Sprint("blob ", i), "hash-object", "-w", "--stdin"))
	}
	g.compare(objects)
	for round := range rounds {
		g.feed(randomIndexInfo(rnd, blobs), "update-index", "--replace", "--index-info")
		switch rnd.Intn(9) {
		case 0: // fails while there is a conflict, as the next one
			g.run("", "commit", "-q", "--allow-empty", "-m", "x")
		case 1:
			g.run("", "write-tree")
		case 2:
			g.git("update-index", "--index-version="+fmt.Sprint(2+2*rnd.Intn(2)))
		case 3:
			g.git("update-index", "--split-index")
		case 4:
			g.git("update-index", "--no-split-index")
		case 5:
			name, blob := names[rnd.Intn(len(names))], blobs[rnd.Intn(len(blobs))]
			g.feed(fmt.Sprintf("0 %s\t%s\n100644 %s 1\t%s\n100644 %s 2\t%s\n100755 %s 3\t%s\n", zeros, name,
				blob, name, blobs[rnd.Intn(len(blobs))], name, blobs[rnd.Intn(len(blobs))], name), "update-index", "--replace", "--index-info")
		case 6:
			g.run("", "read-tree", "HEAD")
		}
		if g.compare(objects); t.Failed() {
			t.Fatalf("in round %d", round)
		}
		changes += len(g.wantChanges())
		conflicts += len(g.wantConflicts(g.head()))
	}
	commits, _ := strconv.Atoi(g.git("rev-list", "--count", "HEAD"))
	if commits < 3 || conflicts < 10 || changes < 200 {
		t.Errorf("the rounds were too tame: %d commits, %d conflicts, %d changes", commits, conflicts, changes)
	}
}

func TestChangesKinds(t *testing.T) {
	g := newRepo(t)
	objects := g.objects()
	g.write("keep", "1")
	g.write("mode", "2")
	g.write("edit", "3")
	g.git("add", "-A")
	g.git("commit", "-q", "-m", "x")
	g.write("edit", "3b")
	g.write("sub/new", "4")
	g.write("announced", "5")
	os.Symlink("target", filepath.Join(g.dir, "link"))
	g.git("add", "edit", "sub", "link")
	g.git("add", "-N", "announced")
	g.git("update-index", "--chmod=+x", "mode")
	g.git("update-index", "--add", "--cacheinfo", "160000,1111111111111111111111111111111111111111,module")
	g.compare(objects)
	files, _, err := Changes(g.open(), objects)
	if err != nil || len(files) != 3 {
		t.Fatalf("%v %v", files, err)
	}
	if files[0].Path != "edit" || files[0].HeadBlob.IsZero() || files[2].Path != "sub/new" || !files[2].HeadBlob.IsZero() {
		t.Errorf("%+v", files)
	}
	if files[1].Path != "link" || files[1].Mode != filemode.Symlink || files[2].Mode == filemode.Symlink {
		t.Errorf("%+v", files)
	}
}

// TestChangesMoved: a new file comes from one that is gone, if that was the same or the
// only one of its name.
func TestChangesMoved(t *testing.T) {
	g := newRepo(t)
	objects := g.objects()
	for _, name := range []string{"a/one", "a/two", "b/two", "b/sub/three", "four", "left"} {
		g.write(name, "was "+name)
	}
	g.git("add", "-A")
	g.git("commit", "-q", "-m", "x")
	g.git("rm", "-q", "-r", "a", "b", "four")
	for name, content := range map[string]string{
		"c/one": "edited", "c/two": "edited", "two": "was b/two", "three": "edited", "five": "was four", "c/left": "was left", "six": "new",
	} {
		g.write(name, content)
	}
	g.git("add", "-A")
	g.compare(objects)
	files, _, err := Changes(g.open(), objects)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range files {
		if !f.Moved.IsZero() {
			got[f.Path] = g.git("cat-file", "blob", f.Moved.String()) + " in " + strings.Join(f.From, ", ")
		}
	}
	// Two files of the name "two" are gone, and "left" is not.
	if want := map[string]string{
		"c/one": "was a/one in a/one", "two": "was b/two in b/two", "three": "was b/sub/three in b/sub/three", "five": "was four in four",
	}; len(files) != 7 || !maps.Equal(got, want) {
		t.Errorf("%d files: %v", len(files), got)
	}
}

func TestChangesUnborn(t *testing.T) {
	g := newRepo(t)
	objects := g.objects()
	if reads := g.compare(objects); reads != 0 {
		t.Errorf("%d reads", reads)
	}
	g.write("a/b", "1")
	g.git("add", "-A")
	g.git("write-tree")
	g.compare(objects)
}

func TestChangesSparseIndex(t *testing.T) {
	g := newRepo(t)
	objects := g.objects()
	for i := range 12 {
		g.write(fmt.Sprintf("d%d/sub%d/f", i%4, i), fmt.Sprint(i))
	}
	g.write("d5/only", "x")
	g.git("add", "-A")
	g.git("commit", "-q", "-m", "x")
	g.git("sparse-checkout", "set", "--cone", "--sparse-index", "d1")
	if !strings.Contains(g.git("ls-files", "--sparse"), "d2/") {
		t.Fatal("the index is not sparse")
	}
	g.compare(objects)
	// HEAD moves, the index stays: sparse folders are changed, new, or gone.
	other := g.git("commit-tree", "-m", "y", g.feed("040000 tree "+g.git("rev-parse", "HEAD:d2")+"\td0\n"+
		"040000 tree "+g.git("rev-parse", "HEAD:d2")+"\td2\n"+"040000 tree "+g.git("rev-parse", "HEAD:d0")+"\td5\n", "mktree"))
	g.git("update-ref", "HEAD", other)
	if g.compare(objects); len(g.wantChanges()) < 8 {
		t.Errorf("too few changes for a test: %q", g.wantChanges())
	}
}

func TestChangesReadsOnlyWhatChanged(t *testing.T) {
	g := newRepo(t)
	objects := g.objects()
	for i := range 40 {
		g.write(fmt.Sprintf("d%d/e%d/f%d", i%4, i%8, i), fmt.Sprint(i))
	}
	g.git("add", "-A")
	g.git("commit", "-q", "-m", "x")
	if reads := g.compare(objects); reads != 1 {
		t.Errorf("nothing staged: %d reads, want the commit only", reads)
	}
	g.write("d1/e1/f1", "changed")
	g.git("add", "d1/e1/f1")
	if reads := g.compare(objects); reads != 4 {
		t.Errorf("one file staged: %d reads, want the commit and 3 trees", reads)
	}
}

// lacking hides one object.
type lacking struct {
	objects
	id string
}

func (o lacking) GetProven(id plumbing.Hash) (plumbing.ObjectType, []byte, error) {
	if id.String() == o.id {
		return 0, nil, fmt.Errorf("no such object")
	}
	return o.objects.GetProven(id)
}

func TestChangesWithoutAnObject(t *testing.T) {
	g := newRepo(t)
	g.write("a", "1")
	g.write("d/b", "2")
	g.git("add", "-A")
	g.git("commit", "-q", "-m", "x")
	g.write("d/c", "3")
	g.git("add", "-A")
	for name, want := range map[string]struct {
		what  string
		files int
	}{"HEAD": {"HEAD", 3}, "HEAD^{tree}": {"HEAD:", 3}, "HEAD:d": {"HEAD:d/", 2}} {
		files, problems, err := Changes(g.open(), lacking{g.objects(), g.git("rev-parse", name)})
		if err != nil || len(problems) != 1 || problems[0].What != want.what || len(files) != want.files {
			t.Errorf("%s: %v %v %v", name, files, problems, err)
		}
	}
}

func TestParseTree(t *testing.T) {
	id := strings.Repeat("i", 20)
	whole := "40000 d\x00" + id + "100644 f\x00" + id
	entries, err := parseTree([]byte(whole))
	if err != nil || len(entries) != 2 || entries[0].mode != filemode.Dir || entries[1].name != "f" {
		t.Errorf("%v %v", entries, err)
	}
	first := len("40000 d\x00" + id)
	for n := 1; n < len(whole); n++ {
		entries, err := parseTree([]byte(whole[:n]))
		if (err == nil) != (n == first) || len(entries) != min(1, n/first) {
			t.Errorf("cut at %d: %v %v", n, entries, err)
		}
	}
}

func FuzzParseTree(f *testing.F) {
	f.Add([]byte("40000 d\x00" + strings.Repeat("i", 20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, _ := parseTree(data)
		total := 0
		for _, e := range entries {
			total += len("0 \x00") + len(e.name) + len(e.id) // a mode has a digit
		}
		if total > len(data) {
			t.Errorf("%d bytes of entries from %d", total, len(data))
		}
	})
}
