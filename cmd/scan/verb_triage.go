package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

func triageVerb() subcommand {
	return subcommand{
		name:    "triage",
		summary: "go through the findings: accept with a reason, see what to do, or leave",
		synopsis: `triage [FLAGS OF A SCAN] [PATH...]
triage --accept FINGERPRINT --reason TEXT [--to FILE] [PATH...]`,
		about: `
Scans, and asks about each finding. What is accepted goes to .scanignore, by its
fingerprints (a password that could be guessed has one by its place, and one for
the version of the file), or to the baseline; both want a reason, and both are
files of the repository that are meant to be committed. A proven secret is
accepted only with "yes", as it can be used until it is revoked.

Where standard input is no terminal it asks nothing: it accepts what --accept
names, and lists what is left with the call that accepts it. The exit code is
that of a scan without what was accepted.`,
		sections: []section{{"Flags", []option{
			{"accept", "", "FINGERPRINT", "accept this finding (may be given several times); the start of a fingerprint is enough"},
			{"reason", "", "TEXT", "why it is accepted"},
			{"to", "", "FILE", "ignore (.scanignore) or baseline (default ignore)"},
			{"ask", "", "", "ask although standard input is no terminal"},
		}}},
		run: runTriage,
	}
}

// triage is one call of the verb.
type triage struct {
	*process
	c      *command
	s      *settings
	r      *finding.Report
	given  []string // the arguments of this call
	accept []string
	reason string
	to     string
	ask    bool
	left   []finding.Finding
	taken  int
}

func runTriage(ctx context.Context, p *process, args []string) (exitCode, error) {
	t := &triage{process: p, to: "ignore", given: args}
	var err error
	t.c, err = parseFlags(args, func(fs *pflag.FlagSet) {
		fs.StringSliceVar(&t.accept, "accept", nil, "")
		fs.StringVar(&t.reason, "reason", "", "")
		fs.Func("to", "", func(s string) error { return choose(&t.to, s, "ignore", "baseline") })
		fs.BoolVar(&t.ask, "ask", false, "")
	})
	switch {
	case err != nil:
		return exitUsage, err
	case t.c.help:
		return exitClean, pflag.ErrHelp
	case t.meaningless() != "":
		return exitUsage, &usageError{fmt.Sprintf("--%s means nothing to triage", t.meaningless()), "leave it out"}
	case len(t.accept) > 0 && strings.TrimSpace(t.reason) == "":
		return exitUsage, &usageError{"--accept needs a reason", `say why: --reason "a key of the tests"`}
	case t.c.mode == modeStdin:
		return exitUsage, &usageError{"triage asks on standard input, so it cannot scan it", "name files"}
	}
	set, opt, err := p.prepare(t.c)
	if err != nil {
		return exitUsage, err
	}
	defer set.close()
	t.s = set
	t.r, err = p.scanned(ctx, t.c, opt)
	if t.r == nil {
		return codeFor(t.r, err, false), err
	}
	if err := t.decide(ctx); err != nil {
		return exitUsage, err
	}
	t.r.Findings = t.left
	if !t.r.Coverage.Complete() {
		p.term.print("incomplete: not everything could be read; a scan with the same flags says what")
	}
	_, werr := fmt.Fprintf(p.stdout, "accepted: %d, left: %d\n", t.taken, len(t.left))
	return t.c.exit(t.r, err), werr
}

// meaningless is a flag that was given and has no effect, "" if there is none.
func (t *triage) meaningless() string {
	names := []string{"agent", "output", "format", "report", "show-low", "show-suppressed", "wrangler"}
	if i := slices.IndexFunc(names, t.c.flags.Changed); i >= 0 {
		return names[i]
	}
	return ""
}

// decide goes through the findings.
func (t *triage) decide(ctx context.Context) error {
	if err := t.acceptNamed(); err != nil {
		return err
	}
	_, terminal := terminalWidth(t.stdin)
	if !t.ask && !terminal || len(t.accept) > 0 {
		return t.list()
	}
	in := bufio.NewScanner(interruptible(ctx, t.stdin))
	todo := t.left
	t.left = nil
	for i := range todo {
		goOn, err := t.question(in, &todo[i], fmt.Sprintf("%d of %d", i+1, len(todo)))
		if err != nil {
			return err
		}
		if !goOn {
			t.left = append(t.left, todo[i+1:]...)
			return nil
		}
	}
	return nil
}

// acceptNamed accepts what --accept names, and puts the rest into left.
func (t *triage) acceptNamed() error {
	used := map[string]int{}
	for i := range t.r.Findings {
		f := &t.r.Findings[i]
		at := slices.IndexFunc(t.accept, func(print string) bool { return len(print) >= 8 && f.IsCalled(print) })
		if at < 0 {
			t.left = append(t.left, *f)
			continue
		}
		used[t.accept[at]]++
	}
	for _, print := range t.accept {
		switch {
		case used[print] == 0:
			return &usageError{fmt.Sprintf("no finding has the fingerprint %q", print), `"scan triage" without a terminal lists them; eight digits are the least`}
		case used[print] > 1 && len(print) < 32:
			return &usageError{fmt.Sprintf("%d findings have a fingerprint that starts with %s", used[print], print), "give more of it"}
		}
	}
	for i := range t.r.Findings {
		f := &t.r.Findings[i]
		if slices.ContainsFunc(t.accept, f.IsCalled) {
			if err := t.take(f, t.reason, t.to); err != nil {
				return err
			}
		}
	}
	return nil
}

