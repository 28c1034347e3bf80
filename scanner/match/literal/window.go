package literal

import (
	"math"
	"slices"
)

const (
	lanes   = 4  // bytes in a window
	anyByte = 64 // stands in lane 3 of a three-byte literal
	// maxWindowOff limits how far behind its start a literal's window may lie:
	// Find has to look that far behind its range. Beyond 8 it wins nothing.
	maxWindowOff = 8
)

// classing is how a vector filter sorts bytes, and how much it can keep apart:
// it does not tell all of them from each other, so that few shuffles look them up.
type classing struct {
	class   func(c byte) int // upper and lower case share one
	buckets int              // literals share buckets; a window fits if one bucket takes all its bytes
}

// shares is the part of all bytes in source code that each class makes up; see
// rarity. Nothing is so rare that it counts as free, or a bucket would swallow
// all rare bytes: 0.001 is added to each.
func (by *classing) shares() (list [anyByte + 1]float32) {
	var seen [64]bool // symbols
	for c := range 256 {
		if k := symbol(byte(c)); !seen[k] {
			seen[k] = true
			list[by.class(byte(c))] += float32(math.Exp2(-float64(byteRarity(byte(c))) / 4))
		}
	}
	for k := range list {
		list[k] += 0.001
	}
	list[anyByte] = 1
	return list
}

// pickWindow returns the offset of the rarest window in lit.
func pickWindow(lit string, grams *gramRarity) int {
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
		if n == lanes {
			// Rare bytes keep the filter apart, rare grams what comes behind it.
			r = grams.of(gram, r) + byteRarity(lit[o]) + byteRarity(lit[o+1]) + byteRarity(lit[o+2]) + byteRarity(lit[o+3])
		}
		if r > best {
			off, best = o, r
		}
	}
	return off
}

// windowKey returns a key that sorts windows from frequent to rare and holds
// the window's classes in its low 28 bits, lane 0 in the lowest.
func windowKey(window string, by *classing, shares *[anyByte + 1]float32) uint64 {
	share, packed := float32(1), uint64(0)
	for j := range lanes {
		k := anyByte
		if j < len(window) {
			k = by.class(window[j])
		}
		share *= shares[k]
		packed |= uint64(k) << (laneBits * j)
	}
	return uint64(math.Float32bits(2-float32(share)))<<(lanes*laneBits) | packed
}

const laneBits = 7 // enough for anyByte

// bucketSet has one bit for each bucket.
type bucketSet uint64

// laneSets says for each lane and class which buckets take it.
type laneSets [lanes][anyByte + 1]bucketSet

// assignBuckets spreads the windows of lits, which begin at offs, over the
// buckets. Each goes, most frequent first, where it adds least to the share of
// positions that the bucket admits, taking bytes as independent of each other.
func assignBuckets(lits []string, offs []uint8, by *classing) *laneSets {
	shares := by.shares()
	keys := make([]uint64, len(lits))
	for i, lit := range lits {
		keys[i] = windowKey(lit[offs[i]:], by, &shares)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	sets := new(laneSets)
	admits := make([][lanes]float32, by.buckets) // share of bytes that each lane takes
	cost := make([]float32, by.buckets)
	for _, key := range keys {
		var has [lanes]bucketSet
		var add [lanes][2]float32 // what a class costs: new in the bucket, known to it
		var ks [lanes]int
		for j := range lanes {
			ks[j] = int(key >> (laneBits * j) & (1<<laneBits - 1))
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
			if d := float32(c) - cost[b]; d < least {
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
