package scanner

import (
	"bytes"
	"cmp"
	"slices"

	"keyrake/scanner/match"
)

// widely adds what the rules find that are tried on whole contents. What they
// find depends on all of data, so nothing of it is carried to other versions.
func (f *searcher) widely(s *state, data []byte) {
	if !f.prog.HasWhole() {
		return
	}
	old := len(s.hits)
	if s.hits = f.inWhole(s.hits, data); len(s.hits) > old {
		// A search of the next version steps through the hits by their offsets.
		slices.SortStableFunc(s.hits, func(a, b hit) int { return cmp.Compare(a.anchor.Off, b.anchor.Off) })
	}
}

// inWhole appends the hits of the rules that are tried on whole contents.
func (f *searcher) inWhole(dst []hit, data []byte) []hit {
	f.cands = f.matcher.Whole(f.cands[:0], data)
	for i := range f.cands {
		c := &f.cands[i]
		dst = f.judged(dst, data, c, match.Anchor{Off: int32(c.MatchStart), Lit: match.WholeAnchor})
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
