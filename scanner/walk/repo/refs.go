package repo

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// RefKind says what a ref is for.
type RefKind string

// The kinds of refs.
const (
	Branch RefKind = "branch"
	Remote RefKind = "remote"
	Tag    RefKind = "tag"
	Note   RefKind = "note"
	Stash  RefKind = "stash"
	Head   RefKind = "head"
	Other  RefKind = "other"
)

// Ref is one tip: a name from which objects are reached.
type Ref struct {
	// Name is the full name. An older stash is "stash@{1}", a later line of a
	// file that holds many, such as FETCH_HEAD, is "FETCH_HEAD:2". What belongs
	// to another worktree has git's prefix: "worktrees/NAME/HEAD", or
	// "main-worktree/HEAD".
	Name     string
	Target   plumbing.Hash // of any type of object
	Kind     RefKind
	Extra    bool   // "git rev-list --all" does not start from it
	Worktree string // the other worktree it belongs to; "" for shared refs and this worktree's own
}

// maxSymrefReads is how many files git reads to resolve one ref.
const maxSymrefReads = 5

// maxProblems bounds the list for a repository that is broken, or made to be.
const maxProblems = 1000

// refValue is what one ref says: an object's name, or another ref's.
type refValue struct {
	id   plumbing.Hash
	link string
}

// refTable holds the refs that one place names, by their full names.
type refTable map[string]refValue

// refReader gathers all tips of a repository.
type refReader struct {
	repo     *Repo
	shared   refTable // without those that are packed alone
	refs     []Ref    // those that are packed alone come first
	npacked  int      // so many are
	problems []Problem
	dropped  int // problems past maxProblems
}

// Refs lists every tip of the repository, sorted by name, and what could not be
// read. A ref that points to a ref which does not exist (an unborn HEAD, the
// remote's HEAD after its branch was renamed) reaches nothing: it is neither
// listed nor a problem.
func (r *Repo) Refs() ([]Ref, []Problem) {
	rd := &refReader{repo: r, shared: refTable{}}
	worktrees := rd.worktrees()
	// Loose before packed: "git pack-refs" writes the packed file before it
	// removes the loose ones, so a ref that moves while we read is seen twice
	// and not missed.
	rd.loose(r.CommonDir, "refs", rd.shared, true)
	for i := range worktrees {
		rd.ownRefs(&worktrees[i])
	}
	rd.packed()
	common := &worktree{refs: rd.shared}
	for name := range rd.shared {
		rd.emit(name, common, !validRefName(name))
	}
	for i := range worktrees {
		rd.emitWorktree(&worktrees[i])
	}
	rd.stashes()
	slices.SortFunc(rd.refs, func(a, b Ref) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), bytes.Compare(a.Target[:], b.Target[:]))
	})
	slices.SortStableFunc(rd.problems, func(a, b Problem) int { return strings.Compare(a.What, b.What) })
	if rd.dropped > 0 {
		rd.problems = append(rd.problems, Problem{"refs", fmt.Sprintf("%d more refs could not be read", rd.dropped)})
	}
	return rd.refs, rd.problems
}

// worktree is one place with a HEAD of its own.
type worktree struct {
	dir    string
	prefix string   // of its refs' names; "" for the worktree that was opened
	name   string   // for Ref.Worktree
	refs   refTable // its HEAD, bisect, worktree and rewritten refs
}

func (rd *refReader) worktrees() []worktree {
	r := rd.repo
	list := []worktree{{dir: r.GitDir}}
	if r.GitDir != r.CommonDir {
		list = append(list, worktree{dir: r.CommonDir, prefix: "main-worktree/", name: "main-worktree"})
	}
	dir := filepath.Join(r.CommonDir, "worktrees")
	entries, err := os.ReadDir(dir)
	if err != nil && !missing(err) {
		rd.problem(dir, reason(err))
	}
	own := resolved(r.GitDir)
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if isDir(path) && resolved(path) != own {
			list = append(list, worktree{dir: path, prefix: "worktrees/" + e.Name() + "/", name: e.Name()})
		}
	}
	return list
}

