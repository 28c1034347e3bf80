package rules

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The numbers behind a rule's reach, in bytes.
const (
	reachCeiling     = 64 << 10 // no decision may depend on bytes farther away
	reachMargin      = 16       // for boundaries and what stands right beside a match
	reachLine        = 96       // what judge reads of the line before a match
	reachNear        = 400      // where Near is looked for
	reachNameBefore  = 160      // of an assignment: the rest of the name and the call round it
	reachValueAfter  = 512      // of an assignment: the rest of the name, the operator and the value
	reachValueMargin = 160      // of an assignment: what may stand between keyword and value
)

// errUnbounded says that a pattern can match without an upper limit.
var errUnbounded = errors.New("the pattern has no longest match: bound its quantifiers or declare reach: {before: N, after: N}")

// Reach computes how many bytes on each side of an anchor a rule's decision can
// depend on. Let max be the length of the longest match of Pattern in bytes.
//
//	Token, Pattern starts with its keyword:  Before = 96              After = max + 16
//	Token, otherwise:                        Before = max(96, max+16) After = max + 16
//	Assignment:                              Before = 160             After = max(512, max + 160)
//	Whole:                                   Before = 400             After = 400
//
// With Near, both are at least 400. Patterns that look around add the longest
// text they look at to max. An endless Pattern is an error: its reach has to be
// declared.
func Reach(r *Rule) (before, after int, err error) {
	p, err := parsePattern(r)
	if err != nil {
		return 0, 0, err
	}
	return reachOf(r, p)
}

func reachOf(r *Rule, p *pattern) (before, after int, err error) {
	if r.Whole {
		return reachNear, reachNear, nil
	}
	n, ok := p.maxLen()
	if !ok {
		return 0, 0, errUnbounded
	}
	switch {
	case r.Kind == Assignment:
		before, after = reachNameBefore, max(reachValueAfter, n+reachValueMargin)
	case startsWithKeyword(p.re, r.Keywords):
		before, after = reachLine, n+reachMargin
	default:
		before, after = max(reachLine, n+reachMargin), n+reachMargin
	}
	if len(r.Near) > 0 {
		before, after = max(before, reachNear), max(after, reachNear)
	}
	if m := max(before, after); m > reachCeiling {
		return 0, 0, fmt.Errorf("the pattern reaches %d bytes, more than the ceiling of %d: bound it tighter", m, reachCeiling)
	}
	return before, after, nil
}

// Longest gives the length of the longest match of a pattern in RE2 syntax, in
// bytes; ok is false if there is none.
func Longest(pattern string) (n int, ok bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, false
	}
	return maxLen(re)
}

// Lengths gives bounds for the length of the matches of a pattern in RE2 syntax, in
// bytes: there are none shorter than least, and if ok none longer than most.
func Lengths(pattern string) (least, most int, ok bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, 0, false
	}
	most, ok = maxLen(re)
	return minRunes(re), most, ok
}

// minRunes is how many runes a match has at least.
func minRunes(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		sum := 0
		for _, sub := range re.Sub {
			sum += minRunes(sub)
		}
		return sum
	case syntax.OpRepeat:
		return re.Min * minRunes(re.Sub[0])
	case syntax.OpAlternate:
		least := minRunes(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			least = min(least, minRunes(sub))
		}
		return least
	}
	return 0
}

// maxLen returns the length of the longest match in bytes, and whether there is
// one.
func maxLen(re *syntax.Regexp) (int, bool) {
	switch re.Op {
	case syntax.OpLiteral:
		n := 0
		for _, c := range re.Rune {
			n += widest(c, re.Flags&syntax.FoldCase != 0)
		}
		return n, true
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			return 0, true
		}
		return utf8.RuneLen(re.Rune[len(re.Rune)-1]), true
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return utf8.UTFMax, true
	case syntax.OpStar, syntax.OpPlus:
		n, ok := maxLen(re.Sub[0])
		return 0, ok && n == 0
	case syntax.OpRepeat:
		n, ok := maxLen(re.Sub[0])
		if !ok || re.Max < 0 && n > 0 {
			return 0, false
		}
		return n * max(re.Max, 0), true
	case syntax.OpAlternate:
		most := 0
		for _, sub := range re.Sub {
			n, ok := maxLen(sub)
			if !ok {
				return 0, false
			}
			most = max(most, n)
		}
		return most, true
	}
	sum := 0
	for _, sub := range re.Sub { // concatenation, capture, ?; the rest is empty
		n, ok := maxLen(sub)
		if !ok {
			return 0, false
		}
		sum += n
	}
	return sum, true
}

