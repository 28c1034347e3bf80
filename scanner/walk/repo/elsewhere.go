package repo

import (
	"os"
	"path/filepath"
	"strings"
)

// Elsewhere gives the top folder of another worktree that is on this branch, by its short
// name; "" if there is none that can be read (gitrepository-layout, worktrees).
func (r *Repo) Elsewhere(branch string) string {
	isOn := func(dir string) bool {
		head, err := readRefFile(dir, "HEAD")
		return err == nil && head.link == "refs/heads/"+branch
	}
	if r.GitDir != r.CommonDir && filepath.Base(r.CommonDir) == ".git" && isOn(r.CommonDir) {
		return filepath.Dir(r.CommonDir)
	}
	entries, err := os.ReadDir(filepath.Join(r.CommonDir, "worktrees"))
	if err != nil {
		return ""
	}
	for _, e := range entries {
		dir := filepath.Join(r.CommonDir, "worktrees", e.Name())
		if resolved(dir) == resolved(r.GitDir) || !isOn(dir) {
			continue
		}
		data, err := readFile(filepath.Join(dir, "gitdir"), maxSmallFile)
		path := strings.TrimRight(string(data), "\r\n")
		if at, e := named(dir, path); err == nil && e == nil && path != "" {
			return filepath.Dir(at)
		}
	}
	return ""
}
