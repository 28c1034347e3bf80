// Package packfile writes packs with their indexes for measurements that need
// packs that git would not write, or would write more slowly. It refuses to know
// what the objects are for. Its invariant: git index-pack accepts every pack, and
// a stand-in is in the index under the name of the object that it replaces on
// purpose.
package packfile

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Name is the name of an object.
type Name [sha1.Size]byte

// The types of a pack's entries, as gitformat-pack(5) numbers them.
const (
	Commit = 1
	Tree   = 2
	Blob   = 3

	offsetDelta = 6
)

var kinds = map[int]string{Commit: "commit", Tree: "tree", Blob: "blob"}

func nameOf(typ int, data []byte) (n Name) {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", kinds[typ], len(data))
	h.Write(data)
	h.Sum(n[:0])
	return n
}

type entry struct {
	name Name
	off  uint32
	crc  uint32
}

// Writer writes one pack and its index, entry by entry.
type Writer struct {
	dir     string
	file    *os.File
	out     *bufio.Writer
	off     int64
	crc     hash.Hash32
	entries []entry
	logical int64
	base    string
	squeeze *zlib.Writer
	buf     bytes.Buffer
}

const packHeader = 12

// New begins a pack in the folder dir.
func New(dir string) (*Writer, error) {
	file, err := os.Create(filepath.Join(dir, "tmp.pack"))
	if err != nil {
		return nil, err
	}
	squeeze, err := zlib.NewWriterLevel(nil, zlib.BestSpeed)
	if err != nil {
		return nil, err
	}
	p := &Writer{dir: dir, file: file, out: bufio.NewWriterSize(file, 1<<20), crc: crc32.NewIEEE(), squeeze: squeeze}
	p.off = packHeader
	_, err = p.out.Write(make([]byte, packHeader)) // the count is known at the end
	return p, err
}

// Count is how many objects were stored.
func (p *Writer) Count() int { return len(p.entries) }

// Logical is how many bytes the stored objects have, as git gives them.
func (p *Writer) Logical() int64 { return p.logical }

// Base is the path of the closed pack and its index, without their endings.
func (p *Writer) Base() string { return p.base }

// Whole stores an object as it is and returns its name and place.
func (p *Writer) Whole(typ int, data []byte) (Name, int64, error) {
	n, at := nameOf(typ, data), p.off
	p.logical += int64(len(data))
	return n, at, p.put(n, entryHead(typ, len(data)), data)
}

// StandIn stores data under the name of an object that nobody has. Git does not
// hold what is in a pack against its name when it reads it.
func (p *Writer) StandIn(n Name, typ int, data []byte) error {
	p.logical += int64(len(data))
	return p.put(n, entryHead(typ, len(data)), data)
}

// Delta stores the object data as a delta upon the entry at base.
func (p *Writer) Delta(typ int, data, delta []byte, base int64) (Name, int64, error) {
	n, at := nameOf(typ, data), p.off
	p.logical += int64(len(data))
	head := entryHead(offsetDelta, len(delta))
	back := uint64(at - base)
	d := []byte{byte(back & 0x7f)}
	for back >>= 7; back > 0; back >>= 7 {
		back--
		d = append(d, 0x80|byte(back&0x7f))
	}
	slices.Reverse(d)
	return n, at, p.put(n, append(head, d...), delta)
}

func entryHead(typ, size int) []byte {
	b := []byte{byte(typ)<<4 | byte(size&15)}
	for size >>= 4; size > 0; size >>= 7 {
		b[len(b)-1] |= 0x80
		b = append(b, byte(size&0x7f))
	}
	return b
}

// stored is up to where data is not compressed, which costs more than it saves.
const stored = 300

