package worktree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
)

// File is one regular file that a walk found.
type File struct {
	Path string // with slashes, relative to how the user named the root
	Size int64  // when it was listed

	Tracked bool // it is in the index of the work tree that it lies in, as far as Locate told

	at   *place      // nil for a root that is a file
	rel  string      // path in at, or the path on disk
	info fs.FileInfo // as listed
	max  int64
}

var (
	errReplaced   = errors.New("it was replaced while the scan ran; scan again")
	errNotRegular = errors.New("it is no longer a regular file; scan again")
)

// Read reads the whole file into buf, which is grown if need be, and returns
// the content. It reads what is there when it is called: the file may have
// grown or shrunk since it was listed. Every error is a Problem.
func (f File) Read(buf []byte) ([]byte, error) {
	at, rel := f.at, f.rel
	if at == nil {
		// Held open only now: there may be as many such roots as files.
		root, err := os.OpenRoot(filepath.Dir(rel))
		if err != nil {
			return nil, newProblem(f.Path, err)
		}
		defer root.Close()
		at, rel = &place{root: root}, filepath.Base(rel)
	}
	data, err := readIn(at, rel, buf, f.max, f.info)
	if err != nil {
		return nil, newProblem(f.Path, err)
	}
	return data, nil
}

// readIn reads a file that was seen as want. An os.Root follows links that stay
// inside of it, so if the inode is another than before, the name is looked at
// again.
func readIn(at *place, rel string, buf []byte, limit int64, want fs.FileInfo) ([]byte, error) {
	f, err := at.open(rel)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if inodes && !os.SameFile(want, info) {
		now, err := at.root.Lstat(rel)
		if err != nil {
			return nil, err
		}
		if !now.Mode().IsRegular() {
			return nil, errNotRegular
		}
	}
	return readAll(f, info, buf, limit)
}

// readAll reads a regular file to its end, at most limit bytes.
func readAll(f *os.File, info fs.FileInfo, buf []byte, limit int64) ([]byte, error) {
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	limit = min(limit, math.MaxInt-1)
	if info.Size() > limit {
		return nil, tooLarge(info.Size(), limit)
	}
	// One byte more than the size, so that the end shows without another buffer.
	buf = slices.Grow(buf[:0], int(info.Size())+1)
	for {
		n, err := f.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, tooLarge(int64(len(buf)), limit)
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, 512)
		}
	}
}

func tooLarge(size, limit int64) error {
	return fmt.Errorf("it has at least %d bytes, above the limit of %d bytes for a file; raise the limit to scan it", size, limit)
}
