//go:build !unix

package worktree

import (
	"io/fs"
	"os"

	"keyrake/scanner/walk/regular"
)

const openFlags = 0

// folder is a directory that is held open.
type folder struct{ root *os.Root }

func openFolder(path string) (*folder, error) {
	root, err := os.OpenRoot(path)
	return &folder{root}, err
}

func (f *folder) close() { f.root.Close() }

func (f *folder) list() ([]fs.DirEntry, error) {
	dir, err := f.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.ReadDir(-1)
}

// folder opens a directory in f.
func (f *folder) folder(name string) (*folder, error) {
	root, err := f.root.OpenRoot(name)
	return &folder{root}, err
}

// open opens a file in f.
func (f *folder) open(name string) (handle, error) {
	file, err := f.root.Open(name)
	return handle{file}, err
}

// handle is an open file.
type handle struct{ *os.File }

// size is how many bytes the file has, if it is a regular one.
func (h handle) size() (int64, error) {
	info, err := h.Stat()
	if err != nil {
		return 0, err
	}
	if !regular.Is(info.Mode()) {
		return 0, errNotRegular
	}
	return info.Size(), nil
}

func (h handle) close() { h.Close() }

// asFile gives the open file as an os.File, which is to be closed in its place.
func (h handle) asFile(string) *os.File { return h.File }

// stored is how many bytes a file takes, as far as is known.
func stored(info fs.FileInfo) int64 { return info.Size() }
