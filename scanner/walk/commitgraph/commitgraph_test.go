package commitgraph

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// gitIn runs git in dir and returns what it prints, trimmed.
func gitIn(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// grow makes a repository of some commits, one with four parents among them, and
// calls more after each.
func grow(t testing.TB, more func(dir string)) (dir string, truth map[plumbing.Hash]Commit) {
	t.Helper()
	dir = t.TempDir()
	gitIn(t, dir, "init", "-q", "-b", "main")
	commit := func(name string) {
		t.Setenv("GIT_COMMITTER_DATE", fmt.Sprint(1_700_000_000+len(name)*7, " +0200"))
		gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", name)
		more(dir)
	}
	commit("root")
	for _, branch := range []string{"one", "two", "three"} {
		gitIn(t, dir, "checkout", "-q", "-b", branch, "main")
		if err := os.WriteFile(filepath.Join(dir, branch), []byte(branch), 0o600); err != nil {
			t.Fatal(err)
		}
		gitIn(t, dir, "add", ".")
		commit(branch + " commit")
	}
	gitIn(t, dir, "checkout", "-q", "main")
	commit("on main")
	gitIn(t, dir, "merge", "-q", "-m", "octopus", "one", "two", "three")
	more(dir)
	gitIn(t, dir, "merge", "-q", "--no-ff", "-m", "nothing", "one")
	commit("last")
	truth = map[plumbing.Hash]Commit{}
	for line := range strings.SplitSeq(gitIn(t, dir, "-c", "core.commitGraph=false", "log", "--all", "--format=%H %T %ct %P"), "\n") {
		f := strings.Fields(line)
		when, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		c := Commit{Tree: plumbing.NewHash(f[1]), When: when}
		for _, p := range f[3:] {
			c.Parents = append(c.Parents, plumbing.NewHash(p))
		}
		truth[plumbing.NewHash(f[0])] = c
	}
	return dir, truth
}

func graphRepository(t testing.TB) (file string, truth map[plumbing.Hash]Commit) {
	dir, truth := grow(t, func(string) {})
	gitIn(t, dir, "commit-graph", "write", "--reachable", "--changed-paths")
	return filepath.Join(dir, ".git/objects/info/commit-graph"), truth
}

// check opens the commit-graphs of objects and holds them to truth in both ways.
func check(t testing.TB, truth map[plumbing.Hash]Commit, objects ...string) (all, these []Problem) {
	t.Helper()
	s, problems := Open(objects)
	defer s.Close()
	all = s.All(func(h plumbing.Hash) (Commit, bool) { c, ok := truth[h]; return c, ok })
	these = s.These(func(yield func(plumbing.Hash, Commit) bool) {
		for h, c := range truth {
			if !yield(h, c) {
				return
			}
		}
	})
	return append(all, problems...), append(these, problems...)
}

// TestAgainstGit: what git writes is true, in one file and in layers, in two object
// directories, and every commit is in it.
func TestAgainstGit(t *testing.T) {
	for _, c := range []struct {
		name string
		more func(dir string)
		last []string
	}{
		{"one file", func(string) {}, []string{"commit-graph", "write", "--reachable"}},
		{"layers", func(dir string) { gitIn(t, dir, "commit-graph", "write", "--reachable", "--split=no-merge") }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, truth := grow(t, c.more)
			if c.last != nil {
				gitIn(t, dir, c.last...)
			}
			objects := filepath.Join(dir, ".git/objects")
			away := t.TempDir()
			if c.last == nil { // the layers are in an alternate, the list is not
				files, err := filepath.Glob(filepath.Join(objects, folder, "*.graph"))
				if err != nil || len(files) < 5 {
					t.Fatalf("%v, %v", files, err)
				}
				os.MkdirAll(filepath.Join(away, folder), 0o700)
				for _, f := range files[:2] {
					if err := os.Rename(f, filepath.Join(away, folder, filepath.Base(f))); err != nil {
						t.Fatal(err)
					}
				}
			}
			s, problems := Open([]string{objects, away})
			defer s.Close()
			if len(problems) > 0 || s.Empty() {
				t.Fatal(problems, s.Empty())
			}
			left := len(truth)
			if p := s.All(func(h plumbing.Hash) (Commit, bool) { left--; return truth[h], true }); len(p) > 0 {
				t.Error(p)
			}
			if left != 0 {
				t.Errorf("%d of %d commits are not in it", left, len(truth))
			}
			if all, these := check(t, truth, objects, away); len(all)+len(these) > 0 {
				t.Error(all, these)
			}
			lie(t, truth, objects, away)
		})
	}
	if s, problems := Open([]string{t.TempDir()}); len(problems) > 0 || !s.Empty() {
		t.Error(problems)
	}
}

// lie changes what is true, so that what is said is not.
func lie(t *testing.T, truth map[plumbing.Hash]Commit, objects ...string) {
	t.Helper()
	for h, is := range truth {
		for what, change := range map[string]func(c *Commit){
			"another tree":  func(c *Commit) { c.Tree[3] ^= 1 },
			"other parents": func(c *Commit) { c.Parents = append(slices.Clone(c.Parents), h) },
			"another time":  func(c *Commit) { c.When++ },
		} {
			was := is
			change(&was)
			truth[h] = was
			all, these := check(t, truth, objects...)
			for _, list := range [][]Problem{all, these} {
				if len(list) != 1 || !strings.Contains(list[0].Err.Error(), h.String()) || !strings.Contains(list[0].Err.Error(), what) {
					t.Errorf("%s of %s: %v", what, h, list)
				}
			}
			truth[h] = is
		}
		if len(is.Parents) > 0 {
			fewer := is
			fewer.Parents = is.Parents[1:]
			truth[h] = fewer
			if all, these := check(t, truth, objects...); len(all) != 1 || len(these) != 1 {
				t.Errorf("a parent less of %s: %v, %v", h, all, these)
			}
			truth[h] = is
		}
	}
}

