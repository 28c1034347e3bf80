package repo

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/regular"
)

// LogEntry is an object that a reflog names, and so keeps from being collected.
type LogEntry struct {
	Log    string // the ref that it is the log of; "worktrees/NAME/HEAD" in another worktree
	Target plumbing.Hash
}

// Reflogs lists what the reflogs of all refs and worktrees name, each object
// once for a log, in the order of the logs' names.
func (r *Repo) Reflogs() (entries []LogEntry, problems []Problem) {
	dirs := map[string]string{filepath.Join(r.CommonDir, "logs"): ""}
	others, err := os.ReadDir(filepath.Join(r.CommonDir, "worktrees"))
	if err != nil && !missing(err) {
		problems = append(problems, Problem{filepath.Join(r.CommonDir, "worktrees"), reason(err)})
	}
	for _, e := range others {
		dirs[filepath.Join(r.CommonDir, "worktrees", e.Name(), "logs")] = "worktrees/" + e.Name() + "/"
	}
	for dir, prefix := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				if !missing(err) {
					problems = append(problems, Problem{path, reason(err)})
				}
				return nil
			}
			if !regular.Is(d.Type()) || strings.HasSuffix(path, ".lock") {
				return nil
			}
			data, err := readFile(path, maxListFile)
			if err != nil {
				problems = append(problems, Problem{path, reason(err)})
				return nil
			}
			name, _ := filepath.Rel(dir, path)
			entries = append(entries, logEntries(prefix+filepath.ToSlash(name), data)...)
			return nil
		})
		if err != nil {
			problems = append(problems, Problem{dir, reason(err)})
		}
	}
	slices.SortStableFunc(entries, func(a, b LogEntry) int { return strings.Compare(a.Log, b.Log) })
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.What, b.What) })
	return entries, problems
}

// logEntries reads one log. Lines that are none are passed over, as git does.
func logEntries(name string, data []byte) (entries []LogEntry) {
	seen := map[plumbing.Hash]bool{plumbing.ZeroHash: true}
	for line := range bytes.Lines(data) {
		for range 2 { // the value before and the one after
			id, rest, ok := parseHash(line)
			if !ok {
				break
			}
			if !seen[id] {
				seen[id] = true
				entries = append(entries, LogEntry{name, id})
			}
			line = bytes.TrimPrefix(rest, []byte(" "))
		}
	}
	return entries
}
