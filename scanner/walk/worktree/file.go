package worktree

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"keyrake/scanner/walk/regular"
)

// File is one regular file that a walk found.
type File struct {
	Path string // with slashes, relative to how the user named the root
	Root int    // number of that root

	Tracked bool // it is in the index of the work tree that it lies in, as far as Locate says

	at  *place // nil for a root that is a file
	rel string // path in at, or the path on disk
	max int64
}

// Below gives the path with slashes from the root on, "" for a root that is a file.
func (f File) Below() string {
	if f.at == nil {
		return ""
	}
	return f.rel
}

var (
	errReplaced   = errors.New("it was replaced while the scan ran; scan again")
	errNotRegular = errors.New("it is no longer a regular file; scan again")

	// ErrTooLarge means that a file is larger than Read may read.
	ErrTooLarge = errors.New("raise the limit to scan it")
)

// Read reads the whole file into buf, which is grown if need be, and returns
// the content. It reads what is there when it is called: the file may have
// grown or shrunk since it was listed. Every error is a Problem.
func (f File) Read(buf []byte) ([]byte, error) {
	h, err := f.open()
	if err == nil {
		defer h.close()
		buf, err = h.readAll(buf, f.max)
	}
	if err != nil {
		return nil, newProblem(f.Path, err)
	}
	return buf, nil
}

// Empty reports whether the file has no byte; false if that is unknown.
func (f File) Empty() bool {
	h, err := f.open()
	if err != nil {
		return false
	}
	defer h.close()
	size, err := h.size()
	return err == nil && size == 0
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
	h, err := f.open()
	if err == nil {
		file := h.asFile(f.rel)
		defer file.Close()
		err = useLarge(file, use)
	}
	if err != nil {
		return newProblem(f.Path, err)
	}
	return nil
}

func useLarge(file *os.File, use func(file *os.File, size int64) error) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !regular.Is(info.Mode()) {
		return errNotRegular
	}
	if size := info.Size(); size > mostHoles && stored(info) < size/mostRatio {
		return fmt.Errorf("it has %d bytes, nearly all of which are holes; leave it out", size)
	}
	return use(file, info.Size())
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

func (f File) open() (handle, error) {
	if f.at != nil {
		return f.at.open(f.rel)
	}
	// Held open only now: there may be as many such roots as files.
	above, err := openFolder(filepath.Dir(f.rel))
	if err != nil {
		return handle{}, err
	}
	defer above.close()
	return above.open(filepath.Base(f.rel))
}

func (h handle) readAll(buf []byte, limit int64) ([]byte, error) {
	size, err := h.size()
	if err != nil {
		return nil, err
	}
	return readAll(h, size, buf, limit)
}

// maxSpare bounds how much larger than a file its buffer is made, for the next ones.
const maxSpare = 1 << 20

// readAll reads a regular file to its end, at most limit bytes.
func readAll(r io.Reader, size int64, buf []byte, limit int64) ([]byte, error) {
	limit = min(limit, math.MaxInt-1)
	if size > limit {
		return nil, tooLarge(size, limit)
	}
	// One byte more than the size, so that the end shows: a read that stops where
	// the file ended needs no other one.
	if buf = buf[:0]; int64(cap(buf)) <= size {
		buf = make([]byte, 0, size+min(size, maxSpare)+512)
	}
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, tooLarge(int64(len(buf)), limit)
		}
		if err == io.EOF || err == nil && n > 0 && int64(len(buf)) == size {
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
