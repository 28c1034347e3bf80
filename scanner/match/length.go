package match

import (
	"regexp/syntax"
	"sync"

	"keyrake/rules"
)

// lengths bounds the values that a rule for assignments takes. To compare a
// number costs less than to try the expression, and where no value of a length
// that fits comes up, that is not even compiled.
type lengths struct {
	once        sync.Once
	least, most int
}

// measures reports whether a value of n bytes may be one of the rule's.
func (c *compiled) measures(n int) bool {
	l := &c.lengths
	l.once.Do(func() {
		l.most = int(^uint(0) >> 1)
		if c.Backtrack {
			return
		}
		least, most, ok := rules.Lengths(c.Pattern)
		l.least = least
		if ok {
			l.most = most
		}
	})
	return l.least <= n && n <= l.most
}

// instructions is no less than how many instructions an expression has as a
// program. To tell takes a fraction of what it takes to make one.
func instructions(re *syntax.Regexp) int {
	n := 0
	for _, sub := range re.Sub {
		n += instructions(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpAlternate:
		return n + len(re.Sub)
	case syntax.OpCapture, syntax.OpConcat:
		return n + 2
	case syntax.OpRepeat: // x{2,4} is made xx(?:x(?:x)?)?
		return max(re.Min+1, re.Max)*(n+2) + 2
	}
	return n + 2
}
