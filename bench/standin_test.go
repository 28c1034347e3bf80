package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestComplete: a repository that lacks a file and a folder is measured as a
// copy that git reads to its end, even if it was named by a symbolic link; one
// that lacks nothing is measured as itself.
func TestComplete(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	git := func(at string, args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = at
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("file", "one\n")
	write("folder/inner", "two\n")
	git(dir, "init", "-q")
	git(dir, "add", ".")
	git(dir, "commit", "-q", "-m", "x")
	bare := filepath.Join(dir, ".git")
	lost := []string{git(dir, "rev-parse", "HEAD:file"), git(dir, "rev-parse", "HEAD:folder")}

	var log bytes.Buffer
	b := &bench{log: &log, work: t.TempDir()}
	if got, err := b.complete(context.Background(), bare, "r"); err != nil || got != bare {
		t.Fatalf("a whole repository: %q, %v", got, err)
	}
	for _, n := range lost {
		if err := os.Remove(filepath.Join(bare, "objects", n[:2], n[2:])); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(bare, link); err != nil {
		t.Fatal(err)
	}
	got, err := b.complete(context.Background(), link, "r")
	if err != nil || got == bare || got == link {
		t.Fatalf("%q, %v", got, err)
	}
	if text := git(got, "cat-file", "-p", lost[0]); !strings.HasPrefix(text, "stand-in") {
		t.Errorf("in the place of a file stands %q", text)
	}
	if typ := git(got, "cat-file", "-t", lost[1]); typ != "tree" {
		t.Errorf("in the place of a folder stands a %s", typ)
	}
	git(got, "log", "-p")
	git(got, "cat-file", "--batch-all-objects", "--batch")
	if !strings.Contains(log.String(), "r lacks 2 objects") {
		t.Errorf("the log says %q", log.String())
	}
	if _, err := os.Stat(filepath.Join(bare, "objects", lost[0][:2], lost[0][2:])); err == nil {
		t.Error("the repository itself was changed")
	}
}
