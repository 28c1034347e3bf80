package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keyrake/hook"
	"keyrake/scanner"
	"keyrake/scanner/report"
)

func hookVerb() subcommand {
	return subcommand{
		name:     "hook",
		summary:  "install, remove and look at git hooks that call scan",
		synopsis: "hook install [FLAGS] [NAME...]\nhook uninstall [FLAGS] [NAME...]\nhook status [FLAGS]\nhook run NAME [ARG...]",
		about: `Installs hooks into the folder that git takes them from (core.hooksPath counts).
NAME is pre-commit, commit-msg, pre-push or, on a server, pre-receive; without a
NAME, install takes pre-commit and pre-push, or pre-receive in a bare
repository, and uninstall takes all. A hook that is there already is kept: it
runs first, and uninstall puts it back.

pre-commit scans what the commit brings in, commit-msg its message, pre-push
exactly what the remote lacks, pre-receive what is new to the server.

"hook run" is what an installed hook calls. To let one commit or push through,
use git's own --no-verify.`,
		sections: []section{{"Flags", []option{
			{"repo", "", "DIR", "the repository (default: that of the current folder)"},
		}}},
		run: runHook,
	}
}

// hooks is what the hook verbs work on.
type hooks struct {
	*process
	hook.Installer
	bare bool
}

func runHook(ctx context.Context, p *process, args []string) (exitCode, error) {
	if len(args) > 0 && args[0] == "run" {
		return callHook(ctx, p, args[1:])
	}
	dir := "."
	fs := newVerbFlags("hook")
	fs.StringVar(&dir, "repo", dir, "")
	if err := parseVerb(fs, args); err != nil {
		return 0, err
	}
	action, names := fs.Arg(0), fs.Args()[min(1, fs.NArg()):]
	if !slices.Contains([]string{"install", "uninstall", "status"}, action) {
		if action != "" {
			return 0, unknownAction(action, []string{"install", "uninstall", "status", "run"})
		}
		return 0, &usageError{"one of install, uninstall, status and run is needed", `for example "scan hook install"`}
	}
	for _, n := range names {
		if !slices.Contains(hook.Names(), n) {
			return 0, &usageError{fmt.Sprintf("there is no hook %q", n), "known are " + strings.Join(hook.Names(), ", ")}
		}
	}
	h := hooks{process: p}
	if err := h.open(dir); err != nil {
		return exitIncomplete, err
	}
	out := bufio.NewWriter(p.stdout)
	var err error
	switch action {
	case "install":
		err = h.install(out, names)
	case "uninstall":
		err = h.uninstall(out, names)
	case "status":
		err = h.status(out)
	}
	return wrote(errors.Join(err, out.Flush()))
}

// errNoHooks means that git runs no hook, as the user asks.
var errNoHooks = errors.New("which is no folder, so that none runs")

// open finds the hooks folder of a repository.
func (h *hooks) open(dir string) (err error) {
	c := &command{mode: modeHistory, paths: []string{dir}}
	folder, err := scanner.Hooks(h.env.git(c), h.env.gitConfigs(), h.env.home())
	if err != nil {
		return err
	}
	h.Dir, h.bare = folder.Dir, folder.Bare
	if folder.Includes {
		h.term.print(`your git configuration includes other files, which scan does not read; "git rev-parse --git-path hooks" shows whether git takes hooks from %s`, h.Dir)
	}
	if info, err := os.Stat(h.Dir); err == nil && !info.IsDir() {
		return fmt.Errorf("git takes hooks from %s, as core.hooksPath says, %w; set it to a folder, or unset it (\"git config --show-origin core.hooksPath\" shows where it is set)", h.Dir, errNoHooks)
	}
	h.Program, err = os.Executable()
	return err
}

// passing reports whether a program is one that "go run" made, whose place is another
// the next time: in a folder for this build, or in the cache.
func passing(program string) bool {
	dir := filepath.Dir(program)
	name, kept := strings.CutSuffix(filepath.Base(dir), "-d")
	if kept && isObjectName(name) {
		return true
	}
	return filepath.Base(dir) == "exe" && strings.HasPrefix(filepath.Base(filepath.Dir(filepath.Dir(dir))), "go-build")
}

