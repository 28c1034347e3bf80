package match

import (
	"math"

	"keyrake/scanner/match/lex"
)

// Sight says how far round an anchor a decision looked, in steps: before it in the
// upper four bits, behind it in the lower. Most decisions end after a few bytes, so that a
// change within the whole reach of the rules matters to few.
type Sight uint8

// The least and the greatest sight.
const (
	Hem  Sight = 0    // nothing but what is right beside the keyword
	Wide Sight = 0xff // all that Program.Reach says
)

// steps are the distances that a Sight tells apart, in bytes.
var steps = [16]int32{max(hemReach, lex.HopelessReach), 24, 32, 40, 48, 64, 80, 96, 112, 128, 160, 192, 256, 384, farthest, everything}

const (
	farthest   = 512
	everything = math.MaxInt32
)

// stepOf is the least step of at least so many units of bytes.
var stepOf = func() (of [farthest/unit + 1]uint8) {
	for n := range of {
		for steps[of[n]] < int32(n*unit) {
			of[n]++
		}
	}
	return of
}()

const unit = 8

func step(n int) Sight {
	if n > farthest {
		return Sight(len(steps) - 1)
	}
	return Sight(stepOf[(max(0, n)+unit-1)/unit])
}

// Within is how far decisions about the anchors with number lit look at most, of
// those that Matcher.Looked says this of.
func (p *Program) Within(lit uint16, s Sight) Reach {
	r := p.Reach(lit)
	return Reach{min(r.Before, steps[s>>4]), min(r.After, steps[s&15])}
}

// Reach is how far before and behind the first byte of an anchor decisions look that
// this is said of, if they are not Wide.
func (s Sight) Reach() Reach { return reaches[s] }

var reaches = func() (of [int(Wide) + 1]Reach) {
	for s := range of {
		of[s] = Reach{steps[s>>4], min(steps[s&15], everything-maxKeyword) + maxKeyword}
	}
	return of
}()

// Looked says how far the last decision looked: At, and Rewrite if that was
// called. Whoever looks at more than what they gave has to take it as Wide. What
// found something is always Wide.
func (m *Matcher) Looked() Sight {
	if m.wide {
		return Wide
	}
	return step(m.start-m.from)<<4 | step(m.to-m.end)
}

// begin begins a decision about a.
func (m *Matcher) begin(a Anchor) {
	m.start, m.end = int(a.Off), int(a.Off)+len(m.prog.keywords[a.Lit])
	m.from, m.to, m.wide = m.start, m.end, false
}

// saw notes that data[from:to) was looked at.
func (m *Matcher) saw(from, to int) {
	m.from, m.to = min(m.from, from), max(m.to, to)
}

// sawOf notes what the lexer looked at of the window data[lo:hi).
func (m *Matcher) sawOf(s lex.Seen, lo, hi int) {
	if s.From < 0 || s.To > hi-lo {
		m.wide = true
	}
	m.saw(lo+s.From, lo+s.To)
}

// joins reports whether other literals are joined to the literal data[start:end) in
// the window data[lo:hi).
func (m *Matcher) joins(data []byte, start, end, lo, hi int) bool {
	m.saw(start, end)
	found, seen := lex.Joins(data[lo:hi:hi], start-lo, end-lo)
	m.sawOf(seen, lo, hi)
	return found
}
