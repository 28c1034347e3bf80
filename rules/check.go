package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Limits on what a rule may hold.
const (
	minKeyword  = 3
	maxKeyword  = 64
	maxKeywords = 2048
	maxPattern  = 8 << 10
)

// problem is one fault of a rule, and the field it lies in.
type problem struct {
	field string
	text  string
}

// Check reports everything that is wrong with a rule, or nil. A rule passes
// when its id and words are there, its patterns compile, every match is known
// to hold a keyword, its reach is finite and covers what the pattern can match,
// and its proof exists.
func Check(r *Rule) error {
	var errs []error
	for _, p := range check(r) {
		errs = append(errs, fmt.Errorf("rule %s: %s", r.ID, p.text))
	}
	return errors.Join(errs...)
}

func check(r *Rule) []problem {
	var out []problem
	add := func(field, format string, args ...any) {
		out = append(out, problem{field, fmt.Sprintf(format, args...)})
	}
	if !isID(r.ID) {
		add("id", "id %q is not lower-case words joined by hyphens, at most 64 bytes", r.ID)
	}
	if r.Title == "" {
		add("title", "title is missing: say what was found")
	}
	if !isID(r.Provider) {
		add("provider", "provider %q is not lower-case words joined by hyphens, at most 64 bytes", r.Provider)
	}
	if r.Severity > Critical {
		add("severity", "severity %d does not exist", r.Severity)
	}
	if r.Kind > Assignment {
		add("kind", "kind %d does not exist", r.Kind)
	}
	if r.Boundary > BoundaryNone {
		add("boundary", "boundary %d does not exist", r.Boundary)
	}
	if r.Remedy == "" {
		add("remedy", "remedy is missing: say how to revoke and rotate, and where")
	}
	if !(r.Entropy >= 0 && r.Entropy <= 8) {
		add("entropy", "entropy %g is not between 0 and 8 bits per character", r.Entropy)
	}
	if !(r.Confidence > 0 && r.Confidence <= 1) {
		add("confidence", "confidence %g is not above 0 and at most 1", r.Confidence)
	}
	if r.Proof != "" && !isProof(r.Proof) {
		add("proof", "proof %q does not exist%s", r.Proof, hint(r.Proof, proofNames[:]))
	}
	least := minKeyword
	switch {
	case r.Whole:
		least = 1
		if r.Kind != Token || r.Backtrack {
			add("whole", "whole belongs to rules of kind token that do not backtrack")
		}
	case len(r.Keywords) == 0:
		add("keywords", "keywords are missing: the search needs at least one to find the rule's matches; whole: true does without, and is slower")
	}
	out = append(out, checkWords("keywords", "keyword", r.Keywords, least)...)
	if r.Exact && r.Generic {
		add("exact", "exact and generic exclude each other: every match is a finding, or it only looks like one")
	}
	out = append(out, checkWords("near", "near", r.Near, 1)...)
	return append(out, checkPatterns(r)...)
}

// isID accepts lower-case words and numbers joined by single hyphens.
func isID(s string) bool {
	afterWord := false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			afterWord = true
		case c == '-' && afterWord:
			afterWord = false
		default:
			return false
		}
	}
	return afterWord && len(s) <= 64
}

func checkWords(field, what string, words []string, least int) []problem {
	var out []problem
	if len(words) > maxKeywords {
		out = append(out, problem{field, fmt.Sprintf("%d %ss are more than %d", len(words), what, maxKeywords)})
	}
	seen := make(map[string]bool, len(words))
	for _, w := range words {
		switch {
		case len(w) < least:
			out = append(out, problem{field, fmt.Sprintf("%s %q is shorter than %d bytes: it would stop the search at too many places", what, w, least)})
		case len(w) > maxKeyword:
			out = append(out, problem{field, fmt.Sprintf("%s %q is longer than %d bytes: its start is enough", what, w, maxKeyword)})
		case strings.IndexFunc(w, func(c rune) bool { return c < ' ' || c > '~' }) >= 0:
			out = append(out, problem{field, fmt.Sprintf("%s %q holds bytes other than printable ASCII", what, w)})
		case strings.ToLower(w) != w:
			out = append(out, problem{field, fmt.Sprintf("%s %q is not lower case: letter case is ignored, write %q", what, w, strings.ToLower(w))})
		case seen[w]:
			out = append(out, problem{field, fmt.Sprintf("%s %q is there twice", what, w)})
		}
		seen[w] = true
	}
	return out
}

