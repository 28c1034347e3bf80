package main

import (
	"context"
	"regexp"
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
	for i := range r.Findings {
		secret := r.Findings[i].Secret
		text = strings.ReplaceAll(text, secret.Reveal(), secret.String())
	}
	return text
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
