package match

import (
	"bytes"

	"keyrake/rules"
	"keyrake/scanner/match/lex"
)

// Matcher tries rules at anchors. It owns scratch memory and is not safe for
// concurrent use; make one for each worker.
type Matcher struct {
	prog *Program
	// mutable
	low     []byte // the window in lower case, for near words
	lowAt   [2]int
	spans   []int
	asg     assignment
	names   map[nameOf]bool // whether a name fits a rule, as decided before
	expired []*rules.Rule
}

// nameOf is a name that was put to the rule with this number.
type nameOf struct {
	rule int32
	name string
}

// maxNames bounds the memory of names. A history asks about the same few over
// and over, and each costs some microseconds to match.
const maxNames = 1 << 13

// NewMatcher returns a Matcher for p.
func (p *Program) NewMatcher() *Matcher { return &Matcher{prog: p, names: map[nameOf]bool{}} }

// Expired lists the rules whose expression ran out of time since the last
// call: what they would have found is not known.
func (m *Matcher) Expired() []*rules.Rule {
	e := m.expired
	m.expired = nil
	return e
}

// At appends the candidates of the rules that own anchor a in data.
func (m *Matcher) At(dst []Candidate, data []byte, a Anchor) []Candidate {
	p := m.prog
	n := len(p.keywords[a.Lit])
	start, end := int(a.Off), int(a.Off)+n
	m.asg.done = false
	m.lowAt = [2]int{-1, -1}
	for _, i := range p.owners[a.Lit] {
		r := &p.rules[i]
		if r.Kind == rules.Assignment && !m.asg.read(p, data, a) {
			continue
		}
		if err := r.compile(); err != nil {
			m.expired = append(m.expired, r.Rule) // cannot be: the rule was checked
			continue
		}
		c := Candidate{Rule: r.Rule, WindowLo: max(0, start-r.Before), WindowHi: min(len(data), end+r.After)}
		var ok bool
		if r.Kind == rules.Assignment {
			ok = m.assignment(i, data, &c)
		} else {
			ok = m.token(r, data, start, end, &c)
		}
		if ok && m.near(r.Rule, data, &c) {
			dst = append(dst, c)
		}
	}
	return dst
}

// assignment is what the lexer reads at an anchor, read once for all rules.
type assignment struct {
	done, ok bool
	lo       int
	lex.Assignment
}

// read tells whether an assignment stands at a.
func (s *assignment) read(p *Program, data []byte, a Anchor) bool {
	if !s.done {
		s.done = true
		lo, hi := p.Window(a, len(data))
		at := int(a.Off) - lo
		s.lo = lo
		s.Assignment, s.ok = lex.At(data[lo:hi:hi], at, at+len(p.keywords[a.Lit]))
		if s.ok && s.Cut && hi < len(data) && s.ValueEnd-s.ValueStart < longValue {
			s.ok = false
		}
	}
	return s.ok
}

// longValue is how many bytes of a value that the window cuts are enough to
// judge it by.
const longValue = 400

func (m *Matcher) assignment(number int32, data []byte, c *Candidate) bool {
	r, s := &m.prog.rules[number], &m.asg
	name := data[s.lo+s.NameStart : s.lo+s.NameEnd]
	value := data[s.lo+s.ValueStart : s.lo+s.ValueEnd]
	if s.lo+s.NameStart < c.WindowLo || s.lo+s.ValueEnd > c.WindowHi {
		return false
	}
	if r.name != nil && !m.named(number, name) {
		return false
	}
	spans := m.first(r, r.shape, value)
	if spans == nil || !c.take(spans, r.Secret, s.lo+s.ValueStart) {
		return false
	}
	c.NameStart, c.NameEnd = s.lo+s.NameStart, s.lo+s.NameEnd
	c.Quote, c.Call = s.Quote, s.Call
	return true
}

// named tells whether a name fits the rule with this number.
func (m *Matcher) named(number int32, name []byte) bool {
	if fits, known := m.names[nameOf{number, string(name)}]; known {
		return fits
	}
	if len(m.names) >= maxNames {
		clear(m.names)
	}
	r := &m.prog.rules[number]
	fits := m.first(r, r.name, name) != nil
	m.names[nameOf{number, string(name)}] = fits
	return fits
}

