// Package report writes a finding.Report for a person (text, Markdown, HTML),
// for programs (JSON, CSV) and for the services that show findings (SARIF,
// GitLab, JUnit, GitHub). Each format is a row of Formats, and has a file of its
// own or shares that of a sibling.
//
// It refuses to know how anything was found, and where its bytes go: colour,
// width and time come in Options, never from the process. Its invariants: a
// secret is masked unless Options.ShowSecrets asks for it, also where it is part
// of a path or a name; no control or bidi character that came from a repository
// reaches the writer; and every format says so if a scan is incomplete.
package report

import (
	"io"
	"slices"
	"time"

	"keyrake/scanner/finding"
)

// Options says how a report is written. The zero value masks secrets, has no
// colour and wraps at 80 columns.
type Options struct {
	ShowSecrets bool
	Color       bool      // Text only
	Width       int       // columns for wrapped prose in Text; 0 means 80
	Version     string    // of the program that wrote the report
	Now         time.Time // when the scan ended; only GitLab's report asks for it, and shows the epoch where it is zero

	// Text only: where the terminal shall lead from a place or a commit; nil or ""
	// for nowhere. What they give is written as it is, so it has to be a URI
	// without anything that a repository could have put there unescaped.
	Link       func(*finding.Place) string
	CommitLink func(id string) string

	ShowSuppressed bool // Text and JSON: list what was suppressed, beside counting it

	Passes  func(*finding.Finding) bool // which findings do not fail the scan; nil for none
	ShowLow bool                        // Text: list them also where they are below severity medium
	Quiet   bool                        // Text: findings, gaps and the notes beside them alone, and nothing where there are none

	fromTop bool // paths of files as others find them in the repository, wherever the command ran
}

// passes reports whether a finding does not fail the scan.
func (o *Options) passes(f *finding.Finding) bool { return o.Passes != nil && o.Passes(f) }

// failing counts the findings that fail the scan.
func (o *Options) failing(r *finding.Report) (n int) {
	for i := range r.Findings {
		if !o.passes(&r.Findings[i]) {
			n++
		}
	}
	return n
}

// Format is one way to write a report.
type Format struct {
	Name      string // as --format takes it
	Media     string // media type
	Extension string // usual end of a file's name, with its dot
	Summary   string // what it is for: a few words for a usage text
	Write     func(io.Writer, *finding.Report, Options) error
}

// fromTop makes a format tell paths from the repository's top: what reads it looks for files
// there, not in the folder that the command ran in.
func fromTop(write func(io.Writer, *finding.Report, Options) error) func(io.Writer, *finding.Report, Options) error {
	return func(w io.Writer, r *finding.Report, opt Options) error {
		opt.fromTop = true
		return write(w, r, opt)
	}
}

// Formats lists all formats in the order in which a usage text shows them.
func Formats() []Format {
	return []Format{
		{"text", "text/plain", ".txt", "for people", Text},
		{"json", "application/json", ".json", "for programs: one object", JSON},
		{"jsonl", "application/x-ndjson", ".jsonl", "a line for each place, and one with the summary", renderJSONLines},
		{"html", "text/html", ".html", "one page to sort and filter, with a time line", renderHTML},
		{"markdown", "text/markdown", ".md", "for a comment or a job's summary", fromTop(renderMarkdown)},
		{"csv", "text/csv", ".csv", "for spreadsheets", renderCSV},
		{"sarif", "application/sarif+json", ".sarif", "SARIF 2.1.0", fromTop(renderSARIF)},
		{"github-sarif", "application/sarif+json", ".sarif", "SARIF for GitHub code scanning", fromTop(renderGitHubSARIF)},
		{"github", "text/plain", ".txt", "annotations in the log of a GitHub job", fromTop(renderGitHub)},
		{"gitlab", "application/json", ".json", "GitLab secret detection", fromTop(renderGitLab)},
		{"codequality", "application/json", ".json", "GitLab code quality", fromTop(renderCodeQuality)},
		{"junit", "application/xml", ".xml", "test results", fromTop(renderJUnit)},
		{"agent", "application/x-ndjson", ".jsonl", "a short line for each finding, for coding agents and editors", renderAgent},
		{"gitleaks", "application/json", ".json", "the form of gitleaks' JSON, for what reads it", fromTop(renderGitleaks)},
	}
}

// FormatNamed gives the format of that name.
func FormatNamed(name string) (Format, bool) {
	list := Formats()
	if i := slices.IndexFunc(list, func(f Format) bool { return f.Name == name }); i >= 0 {
		return list[i], true
	}
	return Format{}, false
}
