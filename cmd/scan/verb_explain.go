package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"

	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

func explainVerb() subcommand {
	return subcommand{
		name:     "explain",
		summary:  "explain why a line is a finding, or why it is not",
		synopsis: "explain [FLAGS] FILE:LINE[:COLUMN]\nexplain [FLAGS] OBJECT:LINE[:COLUMN]\nexplain [FLAGS] FINGERPRINT",
		about: `Shows what each rule made of one line: which keyword it holds, whether the
rule's pattern matches, what was measured of the value, each reason of the
verdict, and which of several rules on the same bytes a report names.

OBJECT is the full name of a blob, commit or tag, as a report gives it. What
an archive holds is named FILE!PATH or OBJECT!PATH, as in reports.
FINGERPRINT is that of a finding, or its first eight digits or more; it is
looked for in the current directory, or in the history with --history.

For an accepted finding it says where it is accepted, and why. Name a version of
a file in the history by the finding's FINGERPRINT, as OBJECT has no path.

Exit codes are those of a scan: 1 if the line is a finding, 0 if it is not or
is accepted.`,
		sections: []section{{"Flags", []option{
			{"history", "", "", "look for the FINGERPRINT in the whole history"},
			{"rules", "", "FILE", "add the rules in FILE (may be given several times)"},
			{"config", "", "FILE", "settings from FILE, stronger than those of the repository"},
			{"min-confidence", "", "N", "least confidence to explain by, from 0 to 1 (default 0.5)"},
			{"all", "", "", "also list the rules whose keyword is there but whose pattern does not match"},
		}}},
		run: runExplain,
	}
}

// explanation is what scan explain was asked.
type explanation struct {
	c       *command
	all     bool
	history bool
	term    *terminal
	env     environment

	// mutable: the line in question
	name     string // of its content, as it is shown
	file     string // on disk, or ""
	fromTop  string // path that rules and severities go by
	object   string // full name of the object, or ""
	inner    string // path in the archive that the file or object is, or ""
	data     []byte // the content; of a commit or tag the message
	header   int    // bytes before it in the object
	line     int
	accepted []finding.Suppressed // of the scan that the line is in
}

func runExplain(ctx context.Context, p *process, args []string) (exitCode, error) {
	x := explanation{c: newCommand(), term: p.term, env: p.env}
	x.c.jobs = 1
	fs := newVerbFlags("explain")
	fs.BoolVar(&x.history, "history", false, "")
	fs.BoolVar(&x.all, "all", false, "")
	fs.StringArrayVar(&x.c.ruleFiles, "rules", nil, "")
	fs.StringVar(&x.c.configFile, "config", "", "")
	x.c.confidenceFlag(fs)
	if err := parseVerb(fs, args); err != nil {
		return 0, err
	}
	if fs.NArg() != 1 {
		return 0, &usageError{"one place is needed: FILE:LINE, OBJECT:LINE or a finding's FINGERPRINT", `for example "scan explain src/worker.js:12"`}
	}
	x.c.adopt(fs)
	if err := x.look(fs.Arg(0)); err != nil {
		return exitIncomplete, err
	}
	set, opt, err := p.prepare(x.c)
	if err != nil {
		return exitUsage, err
	}
	defer set.close()
	opt.Progress = nil
	if err := x.find(ctx, opt, fs.Arg(0)); err != nil {
		return exitIncomplete, err
	}
	opt.Known = nil // what is accepted is explained, too
	explainer, err := scanner.NewExplainer(opt)
	if err != nil {
		return exitUsage, err
	}
	trials := explainer.Explain(x.data, x.line)
	out := bufio.NewWriter(p.stdout)
	fmt.Fprintf(out, "%s:%d\n", report.Clean(x.name), x.line)
	byPath := x.byPath(out, opt)
	reported := x.write(out, trials) || byPath
	if err := out.Flush(); err != nil {
		return exitIncomplete, err
	}
	if reported {
		return exitFindings, nil
	}
	return exitClean, nil
}

