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

	// ErrTooLarge tells that a file is larger than Read may read.
	ErrTooLarge = errors.New("raise the limit to scan it")
)

// Read reads the whole file into buf, which is grown if need be, and returns
// the content. It reads what is there when it is called: the file may have
// grown or shrunk since it was listed. Every error is a Problem.
func (f File) Read(buf []byte) (data []byte, err error) {
	err = f.open(func(file *os.File, info fs.FileInfo) (err error) {
		data, err = readAll(file, info, buf, f.max)
		return err
	})
	if err != nil {
		return nil, newProblem(f.Path, err)
	}
	return data, nil
}

// Stream hands the file to read, whatever its size, to be read piece by piece.
// Every error, that of read too, is a Problem.
func (f File) Stream(read func(io.Reader) error) error {
	return f.large(func(file *os.File, size int64) error { return read(&growing{file, 2*size + mostGrowth}) })
}

// At hands the file to read, whatever its size, to be read at any place; it has so
// many bytes now. Every error, that of read too, is a Problem.
func (f File) At(read func(content io.ReaderAt, size int64) error) error {
	return f.large(func(file *os.File, size int64) error { return read(file, size) })
}

func (f File) large(use func(file *os.File, size int64) error) error {
	err := f.open(func(file *os.File, info fs.FileInfo) error {
		if !info.Mode().IsRegular() {
			return errNotRegular
		}
		if size := info.Size(); size > mostHoles && stored(info) < size/mostRatio {
			return fmt.Errorf("it has %d bytes, nearly all of which are holes; leave it out", size)
		}
		return use(file, info.Size())
	})
	if err != nil {
		return newProblem(f.Path, err)
	}
	return nil
}

// What is not worth reading: files that no disk could hold, and those that somebody
// writes to without end. In bytes, but for the ratio.
const (
	mostHoles  = 16 << 30
	mostRatio  = 100
	mostGrowth = 1 << 30
)

var errGrows = errors.New("it grew while it was read; scan again when it is complete")

// growing reads a file that may grow meanwhile, as far as left bytes.
type growing struct {
	from io.Reader
	left int64
}

// Read implements io.Reader.
func (g *growing) Read(b []byte) (int, error) {
	if g.left <= 0 {
		return 0, errGrows
	}
	n, err := g.from.Read(b)
	g.left -= int64(n)
	return n, err
}

// open opens the file for use, which is over when use returns.
func (f File) open(use func(*os.File, fs.FileInfo) error) error {
	at, rel := f.at, f.rel
	if at == nil {
		// Held open only now: there may be as many such roots as files.
		root, err := os.OpenRoot(filepath.Dir(rel))
		if err != nil {
			return err
		}
		defer root.Close()
		at, rel = &place{root: root}, filepath.Base(rel)
	}
	return openIn(at, rel, f.info, use)
}

// openIn opens a file that was seen as want. An os.Root follows links that stay
// inside of it, so if the inode is another than before, the name is looked at
// again.
func openIn(at *place, rel string, want fs.FileInfo, use func(*os.File, fs.FileInfo) error) error {
	f, err := at.open(rel)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if inodes && !os.SameFile(want, info) {
		now, err := at.root.Lstat(rel)
		if err != nil {
			return err
		}
		if !now.Mode().IsRegular() {
			return errNotRegular
		}
	}
	return use(f, info)
}

func readIn(at *place, rel string, buf []byte, limit int64, want fs.FileInfo) (data []byte, err error) {
	err = openIn(at, rel, want, func(f *os.File, info fs.FileInfo) error {
		data, err = readAll(f, info, buf, limit)
		return err
	})
	return data, err
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
	return fmt.Errorf("it has at least %d bytes, above the limit of %d bytes for a file; %w", size, limit, ErrTooLarge)
}
