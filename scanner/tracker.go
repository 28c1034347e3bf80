package scanner

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/worktree"
)

// tracker tells whether git tracks single files. It asks for the repository of
// each itself: a walk that ignores nothing, or is given a file, knows none.
type tracker struct {
	env GitEnv
	// mutable
	known map[string]*worktree.Repository // by folder
	notes []string
}

// Tracks tells whether git tracks a file that is neither empty nor names a mode alone.
func Tracks(env GitEnv, name string) bool {
	info, err := os.Stat(filepath.FromSlash(name))
	t := tracker{env: env}
	return err == nil && info.Size() > 0 && t.has(name) && !isHarmless(&finding.Place{Path: filepath.ToSlash(name)}, fromDisk(maxFixedFile))
}

func (t *tracker) has(name string) bool {
	full, err := filepath.Abs(filepath.FromSlash(name))
	if err == nil {
		full, err = filepath.EvalSymlinks(full)
	}
	if err != nil {
		return false // deleted meanwhile
	}
	dir := filepath.Dir(full)
	r, ok := t.known[dir]
	if !ok {
		if r, err = t.env.locate(dir); err != nil {
			t.notes = append(t.notes, fmt.Sprintf("whether git tracks %s cannot be told, so it is no finding by its path: %v", filepath.ToSlash(name), err))
		}
		if t.known == nil {
			t.known = map[string]*worktree.Repository{}
		}
		t.known[dir] = r
	}
	if r == nil {
		return false
	}
	root, err := filepath.EvalSymlinks(r.Root)
	if err != nil {
		return false
	}
	in, err := filepath.Rel(root, full)
	in = filepath.ToSlash(in)
	return err == nil && slices.ContainsFunc(r.Tracked, func(path string) bool {
		return path == in || r.FoldCase && strings.EqualFold(path, in)
	})
}
