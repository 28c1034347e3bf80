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

// Entry is a literal, laid out so that one masked comparison shows whether its
// first eight bytes are there.
type Entry struct {
	Word uint64 // first eight bytes
	Fold uint64 // 0x20 where Word has a letter
	Cut  uint8  // bits of Word that the literal does not reach
	Off  uint8  // offset of the window in the literal
	Len  uint8
	Lit  uint16
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

// index fills what leads from grams to literals; offs holds the offset of each
// literal's window. If two literals are alike it returns their indexes and false.
func (t *Tables) index(lits []string, offs []uint8) (i, j int, ok bool) {
	hashes := make([]uint32, len(lits))
	for i, lit := range lits {
		gram := gramOf(lit[offs[i]:])
		h := gramHash(gram)
		hashes[i] = h
		t.Start[h>>slotShift+1]++
		if len(lit) >= lanes {
			t.mark(h)
			continue
		}
		k := h >> shortShift
		t.Short[k>>6] |= 1 << (k & 63)
		for c := range uint32(256) {
			if c&0x20 != 0 {
				t.mark(gramHash(gram | c<<24))
			}
		}
	}
	var next [1 << slotBits]uint16
	for i := range next {
		t.Start[i+1] += t.Start[i]
		next[i] = t.Start[i]
	}
	t.Entries = make([]Entry, len(lits))
	for i, lit := range lits {
		slot := hashes[i] >> slotShift
		for _, e := range t.Entries[t.Start[slot]:next[slot]] {
			if lits[e.Lit] == lit {
				return int(e.Lit), i, false
			}
		}
		t.Entries[next[slot]] = newEntry(lit, i, offs[i])
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

func (t *Tables) hasShort(hash uint32) bool {
	k := hash >> shortShift
	return t.Short[k>>6]>>(k&63)&1 != 0
}

func (t *Tables) mark(h uint32) { t.Seen[h>>6] |= 1 << (h & 63) }

func newEntry(lit string, i int, off uint8) Entry {
	var word [8]byte
	n := copy(word[:], lit)
	e := Entry{
		Word: binary.LittleEndian.Uint64(word[:]),
		Cut:  uint8(64 - 8*n),
		Off:  off,
		Len:  uint8(len(lit)),
		Lit:  uint16(i),
	}
	for k, c := range word {
		if 'a' <= c && c <= 'z' {
			e.Fold |= 0x20 << (8 * k)
		}
	}
	return e
}
