package match

import (
	"bytes"

	"keyrake/rules"
	"keyrake/scanner/match/decode"
	"keyrake/scanner/match/lex"
)

// Matcher tries rules at anchors. It owns scratch memory and is not safe for
// concurrent use; make one for each worker.
type Matcher struct {
	prog *Program
	// mutable
	low        []byte // the window in lower case, for near words
	lowAt      [2]int
	lowName    []byte // the name at hand in lower case
	spans      []int
	names      map[nameOf]fits
	expired    []*rules.Rule
	read       reading       // what the lexer read at the last anchor
	texts      []decode.Text // for Hidden and Rewrite
	wholeLow   []byte        // a whole content in lower case, for the keywords of whole rules
	start, end int           // of the last anchor
	from, to   int           // what of the data the last decision looked at
	wide       bool          // it looked at all
	budget     budget
	free       bool       // names are matched for all that come, and cost nobody anything
	own        int64      // steps of foreign rules that the allowance does not know of yet
	allowance  *Allowance // nil allows anything
	void       bool       // too much was spent, and nothing is made of what is found
}

// nameOf is a name that holds the keyword with this number.
type nameOf struct {
	lit  uint16
	name string
}

// fits has a bit for each of a keyword's Assignment rules, the first ones: a
// name fits it.
type fits uint64

const maxFits = 64

// maxNames bounds the memory of names. A history asks about the same few over
// and over, and each costs some microseconds to match with every rule.
const maxNames = 1 << 13

// NewMatcher returns a Matcher for p.
func (p *Program) NewMatcher() *Matcher { return &Matcher{prog: p, names: map[nameOf]fits{}} }

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
	m.read.ok = false
	if p.IsHidden(a) {
		m.wide = true
		return dst
	}
	if p.foreign != nil {
		if m.take(p.foreign[a.Lit].each); m.void {
			m.wide = true // nothing was examined, so assume the whole window
			return dst
		}
	}
	start, end := int(a.Off), int(a.Off)+len(p.keywords[a.Lit])
	m.lowAt = [2]int{-1, -1}
	m.begin(a)
	for _, o := range p.tokens(a.Lit) {
		r := p.rule(o.Rule)
		c := p.candidate(o.Rule, data, start, end)
		win := data[c.WindowLo:c.WindowHi]
		if !r.hem(int(o.Keyword)).fits(win, start-c.WindowLo, end-c.WindowLo) || !m.begins(r, win, start-c.WindowLo, &c) {
			continue
		}
		m.wide = true
		// Words are cheaper to look for than a token.
		if (r.word == "" || bytes.Contains(win, []byte(r.word))) && m.context(r, data, &c) && m.token(r, data, start, end, &c) {
			m.takeFor(r, candidateSteps)
			dst = append(dst, c)
		}
	}
	if len(p.assigned(a.Lit)) > 0 {
		dst = m.assignments(dst, data, a)
	}
	return dst
}

// begins reports whether a token of rule r may begin at win[at:], as far as can be
// told without looking at all of the window.
func (m *Matcher) begins(r *compiled, win []byte, at int, c *Candidate) bool {
	if !m.afford(r, len(win)) {
		m.wide = true
		return false
	}
	if r.word != "" || !r.isLeading() {
		return true
	}
	e, err := r.shaped()
	s, ok := e.(*sequence)
	if err != nil || !ok {
		return true
	}
	matches, read := s.look(win[at:])
	m.saw(c.WindowLo+at, c.WindowLo+at+read)
	return matches
}

// reading is what the lexer read in the window that begins at lo.
type reading struct {
	ok bool
	lo int
	lex.Assignment
}

// candidate begins a candidate of the rule with this number.
func (p *Program) candidate(rule int32, data []byte, start, end int) Candidate {
	r := p.all[rule]
	return Candidate{Rule: r, WindowLo: max(0, start-r.Before), WindowHi: min(len(data), end+r.After)}
}

// assignments appends the candidates of the rules for assignments.
func (m *Matcher) assignments(dst []Candidate, data []byte, a Anchor) []Candidate {
	p := m.prog
	start, end := int(a.Off), int(a.Off)+len(p.keywords[a.Lit])
	lo, hi := p.window(a, len(data))
	if lex.Hopeless(data[end:min(hi, end+lex.HopelessReach)]) {
		return dst
	}
	if !m.affordAll(p.assigned(a.Lit), hi-lo) {
		m.wide = true
		return dst
	}
	s, ok := m.lex(data, start, end, lo, hi)
	if !ok || s.Cut && hi < len(data) && s.ValueEnd-s.ValueStart < longValue {
		return dst
	}
	m.read = reading{true, lo, s}
	var known fits
	asked := false
	for k, number := range p.assigned(a.Lit) {
		c := p.candidate(number, data, start, end)
		if lo+min(s.NameStart, s.ValueStart) < c.WindowLo || lo+max(s.NameEnd, s.ValueEnd) > c.WindowHi {
			continue
		}
		r := p.rule(number)
		if !r.measures(s.ValueEnd - s.ValueStart) { // most values are of no length that fits, and a name costs more
			continue
		}
		name := data[lo+s.NameStart : lo+s.NameEnd]
		if k < maxFits && !asked {
			known, asked = m.fitting(a.Lit, name), true
		}
		if k < maxFits && known>>k&1 == 0 || k >= maxFits && !m.named(r, name) {
			continue
		}
		spans := m.first(r, data[lo+s.ValueStart:lo+s.ValueEnd])
		if spans == nil || !c.take(spans, r.Secret, lo+s.ValueStart) || !m.context(r, data, &c) {
			continue
		}
		c.NameStart, c.NameEnd = lo+s.NameStart, lo+s.NameEnd
		c.Quote, c.Call = s.Quote, s.Call
		m.wide = true // as the judge will
		m.takeFor(r, candidateSteps)
		dst = append(dst, c)
	}
	return dst
}