// perWorktree are the folders of refs that every worktree has for itself.
var perWorktree = []string{"refs/bisect", "refs/worktree", "refs/rewritten"}

func isPerWorktree(name string) bool {
	for _, dir := range perWorktree {
		if strings.HasPrefix(name, dir+"/") {
			return true
		}
	}
	return false
}

func (rd *refReader) ownRefs(w *worktree) {
	w.refs = refTable{}
	if value, err := readRefFile(w.dir, "HEAD"); err == nil {
		w.refs["HEAD"] = value
	} else {
		rd.problem(w.prefix+"HEAD", reason(err))
	}
	for _, dir := range perWorktree {
		if isDir(filepath.Join(w.dir, filepath.FromSlash(dir))) {
			rd.loose(w.dir, dir, w.refs, false)
		}
	}
}

func (rd *refReader) emitWorktree(w *worktree) {
	for name := range w.refs {
		// rev-list starts from the HEADs of all worktrees, but from nothing
		// else of the others.
		extra := !validRefName(name) || w.prefix != "" && name != "HEAD"
		rd.emit(name, w, extra)
	}
	for _, name := range pseudoRefs {
		rd.pseudo(w, name)
	}
}

// emit lists one ref, following symbolic ones.
func (rd *refReader) emit(name string, w *worktree, extra bool) {
	id, _, err := resolve(name, func(n string) (refValue, bool, error) {
		v, ok := w.refs[n]
		if !ok {
			v, ok = rd.shared[n]
		}
		if !ok {
			v, ok = rd.isPacked(n)
		}
		if !ok && !strings.HasPrefix(n, "refs/") {
			return rd.beside(w, n)
		}
		return v, ok, nil
	})
	if err != nil {
		rd.problem(w.prefix+name, err.Error())
		return
	}
	if id.IsZero() {
		return
	}
	rd.refs = append(rd.refs, Ref{Name: w.prefix + name, Target: id, Kind: kindOf(name), Extra: extra, Worktree: w.name})
}

// beside reads a ref that another one points to and that stands beside HEAD, where
// refs are not listed: git follows such a ref.
func (rd *refReader) beside(w *worktree, name string) (refValue, bool, error) {
	dir := w.dir
	if dir == "" { // shared refs mean the worktree that was opened
		dir = rd.repo.GitDir
	}
	v, err := readRefFile(dir, name)
	if missing(err) {
		return v, false, nil
	}
	if err != nil {
		return v, false, fmt.Errorf("it points to %s: %s", name, reason(err))
	}
	return v, true, nil
}

// resolve follows a ref to an object's name. It returns the zero name and no
// error if the chain ends in a ref that does not exist, and in any case the
// last ref's name.
func resolve(name string, look func(string) (refValue, bool, error)) (plumbing.Hash, string, error) {
	for range maxSymrefReads {
		v, ok, err := look(name)
		if err != nil || !ok {
			return plumbing.ZeroHash, name, err
		}
		if v.link == "" {
			return v.id, name, nil
		}
		name = v.link
	}
	return plumbing.ZeroHash, name, fmt.Errorf("a chain of more than %d symbolic refs, or a loop, at %q", maxSymrefReads-1, name)
}

func kindOf(name string) RefKind {
	switch {
	case name == "HEAD":
		return Head
	case name == "refs/stash":
		return Stash
	case strings.HasPrefix(name, "refs/heads/"):
		return Branch
	case strings.HasPrefix(name, "refs/remotes/"):
		return Remote
	case strings.HasPrefix(name, "refs/tags/"):
		return Tag
	case strings.HasPrefix(name, "refs/notes/"):
		return Note
	}
	return Other
}

func (rd *refReader) problem(what, reason string) {
	if len(rd.problems) >= maxProblems {
		rd.dropped++
		return
	}
	rd.problems = append(rd.problems, Problem{What: what, Reason: reason})
}
