package history

import (
	"context"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/store"
)

// walked walks dir with the tips that its refs are, and checks what must hold
// whatever is broken: counts add up, and contents hash to their names.
func walked(t *testing.T, dir string, tune ...func(*Options)) (*Result, *hashes) {
	t.Helper()
	s := store.Open([]string{filepath.Join(dir, "objects")})
	t.Cleanup(func() { s.Close() })
	opt := Options{Store: s, Jobs: 2}
	for _, name := range gitLines(t, dir, "for-each-ref", "--format=%(objectname)") {
		opt.Tips = append(opt.Tips, plumbing.NewHash(name))
	}
	for _, f := range tune {
		f(&opt)
	}
	v := &hashes{seen: map[plumbing.Hash]int{}}
	r, err := Walk(context.Background(), opt, v)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.odd) > 0 {
		t.Errorf("wrong content of %v was visited", v.odd)
	}
	reached, read := 0, 0
	for _, c := range []Count{r.Commits, r.Trees, r.Blobs, r.Tags} {
		reached, read = reached+c.Reached, read+c.Read
		if c.Read < 0 || c.Reached < c.Read || c.Bytes < 0 {
			t.Errorf("count %+v", c)
		}
	}
	distinct := map[plumbing.Hash]bool{}
	for n := range s.Len() {
		if r.Type(n) != 0 && r.Reachable(n) {
			distinct[s.Name(n)] = true
		}
	}
	for _, g := range r.Gaps {
		delete(distinct, g.Name) // a tree can be read and not understood
	}
	if reached != read+len(r.Gaps) || read != len(distinct) {
		t.Errorf("%d reached, %d read, %d gaps; %d objects have a type", reached, read, len(r.Gaps), len(distinct))
	}
	return r, v
}

// gapsAre checks that the gaps are just those named, "type name".
func gapsAre(t *testing.T, r *Result, want ...string) {
	t.Helper()
	var got []string
	for _, g := range r.Gaps {
		got = append(got, fmt.Sprint(g.Type, " ", g.Name))
		if g.Err == nil {
			t.Errorf("gap %s has no reason", g.Name)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("gaps:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// simple has two commits, a tag of the second, and names for what they hold.
func simple(t testing.TB) (dir string, names map[string]string) {
	dir = bare(t)
	names = map[string]string{}
	put := func(key, stdin string, args ...string) string {
		names[key] = gitOut(t, dir, stdin, args...)
		return names[key]
	}
	a := put("blob", "the first content", "hash-object", "-w", "--stdin")
	b := put("other", "the other content", "hash-object", "-w", "--stdin")
	sub := put("subtree", "100644 blob "+b+"\tb\n", "mktree")
	one := put("old tree", "100644 blob "+a+"\ta\n", "mktree")
	two := put("tree", "100644 blob "+a+"\ta\n040000 tree "+sub+"\tsub\n", "mktree")
	c := put("old commit", "m", "commit-tree", one)
	d := put("commit", "m", "commit-tree", two, "-p", c)
	tag := put("tag", "object "+d+"\ntype commit\ntag t\ntagger A <a@example.com> 5 +0000\n\nm\n", "mktag")
	outer := put("outer tag", "object "+tag+"\ntype tag\ntag o\ntagger A <a@example.com> 5 +0000\n\nm\n", "mktag")
	gitOut(t, dir, "", "update-ref", "refs/tags/o", outer)
	return dir, names
}

var kinds = map[string]string{
	"blob": "blob", "other": "blob", "subtree": "tree", "old tree": "tree", "tree": "tree",
	"old commit": "commit", "commit": "commit", "tag": "tag", "outer tag": "commit", // a tip is taken for a commit
}

func TestMissing(t *testing.T) {
	for what, kind := range kinds {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir, names := simple(t)
			forget(t, dir, names[what])
			r, _ := walked(t, dir)
			gapsAre(t, r, kind+" "+names[what])
			if !errors.Is(r.Gaps[0].Err, ErrMissing) {
				t.Error(r.Gaps[0].Err)
			}
			if r.Unreachable > 0 {
				t.Errorf("%d objects are told unreachable; nobody can know", r.Unreachable)
			}
			rest := maps.Clone(names)
			delete(rest, what)
			packOf(t, dir, "rest", slices.Collect(maps.Values(rest))...)
			forget(t, dir)
			r, _ = walked(t, dir)
			gapsAre(t, r, kind+" "+names[what])
		})
	}
}

// TestBroken spoils the only copy of an object, loose or packed.
func TestBroken(t *testing.T) {
	for what := range kinds {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir, names := simple(t)
			path := loosePath(dir, names[what])
			data, _ := os.ReadFile(path)
			data[len(data)-1] ^= 1
			os.Chmod(path, 0o600)
			os.WriteFile(path, data, 0o600)
			r, _ := walked(t, dir)
			if len(r.Gaps) != 1 || r.Gaps[0].Name != hashOf(names[what]) {
				t.Errorf("gaps: %v", r.Gaps)
			}
			data[len(data)-1] ^= 1
			os.WriteFile(path, data, 0o600)
			for _, head := range []bool{true, false} {
				pack := packOf(t, dir, fmt.Sprint("p", head), slices.Collect(maps.Values(names))...)
				forget(t, dir)
				spoil(t, pack, names[what], head)
				r, _ = walked(t, dir)
				if len(r.Gaps) != 1 || r.Gaps[0].Name != hashOf(names[what]) {
					t.Errorf("head %t: gaps: %v", head, r.Gaps)
				}
				spoil(t, pack, names[what], head) // makes it right again
				os.Remove(pack)
				os.Remove(strings.TrimSuffix(pack, "pack") + "idx")
				if head { // what git reads next
					dir, names = simple(t)
				}
			}
		})
	}
}

