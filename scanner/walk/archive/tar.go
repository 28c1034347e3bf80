package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
)

func (r *reader) tar(from io.Reader, path string, depth int) error {
	return eachInTar(from, func(name string, content io.Reader) error { return r.entry(content, path, name, depth) })
}

// behindEnd is the name of what stands behind the end of a tar or a zlib stream.
const behindEnd = "behind its end"

// eachInTar shows each file of a tar that has content, what fills up their last blocks, and what comes behind its end:
// another tar, or anything.
func eachInTar(from io.Reader, show func(name string, content io.Reader) error) error {
	b := &blocks{in: bufio.NewReader(from)}
	err := b.eachTar(show)
	if errors.Is(err, errTooMuch) {
		return err
	}
	return cmp.Or(err, b.flush(show))
}

// tarBlock is the size of the blocks that a tar is made of, in bytes.
const tarBlock = 512

// blocks is what a tar is read from.
type blocks struct {
	in *bufio.Reader
	// mutable
	n      int64 // bytes that were read of one tar
	filled int64 // up to where what fills up was looked at
	next   bool  // the next file is looked for
	scraps
}

// Read implements io.Reader. What fills up the last block of a file, or of a header's more, the library
// reads in one go before the next header, and throws away.
func (b *blocks) Read(p []byte) (int, error) {
	if fill := tarBlock - b.n%tarBlock; b.next && fill < tarBlock && len(p) == int(fill) && b.n >= b.filled {
		piece, _ := b.in.Peek(len(p))
		b.add(piece)
		b.filled = b.n + fill
	}
	n, err := b.in.Read(p)
	b.n += int64(n)
	return n, err
}

func (b *blocks) eachTar(show func(name string, content io.Reader) error) error {
	for {
		b.n, b.filled = 0, 0
		if err := b.eachFile(show); err != nil {
			return err
		}
		next, err := behind(b.in)
		if len(next) == 0 {
			return err
		}
		if kindOf(next) != isTar {
			return show(behindEnd, b.in)
		}
	}
}

// behind passes over blocks of zeros, and shows what follows.
func behind(in *bufio.Reader) ([]byte, error) {
	for {
		next, err := in.Peek(512)
		if len(bytes.TrimLeft(next, "\x00")) > 0 {
			return next, nil
		}
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read tar: %w", err)
		}
		_, _ = in.Discard(len(next))
	}
}

func (b *blocks) eachFile(show func(name string, content io.Reader) error) error {
	t := tar.NewReader(b)
	for {
		b.next = true
		h, err := t.Next()
		if b.next = false; err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return fmt.Errorf("read tar: %w", err)
		}
		if b.full() {
			if err := b.flush(show); err != nil {
				return err
			}
		}
		switch h.Typeflag {
		case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo, tar.TypeXGlobalHeader:
			continue // all else has content: sparse files, and kinds that are somebody's own
		}
		if err := show(h.Name, t); err != nil {
			return err
		}
	}
}