// token searches the rule's shape round the anchor; the match must cover it.
func (m *Matcher) token(r *compiled, data []byte, start, end int, c *Candidate) bool {
	if r.leading {
		spans := m.first(r, r.shape, data[start:c.WindowHi:c.WindowHi])
		return spans != nil && c.covers(spans, start, start, end) && c.take(spans, r.Secret, start) && c.bounded(data)
	}
	all, err := r.shape.all(data[c.WindowLo:c.WindowHi:c.WindowHi])
	if err != nil {
		m.expired = append(m.expired, r.Rule)
	}
	for _, spans := range all {
		if c.covers(spans, c.WindowLo, start, end) && c.take(spans, r.Secret, c.WindowLo) && c.bounded(data) {
			return true
		}
	}
	return false
}

// first returns the leftmost match; it is good until the next call.
func (m *Matcher) first(r *compiled, e engine, win []byte) []int {
	spans, err := e.first(m.spans[:0], win)
	if err != nil {
		m.expired = append(m.expired, r.Rule)
	}
	if spans != nil {
		m.spans = spans
	}
	return spans
}

// covers tells whether a match found in data[at:] holds data[start:end).
func (c *Candidate) covers(spans []int, at, start, end int) bool {
	return at+spans[0] <= start && end <= at+spans[1]
}

// bounded tells whether the match ends where the token does, as its rule asks.
func (c *Candidate) bounded(data []byte) bool {
	return bounded(data[c.WindowLo:c.WindowHi], c.MatchStart-c.WindowLo, c.MatchEnd-c.WindowLo, c.Rule.Boundary)
}

// take takes over a match that was found in data[at:].
func (c *Candidate) take(s []int, secret, at int) bool {
	g := 2 * secret
	if g+1 >= len(s) || s[g] < 0 || s[g] == s[g+1] {
		return false
	}
	c.MatchStart, c.MatchEnd = at+s[0], at+s[1]
	c.Start, c.End = at+s[g], at+s[g+1]
	return true
}

// near tells whether one of the rule's context words stands in its window.
func (m *Matcher) near(r *rules.Rule, data []byte, c *Candidate) bool {
	if len(r.Near) == 0 {
		return true
	}
	if at := [2]int{c.WindowLo, c.WindowHi}; at != m.lowAt {
		m.lowAt = at
		m.low = m.low[:0]
		for _, b := range data[c.WindowLo:c.WindowHi] {
			if 'A' <= b && b <= 'Z' {
				b |= 0x20
			}
			m.low = append(m.low, b)
		}
	}
	for _, w := range r.Near {
		if bytes.Contains(m.low, []byte(w)) {
			return true
		}
	}
	return false
}

// bounded tells whether a token ends where its match win[start:end) ends: the
// neighbouring bytes of the window must not continue it.
func bounded(win []byte, start, end int, b rules.Boundary) bool {
	left := b == rules.BoundaryBoth || b == rules.BoundaryLeft
	right := b == rules.BoundaryBoth || b == rules.BoundaryRight
	if left && start > 0 && continues(win[start-1]) && !escaped(win[:start]) {
		return false
	}
	return !right || end == len(win) || !continues(win[end])
}

func continues(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '_'
}

// escaped tells whether the last bytes of before spell an escape, so that the
// letter or digit before a token is not part of it: \n, \t, \r, \b, \f, %3D,
// \x3d, \u003d, \033.
func escaped(before []byte) bool {
	n := len(before)
	at := func(i int) byte {
		if i < 0 {
			return 0
		}
		return before[i]
	}
	hex := func(from int) bool {
		for _, b := range before[max(0, from):] {
			if !('0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'f') {
				return false
			}
		}
		return true
	}
	switch {
	case at(n-2) == '\\':
		return bytes.IndexByte([]byte("ntrbfv0"), at(n-1)) >= 0
	case at(n-3) == '%':
		return hex(n - 2)
	case at(n-4) == '\\' && at(n-3) == 'x':
		return hex(n - 2)
	case at(n-6) == '\\' && at(n-5) == 'u':
		return hex(n - 4)
	}
	return false
}
