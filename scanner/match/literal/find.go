package literal

import (
	"encoding/binary"
	"math/bits"
)

const (
	block    = 32        // positions that the filter decides at once
	overread = lanes - 1 // bytes that it reads behind a block
	// chunkBlocks is how many blocks go through the filter before what it let
	// through is looked at. It is small because every Find clears this scratch.
	chunkBlocks = 16
	tailLen     = 2*block + 8 // room for what is left at the end of data
)

// Find appends every occurrence that starts in data[lo:hi) to dst, sorted by
// Off, then Lit. An occurrence may extend past hi, up to the end of data. What
// lies outside data is cut off the range. Find never starts an occurrence at or
// after MaxData.
func (s *Set) Find(dst []Hit, data []byte, lo, hi int) []Hit {
	lo, hi = max(lo, 0), min(hi, len(data), MaxData)
	if lo >= hi || len(s.lits) == 0 {
		return dst
	}
	r := finder{set: s, data: data, lo: lo, hi: hi, dst: dst, old: len(dst)}
	at, end := lo+s.minOff, min(hi+s.maxOff, len(data))
	var masks maskChunk
	for at < end {
		n := min((end-at+block-1)/block, chunkBlocks)
		// The filter may not read behind data, so the last bytes go through a
		// padded copy.
		if fit := (len(data) - at - overread) / block; fit > 0 {
			n = min(n, fit)
			s.filter(data[at:], n, &masks)
		} else {
			var tail [tailLen]byte
			copy(tail[:], data[at:])
			s.filter(tail[:], n, &masks)
		}
		if over := at + n*block - end; over > 0 {
			masks[n-1] &= ^uint32(0) >> over
		}
		r.confirmChunk(&masks, n, at)
		at += n * block
	}
	return r.dst
}

// maskChunk is what the filter says about a chunk: one bit for each position.
type maskChunk [chunkBlocks]uint32

// filter sets bit i%block of masks[i/block] for every position i in the first
// n blocks of data where a window may begin, and clears the others. data holds
// at least n*block+overread bytes.
func (s *Set) filter(data []byte, n int, masks *maskChunk) {
	if s.useVec {
		s.vec.filter(data, n, masks)
		return
	}
	s.plain.filter(data, n, masks)
}

// finder is the state of one call of Find.
type finder struct {
	set    *Set
	data   []byte
	lo, hi int
	dst    []Hit // mutable
	old    int   // length of dst when Find began
}

// confirmChunk looks at each position that the filter let through in n blocks;
// bit 0 of masks[0] stands for position at. Its loops write first and decide
// afterwards whether that counts, because a mispredicted branch costs more than
// all of the work on one position.
func (r *finder) confirmChunk(masks *maskChunk, n, at int) {
	var list [chunkBlocks*block + 8]uint16
	count := 0
	for i := 0; i < n; i += 2 {
		m := uint64(masks[i])
		if i+1 < n {
			m |= uint64(masks[i+1]) << block
		}
		base, size := uint16(i*block), bits.OnesCount64(m)
		for k := count; ; k += 8 {
			eight := list[k : k+8 : k+8]
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
	r.confirmList(list[:count], at)
}

// confirmList drops the positions whose gram no literal has and confirms the
// rest.
func (r *finder) confirmList(list []uint16, at int) {
	g := &r.set.grams
	data := r.data
	left := 0
	for _, i := range list {
		h := gramHash(gramAt(data, at+int(i)))
		list[left] = i
		left += int(g.seen[h>>6] >> (h & 63) & 1)
	}
	for _, i := range list[:left] {
		p := at + int(i)
		gram := gramAt(data, p)
		r.confirm(p, gramHash(gram)>>slotShift)
		if g.hasShort {
			r.confirm(p, gramHash(gram&threeOnly)>>slotShift)
		}
	}
}

// gramAt reads the gram at p and folds it; behind the end of data it reads
// zeros.
func gramAt(data []byte, p int) uint32 {
	if p+lanes <= len(data) {
		return binary.LittleEndian.Uint32(data[p:]) | foldAll
	}
	return lastGram(data[p:])
}

func lastGram(rest []byte) uint32 {
	var word [lanes]byte
	copy(word[:], rest)
	return binary.LittleEndian.Uint32(word[:]) | foldAll
}

// confirm compares the literals of a chain with the bytes round a window at p
// and keeps those that are there.
func (r *finder) confirm(p int, slot uint32) {
	g := &r.set.grams
	chain := g.entries[g.start[slot]:g.start[slot+1]]
	for i := range chain {
		e := &chain[i]
		start := p - int(e.off)
		if start < r.lo || start >= r.hi || len(r.data)-start < int(e.len) {
			continue
		}
		rest := r.data[start:]
		done := 0
		if len(rest) >= 8 {
			if (binary.LittleEndian.Uint64(rest)|e.fold^e.word)<<e.cut != 0 {
				continue
			}
			done = 8
		}
		if int(e.len) > done && !equalFold(rest, r.set.lits[e.lit], done) {
			continue
		}
		r.keep(Hit{Off: int32(start), Lit: e.lit})
	}
}

// equalFold tells whether data begins with lit, of which the first done bytes
// are known to be there.
func equalFold(data []byte, lit string, done int) bool {
	for i := done; i < len(lit); i++ {
		c := data[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lit[i] {
			return false
		}
	}
	return true
}

// keep inserts h in order. Windows lie at most maxWindowOff bytes behind the
// start of their literals, so hits come almost sorted.
func (r *finder) keep(h Hit) {
	dst := append(r.dst, h)
	i := len(dst) - 1
	for ; i > r.old && after(dst[i-1], h); i-- {
		dst[i] = dst[i-1]
	}
	dst[i] = h
	r.dst = dst
}

func after(a, b Hit) bool {
	return a.Off > b.Off || a.Off == b.Off && a.Lit > b.Lit
}
