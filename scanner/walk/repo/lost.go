package repo

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/regular"
)

// LostRefs lists refs that have a reflog and do not exist. git takes a ref's
// log away with the ref, so such a ref was lost: with a line of packed-refs, or
// with its file. known are the refs that do exist, as Refs sorts them.
func (r *Repo) LostRefs(known []Ref) (lost []Problem) {
	exists := func(name string) bool {
		_, ok := slices.BinarySearchFunc(known, name, func(ref Ref, name string) int { return strings.Compare(ref.Name, name) })
		return ok || r.IgnoreCase() && slices.ContainsFunc(known, func(ref Ref) bool {
			return strings.EqualFold(ref.Name, name) // a log lies in a folder that was there in another case
		})
	}
	root := filepath.Join(r.CommonDir, "logs")
	looks := 0
	// What cannot be read is told by Reflogs where it matters.
	_ = filepath.WalkDir(filepath.Join(root, "refs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !regular.Is(d.Type()) {
			return nil
		}
		file, err := filepath.Rel(root, path)
		name := filepath.ToSlash(file)
		if err != nil || exists(name) || !validRefName(name) || isPerWorktree(name) || !keptLog(path) {
			return nil
		}
		if looks++; looks > maxProblems { // each may read all of packed-refs
			return filepath.SkipAll
		}
		if _, ok, err := r.lookRef(name); !ok && err == nil {
			lost = append(lost, Problem{name, "it has a reflog, and is not there: the ref was lost; restore it, or remove its file below " + root})
		}
		return nil
	})
	return lost
}

// keptLog reports whether a reflog is there and does not end with
// the ref's deletion.
func keptLog(path string) bool {
	data, err := readFile(path, maxListFile)
	if err != nil || strings.HasSuffix(path, ".lock") {
		return false
	}
	data = bytes.TrimRight(data, "\n")
	_, id, ok := parseLogLine(data[bytes.LastIndexByte(data, '\n')+1:])
	return ok && id != plumbing.ZeroHash
}
