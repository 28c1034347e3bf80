package scanner

import (
	"bytes"
	"slices"
	"sort"

	"keyrake/rules"
	"keyrake/scanner/judge"
	"keyrake/scanner/known"
	"keyrake/scanner/match"
	"keyrake/scanner/match/decode"
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
	muted  bool   // a configuration file turns the rule off
	secret string // what the place says once it is decoded; "" if it stands there as it is
}

// place is an anchor in the state of a content, with what the decision about it
// looked at.
type place struct {
	off   int32
	lit   uint16
	sight match.Sight // how far the decision about it looked
	read  bool        // it was read in another form too
}

// state is what the search of one content leaves for the versions made from it:
// every anchor, and the secrets that were found at some of them.
type state struct {
	anchors []place
	hits    []hit // in the order of their anchors
	read    bool  // some anchor was read in another form; see match.Matcher.Rewrite
	plain   bool  // the bytes were searched as they are alone; false for UTF-16, which is carried nowhere
	stored  []hit // of UTF-16: what was found in the bytes as they are
	dense   bool  // there are too many anchors to hold, so none is, and nothing is carried
	cut     bool  // there are more hits than are held
	most    int   // anchors that are held; more are too many
}

// How many anchors of one content are held: in less memory than the content takes, and in
// 24 MiB at most. A text that consists of keywords has twenty million in 100 MB. What is
// made from one that has more is searched as a whole.
const (
	maxAnchors   = 2 << 20
	leastAnchors = 1 << 14
	anchorBytes  = 16 // of a content, for each anchor beyond that
)

// note holds one more anchor, if there are not too many.
func (s *state) note(p place) {
	if len(s.anchors) == s.most {
		s.dense, s.anchors = true, nil
	}
	if !s.dense {
		s.anchors = append(s.anchors, p)
	}
}

// maxHits is how many hits of one content are held: those that come first.
const maxHits = 1 << 20

// bound drops hits if there are too many.
func (s *state) bound() {
	if len(s.hits) > maxHits {
		s.hits, s.cut = s.hits[:maxHits], true
		s.dense, s.anchors = true, nil
	}
}

// begin makes s that of a content of n bytes of which nothing is known yet.
func (s *state) begin(n int) {
	*s = state{anchors: s.anchors[:0], hits: s.hits[:0], plain: true, most: min(maxAnchors, leastAnchors+n/anchorBytes)}
}

// searcher searches contents, whole or by what changed. One belongs to each worker.
type searcher struct {
	prog    *match.Program
	matcher *match.Matcher
	policy  *judge.Policy
	muted   map[string]known.Origin
	// mutable
	cands     []match.Candidate
	found     []match.Anchor
	expired   []*rules.Rule // rules that ran out of time in the content at hand
	searched  int64         // bytes that went through the prefilter
	carried   counts
	otherForm bool // the last decision read another form of what stands there
	said      said // over all decisions
	verdicts  map[*rules.Rule][]*verdict
	sight     match.Sight // of the last decision
}

type counts struct{ anchors, verdicts int64 }

// oneFind is how many bytes are searched before decisions follow, so that few of the
// anchors are held of which nothing is known yet.
const oneFind = 4 << 20

// whole searches all of data.
func (f *searcher) whole(s *state, data []byte) {
	s.begin(len(data))
	f.matcher.Content(len(data))
	f.searched += int64(len(data))
	for lo := 0; lo < len(data); lo += oneFind {
		f.found = f.prog.Anchors(f.found[:0], data, lo, min(lo+oneFind, len(data)))
		for _, a := range f.found {
			f.decideAnchor(s, data, a, true)
		}
	}
	f.widely(s, data)
}

// decideAnchor decides about one anchor and notes what came of it.
func (f *searcher) decideAnchor(s *state, data []byte, a match.Anchor, keep bool) {
	s.hits = f.decide(s.hits, data, a)
	s.bound()
	s.read = s.read || f.otherForm
	if keep {
		s.note(place{a.Off, a.Lit, f.sight, f.otherForm})
	}
}

// plain asks the rules and the judge about one anchor, without decoding anything.
func (f *searcher) plain(dst []hit, data []byte, a match.Anchor) []hit {
	f.cands = f.matcher.At(f.cands[:0], data, a)
	for i := range f.cands {
		dst = f.judged(dst, data, &f.cands[i], a)
	}
	if e := f.matcher.Expired(); e != nil {
		f.expired = append(f.expired, e...)
	}
	return dst
}

