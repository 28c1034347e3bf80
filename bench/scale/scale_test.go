package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGitAcceptsEveryShape: what is measured is a sound repository.
func TestGitAcceptsEveryShape(t *testing.T) {
	sizes := map[string]int{"objects": 4500, "content": 80, "depth": 300, "refs": 2000, "findings": 2000}
	for _, s := range shapes() {
		t.Run(s.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "repo.git")
			m, err := generate(dir, s, sizes[s.name])
			if err != nil {
				t.Fatal(err)
			}
			if m.Objects == 0 || m.Pack == 0 || m.Logical < m.Pack/2 {
				t.Errorf("it has %+v", m)
			}
			out, err := exec.Command("git", "-C", dir, "fsck", "--full", "--strict").CombinedOutput()
			if err != nil || strings.Contains(string(out), "dangling") {
				t.Errorf("git fsck: %v\n%s", err, out)
			}
		})
	}
}
