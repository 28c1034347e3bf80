package inflate

// A table entry is one word. Its low byte says how many bits to drop.
//
//	literal        bit 31, literal in bits 16-23, code length in bits 0-7
//	length, offset base in bits 16-30, code length in bits 8-11,
//	               code length plus extra bits in bits 0-7
//	subtable       special|subtable, start in bits 16-30, its index width in
//	               bits 8-11, width of the root in bits 0-7
//	end of block   special|endOfBlock, code length in bits 0-7
//	invalid        special alone
const (
	literal    = 1 << 31
	special    = 1 << 15
	subtable   = 1 << 14
	endOfBlock = 1 << 13

	// perBit adds one to both places that hold a code length.
	perBit = 0x101
)

const (
	maxCodeBits = 15
	maxDistBits = maxCodeBits + 13
	litBits     = 10
	distBits    = 8
	preBits     = 7
	numLit      = 288
	numDist     = 32
	numPre      = 19
	maxLit      = 286
	maxDist     = 30

	// The most entries that a root table of this width and its subtables can
	// need, found by zlib's examples/enough.c.
	litEntries  = 1334
	distEntries = 402
)

// tables holds the two codes of a block. The masks cut an index into the root
// of a table from the next bits.
type tables struct {
	litMask  uint64
	distMask uint64
	lit      [litEntries]uint32
	dist     [distEntries]uint32
}

// code is a Huffman code from which a table is built.
type code struct {
	symbols []uint32 // the entries of all symbols, code length 0
	// list holds the symbols in use, plus first, as symbol<<4 | length. Unused
	// symbols, which are most of them in a short block, cost nothing.
	list    []uint16
	first   uint16
	count   [16]uint16 // of words by length
	root    uint       // width of the table without its subtables
	longest uint
}

var (
	litSymbols  = makeLitSymbols()
	distSymbols = makeDistSymbols()
)

// preOrder is the order in which a block lists the lengths of the codes that
// code lengths are written in.
var preOrder = [numPre]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// makeLitSymbols returns the entries of literals and lengths, code length 0.
func makeLitSymbols() (t [numLit]uint32) {
	for i := range 256 {
		t[i] = literal | uint32(i)<<16
	}
	t[256] = special | endOfBlock
	base := uint32(3)
	for i := 257; i < 285; i++ {
		extra := uint32(max(0, (i-261)/4))
		t[i] = base<<16 | extra
		base += 1 << extra
	}
	t[285] = 258 << 16
	t[286], t[287] = special, special
	return t
}

// makeDistSymbols returns the entries of distances, code length 0.
func makeDistSymbols() (t [numDist]uint32) {
	base := uint32(1)
	for i := range maxDist {
		extra := uint32(max(0, (i-2)/2))
		t[i] = base<<16 | extra
		base += 1 << extra
	}
	t[30], t[31] = special, special
	return t
}

// buildFixed makes the tables of blocks that use deflate's own codes.
func (d *Decoder) buildFixed() {
	lit := code{symbols: litSymbols[:], list: d.list[:numLit]}
	for i := range uint16(numLit) {
		length := uint16(8)
		switch {
		case i >= 280:
		case i >= 256:
			length = 7
		case i >= 144:
			length = 9
		}
		lit.list[i] = i<<4 | length
		lit.count[length]++
	}
	d.fixed.litMask, _ = d.build(&lit, d.fixed.lit[:], litBits)

	dist := code{symbols: distSymbols[:], list: d.list[:numDist]}
	for i := range uint16(numDist) {
		dist.list[i] = i<<4 | 5
	}
	dist.count[5] = numDist
	d.fixed.distMask, _ = d.build(&dist, d.fixed.dist[:], distBits)
}

// build fills table for code h, and returns the mask of its root, which is at
// most maxRoot bits wide. It refuses codes that zlib refuses: those with too
// many words, and those with words to spare unless there is no word at all or
// a single one of one bit.
func (d *Decoder) build(h *code, table []uint32, maxRoot uint) (mask uint64, ok bool) {
	var next [16]uint16
	left, at := 1, uint16(0)
	for length := 1; length < len(h.count); length++ {
		n := h.count[length]
		next[length] = at
		at += n
		left = left<<1 - int(n)
		if left < 0 {
			return 0, false
		}
		if n != 0 {
			h.longest = uint(length)
		}
	}
	if left > 0 {
		return 1, h.fillIncomplete(table)
	}
	for _, c := range h.list {
		at := next[c&15]
		next[c&15]++
		d.sorted[at%numLit] = c>>4 - h.first
	}
	h.root = min(h.longest, maxRoot)
	h.fillRoot(table, &d.sorted)
	if h.longest > h.root {
		h.fillSubtables(table, &d.sorted)
	}
	return 1<<h.root - 1, true
}

// fillIncomplete makes the one-bit table of a code with no word or one.
func (h *code) fillIncomplete(table []uint32) (ok bool) {
	if h.longest > 1 {
		return false
	}
	table[0], table[1] = special, special
	if h.longest == 1 {
		table[0] = h.symbols[h.list[0]>>4-h.first] + perBit
	}
	return true
}

// fillRoot enters the words of at most root bits. The table is filled for the
// shortest length first and then doubled for each longer one, so that a short
// word is repeated by block copies.
func (h *code) fillRoot(table []uint32, sorted *[numLit]uint16) {
	word, at := uint(0), 0
	started := false
	for length := uint(1); length <= h.root; length++ {
		word <<= 1
		if started {
			half := 1 << (length - 1)
			copy(table[half:2*half], table[:half])
		}
		n := int(h.count[length])
		if n == 0 {
			continue
		}
		started = true
		for _, sym := range sorted[at : at+n] {
			table[reverse(word, length)] = h.symbols[sym] + uint32(length)*perBit
			word++
		}
		at += n
	}
}

// fillSubtables enters the words longer than root bits, in one subtable for
// each set of them that begins with the same root bits.
func (h *code) fillSubtables(table []uint32, sorted *[numLit]uint16) {
	root := h.root
	next, at := uint(0), 0
	for length := uint(1); length <= root; length++ {
		next = next<<1 + uint(h.count[length])
		at += int(h.count[length])
	}
	// next<<1 is the first word of root+1 bits.
	start, size := 0, 1<<root
	prefix, width := ^uint(0), uint(0)
	for length := root + 1; length <= h.longest; length++ {
		next <<= 1
		for n := int(h.count[length]); n > 0; n-- {
			word := reverse(next, length)
			if p := word & (1<<root - 1); p != prefix {
				prefix = p
				start += size
				width = h.subtableWidth(length, n)
				size = 1 << width
				table[prefix] = uint32(start)<<16 | special | subtable | uint32(width)<<8 | uint32(root)
			}
			e := h.symbols[sorted[at]] + uint32(length-root)*perBit
			for i := word >> root; i < uint(size); i += 1 << (length - root) {
				table[start+int(i)] = e
			}
			at++
			next++
		}
	}
}

// subtableWidth returns the index width of a subtable whose first word has the
// given length and is followed by n-1 more of that length: the least width
// that makes the words fill it.
func (h *code) subtableWidth(length uint, n int) uint {
	width := length - h.root
	left := 1<<width - n
	for left > 0 && width+h.root < h.longest {
		width++
		left = left<<1 - int(h.count[width+h.root])
	}
	return width
}
