package report

import (
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"keyrake/scanner/finding"
)

// gitleaksFinding is a finding as gitleaks 8 writes it.
type gitleaksFinding struct {
	RuleID      string
	Description string
	StartLine   int
	EndLine     int
	StartColumn int
	EndColumn   int
	Match       string
	Secret      string
	File        string
	SymlinkFile string
	Commit      string
	Entropy     float32
	Author      string
	Email       string
	Date        string
	Message     string
	Tags        []string
	Fingerprint string
}

// renderGitleaks writes a JSON list in the form of gitleaks' report, with an entry for
// each place. Match is the secret alone, both are masked, and e-mail addresses
// and messages of commits are left empty. What was not read is an entry of its own
// with the rule scan-incomplete, as the form has no other place for it.
func renderGitleaks(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	return newJSONWriter(w, "gitleaks report").array(func(yield func(any, []list) bool) {
		for _, of := range v.findings() {
			for _, it := range append([]item{*of}, of.alone()...) {
				bits := float32(entropy(it.Finding.Secret.Reveal()))
				for _, s := range it.spots() {
					if !yield(gitleaksPlace(&it, s, bits), nil) {
						return
					}
				}
			}
		}
		for _, g := range v.gaps {
			if !yield(gitleaksFinding{RuleID: "scan-incomplete", Description: g.Reason, File: g.What, Tags: []string{}, Fingerprint: g.What + ":scan-incomplete:0"}, nil) {
				return
			}
		}
	})
}

func gitleaksPlace(it *item, s *spot, bits float32) gitleaksFinding {
	f := gitleaksFinding{
		RuleID: it.rule, Description: it.title,
		StartLine: s.Line, EndLine: s.EndLine, StartColumn: s.Column, EndColumn: s.EndColumn,
		Match: it.secret, Secret: it.secret, Entropy: bits, Author: s.author, Commit: s.commit,
		Tags: []string{},
	}
	if s.isFile() || s.Kind == finding.CommitMessage || s.Kind == finding.TagMessage {
		f.File = Clean(s.path)
	}
	if c := s.Place.Commit; c != nil && !c.Date.IsZero() {
		f.Date = c.Date.UTC().Format(time.RFC3339)
	}
	f.Fingerprint = strings.Join([]string{f.File, f.RuleID, strconv.Itoa(f.StartLine)}, ":")
	if f.Commit != "" {
		f.Fingerprint = f.Commit + ":" + f.Fingerprint
	}
	return f
}

// entropy is Shannon's, in bits for each character.
func entropy(text string) (bits float64) {
	count := map[rune]float64{}
	n := 0.0
	for _, c := range text {
		count[c]++
		n++
	}
	// In a fixed order, or the last digits would differ from run to run.
	for _, c := range slices.Sorted(maps.Values(count)) {
		bits -= c / n * math.Log2(c/n)
	}
	return math.Round(bits*1e6) / 1e6
}
