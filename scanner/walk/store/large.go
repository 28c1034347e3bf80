package store

import (
	"compress/zlib"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/go-git/go-git/v5/plumbing"
)

// Stream reads the object h, which may be of any size, piece by piece. It has to be
// loose or whole in a pack; else the error wraps pack.ErrLimit. read is called anew
// for each copy that there is, until one was read to its end and hashed to its
// name: what it did with an earlier one then counts for nothing.
func (s *Store) Stream(ctx context.Context, h plumbing.Hash, read func(typ plumbing.ObjectType, size int64, content io.Reader) error) error {
	return s.StreamMade(ctx, h, 0, read)
}

// StreamMade is Stream also for what packs hold as changes to another object, of which
// a quarter of made bytes is held. That takes a second for some 100 MB, however
// little is stored: who may be asked for many has to count them.
func (s *Store) StreamMade(ctx context.Context, h plumbing.Hash, made int64, read func(typ plumbing.ObjectType, size int64, content io.Reader) error) error {
	proven := func(typ plumbing.ObjectType, size int64, content io.Reader) error {
		return read(typ, size, Proving(h, typ, size, content))
	}
	var broken error
	for _, p := range s.packs {
		ok, err := p.Stream(ctx, h, made, proven)
		if ok && err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		broken = errors.Join(broken, err)
	}
	name := h.String()
	for _, d := range s.dirs {
		err := StreamLoose(ctx, filepath.Join(d, name[:2], name[2:]), proven)
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if !errors.Is(err, fs.ErrNotExist) {
			broken = errors.Join(broken, err)
		}
	}
	if broken == nil {
		broken = ErrNotFound
	}
	return fmt.Errorf("read object %s: %w", h, broken)
}

// StreamLoose reads the loose object in the file at path piece by piece.
func StreamLoose(ctx context.Context, path string, read func(typ plumbing.ObjectType, size int64, content io.Reader) error) error {
	f, err := openRegular(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := zlib.NewReader(f)
	if err != nil {
		return fmt.Errorf("loose object %s: %w", path, err)
	}
	typ, size, rest, err := looseHeader(z)
	if err != nil {
		return fmt.Errorf("loose object %s: %w", path, err)
	}
	return read(typ, size, &looseContent{ctx: ctx, z: z, rest: rest, size: size, left: size, path: path})
}

// looseContent reads what is behind the header of a loose object.
type looseContent struct {
	ctx  context.Context
	z    io.Reader
	rest []byte // read with the header
	size int64
	left int64
	path string
}

// Read implements io.Reader.
func (c *looseContent) Read(b []byte) (n int, err error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	if len(c.rest) > 0 {
		n = copy(b, c.rest)
		c.rest = c.rest[n:]
	} else {
		n, err = c.z.Read(b)
	}
	switch {
	case int64(n) > c.left, err != nil && c.left > int64(n) && (err == io.EOF || err == io.ErrUnexpectedEOF):
		return 0, fmt.Errorf("loose object %s declares %d bytes and holds another number", c.path, c.size)
	case err != nil && err != io.EOF: // also the checksum
		err = fmt.Errorf("loose object %s: %w", c.path, err)
	}
	c.left -= int64(n)
	return n, err
}

// Proving reads content, and at its end gives an error in place of io.EOF unless
// that hashes to the name h.
func Proving(h plumbing.Hash, typ plumbing.ObjectType, size int64, content io.Reader) io.Reader {
	p := &prover{content, sha1.New(), h}
	p.sum.Write(head(nil, typ, size))
	return p
}

type prover struct {
	io.Reader
	sum  hash.Hash
	name plumbing.Hash
}

// Read implements io.Reader.
func (p *prover) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	p.sum.Write(b[:n])
	if err == io.EOF && plumbing.Hash(p.sum.Sum(nil)) != p.name {
		err = ErrName
	}
	return n, err
}