// judged appends what the judge takes for a secret.
func (f *searcher) judged(dst []hit, data []byte, c *match.Candidate, a match.Anchor) []hit {
	if v := f.policy.Review(input(data, c)); v.Report {
		f.said.rule(c.Rule)
		dst = append(dst, hit{a, int32(c.Start) - a.Off, int32(c.End) - a.Off, f.verdict(c.Rule, v)})
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

// verdict gives one verdict for all secrets of which the judge said the same, so that
// few are held.
func (f *searcher) verdict(r *rules.Rule, v judge.Verdict) *verdict {
	const most = 8 // of a rule
	list := f.verdicts[r]
	for _, old := range list {
		if v.Confidence == old.Confidence && v.Report == old.Report && v.Severity == old.Severity && v.Proof == old.Proof && slices.Equal(v.Reasons, old.Reasons) {
			return old
		}
	}
	_, muted := f.muted[r.ID]
	kept := &verdict{rule: r, Verdict: v, muted: muted}
	if len(list) < most {
		if f.verdicts == nil {
			f.verdicts = map[*rules.Rule][]*verdict{}
		}
		f.verdicts[r] = append(list, kept)
	}
	return kept
}

// derive searches data, which was made from base's content by the given copies.
// What was decided for an anchor holds wherever its whole window was copied, or
// as much of it as the decision looked at; only new anchors, and those that a
// change comes nearer to, are decided anew.
// keep is false if nothing will be made from this content, so that its anchors
// need not be listed.
func (f *searcher) derive(s, base *state, data []byte, copies []pack.Copy, baseLen int, keep bool) {
	if base.dense || len(data) > oneFind && f.changed(data, copies) > oneFind {
		f.whole(s, data)
		return
	}
	s.begin(len(data))
	f.matcher.Content(len(data))
	f.fresh(data, copies)
	next := 0    // in f.found
	k, h := 0, 0 // in base.anchors and base.hits
	take := func(before int) {
		for next < len(f.found) && int(f.found[next].Off) < before {
			a := f.found[next]
			next++
			f.decideAnchor(s, data, a, keep)
		}
	}
	for i := range copies {
		c := &copies[i]
		shift := int32(c.Pos - c.From)
		k = base.anchorFrom(int32(c.From), k)
		h = base.hitFrom(int32(c.From), h)
		copied := span{c, len(data), baseLen}
		for ; k < len(base.anchors) && int(base.anchors[k].off) < c.From+c.Len; k++ {
			old := base.anchors[k]
			a := match.Anchor{Off: old.off + shift, Lit: old.lit}
			if next < len(f.found) {
				take(int(a.Off))
			}
			if r := old.sight.Reach(); int(old.off)-int(r.Before) > c.From && int(old.off)+int(r.After) < c.From+c.Len {
				f.carried.anchors++
				s.read = s.read || old.read
				if keep {
					s.note(place{a.Off, a.Lit, old.sight, old.read})
				}
				continue // nothing was found, or it would be Wide
			}
			n := f.prog.Len(a)
			if int(old.off)+n > c.From+c.Len {
				continue // cut by the copy's end
			}
			f.carried.anchors++
			if !copied.holds(a, n, f.prog.Within(a.Lit, old.sight)) {
				f.decideAnchor(s, data, a, keep)
				continue
			}
			s.read = s.read || old.read
			if keep {
				s.note(place{a.Off, a.Lit, old.sight, old.read})
			}
			for h < len(base.hits) && base.hits[h].anchor.Off < old.off {
				h++
			}
			for j := h; j < len(base.hits) && base.hits[j].anchor.Off == old.off; j++ {
				if base.hits[j].anchor.Lit == old.lit {
					moved := base.hits[j]
					moved.anchor = a
					s.hits = append(s.hits, moved)
					s.bound()
					f.carried.verdicts++
				}
			}
		}
	}
	take(len(data) + 1)
	f.widelyDerived(s, base, data, copies, baseLen)
}

// changed is the most bytes that fresh searches.
func (f *searcher) changed(data []byte, copies []pack.Copy) int {
	n := len(data) + len(copies)*(oneSearch+f.prog.MaxAnchor())
	for i := range copies {
		n -= copies[i].Len
	}
	return n
}

// anchorFrom gives the number of the first anchor at or behind off. It looks near
// the last answer first, as copies mostly follow each other.
func (s *state) anchorFrom(off int32, last int) int {
	lo, hi := 0, last
	if last == 0 || s.anchors[last-1].off < off {
		lo, hi = last, len(s.anchors)
		for step := 1; lo+step <= hi; step *= 2 {
			if s.anchors[lo+step-1].off >= off {
				hi = lo + step - 1
				break
			}
			lo += step
		}
	}
	for lo < hi {
		if mid := int(uint(lo+hi) / 2); s.anchors[mid].off < off {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// hitFrom gives the number of the first hit whose anchor is at or behind off. There are
// few hits, so a binary search is fast enough.
func (s *state) hitFrom(off int32, last int) int {
	if last < len(s.hits) && s.hits[last].anchor.Off >= off && (last == 0 || s.hits[last-1].anchor.Off < off) {
		return last
	}
	return sort.Search(len(s.hits), func(h int) bool { return s.hits[h].anchor.Off >= off })
}

// span is a copied range with the lengths of both contents.
type span struct {
	*pack.Copy
	size, baseSize int
}

// holds tells whether all that a decision about anchor a looks at was copied:
// its window lies inside the range, or is cut off at the same end of both
// contents. A window that begins or ends exactly where the range does counts as cut,
// because a decision may ask whether the data does so there.
func (s span) holds(a match.Anchor, n int, r match.Reach) bool {
	end := s.Pos + s.Len
	left := int(a.Off-r.Before) > s.Pos || s.Pos == 0 && s.From == 0
	right := int(a.Off)+n+int(r.After) < end || end == s.size && s.From+s.Len == s.baseSize
	return left && right
}

// oneSearch is how many bytes between two changes are searched with them. To begin
// another search costs more: terraform's history has eleven million changes, half of
// which insert nothing.
const oneSearch = 64

// fresh finds the anchors that no single copy holds: those in inserts, and
// those that lie across a seam.
func (f *searcher) fresh(data []byte, copies []pack.Copy) {
	f.found = f.found[:0]
	reach := f.prog.MaxAnchor() - 1
	done, end := 0, 0      // searched so far; end of the copy before
	changed, until := 0, 0 // what is to be searched next, if anything is
	search := func() {
		if until > done {
			f.found = f.prog.Changed(f.found, data, done, changed, until)
			f.searched += int64(until - max(changed-reach, done))
			done = until
		}
	}
	for i := 0; i <= len(copies); i++ {
		pos := len(data)
		if i < len(copies) {
			pos = copies[i].Pos
		}
		if seam := i > 0 && i < len(copies); pos > end || seam {
			if end-until > oneSearch {
				search()
				changed = end
			}
			until = pos
		}
		if i < len(copies) {
			end = pos + copies[i].Len
		}
	}
	search()
	c := 0
	f.found = slices.DeleteFunc(f.found, func(a match.Anchor) bool {
		from, to := int(a.Off), int(a.Off)+f.prog.Len(a)
		for c < len(copies) && copies[c].Pos+copies[c].Len <= from {
			c++
		}
		return c < len(copies) && copies[c].Pos <= from && to <= copies[c].Pos+copies[c].Len
	})
}

// content searches data as it stands and, if it is UTF-16, what it says too. Other text may
// stand in such a file: what another shell adds to one of PowerShell's, or an odd number of
// bytes, behind which all that is decoded is another text.
func (f *searcher) content(s *state, data []byte) {
	text, ok := decode.UTF16(data)
	if !ok {
		f.whole(s, data)
		return
	}
	var as state // as it stands
	if order, begin, _ := decode.UTF16Order(data); f.prog.HasWhole() || decode.MayHoldOther(data[begin:], order) {
		f.whole(&as, data)
	}
	f.whole(s, text)
	s.plain, s.stored = false, withoutNULs(as.hits, data)
	s.read, s.cut = s.read || as.read, s.cut || as.cut
}

// withoutNULs drops what rules that are tried on whole contents found in UTF-16 as it
// stands, where they take the NUL bytes between its characters for text.
func withoutNULs(hits []hit, data []byte) []hit {
	return slices.DeleteFunc(hits, func(h hit) bool {
		return h.anchor.Lit == match.WholeAnchor && bytes.IndexByte(data[h.from():h.to()], 0) >= 0
	})
}

// found tells whether any secret was found.
func (s *state) found() bool { return len(s.hits)+len(s.stored) > 0 }
