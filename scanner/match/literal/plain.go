package literal

import "encoding/binary"

// plainTable is the portable filter: the bitmap of grams with a byte for each
// bit, which is faster to look up at every position. It admits less than the
// vector filter does.
type plainTable [1 << gramBits]uint8

func (t *plainTable) fill(seen *[1 << gramBits / 64]uint64) {
	for h := range t {
		t[h] = uint8(seen[h/64] >> (h % 64) & 1)
	}
}

// filter looks up four positions at a time. See Set.filter.
func (t *plainTable) filter(data []byte, n int, masks []uint32) {
	for i := range n {
		b := data[i*block:][:block+overread]
		var m uint32 // first position in the lowest bit
		for k := 0; k < block; k += 4 {
			word := binary.LittleEndian.Uint64(b[k:k+8]) | foldAll<<32 | foldAll
			four := uint32(t[gramHash(uint32(word))]) |
				uint32(t[gramHash(uint32(word>>8))])<<1 |
				uint32(t[gramHash(uint32(word>>16))])<<2 |
				uint32(t[gramHash(uint32(word>>24))])<<3
			m = m>>4 | four<<28
		}
		masks[i] = m
	}
}
