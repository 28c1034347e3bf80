package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyrake/rules"
)

func fakeTool(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tool")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParseTools(t *testing.T) {
	path := fakeTool(t, "")
	tools, err := parseTools(path, "titus="+path+",titus-fast="+path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tool := range tools {
		got = append(got, tool.name+":"+tool.kind)
	}
	if want := []string{"git:git", "scan:scan", "titus:titus", "titus-fast:titus"}; !slices.Equal(got, want) {
		t.Errorf("tools = %v, want %v", got, want)
	}
	for list, want := range map[string]string{
		"titus":                          "is not NAME=PATH",
		"titus=":                         "is not NAME=PATH",
		"grep=" + path:                   "no command line is known",
		"rg=" + path + ",rg=" + path:     "named twice",
		"rg=" + path + "-does-not-exist": "rg: ",
	} {
		if _, err := parseTools("", list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseTools(%q) = %v, want an error with %q", list, err, want)
		}
	}
}

func TestCommandsFor(t *testing.T) {
	tools := []tool{{"git", "git", "/bin/git"}, {"scan", "scan", "/bin/scan"}, {"scan-old", "scan", "/old/scan"}}
	cmds := commandsFor(suiteHistory, tools, map[string]string{"repo": "/a b/c.git", "cwd": "/w"})
	var got []string
	for _, c := range cmds {
		got = append(got, c.path+" "+strings.Join(c.args, "~"))
		if c.dir != "/w" {
			t.Errorf("%s runs in %q", c.label, c.dir)
		}
	}
	want := []string{
		"/bin/git -C~/a b/c.git~cat-file~--batch-all-objects~--batch~--buffer~--unordered",
		"/bin/git -C~/a b/c.git~log~-p~-U0~--full-history~--all~--diff-filter=tuxdb",
		"/bin/scan --history~--no-cache~/a b/c.git", "/old/scan --history~--no-cache~/a b/c.git",
		"/bin/scan --history~/a b/c.git", "/old/scan --history~/a b/c.git",
		"/bin/scan --history~--full-scan~/a b/c.git", "/old/scan --history~--full-scan~/a b/c.git",
	}
	if !slices.Equal(got, want) {
		t.Errorf("commands:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestLinesAreFilled catches a place in the table that nobody fills in.
func TestLinesAreFilled(t *testing.T) {
	places := map[string]string{"repo": "r", "dir": "d", "empty": "e", "literals": "l"}
	for _, l := range lines() {
		if !slices.Contains(suiteNames(), l.suite) {
			t.Errorf("%s %s: unknown suite %q", l.kind, l.what, l.suite)
		}
		for _, arg := range fill(l.args, places) {
			if strings.ContainsAny(arg, "{}") {
				t.Errorf("%s %s: %q stays open", l.kind, l.what, arg)
			}
		}
	}
}

func TestGoodExit(t *testing.T) {
	for _, tt := range []struct {
		kind string
		code int
		want bool
	}{
		{"git", 0, true}, {"git", 1, false}, {"scan", 1, true}, {"scan", 3, false},
		{"rg", 1, true}, {"rg", 2, false}, {"trufflehog", 183, true}, {"trufflehog", 1, false}, {"gitleaks", -1, false},
	} {
		if got := goodExit(tt.kind, tt.code); got != tt.want {
			t.Errorf("goodExit(%s, %d) = %v", tt.kind, tt.code, got)
		}
	}
}

func TestLiteralFile(t *testing.T) {
	got := literalFile([]*rules.Rule{{Keywords: []string{"b.c", "aaa"}}, {Keywords: []string{"aaa", "x$y"}}})
	if want := "aaa\nb\\.c\nx\\$y\n"; got != want {
		t.Errorf("literalFile = %q, want %q", got, want)
	}
	if builtin := literalFile(rules.Builtin().All()); strings.Count(builtin, "\n") < 40 {
		t.Errorf("only %d literals in the built-in rules", strings.Count(builtin, "\n"))
	}
}
