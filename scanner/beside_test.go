package scanner

import (
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/fixtures"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/revision"
	"keyrake/scanner/walk/store"
)

// TestStateFiles holds what is remembered to the plain way from the commit down.
func TestStateFiles(t *testing.T) {
	dir := t.TempDir()
	b := fixtures.New(dir)
	description, err := fixtures.Load("versions")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Replay(description); err != nil {
		t.Fatal(err)
	}
	r, err := repo.Open(repo.Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	objects := store.Open(r.ObjectDirs)
	defer objects.Close()
	objects.List()
	var commits []plumbing.Hash
	paths := map[string]bool{"": true, "none": true, "none/.env": true}
	for n := range objects.Len() {
		h := objects.Name(n)
		if typ, _, err := objects.Get(h); err == nil && typ == plumbing.CommitObject {
			commits = append(commits, h)
			for _, f := range headFiles(objects, objects.NewReader(1<<20), h) {
				paths[f.path], paths[f.path+"/x"] = true, true
			}
		}
	}
	files := newStateFiles(objects)
	found := 0
	for range 2 {
		for path := range paths {
			for _, c := range append(commits, plumbing.ZeroHash) {
				want, got := revision.At(objects, c, path), files.at(c, path)
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
