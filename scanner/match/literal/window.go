package literal

import (
	"math"
	"slices"
)

// The vector filter does not tell all bytes apart: it sorts them into classes,
// so that one shuffle can look up 16 of them.
const (
	lanes   = 4  // bytes in a window
	classes = 32 // low five bits of a byte, which upper and lower case share
	anyByte = 63 // stands in lane 3 of a three-byte literal
	buckets = 32 // literals share buckets; a window fits if one bucket takes all its bytes
	// maxWindowOff limits how far behind its start a literal's window may lie:
	// Find has to look that far behind its range. Beyond 8 it wins nothing.
	maxWindowOff = 8
	// commonBits is what a gram of commonGrams is taken to be more frequent by.
	commonBits = 4 * 4
)

// shares holds the part of all bytes in source code that each class makes up,
// counted over equal shares of TypeScript (workers-sdk), Go and Python
// (standard libraries) and C (system headers). Nothing is so rare that it counts
// as free, or a bucket would swallow all rare bytes: 0.001 is added to each.
var shares = [64]float32{
	.1907, .0422, .0196, .0283, .0229, .0729, .0196, .0199,
	.0240, .0776, .0373, .0066, .0417, .0210, .0525, .0451,
	.0300, .0069, .0482, .0433, .0578, .0208, .0121, .0080,
	.0113, .0104, .0113, .0102, .0039, .0131, .0035, .0195,
	anyByte: 1,
}

// pickWindow returns the offset of the rarest window in lit.
func pickWindow(lit string, common *gramSet) int {
	n := min(lanes, len(lit))
	var links [maxWindowOff + lanes]int // how rare a byte is after the one before it
	off, best := 0, math.MinInt
	gram, rare := uint32(0), 0 // of the last four bytes, less the first by itself
	for i := range min(len(lit), len(links)) {
		gram = gram>>8 | uint32(lit[i]|0x20)<<24
		if i > 0 {
			links[i] = pairRarity(lit[i-1], lit[i])
			rare += links[i]
		}
		o := i + 1 - n
		if o < 0 {
			continue
		}
		rare -= links[o]
		r := rare + byteRarity(lit[o])
		if n == lanes && common.has(gram) {
			r -= commonBits
		}
		if r > best {
			off, best = o, r
		}
	}
	return off
}

// windowKey returns a key that sorts windows from frequent to rare and holds
// the window's classes in its low 24 bits, lane 0 in the lowest.
func windowKey(window string) uint64 {
	share, packed := float32(1), uint64(0)
	for j := range lanes {
		k := anyByte
		if j < len(window) {
			k = int(window[j] % classes)
		}
		share *= shares[k]
		packed |= uint64(k) << (6 * j)
	}
	return uint64(math.Float32bits(2-share))<<24 | packed
}

// bucketSet has one bit for each bucket.
type bucketSet uint32

// laneSets says for each lane and class which buckets take it.
type laneSets [lanes][64]bucketSet

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
		var has [lanes]bucketSet
		var add [lanes][2]float32 // what a class costs: new in the bucket, known to it
		var ks [lanes]int
		for j := range lanes {
			ks[j] = int(key >> (6 * j) & 63)
			has[j] = sets[j][ks[j]]
			add[j][0] = shares[ks[j]]
		}
		at, least, total := 0, float32(math.Inf(1)), float32(0)
		for b := range admits {
			q := &admits[b]
			c := (q[0] + add[0][has[0]>>b&1]) * (q[1] + add[1][has[1]>>b&1]) *
				(q[2] + add[2][has[2]>>b&1])
			// The builtin min is slow here, as it has to mind NaN.
			if last := q[3] + add[3][has[3]>>b&1]; last < 1 {
				c *= last
			}
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
