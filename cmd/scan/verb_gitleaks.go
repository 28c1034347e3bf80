package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// gitleaksVerb is a command of gitleaks, for whoever puts "scan" in its place.
func gitleaksVerb(name string) subcommand {
	summary := map[string]string{
		"git":   "as \"gitleaks git\", with its flags; also called detect and protect",
		"dir":   "as \"gitleaks dir\", with its flags",
		"stdin": "as \"gitleaks stdin\", with its flags",
	}[name]
	source := map[string]string{"git": " [REPO]", "detect": "", "protect": "", "stdin": ""}
	args, ok := source[name]
	if !ok {
		args = " [PATH]"
	}
	return subcommand{
		name:     name,
		summary:  summary,
		synopsis: name + " [FLAGS]" + args,
		about: `
Takes the flags of gitleaks 8, so that its name can be replaced in scripts and
in CI. It reads .gitleaks.toml, .gitleaksignore and gitleaks:allow marks as they
are; "scan import gitleaks" turns them into Keyrake's own. Secrets are always
masked. Exit code 3 says that not everything could be read, which gitleaks does
not tell. docs/from-gitleaks.md lists flags and differences.`,
		sections: gitleaksSections(name),
		run: func(ctx context.Context, p *process, args []string) (exitCode, error) {
			return runGitleaks(ctx, p, name, args)
		},
	}
}

func gitleaksSections(name string) []section {
	common := []option{
		{"config", "c", "FILE", "a .gitleaks.toml (default: GITLEAKS_CONFIG, or the one at the target)"},
		{"baseline-path", "b", "FILE", "a report of gitleaks, whose findings are known"},
		{"gitleaks-ignore-path", "i", "PATH", "a .gitleaksignore, or the folder that holds it (default: .)"},
		{"report-format", "f", "FORMAT", "json (in gitleaks' form), csv, junit or sarif"},
		{"report-path", "r", "FILE", "write the report to FILE; - is standard output"},
		{"exit-code", "", "N", "exit code for findings (default 1)"},
		{"enable-rule", "", "ID", "search with these rules only (may be given several times)"},
		{"ignore-gitleaks-allow", "", "", "gitleaks:allow marks do not count"},
		{"max-target-megabytes", "", "N", "leave larger files out, and list them as not read"},
		{"max-archive-depth", "", "N", "how deep archives are opened (default 2, and not 0 as in gitleaks)"},
		{"timeout", "", "SECONDS", "end the scan after that time, as incomplete"},
		{"no-color", "", "", "no colour"},
		{"log-level", "l", "LEVEL", "error and fatal print less; others change nothing"},
		{"allow-incomplete", "", "", "Keyrake's: exit 0 in spite of what could not be read"},
		{"help", "h", "", "print this text"},
	}
	nothing := []option{
		{"redact", "", "[=N]", "secrets are always masked"},
		{"verbose", "v", "", "findings are always printed"},
		{"no-banner", "", "", "there is none"},
		{"max-decode-depth", "", "N", "encoded text is decoded as far as it needs to be"},
		{"report-template", "", "FILE", "refused: there are no templates"},
		{"diagnostics", "", "LIST", "refused: --stats shows what a scan cost"},
		{"diagnostics-dir", "", "DIR", "refused with it"},
	}
	return []section{{"Flags", append(common, gitleaksOwn(name)...)}, {"Flags without effect", nothing}}
}

// gitleaksOwn are the flags that only some commands have.
func gitleaksOwn(name string) (list []option) {
	has := func(names ...string) bool { return slices.Contains(names, name) }
	if has("git", "protect") {
		list = append(list, option{"staged", "", "", "what the next commit would add"})
	}
	if has("git") {
		list = append(list, option{"pre-commit", "", "", "with --staged; refused alone"})
	}
	if has("git", "detect", "protect") {
		list = append(list, option{"log-opts", "", "OPTIONS", "a range such as A..B, --all, -1 or --since-commit; other options of git log are refused"})
	}
	if has("git", "detect") {
		list = append(list, option{"platform", "", "NAME", "no effect: no links are made"})
	}
	if has("detect", "protect") {
		list = append(list, option{"source", "s", "PATH", "the repository or folder (default: .)"})
	}
	if has("detect") {
		list = append(list, option{"no-git", "", "", "as \"scan dir\""}, option{"pipe", "", "", "as \"scan stdin\""})
	}
	if has("detect", "dir", "directory", "file", "files") {
		list = append(list, option{"follow-symlinks", "", "", "refused: name the target of the link as PATH"})
	}
	return list
}

