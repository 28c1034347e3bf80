package literal

import "math/bits"

// plainTable is the portable filter: it admits the same positions as the
// vector filter. Sixteen bits for each lane say which buckets do not take the
// byte, lane 0 in the low bits.
type plainTable [256]uint64

func (t *plainTable) fill(sets *laneSets) {
	for c := range t {
		for j := range lanes {
			var takes uint16
			if c < 0x80 {
				takes = sets[j][class(byte(c))]
			}
			takes |= sets[j][anyByte]
			t[c] |= uint64(^takes) << (16 * j)
		}
	}
}

// filter is a shift-or automaton: after each byte the highest lane tells
// which buckets took it and the three before it. See Set.filter.
func (t *plainTable) filter(data []byte, n int, masks *maskChunk) {
	state := t[data[0]]
	state = state<<16 | t[data[1]]
	state = state<<16 | t[data[2]]
	for i := range n {
		b := data[i*block+overread:][:block]
		var none uint64 // first position in the highest bit
		for _, c := range b {
			state = state<<16 | t[c]
			// The sum carries only if no bucket took all four bytes.
			_, carry := bits.Add64(state, 1<<48, 0)
			none, _ = bits.Add64(none, none, carry)
		}
		masks[i] = ^bits.Reverse32(uint32(none))
	}
}
