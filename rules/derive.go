package rules

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// The bounds of derived keywords.
const (
	maxDerivedWords = 96 // more of them would slow every scan
	wordShown       = 24 // bytes of a literal that a keyword keeps
)

// Keywords derives keywords from a pattern in RE2 syntax: literal texts of
// which every match holds one. ok is false if the pattern has none that are long
// enough, or too many.
func Keywords(pattern string) (words []string, ok bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, false
	}
	d := deriver{steps: maxSteps}
	words = d.best(flatten(re))
	if len(words) == 0 || !mustContain(re, words) {
		return nil, false
	}
	return words, true
}

// Holds reports whether every match of a pattern is known to hold one of the
// words, letter case aside. It may err towards false.
func Holds(pattern string, words []string) bool {
	re, err := syntax.Parse(pattern, syntax.Perl)
	return err == nil && mustContain(re, words)
}

// deriver looks for the set of literals that is rarest in text.
type deriver struct {
	steps int // left to take
}

// best gives the best set of words that what parts match, one after the other,
// always holds; nil if there is none.
func (d *deriver) best(parts []*syntax.Regexp) (best []string) {
	take := func(words []string) {
		if better(words, best) {
			best = words
		}
	}
	for i, part := range parts {
		if d.steps--; d.steps < 0 {
			return best
		}
		run := []string{""}
		for _, next := range parts[i:] {
			exact, ok := exactSet(next)
			if !ok || len(run)*len(exact) > maxSet {
				break
			}
			run = cross(run, exact)
			take(usable(run))
		}
		take(d.inside(part))
	}
	return best
}

// inside gives what one part always holds.
func (d *deriver) inside(part *syntax.Regexp) []string {
	switch {
	case part.Op == syntax.OpPlus || part.Op == syntax.OpRepeat && part.Min > 0:
		return d.best(flatten(part.Sub[0]))
	case part.Op == syntax.OpAlternate:
		var all []string
		for _, branch := range part.Sub {
			words := d.best(flatten(branch))
			if words == nil {
				return nil
			}
			all = append(all, words...)
		}
		return usable(all)
	}
	return nil
}

// usable turns literals into keywords, or gives nil if one of them cannot be.
func usable(texts []string) []string {
	var words []string
	for _, t := range texts {
		t = t[:min(len(t), wordShown)]
		if len(t) < minKeyword || strings.IndexFunc(t, func(c rune) bool { return c < ' ' || c > '~' }) >= 0 || strings.Trim(t, " -_.:=/\"'") == "" {
			return nil
		}
		words = append(words, t)
	}
	slices.Sort(words)
	words = slices.Compact(words)
	// Of words that start alike the shortest finds all.
	words = slices.CompactFunc(words, func(short, long string) bool { return strings.HasPrefix(long, short) })
	if len(words) > maxDerivedWords {
		return nil
	}
	return words
}

// better prefers longer words, up to where they are rare anyhow, and then fewer.
func better(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) > 0
	}
	if m, n := shortest(a), shortest(b); m != n {
		return m > n
	}
	return len(a) < len(b)
}

func shortest(words []string) int {
	n := 8
	for _, w := range words {
		n = min(n, len(w))
	}
	return n
}
