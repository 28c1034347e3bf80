package repo

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// Head returns the commit of HEAD and the full name of the branch that it
// points to, "" if it is detached. born is false if that branch has no commit
// yet. It reads only what it needs, since a commit hook waits for it.
func (r *Repo) Head() (id plumbing.Hash, refname string, born bool, err error) {
	id, name, err := resolve("HEAD", r.lookRef)
	if err != nil {
		return plumbing.ZeroHash, "", false, fmt.Errorf("read HEAD of %s: %w", r.GitDir, err)
	}
	if name == "HEAD" {
		name = ""
	}
	return id, name, !id.IsZero(), nil
}

// lookRef reads one ref, loose or packed, as this worktree sees it.
func (r *Repo) lookRef(name string) (refValue, bool, error) {
	dir := r.CommonDir
	if isPerWorktree(name) || !strings.HasPrefix(name, "refs/") {
		dir = r.GitDir
	}
	file := filepath.Join(dir, filepath.FromSlash(name))
	value, err := readRefFile(dir, name)
	if err == nil {
		return value, true, nil
	}
	// A folder stands where a ref was packed and others like it are loose.
	if !missing(err) && !isDir(file) {
		return refValue{}, false, fmt.Errorf("%s: %s", name, reason(err))
	}
	packed := filepath.Join(r.CommonDir, "packed-refs")
	var id plumbing.Hash
	ok := false
	if err := withFile(packed, maxListFile, func(data []byte) { id, ok = packedRef(data, name) }); err != nil && !missing(err) {
		return refValue{}, false, fmt.Errorf("%s: %s", packed, reason(err))
	}
	return refValue{id: id}, ok, nil
}
