package match

import (
	"cmp"
	"slices"

	"keyrake/scanner/match/decode"
)

// MaxDepth is how often decoded text is decoded again.
const MaxDepth = 3

// maxSpan is the most bytes in which an encoded keyword is spelled, with the
// text that has to follow it.
const maxSpan = decode.Reach - 1

// Windows of anchors that are no keyword, in bytes.
const (
	encodedReach = 24 << 10
	slashBefore  = 160
	slashAfter   = 1024
)

// mark is a literal that tells of escapes: where it stands, more is looked at.
type mark struct {
	text   string
	scheme decode.Scheme // of the escapes that may begin here
	slash  bool          // an escaped "://" instead
}

// marks are searched for beside the keywords. A row of escapes spells a keyword
// only from a letter or underscore on.
var marks = [...]mark{
	{`\x4`, decode.ByteEscape, false}, {`\x5`, decode.ByteEscape, false}, {`\x6`, decode.ByteEscape, false}, {`\x7`, decode.ByteEscape, false},
	{`\u004`, decode.UnitEscape, false}, {`\u005`, decode.UnitEscape, false}, {`\u006`, decode.UnitEscape, false}, {`\u007`, decode.UnitEscape, false},
	{`&#x`, decode.Entity, false}, {`&#1`, decode.Entity, false}, {`&#6`, decode.Entity, false}, {`&#7`, decode.Entity, false},
	{`&#8`, decode.Entity, false}, {`&#9`, decode.Entity, false},
	{`:\/\/`, 0, true}, {`%3a%2f%2f`, 0, true}, {`:\u002f\u002f`, 0, true}, {`&#x3a;&#x2f;&#x2f;`, 0, true}, {`:&#x2f;&#x2f;`, 0, true},
}

// isMarked reports whether a group of escapes at i begins with a mark.
func isMarked(data []byte, i int, s decode.Scheme) bool {
	switch s {
	case decode.ByteEscape:
		return '4' <= data[i+2] && data[i+2] <= '7'
	case decode.UnitEscape:
		return '4' <= data[i+4] && data[i+4] <= '7'
	case decode.Entity:
		switch data[i+2] {
		case 'x', 'X', '1', '6', '7', '8', '9':
			return true
		}
		return false
	}
	return true
}

// mark returns the mark that an anchor stands for, or nil.
func (p *Program) mark(a Anchor) *mark {
	if i := int(a.Lit) - len(p.keywords); 0 <= i && i < len(p.table.Marks) {
		return &marks[p.table.Marks[i]]
	}
	return nil
}

// firstCode is the first number of an anchor in encoded text. There the number
// says the scheme and how many bytes the anchor takes.
func (p *Program) firstCode() int { return len(p.keywords) + len(p.table.Marks) }

func (p *Program) code(s decode.Scheme, n int) uint16 {
	return uint16(p.firstCode() + int(s)*(maxSpan+1) + n)
}

// encoding is code, read back; ok is false for other anchors.
func (p *Program) encoding(a Anchor) (s decode.Scheme, n int, ok bool) {
	i := int(a.Lit) - p.firstCode()
	if i < 0 {
		return 0, 0, false
	}
	return decode.Scheme(i / (maxSpan + 1)), i % (maxSpan + 1), true
}

// IsHidden reports whether an anchor is no keyword that can be read as it
// is: Hidden has the text and its anchors.
func (p *Program) IsHidden(a Anchor) bool { return int(a.Lit) >= len(p.keywords) }

// Word is the keyword that an anchor is a place of, or what is said of one that
// is no keyword.
func (p *Program) Word(a Anchor) string {
	if p.IsHidden(a) {
		return "encoded text"
	}
	return p.keywords[a.Lit]
}

// Changed appends the anchors that start in data[from:hi), but for those that
// end before changed.
func (p *Program) Changed(dst []Anchor, data []byte, from, changed, hi int) []Anchor {
	old := len(dst)
	lo := max(from, decode.Before(data, changed))
	dst = p.set.Find(dst, data, max(from, min(lo, changed-p.MaxAnchor()+1)), hi)
	return p.encoded(dst, old, data, lo, hi, 0)
}

// anchors appends the anchors that start in data[lo:hi), those in encoded text
// too, unless data was decoded MaxDepth times.
func (p *Program) anchors(dst []Anchor, data []byte, lo, hi, depth int) []Anchor {
	old := len(dst)
	dst = p.set.Find(dst, data, lo, hi)
	return p.encoded(dst, old, data, max(lo, 0), min(hi, len(data)), depth)
}

