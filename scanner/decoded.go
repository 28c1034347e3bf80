package scanner

import (
	"slices"

	"keyrake/scanner/match"
	"keyrake/scanner/match/decode"
)

// decide asks about one anchor: about the text that it hides, if it stands in
// encoded text, else about the bytes as they stand, about what they say once
// literals are joined and values decoded, and if nothing is found so, about what
// they say once escapes are read. Whatever it looks at lies in the anchor's
// window.
func (f *searcher) decide(dst []hit, data []byte, a match.Anchor) []hit {
	f.sight, f.otherForm = match.Wide, false
	return f.decideText(dst, data, a, 0)
}

// decideText does what decide does, for data that is the result of decoding depth times.
func (f *searcher) decideText(dst []hit, data []byte, a match.Anchor, depth int) []hit {
	if f.prog.IsHidden(a) {
		if depth == match.MaxDepth {
			return dst
		}
		r := f.matcher.Hidden(data, a, depth)
		sure := decode.Text{Bytes: r.Bytes[:r.Hi], Sources: r.Sources[:r.Hi]}
		dst = f.decideDecoded(dst, &sure, r.Anchors, 0, r.Hi, a, r.How, depth)
		if n := len(r.Bytes); n > r.Hi {
			dst = f.decideDecoded(dst, &r.Text, r.Anchors, r.Hi, n, a, r.How, depth)
		}
		f.matcher.Done(&r.Text)
		return dst
	}
	old := len(dst)
	dst = f.plain(dst, data, a)
	if len(dst) > old {
		f.said.word(a.Lit)
	}
	if f.matcher.Quiet(data, a) {
		f.saw(f.matcher.Looked(), depth)
		return dst
	}
	if depth == match.MaxDepth {
		return dst
	}
	rewritten := f.matcher.Rewrite(nil, data, a, len(dst) > old)
	f.saw(f.matcher.Looked(), depth)
	for i := range rewritten {
		r := &rewritten[i]
		f.otherForm = true
		plain := len(dst)
		dst = f.decideDecoded(dst, &r.Text, r.Anchors, r.Lo, r.Hi, a, r.How, depth)
		if r.Decoded || len(dst) > plain {
			dst = dropPart(dst, old, plain, r)
		}
		f.matcher.Done(&r.Text)
	}
	if len(dst) > old {
		f.said.word(a.Lit)
	}
	return dst
}

// saw notes how far a decision looked. That counts at depth 0 alone: decoded text comes
// from the whole window anyway.
func (f *searcher) saw(s match.Sight, depth int) {
	if depth == 0 {
		f.sight = s
	}
}

// dropPart drops, of dst[old:plain], what was taken for a random value and is a
// part, or the encoded form, of what r says in plain.
func dropPart(dst []hit, old, plain int, r *match.Rewritten) []hit {
	kept := dst[:old]
	for i, h := range dst[old:] {
		if part := r.From <= h.from() && h.to() <= r.To; old+i >= plain || !part || !h.verdict.rule.Generic {
			kept = append(kept, h)
		}
	}
	return kept
}

// decideDecoded asks about anchors in decoded text, and takes over what is found at
// least partly in text[lo:hi). a is the anchor in the original that led there.
func (f *searcher) decideDecoded(dst []hit, text *decode.Text, anchors []match.Anchor, lo, hi int, a match.Anchor, how string, depth int) []hit {
	var found []hit
	for _, inner := range anchors {
		found = f.decideText(found[:0], text.Bytes, inner, depth+1)
		for i := range found {
			h := &found[i]
			if h.to() <= lo || hi <= h.from() {
				continue
			}
			v := *h.verdict
			if v.secret == "" {
				v.secret = string(text.Bytes[h.from():h.to()])
			}
			v.Reasons = append(slices.Clone(v.Reasons), how)
			from, to := text.Span(h.from(), h.to())
			dst = append(dst, hit{a, int32(from) - a.Off, int32(to) - a.Off, &v})
		}
	}
	return dst
}