// byPath names the rule that knows the file by its path, and whether that
// makes it a finding: git has to track it, or to have it in its history.
func (x *explanation) byPath(out io.Writer, opt scanner.Options) bool {
	if x.inner != "" {
		return false // git tracks the archive
	}
	for i := range opt.FileRules {
		r := &opt.FileRules[i]
		if !r.Matches(x.fromTop) {
			continue
		}
		verdict, reported := "a finding by its path, whatever it holds", true
		if !x.history && !scanner.Tracks(x.env.git(&command{}), cmp.Or(x.file, x.name)) {
			verdict, reported = "not a finding while it is empty or names a mode alone, or git does not track it", false
		}
		by := x.acceptedFile()
		if reported && by != nil {
			verdict, reported = "a finding by its path, but accepted", false
		}
		fmt.Fprintf(out, "  %s: %s\n      %-10s confidence %.2f, reported from %.2f on; severity %s\n", r.ID, verdict, "verdict", r.Confidence, opt.Gate(), r.Severity)
		writeAccepted(out, by)
		return reported && r.Confidence >= opt.Gate()
	}
	return false
}

// write lists the trials, and reports whether one of them is a finding.
func (x *explanation) write(out io.Writer, trials []scanner.Trial) (reported bool) {
	misses := 0
	for i := range trials {
		t := &trials[i]
		if !t.Matched {
			misses++
			continue
		}
		by := x.acceptedAt(&t.Place)
		reported = reported || t.Reported && by == nil
		x.writeTrial(out, t, by)
	}
	switch {
	case len(trials) == 0:
		fmt.Fprintln(out, "  it holds no keyword of any rule")
	case misses > 0 && !x.all:
		fmt.Fprintf(out, "  rules whose keyword is there but whose pattern does not match: %d (--all lists them)\n", misses)
	case misses > 0:
		fmt.Fprintln(out, "  keyword there, but the pattern does not match:")
		for _, t := range trials {
			if !t.Matched {
				fmt.Fprintf(out, "    %d:%d  %s (keyword %q)\n", t.Line, t.Column, t.Rule.ID, t.Keyword)
			}
		}
	}
	return reported
}

func (x *explanation) writeTrial(out io.Writer, t *scanner.Trial, by *finding.Suppressed) {
	verdict := "not a finding"
	switch {
	case t.Outdone != nil:
		verdict = "a secret, reported under rule " + t.Outdone.ID
	case t.Reported && by != nil:
		verdict = "a finding, but accepted"
	case t.Reported:
		verdict = "a finding"
	}
	fmt.Fprintf(out, "  %d:%d  %s: %s\n", t.Place.Line, t.Place.Column, t.Rule.ID, verdict)
	field := func(label, format string, args ...any) {
		fmt.Fprintf(out, "      %-10s %s\n", label, report.Clean(fmt.Sprintf(format, args...)))
	}
	if t.Rule.Whole {
		field("match", "at %d:%d; the rule is tried on the whole content", t.Line, t.Column)
	} else {
		field("keyword", "%q at %d:%d; the rule looks %d bytes before it and %d after", t.Keyword, t.Line, t.Column, t.Rule.Before, t.Rule.After)
	}
	if t.Named != "" {
		field("name", "%s", t.Named)
	}
	field("value", "%s", t.Value)
	m := &t.Measure
	field("measured", "%d bytes: %d lower, %d upper, %d digits, %d marks; %d different", m.Length, m.Lower, m.Upper, m.Digits, m.Marks, m.Distinct)
	field("", "entropy %.2f bits per character; %+.1f bits in favour of random", m.Entropy, m.Odds)
	if t.Rule.Proof != "" {
		word := t.Proof
		if word == "" {
			word = "says nothing of this value"
		}
		field("proof", "%s: %s", t.Rule.Proof, word)
	}
	for i, reason := range t.Reasons {
		label := ""
		if i == 0 {
			label = "reasons"
		}
		field(label, "%s", reason)
	}
	if s := t.Scale; s != nil {
		field("scale", "%+d to begin with: the reasons alone make %.2f", s.Start, s.Before)
		for _, p := range s.Parts {
			field("", "%+d %s", p.Points, p.Text)
		}
		field("", "%+d in all", s.Sum)
	}
	severity := t.Severity.String()
	if why, ok := scanner.Softened(t.Rule, t.Severity, x.fromTop, t.Measure.Digits == 0); ok {
		severity = fmt.Sprintf("%s, and low where it %s", severity, why)
	}
	field("verdict", "confidence %.2f, reported from %.2f on; severity %s", t.Confidence, t.Gate, severity)
	if t.Reported && t.Outdone == nil {
		writeAccepted(out, by)
	}
}

// writeAccepted says where and why something is accepted, if it is.
func writeAccepted(out io.Writer, by *finding.Suppressed) {
	if by == nil {
		return
	}
	text := by.By
	if by.Reason != "" {
		text += ": " + by.Reason
	}
	fmt.Fprintf(out, "      %-10s by %s\n", "accepted", report.Clean(masked(text)))
}