// encoded takes the marks of escapes out of the anchors from dst[old] on, and
// adds the anchors in encoded text that start in data[lo:hi).
func (p *Program) encoded(dst []Anchor, old int, data []byte, lo, hi, depth int) []Anchor {
	var room [4]decode.Stretch
	rows := room[:0]
	if depth < MaxDepth {
		rows = decode.Stretches(rows, data, lo, hi)
	}
	kept := old
	var done [decode.Schemes]int
	for _, a := range dst[old:] {
		m := p.mark(a)
		if m == nil || m.slash {
			dst[kept] = a
			kept++
			continue
		}
		if off := int(a.Off); depth < MaxDepth && off >= max(lo, done[m.scheme]) {
			if r, ok := decode.Row(data, off, hi, m.scheme); ok {
				rows = append(rows, r)
				done[m.scheme] = r.Hi
			}
		}
	}
	dst = dst[:kept]
	if len(rows) == 0 {
		return dst
	}
	for _, r := range rows {
		dst = p.inRow(dst, data, r, depth)
	}
	slices.SortFunc(dst[old:], func(a, b Anchor) int {
		return cmp.Or(cmp.Compare(a.Off, b.Off), cmp.Compare(a.Lit, b.Lit))
	})
	return dst[:old+len(slices.Compact(dst[old:]))]
}

// inRow appends the anchors in a stretch of encoded text.
func (p *Program) inRow(dst []Anchor, data []byte, r decode.Stretch, depth int) []Anchor {
	var t decode.Text
	t.Forward(data, r.Lo, r.Hi, r.Scheme)
	for _, inner := range p.anchors(nil, t.Bytes, 0, len(t.Bytes), depth+1) {
		at, n := p.spelled(&t, inner, r.Scheme)
		if n > 0 && at < r.Stop && isMarked(data, at, r.Scheme) {
			dst = append(dst, Anchor{Off: int32(at), Lit: p.code(r.Scheme, n)})
		}
	}
	return dst
}

// spelled says where the group begins in which an anchor of t does, and how
// many bytes from there on the anchor depends on; 0 if they are too many or t
// ends before.
func (p *Program) spelled(t *decode.Text, inner Anchor, s decode.Scheme) (at, n int) {
	first, last := int(inner.Off), int(inner.Off)+p.Len(inner)-1
	if last >= len(t.Bytes) {
		return 0, 0
	}
	at, _ = t.Group(first, s)
	for {
		_, end := t.Group(last, s)
		if n = end - at; n >= s.Least() {
			break
		}
		if last++; last >= len(t.Bytes) {
			return 0, 0
		}
	}
	if n > maxSpan {
		return 0, 0
	}
	return at, n
}

// Hidden gives the text round a that is written in another form, as far as the
// rules reach that have a keyword there, with the anchors of these keywords, and
// says how it is written. depth is how often data was decoded. Behind Hi there may be one
// more character, of which it is not known whether it belongs to the text: that is to be read
// with it and without. The text is the caller's until it gives it back by Done.
func (m *Matcher) Hidden(data []byte, a Anchor, depth int) Rewritten {
	p := m.prog
	if p.mark(a) != nil {
		t, inner := m.slashes(data, a)
		return Rewritten{Text: t, Hi: len(t.Bytes), Anchors: inner, How: escapesRead}
	}
	var inner []Anchor
	s, n, _ := p.encoding(a)
	var head decode.Text
	off := int(a.Off)
	head.Forward(data, off, off+n, s)
	group := 1
	if s == decode.Base64 {
		group = 3
	}
	var reach Reach
	for _, h := range p.anchors(nil, head.Bytes, 0, group, depth+1) {
		if _, need := p.spelled(&head, h, s); need == n {
			inner = append(inner, h)
			r := p.Reach(h.Lit)
			reach.Before, reach.After = max(reach.Before, r.Before), max(reach.After, r.After)
		}
	}
	scale := [decode.Schemes]int{2, 2, 4, 6, 6, 2, 4}[s]
	before, after := min(int(reach.Before)*scale, encodedReach), min(int(reach.After)*scale, encodedReach)
	lo, hi := max(0, off-before), min(len(data), off+n+after)
	t, at := decode.Around(m.room(), data, off, lo, hi, s)
	for i := range inner {
		inner[i].Off += int32(at)
	}
	size := len(t.Bytes)
	t.Last(data, hi, s)
	return Rewritten{Text: t, Hi: size, Anchors: inner, How: "read out of " + s.String()}
}

const escapesRead = "read with its escapes resolved"

// slashes reads the text round an escaped "://" and gives the keywords that
// hold one.
func (m *Matcher) slashes(data []byte, a Anchor) (t decode.Text, inner []Anchor) {
	p := m.prog
	lo, hi := p.window(a, len(data))
	t, at := decode.Unescape(m.room(), data, lo, int(a.Off), hi, true)
	for _, h := range p.set.Find(nil, t.Bytes, max(0, at-maxKeyword), at+1) {
		if end := int(h.Off) + p.Len(h); !p.IsHidden(h) && end > at {
			inner = append(inner, h)
		}
	}
	return t, inner
}
