package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyrake/fixtures"
)

// TestReadmeChecklist holds the screen that README shows: the checklist over
// the sample project.
func TestReadmeChecklist(t *testing.T) {
	description, err := fixtures.Load("shop")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "shop")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := fixtures.New(dir).Replay(description); err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	code := run(context.Background(), []string{"checklist", "--most", "2", dir}, strings.NewReader(""), &out, &complaints, fixtures.Environ())
	if code != exitFindings || complaints.Len() > 0 {
		t.Fatalf("exit code %d\n%s", code, complaints.String())
	}
	var want strings.Builder
	for line := range strings.Lines(out.String()) {
		if line != "\n" {
			line = "    " + line
		}
		want.WriteString(line)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- checklist -->\n\n", "\n<!-- end -->"
	before, rest, ok := strings.Cut(string(readme), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("README has no place for it")
	}
	if *update {
		if err := os.WriteFile("../../README.md", []byte(before+begin+want.String()+end+after), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !strings.HasPrefix(rest, want.String()+end) {
		t.Errorf("README does not show what the command prints (run with -update):\n%s", want.String())
	}
}