// list prints what is left, with the call that accepts it.
func (t *triage) list() error {
	if len(t.left) == 0 {
		return nil
	}
	if err := t.show(t.left); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.stdout, "to accept the first: scan triage --accept %s --reason TEXT%s\n", t.left[0].Fingerprint[:12], t.again())
	return err
}

// again gives the arguments of this call that make the next one find the same.
func (t *triage) again() string {
	var text strings.Builder
	for i := 0; i < len(t.given); i++ {
		arg := t.given[i]
		if arg == "--" {
			text.WriteString(" --")
			for _, rest := range t.given[i+1:] {
				text.WriteString(" " + finding.Quote(rest))
			}
			break
		}
		name, _, whole := strings.Cut(arg, "=")
		switch name {
		case "--accept", "--reason", "--to":
			if !whole {
				i++
			}
		case "--ask":
		default:
			word := strings.TrimLeft(arg, "-")
			text.WriteString(" " + arg[:len(arg)-len(word)] + finding.Quote(word))
		}
	}
	return report.Clean(masked(text.String()))
}

// show prints findings.
func (t *triage) show(list []finding.Finding) error {
	width, terminal := terminalWidth(t.stdout)
	opt := report.Options{ShowSecrets: t.c.showSecrets, Width: width, Color: t.env.useColor(t.c.color, terminal)}
	if t.env.useLinks(t.c.hyperlink, terminal) {
		opt.Link, opt.CommitLink = t.c.linker(t.env)
	}
	for i := range list {
		one := &finding.Report{Findings: list[i : i+1], Named: t.r.Named, Coverage: finding.Coverage{Source: t.r.Coverage.Source}}
		if err := report.TextFindings(t.stdout, one, opt); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(t.stdout, "  fingerprint %s\n\n", list[i].Fingerprint); err != nil {
			return err
		}
	}
	return nil
}

const triageHelp = `  i  accept it in .scanignore, by its fingerprint
  b  accept it in the baseline, by a keyed hash of the secret
  r  what to do about it
  s  leave it, and go on (so does an empty line)
  q  leave this and all that follow
`

// question asks about one finding; goOn is false if the others are to be left.
func (t *triage) question(in *bufio.Scanner, f *finding.Finding, count string) (goOn bool, err error) {
	if err := t.show([]finding.Finding{*f}); err != nil {
		return false, err
	}
	for {
		answer, ok := t.prompt(in, count+": [i]gnore, [b]aseline, [r]emedy, [s]kip, [q]uit, [?] > ")
		switch {
		case !ok || answer == "q":
			t.left = append(t.left, *f)
			return false, nil
		case answer == "" || answer == "s":
			t.left = append(t.left, *f)
			return true, nil
		case answer == "i" || answer == "b":
			reason, ok := t.why(in, f)
			if !ok {
				continue
			}
			to := map[string]string{"i": "ignore", "b": "baseline"}[answer]
			return true, t.take(f, reason, to)
		case answer == "r":
			fmt.Fprintf(t.stdout, "%s\n%s\n", report.Clean(f.Rule.Remedy), report.Clean(strings.Join(f.Reasons, "; ")))
		default:
			io.WriteString(t.stdout, triageHelp)
		}
	}
}

// why asks for the reason, and once more if the secret is proven.
func (t *triage) why(in *bufio.Scanner, f *finding.Finding) (reason string, ok bool) {
	if f.Proof == "verified" {
		sure, _ := t.prompt(in, "its form is PROVEN: it can be used until it is revoked. Accept it? (yes) > ")
		if sure != "yes" {
			return "", false
		}
	}
	reason, _ = t.prompt(in, "why is it accepted? > ")
	if reason == "" {
		fmt.Fprintln(t.stdout, "without a reason it stays a finding")
	}
	return reason, reason != ""
}

func (t *triage) prompt(in *bufio.Scanner, text string) (answer string, ok bool) {
	io.WriteString(t.stdout, text)
	if !in.Scan() {
		io.WriteString(t.stdout, "\n")
		return "", false
	}
	return strings.TrimSpace(in.Text()), true
}

// take accepts a finding.
func (t *triage) take(f *finding.Finding, reason, to string) error {
	reason = strings.Join(strings.Fields(reason), " ")
	if f.Proof == "verified" {
		t.term.print("WARNING: a PROVEN secret is accepted (%s); if it was not revoked, it can be used", f.Rule.ID)
	}
	t.taken++
	if to == "baseline" {
		return t.takeBaseline(f, reason)
	}
	if t.s.top == nil || t.s.top.Dir == "" {
		return &usageError{"there is no work tree that a .scanignore could lie in", "use --to baseline --baseline FILE"}
	}
	path, err := ownFile(t.s.top.Dir, ignoreFile)
	if err != nil {
		return err
	}
	lines, half := ignoreLines(f, t.s.top.Dir, reason)
	if half != "" {
		t.term.print("%s %s", report.Clean(masked(f.Places[0].Path)), half)
	}
	return addIgnore(path, lines)
}

func (t *triage) takeBaseline(f *finding.Finding, reason string) error {
	b := &baselining{process: t.process, c: t.c, s: t.s}
	path, err := b.path()
	if err != nil {
		return err
	}
	list := newBaseline(b.short(path))
	if _, err := os.Lstat(path); err == nil {
		if list, path, err = b.load(); err != nil {
			return err
		}
	}
	list.Add([]finding.Finding{*f}, reason, t.c.jobs)
	return writeShared(path, list.Bytes())
}
