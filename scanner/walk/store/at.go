package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// An archive that is an object cannot be looked into at any place, as it is packed
// itself: it is read on, and anew from its start for what lies before. The list of a
// zip file stands at its end, so that two times through are enough for most.
const (
	mostPasses = 4       // of which the last is for who reads all in order
	keptBehind = 1 << 20 // bytes that are not read anew, and up to as many more
	chunkBytes = 64 << 10
)

// errPasses means that too much would have to be read anew.
var errPasses = fmt.Errorf("its parts lie in another order than they are listed in, and it is larger than what is held: %w", pack.ErrLimit)

// At reads an object of any size at any place, without holding more than the last part of
// what was read.
type At struct {
	// anew gives the content from its start once more.
	anew func() (content io.Reader, stop func())
	size int64
	// mutable
	now    io.Reader
	stop   func()
	end    int64  // how much of now was read
	kept   []byte // the last part of that
	passes int
	done   bool // now was read to its end
	often  bool
	err    error
}

// At makes the object h, whose content was begun to be read, readable at any place.
// made is that of StreamMade.
func (s *Store) At(ctx context.Context, h plumbing.Hash, made, size int64, content io.Reader) *At {
	return &At{size: size, now: content, stop: func() {}, kept: make([]byte, 0, 2*keptBehind), anew: func() (io.Reader, func()) {
		ctx, cancel := context.WithCancel(ctx)
		next, stop := iter.Pull2(s.chunks(ctx, h, made))
		return &pulled{next: next}, func() { cancel(); stop() }
	}}
}

// chunks gives the object h piece by piece. A second copy of it is not begun where the
// first one was found to be broken, as some of that was given.
func (s *Store) chunks(ctx context.Context, h plumbing.Hash, made int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		begun := false
		err := s.StreamMade(ctx, h, made, func(_ plumbing.ObjectType, _ int64, content io.Reader) error {
			if begun {
				return errors.New("one copy of it is damaged")
			}
			begun = true
			for buf := make([]byte, chunkBytes); ; {
				n, err := io.ReadFull(content, buf)
				if n > 0 && !yield(buf[:n], nil) {
					return nil
				}
				if err == io.EOF || err == io.ErrUnexpectedEOF {
					return nil
				}
				if err != nil {
					return err
				}
			}
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// pulled is a reader of chunks.
type pulled struct {
	next  func() ([]byte, error, bool)
	chunk []byte
}

// Read implements io.Reader.
func (p *pulled) Read(b []byte) (int, error) {
	for len(p.chunk) == 0 {
		chunk, err, ok := p.next()
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, io.EOF
		}
		p.chunk = chunk
	}
	n := copy(b, p.chunk)
	p.chunk = p.chunk[n:]
	return n, nil
}

// ReadAt implements io.ReaderAt.
func (a *At) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) {
		if off < a.end-int64(len(a.kept)) {
			if err := a.again(mostPasses - 1); err != nil {
				return n, err
			}
		}
		if from := off - (a.end - int64(len(a.kept))); from < int64(len(a.kept)) {
			k := copy(b[n:], a.kept[from:])
			n, off = n+k, off+int64(k)
			continue
		}
		if a.done || a.err != nil {
			break
		}
		a.read()
	}
	if n < len(b) {
		err = io.EOF
		if a.err != nil {
			err = a.err
		}
	}
	return n, err
}

// read goes on by a chunk.
func (a *At) read() {
	if len(a.kept) == cap(a.kept) {
		a.kept = a.kept[:copy(a.kept, a.kept[keptBehind:])]
	}
	n, err := a.now.Read(a.kept[len(a.kept):min(cap(a.kept), len(a.kept)+chunkBytes)])
	a.kept = a.kept[:len(a.kept)+n]
	a.end += int64(n)
	if err == io.EOF {
		a.done = true
	} else if err != nil {
		a.err = err
	}
}

// again begins anew, up to so many times. What was read so far is read to its end
// before: only there it shows whether it is sound.
func (a *At) again(most int) error {
	if a.finish(); a.err != nil {
		return a.err
	}
	if a.passes++; a.passes >= most {
		a.passes--
		a.often = true
		return errPasses
	}
	a.stop()
	a.now, a.stop = a.anew()
	a.kept, a.end, a.done = a.kept[:0], 0, false
	return nil
}

func (a *At) finish() {
	for !a.done && a.err == nil {
		a.read()
	}
}

// TooOften reports whether more would have had to be read anew than is.
func (a *At) TooOften() bool { return a.often }

// Whole reads all of it in order, once more if need be. It is to be called once.
func (a *At) Whole() (io.Reader, error) {
	if a.end > int64(len(a.kept)) {
		if err := a.again(mostPasses); err != nil {
			return nil, err
		}
	}
	return io.NewSectionReader(a, 0, a.size), nil
}

// Close lets go of the object. Its error says that what was read does not hash to the
// object's name.
func (a *At) Close() error {
	a.finish()
	a.stop()
	return a.err
}
