// Package migrate reads the files of other scanners: gitleaks' configuration,
// ignore file and reports, and the baseline of detect-secrets. It turns them
// into rules and into conditions for what is accepted, and lists, line by line,
// what has no counterpart or changes its meaning.
//
// It refuses to know disks, flags and repositories: it is given bytes. Its
// invariants: a rule that it gives passes the checks of package rules; nothing
// is left out without a Remark; what cannot be carried over is never widened so
// that it would accept more.
package migrate

import (
	"fmt"
	"slices"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/known"
)

// MaxBytes is the size of the largest file that is read.
const MaxBytes = 16 << 20

// Import is what a configuration became.
type Import struct {
	Name    string // of the file
	Rules   []rules.Rule
	Allows  []Allow
	Disable []string // rules of ours that are turned off
	Alone   bool     // only the file's rules ran, and not gitleaks' own
	Remarks []Remark
}

// Allow is something that is accepted.
type Allow struct {
	When   known.Condition
	Reason string
	Line   int // in the file
}

// Remark describes something that was not carried over as it was.
type Remark struct {
	Line int  // in the file; 0 if it has none
	Lost bool // it has no effect any more; else it means something else
	Idle bool // it is not needed here, and nothing is lost
	What string
	Why  string
}

// String gives a remark in one line: "12: not carried over: rule x: reason".
func (r Remark) String() string {
	verb := "changed"
	switch {
	case r.Lost:
		verb = "not carried over"
	case r.Idle:
		verb = "not needed"
	}
	text := fmt.Sprintf("%s: %s: %s", verb, r.What, r.Why)
	if r.Line > 0 {
		text = fmt.Sprintf("%d: %s", r.Line, text)
	}
	return text
}

func (im *Import) lost(line int, what, why string) {
	im.Remarks = append(im.Remarks, Remark{Line: line, Lost: true, What: what, Why: why})
}

func (im *Import) changed(line int, what, why string) {
	im.Remarks = append(im.Remarks, Remark{Line: line, What: what, Why: why})
}

// sortRemarks orders remarks by their lines.
func (im *Import) sortRemarks() {
	slices.SortStableFunc(im.Remarks, func(a, b Remark) int { return a.Line - b.Line })
}

// slug turns any text into an id: lower-case words joined by hyphens.
func slug(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
	id := strings.Join(words, "-")
	return strings.TrimRight(id[:min(len(id), 64)], "-")
}

// oneLine makes text fit for one line.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
}
