package archive

import (
	"archive/zip"
	"bufio"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// A zip file that comes once and in its order is read by the headers before its files. What
// its list says at the end has to bear them out.

var (
	errZipOrder  = errors.New("its entries do not follow each other directly, so it cannot be read from a stream; pass the archive as a file")
	errZipSize   = errors.New("an entry has no size in its local header, so it cannot be read from a stream; pass the archive as a file")
	errZipSlack  = errors.New("an entry has bytes after the end of its compressed data, which were not searched; pass the archive as a file")
	errZipListed = errors.New("its central directory contradicts its local headers; pass the archive as a file")
)

// zipStream is a zip file that is read as it comes.
type zipStream struct {
	*streamer
	in    tally
	depth int
	// mutable
	seen    map[uint64]listed // by where their headers begin
	remarks []string
	room    int // bytes that the remarks may still take
	entries int // of the central directory
	size    int // of these entries, in bytes
}

// listed is what the list of files has to say of one.
type listed struct {
	name        uint32 // its checksum
	crc         uint32
	packed, all uint64
}

// tally counts what is read.
type tally struct {
	*bufio.Reader
	n uint64
}

// Read implements io.Reader.
func (t *tally) Read(b []byte) (int, error) {
	n, err := t.Reader.Read(b)
	t.n += uint64(n)
	return n, err
}

// ReadByte implements io.ByteReader.
func (t *tally) ReadByte() (byte, error) {
	b, err := t.Reader.ReadByte()
	if err == nil {
		t.n++
	}
	return b, err
}

func (t *tally) take(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(t, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = zip.ErrFormat
	}
	return b, err
}

func (s *streamer) zipStream(all io.Reader, depth int) error {
	z := &zipStream{streamer: s, in: tally{Reader: bufio.NewReader(all)}, depth: depth, seen: map[uint64]listed{}, room: largeFile}
	for {
		magic, _ := z.in.Peek(4)
		var err error
		switch string(magic) {
		case localMagic:
			err = z.file()
		case listMagic:
			err = z.entry()
		case wideMagic:
			err = z.pass(56, func(h []byte) bool { return isWideEnd(h, z.entries) })
		case whereMagic:
			err = z.pass(20, func([]byte) bool { return true })
		case endMagic:
			return z.end()
		default:
			if err = errZipOrder; len(magic) < 4 {
				err = zip.ErrFormat
			}
		}
		if errors.Is(err, errTooMuch) {
			return err
		}
		if err != nil {
			return fmt.Errorf("open zip: %w", err)
		}
	}
}

// pass passes over a record, if it is as it has to be.
func (z *zipStream) pass(size int, sound func([]byte) bool) error {
	h, err := z.in.take(size)
	if err == nil && !sound(h) {
		err = errZipOrder
	}
	return err
}

// end reads the end of a zip file, behind which nothing may follow.
func (z *zipStream) end() error {
	h, err := z.in.take(zipEnd)
	if err != nil {
		return fmt.Errorf("open zip: %w", err)
	}
	if n := binary.LittleEndian.Uint16(h[10:]); n != uint16(z.entries) && n != 1<<16-1 {
		return fmt.Errorf("open zip: %w", errZipListed)
	}
	if n := binary.LittleEndian.Uint32(h[12:]); n != uint32(z.size) && n != 1<<32-1 { // the greatest stand for fields of 64 bits
		return fmt.Errorf("open zip: %w", errZipListed)
	}
	comment, err := z.in.take(int(binary.LittleEndian.Uint16(h[20:])))
	if err != nil {
		return fmt.Errorf("open zip: %w", err)
	}
	if _, err := z.in.Peek(1); err != io.EOF {
		return fmt.Errorf("open zip: %w", errZipOrder)
	}
	text := beside(append([]string{string(comment)}, z.remarks...)...)
	if text == "" {
		return nil
	}
	return z.comments(z.depth)(strings.NewReader(text))
}

// entry reads an entry of the list.
func (z *zipStream) entry() error {
	h, err := z.in.take(46)
	if err != nil {
		return err
	}
	u16, u32 := binary.LittleEndian.Uint16, binary.LittleEndian.Uint32
	rest, err := z.in.take(int(u16(h[28:])) + int(u16(h[30:])) + int(u16(h[32:])))
	if err != nil {
		return err
	}
	z.entries, z.size = z.entries+1, z.size+len(h)+len(rest)
	name, extra := rest[:u16(h[28:])], rest[u16(h[28:]):][:u16(h[30:])]
	if comment := rest[len(name)+len(extra):]; len(comment) > 0 {
		if z.room -= len(comment); z.room < 0 {
			return errTooMuch
		}
		z.remarks = append(z.remarks, string(comment))
	}
	all, packed, at := uint64(u32(h[24:])), uint64(u32(h[20:])), uint64(u32(h[42:]))
	wide(extra, &all, &packed, &at)
	if z.seen[at] != (listed{crc32.ChecksumIEEE(name), u32(h[16:]), packed, all}) {
		return errZipListed
	}
	return nil
}

// wide reads the fields of 64 bits for those that are said to be there (APPNOTE 4.5.3).
func wide(extra []byte, fields ...*uint64) {
	for len(extra) >= 4 {
		id, size := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		extra = extra[4:]
		if size > len(extra) {
			return
		}
		if data := extra[:size]; id == 1 {
			for _, f := range fields {
				if *f == 1<<32-1 && len(data) >= 8 {
					*f, data = binary.LittleEndian.Uint64(data), data[8:]
				}
			}
			return
		}
		extra = extra[size:]
	}
}

// file reads a file with its header. What is wrong with it is a problem of it, if what comes
// behind can be found all the same.
func (z *zipStream) file() error {
	at := z.in.n
	h, err := z.in.take(30)
	if err != nil {
		return err
	}
	u16, u32 := binary.LittleEndian.Uint16, binary.LittleEndian.Uint32
	rest, err := z.in.take(int(u16(h[26:])) + int(u16(h[28:])))
	if err != nil {
		return err
	}
	name := string(rest[:u16(h[26:])])
	is := listed{crc32.ChecksumIEEE([]byte(name)), u32(h[14:]), uint64(u32(h[18:])), uint64(u32(h[22:]))}
	wide(rest[len(name):], &is.all, &is.packed)
	later, method := u16(h[6:])&8 != 0, u16(h[8:])
	if later && method != zip.Deflate {
		return errZipSize
	}
	from, start := io.Reader(&z.in), z.in.n
	packed := newIntake(io.LimitReader(&z.in, int64(min(is.packed, 1<<62))))
	if !later {
		from = packed.Reader
	}
	switch content, e := unpacked(from, method); {
	case u16(h[6:])&1 != 0 && later:
		return errZipSize
	case u16(h[6:])&1 != 0:
		err = errEncrypted
	case e != nil:
		err = e
	default:
		c := &checked{from: content, want: &is}
		if later {
			c.atEnd = func() error { return z.sizes(&is, c, z.in.n-start) }
		}
		content := bufio.NewReader(counted{z.streamer, c})
		if _, e := content.Peek(1); e == nil || !strings.HasSuffix(name, "/") {
			err = z.streamer.file(content, name, z.depth, "read "+printable(name))
		} else if e != io.EOF {
			err = e
		}
		if later && !c.done {
			return err
		}
	}
	if !later {
		n, e := io.Copy(io.Discard, from)
		if e != nil {
			return e
		}
		if n > 0 && err == nil {
			err = errZipSlack
		}
		if z.in.n-start != is.packed {
			return zip.ErrFormat
		}
	}
	if errors.Is(err, errTooMuch) {
		return err
	}
	if err != nil {
		z.problem(name, err)
	}
	if len(z.seen) > largestList {
		return errTooMuch
	}
	z.seen[at] = is
	return nil
}

// largestList bounds the files of a zip file that is read as it comes.
const largestList = maxDirectory / 46

var errEncrypted = errors.New("it is encrypted")

func unpacked(from io.Reader, method uint16) (io.Reader, error) {
	switch method {
	case zip.Store:
		return from, nil
	case zip.Deflate:
		if t, ok := from.(*tally); ok {
			return flate.NewReader(t), nil
		}
		return flate.NewReader(bufio.NewReader(from)), nil
	case methodBzip2:
		return bzip2.NewReader(bufio.NewReader(from)), nil
	case zstd.ZipMethodWinZip:
		return zstd.ZipDecompressor(zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow))(from), nil
	}
	return nil, zip.ErrAlgorithm
}

// sizes reads what stands behind a file whose sizes are not told before: a checksum and two
// sizes of 32 or 64 bits, maybe behind a sign of their own.
func (z *zipStream) sizes(is *listed, c *checked, packed uint64) error {
	is.crc, is.packed, is.all = c.sum, packed, c.n
	next, _ := z.in.Peek(mostDescriptor)
	n := is.descriptor(next)
	if n == 0 {
		return zip.ErrChecksum
	}
	_, err := z.in.take(n)
	return err
}

// checked holds a file to its checksum and size at its end.
type checked struct {
	from  io.Reader
	want  *listed
	atEnd func() error // instead
	sum   uint32
	n     uint64
	done  bool
}

// Read implements io.Reader.
func (c *checked) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.sum, c.n = crc32.Update(c.sum, crc32.IEEETable, b[:n]), c.n+uint64(n)
	if err != io.EOF || c.done {
		return n, err
	}
	switch {
	case c.atEnd != nil:
		if e := c.atEnd(); e != nil {
			return n, e
		}
	case c.sum != c.want.crc || c.n != c.want.all:
		return n, zip.ErrChecksum
	}
	c.done = true
	return n, err
}