func (p *Writer) put(n Name, head, data []byte) error {
	if p.off > 1<<31-1 {
		return errors.New("the pack would need offsets of 64 bits")
	}
	p.buf.Reset()
	p.buf.Write(head)
	if size := len(data); size < stored {
		p.buf.Write([]byte{0x78, 0x01, 1, byte(size), byte(size >> 8), ^byte(size), ^byte(size >> 8)})
		p.buf.Write(data)
		p.buf.Write(binary.BigEndian.AppendUint32(nil, adler32.Checksum(data)))
	} else {
		p.squeeze.Reset(&p.buf)
		if _, err := p.squeeze.Write(data); err != nil {
			return err
		}
		if err := p.squeeze.Close(); err != nil {
			return err
		}
	}
	p.crc.Reset()
	p.crc.Write(p.buf.Bytes())
	p.entries = append(p.entries, entry{n, uint32(p.off), p.crc.Sum32()})
	p.off += int64(p.buf.Len())
	_, err := p.out.Write(p.buf.Bytes())
	return err
}

// Close finishes the pack, gives both files their names and returns the size of
// the pack in bytes.
func (p *Writer) Close() (int64, error) {
	defer p.file.Close()
	if err := p.out.Flush(); err != nil {
		return 0, err
	}
	head := append([]byte("PACK"), 0, 0, 0, 2)
	head = binary.BigEndian.AppendUint32(head, uint32(len(p.entries)))
	if _, err := p.file.WriteAt(head, 0); err != nil {
		return 0, err
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	sum := sha1.New()
	if _, err := io.Copy(sum, p.file); err != nil {
		return 0, err
	}
	trailer := sum.Sum(nil)
	if _, err := p.file.Write(trailer); err != nil {
		return 0, err
	}
	p.base = filepath.Join(p.dir, fmt.Sprintf("pack-%x", trailer))
	if err := os.WriteFile(p.base+".idx", p.index(trailer), 0o444); err != nil {
		return 0, err
	}
	return p.off + sha1.Size, os.Rename(p.file.Name(), p.base+".pack")
}

// index gives an index of version 2.
func (p *Writer) index(trailer []byte) []byte {
	slices.SortFunc(p.entries, func(a, b entry) int { return bytes.Compare(a.name[:], b.name[:]) })
	x := []byte("\xfftOc\x00\x00\x00\x02")
	n := 0
	for first := range 256 {
		for n < len(p.entries) && int(p.entries[n].name[0]) <= first {
			n++
		}
		x = binary.BigEndian.AppendUint32(x, uint32(n))
	}
	for i := range p.entries {
		x = append(x, p.entries[i].name[:]...)
	}
	for i := range p.entries {
		x = binary.BigEndian.AppendUint32(x, p.entries[i].crc)
	}
	for i := range p.entries {
		x = binary.BigEndian.AppendUint32(x, p.entries[i].off)
	}
	x = append(x, trailer...)
	sum := sha1.Sum(x)
	return append(x, sum[:]...)
}

// Edits builds the instructions of a delta.
type Edits struct {
	ops  []byte
	size int
}

// Copy takes n bytes of the base, beginning at from.
func (e *Edits) Copy(from, n int) {
	for e.size += n; n > 0; {
		part := min(n, 0xffff)
		op := len(e.ops)
		e.ops = append(e.ops, 0x80)
		for i := range 4 {
			if b := byte(from >> (8 * i)); b != 0 {
				e.ops[op] |= 1 << i
				e.ops = append(e.ops, b)
			}
		}
		for i := range 2 {
			if b := byte(part >> (8 * i)); b != 0 {
				e.ops[op] |= 0x10 << i
				e.ops = append(e.ops, b)
			}
		}
		from, n = from+part, n-part
	}
}

// Insert adds text.
func (e *Edits) Insert(text []byte) {
	e.size += len(text)
	for len(text) > 0 {
		part := text[:min(len(text), 127)]
		e.ops = append(append(e.ops, byte(len(part))), part...)
		text = text[len(part):]
	}
}

// Delta gives the whole delta upon a base of the given size in bytes.
func (e *Edits) Delta(base int) []byte {
	d := binary.AppendUvarint(nil, uint64(base))
	return append(binary.AppendUvarint(d, uint64(e.size)), e.ops...)
}
