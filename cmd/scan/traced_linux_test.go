package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plantPrograms makes a repository whose configuration and attributes name
// every kind of program that git would run for somebody, each of which would
// leave a file behind. It returns the folder of those files.
func plantPrograms(h *hostileRepo) string {
	h.Helper()
	marks := h.TempDir()
	program := func(name string) string {
		path := filepath.Join(marks, name+".sh")
		script := fmt.Sprintf("#!/bin/sh\ntouch '%s/ran-%s'\ncat\n", marks, name)
		if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
			h.Fatal(err)
		}
		return path
	}
	// Objects first: git itself would run what is planted.
	h.write("staged.txt", "TOKEN="+h.secret+"\n")
	h.git("", "add", "staged.txt")
	h.git("", "tag", "-a", "-m", "tag", "v1")
	h.write(".gitattributes", "* diff=evil filter=evil merge=evil text=auto\n")
	h.write("outcome.txt", "x\n")
	h.write("wrangler.toml", "name = \"x\"\nmain = \"good.txt\"\n[vars]\nA = \"b\"\n")
	h.write("package.json", `{"scripts": {"predeploy": "`+program("npm")+`", "postinstall": "`+program("npm")+`"}}`)
	h.write(".gitleaks.toml", "[[rules]]\nid = \"x\"\nregex = \"acme_[a-z]{20}\"\nkeywords = [\"acme_\"]\n")
	h.write(".secrets.baseline", `{"version": "1.4.0", "results": {}}`)
	head := h.git("", "rev-parse", "HEAD")
	h.write("msg", "refs/heads/main "+head+" refs/heads/main "+strings.Repeat("0", 40)+"\n")
	config := string(h.read(".git/config"))
	for _, line := range []struct{ section, key, name string }{
		{`core`, "fsmonitor", "fsmonitor"}, {`diff "evil"`, "textconv", "textconv"}, {`diff "evil"`, "command", "diff"},
		{`diff`, "external", "external"}, {`filter "evil"`, "clean", "clean"}, {`filter "evil"`, "smudge", "smudge"},
		{`filter "evil"`, "process", "process"}, {`gpg`, "program", "gpg"}, {`core`, "sshCommand", "ssh"}, {`core`, "pager", "pager"},
		{`core`, "editor", "editor"}, {`credential`, "helper", "credential"}, {`core`, "gitProxy", "proxy"}, {`core`, "alternateRefsCommand", "alternates"},
		{`remote "origin"`, "uploadpack", "uploadpack"}, {`merge "evil"`, "driver", "merge"},
	} {
		config += fmt.Sprintf("[%s]\n\t%s = %s\n", line.section, line.key, program(line.name))
	}
	config += "[log]\n\tshowSignature = true\n[filter \"evil\"]\n\trequired = true\n[remote \"origin\"]\n\turl = " + h.dir + "\n\tpromisor = true\n\tpartialclonefilter = blob:none\n[extensions]\n\tpartialClone = origin\n"
	h.write(".git/config", strings.Replace(config, "repositoryformatversion = 0", "repositoryformatversion = 1", 1))
	for _, hook := range []string{"pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-push", "post-checkout"} {
		h.write(".git/hooks/"+hook, string(readFile(h, program("hook-"+hook))))
		if err := os.Chmod(h.path(".git/hooks/"+hook), 0o755); err != nil {
			h.Fatal(err)
		}
	}
	return marks
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// everyMode is one command line for each way in which scan reads a repository.
func everyMode() [][]string {
	return [][]string{
		{"."}, {"--staged"}, {"--history", "--no-cache"}, {"--history", "--publish"}, {"--history", "--unreachable"},
		{"--range", "HEAD"}, {"--since-ref", "v1"}, {"--not-on", "*"}, {"--stdin"},
		{"hook", "run", "pre-commit"}, {"hook", "run", "commit-msg", "msg"}, {"hook", "run", "pre-push", "origin", "x"}, {"hook", "status"},
		{"explain", "good.txt:1"}, {"plan"}, {"verify-gone", "msg"}, {"baseline", "create", "--baseline", "b"}, {"config", "show"}, {"rules", "list"},
		{"checklist"}, {"init"}, {"init", "--yes", "--skip", "hook"}, {"triage"}, {"triage", "--accept", "ffff", "--reason", "x"}, {"literal"}, {"literal", "--history"},
		{"import", "gitleaks", "-o", "."}, {"import", "detect-secrets", "-o", "."}, {"baseline", "update", "--history", "--baseline", "b"}, {"baseline", "prune", "--dry-run"}, {"baseline", "show"},
		{"plan", "--filter-repo", "../planned.txt"}, {"hook", "run", "pre-receive"}, {"hook", "install"}, {"hook", "uninstall"},
		{"git"}, {"dir"}, {"stdin"}, {"rules", "show", "cf-user-api-token"}, {"rules", "lint", "msg"}, {"--agent", "."}, {"man"}, {"completion", "bash"}, {"--version"},
	}
}

