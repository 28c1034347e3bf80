package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"keyrake/hook"
	"keyrake/scanner"
	"keyrake/scanner/report"
	"keyrake/scanner/walk/regular"
	"keyrake/worker/setup"
)

func initVerb() subcommand {
	return subcommand{
		name:     "init",
		summary:  "propose what a Workers project lacks to keep secrets in",
		synopsis: "init [FLAGS] [DIR]",
		about: `Shows, as a diff, what a Workers project lacks: the ignore lines that wrangler
itself writes, a [build] command that stops a publish while the history holds a
key, the secrets that code reads in secrets.required, a job of CI, and hooks.
Proposals only add; what cannot be added safely is given as a hint.

Nothing is written unless you say so: with --yes, or by answering "y" at a
terminal. Each file is then replaced as a whole or not at all, and not if it
changed since it was read.

Parts for --skip: gitignore, build, secrets, ci, hook.`,
		sections: []section{{"Flags", []option{
			{"yes", "y", "", "write without asking"},
			{"skip", "", "PART,...", "leave parts out"},
		}}},
		run: runInit,
	}
}

// initializer is one run of scan init.
type initializer struct {
	*process
	out     *bufio.Writer
	dir     string
	skip    []string
	changes []setup.Change
	hooks   *hooks // nil if there is no hook to install
	names   []string
	gaps    int // files of the project that could not be read
}

func runInit(ctx context.Context, p *process, args []string) (exitCode, error) {
	x := &initializer{process: p, dir: ".", out: bufio.NewWriter(p.stdout)}
	yes := false
	fs := newVerbFlags("init")
	fs.BoolVarP(&yes, "yes", "y", false, "")
	fs.StringSliceVar(&x.skip, "skip", nil, "")
	if err := parseVerb(fs, args); err != nil {
		return 0, err
	}
	for _, part := range x.skip {
		if part != "hook" && !slices.Contains(setup.Parts(), part) {
			return 0, &usageError{fmt.Sprintf("there is no part %q", part), "parts are " + strings.Join(setup.Parts(), ", ") + " and hook"}
		}
	}
	switch fs.NArg() {
	case 0:
	case 1:
		x.dir = fs.Arg(0)
	default:
		return 0, &usageError{"one folder is enough", `for example "scan init apps/shop"`}
	}
	if info, err := os.Stat(x.dir); err != nil || !info.IsDir() {
		return 0, &usageError{fmt.Sprintf("%s is no folder", x.dir), "name the folder of the project"}
	}
	err := x.propose(ctx)
	if e := x.out.Flush(); err == nil {
		err = e
	}
	if err != nil || len(x.changes)+len(x.names) == 0 {
		return x.done(err)
	}
	if !yes && !x.consents(ctx) {
		p.term.print(`nothing was written; "scan init --yes" writes it`)
		if ctx.Err() != nil {
			return exitInterrupted, nil
		}
		return x.done(nil)
	}
	return x.done(errors.Join(x.write(), x.out.Flush()))
}

// done gives the exit code: what could not be read makes it 3.
func (x *initializer) done(err error) (exitCode, error) {
	if err == nil && x.gaps > 0 {
		return exitIncomplete, nil
	}
	return wrote(err)
}

// propose shows what would change.
func (x *initializer) propose(ctx context.Context) error {
	project, err := scanner.ReadProject(ctx, x.env.git(&command{paths: []string{x.dir}}), x.dir, maxProjectFile)
	if err != nil {
		return err
	}
	if len(project.Workers) == 0 {
		for _, p := range project.Problems {
			x.term.print("%s: %s", report.Clean(p.Path), report.Clean(p.Reason))
		}
		return fmt.Errorf("%s holds no wrangler configuration that can be read; name the folder that has wrangler.jsonc or wrangler.toml", x.dir)
	}
	for _, g := range project.Gaps {
		x.term.print("not read, so that more may be lacking: %s: %s", report.Clean(g.What), report.Clean(g.Reason))
	}
	x.gaps = len(project.Gaps)
	var hints []setup.Hint
	skip := x.skip
	if below := project.Git && project.Prefix != "."; below && !slices.Contains(skip, "ci") {
		skip = append(slices.Clone(skip), "ci")
		hints = append(hints, setup.Hint{Path: ".github/workflows", Text: `a forge reads jobs at the top of the repository alone: run "scan init" there for one`})
	}
	var more []setup.Hint
	x.changes, more = setup.Propose(project.Project, project.Ignored, skip)
	hints = append(hints, more...)
	for i := range x.changes {
		c := &x.changes[i]
		fmt.Fprintf(x.out, "%s: %s\n", report.Clean(c.Path), c.Why)
		theirs := func(word string) bool { return bytes.Contains(c.Old, []byte(word)) }
		for line := range strings.Lines(withoutBare(masked(c.Diff()), theirs)) {
			fmt.Fprintf(x.out, "%s\n", cleanTabs(strings.TrimSuffix(line, "\n")))
		}
		fmt.Fprintln(x.out)
	}
	if project.Git && !slices.Contains(x.skip, "hook") {
		byHand, err := x.findHooks()
		if err != nil {
			return err
		}
		hints = append(hints, byHand...)
	}
	for _, h := range hints {
		fmt.Fprintf(x.out, "by hand: %s: %s\n", report.Clean(h.Path), report.Clean(masked(h.Text)))
	}
	if len(x.changes)+len(x.names) == 0 {
		fmt.Fprintln(x.out, "nothing to add")
	}
	return nil
}

