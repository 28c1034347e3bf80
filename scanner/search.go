package scanner

import (
	"bytes"
	"slices"
	"sort"

	"keyrake/rules"
	"keyrake/scanner/judge"
	"keyrake/scanner/known"
	"keyrake/scanner/match"
	"keyrake/scanner/walk/pack"
)

// hit is one secret in one content, placed relative to the anchor that it was
// found by, so that it can be carried to another version of a file as it is.
type hit struct {
	anchor     match.Anchor
	start, end int32 // of the secret, from the anchor's offset
	verdict    *verdict
}

func (h *hit) from() int { return int(h.anchor.Off + h.start) }
func (h *hit) to() int   { return int(h.anchor.Off + h.end) }

// verdict is what the judge said, with the rule that it was said of.
type verdict struct {
	rule *rules.Rule
	judge.Verdict
	muted bool // a configuration file turns the rule off
}

// state is what the search of one content leaves for the versions made from it:
// every anchor, and the secrets that were found at some of them.
type state struct {
	anchors []match.Anchor
	hits    []hit // in the order of their anchors
	plain   bool  // the bytes were searched as they are; false for UTF-16, which is carried nowhere
}

// searcher searches contents, whole or by what changed. One belongs to each worker.
type searcher struct {
	prog    *match.Program
	matcher *match.Matcher
	policy  *judge.Policy
	muted   map[string]known.Origin
	// mutable
	cands    []match.Candidate
	found    []match.Anchor
	expired  []*rules.Rule // rules that ran out of time in the content at hand
	searched int64         // bytes that went through the prefilter
	carried  counts
}

type counts struct{ anchors, verdicts int64 }

// whole searches all of data.
func (f *searcher) whole(s *state, data []byte) {
	s.plain = true
	s.anchors = f.prog.Anchors(s.anchors[:0], data, 0, len(data))
	s.hits = s.hits[:0]
	f.searched += int64(len(data))
	for _, a := range s.anchors {
		s.hits = f.decide(s.hits, data, a)
	}
}

// decide asks the rules and the judge about one anchor.
func (f *searcher) decide(dst []hit, data []byte, a match.Anchor) []hit {
	f.cands = f.matcher.At(f.cands[:0], data, a)
	for i := range f.cands {
		c := &f.cands[i]
		v := f.policy.Review(input(data, c))
		if v.Report {
			dst = append(dst, hit{a, int32(c.Start) - a.Off, int32(c.End) - a.Off, f.verdict(c.Rule, v)})
		}
	}
	if e := f.matcher.Expired(); e != nil {
		f.expired = append(f.expired, e...)
	}
	return dst
}

// input is what the judge sees of a candidate.
func input(data []byte, c *match.Candidate) judge.Input {
	return judge.Input{
		Rule: c.Rule, Window: data[c.WindowLo:c.WindowHi:c.WindowHi],
		Start: c.Start - c.WindowLo, End: c.End - c.WindowLo,
		NameStart: c.NameStart - c.WindowLo, NameEnd: c.NameEnd - c.WindowLo,
		Quote: c.Quote, Call: c.Call,
	}
}

func (f *searcher) verdict(r *rules.Rule, v judge.Verdict) *verdict {
	_, muted := f.muted[r.ID]
	return &verdict{r, v, muted}
}

