package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// stamp is a repository that many tests start from. git makes it once, with some
// ten programs, and each test is given a copy of its files.
type stamp struct {
	once  sync.Once
	files []stampedFile
}

type stampedFile struct {
	name string // below the repository
	mode fs.FileMode
	data []byte // nil for a folder
}

// copy makes the repository in dir.
func (s *stamp) copy(t testing.TB, dir string, first func(h *hostileRepo)) {
	t.Helper()
	s.once.Do(func() {
		h := &hostileRepo{TB: t, dir: t.TempDir()}
		first(h)
		s.take(h)
	})
	if len(s.files) == 0 {
		t.Fatal("the repository that tests start from was not made: see the test that came first")
	}
	for _, f := range s.files {
		path := filepath.Join(dir, f.name)
		var err error
		if f.mode.IsDir() {
			err = os.MkdirAll(path, f.mode.Perm())
		} else {
			err = os.WriteFile(path, f.data, f.mode.Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *stamp) take(h *hostileRepo) {
	h.Helper()
	var files []stampedFile
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(h.dir, path)
		if err != nil {
			return err
		}
		f := stampedFile{name: name, mode: info.Mode()}
		if !d.IsDir() {
			f.data = h.read(name)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
	s.files = files
}
