package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"keyrake/config"
	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/known"
	"keyrake/scanner/report"
)

func baselineVerb() subcommand {
	return subcommand{
		name:    "baseline",
		summary: "accept the secrets that are there, so that scans report new ones only",
		synopsis: `baseline create [FLAGS] [PATH...]
baseline update [FLAGS] [PATH...]
baseline prune [--dry-run] [FLAGS] [REPO]
baseline show [--baseline FILE]`,
		about: `
A baseline is a file with a line for each accepted secret: the rule, a keyed
hash, and the reason that --reason gives. It holds no secret, path, line number
or date, so moving or renaming code changes nothing, and another secret at the
same place is new. It is meant to be committed: scans read .scan-baseline at the
top of the repository, or the file that --baseline names.

create scans and accepts what it finds. update adds what is new. Both take the
flags of a scan, so that "scan baseline create --history" accepts a history.
prune takes out, and lists, the secrets that are in neither the files nor the
history any more. show lists the file.`,
		sections: []section{{"Flags", []option{
			{"reason", "", "TEXT", "create, update: why these secrets are accepted"},
			{"dry-run", "", "", "prune: list, and leave the file as it is"},
		}}},
		run: runBaseline,
	}
}

// baselining is one call of the verb.
type baselining struct {
	*process
	c      *command
	s      *settings
	reason string
	dryRun bool
}

func runBaseline(ctx context.Context, p *process, args []string) (exitCode, error) {
	actions := map[string]func(*baselining, context.Context) (exitCode, error){
		"create": (*baselining).create, "update": (*baselining).update, "prune": (*baselining).prune, "show": (*baselining).show,
	}
	b := &baselining{process: p}
	action, args, err := takeAction(args, "create", "update", "prune", "show")
	if err != nil {
		return exitUsage, err
	}
	b.c, err = parseFlags(args, func(fs *pflag.FlagSet) {
		fs.StringVar(&b.reason, "reason", "", "")
		fs.BoolVar(&b.dryRun, "dry-run", false, "")
	})
	if err != nil {
		return exitUsage, err
	}
	if b.c.help || action == "" {
		return exitClean, pflag.ErrHelp
	}
	if err := b.check(action); err != nil {
		return exitUsage, err
	}
	if b.s, err = gather(b.c, p.env); err != nil {
		return exitUsage, err
	}
	defer b.s.close()
	return actions[action](b, ctx)
}

// takeAction takes the word behind a verb. It is "" where help is asked for.
func takeAction(args []string, actions ...string) (action string, rest []string, err error) {
	switch {
	case len(args) > 0 && slices.Contains(actions, args[0]):
		return args[0], args[1:], nil
	case len(args) > 0 && (args[0] == "--help" || args[0] == "-h"):
		return "", args, nil
	case len(args) > 0:
		return "", nil, unknownAction(args[0], actions)
	}
	return "", nil, &usageError{"say what to do: " + strings.Join(actions, ", "), ""}
}

// check refuses flags that mean nothing to the action.
func (b *baselining) check(action string) error {
	names := []string{"agent", "output", "format", "report", "show-secrets", "show-low", "show-suppressed", "fail-on", "exit-zero", "allow-incomplete", "wrangler"}
	switch action {
	case "prune":
		names = append(names, "reason", "history", "staged", "stdin", "range", "since-ref", "not-on", "unreachable", "publish", "no-ignore", "min-confidence")
	case "show":
		names = append(names, "reason", "dry-run", "history", "staged", "stdin", "range", "since-ref", "not-on")
	default:
		names = append(names, "dry-run")
	}
	if i := slices.IndexFunc(names, b.c.flags.Changed); i >= 0 {
		return &usageError{fmt.Sprintf("--%s means nothing to baseline %s", names[i], action), "leave it out"}
	}
	if action == "prune" && len(b.c.paths) > 1 {
		return &usageError{"baseline prune takes one REPO", "call it once for each"}
	}
	return nil
}

// path is the name of the baseline file on disk.
func (b *baselining) path() (string, error) {
	v, named := b.s.Single(config.Baseline)
	switch {
	case named && !v.Foreign:
		return v.Text, nil
	case b.s.top == nil || b.s.top.Dir == "":
		return "", &usageError{"there is no work tree that a baseline could lie in", "name one with --baseline FILE"}
	case named:
		path, err := ownFile(b.s.top.Dir, v.Text)
		if err != nil {
			err = fmt.Errorf("%s: baseline: %w; name one with --baseline FILE", v.From, err)
		}
		return path, err
	}
	return ownFile(b.s.top.Dir, baselineFile)
}

// load reads the baseline file.
func (b *baselining) load() (*known.Baseline, string, error) {
	path, err := b.path()
	if err != nil {
		return nil, "", err
	}
	list, err := readBaseline(path, b.short(path))
	if errors.Is(err, fs.ErrNotExist) {
		err = &usageError{b.short(path) + ": there is no such baseline", `make one with "scan baseline create"`}
	}
	return list, path, err
}

// short names the file as its user would.
func (b *baselining) short(path string) string {
	if b.s.top != nil {
		if rel, ok := b.s.top.Within(path); ok {
			return rel
		}
	}
	return path
}

func (b *baselining) create(ctx context.Context) (exitCode, error) {
	path, err := b.path()
	if err != nil {
		return exitUsage, err
	}
	if _, err := os.Lstat(path); err == nil {
		return exitUsage, &usageError{b.short(path) + " exists", `"scan baseline update" adds what is new`}
	}
	b.s.fresh = true
	return b.accept(ctx, newBaseline(b.short(path)), path)
}