// TestCopies spoils copies of an object of which a good one remains: nothing is
// missing, nothing counts twice, and attribution goes through the good copy.
func TestCopies(t *testing.T) {
	for _, what := range []string{"other", "tree", "commit", "outer tag"} {
		for _, bad := range []string{"first", "second", "both, loose good", "first of three", "first two of three"} {
			t.Run(what+" "+bad, func(t *testing.T) {
				t.Parallel()
				dir, names := simple(t)
				all := slices.Collect(maps.Values(names))
				packs := []string{packOf(t, dir, "a", all...), packOf(t, dir, "b", all...)}
				switch bad {
				case "first":
					packs = packs[:1]
				case "second":
					packs = packs[1:]
				case "first of three":
					packOf(t, dir, "c", all...)
					packs = packs[:1]
				case "first two of three":
					packOf(t, dir, "c", all...)
				}
				if !strings.Contains(bad, "loose") {
					forget(t, dir)
				}
				for _, p := range packs {
					spoil(t, p, names[what], false)
				}
				r, v := walked(t, dir)
				gapsAre(t, r)
				if r.Unreachable != 0 || r.Blobs.Read != 2 || r.Trees.Read != 3 || r.Commits.Read != 2 || r.Tags.Read != 2 || len(v.seen) != 6 {
					t.Errorf("%d unreachable, read %d blobs, %d trees, %d commits, %d tags; %d seen", r.Unreachable, r.Blobs.Read, r.Trees.Read, r.Commits.Read, r.Tags.Read, len(v.seen))
				}
				a, err := r.Attribute(t.Context(), []plumbing.Hash{hashOf(names["other"])}, hashOf(names["commit"]))
				if err != nil {
					t.Fatal(err)
				}
				if s := a.Spots[hashOf(names["other"])]; len(s) != 1 || s[0].Path != "sub/b" || s[0].First != hashOf(names["commit"]) || !s[0].InHead {
					t.Errorf("spots of sub/b: %+v", s)
				}
			})
		}
	}
}

// TestMissingInDelta lacks a blob that two trees hold, one of which is stored
// as a change to the other, which no ref reaches.
func TestMissingInDelta(t *testing.T) {
	dir := bare(t)
	var list strings.Builder
	for i := range 60 {
		fmt.Fprintf(&list, "100644 blob %s\tname%02d\n", gitOut(t, dir, fmt.Sprint(i), "hash-object", "-w", "--stdin"), i)
	}
	missing := gitOut(t, dir, "30", "hash-object", "--stdin")
	small := gitOut(t, dir, list.String(), "mktree")
	big := gitOut(t, dir, list.String()+"100644 blob "+missing+"\tz\n100644 blob "+missing+"\tzz\n", "mktree")
	gitOut(t, dir, "m", "commit-tree", big) // no ref
	gitOut(t, dir, "", "update-ref", "refs/heads/b0", gitOut(t, dir, "m", "commit-tree", small))
	names := slices.DeleteFunc(allNames(t, dir), func(n string) bool { return n == missing })
	pack := packOf(t, dir, "p", names...)
	forget(t, dir)
	forget(t, dir, missing)
	delta := false
	for _, line := range strings.Split(gitOut(t, dir, "", "verify-pack", "-v", pack), "\n") {
		f := strings.Fields(line)
		delta = delta || len(f) == 7 && f[0] == small && f[6] == big
	}
	if !delta {
		t.Skip("git did not store the one tree as a change to the other")
	}
	r, _ := walked(t, dir)
	gapsAre(t, r, "blob "+missing)
	if r.Unreachable != 2 {
		t.Errorf("%d unreachable", r.Unreachable)
	}
	packOf(t, dir, "q", names...)
	gitOut(t, dir, "", "update-ref", "refs/heads/b0", gitOut(t, dir, "m", "commit-tree", emptyTree.String()))
	r, _ = walked(t, dir) // now only what is unreachable lacks it
	gapsAre(t, r)
}

