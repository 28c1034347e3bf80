package rules

import (
	"errors"
	"regexp/syntax"
	"strings"
)

// manyTimes is the repetition count from which a bounded quantifier is as bad
// as an unbounded one inside another.
const manyTimes = 10

var (
	errNested = errors.New("pattern repeats something that itself repeats, as in (a+)+: a backtracking engine takes exponential time; bound the inner or the outer quantifier")
	errChoice = errors.New("pattern repeats a choice whose branches can start alike, as in (a|a)*: a backtracking engine takes exponential time; make the branches start differently")
)

// lintBacktrack refuses the two shapes that make a backtracking engine
// exponential. It works on the text, because regexp/syntax simplifies exactly
// these shapes away. It may refuse a harmless pattern; it names the way out.
func lintBacktrack(s string) error {
	_, err := lintPart(s, false)
	return err
}

// lintPart reads one alternative or group body. It reports whether something in
// it repeats without a small bound.
func lintPart(s string, repeated bool) (repeats bool, err error) {
	branches := splitBranches(s)
	if repeated && len(branches) > 1 && startAlike(branches) {
		return false, errChoice
	}
	for _, b := range branches {
		for i := 0; i < len(b); {
			start, group := i, ""
			switch b[i] {
			case '\\':
				i = escapeEnd(b, i)
			case '[':
				i = classEnd(b, i)
			case '(':
				if i, err = groupEnd(b, i); err != nil {
					return false, err
				}
				group = groupBody(b[start:i])
			default:
				i++
			}
			many, next := quantifier(b, i)
			i = next
			inner, err := lintPart(group, many || repeated)
			if err != nil {
				return false, err
			}
			if inner && many {
				return false, errNested
			}
			repeats = repeats || many || inner
		}
	}
	return repeats, nil
}

// splitBranches cuts at the top-level bars.
func splitBranches(s string) []string {
	var out []string
	from := 0
	for i := 0; i < len(s); {
		switch s[i] {
		case '\\':
			i = escapeEnd(s, i)
			continue
		case '[':
			i = classEnd(s, i)
			continue
		case '(':
			if end, err := groupEnd(s, i); err == nil {
				i = end
				continue
			}
		case '|':
			out = append(out, s[from:i])
			from = i + 1
		}
		i++
	}
	return append(out, s[from:])
}

// groupBody returns what a group holds, without its parentheses and head.
func groupBody(g string) string {
	g = g[1 : len(g)-1]
	if !strings.HasPrefix(g, "?") {
		return g
	}
	switch {
	case hasAnyPrefix(g, "?<=", "?<!"):
		return g[3:]
	case hasAnyPrefix(g, "?=", "?!", "?>", "?:"):
		return g[2:]
	}
	if n := strings.IndexAny(g, ">:"); n >= 0 {
		return g[n+1:]
	}
	return ""
}

// quantifier reads the quantifier at s[i], if there is one, and reports whether
// it may repeat many times.
func quantifier(s string, i int) (many bool, next int) {
	if i >= len(s) {
		return false, i
	}
	switch s[i] {
	case '*', '+':
		return true, lazy(s, i+1)
	case '?':
		return false, lazy(s, i+1)
	case '{':
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			return false, i
		}
		low, high, two := strings.Cut(s[i+1:i+end], ",")
		if !two {
			return false, lazy(s, i+end+1) // exactly n times leaves no choice
		}
		return high == "" || number(high)-number(low) > manyTimes, lazy(s, i+end+1)
	}
	return false, i
}

func lazy(s string, i int) int {
	if i < len(s) && s[i] == '?' {
		return i + 1
	}
	return i
}

func number(s string) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 1<<20 {
			return 1 << 20
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// startAlike reports whether two branches can start with the same byte, or one
// can be empty.
func startAlike(branches []string) bool {
	var seen [256]bool
	for _, b := range branches {
		var p pattern
		plain, err := p.relax(b)
		if err != nil {
			return true
		}
		re, err := syntax.Parse(plain, syntax.Perl)
		if err != nil || matchesEmpty(re) {
			return true
		}
		var first [256]bool
		firstBytes(re, &first)
		for c := range first {
			if first[c] && seen[c] {
				return true
			}
			seen[c] = seen[c] || first[c]
		}
	}
	return false
}

// firstBytes marks the bytes that a non-empty match can start with; everything
// beyond ASCII counts as one.
func firstBytes(re *syntax.Regexp, first *[256]bool) {
	mark := func(lo, hi rune) {
		for c := lo; c <= min(hi, 128); c++ {
			first[c] = true
		}
		if hi >= 128 {
			first[128] = true
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		c := re.Rune[0]
		mark(c, c)
		if re.Flags&syntax.FoldCase != 0 && c < 128 {
			low := rune(strings.ToLower(string(c))[0])
			mark(low, low)
		}
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			mark(re.Rune[i], re.Rune[i+1])
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		mark(0, 128)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			firstBytes(sub, first)
			if !matchesEmpty(sub) {
				return
			}
		}
	default:
		for _, sub := range re.Sub {
			firstBytes(sub, first)
		}
	}
}
