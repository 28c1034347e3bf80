package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMessages holds what the most common mistakes are told: what is wrong,
// where, and what to do next.
func TestMessages(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		"a.txt": "one\n", "unknown.yaml": "fail-onn: high\n", "extends.yaml": "extends: nope.yaml\n", "broken.yaml": "rules: [\n",
		"report.json": "no report", "plain/a.txt": "one\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q", "repo"}, {"-C", "repo", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "one"}} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %s", err, out)
		}
	}
	if err := os.Symlink("nowhere", "link"); err != nil {
		t.Skip(err)
	}
	for _, tt := range messages {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), strings.Split(tt.args, " "), strings.NewReader(""), &stdout, &stderr, []string{"HOME=" + dir})
		got := stderr.String() + stdout.String()
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("scan %s: %q is not in\n%s", tt.args, want, got)
			}
		}
		if code != tt.code {
			t.Errorf("scan %s: exit code %d, want %d", tt.args, code, tt.code)
		}
		if strings.Contains(got, "no such file or directory") && !strings.Contains(got, ";") {
			t.Errorf("scan %s: does not say what to do:\n%s", tt.args, got)
		}
	}
}

var messages = []struct {
	args string
	code exitCode
	want []string
}{
	{"--histroy", 2, []string{"unknown flag --histroy\n", "did you mean --history?"}},
	{"--frobnicate", 2, []string{"unknown flag --frobnicate\n", `"scan --help" lists all flags`}},
	{"--format yaml repo", 2, []string{`--format "yaml": use one of text, json, jsonl`}},
	{"--format", 2, []string{"--format needs a value"}},
	{"--quiet=maybe repo", 2, []string{`--quiet takes no value, but is given "maybe"`}},
	{"--report sarif repo", 2, []string{`--report "sarif": give FORMAT=FILE, such as sarif=scan.sarif`}},
	{"--report sarif=none/x.sarif repo", 2, []string{"write none/x.sarif: there is no folder none; make it, or name another file"}},
	{"-o plain repo", 2, []string{"write plain: it is a folder; name a file"}},
	{"-o link repo", 2, []string{"write link: it is a link to a file that does not exist; name that file, or remove the link"}},
	{"--report sarif=x --report json=x repo", 2, []string{"two reports are to go to x", "give each a file of its own"}},
	{"--range nope..HEAD repo", 2, []string{`revision "nope": no ref and no object of the repository has this name; if a remote has it, run "git fetch"`}},
	{"--not-on upstream repo", 0, []string{`no ref tells what remote "upstream" has`}},
	{"--history plain", 3, []string{"plain is not a git repository (nor any parent folder): run it inside one, or give the path"}},
	{"--history nosuch", 3, []string{"open repository nosuch: no such file or directory; check the path"}},
	{"nosuch.txt", 3, []string{"nosuch.txt: it does not exist; check the path"}},
	{"histroy", 2, []string{`"histroy" is neither a file here nor a command`, "did you mean scan --history?"}},
	{"basline create", 2, []string{`"basline" is neither a file here nor a command`, "did you mean scan baseline?"}},
	{"https://example.com/a/b.git", 2, []string{`"https://example.com/a/b.git" is no file here, and scan opens no network connection`, `"git clone" it, then call "scan --history FOLDER"`}},
	{"--history git@example.com:a/b.git", 2, []string{`"git@example.com:a/b.git" is no file here`}},
	{"HEAD~1..HEAD", 2, []string{`"HEAD~1..HEAD" is no file here`, "did you mean scan --range HEAD~1..HEAD?"}},
	{"origin/main..HEAD", 2, []string{"did you mean scan --range origin/main..HEAD?"}},
	{"nosuch/../no.txt", 3, []string{"no.txt: it does not exist"}},
	{"--history repo repo", 2, []string{"--history reads one repository, but 2 are named: repo, repo", "call scan once for each"}},
	{"--staged a.txt", 2, []string{`--staged takes no PATH, but "a.txt" is named`, "leave out the PATH or --staged"}},
	{"--history --staged", 2, []string{"--staged and --history cannot be used together", "choose one"}},
	{"--unreachable repo", 2, []string{"--unreachable is about a whole history", "give --history too"}},
	{"- a.txt", 2, []string{`"-" means standard input`, "scan the stream and the files in two calls"}},
	{"--fail-on hihg repo", 2, []string{`--fail-on "hihg": give a severity (info, low, medium, high, critical)`}},
	{"--min-confidence 5 repo", 2, []string{`--min-confidence "5": give a number from 0 to 1`}},
	{"--max-file-size big repo", 2, []string{"give a size such as 500kB, 64MB or 2GiB"}},
	{"-j 0 repo", 2, []string{"give a number from 1 to 1024"}},
	{"--rules none.yaml repo", 2, []string{"rules: read none.yaml: there is no such file; check the path"}},
	{"--rules broken.yaml repo", 2, []string{"broken.yaml:1: not valid YAML"}},
	{"--enable-rule aws repo", 2, []string{`no rule is called "aws": it is part of `, `"*aws*" stands for all of them`}},
	{"--enable-rule github-tokn repo", 2, []string{`no rule is called "github-tokn": did you mean "github-token"?`}},
	{"--disable-rule zzzzzzzzzzzz repo", 2, []string{`no rule is called "zzzzzzzzzzzz": "scan rules list" has the built-in ones`}},
	{"--disable-rule * repo", 2, []string{"all rules are turned off, so a scan would find nothing", `"scan config show" shows where each setting comes from`}},
	{"--config none.yaml repo", 2, []string{"none.yaml: there is no such file; check the path"}},
	{"--config unknown.yaml repo", 2, []string{`unknown.yaml:1: key "fail-onn" is unknown: did you mean "fail-on"?`}},
	{"--config extends.yaml repo", 2, []string{"extends.yaml:1: nope.yaml: there is no such file; check the path"}},
	{"--baseline none repo", 2, []string{`there is no baseline none; "scan baseline create --baseline none" makes it`}},
	{"baseline create plain", 2, []string{"there is no work tree that a baseline could lie in", "name one with --baseline FILE"}},
	{"hook", 2, []string{"one of install, uninstall, status and run is needed", `for example "scan hook install"`}},
	{"hook install foo", 2, []string{`there is no hook "foo"`, "known are pre-commit, commit-msg, pre-push, pre-receive"}},
	{"explain", 2, []string{"one place is needed", `for example "scan explain src/worker.js:12"`}},
	{"explain a.txt", 2, []string{`"a.txt" is neither FILE:LINE nor a fingerprint`, "name a line of it: scan explain a.txt:LINE"}},
	{"explain a.txt:2", 2, []string{"a.txt ends with line 1, so there is no line 2"}},
	{"explain nosuch:1", 3, []string{"explain nosuch: it is neither a file here nor the full name of an object of the repository; check the path"}},
	{"explain 12345678", 3, []string{"has the fingerprint 12345678; --history looks into the whole history"}},
	{"rules show github-tokn", 2, []string{`there is no rule "github-tokn"`, `did you mean "github-token"?`}},
	{"import gitleaks", 2, []string{"there is neither a .gitleaks.toml nor a .gitleaksignore here", "name the configuration: scan import gitleaks FILE"}},
	{"import gitleaks none.toml", 2, []string{"read none.toml: there is no such file; check the path"}},
	{"git -b report.json repo", 2, []string{"report.json: this is no report that gitleaks writes with --report-format json"}},
	{"git --log-opts=--since=1 repo", 2, []string{"git log does not run here", `name a range: --log-opts "A..B"`}},
	{"triage --accept 12345678 a.txt", 2, []string{"--accept needs a reason", `say why: --reason "a key of the tests"`}},
	{"completion tcsh", 2, []string{"name one shell: bash, zsh, fish or powershell", `for example "scan completion bash"`}},
	{"verify-gone none", 2, []string{"read none: there is no such file; check the path"}},
	{"init nofolder", 2, []string{"nofolder is no folder", "name the folder of the project"}},
	{"checklist --secrets-json none repo", 2, []string{"read none: there is no such file; check the path"}},
	{"checklist --most -1 repo", 2, []string{`--most "-1": give a number, 0 for all`}},
	{"hook run commit-msg none", 3, []string{"read none: there is no such file; check the path"}},
	{"help nosuch", 2, []string{`there is no command "nosuch"`}},
	{"help basline", 2, []string{`there is no command "basline"`, "did you mean scan help baseline?"}},
	{"literal ", 2, []string{"the word is empty", "words have 3 to 32 bytes of printable ASCII"}},
	{"literal --most -1 abc", 2, []string{`--most "-1": give a number, 0 for all`}},
	{"--memory 1 repo", 2, []string{`--memory "1": give at least 1kB`}},
	{"--history --publish origin", 2, []string{`"origin" is no folder, and --publish takes its remote behind =`, "did you mean --publish=origin?"}},
	{"init plain", 3, []string{"plain holds no wrangler configuration that can be read; name the folder that has wrangler.jsonc or wrangler.toml"}},
}
