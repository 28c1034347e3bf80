package match

import (
	"bytes"
	"regexp/syntax"
	"slices"
	"sync"
	"unicode/utf8"

	"keyrake/rules"
)

// WholeAnchor takes the place of the number of a keyword in what a search of a whole
// content found; no keyword has it.
const WholeAnchor = ^uint16(0)

// breadth is what a rule that is tried on whole contents can be spared.
type breadth struct {
	once   sync.Once
	inLine bool // no match leaves its line, so that each line can be tried by itself
	byLine bool // nor is a keyword asked for, which may stand in another
	run    run  // every match holds it
	most   int  // bytes that a match has at most; 0 if there is no such number, or it asks where the text ends
}

func (c *compiled) spared() *breadth {
	b := &c.breadth
	b.once.Do(func() {
		if tree, err := syntax.Parse(c.Pattern, syntax.Perl); err == nil {
			b.inLine, b.run = withinLine(tree), runIn(tree)
			b.byLine = b.inLine && len(c.Keywords) == 0
			if n, ok := rules.Longest(c.Pattern); ok && !atEnds(tree) {
				b.most = n
			}
		}
	})
	return b
}

// withinLine reports whether no match can hold a line feed, or depends on where
// the text starts or ends.
func withinLine(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return !slices.Contains(re.Rune, '\n')
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i] <= '\n' && '\n' <= re.Rune[i+1] {
				return false
			}
		}
	case syntax.OpAnyChar, syntax.OpBeginText, syntax.OpEndText:
		return false
	}
	return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !withinLine(sub) })
}

// atEnds reports whether an expression asks where the text starts or ends.
func atEnds(re *syntax.Regexp) bool {
	return re.Op == syntax.OpBeginText || re.Op == syntax.OpEndText || slices.ContainsFunc(re.Sub, atEnds)
}

// HasWhole reports whether some rules are tried on whole contents.
func (p *Program) HasWhole() bool { return len(p.table.Wholes) > 0 }

// WholeReach is how far from a match of Lines its decision looks.
func (p *Program) WholeReach() Reach { return p.table.WholeReach }

// Whole appends the candidates of the rules that are tried on whole contents.
// They depend on all of data.
func (m *Matcher) Whole(dst []Candidate, data []byte) []Candidate {
	return m.Across(m.Lines(dst, data, 0, len(data)), data)
}

// Lines appends those candidates that depend on nothing but their line and what
// is within WholeReach of them, of the lines data[lo:hi).
func (m *Matcher) Lines(dst []Candidate, data []byte, lo, hi int) []Candidate {
	m.lowAt = [2]int{-1, -1}
	for _, number := range m.prog.table.Wholes {
		if r := m.prog.rule(number); r.spared().byLine && m.takeFor(r, (hi-lo)>>quickShare) {
			dst = m.lines(dst, r, data, lo, hi)
		}
	}
	return dst
}

// lines tries the lines of data[lo:hi) that hold the run of a rule.
func (m *Matcher) lines(dst []Candidate, r *compiled, data []byte, lo, hi int) []Candidate {
	for at := lo; at < hi; {
		found := r.spared().run.find(data[at:hi])
		if found < 0 {
			break
		}
		from, to := lo+bytes.LastIndexByte(data[lo:at+found], '\n')+1, hi
		if nl := bytes.IndexByte(data[at+found:hi], '\n'); nl >= 0 {
			to = at + found + nl
		}
		dst = m.matches(dst, r, data, from, to)
		at = to + 1
	}
	return dst
}

// ByLine reports whether Lines finds what a rule finds.
func (m *Matcher) ByLine(r *rules.Rule) bool {
	i := slices.IndexFunc(m.prog.table.Wholes, func(n int32) bool { return m.prog.all[n] == r })
	return i >= 0 && m.prog.rule(m.prog.table.Wholes[i]).spared().byLine
}

// Across appends the candidates of Whole that Lines leaves out.
func (m *Matcher) Across(dst []Candidate, data []byte) []Candidate {
	m.lowAt = [2]int{-1, -1}
	var low []byte
	for _, number := range m.prog.table.Wholes {
		r := m.prog.rule(number)
		b := r.spared()
		if b.byLine || !m.takeFor(r, (1+len(r.Keywords))*len(data)>>quickShare) {
			continue
		}
		if len(r.Keywords) > 0 && low == nil {
			low = appendLower(m.wholeLow[:0], data)
			m.wholeLow = low
		}
		switch {
		case !holdsOne(low, r.Keywords):
		case b.inLine:
			dst = m.lines(dst, r, data, 0, len(data))
		case b.most > 0:
			dst = m.around(dst, r, data)
		case b.run.find(data) >= 0:
			dst = m.matches(dst, r, data, 0, len(data))
		}
	}
	return dst
}

// around tries the stretches of data that are near enough to a run for a match to
// hold it. Those that touch are one, so that each match lies in one with room on
// both sides, and what is cut off does not matter.
func (m *Matcher) around(dst []Candidate, r *compiled, data []byte) []Candidate {
	const room = 2 * utf8.UTFMax
	b := r.spared()
	reach := b.most + b.run.least + room
	for at := 0; ; {
		found := b.run.find(data[at:])
		if found < 0 {
			return dst
		}
		at += found
		lo, hi := max(0, at-reach), at
		for found >= 0 {
			hi = min(len(data), at+b.run.least+reach)
			at = min(len(data), at+max(1, b.run.least))
			if found = b.run.find(data[at:min(len(data), hi+reach)]); found >= 0 {
				at += found
			}
		}
		dst = m.matches(dst, r, data, lo, hi)
		at = hi
	}
}

// matches appends the candidates of a rule in data[from:to).
func (m *Matcher) matches(dst []Candidate, r *compiled, data []byte, from, to int) []Candidate {
	shape, err := r.shaped()
	var all [][]int
	if err == nil {
		all, err = m.each(r, shape, data[from:to:to])
	}
	if err != nil {
		m.expired = append(m.expired, r.Rule)
	}
	for _, spans := range all {
		c := Candidate{Rule: r.Rule, WindowLo: max(0, from+spans[0]-r.Before), WindowHi: min(len(data), from+spans[1]+r.After)}
		if c.take(spans, r.Secret, from) && c.bounded(data) && m.context(r, data, &c) {
			m.takeFor(r, candidateSteps)
			dst = append(dst, c)
		}
	}
	return dst
}

// holdsOne reports whether one of the words stands in low; true if there are none.
func holdsOne(low []byte, words []string) bool {
	return len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(low, []byte(w)) })
}
