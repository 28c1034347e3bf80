package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"keyrake/config"
	"keyrake/migrate"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

// importedRules is the file that imported rules go to.
const importedRules = "scan-rules.yaml"

func importVerb() subcommand {
	return subcommand{
		name:    "import",
		summary: "take over the configuration and baselines of gitleaks or detect-secrets",
		synopsis: `import gitleaks [FLAGS] [FILE]
import detect-secrets [--marks] [-o DIR] [FILE]`,
		about: `
Writes scan-rules.yaml, .scan.yaml, .scanignore and .scan-baseline, as far as
there is something to put into them, and lists line by line what could not be
carried over or means something else. FILE is .gitleaks.toml or
.secrets.baseline if it is not named.

Entries of .gitleaksignore and of baselines speak of places. To name secrets in
their place, import scans the files and the history: run it at the top of the
repository. What is found there becomes a fingerprint in .scanignore, or a line
of .scan-baseline; it stays accepted when lines move.

.scan.yaml is never overwritten; lines are added to .scanignore and
.scan-baseline. The exit code is 3 if something could not be carried over.`,
		sections: []section{{"Flags", []option{
			{"ignore", "", "FILE", "gitleaks: the ignore file (default: .gitleaksignore beside the configuration, if there is one)"},
			{"baseline", "", "FILE", "gitleaks: a report that serves as its baseline"},
			{"marks", "", "", "accept what marks of other scanners accept, although they give no reason: gitleaks:allow, pragmas of detect-secrets, trufflehog:ignore, ggignore"},
			{"output", "o", "DIR", "the folder to write to (default: the current one)"},
			{"help", "h", "", "print this text"},
		}}},
		run: runImport,
	}
}

// importing is one call of the verb.
type importing struct {
	*process
	file, ignore, baseline, dir string
	marks                       bool
	im                          *migrate.Import
	ignored, based              []migrate.Entry
	lost, changed, unread       int
	named                       int // entries that name what was found
	wrote                       []string
}

func runImport(ctx context.Context, p *process, args []string) (exitCode, error) {
	from, args, err := takeAction(args, "gitleaks", "detect-secrets")
	if err != nil || from == "" {
		return exitUsage, orHelp(err)
	}
	m := &importing{process: p}
	fs := newVerbFlags("import")
	if from == "gitleaks" {
		fs.StringVar(&m.ignore, "ignore", "", "")
		fs.StringVar(&m.baseline, "baseline", "", "")
	}
	fs.BoolVar(&m.marks, "marks", false, "")
	fs.StringVarP(&m.dir, "output", "o", ".", "")
	if err := parseVerb(fs, args); err != nil {
		return exitUsage, err
	}
	if fs.NArg() > 1 {
		return exitUsage, &usageError{"import reads one FILE", "call it once for each, with a folder of its own: -o DIR"}
	}
	m.file = fs.Arg(0)
	read := m.gitleaks
	if from == "detect-secrets" {
		read = m.detectSecrets
	}
	if err := read(); err != nil {
		return exitUsage, err
	}
	if err := m.write(ctx); err != nil {
		return exitIncomplete, err
	}
	return m.sum()
}

func orHelp(err error) error {
	if err == nil {
		return pflag.ErrHelp
	}
	return err
}

// gitleaks reads the files of gitleaks.
func (m *importing) gitleaks() error {
	named := m.file != ""
	if !named {
		m.file = ".gitleaks.toml"
	}
	m.im = &migrate.Import{Name: m.file}
	data, err := readLimited(m.file, migrate.MaxBytes)
	switch {
	case err == nil:
		if m.im, err = migrate.Gitleaks(m.file, data, migrateOptions(m.file, false)); err != nil {
			return err
		}
	case named || !errors.Is(err, fs.ErrNotExist):
		return err
	}
	m.takeMarks()
	missing := err != nil
	ignore := m.ignore
	if ignore == "" {
		ignore = filepath.Join(filepath.Dir(m.file), ".gitleaksignore")
	}
	data, err = readLimited(ignore, migrate.MaxBytes)
	switch {
	case err == nil:
		list, remarks := migrate.Ignore(data)
		m.ignored = list
		m.remark(ignore, remarks)
	case m.ignore != "" || !errors.Is(err, fs.ErrNotExist):
		return err
	case missing && m.baseline == "" && !m.marks:
		return &usageError{"there is neither a .gitleaks.toml nor a .gitleaksignore here", "name the configuration: scan import gitleaks FILE"}
	}
	if m.baseline == "" {
		return nil
	}
	if data, err = readLimited(m.baseline, migrate.MaxBytes); err != nil {
		return err
	}
	m.based, err = migrate.Report(m.baseline, data)
	return err
}

