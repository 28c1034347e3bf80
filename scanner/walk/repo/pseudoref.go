package repo

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/go-git/go-git/v5/plumbing"
)

// pseudoRefs are the files beside HEAD, in each worktree, that name objects
// while or after a command runs. FETCH_HEAD and MERGE_HEAD can hold many lines,
// AUTO_MERGE names a tree.
var pseudoRefs = []string{
	"ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD",
	"REBASE_HEAD", "BISECT_HEAD", "AUTO_MERGE", "MERGE_AUTOSTASH", "NOTES_MERGE_PARTIAL",
	"rebase-merge/autostash", "rebase-merge/orig-head", "rebase-apply/autostash", "rebase-apply/orig-head",
}

func (rd *refReader) pseudo(w *worktree, name string) {
	file := filepath.Join(w.dir, filepath.FromSlash(name))
	data, err := readFile(file, maxListFile)
	if err != nil {
		if !missing(err) {
			rd.problem(w.prefix+name, reason(err))
		}
		return
	}
	for n := 1; len(data) > 0; n++ {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte("\n"))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		full := w.prefix + name
		if n > 1 {
			full = fmt.Sprintf("%s:%d", full, n)
		}
		value, err := parseRef(line)
		if err == nil && value.link != "" {
			err = errRefContent
		}
		if err != nil {
			rd.problem(full, err.Error())
			continue
		}
		rd.refs = append(rd.refs, Ref{Name: full, Target: value.id, Kind: Other, Extra: true, Worktree: w.name})
	}
}

// stashes lists every stash: refs/stash is only the newest, the older ones are
// named by nothing but its reflog.
func (rd *refReader) stashes() {
	file := filepath.Join(rd.repo.CommonDir, "logs", "refs", "stash")
	data, err := readFile(file, maxListFile)
	if err != nil {
		if !missing(err) {
			rd.problem(file, reason(err))
		}
		return
	}
	data = bytes.TrimRight(data, "\n")
	if len(data) == 0 {
		return
	}
	var before plumbing.Hash
	ids := map[plumbing.Hash]bool{}
	lines := bytes.Split(data, []byte("\n"))
	for i, line := range lines {
		old, id, ok := parseLogLine(line)
		if !ok {
			rd.problem(file, fmt.Sprintf("line %d names no stash", i+1))
			before = plumbing.ZeroHash
			continue
		}
		// git writes what was there before into each line, and keeps that true
		// when a stash in the middle is dropped.
		if i > 0 && !before.IsZero() && old != before {
			rd.problem(file, fmt.Sprintf("line %d does not follow from line %d: a stash between them was lost", i+1, i))
		}
		before = id
		ids[id] = true
		rd.refs = append(rd.refs, Ref{Name: fmt.Sprintf("stash@{%d}", len(lines)-1-i), Target: id, Kind: Stash, Extra: true})
	}
	top, ok := rd.shared["refs/stash"]
	if !ok {
		top, ok = rd.isPacked("refs/stash")
	}
	if ok && top.link == "" && !ids[top.id] {
		rd.problem(file, "the newest stash is not in it: lines at its end were lost")
	}
}

// parseLogLine reads what a line of a reflog says: the object before and the one
// after.
func parseLogLine(line []byte) (old, id plumbing.Hash, ok bool) {
	old, rest, ok := parseHash(line)
	rest, spaced := bytes.CutPrefix(rest, []byte(" "))
	id, _, ok2 := parseHash(rest)
	return old, id, ok && spaced && ok2 && !id.IsZero()
}
