// Package inflate decodes the zlib streams of a git pack, and the deflate
// streams of zip and gzip files, buffer to buffer.
//
// A pack holds very many very small streams, and says beforehand how long each
// one is when inflated. So there is no window, no state between calls and no
// reader: the whole result lies in one slice, which is also the history that
// matches copy from. Tables are kept small and built with little work, because
// for a short stream building them costs more than using them.
//
// The package knows nothing of packs, deltas or objects, and refuses preset
// dictionaries. It never reads past the source slice and never writes past the
// length of the destination slice, whatever the bytes say. It accepts exactly
// the streams that compress/zlib accepts and that inflate to the given size.
package inflate

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

var (
	errHeader     = errors.New("inflate zlib stream: bad header")
	errDictionary = errors.New("inflate zlib stream: preset dictionary not supported")
	errTruncated  = errors.New("inflate zlib stream: data ends too early")
	errCorrupt    = errors.New("inflate zlib stream: corrupt data")
	errLong       = errors.New("inflate zlib stream: result is longer than its stated size")
	errShort      = errors.New("inflate zlib stream: result is shorter than its stated size")
	errChecksum   = errors.New("inflate zlib stream: wrong checksum")
)

// Decoder holds the decoding tables, so that they are allocated once for many
// streams. Its zero value is ready for use. It is not safe for concurrent use,
// and keeps no reference to the slices it was given.
type Decoder struct {
	dynamic tables
	pre     [1 << preBits]uint8
	list    [numLit + numDist]uint16 // see code.list
	sorted  [numLit]uint16           // symbols by length of word, then by number

	fixed    tables // filled when the first fixed block is met
	hasFixed bool
}

// cursor is the place reached in one stream: the next byte to load and the bits
// loaded but not yet used, and the next byte to write.
//
// Bits beyond have may be set in acc; they always equal the bits that the next
// load brings. Past the end of src, loads bring zeros and in grows on, so an
// overrun shows as a byte position beyond len(src).
type cursor struct {
	dst, src []byte
	in, out  int
	acc      uint64
	have     uint
}

// Zlib inflates the zlib stream at the start of src into dst, whose length is
// the exact size that the stream must have, and returns how many bytes of src
// the stream took, header and checksum included. Bytes of src after the stream
// are ignored. If err is not nil, the content of dst is undefined.
func (d *Decoder) Zlib(dst, src []byte) (n int, err error) {
	if len(src) < 2 {
		return 0, errTruncated
	}
	cmf, flags := uint(src[0]), uint(src[1])
	if cmf&15 != 8 || cmf>>4 > 7 || (cmf<<8|flags)%31 != 0 {
		return 0, errHeader
	}
	if flags&0x20 != 0 {
		return 0, errDictionary
	}
	c := cursor{dst: dst, src: src, in: 2}
	if err := d.blocks(&c); err != nil {
		return 0, err
	}
	if c.in+4 > len(src) {
		return 0, errTruncated
	}
	if binary.BigEndian.Uint32(src[c.in:]) != adler32(dst) {
		return 0, errChecksum
	}
	return c.in + 4, nil
}

// Raw inflates the deflate stream at the start of src (RFC 1951, as zip and gzip have it,
// without zlib's header and checksum) into dst, whose length is the exact size
// that the stream must have, and returns how many bytes of src the stream took.
// If err is not nil, the content of dst is undefined.
func (d *Decoder) Raw(dst, src []byte) (n int, err error) {
	c := cursor{dst: dst, src: src}
	if err := d.blocks(&c); err != nil {
		return 0, err
	}
	if c.in > len(src) {
		return 0, errTruncated
	}
	return c.in, nil
}

// blocks decodes up to the end of the last block, to where whole bytes begin.
func (d *Decoder) blocks(c *cursor) error {
	for final := false; !final; {
		var err error
		if final, err = d.block(c); err != nil {
			return err
		}
	}
	if c.out != len(c.dst) {
		return errShort
	}
	c.align()
	return nil
}

// block decodes one deflate block and says whether it was the last.
func (d *Decoder) block(c *cursor) (final bool, err error) {
	c.refill()
	// Only zeros follow the end of src; stop before they are taken for blocks.
	if c.overrun() {
		return false, errTruncated
	}
	final = c.take(1) == 1
	switch c.take(2) {
	case 0:
		err = c.stored()
	case 1:
		err = c.inflateFixed(d)
	case 2:
		err = c.inflateDynamic(d)
	default:
		err = errCorrupt
	}
	return final, err
}

func (c *cursor) inflateFixed(d *Decoder) error {
	if !d.hasFixed {
		d.buildFixed()
		d.hasFixed = true
	}
	return c.symbols(&d.fixed)
}

func (c *cursor) inflateDynamic(d *Decoder) error {
	if err := d.readTables(c); err != nil {
		return err
	}
	return c.symbols(&d.dynamic)
}

// stored copies a block that is not compressed.
func (c *cursor) stored() error {
	c.align()
	if c.in+4 > len(c.src) {
		return errTruncated
	}
	head := c.src[c.in:]
	size := int(binary.LittleEndian.Uint16(head))
	if size != int(^binary.LittleEndian.Uint16(head[2:])) {
		return errCorrupt
	}
	c.in += 4
	if size > len(c.src)-c.in {
		return errTruncated
	}
	if size > len(c.dst)-c.out {
		return errLong
	}
	copy(c.dst[c.out:], c.src[c.in:c.in+size])
	c.in += size
	c.out += size
	return nil
}

// refill leaves at least 56 bits in acc.
func (c *cursor) refill() {
	c.acc |= load(c.src, c.in) << (c.have & 63)
	c.in += int((63 - c.have) >> 3)
	c.have |= 56
}

// take removes n bits, which must have been loaded.
func (c *cursor) take(n uint) uint {
	v := uint(c.acc) & (1<<(n&63) - 1)
	c.acc >>= n & 63
	c.have -= n
	return v
}

// align gives whole unused bytes back and drops the rest of the current byte.
func (c *cursor) align() {
	c.in -= int(c.have >> 3)
	c.acc, c.have = 0, 0
}

func (c *cursor) overrun() bool {
	return c.in-int(c.have>>3) > len(c.src)
}

// load reads eight bytes at off, with zeros for those past the end of src.
func load(src []byte, off int) uint64 {
	if off+8 <= len(src) {
		return binary.LittleEndian.Uint64(src[off : off+8])
	}
	return loadTail(src, off)
}

//go:noinline
func loadTail(src []byte, off int) uint64 {
	var word uint64
	for i := len(src) - 1; i >= off; i-- {
		word = word<<8 | uint64(src[i])
	}
	return word
}

// reverse turns the n low bits of code round, for deflate stores Huffman codes
// with their first bit lowest.
func reverse(code, n uint) uint {
	return uint(bits.Reverse16(uint16(code)) >> (16 - n&15) & 0xffff)
}