// migrateOptions lets a configuration name Keyrake's own rules and extend files
// beside it.
func migrateOptions(file string, marks bool) migrate.Options {
	set := rules.Builtin()
	return migrate.Options{
		Have:  func(id string) bool { return set.Get(id) != nil },
		Marks: marks,
		Read: func(name string) ([]byte, error) {
			if !filepath.IsAbs(name) {
				if _, err := os.Stat(name); err != nil { // gitleaks means the working directory
					name = filepath.Join(filepath.Dir(file), name)
				}
			}
			return readLimited(name, migrate.MaxBytes)
		},
	}
}

// detectSecrets reads a .secrets.baseline.
func (m *importing) detectSecrets() error {
	if m.file == "" {
		m.file = ".secrets.baseline"
	}
	data, err := readLimited(m.file, migrate.MaxBytes)
	if err != nil {
		return err
	}
	m.im = &migrate.Import{Name: m.file}
	var remarks []migrate.Remark
	if m.based, remarks, err = migrate.DetectSecrets(m.file, data); err != nil {
		return err
	}
	m.im.Remarks = remarks
	m.im.Allows, remarks = migrate.DetectSecretsExcludes(data)
	m.im.Remarks = append(m.im.Remarks, remarks...)
	m.takeMarks()
	return nil
}

// takeMarks accepts what marks in the code accept, if that is wanted.
func (m *importing) takeMarks() {
	if m.marks {
		m.im.Allows = append(m.im.Allows, migrate.Marks()...)
	}
}

// write writes our files.
func (m *importing) write(ctx context.Context) error {
	m.remark(m.file, m.im.Remarks)
	rulesFile := ""
	if text := m.im.RulesYAML(); text != nil {
		rulesFile = filepath.Join(m.dir, importedRules)
		if err := m.create(rulesFile, text); err != nil {
			return err
		}
	}
	if len(m.im.Rules)+len(m.im.Allows)+len(m.im.Disable) > 0 {
		name := ""
		if rulesFile != "" {
			name = importedRules
		}
		if err := m.create(filepath.Join(m.dir, config.FileName), m.im.ConfigYAML(name)); err != nil {
			return err
		}
	}
	if len(m.ignored)+len(m.based) == 0 {
		return nil
	}
	found, err := m.scan(ctx, rulesFile)
	if err != nil {
		return err
	}
	if err := m.writeIgnore(found); err != nil {
		return err
	}
	return m.writeBaseline(found)
}

// create writes a file that is not there yet. It is meant to be committed.
func (m *importing) create(name string, text []byte) error {
	if _, err := os.Lstat(name); err == nil {
		return &usageError{name + " exists, and is not overwritten", "import into an empty folder with -o DIR, and join the two by hand"}
	}
	return m.put(name, text)
}

// shortCommit is how a remark names a commit.
func shortCommit(word string) bool {
	return len(word) == 10 && strings.Trim(word, "0123456789abcdef") == ""
}

func (m *importing) put(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	if err := writeShared(name, text); err != nil {
		return err
	}
	m.wrote = append(m.wrote, name)
	return nil
}

// scan finds what entries speak of: in the files and in the history.
func (m *importing) scan(ctx context.Context, rulesFile string) (found []finding.Finding, err error) {
	var args []string
	if rulesFile != "" {
		args = append(args, "--rules", rulesFile)
	}
	modes := [][]string{{"--no-ignore"}}
	if top, err := m.env.git(&command{}).Top(); err == nil && top != nil {
		top.Close()
		modes = append(modes, []string{"--history"})
	}
	for _, more := range modes {
		c, err := parseFlags(append(more, args...))
		if err != nil {
			return nil, err
		}
		set, opt, err := m.prepare(c)
		if err != nil {
			return nil, err
		}
		set.close()
		opt.Known = nil // what is accepted already may be named, too
		r, err := m.scanned(ctx, c, opt)
		if err != nil {
			return nil, err
		}
		found = append(found, r.Findings...)
		m.unread += len(r.Coverage.Gaps)
	}
	return found, nil
}

