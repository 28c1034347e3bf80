package pack

import "math/bits"

// arena keeps the buffers of one worker for reuse, by power of two, so that a
// walk of a million objects allocates a few dozen buffers.
type arena struct {
	free [40][][]byte
	kept int64
	big  *Big
}

// arenaKeeps bounds the bytes that lie unused in one arena.
const arenaKeeps = 32 << 20

func (a *arena) get(n int) []byte {
	c := bits.Len(uint(n))
	if n > bigObject { // rounding up would cost much
		return a.big.Get(n)
	}
	if k := len(a.free[c]); k > 0 {
		b := a.free[c][k-1]
		a.free[c] = a.free[c][:k-1]
		a.kept -= int64(cap(b))
		return b[:n]
	}
	return make([]byte, n, 1<<c)
}

func (a *arena) put(b []byte) {
	if cap(b) > bigObject {
		a.big.Put(b)
		return
	}
	// Buffers from elsewhere have other capacities and are left to the collector.
	c := bits.Len(uint(cap(b))) - 1
	if cap(b) != 1<<max(c, 0) || c >= len(a.free) || a.kept+int64(cap(b)) > arenaKeeps {
		return
	}
	a.kept += int64(cap(b))
	a.free[c] = append(a.free[c], b)
}