// gitleaksCall is a call with the flags of gitleaks.
type gitleaksCall struct {
	*process
	name string
	fs   *pflag.FlagSet
	c    *command
	code int // for findings
}

func runGitleaks(ctx context.Context, p *process, name string, args []string) (exitCode, error) {
	g := &gitleaksCall{process: p, name: name, fs: newVerbFlags(name), code: int(exitFindings)}
	for _, s := range gitleaksSections(name) {
		for _, o := range s.options {
			g.define(o)
		}
	}
	if err := parseVerb(g.fs, args); err != nil {
		return exitUsage, err
	}
	if _, err := os.Lstat(name); err == nil {
		p.term.print(`"scan %s" is the command of gitleaks; what is called so here is "./%s"`, name, name)
	}
	ours, err := g.translate()
	if err != nil {
		return exitUsage, err
	}
	if g.c, err = parseFlags(ours); err != nil {
		return exitUsage, err
	}
	if g.c.mode == modeStaged && g.source() != "." {
		g.c.paths = []string{g.source()}
	}
	if n := g.number("timeout"); n > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, time.Duration(n)*time.Second)
		defer stop()
	}
	code := perform(ctx, p, g.c, g.settle)
	if code == exitFindings {
		code = exitCode(g.code)
	}
	return code, nil
}

// define makes a flag of a row of the table.
func (g *gitleaksCall) define(o option) {
	switch {
	case o.name == "help": // pflag's own
	case o.name == "enable-rule":
		g.fs.StringSlice(o.name, nil, "")
	case o.value == "":
		g.fs.BoolP(o.name, o.short, false, "")
	default:
		g.fs.StringP(o.name, o.short, "", "")
		if strings.HasPrefix(o.value, "[=") {
			g.fs.Lookup(o.name).NoOptDefVal = "100"
		}
	}
}

func (g *gitleaksCall) text(name string) string {
	if f := g.fs.Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}

func (g *gitleaksCall) on(name string) bool { return g.text(name) == "true" }

// number is the value of a flag that check has found to be a number.
func (g *gitleaksCall) number(name string) int {
	n, err := strconv.Atoi(g.text(name))
	if err != nil {
		return 0
	}
	return n
}

// source is what the call names, or ".".
func (g *gitleaksCall) source() string {
	if s := g.text("source"); s != "" {
		return s
	}
	if s := g.fs.Arg(0); s != "" {
		return s
	}
	return "."
}

// translate gives our flags for the call.
func (g *gitleaksCall) translate() (ours []string, err error) {
	if err := g.refuse(); err != nil {
		return nil, err
	}
	if g.fs.Changed("exit-code") {
		g.code = g.number("exit-code")
	}
	if n := g.number("max-target-megabytes"); n > 0 {
		ours = append(ours, fmt.Sprintf("--max-file-size=%dMB", n))
	}
	if g.fs.Changed("max-archive-depth") {
		ours = append(ours, "--max-archive-depth="+g.text("max-archive-depth"))
	}
	if g.on("no-color") {
		ours = append(ours, "--color=never")
	}
	if l := g.text("log-level"); l == "error" || l == "fatal" {
		ours = append(ours, "--quiet")
	}
	if g.on("allow-incomplete") {
		ours = append(ours, "--allow-incomplete")
	}
	report, err := g.report()
	if err != nil {
		return nil, err
	}
	what, err := g.what()
	return append(append(ours, report...), what...), err
}

// refuse tells of flags that have no counterpart, and of values that are none.
func (g *gitleaksCall) refuse() error {
	for _, r := range []struct{ flag, text, hint string }{
		{"report-template", "templates are not supported", "--format json holds everything; jq can shape it"},
		{"follow-symlinks", "links are not followed", "name the target of the link as PATH"},
		{"diagnostics", "there are no such diagnostics", `"scan --stats" shows what a scan cost`},
		{"diagnostics-dir", "there are no such diagnostics", `"scan --stats" shows what a scan cost`},
	} {
		if f := g.fs.Lookup(r.flag); f != nil && f.Changed && f.Value.String() != "false" {
			return &usageError{"--" + r.flag + ": " + r.text, r.hint}
		}
	}
	for _, name := range []string{"exit-code", "max-target-megabytes", "timeout", "max-decode-depth", "max-archive-depth", "redact"} {
		if !g.fs.Changed(name) {
			continue
		}
		if n, err := strconv.Atoi(g.text(name)); err != nil || n < 0 || name == "exit-code" && n > 255 {
			return &usageError{fmt.Sprintf("--%s %q is no number that it can have", name, g.text(name)), ""}
		}
	}
	switch {
	case g.fs.NArg() > 1 || g.fs.NArg() == 1 && (g.name == "stdin" || g.name == "protect"):
		return &usageError{fmt.Sprintf("%d paths are named, more than gitleaks takes", g.fs.NArg()), `"scan PATH…" takes any number`}
	case (g.on("pre-commit") || g.name == "protect") && !g.on("staged"):
		return &usageError{"without --staged, gitleaks looks at changes that are not staged", `use "--staged" in a hook, or "scan PATH" for files on disk`}
	}
	if g.fs.Changed("max-decode-depth") {
		g.term.print("--max-decode-depth has no effect: encoded text is decoded as far as it needs to be")
	}
	if g.fs.Changed("platform") {
		g.term.print("--platform has no effect: no links are made")
	}
	return nil
}

