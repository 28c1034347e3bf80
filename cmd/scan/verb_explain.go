package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

func explainVerb() subcommand {
	return subcommand{
		name:     "explain",
		summary:  "tell why a line is a finding, or why it is none",
		synopsis: "explain [FLAGS] FILE:LINE\nexplain [FLAGS] OBJECT:LINE\nexplain [FLAGS] FINGERPRINT",
		about: `Tells what each rule made of one line: which keyword stands there, whether the
rule's shape fits, what was measured of the value, each reason of the verdict,
and which of several rules on the same bytes a report names.

OBJECT is the full name of a blob, commit or tag, as a report gives it.
FINGERPRINT is that of a finding, or its first eight digits or more; it is
looked for in the current directory, or in the history with --history.

Exit codes are those of a scan: 1 if the line is a finding, 0 if not.`,
		sections: []section{{"Flags", []option{
			{"history", "", "", "look for the FINGERPRINT in the whole history"},
			{"rules", "", "FILE", "add the rules in FILE (may be given several times)"},
			{"config", "", "FILE", "settings from FILE, stronger than those of the repository"},
			{"min-confidence", "", "N", "least confidence to explain by, from 0 to 1 (default 0.5)"},
			{"all", "", "", "also list the rules whose keyword stands there and whose shape does not fit"},
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
}

func runExplain(ctx context.Context, p *process, args []string) (exitCode, error) {
	x := explanation{c: &command{jobs: 1, memory: defaultMemory, archives: archiveDepth}, term: p.term, env: p.env}
	newFlagSet(x.c)
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
	set, opt, err := p.prepare(x.c)
	if err != nil {
		return exitUsage, err
	}
	defer set.close()
	opt.Progress, opt.Known = nil, nil // what is accepted can be explained, too
	name, data, line, err := x.find(ctx, opt, fs.Arg(0))
	if err != nil {
		return exitIncomplete, err
	}
	explainer, err := scanner.NewExplainer(opt)
	if err != nil {
		return exitUsage, err
	}
	trials := explainer.Explain(data, line)
	out := bufio.NewWriter(p.stdout)
	fmt.Fprintf(out, "%s:%d\n", report.Clean(name), line)
	byPath := x.byPath(out, opt, name)
	reported := x.write(out, name, trials) || byPath
	if err := out.Flush(); err != nil {
		return exitIncomplete, err
	}
	if reported {
		return exitFindings, nil
	}
	return exitClean, nil
}

// find gives the content and the line that a place or a fingerprint names.
func (x *explanation) find(ctx context.Context, opt scanner.Options, arg string) (name string, data []byte, line int, err error) {
	colon := strings.LastIndexByte(arg, ':')
	if colon < 0 {
		return x.fingerprint(ctx, opt, arg)
	}
	name = arg[:colon]
	line, err = strconv.Atoi(arg[colon+1:])
	if err != nil || line < 1 || name == "" {
		return "", nil, 0, &usageError{fmt.Sprintf("%q does not end in a line number", arg), "write FILE:LINE, with lines counted from 1"}
	}
	data, err = readRegular(name)
	if errors.Is(err, os.ErrNotExist) { // a history's report names paths from the top
		if top, e := x.git().Top(); e == nil && top != nil {
			if below, e := readRegular(filepath.Join(top.Dir, filepath.FromSlash(name))); e == nil && top.Dir != "" {
				data, err = below, nil
			}
			top.Close()
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		if object, e := scanner.Content(x.git(), name); e == nil {
			data, err = object, nil
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		return "", nil, 0, fmt.Errorf("explain %s: it is neither a file here nor the full name of an object of the repository; check the path", name)
	}
	if err != nil {
		return "", nil, 0, err
	}
	n := strings.Count(string(data), "\n")
	if !strings.HasSuffix(string(data), "\n") {
		n++
	}
	if line > max(n, 1) {
		return "", nil, 0, &usageError{fmt.Sprintf("%s ends with line %d, so there is no line %d", name, n, line), "lines are counted from 1"}
	}
	return name, data, line, nil
}

// readRegular reads a regular file of at most explainable bytes; a pipe could
// be waited for without end, and a device never ends.
func readRegular(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > explainable {
		return nil, fmt.Errorf("explain %s: it is no regular file of at most %d bytes", name, explainable)
	}
	return readLimited(name, explainable)
}

// explainable is how many bytes a file may have that is explained: what a scan
// reads by default.
const explainable = defaultMemory / 2

// git is the repository that explain looks into.
func (x *explanation) git() scanner.GitEnv {
	return x.env.git(&command{mode: modeHistory})
}

const minFingerprint = 8

// fingerprint scans, and gives the first place of the finding with that name.
func (x *explanation) fingerprint(ctx context.Context, opt scanner.Options, prefix string) (string, []byte, int, error) {
	if len(prefix) < minFingerprint || strings.Trim(prefix, "0123456789abcdef") != "" {
		hint := "a fingerprint has at least eight hexadecimal digits"
		if _, err := os.Stat(prefix); err == nil {
			hint = "name a line of it: scan explain " + prefix + ":LINE"
		}
		return "", nil, 0, &usageError{fmt.Sprintf("%q is neither FILE:LINE nor a fingerprint", prefix), hint}
	}
	r, err := x.scan(ctx, opt)
	if err != nil {
		return "", nil, 0, err
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if !strings.HasPrefix(f.Fingerprint, prefix) {
			continue
		}
		at := &f.Places[0]
		data, err := x.content(at)
		name := at.Path
		if name == "" {
			name = at.Object
		}
		return name, data, at.Line + linesBefore(at, data), err
	}
	where, hint := "the current directory", "; --history looks into the whole history"
	if x.history {
		where, hint = "the history", ""
	}
	return "", nil, 0, fmt.Errorf("no finding in %s has the fingerprint %s%s", where, prefix, hint)
}

func (x *explanation) scan(ctx context.Context, opt scanner.Options) (*finding.Report, error) {
	if x.history {
		return scanner.History(ctx, opt, x.git())
	}
	return scanner.Files(ctx, opt, scanner.FilesOptions{Paths: []string{"."}, Git: x.env.git(&command{})})
}

func (x *explanation) content(p *finding.Place) ([]byte, error) {
	if p.Object == "" {
		return readRegular(p.Path)
	}
	return scanner.Content(x.git(), p.Object)
}

// linesBefore is how many lines of an object stand before those that a report
// counts: the header of a commit or tag.
func linesBefore(p *finding.Place, data []byte) int {
	if p.Kind != finding.CommitMessage && p.Kind != finding.TagMessage || p.Offset > len(data) {
		return 0
	}
	return strings.Count(string(data[:p.Offset]), "\n") + 1 - p.Line
}

// byPath tells of the rule that knows the file by its path, and whether that
// makes it a finding: git has to track it, or to have it in its history.
func (x *explanation) byPath(out io.Writer, opt scanner.Options, name string) bool {
	for i := range opt.FileRules {
		r := &opt.FileRules[i]
		if !r.Matches(filepath.ToSlash(name)) {
			continue
		}
		verdict, reported := "a finding by its path, whatever it holds", true
		if !x.history && !scanner.Tracks(x.env.git(&command{}), name) {
			verdict, reported = "not a finding while it is empty or names a mode alone, or git does not track it", false
		}
		fmt.Fprintf(out, "  %s: %s\n      %-10s confidence %.2f, reported from %.2f on; severity %s\n", r.ID, verdict, "verdict", r.Confidence, opt.Gate(), r.Severity)
		return reported && r.Confidence >= opt.Gate()
	}
	return false
}

// write lists the trials, and tells whether one of them is a finding.
func (x *explanation) write(out io.Writer, name string, trials []scanner.Trial) (reported bool) {
	misses := 0
	for i := range trials {
		t := &trials[i]
		if !t.Matched {
			misses++
			continue
		}
		reported = reported || t.Reported
		writeTrial(out, name, t)
	}
	switch {
	case len(trials) == 0:
		fmt.Fprintln(out, "  no keyword of any rule stands there")
	case misses > 0 && !x.all:
		fmt.Fprintf(out, "  rules whose keyword stands there and whose shape does not fit: %d (--all lists them)\n", misses)
	case misses > 0:
		fmt.Fprintln(out, "  keyword there, but the shape does not fit:")
		for _, t := range trials {
			if !t.Matched {
				fmt.Fprintf(out, "    %d:%d  %s (keyword %q)\n", t.Line, t.Column, t.Rule.ID, t.Keyword)
			}
		}
	}
	return reported
}

func writeTrial(out io.Writer, name string, t *scanner.Trial) {
	verdict := "not a finding"
	switch {
	case t.Outdone != nil:
		verdict = "a secret, told under rule " + t.Outdone.ID
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
	if why, ok := scanner.Softened(t.Rule, t.Severity, filepath.ToSlash(name)); ok {
		severity = fmt.Sprintf("%s, and low where it %s", severity, why)
	}
	field("verdict", "confidence %.2f, reported from %.2f on; severity %s", t.Confidence, t.Gate, severity)
}
