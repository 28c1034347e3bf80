package literal

import (
	"math"
	"slices"
)

// The filter does not tell all bytes apart: it sorts them into classes, so that
// one vector shuffle can look up 16 of them.
const (
	lanes   = 4  // bytes in a window
	buckets = 16 // literals share buckets; a window fits if one bucket takes all its bytes
	classes = 48 // letters 0 to 31, all other ASCII 32 to 47
	anyByte = 63 // stands in lane 3 of a three-byte literal
	// maxWindowOff limits how far behind its start a literal's window may lie:
	// Find has to look that far behind its range. Beyond 8 it wins nothing.
	maxWindowOff = 8
)

// class is the class of an ASCII byte: bytes that differ only in bit 0x20 and
// have bit 0x40 (upper and lower case) are one class; so are bytes below 0x40
// that have the low four bits in common. Bytes from 0x80 on have no class.
func class(c byte) int {
	if c&0x40 != 0 {
		return int(c & 31)
	}
	return 32 + int(c&15)
}

// classFreq holds how often each class occurs in source code, in 1/10000,
// counted over equal shares of TypeScript (workers-sdk), Go and Python
// (standard libraries) and C (system headers).
var classFreq = [classes]float32{
	22, 384, 101, 236, 213, 642, 170, 127, 111, 356, 10, 53, 248, 171, 358, 351,
	212, 17, 414, 368, 500, 175, 91, 56, 115, 86, 16, 64, 20, 63, 3, 196,
	1816, 112, 182, 79, 70, 52, 74, 100, 160, 427, 420, 44, 170, 95, 159, 92,
}

// share is the part of all bytes that class k makes up. Nothing is so rare that
// it counts as free, or a bucket would swallow all rare bytes.
func share(k int) float32 {
	if k == anyByte {
		return 1
	}
	return classFreq[k]/10000 + 0.001
}

// pickWindow returns the offset of the rarest window in lit, and a key that
// sorts windows from frequent to rare and holds the window's classes in its
// low 24 bits.
func pickWindow(lit string) (off int, key uint64) {
	n := min(lanes, len(lit))
	best := float32(math.Inf(1))
	for o := 0; o+n <= len(lit) && o <= maxWindowOff; o++ {
		p, packed := float32(1), uint64(0)
		for j := range lanes {
			k := anyByte
			if j < n {
				k = class(lit[o+j])
			}
			p *= share(k)
			packed |= uint64(k) << (6 * j)
		}
		if p < best {
			best, off = p, o
			key = uint64(math.Float32bits(2-p))<<24 | packed
		}
	}
	return off, key
}

// laneSets says for each lane and class which buckets take it.
type laneSets [lanes][64]uint16

// assignBuckets spreads windows over the buckets. Each goes, most frequent
// first, where it adds least to the share of positions that the bucket admits,
// taking bytes as independent of each other.
func assignBuckets(keys []uint64) laneSets {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	var sets laneSets
	var admits [buckets][lanes]float32 // share of bytes that each lane takes
	var cost [buckets]float32
	for _, key := range keys {
		var has [lanes]uint16
		var add [lanes][2]float32 // what a class costs: new in the bucket, known to it
		var ks [lanes]int
		for j := range lanes {
			ks[j] = int(key >> (6 * j) & 63)
			has[j] = sets[j][ks[j]]
			add[j][0] = share(ks[j])
		}
		at, least, total := 0, float32(math.Inf(1)), float32(0)
		for b := range admits {
			q := &admits[b]
			c := (q[0] + add[0][has[0]>>b&1]) * (q[1] + add[1][has[1]>>b&1]) *
				(q[2] + add[2][has[2]>>b&1]) * min(1, q[3]+add[3][has[3]>>b&1])
			if d := c - cost[b]; d < least {
				at, least, total = b, d, c
			}
		}
		cost[at] = total
		for j := range lanes {
			admits[at][j] = min(1, admits[at][j]+add[j][has[j]>>at&1])
			sets[j][ks[j]] |= 1 << at
		}
	}
	return sets
}
