package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// The suites.
const (
	suiteHistory = "history" // everything that a bare repository holds
	suiteDir     = "dir"     // the files of a checkout
	suiteStaged  = "staged"  // one staged file of 5 KB in a checkout, as a hook sees it
	suiteStart   = "start"   // nothing to do: what it costs to start
)

func suiteNames() []string { return []string{suiteHistory, suiteDir, suiteStaged, suiteStart} }

// tool is one program under measurement. Its kind, which is the name up to the
// first dash, picks its command lines, so that two builds of one program can
// stand side by side ("titus" and "titus-vectorscan").
type tool struct {
	name, kind, path string
}

// line says how a kind of tool does the work of a suite.
type line struct {
	suite, kind string
	what        string // names the row, after the tool's name
	args        string // split at blanks, then {repo}, {dir}, {empty} and {literals} are filled in
}

// lines is the table of all command lines. The first line of a suite is its
// yardstick. Rivals run with their default rules, without any network access,
// and in their cheapest output mode.
func lines() []line {
	return []line{
		{suiteHistory, "git", "cat-file", "-C {repo} cat-file --batch-all-objects --batch --buffer --unordered"},
		{suiteHistory, "git", "log -p", "-C {repo} log -p -U0 --full-history --all --diff-filter=tuxdb"},
		{suiteHistory, "scan", "--history", "--history --no-cache {repo}"},
		{suiteHistory, "scan", "--history, second time", "--history {repo}"}, // the warm-up run fills the cache
		{suiteHistory, "scan", "--history --full-scan", "--history --full-scan {repo}"},
		{suiteHistory, "gitleaks", "git", "git --no-banner {repo}"},
		{suiteHistory, "betterleaks", "git", "git --no-banner {repo}"},
		{suiteHistory, "titus", "scan --git", "scan --git --output :memory: {repo}"},
		{suiteHistory, "trufflehog", "git", "git file://{repo} --bare --no-verification --no-update"},

		{suiteDir, "rg", "-c -i -f LITERALS", "-c -i -f {literals} {dir}"},
		{suiteDir, "scan", "DIR", "{dir}"},
		{suiteDir, "gitleaks", "dir", "dir --no-banner {dir}"},
		{suiteDir, "betterleaks", "dir", "dir --no-banner {dir}"},
		{suiteDir, "titus", "scan", "scan --output :memory: {dir}"},
		{suiteDir, "trufflehog", "filesystem", "filesystem {dir} --no-verification --no-update"},

		{suiteStaged, "git", "diff --cached", "diff --cached"},
		{suiteStaged, "scan", "--staged", "--staged"},
		{suiteStaged, "gitleaks", "git --staged", "git --pre-commit --staged --no-banner"},
		{suiteStaged, "betterleaks", "git --staged", "git --pre-commit --staged --no-banner"},

		{suiteStart, "git", "--version", "--version"},
		{suiteStart, "scan", "--version", "--version"},
		{suiteStart, "scan", "EMPTY", "{empty}"},
		{suiteStart, "gitleaks", "dir EMPTY", "dir --no-banner {empty}"},
		{suiteStart, "betterleaks", "dir EMPTY", "dir --no-banner {empty}"},
		{suiteStart, "titus", "scan EMPTY", "scan --output :memory: {empty}"},
		{suiteStart, "trufflehog", "filesystem EMPTY", "filesystem {empty} --no-verification --no-update"},
	}
}

// toolKinds lists the kinds that lines knows.
func toolKinds() []string {
	var kinds []string
	for _, l := range lines() {
		if !slices.Contains(kinds, l.kind) {
			kinds = append(kinds, l.kind)
		}
	}
	return kinds
}

// goodExit says whether a program of the kind did its work: scanners tell with
// their exit code that they found something.
func goodExit(kind string, code int) bool {
	switch kind {
	case "git":
		return code == 0
	case "trufflehog":
		return code == 0 || code == 183
	}
	return code == 0 || code == 1
}

// versionArgs asks a program of the kind for its version.
func versionArgs(kind string) string {
	switch kind {
	case "gitleaks", "betterleaks", "titus":
		return "version"
	}
	return "--version"
}

// command is one line of one tool, ready to run.
type command struct {
	suite, label, kind string
	path               string
	args               []string
	dir                string // working folder
}

// commandsFor returns the commands of a suite in the order of the table, the
// tools of one line in the order of the command line.
func commandsFor(suite string, tools []tool, places map[string]string) []command {
	var cmds []command
	for _, l := range lines() {
		if l.suite != suite {
			continue
		}
		for _, t := range tools {
			if t.kind != l.kind {
				continue
			}
			cmds = append(cmds, command{
				suite: suite, label: t.name + " " + l.what, kind: t.kind,
				path: t.path, args: fill(l.args, places), dir: places["cwd"],
			})
		}
	}
	return cmds
}

// fill splits a command line and puts the places in, which may hold blanks.
func fill(args string, places map[string]string) []string {
	fields := strings.Fields(args)
	for i, field := range fields {
		for name, place := range places {
			field = strings.ReplaceAll(field, "{"+name+"}", place)
		}
		fields[i] = field
	}
	return fields
}

// parseTools reads "NAME=PATH,NAME=PATH". git is always there; a tool that is
// not given is left out.
func parseTools(scan, list string) ([]tool, error) {
	specs := append([]string{"git=git"}, splitList(list)...)
	if scan != "" {
		specs = slices.Insert(specs, 1, "scan="+scan)
	}
	var tools []tool
	for _, spec := range specs {
		name, path, ok := strings.Cut(spec, "=")
		if !ok || name == "" || path == "" {
			return nil, fmt.Errorf("-tools: %q is not NAME=PATH", spec)
		}
		kind, _, _ := strings.Cut(name, "-")
		if !slices.Contains(toolKinds(), kind) {
			return nil, fmt.Errorf("-tools: no command line is known for %q; known are %s", name, strings.Join(toolKinds(), ", "))
		}
		if slices.ContainsFunc(tools, func(t tool) bool { return t.name == name }) {
			return nil, fmt.Errorf("-tools: %s is named twice", name)
		}
		found, err := exec.LookPath(path)
		if err != nil {
			return nil, fmt.Errorf("-tools: %s: %w", name, err)
		}
		if found, err = filepath.Abs(found); err != nil {
			return nil, fmt.Errorf("-tools: %s: %w", name, err)
		}
		tools = append(tools, tool{name: name, kind: kind, path: found})
	}
	return tools, nil
}
