package match

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// minWord is the least length of a word that is worth looking for.
const minWord = 4

// neededWord returns the longest text that every match of an expression holds,
// besides its keywords, or "". To look for it costs nanoseconds; to search the
// window of a far-reaching rule takes its expression up to a millisecond.
func neededWord(re *syntax.Regexp, keywords []string) string {
	best := ""
	for _, w := range neededWords(re) {
		known := func(k string) bool { return strings.Contains(k, strings.ToLower(w)) }
		if len(w) > len(best) && len(w) >= minWord && !slices.ContainsFunc(keywords, known) {
			best = w
		}
	}
	return best
}

// neededWords lists texts that every match of an expression holds.
func neededWords(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []string{string(re.Rune)}
		}
	case syntax.OpConcat:
		var list []string
		for _, sub := range re.Sub {
			list = append(list, neededWords(sub)...)
		}
		return list
	case syntax.OpAlternate:
		list := neededWords(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			other := neededWords(sub)
			list = slices.DeleteFunc(list, func(w string) bool { return !slices.Contains(other, w) })
		}
		return list
	case syntax.OpCapture, syntax.OpPlus:
		return neededWords(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return neededWords(re.Sub[0])
		}
	}
	return nil
}
