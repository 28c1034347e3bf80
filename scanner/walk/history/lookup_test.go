package history

import (
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/store"
)

// TestLookup compares a lookup, which remembers its steps, with the plain way from
// the commit down, on every path of every commit and on paths that do not exist.
func TestLookup(t *testing.T) {
	dir := randomRepo(t, 1)
	objects := store.Open([]string{dir + "/objects"})
	defer objects.Close()
	paths := map[string]bool{"": true, "none": true, "none/.env": true}
	var commits []plumbing.Hash
	for _, name := range strings.Fields(gitOut(t, dir, "", "rev-list", "--all")) {
		commits = append(commits, hashOf(name))
		for _, path := range strings.Split(gitOut(t, dir, "", "ls-tree", "-r", "-t", "-z", "--name-only", name), "\x00") {
			paths[path], paths[path+"/x"] = true, true
		}
	}
	files := NewLookup(objects)
	found := 0
	for range 2 {
		for path := range paths {
			for _, c := range append(commits, plumbing.ZeroHash) {
				want, got := plainAt(objects, c, path), files.At(c, path)
				if got != want {
					t.Errorf("%s in %s is %s, want %s", path, c, got, want)
				}
				if !got.IsZero() {
					found++
				}
			}
		}
	}
	if len(commits) < 3 || found < 10 {
		t.Errorf("%d commits, %d files: too few to tell anything", len(commits), found)
	}
}

// plainAt is Lookup.At without a memory.
func plainAt(s *store.Store, commit plumbing.Hash, path string) plumbing.Hash {
	typ, data, err := s.Get(commit)
	if err != nil || typ != plumbing.CommitObject {
		return plumbing.ZeroHash
	}
	at := plumbing.ZeroHash
	EachLink(typ, data, func(to plumbing.Hash, typ plumbing.ObjectType) {
		if typ == plumbing.TreeObject && at.IsZero() {
			at = to
		}
	})
	for part := range strings.SplitSeq(path, "/") {
		typ, data, err := s.Get(at)
		if err != nil || typ != plumbing.TreeObject {
			return plumbing.ZeroHash
		}
		at = plumbing.ZeroHash
		_ = EachEntry(data, func(name []byte, typ plumbing.ObjectType, to plumbing.Hash) {
			if typ != 0 && string(name) == part {
				at = to
			}
		})
	}
	return at
}
