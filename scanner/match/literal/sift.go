package literal

import (
	"encoding/binary"
	"math/bits"
)

const (
	block    = 32    // positions that the filter decides at once
	overread = lanes // bytes that it reads behind a block
	// chunkBlocks is how many blocks go through the filter before what it let
	// through is looked at. It is even.
	chunkBlocks = 16
	// shortBlocks is the same where there is little to search. Most searches are
	// for what one change inserted, and would spend a fifth of their time clearing a
	// large scratch.
	shortBlocks = 4
)

// scratch is what Find works in.
type scratch struct {
	masks []uint32 // what the filter says about a chunk: one bit for each position
	list  []uint16 // positions, with room behind them for what is written before it is known to count
}

// longRoom and shortRoom are what a scratch lies in.
type (
	longRoom struct {
		masks [chunkBlocks]uint32
		list  [chunkBlocks*block + 8]uint16
	}
	shortRoom struct {
		masks [shortBlocks]uint32
		list  [shortBlocks*block + 8]uint16
	}
)

func (r *longRoom) scratch() scratch  { return scratch{r.masks[:], r.list[:]} }
func (r *shortRoom) scratch() scratch { return scratch{r.masks[:], r.list[:]} }

// filter sets bit i%block of masks[i/block] for every position i in the first
// n blocks of data where a window may begin, and clears the others. data holds
// at least n*block+overread bytes.
func (s *Set) filter(data []byte, n int, w scratch) {
	switch s.kernel {
	case avx512:
		s.wide.filter(data, n, w.masks)
	case avx2:
		s.vec.filter(data, n, w.masks)
	default:
		s.plain.filter(data, n, w.masks)
	}
}

// sift returns the positions that the filter let through in n blocks of data
// and whose gram a literal may have; bit 0 of masks[0] stands for position 0.
func (s *Set) sift(data []byte, n int, w scratch) []uint16 {
	if n%2 != 0 {
		w.masks[n] = 0
	}
	if s.kernel == portable {
		return w.list[:s.tables.sift(data, n, w)]
	}
	return w.list[:s.tables.siftVec(data, n, w)]
}

// sift puts what is left at the front of list and returns how much that is. Its
// loops write first and decide afterwards whether that counts, because a
// mispredicted branch costs more than all of the work on one position.
func (t *Tables) sift(data []byte, n int, w scratch) int {
	count := 0
	for i := 0; i < n; i += 2 {
		m := uint64(w.masks[i]) | uint64(w.masks[i+1])<<block
		base, size := uint16(i*block), bits.OnesCount64(m)
		for k := count; ; k += 8 {
			eight := w.list[k : k+8 : k+8]
			for j := range 8 {
				eight[j] = base + uint16(bits.TrailingZeros64(m))
				m &= m - 1
			}
			if m == 0 {
				break
			}
		}
		count += size
	}
	left := 0
	for _, i := range w.list[:count] {
		h := gramHash(binary.LittleEndian.Uint32(data[i:]) | foldAll)
		w.list[left] = i
		left += int(t.Seen[h>>6] >> (h & 63) & 1)
	}
	return left
}