// writeIgnore adds a fingerprint for each finding that a .gitleaksignore names.
func (m *importing) writeIgnore(found []finding.Finding) error {
	var out strings.Builder
	seen := map[string]bool{}
	m.accepted(found, m.ignored, ".gitleaksignore", func(f *finding.Finding, e *migrate.Entry) {
		lines, _ := ignoreLines(f, m.dir, e.Reason+": "+report.Clean(e.What()))
		for line := range strings.Lines(lines) {
			if name, _, _ := strings.Cut(line, " "); !seen[name] {
				seen[name] = true
				out.WriteString(line)
			}
		}
	})
	if out.Len() == 0 {
		return nil
	}
	name, err := ownFile(m.dir, ignoreFile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.dir, 0o777); err != nil {
		return err
	}
	if err := addIgnore(name, out.String()); err != nil {
		return err
	}
	m.wrote = append(m.wrote, name)
	return nil
}

// writeBaseline adds the findings that another baseline names.
func (m *importing) writeBaseline(found []finding.Finding) error {
	byReason := map[string][]finding.Finding{}
	m.accepted(found, m.based, "baseline", func(f *finding.Finding, e *migrate.Entry) {
		byReason[e.Reason] = append(byReason[e.Reason], *f)
	})
	if len(byReason) == 0 {
		return nil
	}
	name, err := ownFile(m.dir, baselineFile)
	if err != nil {
		return err
	}
	list, err := readBaseline(name, name)
	if errors.Is(err, fs.ErrNotExist) {
		list, err = newBaseline(name), nil
	}
	if err != nil {
		return err
	}
	var reasons []string
	for r := range byReason {
		reasons = append(reasons, r)
	}
	slices.Sort(reasons)
	for _, reason := range reasons {
		if _, left := list.Add(byReason[reason], reason, 1); left > 0 {
			m.lost += left
			fmt.Fprintf(m.stdout, "%s: not carried over: %d guessable secrets, more than a scan compares\n", m.file, left)
		}
	}
	return m.put(name, list.Bytes())
}

// accepted calls use for each finding that an entry names, and tells the entries
// that name none.
func (m *importing) accepted(found []finding.Finding, list []migrate.Entry, what string, use func(*finding.Finding, *migrate.Entry)) {
	hits, loose := migrate.Match(found, list)
	var remarks []migrate.Remark
	for n := range list {
		e := &list[n]
		for _, i := range hits[n] {
			use(&found[i], e)
		}
		m.named += min(len(hits[n]), 1)
		switch {
		case len(hits[n]) == 0:
			remarks = append(remarks, migrate.Remark{Line: e.From, Idle: true, What: e.What(), Why: "Keyrake finds nothing there"})
		case loose[n]:
			remarks = append(remarks, migrate.Remark{Line: e.From, What: e.What(), Why: "another commit brought it in here; it is accepted all the same"})
		}
	}
	m.remark(what, remarks)
}

// remark prints remarks. What Keyrake does not find needs no acceptance, so it
// is told without counting as a loss.
func (m *importing) remark(file string, list []migrate.Remark) {
	var text strings.Builder
	for _, r := range list {
		switch {
		case r.Idle:
		case r.Lost:
			m.lost++
		default:
			m.changed++
		}
		sep := ":"
		if r.Line == 0 {
			sep = ": "
		}
		text.WriteString(report.Clean(file+sep+r.String()) + "\n")
	}
	// A remark quotes what an entry says.
	fmt.Fprint(m.stdout, withoutBare(masked(text.String()), func(word string) bool { return !shortCommit(word) }))
}

// sum says what was done.
func (m *importing) sum() (exitCode, error) {
	text := fmt.Sprintf("rules: %d, entries that accept: %d, wrote: %s\nnot carried over: %d, changed: %d\n",
		len(m.im.Rules), len(m.im.Allows)+m.named, orNothing(m.wrote), m.lost, m.changed)
	if m.unread > 0 {
		text += fmt.Sprintf("not read, though entries may speak of it: %d; \"scan\" and \"scan --history\" list it\n", m.unread)
	}
	if len(m.wrote) > 0 {
		text += "next: \"scan config show\" prints the result; docs/from-gitleaks.md has the differences\n"
	}
	if _, err := io.WriteString(m.stdout, text); err != nil {
		return exitIncomplete, err
	}
	if m.lost+m.unread > 0 {
		return exitIncomplete, nil
	}
	return exitClean, nil
}

func orNothing(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}
