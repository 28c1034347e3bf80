package literal

import "encoding/binary"

const (
	gramBits = 18 // bits that address the bitmap
	// Of these, the highest so many address the chains and the short grams.
	slotBits  = 12
	shortBits = 11

	slotShift  = gramBits - slotBits
	shortShift = gramBits - shortBits
)

// gramIndex leads from the bytes of a window to the literals that have this
// window.
type gramIndex struct {
	// seen has one bit for each hashed gram, 32 KB in all. With an eighth of that it
	// would stay in L1, but nine of ten grams that it let through were chance, and to
	// tell that costs more. A literal of three bytes is in it with every fourth byte
	// that can follow.
	seen [1 << gramBits / 64]uint64
	// short has one bit for each hashed gram of three bytes, so that few positions
	// are looked up in a second chain.
	short [1 << shortBits / 64]uint64
	start [1<<slotBits + 1]uint16 // chain i is entries[start[i]:start[i+1]]
	// entries of one chain are in the order of the list given to New.
	entries []entry
}

// entry is a literal, laid out so that one masked comparison tells whether its
// first eight bytes are there.
type entry struct {
	word uint64 // first eight bytes
	fold uint64 // 0x20 where word has a letter
	cut  uint8  // bits of word that the literal does not reach
	off  uint8  // offset of the window in the literal
	len  uint8
	lit  uint16
}

// gramHash hashes four bytes without regard to case. A gram of three bytes has
// zero as its fourth, which no gram of four bytes has after folding. As the
// factor is odd, another fourth byte always changes the top eight bits: the two
// never lead to the same chain.
func gramHash(folded uint32) uint32 { return folded * gramFactor >> (32 - gramBits) }

const (
	gramFactor       = 0x9E3779B1
	gramFactorSigned = gramFactor - 1<<32 // as the assembler wants it
	foldAll          = 0x20202020
	threeOnly        = 0x00ffffff
)

// build fills the index; offs holds the offset of each literal's window. If two
// literals are alike it returns their indexes and false.
func (g *gramIndex) build(lits []string, offs []uint8) (i, j int, ok bool) {
	hashes := make([]uint32, len(lits))
	for i, lit := range lits {
		gram := gramOf(lit[offs[i]:])
		h := gramHash(gram)
		hashes[i] = h
		g.start[h>>slotShift+1]++
		if len(lit) >= lanes {
			g.mark(h)
			continue
		}
		k := h >> shortShift
		g.short[k>>6] |= 1 << (k & 63)
		for c := range uint32(256) {
			if c&0x20 != 0 {
				g.mark(gramHash(gram | c<<24))
			}
		}
	}
	var next [1 << slotBits]uint16
	for i := range next {
		g.start[i+1] += g.start[i]
		next[i] = g.start[i]
	}
	g.entries = make([]entry, len(lits))
	for i, lit := range lits {
		slot := hashes[i] >> slotShift
		for _, e := range g.entries[g.start[slot]:next[slot]] {
			if lits[e.lit] == lit {
				return int(e.lit), i, false
			}
		}
		g.entries[next[slot]] = newEntry(lit, i, offs[i])
		next[slot]++
	}
	return 0, 0, true
}

// gramOf is the gram at the start of s; it has zeros where s ends.
func gramOf(s string) uint32 {
	var gram uint32
	for k := range min(lanes, len(s)) {
		gram |= uint32(s[k]|0x20) << (8 * k)
	}
	return gram
}

func (g *gramIndex) hasShort(hash uint32) bool {
	k := hash >> shortShift
	return g.short[k>>6]>>(k&63)&1 != 0
}

func (g *gramIndex) mark(h uint32) { g.seen[h>>6] |= 1 << (h & 63) }

func newEntry(lit string, i int, off uint8) entry {
	var word [8]byte
	n := copy(word[:], lit)
	e := entry{
		word: binary.LittleEndian.Uint64(word[:]),
		cut:  uint8(64 - 8*n),
		off:  off,
		len:  uint8(len(lit)),
		lit:  uint16(i),
	}
	for k, c := range word {
		if 'a' <= c && c <= 'z' {
			e.fold |= 0x20 << (8 * k)
		}
	}
	return e
}