// cleanTabs makes a line of a diff safe to show, and keeps its tabs.
func cleanTabs(line string) string {
	parts := strings.Split(line, "\t")
	for i := range parts {
		parts[i] = report.Clean(parts[i])
	}
	return strings.Join(parts, "\t")
}

// findHooks says which hooks are not there yet, and gives those that are to be added by hand.
func (x *initializer) findHooks() (byHand []setup.Hint, err error) {
	x.hooks = &hooks{process: x.process}
	if err := x.hooks.open(x.dir); errors.Is(err, errNoHooks) {
		return []setup.Hint{{Path: "hooks", Text: err.Error()}}, nil
	} else if err != nil {
		return nil, err
	}
	folder := x.hooks.husky()
	for _, name := range []string{"pre-commit", "pre-push"} {
		if folder != "" {
			text, _ := readLimited(filepath.Join(folder, name), maxProjectFile)
			if !bytes.Contains(text, []byte("scan hook run")) && !bytes.Contains(text, []byte("scan --staged")) {
				byHand = append(byHand, setup.Hint{Path: filepath.Join(folder, name), Text: "add the line: " + huskyLine(name)})
			}
			continue
		}
		s, err := x.hooks.Status(name)
		if err != nil {
			return nil, err
		}
		if s.State == hook.Absent || s.State == hook.Foreign {
			x.names = append(x.names, name)
		}
	}
	if len(x.names) > 0 {
		fmt.Fprintf(x.out, "hooks: %s in %s\n\n", strings.Join(x.names, " and "), report.Clean(x.hooks.Dir))
	}
	return byHand, nil
}

// consents asks at a terminal; elsewhere nobody can answer.
func (x *initializer) consents(ctx context.Context) bool {
	if _, ok := terminalWidth(x.stdin); !ok {
		return false
	}
	x.term.print("write this? [y/N]")
	answer, _ := bufio.NewReader(interruptible(ctx, x.stdin)).ReadString('\n')
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

func (x *initializer) write() error {
	root, err := os.OpenRoot(x.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for i := range x.changes {
		if err := replace(root, &x.changes[i]); err != nil {
			return fmt.Errorf("write %s: %w", x.changes[i].Path, err)
		}
		fmt.Fprintf(x.out, "wrote %s\n", report.Clean(x.changes[i].Path))
	}
	if len(x.names) > 0 {
		return x.hooks.install(x.out, x.names)
	}
	return nil
}

// replace puts a file's new content in its place, if the file still is what the
// proposal was made from. It goes nowhere through a symbolic link out of root.
func replace(root *os.Root, c *setup.Change) (err error) {
	mode := fs.FileMode(0o644)
	info, err := root.Lstat(c.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.Old == nil:
		if err := root.MkdirAll(path.Dir(c.Path), 0o755); err != nil {
			return err
		}
	case err != nil:
		return err
	case !regular.Is(info.Mode()):
		return errors.New("it is no regular file; change it by hand")
	default:
		mode = info.Mode().Perm()
		now, err := root.ReadFile(c.Path)
		if err != nil {
			return err
		}
		if c.Old == nil || !bytes.Equal(now, c.Old) {
			return errors.New("it changed since it was read; run scan init again")
		}
	}
	file, temp, err := createBeside(root, c.Path, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, bytes.NewReader(c.New))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = root.Rename(temp, c.Path)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temp))
	}
	return nil
}

// createBeside makes a file to be renamed to name. A run that was killed may have
// left one.
func createBeside(root *os.Root, name string, mode fs.FileMode) (file *os.File, temp string, err error) {
	for n := range 100 {
		temp = path.Join(path.Dir(name), fmt.Sprintf(".scan-init-%s.%d.tmp", filepath.Base(name), n))
		if file, err = root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode); !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return file, temp, err
}