func widest(c rune, fold bool) int {
	n := utf8.RuneLen(c)
	if fold {
		for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
			n = max(n, utf8.RuneLen(f))
		}
	}
	return n
}

// Limits of the keyword analysis: how many literal strings it follows, and how
// many steps it takes before it gives up.
const (
	maxSet   = 512
	maxSteps = 2000
)

// startsWithKeyword reports whether every match is known to start with one of
// the keywords, letter case aside. It may err towards false.
func startsWithKeyword(re *syntax.Regexp, keywords []string) bool {
	h := holder{keywords: keywords, has: strings.HasPrefix, steps: maxSteps}
	return h.holds([]string{""}, flatten(re))
}

// mustContain reports whether every match is known to hold one of the
// keywords, letter case aside. It may err towards false.
func mustContain(re *syntax.Regexp, keywords []string) bool {
	h := holder{keywords: keywords, has: strings.Contains, inside: true, steps: maxSteps}
	return h.holds([]string{""}, flatten(re))
}

// holder looks for a keyword in everything that a pattern can match.
type holder struct {
	keywords []string
	has      func(text, keyword string) bool
	inside   bool // the keyword may stand behind parts that are not literal
	steps    int  // left to take
}

// holds reports whether all texts made of one string of run and what parts
// match hold a keyword.
func (h *holder) holds(run []string, parts []*syntax.Regexp) bool {
	if h.steps--; h.steps < 0 {
		return false
	}
	if everyHas(run, h.keywords, h.has) {
		return true
	}
	if len(parts) == 0 {
		return false
	}
	part, rest := parts[0], parts[1:]
	if exact, ok := exactSet(part); ok && len(run)*len(exact) <= maxSet {
		return h.holds(cross(run, exact), rest)
	}
	switch part.Op {
	case syntax.OpAlternate:
		return allSubs(part, func(branch *syntax.Regexp) bool {
			return h.holds(run, slices.Concat(flatten(branch), rest))
		})
	case syntax.OpQuest:
		return h.holds(run, rest) && h.holds(run, slices.Concat(flatten(part.Sub[0]), rest))
	}
	if !h.inside {
		return false
	}
	once := part.Op == syntax.OpPlus || part.Op == syntax.OpRepeat && part.Min > 0
	return once && h.holds([]string{""}, flatten(part.Sub[0])) || h.holds([]string{""}, rest)
}

// flatten returns the parts of a concatenation, with captures opened.
func flatten(re *syntax.Regexp) []*syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		return flatten(re.Sub[0])
	case syntax.OpConcat:
		var parts []*syntax.Regexp
		for _, sub := range re.Sub {
			parts = append(parts, flatten(sub)...)
		}
		return parts
	}
	return []*syntax.Regexp{re}
}

// exactSet returns all strings that an expression matches, in lower case, if
// they are few.
func exactSet(re *syntax.Regexp) ([]string, bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(re.Rune))}, true
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []string{""}, true
	case syntax.OpCharClass:
		var set []string
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i+1]-re.Rune[i] > 64 {
				return nil, false
			}
			for c := re.Rune[i]; c <= re.Rune[i+1]; c++ {
				set = append(set, strings.ToLower(string(c)))
			}
		}
		return set, len(set) <= 64
	case syntax.OpCapture:
		return exactSet(re.Sub[0])
	case syntax.OpQuest:
		set, ok := exactSet(re.Sub[0])
		return append([]string{""}, set...), ok
	case syntax.OpAlternate:
		var union []string
		for _, sub := range re.Sub {
			set, ok := exactSet(sub)
			if !ok || len(union)+len(set) > maxSet {
				return nil, false
			}
			union = append(union, set...)
		}
		return union, true
	case syntax.OpConcat:
		set := []string{""}
		for _, sub := range re.Sub {
			next, ok := exactSet(sub)
			if !ok || len(set)*len(next) > maxSet {
				return nil, false
			}
			set = cross(set, next)
		}
		return set, true
	}
	return nil, false
}

func cross(a, b []string) []string {
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

func everyHas(set, keywords []string, has func(s, keyword string) bool) bool {
	for _, s := range set {
		found := false
		for _, k := range keywords {
			found = found || has(s, k)
		}
		if !found {
			return false
		}
	}
	return len(set) > 0
}

func allSubs(re *syntax.Regexp, ok func(*syntax.Regexp) bool) bool {
	for _, sub := range re.Sub {
		if !ok(sub) {
			return false
		}
	}
	return len(re.Sub) > 0
}