func checkPatterns(r *Rule) []problem {
	var out []problem
	add := func(field, format string, args ...any) {
		out = append(out, problem{field, fmt.Sprintf(format, args...)})
	}
	if r.Name != "" {
		if r.Kind != Assignment {
			add("name", "name belongs to rules of kind assignment: remove it or set kind: assignment")
		}
		if _, err := regexp.Compile("(?i)" + r.Name); err != nil {
			add("name", "name does not compile: %s", syntaxReason(err))
		}
	}
	switch {
	case r.Pattern == "":
		add("pattern", "pattern is missing")
		return out
	case len(r.Pattern) > maxPattern:
		add("pattern", "pattern has %d bytes, more than %d", len(r.Pattern), maxPattern)
		return out
	}
	p, err := parsePattern(r)
	if err != nil {
		add("pattern", "%s", err)
		return out
	}
	if r.Backtrack {
		if err := lintBacktrack(r.Pattern); err != nil {
			add("pattern", "%s", err)
		}
	}
	if matchesEmpty(p.re) {
		add("pattern", "pattern matches the empty text")
	}
	if groups := p.re.MaxCap(); r.Secret < 0 || r.Secret > groups {
		add("secret", "secret names group %d, but the pattern has %d", r.Secret, groups)
	}
	if r.Backtrack && mixedGroups(p.re.CapNames()) {
		add("pattern", "pattern mixes named and numbered groups, which backtracking engines count differently: use one kind")
	}
	if r.Kind == Token && !r.Whole {
		if textAnchor(p.re) {
			add("pattern", `pattern asks for the start or end of the text, which a window does not have: use (?m)^ and (?m)$ for lines or boundary for neighbours`)
		}
		if len(r.Keywords) > 0 && !mustContain(p.re, r.Keywords) {
			add("pattern", "pattern can match text that holds none of the keywords, which the search would miss: spell a keyword out in every branch")
		}
	}
	return append(out, checkReach(r, p)...)
}

func mixedGroups(names []string) bool {
	names = names[1:]
	return slices.Contains(names, "") && slices.ContainsFunc(names, func(n string) bool { return n != "" })
}

// checkReach wants a reach on both sides that is at least what the pattern
// needs and at most the ceiling.
func checkReach(r *Rule, p *pattern) []problem {
	before, after, err := reachOf(r, p)
	if err != nil && (err != errUnbounded || r.Before == 0 && r.After == 0) {
		return []problem{{"pattern", err.Error()}}
	}
	var out []problem
	for _, side := range []struct {
		name      string
		has, need int
	}{{"before", r.Before, before}, {"after", r.After, after}} {
		switch {
		case side.has < 1:
			out = append(out, problem{"reach", fmt.Sprintf("reach.%s is missing", side.name)})
		case side.has > reachCeiling:
			out = append(out, problem{"reach", fmt.Sprintf("reach.%s %d is more than the ceiling of %d bytes", side.name, side.has, reachCeiling)})
		case side.has < side.need:
			out = append(out, problem{"reach", fmt.Sprintf("reach.%s %d is less than the %d bytes that the pattern needs: raise it or bound the pattern", side.name, side.has, side.need)})
		case len(r.Near) > 0 && side.has < reachNear:
			out = append(out, problem{"reach", fmt.Sprintf("reach.%s %d is less than the %d bytes in which near is looked for", side.name, side.has, reachNear)})
		}
	}
	return out
}

// hint names the known word nearest to a misspelt one, if one is near.
func hint(word string, known []string) string {
	best, at := max(3, 1+len(word)/2), ""
	for _, k := range known {
		if d := Distance(word, k); d < best {
			best, at = d, k
		}
	}
	if at == "" {
		return ": known are " + strings.Join(known, ", ")
	}
	return fmt.Sprintf(": did you mean %q?", at)
}
