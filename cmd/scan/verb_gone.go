package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"keyrake/rules"
	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/replacement"
	"keyrake/scanner/report"
)

func verifyGoneVerb() subcommand {
	return subcommand{
		name:     "verify-gone",
		summary:  "prove that a repository no longer holds any of the listed secrets",
		synopsis: "verify-gone [FLAGS] LIST [REPO]\n--verify-gone LIST [REPO]",
		about: `Looks for each secret of LIST in every object of the repository, whether a ref
reaches it or not, and in the files of archives, in the names that trees hold,
in the names of refs, and in the reflogs: as it is, in UTF-16, in base64, in
hexadecimal digits, and with the escapes of URLs, JSON and HTML. Not looked for
is what is encoded twice or put together by a program.
Files in the working tree are not looked at: "scan" does that.

LIST has one secret on a line, or is what "scan plan --filter-repo LIST" wrote
for "git filter-repo --replace-text".

After a rewrite, reflogs and unreachable objects still hold what is gone from
the branches, until git is made to let go of them; the report says how. Other
clones, forks and the host have their own objects.

Exit codes:
  0  everything was read, and none of the secrets is anywhere
  1  a secret is still somewhere; the report says where
  2  wrong usage, or a LIST that holds nothing that can be proven
  3  none was found, but not everything could be read`,
		sections: []section{{"Flags", []option{
			{"format", "", "FORMAT", "text for people, json for programs (default text)"},
			{"jobs", "j", "N", "workers (default: one for each CPU)"},
		}}},
		run: runVerifyGone,
	}
}

// goneFlag turns "--verify-gone LIST" into the arguments of the verb.
func goneFlag(args []string) (verb []string, ok bool) {
	rest := []string{}
	for i := 0; i < len(args); i++ {
		list, equals := strings.CutPrefix(args[i], "--verify-gone=")
		switch {
		case args[i] == "--":
			return append(append(verb, rest...), args[i:]...), ok
		case equals:
			verb, ok = append(verb, list), true
		case args[i] == "--verify-gone":
			if ok = true; i+1 < len(args) {
				i++
				verb = append(verb, args[i])
			}
		case args[i] != "--history": // all of it is looked at anyway
			rest = append(rest, args[i])
		}
	}
	return append(verb, rest...), ok
}

func runVerifyGone(ctx context.Context, p *process, args []string) (exitCode, error) {
	c := newHistoryCommand()
	c.format = "text"
	fs := newVerbFlags("verify-gone")
	fs.Func("format", "", func(s string) error { return choose(&c.format, s, "text", "json") })
	fs.FuncP("jobs", "j", "", func(s string) (err error) { c.jobs, err = parseJobs(s); return err })
	if err := parseVerb(fs, args); err != nil {
		return 0, err
	}
	if fs.NArg() == 0 {
		return 0, &usageError{"the LIST of secrets is missing", `write "scan verify-gone LIST"`}
	}
	if err := c.takeRepository(fs, 1); err != nil {
		return 0, err
	}
	list, err := readList(fs.Arg(0))
	if err != nil {
		return exitUsage, err
	}
	// No setting applies: what is known and accepted has to be gone like the rest.
	opt := scanner.Options{Rules: rules.Builtin(), Jobs: c.jobs, MemoryLimit: c.memory, ArchiveDepth: maxArchiveDepth}
	if p.term.meter {
		opt.Progress = p.term.progress
	}
	collect(modeHistory, c.memory, false)
	r, err := scanner.Gone(ctx, opt, p.env.git(c), list)
	p.term.clear()
	if r == nil {
		return exitIncomplete, err
	}
	width, isTerminal := terminalWidth(p.stdout)
	show := report.Options{Width: width, Version: version(), Color: p.env.useColor("auto", isTerminal)}
	if c.format == "json" {
		if err := report.JSON(p.stdout, r, show); err != nil {
			return exitIncomplete, err
		}
		return codeFor(r, err, false), nil
	}
	if err := writeGone(p.stdout, r, show, len(list)); err != nil {
		return exitIncomplete, err
	}
	return codeFor(r, err, false), nil
}

// readList reads the secrets of a LIST. No message quotes what it holds.
func readList(name string) ([]replacement.Entry, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, &fileError{"read", name, err}
	}
	list, err := replacement.Parse(data)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(list) == 0:
		return nil, fmt.Errorf("%s: it lists no secret", name)
	}
	for i := range list {
		if n := len(list[i].Text); n < replacement.MinText {
			return nil, fmt.Errorf("%s: entry %d has %d bytes, so short a text occurs by chance; entries need at least %d", name, i+1, n, replacement.MinText)
		}
	}
	return list, nil
}

// writeGone says, for all listed secrets together, whether they are gone.
func writeGone(w io.Writer, r *finding.Report, show report.Options, listed int) error {
	if err := report.Text(w, r, show); err != nil {
		return err
	}
	noun := fmt.Sprintf("%d listed secrets is", listed)
	if listed == 1 {
		noun = "1 listed secret is"
	}
	var err error
	if len(r.Findings) == 0 && r.Coverage.Complete() {
		_, err = fmt.Fprintf(w, "gone: none of %s in any object, reflog or ref's name\n", noun)
	}
	return err
}

// newHistoryCommand has the defaults of a verb that reads a history.
func newHistoryCommand() *command {
	c := newCommand()
	c.mode = modeHistory
	return c
}

// takeRepository takes the argument at position at as the repository.
func (c *command) takeRepository(fs *pflag.FlagSet, at int) error {
	c.paths = fs.Args()[min(at, fs.NArg()):]
	if len(c.paths) > 1 {
		return &usageError{fmt.Sprintf("one repository is read, but %d are named", len(c.paths)), "call it once for each"}
	}
	return nil
}