// lex reads the assignment at data[start:end) in the window data[lo:hi).
func (m *Matcher) lex(data []byte, start, end, lo, hi int) (lex.Assignment, bool) {
	s, seen, ok := lex.Look(data[lo:hi:hi], start-lo, end-lo)
	m.sawOf(seen, lo, hi)
	return s, ok
}

// longValue is how many bytes of a value that the window cuts are enough to
// judge it by.
const longValue = 400

// fitting says which of a keyword's rules a name fits.
func (m *Matcher) fitting(lit uint16, name []byte) fits {
	if p := m.prog; p.foreign != nil { // whether the name is known already depends on what this worker read
		m.take(p.foreign[lit].name * int64(len(name)))
	}
	if known, ok := m.names[nameOf{lit, string(name)}]; ok {
		return known
	}
	if len(m.names) >= maxNames {
		clear(m.names)
	}
	m.free = true
	defer func() { m.free = false }()
	var all fits
	for k, number := range m.prog.assigned(lit) {
		if k < maxFits && m.named(m.prog.rule(number), name) {
			all |= 1 << k
		}
	}
	m.names[nameOf{lit, string(name)}] = all
	return all
}

// named reports whether a name fits a rule.
func (m *Matcher) named(r *compiled, name []byte) bool {
	if r.Name == "" {
		return true
	}
	m.lowName = appendLower(m.lowName[:0], name)
	if fits, sure := r.fitsByWords(m.lowName); sure {
		return fits
	}
	e, err := r.named()
	return m.leftmost(r, e, err, name) != nil
}

// token searches the rule's shape round the anchor; the match must cover it.
func (m *Matcher) token(r *compiled, data []byte, start, end int, c *Candidate) bool {
	lo, hi := r.hems.stretch(data[c.WindowLo:c.WindowHi], start-c.WindowLo, end-c.WindowLo)
	lo, hi = c.WindowLo+lo, c.WindowLo+hi
	if !r.mayHold(data[lo:hi]) {
		return false
	}
	if r.isLeading() {
		spans := m.first(r, data[start:hi:hi])
		return spans != nil && c.covers(spans, start, start, end) && c.take(spans, r.Secret, start) && c.bounded(data)
	}
	shape, err := r.shaped()
	if err != nil {
		m.expired = append(m.expired, r.Rule) // cannot be: the rule was checked
		return false
	}
	holds := func(spans []int) bool {
		return c.covers(spans, lo, start, end) && c.take(spans, r.Secret, lo) && c.bounded(data)
	}
	found, err := m.runAll(r, shape, data[lo:hi:hi], holds)
	if err != nil {
		m.expired = append(m.expired, r.Rule)
	}
	return found
}

// first returns the leftmost match of a rule's shape; it is good until the next
// call.
func (m *Matcher) first(r *compiled, win []byte) []int {
	e, err := r.shaped()
	return m.leftmost(r, e, err, win)
}

func (m *Matcher) leftmost(r *compiled, e engine, err error, win []byte) (spans []int) {
	if err == nil {
		spans, err = m.run(r, e, win)
	}
	if err != nil {
		m.expired = append(m.expired, r.Rule)
	}
	if spans != nil {
		m.spans = spans
	}
	return spans
}

// covers reports whether a match found in data[at:] holds data[start:end).
func (c *Candidate) covers(spans []int, at, start, end int) bool {
	return at+spans[0] <= start && end <= at+spans[1]
}

// bounded reports whether the match ends where the token does, as its rule asks.
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

// context reports whether one of the rule's context words stands in its window.
func (m *Matcher) context(r *compiled, data []byte, c *Candidate) bool {
	if len(r.Near) == 0 {
		return true
	}
	m.takeFor(r, (1+len(r.Near))*(c.WindowHi-c.WindowLo)>>quickShare)
	m.wide = true
	if at := [2]int{c.WindowLo, c.WindowHi}; at != m.lowAt {
		m.lowAt = at
		m.low = appendLower(m.low[:0], data[c.WindowLo:c.WindowHi])
	}
	for _, w := range r.Near {
		if bytes.Contains(m.low, []byte(w)) {
			return true
		}
	}
	return false
}

// appendLower appends text with its ASCII letters in lower case.
func appendLower(dst, text []byte) []byte {
	for _, b := range text {
		if 'A' <= b && b <= 'Z' {
			b |= 0x20
		}
		dst = append(dst, b)
	}
	return dst
}
