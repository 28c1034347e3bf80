package scanner

import (
	"context"
	"io"
)

// stopping is a reader that ends with its context.
type stopping struct {
	ctx  context.Context
	from io.Reader
}

// Read implements io.Reader.
func (s stopping) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.Read(b)
}

// stoppingAt is a reader that ends with its context.
type stoppingAt struct {
	ctx  context.Context
	from io.ReaderAt
}

// ReadAt implements io.ReaderAt.
func (s stoppingAt) ReadAt(b []byte, off int64) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.ReadAt(b, off)
}

// ending keeps how a stream ends.
type ending struct {
	from   io.Reader
	last   []byte
	failed error
}

// Read implements io.Reader.
func (e *ending) Read(b []byte) (int, error) {
	n, err := e.from.Read(b)
	e.last = append(e.last, b[max(0, n-headBytes):n]...)
	e.last = append(e.last[:0], e.last[max(0, len(e.last)-headBytes):]...)
	if err != nil && err != io.EOF {
		e.failed = err
	}
	return n, err
}

// forked lets two read the same. What only one has read yet is held.
type forked struct {
	from io.Reader
	// mutable
	held []byte
	at   [2]int // how far each has read, from where held begins
	err  error  // of from, behind what is held
}

// reader is that of the one with this number, 0 or 1.
func (f *forked) reader(n int) io.Reader { return forkedReader{f, n} }

type forkedReader struct {
	*forked
	number int
}

// Read implements io.Reader.
func (f forkedReader) Read(b []byte) (int, error) {
	at := &f.at[f.number]
	if *at == len(f.held) {
		if f.err != nil {
			return 0, f.err
		}
		var n int
		n, f.err = f.from.Read(b)
		f.held = append(f.held, b[:n]...)
	}
	n := copy(b, f.held[*at:])
	*at += n
	if done := min(f.at[0], f.at[1]); done > len(f.held)/2 {
		f.held = f.held[:copy(f.held, f.held[done:])]
		f.at[0], f.at[1] = f.at[0]-done, f.at[1]-done
	}
	return n, nil
}

// counter counts what is read through it.
type counter struct {
	from io.Reader
	n    int64
}

// Read implements io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	return n, err
}

// failing is a reader of nothing but an error.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