// TestDamage flips each bit, and cuts at each length: an error, a lie that is told,
// or the truth about each commit that is found.
func TestDamage(t *testing.T) {
	file, truth := graphRepository(t)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	told := func(data []byte) (all, these bool) {
		l := &layer{path: "x"}
		if l.parse(data) != nil {
			return true, true
		}
		s := &Set{}
		s.add(l)
		all = len(s.All(func(h plumbing.Hash) (Commit, bool) { c, ok := truth[h]; return c, ok })) > 0
		these = len(s.These(func(yield func(plumbing.Hash, Commit) bool) {
			for h, c := range truth {
				if !yield(h, c) {
					return
				}
			}
		})) > 0
		return all, these
	}
	if all, these := told(good); all || these {
		t.Fatal("git's own is no good")
	}
	l := &layer{}
	if err := l.parse(good); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		for bit := range 8 {
			bad := slices.Clone(good)
			bad[i] ^= 1 << bit
			all, these := told(bad)
			if these && !all {
				t.Errorf("bit %d of byte %d: told of one commit, and not of all", bit, i)
			}
			in := within(good, l.data, i)
			root := in >= 0 && binary.BigEndian.Uint32(l.data[in/dataLen*dataLen+hashLen:]) == noParent
			if in >= 0 && (in%dataLen < hashLen+4 || !root && in%dataLen < hashLen+8) && !all {
				t.Errorf("bit %d of byte %d of an entry: nothing is told", bit, in%dataLen)
			}
		}
		if all, _ := told(good[:i:i]); !all && i < len(good)-hashLen {
			t.Errorf("cut to %d of %d bytes, and nothing is told", i, len(good))
		}
	}
}

// within is the place of byte i of data in part, or -1.
func within(data, part []byte, i int) int {
	if len(part) == 0 {
		return -1
	}
	for k := range part {
		if &part[k] == &data[i] {
			return k
		}
	}
	return -1
}

// TestChains: lists of layers that are none.
func TestChains(t *testing.T) {
	dir, truth := grow(t, func(string) {})
	objects := filepath.Join(dir, ".git/objects")
	gitIn(t, dir, "commit-graph", "write", "--reachable", "--split")
	path := filepath.Join(objects, folder, listFile)
	list, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	os.Chmod(path, 0o600)
	none := strings.Repeat("0", 40) + "\n"
	for name, c := range map[string]struct {
		list string
		want bool
	}{
		"as it was": {string(list), false}, "empty": {"", false}, "a layer that is missing": {string(list) + none, true},
		"no name": {"../../../config\n", true}, "cut": {string(list[:20]), true}, "twice": {string(list) + string(list), false},
		"endless": {strings.Repeat(string(list), 1000), true},
	} {
		if err := os.WriteFile(path, []byte(c.list), 0o600); err != nil {
			t.Fatal(err)
		}
		if all, _ := check(t, truth, objects); len(all) > 0 != c.want {
			t.Errorf("%s: %v", name, all)
		}
	}
	os.Remove(path)
	os.Mkdir(path, 0o700)
	if all, _ := check(t, truth, objects); len(all) != 1 {
		t.Errorf("a folder: %v", all)
	}
	if _, err := openLayer(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestManyParents: entries that all name one long list of parents cost what the
// commits have, not what the list has.
func TestManyParents(t *testing.T) {
	const n = 200_000
	data := []byte("CGPH\x01\x01\x04\x00")
	at := uint64(headLen + rowLen*5)
	for _, c := range []struct {
		id   string
		size uint64
	}{{"OIDF", 1024}, {"OIDL", uint64(n * hashLen)}, {"CDAT", uint64(n * dataLen)}, {"EDGE", 4 * n}, {"\x00\x00\x00\x00", 0}} {
		data = binary.BigEndian.AppendUint64(append(data, c.id...), at)
		at += c.size
	}
	for range 256 {
		data = binary.BigEndian.AppendUint32(data, n)
	}
	for i := range n {
		var h plumbing.Hash
		binary.BigEndian.PutUint32(h[1:], uint32(i))
		data = append(data, h[:]...)
	}
	for range n {
		data = append(data, make([]byte, hashLen)...)
		data = binary.BigEndian.AppendUint32(data, 0)
		data = binary.BigEndian.AppendUint32(data, manyMark)
		data = append(data, make([]byte, 8)...)
	}
	data = append(data, make([]byte, 4*n)...)
	l := &layer{path: "x"}
	if err := l.parse(data); err != nil {
		t.Fatal(err)
	}
	s := &Set{}
	s.add(l)
	if p := s.All(func(plumbing.Hash) (Commit, bool) { return Commit{}, true }); len(p) != 1 || !strings.Contains(p[0].Err.Error(), fmt.Sprint("and ", n-1, " more commits")) {
		t.Error(p)
	}
}

// FuzzParse: no file is too odd, and what is told of some commits is told of all.
func FuzzParse(f *testing.F) {
	file, truth := graphRepository(f)
	good, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		l := &layer{path: "x"}
		if l.parse(data) != nil {
			return
		}
		s := &Set{}
		s.add(l)
		all := s.All(func(h plumbing.Hash) (Commit, bool) { c, ok := truth[h]; return c, ok })
		these := s.These(func(yield func(plumbing.Hash, Commit) bool) {
			for h, c := range truth {
				if !yield(h, c) {
					return
				}
			}
		})
		if len(these) > 0 && len(all) == 0 {
			t.Errorf("%v, and all is right", these)
		}
	})
}
