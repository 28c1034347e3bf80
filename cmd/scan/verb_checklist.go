package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/report"
	"keyrake/worker"
	"keyrake/worker/checklist"
)

func checklistVerb() subcommand {
	return subcommand{
		name:     "checklist",
		summary:  "answer the checklist before a Worker is launched, with evidence",
		synopsis: "checklist [FLAGS] [DIR]",
		about: `Goes through a Workers project and answers each row of a pre-launch checklist
with pass, fail, unknown or n/a, and with the place that says so: keys stored as
Workers secrets, no hard-coded keys in files or history, rotation, access logs,
token scopes, secrets in CI, and whether a key is needed at all.

DIR is the project's folder; of a part of a project, the project is looked for
above it, up to the repository's top.

No row passes without evidence. What cannot be seen in a repository is unknown:
what a token may do, say, or which secrets a Worker has, unless --secrets-json
tells. Each row names what it supports in the NIST AI Risk Management Framework
and the OWASP Top 10 for LLM applications. Neither asks for the row as such, and
a checklist makes nothing compliant with either.

Exit codes: 0 no row fails, 1 a row fails, 2 wrong usage, 3 no row fails but
something could not be read.`,
		sections: []section{{"Flags", []option{
			{"format", "f", "FORMAT", "text, json or markdown (for a pull request)"},
			{"secrets-json", "", "FILE", `output of "wrangler secret list"`},
			{"most", "", "N", "show at most N pieces of evidence for a row, 0 for all (default 5); JSON has all"},
			{"no-repo-config", "", "", "the repository's own .scan.yaml, .scanignore, baseline and marks do not count"},
			{"color", "", "WHEN", "always, never or auto (default auto)"},
			{"jobs", "j", "N", "workers (default: one for each CPU)"},
		}}},
		run: runChecklist,
	}
}

// maxProjectFile is the size up to which files of a project are looked at as a
// whole; the scans search larger ones, too.
const maxProjectFile = 16 << 20

func runChecklist(ctx context.Context, p *process, args []string) (exitCode, error) {
	c := newCommand()
	format, secretsFile, most := "text", "", 5
	fs := newVerbFlags("checklist")
	fs.FuncP("format", "f", "", func(s string) error { return choose(&format, s, "text", "json", "markdown") })
	fs.StringVar(&secretsFile, "secrets-json", "", "")
	fs.Func("most", "", func(s string) (err error) { most, err = parseCount(s); return err })
	fs.BoolVar(&c.noRepoConfig, "no-repo-config", false, "")
	fs.Func("color", "", func(s string) error { return choose(&c.color, s, "auto", "always", "never") })
	fs.FuncP("jobs", "j", "", func(s string) (err error) { c.jobs, err = parseJobs(s); return err })
	if err := parseVerb(fs, args); err != nil {
		return 0, err
	}
	dir := "."
	switch fs.NArg() {
	case 0:
	case 1:
		dir = fs.Arg(0)
	default:
		return 0, &usageError{"one folder is enough", `for example "scan checklist apps/shop"`}
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return 0, &usageError{fmt.Sprintf("%s is no folder", dir), "name the folder of the project"}
	}
	in := checklist.Inputs{Today: time.Now().UTC().Truncate(24 * time.Hour)}
	var err error
	if in.Secrets, err = secretNames(secretsFile); err != nil {
		return exitUsage, err
	}
	project, dir, err := p.project(ctx, c, dir)
	if err != nil {
		return exitIncomplete, err
	}
	set, opt, err := p.prepare(c)
	if err != nil {
		return exitUsage, err
	}
	defer set.close()
	opt.Progress = nil
	if err := c.examine(ctx, p, opt, project, dir, &in); err != nil {
		return exitIncomplete, err
	}
	in.Files.Coverage.Gaps = append(in.Files.Coverage.Gaps, set.gaps...)
	sheet := checklist.NewSheet(titleOf(dir), in)
	sheet.Most = most
	if err := writeSheet(p, c, sheet, format); err != nil {
		return exitIncomplete, err
	}
	switch {
	case checklist.Failed(sheet.Rows):
		return exitFindings, nil
	case len(sheet.Unread) > 0:
		return exitIncomplete, nil
	}
	return exitClean, nil
}

