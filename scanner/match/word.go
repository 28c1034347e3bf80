package match

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

// eitherWord lists texts in lower case of which every match of an expression
// holds one, whatever its case; nil if nothing can be said. To look for them
// costs less than the expression, which is not even compiled where none is.
func eitherWord(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		word := strings.ToLower(string(re.Rune))
		if strings.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
			return []string{word}
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if list := eitherWord(sub); shortest(list) > shortest(best) {
				best = list
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			list := eitherWord(sub)
			if list == nil {
				return nil
			}
			all = append(all, list...)
		}
		return all
	case syntax.OpCapture, syntax.OpPlus:
		return eitherWord(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return eitherWord(re.Sub[0])
		}
	}
	return nil
}

// maxSpelled bounds how many texts an expression is spelled out as.
const maxSpelled = 64

// spelled lists texts in lower case that an expression matches whatever their case,
// and reports whether these are all that it matches. Where one is found, or with all
// of them none, the expression need not be asked. The texts are ASCII: letters that
// are not may count as some that are.
func spelled(re *syntax.Regexp) (list []string, all bool) {
	switch re.Op {
	case syntax.OpLiteral:
		word := strings.ToLower(string(re.Rune))
		if letters := strings.ToUpper(word) != word; letters && re.Flags&syntax.FoldCase == 0 || strings.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			return nil, false
		}
		return []string{word}, true
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for c := re.Rune[i]; c <= re.Rune[i+1]; c++ {
				if len(list) == maxSpelled || c >= utf8.RuneSelf || unicode.IsLetter(c) {
					return nil, false
				}
				list = append(list, string(c))
			}
		}
		return list, true
	case syntax.OpEmptyMatch:
		return []string{""}, true
	case syntax.OpCapture:
		return spelled(re.Sub[0])
	case syntax.OpQuest:
		list, all = spelled(re.Sub[0])
		return append(list, ""), all
	case syntax.OpAlternate:
		all = true
		for _, sub := range re.Sub {
			more, ok := spelled(sub)
			list, all = append(list, more...), all && ok
		}
	case syntax.OpConcat:
		list, all = []string{""}, true
		for _, sub := range re.Sub {
			more, ok := spelled(sub)
			if len(list)*len(more) > maxSpelled {
				return nil, false
			}
			var longer []string
			for _, x := range list {
				for _, y := range more {
					longer = append(longer, x+y)
				}
			}
			list, all = longer, all && ok
		}
	}
	if len(list) > maxSpelled {
		return nil, false
	}
	return list, all
}

// shortest is the length of the shortest word, 0 if there is none.
func shortest(words []string) int {
	if len(words) == 0 {
		return 0
	}
	n := len(words[0])
	for _, w := range words {
		n = min(n, len(w))
	}
	return n
}
