package literal

import "encoding/binary"

// tailLen is room for what is left at the end of data.
const tailLen = 2*block + 8

// Find appends every occurrence that starts in data[lo:hi) to dst, sorted by
// Off, then Lit. An occurrence may extend past hi, up to the end of data. What
// lies outside data is cut off the range. Find never starts an occurrence at or
// after maxData.
func (s *Set) Find(dst []Hit, data []byte, lo, hi int) []Hit {
	lo, hi = max(lo, 0), min(hi, len(data), maxData)
	t := s.tables
	if lo >= hi || len(t.Literals) == 0 {
		return dst
	}
	r := finder{set: s, tables: t, data: data, lo: lo, hi: hi, dst: dst, old: len(dst)}
	at, end := lo+t.MinOff, min(hi+t.MaxOff, len(data))
	if end-at <= shortBlocks*block {
		var room shortRoom
		r.run(at, end, room.scratch())
	} else {
		var room longRoom
		r.run(at, end, room.scratch())
	}
	return r.dst
}

// run keeps the literals whose window begins in data[at:end).
func (r *finder) run(at, end int, w scratch) {
	for at < end {
		n := min((end-at+block-1)/block, len(w.masks))
		// The filter may not read behind data, so the last bytes go through a
		// padded copy.
		if fit := (len(r.data) - at - overread) / block; fit > 0 {
			n = min(n, fit)
			r.search(r.data[at:], n, at, end, w)
		} else {
			var tail [tailLen]byte
			copy(tail[:], r.data[at:])
			r.search(tail[:], n, at, end, w)
		}
		at += n * block
	}
}

// finder is the state of one call of Find.
type finder struct {
	set    *Set
	tables *Tables // its
	data   []byte
	lo, hi int
	dst    []Hit // mutable
	old    int   // length of dst when Find began
}

// search keeps the literals whose window begins in n blocks of chunk, which is
// what data holds from at on, before end.
func (r *finder) search(chunk []byte, n, at, end int, w scratch) {
	r.set.filter(chunk, n, w)
	if over := at + n*block - end; over > 0 {
		w.masks[n-1] &= ^uint32(0) >> over
	}
	for _, i := range r.set.sift(chunk, n, w) {
		p := at + int(i)
		gram := gramAt(r.data, p)
		r.confirm(p, gramHash(gram)>>slotShift)
		if h := gramHash(gram & threeOnly); r.tables.hasShort(h) {
			r.confirm(p, h>>slotShift)
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
	t := r.tables
	chain := t.Entries[t.Start[slot]:t.Start[slot+1]]
	for i := range chain {
		e := &chain[i]
		start := p - int(e.Off)
		if start < r.lo || start >= r.hi || len(r.data)-start < int(e.Len) {
			continue
		}
		rest := r.data[start:]
		done := 0
		if len(rest) >= 8 {
			if (binary.LittleEndian.Uint64(rest)|e.Fold^e.Word)<<e.Cut != 0 {
				continue
			}
			done = 8
		}
		if int(e.Len) > done && !equalFold(rest, t.Literals[e.Lit], done) {
			continue
		}
		r.keep(Hit{Off: int32(start), Lit: e.Lit})
	}
}

// equalFold reports whether data begins with lit, of which the first done bytes
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
