package main

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

// name is the name of an object.
type name [sha1.Size]byte

// The types of a pack's entries.
const (
	typeCommit   = 1
	typeTree     = 2
	typeBlob     = 3
	typeOfsDelta = 6
)

var typeNames = map[int]string{typeCommit: "commit", typeTree: "tree", typeBlob: "blob"}

func nameOf(typ int, data []byte) (n name) {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", typeNames[typ], len(data))
	h.Write(data)
	h.Sum(n[:0])
	return n
}

type entry struct {
	name name
	off  uint32
	crc  uint32
}

// packer writes one pack and its index, entry by entry.
type packer struct {
	dir     string
	file    *os.File
	out     *bufio.Writer
	off     int64
	crc     hash.Hash32
	entries []entry
	logical int64 // bytes of all objects, as git has them
	squeeze *zlib.Writer
	buf     bytes.Buffer
}

const packHeader = 12

func newPacker(dir string) (*packer, error) {
	file, err := os.Create(filepath.Join(dir, "tmp.pack"))
	if err != nil {
		return nil, err
	}
	squeeze, err := zlib.NewWriterLevel(nil, zlib.BestSpeed)
	if err != nil {
		return nil, err
	}
	p := &packer{dir: dir, file: file, out: bufio.NewWriterSize(file, 1<<20), crc: crc32.NewIEEE(), squeeze: squeeze}
	p.off = packHeader
	_, err = p.out.Write(make([]byte, packHeader)) // the count is known at the end
	return p, err
}

// whole stores an object as it is and returns its name and place.
func (p *packer) whole(typ int, data []byte) (name, int64, error) {
	n, at := nameOf(typ, data), p.off
	p.logical += int64(len(data))
	return n, at, p.put(n, entryHead(typ, len(data)), data)
}

// delta stores the object data as a delta upon the entry at base.
func (p *packer) delta(typ int, data, delta []byte, base int64) (name, int64, error) {
	n, at := nameOf(typ, data), p.off
	p.logical += int64(len(data))
	head := entryHead(typeOfsDelta, len(delta))
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

func (p *packer) put(n name, head, data []byte) error {
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

// close finishes the pack, gives both files their names and returns the size of
// the pack.
func (p *packer) close() (int64, error) {
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
	base := filepath.Join(p.dir, fmt.Sprintf("pack-%x", trailer))
	if err := os.WriteFile(base+".idx", p.index(trailer), 0o444); err != nil {
		return 0, err
	}
	return p.off + sha1.Size, os.Rename(p.file.Name(), base+".pack")
}

// index gives an index of version 2.
func (p *packer) index(trailer []byte) []byte {
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

// edits builds the instructions of a delta.
type edits struct {
	ops  []byte
	size int
}

func (e *edits) copy(from, n int) {
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

func (e *edits) insert(text []byte) {
	e.size += len(text)
	for len(text) > 0 {
		part := text[:min(len(text), 127)]
		e.ops = append(append(e.ops, byte(len(part))), part...)
		text = text[len(part):]
	}
}

// delta gives the whole delta upon a base of the given size.
func (e *edits) delta(base int) []byte {
	d := binary.AppendUvarint(nil, uint64(base))
	return append(binary.AppendUvarint(d, uint64(e.size)), e.ops...)
}