// secretNames reads what "wrangler secret list" printed; nil if no file is named.
func secretNames(file string) ([]string, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	names, err := worker.SecretNames(data)
	if err != nil {
		return nil, &usageError{fmt.Sprintf("%s is not what wrangler secret list prints: %v", file, err), `make it with "npx wrangler secret list > FILE"`}
	}
	return names, nil
}

// project reads the project in dir, and makes its folder what c is about. Where dir is a
// part of a project, that is the project: most rows would not apply to the part, which would
// pass by that. It is the nearest folder above with a configuration of wrangler or, if there is
// none and the repository has a Worker elsewhere, the repository's top.
func (p *process) project(ctx context.Context, c *command, dir string) (*scanner.Project, string, error) {
	read := func(dir string) (*scanner.Project, bool, error) {
		c.paths = []string{dir}
		found, err := scanner.ReadProject(ctx, p.env.git(c), dir, maxProjectFile)
		return found, err == nil && len(found.Workers)+len(found.Problems) > 0, err
	}
	here, whole, err := read(dir)
	if err != nil || whole || !here.Git || here.Prefix == "." {
		return here, dir, err
	}
	above, err := filepath.Abs(dir)
	if err == nil {
		above, err = filepath.EvalSymlinks(above)
	}
	if err != nil {
		return nil, "", err
	}
	for range strings.Split(here.Prefix, "/") {
		if above = filepath.Dir(above); hasConfig(above) {
			break
		}
	}
	all, whole, err := read(above)
	if err != nil {
		return nil, "", err
	}
	if !whole {
		c.paths = []string{dir}
		return here, dir, nil
	}
	p.term.print("no Worker is configured in %s, so this is about the folder that it is in: %s", report.Clean(masked(dir)), report.Clean(masked(above)))
	return all, above, nil
}

// hasConfig reports whether a folder has a configuration of wrangler.
func hasConfig(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !e.IsDir() && worker.IsConfig(e.Name()) })
}

// examine scans the files and the history of a project.
func (c *command) examine(ctx context.Context, p *process, opt scanner.Options, project *scanner.Project, dir string, in *checklist.Inputs) (err error) {
	in.Project, in.Ignored = project.Project, project.Ignored
	if in.Files, err = scanner.Files(ctx, opt, scanner.FilesOptions{Paths: []string{dir}, Git: p.env.git(c)}); err != nil {
		return err
	}
	in.Files.Coverage.Gaps = append(in.Files.Coverage.Gaps, project.Gaps...)
	shorten(in.Files, dir)
	if project.Git {
		c.mode = modeHistory
		if in.History, err = scanner.History(ctx, opt, p.env.git(c)); err != nil {
			return err
		}
		shorten(in.History, project.Prefix)
	}
	return nil
}

// shorten makes the paths of a report relative to the folder that was scanned.
func shorten(r *finding.Report, dir string) {
	for i := range r.Findings {
		for j := range r.Findings[i].Places {
			at := &r.Findings[i].Places[j]
			if at.Path == "" {
				continue // of a message
			}
			if short, err := filepath.Rel(dir, filepath.FromSlash(at.Path)); err == nil {
				at.Path = filepath.ToSlash(short)
			}
		}
	}
}

func titleOf(dir string) string {
	if full, err := filepath.Abs(dir); err == nil {
		return filepath.Base(full)
	}
	return dir
}

func writeSheet(p *process, c *command, sheet *checklist.Sheet, format string) error {
	switch format {
	case "json":
		return sheet.WriteJSON(p.stdout)
	case "markdown":
		return sheet.WriteMarkdown(p.stdout)
	}
	return sheet.WriteText(p.stdout, tint(c, p.env, p.stdout))
}

// tint colours words of a sheet.
func tint(c *command, env environment, out io.Writer) func(checklist.Status, string) string {
	_, terminal := terminalWidth(out)
	good, bad, doubtful := report.Pens(env.useColor(c.color, terminal))
	return func(s checklist.Status, word string) string {
		switch s {
		case checklist.Pass:
			return good(word)
		case checklist.Fail:
			return bad(word)
		case checklist.Unknown:
			return doubtful(word)
		}
		return word
	}
}
