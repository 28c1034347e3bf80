package scanner

import (
	"bytes"
	"cmp"
	"slices"
	"sort"

	"keyrake/scanner/match"
	"keyrake/scanner/walk/pack"
)

// widely adds what the rules find that are tried on whole contents.
func (f *searcher) widely(s *state, data []byte) {
	if f.prog.HasWhole() {
		old := len(s.hits)
		s.hits = f.inWhole(s.hits, data)
		f.mix(s, old)
	}
}

// widelyDerived does this for data that was made from base's content. Of lines
// that were copied, with all that is near enough to matter, what was found is
// taken over; what depends on the whole is searched for again.
func (f *searcher) widelyDerived(s, base *state, data []byte, copies []pack.Copy, baseLen int) {
	if !f.prog.HasWhole() {
		return
	}
	old, done := len(s.hits), 0
	for i := range copies {
		c := &copies[i]
		lo, hi := keptLines(data, c, baseLen, f.prog.WholeReach())
		if lo >= hi {
			continue
		}
		s.hits = f.inLines(s.hits, data, done, lo)
		shift := int32(c.Pos - c.From)
		h := sort.Search(len(base.hits), func(h int) bool { return base.hits[h].anchor.Off+shift >= int32(lo) })
		for ; h < len(base.hits) && base.hits[h].anchor.Off+shift < int32(hi); h++ {
			if moved := base.hits[h]; moved.anchor.Lit == match.WholeAnchor && f.matcher.ByLine(moved.verdict.rule) {
				moved.anchor.Off += shift
				s.hits = append(s.hits, moved)
				f.carried.verdicts++
			}
		}
		done = hi
	}
	s.hits = f.inLines(s.hits, data, done, len(data))
	s.hits = f.settled(s.hits, data, f.matcher.Across(f.cands[:0], data))
	f.mix(s, old)
}

// keptLines gives the lines of a copied range that stand, with what is within
// reach of them, in both contents alike.
func keptLines(data []byte, c *pack.Copy, baseLen int, r match.Reach) (lo, hi int) {
	lo, hi = c.Pos, c.Pos+c.Len
	if c.Pos > 0 || c.From > 0 {
		lo += int(r.Before) + 1
		if nl := bytes.IndexByte(data[min(lo, hi):hi], '\n'); nl >= 0 {
			lo += nl + 1
		} else {
			return 0, 0
		}
	}
	if hi < len(data) || c.From+c.Len < baseLen {
		hi = max(lo, hi-int(r.After)-1)
		hi = lo + bytes.LastIndexByte(data[lo:hi], '\n') + 1
	}
	return lo, hi
}

// mix puts the hits from old on among those before: a search of the next
// version steps through all by their offsets.
func (f *searcher) mix(s *state, old int) {
	if len(s.hits) > old {
		slices.SortStableFunc(s.hits, func(a, b hit) int { return cmp.Compare(a.anchor.Off, b.anchor.Off) })
		s.bound()
	}
}

// inWhole appends the hits of the rules that are tried on whole contents.
func (f *searcher) inWhole(dst []hit, data []byte) []hit {
	return f.settled(dst, data, f.matcher.Whole(f.cands[:0], data))
}

// inLines appends those that depend on the lines data[lo:hi) alone.
func (f *searcher) inLines(dst []hit, data []byte, lo, hi int) []hit {
	return f.settled(dst, data, f.matcher.Lines(f.cands[:0], data, lo, hi))
}

func (f *searcher) settled(dst []hit, data []byte, cands []match.Candidate) []hit {
	f.cands = cands
	for i := range cands {
		dst = f.judged(dst, data, &cands[i], match.Anchor{Off: int32(cands[i].MatchStart), Lit: match.WholeAnchor})
	}
	if e := f.matcher.Expired(); e != nil {
		f.expired = append(f.expired, e...)
	}
	return dst
}

// messageOnly drops what was found so in the header of a commit or tag: it has
// names of objects and signatures, which look like anything.
func (f *searcher) messageOnly(s *state, data []byte) {
	if header := bytes.Index(data, []byte("\n\n")); f.prog.HasWhole() && header >= 0 {
		s.hits = slices.DeleteFunc(s.hits, func(h hit) bool { return h.anchor.Lit == match.WholeAnchor && h.from() < header })
	}
}
