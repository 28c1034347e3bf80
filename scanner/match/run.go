package match

import (
	"regexp/syntax"
	"unicode"
	"unicode/utf8"
)

// run is a row of bytes of one set, at least so many. Of a long one only every
// so manieth byte is looked at, where it is not there.
type run struct {
	set   [256]bool
	least int
}

// find gives where in data the first such row starts; -1 if there is none.
func (r *run) find(data []byte) int {
	for at := 0; at+r.least <= len(data); {
		last := at + r.least - 1
		for last >= at && r.set[data[last]] {
			last--
		}
		if last < at {
			return at
		}
		at = last + 1
	}
	return -1
}

// mayHold reports whether the run that every match of a Token rule holds stands in win. To
// look for it costs some nanoseconds; a keyword with nothing like a token behind it is
// common, and costs the expression some microseconds.
func (c *compiled) mayHold(win []byte) bool {
	return c.Backtrack || c.spared().run.find(win) >= 0
}

// runIn gives the longest run that every match of an expression holds. A run of
// no bytes stands everywhere.
func runIn(re *syntax.Regexp) (best run) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			best.add(c)
			for f := unicode.SimpleFold(c); re.Flags&syntax.FoldCase != 0 && f != c; f = unicode.SimpleFold(f) {
				best.add(f)
			}
		}
		best.least = len(re.Rune)
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for c := re.Rune[i]; c <= min(re.Rune[i+1], utf8.RuneSelf); c++ {
				best.add(c)
			}
			if re.Rune[i+1] >= utf8.RuneSelf {
				best.add(utf8.RuneSelf)
			}
		}
		best.least = 1
	case syntax.OpRepeat, syntax.OpPlus:
		least := 1
		if re.Op == syntax.OpRepeat {
			least = re.Min
		}
		if best = runIn(re.Sub[0]); re.Sub[0].Op == syntax.OpCharClass || least == 0 {
			best.least = least
		}
	case syntax.OpAlternate:
		best.least = -1
		for _, sub := range re.Sub {
			r := runIn(sub)
			for b := range r.set {
				best.set[b] = best.set[b] || r.set[b]
			}
			if best.least < 0 || r.least < best.least {
				best.least = r.least
			}
		}
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			if r := runIn(sub); r.least > best.least {
				best = r
			}
		}
	}
	return best
}

// add puts the bytes of a rune into the set. All that is not ASCII counts as one.
func (r *run) add(c rune) {
	if c < utf8.RuneSelf {
		r.set[c] = true
		return
	}
	for b := utf8.RuneSelf; b < len(r.set); b++ {
		r.set[b] = true
	}
}