// TestEveryVerb: no command is left out of the list.
func TestEveryVerb(t *testing.T) {
	for _, s := range subcommands() {
		if !slices.ContainsFunc(everyMode(), func(args []string) bool { return args[0] == s.name }) {
			t.Errorf("no mode calls %q", s.name)
		}
	}
}

// TestRunsNothing has every mode read a repository that names programs.
func TestRunsNothing(t *testing.T) {
	h := hostileBase(t)
	marks := plantPrograms(h)
	for _, args := range everyMode() {
		os.Remove(h.path("b"))
		stdin, err := os.Open(h.path("msg"))
		if err != nil {
			t.Fatal(err)
		}
		r := runScan(t, h.dir, nil, stdin, args...)
		stdin.Close()
		r.calm(t)
		if r.code == exitUsage && strings.Contains(r.stderr, "unknown ") {
			t.Errorf("%v is no command line: %s", args, r.stderr)
		}
		if ran, _ := filepath.Glob(filepath.Join(marks, "ran-*")); len(ran) > 0 {
			t.Fatalf("%v ran %v", args, ran)
		}
	}
	// The trap works: git falls into it.
	cmd := exec.Command("git", "status")
	cmd.Dir, cmd.Env = h.dir, hostileEnviron()
	cmd.Run()
	if ran, _ := filepath.Glob(filepath.Join(marks, "ran-*")); len(ran) == 0 {
		t.Error("git status ran nothing of what was planted, so that the test proves nothing")
	}
}

var calls = regexp.MustCompile(`(?m)\b(execve|execveat|connect|sendto|bind|listen|accept4?|socket)\(`)

// TestCallsNobody watches the system calls of every mode.
func TestCallsNobody(t *testing.T) {
	strace := straceProgram(t)
	h := hostileBase(t)
	plantPrograms(h)
	log := filepath.Join(t.TempDir(), "log")
	for _, args := range everyMode() {
		os.Remove(h.path("b"))
		cmd := exec.Command(strace, append([]string{"-f", "-qq", "-e", "trace=network,execve,execveat", "-o", log, scanProgram(t)}, args...)...)
		cmd.Dir, cmd.Env, cmd.Stdin = h.dir, hostileEnviron(), strings.NewReader("text\n")
		cmd.Run()
		got := calls.FindAllString(string(readFile(t, log)), -1)
		if len(got) != 1 || got[0] != "execve(" {
			t.Errorf("%v: system calls %v, want one execve: its own", args, got)
		}
	}
}

// straceProgram skips the test where nothing can be traced.
func straceProgram(t *testing.T) string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not there")
	}
	if out, err := exec.Command(strace, "-qq", "-e", "trace=execve", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("strace does not work here: %v %s", err, out)
	}
	return strace
}
