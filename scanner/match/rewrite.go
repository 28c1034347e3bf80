package match

import (
	"fmt"
	"slices"
	"strings"

	"keyrake/scanner/match/decode"
	"keyrake/scanner/match/lex"
)

// joinRoom is how much farther than its token a rule's keyword reaches, in
// bytes, so that a token in several literals is seen whole.
const joinRoom = 96

// maxLiteral is how far behind a keyword its literal may end, in bytes.
const maxLiteral = 128

// escapeNear is how near to a keyword an escape stands that is worth reading.
const (
	escapeBefore = 8
	escapeAfter  = 64
)

// Rewritten is the text round an anchor as it reads once a value that is
// written in another way is put in plain.
type Rewritten struct {
	decode.Text
	Lo, Hi   int      // what of the text was rewritten
	Anchors  []Anchor // to be decided in the text
	How      string   // what was done, for a report
	From, To int      // what of the data was put in plain, an empty span if escapes were read
	Decoded  bool     // it is text in another form, and so its encoded form is no random value; of base64 the judge sees that itself
}

// Rewrite appends the readings of the window of a in which a literal in pieces
// is joined, a value in base64 or hexadecimal digits is decoded, or escapes are
// read; the last only if nothing was found without. It has to be called right
// after At and Quiet with the same anchor, and looks at nothing beyond the anchor's window.
func (m *Matcher) Rewrite(dst []Rewritten, data []byte, a Anchor, found bool) []Rewritten {
	p := m.prog
	old := len(dst)
	lo, hi := p.window(a, len(data))
	if m.read.ok {
		if r, ok := m.plainValue(data, lo, hi); ok {
			dst = append(dst, p.within(r, a, lo))
		}
	} else if len(p.tokens(a.Lit)) > 0 {
		if r, ok := m.joinedToken(data, int(a.Off), int(a.Off)+p.Len(a), lo, hi); ok {
			dst = append(dst, p.within(r, a, lo))
		}
	}
	// What a URL escapes in its parts is no syntax of the URL.
	percent := !strings.HasSuffix(p.keywords[a.Lit], "://")
	off := int(a.Off)
	from, to := max(lo, off-escapeBefore), min(hi, off+p.Len(a)+escapeAfter)
	m.saw(from, min(hi, to+decode.MaxEscape))
	if !found && decode.Escaped(data[:hi], from, to, percent) {
		t, at := decode.Unescape(m.room(), data, lo, off, hi, percent)
		dst = append(dst, Rewritten{Text: t, Hi: len(t.Bytes), Anchors: []Anchor{{Off: int32(at), Lit: a.Lit}}, How: escapesRead})
	}
	if len(dst) > old {
		m.wide = true
		if p.foreign != nil && p.foreign[a.Lit].each > 0 {
			for i := range dst[old:] {
				m.take(int64(len(dst[old+i].Bytes)))
			}
		}
	}
	return dst
}

// room is an empty text, in the room of one that was given back if there is one.
func (m *Matcher) room() (t decode.Text) {
	if last := len(m.texts) - 1; last >= 0 {
		t, m.texts = m.texts[last], m.texts[:last]
	}
	return t
}

// Done gives back a text of Hidden or Rewrite, of which nothing is used any more.
func (m *Matcher) Done(t *decode.Text) { m.texts = append(m.texts, t.Empty()) }

// Quiet reports whether nothing of what the decision about a looked at can read in
// another way, so that Rewrite need not be called: it read nothing, no escape begins
// in what it looked at, and that does not end in a quote behind a token's keyword.
func (m *Matcher) Quiet(data []byte, a Anchor) bool {
	p := m.prog
	if strings.HasPrefix(p.keywords[a.Lit], "http") {
		return true // addresses are everywhere, and passwords in them hardly ever in pieces
	}
	if m.wide || m.read.ok {
		return m.void // else nothing that is found counts
	}
	token := len(p.tokens(a.Lit)) > 0
	if m.from == m.start && m.to == m.end { // nothing but the hem
		behind := data[m.end:]
		if !holds(behind[:min(len(behind), quietReach)], token) {
			return true
		}
	}
	m.saw(max(0, m.from-decode.MaxEscape), max(m.to, min(len(data), m.end+quietReach)))
	if token {
		m.saw(m.from, max(m.to, min(len(data), m.end+nearAfter)))
		to := slices.IndexFunc(data[m.end:m.to], func(c byte) bool { return ends[c] != 0 })
		if to < 0 || ends[data[m.end+to]] == endQuote {
			return false
		}
	}
	return !decode.MayEscape(data[m.from:m.to])
}

