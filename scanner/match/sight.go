package match

import (
	"keyrake/scanner/match/decode"
	"keyrake/scanner/match/lex"
)

// Sight says how far round an anchor a decision looked. Most end after a few
// bytes, so that a change within the whole reach of the rules matters to few.
type Sight uint8

// The sights, each of which holds the ones before.
const (
	Hem   Sight = iota // nothing but what stands right beside the keyword
	Near               // a few words more, which mostly tell that nothing is assigned
	Close              // what an assignment of usual length takes
	Wide               // all that Program.Reach says
)

// What Near and Close take, in bytes. An escape that begins before what the lexer
// is shown at Near would still change it.
const (
	nearBefore  = 16 + decode.MaxEscape
	nearAfter   = 32
	closeBefore = 96
	closeAfter  = 144
)

// Within is how far decisions about the anchors with number lit look at most, of
// those that Matcher.Looked says this of.
func (p *Program) Within(lit uint16, s Sight) Reach {
	const hem = max(hemReach, lex.HopelessReach)
	r := p.Reach(lit)
	switch s {
	case Hem:
		return Reach{min(r.Before, hem), min(r.After, hem)}
	case Near:
		return Reach{min(r.Before, nearBefore), min(r.After, nearAfter)}
	case Close:
		return Reach{min(r.Before, closeBefore), min(r.After, closeAfter)}
	}
	return r
}

// Looked tells how far the last decision looked: At, and Rewrite if that was
// called. Whoever looks at more than what they gave has to take it as Wide. What
// found something is always Wide.
func (m *Matcher) Looked() Sight { return m.looked }

// begin begins a decision about a in data of n bytes.
func (m *Matcher) begin(a Anchor, n int) {
	r := m.prog.table.Reach[a.Lit]
	start, end := int(a.Off), int(a.Off)+len(m.prog.keywords[a.Lit])
	m.looked = Hem
	m.near = [2]int{max(0, start-min(int(r.Before), nearBefore)), min(n, end+min(int(r.After), nearAfter))}
	m.close = [2]int{max(0, start-min(int(r.Before), closeBefore)), min(n, end+min(int(r.After), closeAfter))}
}

// saw notes that data[from:to) was looked at.
func (m *Matcher) saw(from, to int) {
	switch {
	case m.near[0] <= from && to <= m.near[1]:
		m.looked = max(m.looked, Near)
	case m.close[0] <= from && to <= m.close[1]:
		m.looked = max(m.looked, Close)
	default:
		m.looked = Wide
	}
}

// joins tells whether other literals are joined to the literal data[start:end) in
// the window data[lo:hi).
func (m *Matcher) joins(data []byte, start, end, lo, hi int) bool {
	nearLo, nearHi := m.close[0], m.close[1]
	m.saw(start, end)
	if nearLo <= start && end <= nearHi {
		found, enough := lex.Joins(data[nearLo:nearHi:nearHi], start-nearLo, end-nearLo)
		if enough || nearLo == lo && nearHi == hi {
			return found
		}
	}
	m.looked = Wide
	found, _ := lex.Joins(data[lo:hi:hi], start-lo, end-lo)
	return found
}
