package archive

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"
)

// Pieces are what WalkLarge hands out.
type Pieces struct {
	// Whole is shown a file with its path, as visit is by Walk.
	Whole func(path string, data []byte)
	// Large is shown a file of more than Held bytes, to be read to its end. Its error
	// is that of content.
	Large func(path string, content io.Reader) error
	Held  int64 // bytes of one file
}

// WalkLarge is Walk for an archive that may be too large to be held, and for what is
// too large among its entries: of each entry no more than out.Held bytes
// are held. An archive in it that is larger than that is handed out unopened. from is
// the archive, of so many bytes.
func WalkLarge(from io.ReaderAt, size int64, max Limits, out Pieces) []Problem {
	if max.Depth < 1 {
		return nil
	}
	max.Bytes = min(max.Bytes, max.Ratio*size+slack)
	s := newStreamer(max, out)
	defer s.leave()
	if err := s.archive(from, size, max.Depth); err != nil {
		s.problem("", err)
	}
	return s.problems
}

// streamer is a reader of what is not held. Whatever is read from the archive, or
// made of it, is counted as it comes.
type streamer struct {
	reader
	out Pieces
}

func newStreamer(max Limits, out Pieces) *streamer {
	s := &streamer{out: out}
	s.budget, s.entries, s.visit, s.large = max.Bytes, max.Entries, out.Whole, max.Large
	return s
}

// counted reads what comes out of an archive within the budget.
type counted struct {
	*streamer
	from io.Reader
}

// Read implements io.Reader.
func (c counted) Read(b []byte) (int, error) {
	if c.budget <= 0 {
		// It may have ended just here.
		if n, err := c.from.Read(make([]byte, 1)); n == 0 && err != nil {
			return 0, err
		}
		return 0, errTooMuch
	}
	n, err := c.from.Read(b[:min(int64(len(b)), c.budget)])
	c.budget -= int64(n)
	return n, err
}

// IsAt is Is, and Prefixed, for what is not held.
func IsAt(from io.ReaderAt, size int64) (is, prefixed bool) {
	kind, prefixed := kindAt(from, size)
	return kind != none, prefixed
}

func kindAt(from io.ReaderAt, size int64) (k kind, prefixed bool) {
	head := make([]byte, tarMagicOff+len(tarMagic)+2)
	n, _ := from.ReadAt(head, 0)
	if head = head[:n]; int64(n) < size && endsAsZip(head) {
		head = head[:n-1] // it does not end there
	}
	k = kindOf(head)
	if int64(n) < size && (k == none || k == isZlib) {
		end := make([]byte, zipEnd+1)
		if n, _ := from.ReadAt(end, max(0, size-zipEnd-1)); endsAsZip(end[:n]) {
			return isZip, head[0] != 'P'
		}
	}
	return k, Prefixed(head)
}

func (s *streamer) archive(from io.ReaderAt, size int64, depth int) error {
	kind, _ := kindAt(from, size)
	if kind == isZip {
		return s.zip(from, size, depth)
	}
	return s.stream(kind, io.NewSectionReader(from, 0, size), depth)
}

// Streams reports whether an archive that begins so can be read in its order.
func Streams(head []byte) bool {
	kind := kindOf(head)
	if kind == isZlib {
		return beginsAsZlib(head)
	}
	return kind != none && !Prefixed(head)
}

// beginsAsZlib reports whether enough comes out of what begins as a zlib stream.
func beginsAsZlib(head []byte) bool {
	z, err := zlib.NewReader(bytes.NewReader(head))
	if err != nil {
		return false
	}
	_, err = io.CopyN(io.Discard, z, leastZlib)
	return err == nil || err == io.EOF
}

// IsZip reports whether what begins and ends so is a zip file; a program may precede it.
func IsZip(head, tail []byte) bool { return kindOf(head) == isZip || endsAsZip(tail) }

