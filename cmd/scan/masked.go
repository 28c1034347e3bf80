package main

import (
	"cmp"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"keyrake/rules"
	"keyrake/scanner"
	"keyrake/scanner/finding"
)

// masked hides in a message what the built-in rules take for a secret. A message
// that cannot be searched to its end is not told at all.
func masked(text string) string {
	opt := scanner.Options{Rules: rules.Builtin(), MinConfidence: 0.3}
	r, err := scanner.Stream(context.Background(), opt, "message", strings.NewReader(text))
	if err != nil || !r.Coverage.Complete() {
		return "an error whose text could not be searched for secrets, and is not shown"
	}
	lines := slices.Collect(strings.Lines(text))
	shown := map[string]string{} // what stands there may be the secret in another form, such as base64
	for i := range r.Findings {
		f := &r.Findings[i]
		shown[f.Secret.Reveal()] = f.Secret.String()
		for _, p := range f.Places {
			shown[standing(text, lines, &p)] = f.Secret.String()
		}
	}
	delete(shown, "")
	longest := func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) }
	for _, s := range slices.SortedFunc(maps.Keys(shown), longest) {
		text = strings.ReplaceAll(text, s, shown[s])
	}
	return text
}

// standing is what stands at a place of a text.
func standing(text string, lines []string, p *finding.Place) string {
	end := p.EndColumn
	for _, line := range lines[:min(p.EndLine-1, len(lines))] {
		end += len(line)
	}
	if p.Offset < 0 || p.Offset > end || end > len(text) {
		return ""
	}
	return text[p.Offset:end]
}

// word is a run of what a value may be made of. A path, an expression and a list
// are several.
var word = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("[^\\s/\\\\.,:;=(){}\\[\\]<>|`'\"]{8,}")
})

// withoutBare masks the words of a text that may be a value which no rule knows
// without the words around it: those with letters and digits. known chooses among
// them.
func withoutBare(text string, known func(word string) bool) string {
	return word().ReplaceAllStringFunc(text, func(w string) string {
		letter := strings.ContainsFunc(w, unicode.IsLetter)
		if !letter || !strings.ContainsFunc(w, unicode.IsDigit) || !known(w) {
			return w
		}
		return finding.NewSecret([]byte(w)).String()
	})
}