func (h *hooks) install(out io.Writer, names []string) error {
	if len(names) == 0 {
		names = []string{"pre-commit", "pre-push"}
		if h.bare {
			names = []string{"pre-receive"}
		}
	}
	if passing(h.Program) {
		return fmt.Errorf(`this program is in a temporary folder of "go run", %s, where hooks will not find it for long; call "go install" or "go build" and the program that they make`, filepath.Dir(h.Program))
	}
	if folder := h.husky(); folder != "" {
		return huskyError(h.Dir, folder, names)
	}
	if strings.Contains(filepath.ToSlash(h.Dir), "/.lefthook") {
		h.term.print("%s is managed by lefthook, which may overwrite hooks there; docs/hooks.md shows how to call scan from it", h.Dir)
	}
	for _, name := range names {
		if h.isPreCommit(name) {
			h.term.print(`%s is pre-commit's; "pre-commit install", called again, takes scan's hook for one of its own and fails at each commit: better call "scan hook uninstall" and add scan to .pre-commit-config.yaml (docs/hooks.md)`, name)
		}
		chained, err := h.Install(name)
		if err != nil {
			return err
		}
		also := ""
		if chained {
			also = "; the hook that was there runs first"
		}
		if h.bare && (name == "pre-commit" || name == "commit-msg") {
			also += "; nobody commits in a bare repository, so that it runs in worktrees that are linked to it alone"
		}
		fmt.Fprintf(out, "%s installed in %s%s\n", name, report.Clean(h.Dir), also)
	}
	return nil
}

// isPreCommit reports whether the hook that is there is one of the pre-commit framework.
func (h *hooks) isPreCommit(name string) bool {
	data, err := readLimited(filepath.Join(h.Dir, name), 64<<10)
	return err == nil && strings.Contains(string(data), "File generated by pre-commit")
}

// husky is the folder in which husky looks for what its hooks run, if the hooks folder
// is husky's own, of which a hook of ours would not last: it makes all of them anew.
func (h *hooks) husky() string {
	up, base := filepath.Split(h.Dir)
	up = filepath.Clean(up)
	if base == ".husky" {
		return h.Dir // of its versions up to 8
	}
	if base != "_" {
		return ""
	}
	if _, err := os.Lstat(filepath.Join(h.Dir, "h")); err == nil || filepath.Base(up) == ".husky" {
		return up
	}
	return ""
}

// huskyLine is what calls scan from a file of husky's folder.
func huskyLine(name string) string { return "scan hook run " + name + ` "$@"` }

func huskyError(dir, folder string, names []string) error {
	lines := make([]string, len(names))
	for i, name := range names {
		lines[i] = fmt.Sprintf("to %s the line: %s", filepath.Join(folder, name), huskyLine(name))
	}
	return fmt.Errorf("%s is husky's, which makes the hooks there anew, so nothing was installed; add %s", dir, strings.Join(lines, "; and "))
}

func (h *hooks) uninstall(out io.Writer, names []string) error {
	if len(names) == 0 {
		names = hook.Names()
	}
	found := false
	for _, name := range names {
		done, restored, err := h.Uninstall(name)
		if err != nil {
			return err
		}
		if !done {
			continue
		}
		found = true
		also := ""
		if restored {
			also = "; the hook that was there before is back"
		}
		fmt.Fprintf(out, "%s removed from %s%s\n", name, report.Clean(h.Dir), also)
	}
	if !found {
		fmt.Fprintf(out, "no hook of scan in %s\n", report.Clean(h.Dir))
	}
	return nil
}

func (h *hooks) status(out io.Writer) error {
	fmt.Fprintf(out, "hooks folder %s\n", report.Clean(h.Dir))
	words := map[hook.State]string{
		hook.Absent: "none", hook.Ours: "scan", hook.Changed: "scan, changed since it was installed", hook.Foreign: "another program's",
	}
	for _, name := range hook.Names() {
		s, err := h.Status(name)
		if err != nil {
			return err
		}
		text := words[s.State]
		if s.Chained {
			text += ", after the hook that was there before"
		}
		fmt.Fprintf(out, "%-11s %s\n", name, text)
	}
	return nil
}