// WalkStream is WalkLarge for what can be read once and in its order, if it Streams.
func WalkStream(head []byte, from io.Reader, max Limits, out Pieces) []Problem {
	if max.Depth < 1 {
		return nil
	}
	s := newStreamer(max, out)
	defer s.leave()
	kind, in := kindOf(head), bufio.NewReader(from)
	err := s.stream(kind, in, max.Depth)
	if kind == isZlib && err == nil { // of no other anything may stand behind its end
		if _, e := in.Peek(1); e != io.EOF {
			err = s.file(counted{s, in}, behindEnd, max.Depth, "read "+behindEnd)
		}
	}
	if err != nil {
		s.problem("", err)
	}
	return s.problems
}

// stream reads an archive of a kind that is read in its order.
func (s *streamer) stream(k kind, all io.Reader, depth int) error {
	switch k {
	case isZip:
		return s.zipStream(all, depth)
	case isTar:
		return s.tarred(bufio.NewReader(all), depth)
	case isGzip:
		m, err := newMembers(bufio.NewReader(all))
		if err != nil {
			return fmt.Errorf("open gzip: %w", err)
		}
		if err := m.show(s.comments(depth)); err != nil {
			return err
		}
		err = s.compressed(m, m.name, depth)
		return cmp.Or(err, m.show(s.comments(depth)))
	case isBzip2:
		return s.compressed(bzip2.NewReader(bufio.NewReader(all)), "contents", depth)
	case isZstd:
		z, f, err := openZstd(all)
		if err != nil {
			return err
		}
		defer z.Close()
		err = s.compressed(z, "contents", depth)
		return cmp.Or(err, f.show(s.comments(depth)))
	case isZlib:
		return s.zlib(bufio.NewReader(all), depth)
	}
	return nil
}

// zlib reads what may be a zlib stream.
func (s *streamer) zlib(from *bufio.Reader, depth int) error {
	z, err := zlib.NewReader(from)
	if err != nil {
		return nil
	}
	all := &counting{from: z}
	err = s.compressed(all, "contents", depth)
	return weak(err, all.n)
}

// compressed reads a compressed file. The tar in it, if it is one, counts as the same
// archive.
func (s *streamer) compressed(from io.Reader, name string, depth int) error {
	content := bufio.NewReader(counted{s, from})
	head, _ := content.Peek(tarMagicOff + len(tarMagic) + 1)
	if kindOf(head) == isTar {
		if err := s.tarred(content, depth); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, content) // whether it is sound is told at its end
		if err != nil && !errors.Is(err, errTooMuch) {
			err = fmt.Errorf("decompress: %w", err)
		}
		return err
	}
	return s.file(content, name, depth, "decompress")
}

// tarred reads a tar. Its files are counted though the bytes that they are made of
// may be: they may have holes.
func (s *streamer) tarred(from io.Reader, depth int) error {
	return eachInTar(from, func(name string, content io.Reader) error {
		return s.file(counted{s, content}, name, depth, "read "+printable(name))
	})
}

func (s *streamer) zip(from io.ReaderAt, size int64, depth int) error {
	return (&zipFile{reader: &s.reader, from: from, size: size, show: func(name string, content io.Reader) error {
		return s.file(counted{s, content}, name, depth, "read "+printable(name))
	}}).read()
}

// comments shows what stands beside a compressed file.
func (s *streamer) comments(depth int) func(text io.Reader) error {
	return func(text io.Reader) error { return s.file(counted{s, text}, comments, depth, "read "+comments) }
}

// file shows one file, whole or in pieces. doing says what is done in case it fails.
func (s *streamer) file(from io.Reader, name string, depth int, doing string) error {
	if s.entries--; s.entries < 0 {
		return errTooMuch
	}
	data, err := io.ReadAll(io.LimitReader(from, min(s.out.Held+1, largeFile)))
	if err == nil && len(data) == largeFile {
		s.enter()
		rest := bytes.NewBuffer(data)
		_, err = rest.ReadFrom(io.LimitReader(from, s.out.Held+1-largeFile))
		data = rest.Bytes()
	}
	if err == nil && int64(len(data)) > s.out.Held {
		err = s.out.Large(name, io.MultiReader(bytes.NewReader(data), from))
		s.noteClosed(data, name)
	} else if err == nil || len(data) > 0 { // what is wrong with it, its end tells
		s.show(data, name, depth-1)
	}
	if err != nil && !errors.Is(err, errTooMuch) {
		err = fmt.Errorf("%s: %w", doing, err)
	}
	return err
}
