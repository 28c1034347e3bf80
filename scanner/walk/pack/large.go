package pack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/klauspost/compress/zlib"

	"keyrake/scanner/walk/pack/inflate"
)

// Large is called for a blob that is larger than MaxObject, or made from one. o has no
// Data; content gives its bytes one after the other, size of them, and an error in
// place of io.EOF if anything is wrong with the entry, but for what shows only in the name
// of a blob that is stored as changes: it has to be held to that. An error makes a Problem of
// the blob; what was read of it then counts for nothing.
type Large func(worker int, o *Object, size int64, content io.Reader) error

// errPieces means that an object of more than the limit is stored as changes to
// another one, so that it cannot be read piece by piece.
var errPieces = fmt.Errorf("it is stored as changes to another version, and cannot be read in pieces: %w", ErrLimit)

// isLarge reports whether entry i is for Options.Large.
func (k *worker[S]) isLarge(i int32) bool {
	e := &k.p.entries[i]
	return k.opt.Large != nil && k.opt.MaxObject > 0 && e.size > uint64(k.opt.MaxObject) && e.base == noBase && e.typ == plumbing.BlobObject && !k.passes(i)
}

// large hands entry i out piece by piece, and what is made from it.
func (k *worker[S]) large(i int32) {
	e := &k.p.entries[i]
	k.obj = Object{Entry: int(i), Name: k.p.Name(int(i)), Type: e.typ, Leaf: true}
	err := k.inPieces(i)
	if k.ctx.Err() != nil {
		return
	}
	if err != nil {
		k.fail(i, e.typ, err)
		return
	}
	k.later(i, false)
}

func (k *worker[S]) inPieces(i int32) error {
	e, raw := &k.p.entries[i], k.p.packed(int(i))
	if int(e.head) > len(raw) {
		return errBroken
	}
	r, err := newContent(k.ctx, e.size, raw[e.head:], k.p.path)
	if err != nil {
		return err
	}
	r.atEnd = func(left int) error {
		if left > 0 {
			return errEntryEnd
		}
		if k.p.damaged(i, raw) {
			return errEntrySum
		}
		return nil
	}
	return k.opt.Large(k.id, &k.obj, int64(e.size), r)
}

// content reads the zlib stream of one object, which has to give size bytes.
type content struct {
	ctx   context.Context
	z     io.Reader
	src   *bytes.Reader
	left  uint64
	path  string
	atEnd func(left int) error // of packed bytes behind the stream; nil asks nothing
	err   error
}

func newContent(ctx context.Context, size uint64, stream []byte, path string) (*content, error) {
	if size > maxInflated(len(stream)) {
		return nil, errTooSmall(size, len(stream))
	}
	src := bytes.NewReader(stream)
	z, err := zlib.NewReader(src)
	if err != nil {
		return nil, fmt.Errorf("inflate its entry in pack %s: %w", path, err)
	}
	return &content{ctx: ctx, z: z, src: src, left: size, path: path}, nil
}

// Read implements io.Reader.
func (c *content) Read(b []byte) (n int, err error) {
	if c.err == nil {
		c.err = c.ctx.Err()
	}
	if c.err != nil || len(b) == 0 {
		return 0, c.err
	}
	n, err = c.z.Read(b)
	switch {
	case uint64(n) > c.left:
		n, err = int(c.left), errors.New("it has more bytes than it declares")
	case err == io.EOF && uint64(n) < c.left:
		err = errors.New("it has fewer bytes than it declares")
	case err == io.EOF && c.atEnd != nil:
		if e := c.atEnd(c.src.Len()); e != nil {
			err = e
		}
	}
	c.left -= uint64(n)
	if err != nil && err != io.EOF && err != errEntryEnd && err != errEntrySum {
		err = fmt.Errorf("inflate its entry in pack %s: %w", c.path, err)
	}
	c.err = err
	return n, err
}

// Stream reads the object h piece by piece. ok is false if the pack does not hold it. If
// it holds changes to another object, at most a quarter of made bytes are held to make
// it; 0 does not make it. The error wraps ErrLimit if it is not made. A fault while read is at
// work is one of the pack.
func (p *Pack) Stream(ctx context.Context, h plumbing.Hash, made int64, read func(typ plumbing.ObjectType, size int64, content io.Reader) error) (ok bool, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer p.catch(&err)
	i, ok := p.index.Find(h)
	if !ok {
		return false, nil
	}
	off, ok := p.index.Offset(i)
	if !ok {
		return true, errOutside
	}
	e, err := p.at(off)
	if err != nil {
		return true, err
	}
	if e.typ.IsDelta() && made <= 0 {
		return true, errPieces
	}
	if e.typ.IsDelta() {
		content, typ, size, err := p.pieced(ctx, off, made, &inflate.Decoder{})
		if err != nil {
			return true, err
		}
		return true, read(typ, size, content)
	}
	r, err := newContent(ctx, e.size, e.stream, p.path)
	if err != nil {
		return true, err
	}
	return true, read(e.typ, int64(e.size), r)
}