func (b *baselining) update(ctx context.Context) (exitCode, error) {
	list, path, err := b.load()
	if err != nil {
		return exitUsage, err
	}
	return b.accept(ctx, list, path)
}

// accept scans and adds what it finds.
func (b *baselining) accept(ctx context.Context, list *known.Baseline, path string) (exitCode, error) {
	opt, err := options(b.c, b.s, b.term)
	if err != nil {
		return exitUsage, err
	}
	r, err := b.scanned(ctx, b.c, opt)
	if err != nil {
		return exitIncomplete, err
	}
	added, left := list.Add(r.Findings, b.reason, b.c.jobs)
	if err := writeShared(path, list.Bytes()); err != nil {
		return exitIncomplete, err
	}
	if _, err := fmt.Fprintf(b.stdout, "%s: %d added%s, %d accepted in all\n", list.Name, added, byRule(r.Findings), list.Len()); err != nil {
		return exitIncomplete, err
	}
	if n := proven(r.Findings); n > 0 {
		b.term.print("WARNING: of what is accepted now, PROVEN secrets: %d; those not revoked can be used", n)
	}
	warnProven(b.term, r)
	if left > 0 {
		b.term.print("left out: %d guessable secrets, more than a scan compares; accept their files in .scanignore", left)
	}
	if !r.Coverage.Complete() {
		b.term.print("incomplete: not everything could be read; a scan with the same flags says what")
	}
	if left > 0 || !r.Coverage.Complete() {
		return exitIncomplete, nil
	}
	return exitClean, nil
}

// byRule counts findings by rule: " (a 2, b 1)".
func byRule(list []finding.Finding) string {
	count := map[string]int{}
	for i := range list {
		count[list[i].Rule.ID]++
	}
	var parts []string
	for id, n := range count {
		parts = append(parts, fmt.Sprintf("%s %d", id, n))
	}
	if len(parts) == 0 {
		return ""
	}
	slices.Sort(parts)
	return " (" + strings.Join(parts, ", ") + ")"
}

func proven(list []finding.Finding) (n int) {
	for i := range list {
		if list[i].Proof == "verified" {
			n++
		}
	}
	return n
}

// prune looks for every accepted secret in the files and in the history, with
// nothing suppressed and nothing too unlikely, and takes out what is gone.
func (b *baselining) prune(ctx context.Context) (exitCode, error) {
	list, path, err := b.load()
	if err != nil {
		return exitUsage, err
	}
	b.s.fresh = true
	b.c.anyConfidence, b.c.minConfidence = true, 0
	opt, err := options(b.c, b.s, b.term)
	if err != nil {
		return exitUsage, err
	}
	opt.Known = nil
	all, err := b.everywhere(ctx, opt)
	if err != nil {
		return exitIncomplete, err
	}
	active := opt.Rules
	if b.dryRun {
		path = ""
	}
	gone, left := list.Prune(all, func(id string) bool { return active.Get(id) != nil }, b.c.jobs)
	if left > 0 {
		return exitIncomplete, fmt.Errorf("%d guessable secrets are more than can be compared; nothing is pruned", left)
	}
	if path != "" && len(gone) > 0 {
		if err := writeShared(path, list.Bytes()); err != nil {
			return exitIncomplete, err
		}
	}
	var out strings.Builder
	for _, l := range gone {
		out.WriteString(report.Clean(lineText(l)) + "\n")
	}
	verb := "removed"
	if b.dryRun {
		verb = "to remove"
	}
	fmt.Fprintf(&out, "%s: %d %s, %d still there\n", list.Name, len(gone), verb, list.Len())
	if _, err := io.WriteString(b.stdout, out.String()); err != nil {
		return exitIncomplete, err
	}
	return exitClean, nil
}

// everywhere gives all findings of the files and of the history. Both have to
// be read in full: what was not read may hold what seems to be gone.
func (b *baselining) everywhere(ctx context.Context, opt scanner.Options) (all []finding.Finding, err error) {
	modes := []mode{modeFiles}
	switch {
	case b.s.top != nil && b.s.top.Dir == "":
		modes = []mode{modeHistory}
	case b.s.top != nil:
		modes = []mode{modeFiles, modeHistory}
	}
	for _, m := range modes {
		c := *b.c
		c.mode = m
		if m == modeFiles {
			c.noIgnore = true
			if b.s.top != nil {
				c.paths = []string{b.s.top.Dir}
			}
		}
		r, err := b.scanned(ctx, &c, opt)
		if err != nil {
			return nil, err
		}
		if !r.Coverage.Complete() {
			return nil, errors.New("not everything could be read, and what was not may hold what seems to be gone: nothing is pruned; a scan says what is missing")
		}
		all = append(all, r.Findings...)
	}
	return all, nil
}

func (b *baselining) show(context.Context) (exitCode, error) {
	list, _, err := b.load()
	if err != nil {
		return exitUsage, err
	}
	var out strings.Builder
	for _, l := range list.Lines() {
		out.WriteString(report.Clean(lineText(l)) + "\n")
	}
	fmt.Fprintf(&out, "%s: %d accepted\n", list.Name, list.Len())
	if _, err := io.WriteString(b.stdout, out.String()); err != nil {
		return exitIncomplete, err
	}
	return exitClean, nil
}

func lineText(l known.Line) string {
	text := l.Rule + " " + l.Hash
	if l.Reason != "" {
		text += " -- " + l.Reason
	}
	return text
}
