package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"keyrake/rules"
)

// writeLiterals writes the keywords of the built-in rules, one a line, in the
// form that rg -f reads: the very list that the prefilter searches.
func writeLiterals(path string) error {
	text := literalFile(rules.Builtin().All())
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the literals: %w", err)
	}
	return nil
}

func literalFile(all []*rules.Rule) string {
	var words []string
	for _, r := range all {
		for _, k := range r.Keywords {
			words = append(words, regexp.QuoteMeta(k))
		}
	}
	slices.Sort(words)
	var b strings.Builder
	for _, w := range slices.Compact(words) {
		b.WriteString(w + "\n")
	}
	return b.String()
}
