// Package report writes a finding.Report for a person (Text) and for programs
// (JSON).
//
// It refuses to know how anything was found, and where its bytes go: colour and
// width come in Options, never from the process. Its invariants: a secret is
// masked unless Options.ShowSecrets asks for it, also where it stands in a path
// or a name; and no control or bidi character that came from a repository
// reaches the writer.
package report

import (
	"strings"

	"keyrake/scanner/finding"
)

// Options says how a report is written. The zero value masks secrets, has no
// colour and wraps at 80 columns.
type Options struct {
	ShowSecrets bool
	Color       bool
	Width       int    // columns for wrapped prose in Text; 0 means 80
	Version     string // of the program that wrote the report; JSON only

	ShowSuppressed bool // list what was suppressed, beside counting it
}

// minRedacted is the shortest secret that is masked inside other text. A
// shorter one may well be an ordinary word of a path.
const minRedacted = 16

// redactor gives the replacer that masks every secret of r in paths, names and
// reasons: a file may be named for the token that it holds.
func redactor(r *finding.Report, opt Options) *strings.Replacer {
	var pairs []string
	if !opt.ShowSecrets {
		for i := range r.Findings {
			if s := r.Findings[i].Secret; s.Len() >= minRedacted {
				pairs = append(pairs, s.Reveal(), s.String())
			}
		}
		for i := range r.Suppressed {
			if s := r.Suppressed[i].Secret; s.Len() >= minRedacted {
				pairs = append(pairs, s.Reveal(), s.String())
			}
		}
	}
	return strings.NewReplacer(pairs...)
}