// report gives the flags for the report. The format of the file follows its
// name where it is not given.
func (g *gitleaksCall) report() ([]string, error) {
	file, format := g.text("report-path"), strings.ToLower(strings.TrimSpace(g.text("report-format")))
	if format == "" && file != "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(file)), ".")
	}
	known := map[string]string{"json": "gitleaks", "csv": "csv", "junit": "junit", "sarif": "sarif"}
	ours, ok := known[format]
	switch {
	case format == "template":
		return nil, &usageError{"--report-format template: templates are not supported", "json holds everything; jq can shape it"}
	case format == "" && file == "":
		return nil, nil
	case !ok:
		return nil, &usageError{fmt.Sprintf("the format of the report is %q: gitleaks has json, csv, junit and sarif", format), "say it with --report-format"}
	case file == "":
		return []string{"--format=" + ours}, nil
	case file == "-":
		return []string{"--report=" + ours + "=-"}, nil
	}
	return []string{"--format=text", "--report=" + ours + "=" + file}, nil
}

// what gives the flags for what is read.
func (g *gitleaksCall) what() ([]string, error) {
	source := g.source()
	switch {
	case g.name == "stdin" || g.on("pipe"):
		return []string{"--stdin"}, nil
	case g.on("no-git") || g.name == "dir" || oldNames()[g.name] == "dir":
		return []string{"--no-ignore", "--", source}, nil
	case g.on("staged"):
		return []string{"--staged"}, nil
	}
	ranges, err := g.logOptions()
	if err != nil {
		return nil, err
	}
	if len(ranges) == 0 {
		ranges = []string{"--history"}
	}
	return append(ranges, "--", source), nil
}

// logOptions turns options of git log into ranges: gitleaks hands them to git,
// which never runs here.
func (g *gitleaksCall) logOptions() (ours []string, err error) {
	last, paths := false, false
	for _, o := range strings.Fields(g.text("log-opts")) {
		o = strings.Trim(o, `"'`)
		switch {
		case o == "--":
			paths = true
		case paths:
			return nil, &usageError{"--log-opts: paths behind -- are not supported", "leave them out; .scanignore accepts paths"}
		case o == "--all":
			return nil, g.only(o)
		case o == "--no-merges" || o == "--first-parent" || o == "--full-history" || o == "-p" || o == "-U0" || o == "--reverse":
			g.term.print("--log-opts %s has no effect: all that the range adds is read, also what only a merge holds", o)
		case o == "-1" || o == "-n1" || o == "--max-count=1":
			last = true
		case strings.HasPrefix(o, "-"):
			return nil, &usageError{"--log-opts " + o + ": git log does not run here", `name a range: --log-opts "A..B"; or use "scan --since-ref REF" or "scan --not-on origin"`}
		default:
			ours = append(ours, o)
		}
	}
	switch {
	case last && len(ours) == 0:
		ours = []string{"HEAD^!"}
	case last && len(ours) == 1:
		ours[0] += "^!"
	case last:
		return nil, &usageError{"--log-opts: -1 with several revisions", "name one commit, or a range"}
	}
	for i, o := range ours {
		ours[i] = "--range=" + o
	}
	return ours, nil
}

// only refuses what would narrow --all.
func (g *gitleaksCall) only(all string) error {
	for _, o := range strings.Fields(g.text("log-opts")) {
		if !strings.HasPrefix(o, "-") {
			return &usageError{"--log-opts names " + all + " and " + o, "name one of them"}
		}
	}
	return nil
}