// derive searches data, which was made from base's content by the given copies.
// What was decided for an anchor holds wherever its whole window was copied;
// only new anchors, and those whose window touches a change, are decided anew.
// keep is false if nothing will be made from this content, so that its anchors
// need not be listed.
func (f *searcher) derive(s, base *state, data []byte, copies []pack.Copy, baseLen int, keep bool) {
	s.plain, s.anchors, s.hits = true, s.anchors[:0], s.hits[:0]
	f.fresh(data, copies)
	next := 0 // in f.found
	take := func(before int) {
		for next < len(f.found) && int(f.found[next].Off) < before {
			a := f.found[next]
			next++
			s.hits = f.decide(s.hits, data, a)
			if keep {
				s.anchors = append(s.anchors, a)
			}
		}
	}
	for i := range copies {
		c := &copies[i]
		shift := int32(c.Pos - c.From)
		k := sort.Search(len(base.anchors), func(k int) bool { return int(base.anchors[k].Off) >= c.From })
		h := sort.Search(len(base.hits), func(h int) bool { return int(base.hits[h].anchor.Off) >= c.From })
		copied := span{c, len(data), baseLen}
		for ; k < len(base.anchors) && int(base.anchors[k].Off) < c.From+c.Len; k++ {
			old := base.anchors[k]
			a := match.Anchor{Off: old.Off + shift, Lit: old.Lit}
			n := f.prog.Len(a)
			if int(old.Off)+n > c.From+c.Len {
				continue // cut by the copy's end
			}
			if next < len(f.found) {
				take(int(a.Off))
			}
			if keep {
				s.anchors = append(s.anchors, a)
			}
			f.carried.anchors++
			if !copied.holds(a, n, f.prog.Reach(a.Lit)) {
				s.hits = f.decide(s.hits, data, a)
				continue
			}
			for h < len(base.hits) && base.hits[h].anchor.Off < old.Off {
				h++
			}
			for j := h; j < len(base.hits) && base.hits[j].anchor.Off == old.Off; j++ {
				if base.hits[j].anchor.Lit == old.Lit {
					moved := base.hits[j]
					moved.anchor = a
					s.hits = append(s.hits, moved)
					f.carried.verdicts++
				}
			}
		}
	}
	take(len(data) + 1)
}

// span is a copied range with the lengths of both contents.
type span struct {
	*pack.Copy
	size, baseSize int
}

// holds tells whether all that a decision about anchor a looks at was copied:
// its window lies inside the range, or is cut off at the same end of both
// contents. A window that ends exactly where the range does counts as cut,
// because a decision may ask whether the data ends there.
func (s span) holds(a match.Anchor, n int, r match.Reach) bool {
	end := s.Pos + s.Len
	left := int(a.Off-r.Before) >= s.Pos || s.Pos == 0 && s.From == 0
	right := int(a.Off)+n+int(r.After) < end || end == s.size && s.From+s.Len == s.baseSize
	return left && right
}

// fresh finds the anchors that no single copy holds: those in inserts, and
// those that lie across a seam.
func (f *searcher) fresh(data []byte, copies []pack.Copy) {
	f.found = f.found[:0]
	reach := f.prog.MaxAnchor() - 1
	done, end := 0, 0 // searched so far; end of the copy before
	for i := 0; i <= len(copies); i++ {
		pos := len(data)
		if i < len(copies) {
			pos = copies[i].Pos
		}
		if seam := i > 0 && i < len(copies); pos > end || seam {
			lo := max(end-reach, done, 0)
			f.found = f.prog.Anchors(f.found, data, lo, pos)
			f.searched += int64(pos - lo)
			done = pos
		}
		if i < len(copies) {
			end = pos + copies[i].Len
		}
	}
	c := 0
	f.found = slices.DeleteFunc(f.found, func(a match.Anchor) bool {
		from, to := int(a.Off), int(a.Off)+f.prog.Len(a)
		for c < len(copies) && copies[c].Pos+copies[c].Len <= from {
			c++
		}
		return c < len(copies) && copies[c].Pos <= from && to <= copies[c].Pos+copies[c].Len
	})
}

// content searches data as it stands, or what it says when it is UTF-16 with a
// byte order mark.
func (f *searcher) content(s *state, data []byte) {
	text, ok := decodeUTF16(data)
	if !ok {
		f.whole(s, data)
		return
	}
	f.whole(s, text)
	s.plain = false
}

// isUTF16 tells whether data starts with a UTF-16 byte order mark.
func isUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff})
}
