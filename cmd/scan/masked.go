package main

import (
	"context"
	"strings"

	"keyrake/rules"
	"keyrake/scanner"
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
