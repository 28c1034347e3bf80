package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/pflag"
)

// process is the world around a command, as main gives it.
type process struct {
	stdin  io.Reader
	stdout io.Writer
	term   *terminal // the only writer to stderr
	env    environment
}

// subcommand is a verb of its own, such as "scan rules list": what is not a
// scan, or is a scan with another kind of answer. It is chosen by the first
// argument; a file of that name is written "./NAME".
type subcommand struct {
	name     string
	summary  string // for the list in scan --help: one sentence without a full stop
	synopsis string // its forms, one a line, without "scan"
	about    string // what it does, for its own --help: paragraphs of at most 80 columns
	sections []section
	run      func(ctx context.Context, p *process, args []string) (exitCode, error)
}

// subcommands lists the verbs in the order in which scan --help shows them.
func subcommands() []subcommand {
	return []subcommand{
		explainVerb(),
		literalVerb(),
		checklistVerb(),
		initVerb(),
		rulesVerb(),
		baselineVerb(),
		triageVerb(),
		configVerb(),
		hookVerb(),
		importVerb(),
		completionVerb(),
		manVerb(),
		planVerb(),
		verifyGoneVerb(),
		gitleaksVerb("git"),
		gitleaksVerb("dir"),
		gitleaksVerb("stdin"),
	}
}

// oldNames gives, for further names of gitleaks' commands, the verb that they
// stand for.
func oldNames() map[string]string {
	return map[string]string{"directory": "dir", "file": "dir", "files": "dir", "detect": "git", "protect": "git"}
}

// findSubcommand gives the verb that args start with, if any.
func findSubcommand(args []string) (subcommand, bool) {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name := args[0]
		if _, old := oldNames()[name]; old {
			return gitleaksVerb(name), true
		}
		for _, s := range subcommands() {
			if s.name == name {
				return s, true
			}
		}
	}
	return subcommand{}, false
}

// call runs a verb and turns its error into a message and an exit code.
func (s subcommand) call(ctx context.Context, p *process, args []string) exitCode {
	code, err := s.run(ctx, p, args)
	var wrong *usageError
	switch {
	case err == nil:
		return code
	case errors.Is(err, pflag.ErrHelp):
		if _, err := io.WriteString(p.stdout, s.usage()); err != nil {
			p.term.print("%v", err)
			return exitIncomplete
		}
		return exitClean
	case errors.As(err, &wrong):
		p.term.fault(wrong.text)
		if wrong.hint != "" {
			p.term.fault("hint: " + wrong.hint)
		}
		p.term.print(`hint: "scan %s --help" shows how it is used`, s.name)
		return exitUsage
	case errors.Is(err, context.Canceled):
		p.term.print("interrupted")
		return exitInterrupted
	}
	p.term.fault(plain(err).Error())
	return max(code, exitUsage)
}

// plain says what to do about a file that is not there, where nothing but the
// system's own words were handed on.
func plain(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) && err == error(at) && errors.Is(err, fs.ErrNotExist) {
		return &fileError{"read", at.Path, err}
	}
	return err
}

// usage is the text of the verb's --help.
func (s subcommand) usage() string {
	var b strings.Builder
	b.WriteString("Usage:\n")
	for form := range strings.Lines(s.synopsis) {
		b.WriteString("  scan " + strings.TrimRight(form, "\n") + "\n")
	}
	b.WriteString("\n" + strings.Trim(s.about, "\n") + "\n")
	if len(s.sections) > 0 {
		b.WriteString("\n" + renderSections(s.sections))
	}
	return b.String()
}

// wrote gives the exit code of a verb whose last deed was to write something.
func wrote(err error) (exitCode, error) {
	if err != nil {
		return exitIncomplete, err
	}
	return exitClean, nil
}

// newVerbFlags makes the flag set of a verb. Parse it with parseVerb.
func newVerbFlags(name string) *pflag.FlagSet {
	fs := pflag.NewFlagSet("scan "+name, pflag.ContinueOnError)
	fs.SortFlags = false
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	return fs
}

// parseVerb parses the arguments of a verb. Its errors are usageErrors, or
// pflag.ErrHelp where help is asked for.
func parseVerb(fs *pflag.FlagSet, args []string) error {
	err := fs.Parse(args)
	if err == nil || errors.Is(err, pflag.ErrHelp) {
		return err
	}
	return explain(err, fs)
}
