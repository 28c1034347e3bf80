package scanner

import (
	"bytes"
	"cmp"
	"slices"
	"sort"

	"keyrake/scanner/finding"
	"keyrake/scanner/judge"
	"keyrake/scanner/known"
	"keyrake/scanner/match"
	"keyrake/scanner/match/decode"
	"keyrake/scanner/window"
)

// occurrence is one secret at one spot of one content.
type occurrence struct {
	where     int32 // the content: number of an object, or of a file
	off       int32
	line, col int32
	endLine   int32
	endCol    int32
	wide      int32 // as in finding.Place
	endWide   int32
	secret    int32        // in collector.secrets
	anchor    match.Anchor // that it was found at; of UTF-16, in the decoded text
	nth       uint16       // which of the hits there it is
	inner     string       // path in the archive that the content is, or ""
	verdict   *verdict
	mark      *finding.Mark
	around    finding.Secret
	origin    *window.Origin // what off, line and columns count from; nil is the content's start
}

// collector gathers what one worker finds.
type collector struct {
	ids     map[string]int32
	secrets []string
	kept    texts // of secrets
	list    []occurrence
	gaps    []finding.Gap
	best    []hit          // scratch
	listed  *verdict       // of what is looked for as it is; see Gone
	inner   string         // path in an archive of the content at hand
	lines   bool           // keep the text round each secret
	origin  *window.Origin // of the window at hand; nil is a whole content
}

// add takes over the hits of one content. Where hits overlap, it takes the one that says
// most about the secret.
func (c *collector) add(where int, data []byte, s *state) {
	if len(s.hits) == 0 {
		return
	}
	text := data
	if !s.plain {
		text, _ = decode.UTF16(data)
	}
	c.best = strongest(append(c.best[:0], s.hits...))
	c.list = roomFor(c.list, len(c.best))
	at, line, start := 0, int32(1), 0 // line that at stands in, and where it starts
	wide := int32(0)                  // of what stands in the line before at
	for i := range c.best {
		h := &c.best[i]
		from, to := h.from(), h.to()
		before := line
		if line, start = advance(text, at, from, line, start); line > before {
			at, wide = start, 0
		}
		wide += finding.Wideness(text[at:from])
		at = from
		o := occurrence{where: int32(where), off: int32(from), line: line, col: int32(from-start) + 1, wide: wide, verdict: h.verdict, anchor: h.anchor, nth: s.nth(h), inner: c.inner, origin: c.origin}
		endLine, endStart := advance(text, from, to-1, line, start)
		o.endLine, o.endCol = endLine, int32(to-1-endStart)+1
		if o.endWide = wide + finding.Wideness(text[from:to]); endLine > line {
			o.endWide = finding.Wideness(text[endStart:to])
		}
		if !s.plain {
			o.off = int32(decode.UTF16Offset(data, from))
		}
		if secret := h.verdict.secret; secret != "" {
			o.secret = c.id([]byte(secret))
		} else {
			o.secret = c.id(text[from:to])
		}
		o.mark = known.MarkAt(text, from, to, int(line)+c.origin.Lines(), h.verdict.rule.ID)
		if c.lines {
			o.around = finding.NewSecret(known.Around(text, from))
		}
		c.list = append(c.list, o)
	}
}

// roomFor makes room for n more occurrences. While there are few, twice as much as
// there was: less is copied too often. Of many, that would be the most that a scan
// holds.
func roomFor(list []occurrence, n int) []occurrence {
	const (
		few   = 1 << 16
		least = 16
	)
	if n <= cap(list)-len(list) {
		return list
	}
	more := max(len(list), least)
	if len(list) > few {
		more = len(list) / 4
	}
	return slices.Grow(list, max(n, more))
}

// letGo drops what was gathered once it was merged: of a million secrets one copy
// is enough.
func (w *worker) letGo() {
	w.list, w.secrets, w.ids, w.best, w.free = nil, nil, nil, nil, nil
}

// nth tells which of the hits at its anchor h is.
func (s *state) nth(h *hit) uint16 {
	i := sort.Search(len(s.hits), func(i int) bool { return s.hits[i].anchor.Off >= h.anchor.Off })
	n := uint16(0)
	for ; i < len(s.hits) && s.hits[i] != *h; i++ {
		if s.hits[i].anchor == h.anchor {
			n++
		}
	}
	return n
}

// occurrenceAt is what stands at data[from:to], with its place alone.
func occurrenceAt(data []byte, from, to int) occurrence {
	o := occurrence{off: int32(from)}
	var start int
	o.line, start = advance(data, 0, from, 1, 0)
	o.col, o.wide = int32(from-start)+1, finding.Wideness(data[start:from])
	o.endLine, start = advance(data, from, to-1, o.line, start)
	o.endCol, o.endWide = int32(to-1-start)+1, finding.Wideness(data[start:to])
	return o
}

// advance counts the lines from offset at to offset to.
func advance(text []byte, at, to int, line int32, start int) (int32, int) {
	lines := bytes.Count(text[at:to], []byte{'\n'})
	if lines == 0 {
		return line, start
	}
	return line + int32(lines), at + bytes.LastIndexByte(text[at:to], '\n') + 1
}

func (c *collector) id(secret []byte) int32 {
	if id, ok := c.ids[string(secret)]; ok {
		return id
	}
	if c.ids == nil {
		c.ids = map[string]int32{}
	}
	id := int32(len(c.secrets))
	c.secrets = append(c.secrets, c.kept.keep(secret))
	c.ids[c.secrets[id]] = id
	return id
}

// strongest keeps, of hits that overlap, the one that says most, in rising
// order of their place.
func strongest(hits []hit) []hit {
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.from(), b.from()), cmp.Compare(b.to(), a.to()), stronger(a.verdict, b.verdict))
	})
	kept := hits[:0]
	for _, h := range hits {
		clash := len(kept) > 0 && h.from() < kept[len(kept)-1].to()
		if !clash {
			kept = append(kept, h)
			continue
		}
		last := &kept[len(kept)-1]
		if d := stronger(h.verdict, last.verdict); d < 0 || d == 0 && h.to()-h.from() > last.to()-last.from() {
			*last = h
		}
	}
	return kept
}

// stronger orders verdicts: the one that is to be told comes first.
func stronger(a, b *verdict) int {
	proven := func(v *verdict) int {
		if v.Proof == judge.Verified {
			return 0
		}
		return 1
	}
	general := func(v *verdict) int {
		if v.rule.Generic {
			return 1
		}
		return 0
	}
	muted := func(v *verdict) int {
		if v.muted {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(muted(a), muted(b)), cmp.Compare(proven(a), proven(b)), cmp.Compare(general(a), general(b)),
		cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.rule.ID, b.rule.ID), slices.Compare(a.Reasons, b.Reasons),
		cmp.Compare(a.Proof, b.Proof), cmp.Compare(a.secret, b.secret))
}

// offset is where o stands in its content.
func (o *occurrence) offset() int {
	return o.origin.Offset() + int(o.off)
}

// place is where o stands, in a content of this kind and path.
func (o *occurrence) place(kind finding.Kind, path, object string) finding.Place {
	if o.inner != "" {
		path += "!" + o.inner
	}
	p := finding.Place{
		Kind: kind, Path: path, Object: object, Offset: int(o.off),
		Line: int(o.line), Column: int(o.col), EndLine: int(o.endLine), EndColumn: int(o.endCol), Wide: o.wide, EndWide: o.endWide,
		Mark: o.mark, Around: o.around,
	}
	o.origin.Move(&p)
	return p
}