// TestBrokenUnreachable spoils, and then takes away, what only an unreachable
// commit reaches: what is unreachable can still be told.
func TestBrokenUnreachable(t *testing.T) {
	for _, what := range []string{"lost tree", "lost commit"} {
		dir, names := simple(t)
		blob := gitOut(t, dir, "lost content", "hash-object", "-w", "--stdin")
		names["lost tree"] = gitOut(t, dir, "100644 blob "+blob+"\tlost\n", "mktree")
		names["lost commit"] = gitOut(t, dir, "m", "commit-tree", names["lost tree"])
		names["lost child"] = gitOut(t, dir, "m", "commit-tree", names["tree"], "-p", names["lost commit"])
		names["lost blob"] = blob
		pack := packOf(t, dir, "p", slices.Collect(maps.Values(names))...)
		forget(t, dir)
		spoil(t, pack, names[what], false)
		check := func(unreachable, gaps int) {
			t.Helper()
			s := store.Open([]string{filepath.Join(dir, "objects")})
			defer s.Close()
			r, err := Walk(t.Context(), Options{Store: s, Tips: []plumbing.Hash{hashOf(names["outer tag"])}}, &hashes{seen: map[plumbing.Hash]int{}})
			if err != nil {
				t.Fatal(err)
			}
			if r.Unreachable != unreachable || len(r.Gaps) != gaps || r.Commits.Reached != 2 || r.Trees.Reached != 3 || r.Blobs.Reached != 2 || r.Tags.Reached != 2 {
				t.Errorf("%s: %d unreachable; gaps %v; %+v %+v %+v %+v", what, r.Unreachable, r.Gaps, r.Commits, r.Trees, r.Blobs, r.Tags)
			}
			if n, ok := s.Number(hashOf(blob)); !ok || r.Reachable(n) {
				t.Errorf("%s: the lost blob is told reachable", what)
			}
		}
		check(4, 1)                        // what the store holds and cannot read is told even so
		spoil(t, pack, names[what], false) // makes it right again
		rest := maps.Clone(names)
		delete(rest, what)
		packOf(t, dir, "q", slices.Collect(maps.Values(rest))...)
		os.Remove(pack)
		os.Remove(strings.TrimSuffix(pack, "pack") + "idx")
		check(3, 0)
	}
}