// holds reports whether behind has what begins an escape of an address or of HTML or, behind
// a token's keyword, a quote.
func holds(behind []byte, token bool) bool {
	for _, c := range behind {
		if c == '%' || c == '&' || token && ends[c] == endQuote {
			return true
		}
	}
	return false
}

const (
	quietReach = 16
	nearAfter  = 32
)

// within adds the anchors that are to be decided in r: a itself, which stands
// before what was rewritten, and those inside.
func (p *Program) within(r Rewritten, a Anchor, lo int) Rewritten {
	r.Anchors = append(r.Anchors, Anchor{Off: a.Off - int32(lo), Lit: a.Lit})
	for _, h := range p.anchors(nil, r.Bytes, r.Lo, r.Hi, MaxDepth-1) {
		if h != r.Anchors[0] {
			r.Anchors = append(r.Anchors, h)
		}
	}
	return r
}

// plainValue joins and decodes the value of the assignment at hand.
func (m *Matcher) plainValue(data []byte, lo, hi int) (r Rewritten, ok bool) {
	s := &m.read
	from, to := s.lo+s.ValueStart, s.lo+s.ValueEnd
	if s.lo != lo || from >= hi {
		return r, false
	}
	value, end := data[from:to], to
	var room [4]lex.Span
	if s.Quote != 0 && m.joins(data, from, to, lo, hi) {
		pieces, glue := lex.Pieces(room[:0], data[lo:hi:hi], s.ValueStart, s.ValueEnd)
		r = m.joined(data, pieces, glue, from, to, lo, hi)
		value, end = r.Bytes[r.Lo:r.Hi], lo+pieces[len(pieces)-1].End
		ok = true
	}
	text, scheme, encoded := decode.Value(value)
	if !encoded {
		return r, ok
	}
	how := "read out of " + scheme.String()
	if ok {
		how = r.How + ", then " + how
	}
	r = Rewritten{Text: m.room(), How: how, Lo: from - lo, From: from, To: end, Decoded: scheme != decode.Base64}
	r.Copy(data, lo, from)
	r.Replace(text, from, end)
	r.Hi = len(r.Bytes)
	r.Copy(data, end, hi)
	return r, true
}

// joined is data[lo:hi) with what goes on from data[to] on in pieces, which are
// offsets from lo, put right behind data[from:to).
func (m *Matcher) joined(data []byte, pieces []lex.Span, glue []byte, from, to, lo, hi int) Rewritten {
	r := Rewritten{Text: m.room(), Lo: from - lo, From: from, How: fmt.Sprintf("joined from %d literals", len(pieces)+1)}
	r.Copy(data, lo, to)
	end := to
	for _, s := range pieces {
		r.Replace(glue, end, lo+s.Start)
		r.Copy(data, lo+s.Start, lo+s.End)
		end = lo + s.End
	}
	r.Hi, r.To = len(r.Bytes), end
	r.Copy(data, end, hi)
	return r
}

// joinedToken joins the literal that the keyword data[from:end) of a token
// stands in with those that follow.
func (m *Matcher) joinedToken(data []byte, from, end, lo, hi int) (r Rewritten, ok bool) {
	to := end
	for ; to < min(hi, end+maxLiteral) && ends[data[to]] == 0; to++ {
	}
	m.saw(from, min(hi, to+1))
	if to >= hi || ends[data[to]]&endQuote == 0 {
		return r, false
	}
	for to > end && data[to-1] == '\\' {
		to--
	}
	start := from
	for start > max(lo, from-maxLiteral) && ends[data[start-1]] == 0 {
		start--
	}
	m.saw(max(lo, start-1), to)
	if !m.joins(data, start, to, lo, hi) {
		return r, false
	}
	var room [4]lex.Span
	pieces, glue := lex.Pieces(room[:0], data[lo:hi:hi], start-lo, to-lo)
	return m.joined(data, pieces, glue, from, to, lo, hi), true
}

// What ends a token in a literal: a quote, or a byte that tokens do not hold.
const (
	endQuote = 1 << iota
	endOther
)

var ends = func() (t [256]uint8) {
	for _, c := range []byte("\"'`") {
		t[c] = endQuote
	}
	for _, c := range []byte(" \t\r\n<>(),;\x00") {
		t[c] = endOther
	}
	return t
}()