// TestLimitUnreachable has a blob over the limit that only an unreachable tree
// holds: it counts nowhere.
func TestLimitUnreachable(t *testing.T) {
	dir, names := simple(t)
	blob := gitOut(t, dir, strings.Repeat("lost content", 100), "hash-object", "-w", "--stdin")
	tree := gitOut(t, dir, "100644 blob "+blob+"\tlost\n", "mktree")
	packOf(t, dir, "p", append(slices.Collect(maps.Values(names)), blob, tree)...)
	forget(t, dir)
	s := store.Open([]string{filepath.Join(dir, "objects")})
	defer s.Close()
	r, err := Walk(t.Context(), Options{Store: s, Tips: []plumbing.Hash{hashOf(names["outer tag"])}, MaxObject: 1000}, &hashes{seen: map[plumbing.Hash]int{}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Unreachable != 2 || r.Tags != (Count{2, 2, r.Tags.Bytes}) || r.Trees != (Count{3, 3, r.Trees.Bytes}) || r.Blobs != (Count{2, 2, r.Blobs.Bytes}) {
		t.Errorf("%d unreachable; %+v %+v %+v", r.Unreachable, r.Tags, r.Trees, r.Blobs)
	}
}

func TestShallow(t *testing.T) {
	origin, names := simple(t)
	gitOut(t, origin, "", "update-ref", "refs/heads/b0", names["commit"])
	dir := filepath.Join(t.TempDir(), "shallow")
	gitOut(t, origin, "", "clone", "-q", "--bare", "--depth=1", "file://"+origin, dir)
	cut, err := os.ReadFile(filepath.Join(dir, "shallow"))
	if err != nil {
		t.Fatal(err)
	}
	r, _ := walked(t, dir, func(o *Options) { o.Shallow = append(o.Shallow, hashOf(strings.TrimSpace(string(cut)))) })
	gapsAre(t, r)
	r, _ = walked(t, dir)
	gapsAre(t, r, "commit "+names["old commit"])
}

func TestPartialClone(t *testing.T) {
	origin := randomRepo(t, 3)
	gitOut(t, origin, "", "config", "uploadpack.allowFilter", "true")
	dir := filepath.Join(t.TempDir(), "partial")
	gitOut(t, origin, "", "clone", "-q", "--bare", "--filter=blob:none", "file://"+origin, dir)
	var want []string
	for _, line := range gitLines(t, dir, "rev-list", "--objects", "--no-object-names", "--all", "--missing=print") {
		if name, ok := strings.CutPrefix(line, "?"); ok {
			want = append(want, "blob "+name)
		}
	}
	r, _ := walked(t, dir)
	gapsAre(t, r, want...)
	if len(want) < 10 {
		t.Errorf("%d blobs are missing", len(want))
	}
}

// TestLimit has objects over the limit, which must not be read by another way.
func TestLimit(t *testing.T) {
	dir, names := simple(t)
	big := gitOut(t, dir, strings.Repeat("\x00", 24<<20), "hash-object", "-w", "--stdin")
	gitOut(t, dir, "", "update-ref", "refs/big", big)
	check := func() {
		t.Helper()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, _ := walked(t, dir, func(o *Options) { o.MaxObject = 1 << 20 })
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 12<<20 {
			t.Errorf("%d bytes were allocated", n)
		}
		if len(r.Gaps) != 1 || r.Gaps[0].Name != hashOf(big) || r.Unreachable != 0 {
			t.Errorf("gaps %v, %d unreachable", r.Gaps, r.Unreachable)
		}
	}
	check()
	packOf(t, dir, "p", append(slices.Collect(maps.Values(names)), big)...)
	forget(t, dir)
	check()
}

// TestBadTree has a tree that does not parse, in two packs.
func TestBadTree(t *testing.T) {
	dir := bare(t)
	tree := gitOut(t, dir, "100644 name\x00short", "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
	commit := gitOut(t, dir, "tree "+tree+"\nauthor A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n\nm\n", "hash-object", "-w", "-t", "commit", "--literally", "--stdin")
	gitOut(t, dir, "", "update-ref", "--no-deref", "refs/heads/b0", commit)
	r, _ := walked(t, dir)
	gapsAre(t, r, "tree "+tree)
	packOf(t, dir, "a", tree, commit)
	packOf(t, dir, "b", tree, commit)
	forget(t, dir)
	r, _ = walked(t, dir)
	gapsAre(t, r, "tree "+tree)
}

// TestHeaderWithoutTreeIsAGap: a commit that names no tree reaches nothing that
// could be told, so the scan is not complete.
func TestHeaderWithoutTreeIsAGap(t *testing.T) {
	dir := t.TempDir()
	gitLines(t, dir, "init", "-q", "--bare", ".")
	broken := gitIn(t, dir, "tree of nothing\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n", "hash-object", "-w", "--literally", "-t", "commit", "--stdin")[0]
	s := store.Open([]string{filepath.Join(dir, "objects")})
	defer s.Close()
	r, err := Walk(context.Background(), Options{Store: s, Tips: []plumbing.Hash{plumbing.NewHash(broken)}, Jobs: 1}, &hashes{seen: map[plumbing.Hash]int{}})
	if err != nil || len(r.Gaps) != 1 || r.Gaps[0].Name.String() != broken {
		t.Errorf("err %v, gaps %v", err, r.Gaps)
	}
}

// TestSwapped has an index that gives two trees each other's name.
func TestSwapped(t *testing.T) {
	dir, names := simple(t)
	path := packOf(t, dir, "all", slices.Collect(maps.Values(names))...)
	forget(t, dir)
	idx, err := os.ReadFile(strings.TrimSuffix(path, ".pack") + ".idx")
	if err != nil {
		t.Fatal(err)
	}
	n := int(binary.BigEndian.Uint32(idx[8+255*4:]))
	var at []int
	for i := range n {
		name := hex.EncodeToString(idx[8+1024+i*hashLen:][:hashLen])
		if name == names["tree"] || name == names["subtree"] {
			at = append(at, i)
		}
	}
	for _, table := range []int{8 + 1024 + n*hashLen, 8 + 1024 + n*(hashLen+4)} { // checksums, offsets
		a, b := idx[table+4*at[0]:][:4], idx[table+4*at[1]:][:4]
		for i := range a {
			a[i], b[i] = b[i], a[i]
		}
	}
	sum := sha1.Sum(idx[:len(idx)-hashLen])
	copy(idx[len(idx)-hashLen:], sum[:])
	os.Chmod(strings.TrimSuffix(path, ".pack")+".idx", 0o600)
	if err := os.WriteFile(strings.TrimSuffix(path, ".pack")+".idx", idx, 0o600); err != nil {
		t.Fatal(err)
	}
	r, _ := walked(t, dir, func(o *Options) { o.Prove = func(t plumbing.ObjectType) bool { return t == plumbing.TreeObject } })
	gapsAre(t, r, "tree "+names["tree"], "tree "+names["subtree"])
	for _, g := range r.Gaps {
		if !errors.Is(g.Err, store.ErrName) {
			t.Error(g.Err)
		}
	}
}
