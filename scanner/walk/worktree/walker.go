package worktree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"keyrake/scanner/walk/regular"
)

// maxDepth bounds how deep directories are entered: opening one costs a step
// for every parent.
const maxDepth = 1000

// lister reads a directory; tests replace it to make it fail.
type lister func(at *place, rel string) ([]fs.DirEntry, error)

type walker struct {
	opt   Options
	visit func(File) error
	list  lister
	held  *heldFolders

	// mutable
	res     Result
	seen    map[string]struct{} // canonical paths done, nil if there is only one root
	pruned  map[string]struct{} // canonical paths counted as ignored, likewise
	special []string            // the first special files, for the note
}

// tree is one root while it is walked.
type tree struct {
	at     *place
	number int    // among the roots
	base   string // canonical path with a slash at the end
	prefix string // what stands before relative paths when they are reported
}

// dir is one directory to walk.
type dir struct {
	canon string // canonical path, without a slash at the end
	depth int
	scope scope
	top   bool // the scope was found by asking about this very directory
}

func (w *walker) dir(ctx context.Context, t *tree, d dir) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	rel := t.rel(d.canon)
	if d.depth > maxDepth {
		w.problem(d.canon, t.shown(d.canon), fmt.Errorf("it lies more than %d directories deep; name it as a path of its own to scan it", maxDepth))
		return nil
	}
	entries, err := w.list(t.at, rel)
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && rel != "") {
		w.problem(d.canon, t.shown(d.canon), err)
	}
	sc := w.enter(t, d, entries)
	// With a slash behind directories, walking in depth gives the byte order of
	// the whole paths.
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return compareNames(a, b) })
	for _, e := range entries {
		if sc.isGitDir(e.Name()) {
			continue
		}
		if err := w.entry(ctx, t, d, sc, e); err != nil {
			return err
		}
	}
	return nil
}

// enter completes the scope of a directory by what its listing shows.
func (w *walker) enter(t *tree, d dir, entries []fs.DirEntry) scope {
	sc := d.scope
	var hasGit, hasIgnore bool
	for _, e := range entries {
		hasGit = hasGit || e.Name() == ".git"
		hasIgnore = hasIgnore || e.Name() == ".gitignore" && regular.Is(e.Type())
	}
	if hasGit && !d.top {
		sc = w.nested(sc, d.canon, t.shown(d.canon))
	}
	if hasIgnore && sc.match != nil && !sc.onlyTracked {
		inTree := ""
		if len(d.canon) > sc.top {
			inTree = d.canon[sc.top:]
		}
		sc.match = w.enterIgnore(sc.match, t.at, t.rel(d.canon), inTree)
	}
	return sc
}

func (w *walker) entry(ctx context.Context, t *tree, d dir, sc scope, e fs.DirEntry) error {
	canon := d.canon + "/" + e.Name()
	skip, tracked, inner := sc.judge(canon[min(sc.top, len(canon)):], e.IsDir())
	if skip {
		if w.once(w.pruned, canon) {
			w.res.Ignored++
		}
		return nil
	}
	if e.IsDir() {
		return w.dir(ctx, t, dir{canon: canon, depth: d.depth + 1, scope: inner})
	}
	if !w.once(w.seen, canon) {
		return nil
	}
	switch mode := e.Type(); {
	case regular.Is(mode):
		return w.yield(ctx, File{Path: t.shown(canon), Root: t.number, Tracked: tracked, max: w.opt.MaxFileBytes, at: t.at, rel: t.rel(canon)})
	case mode&fs.ModeSymlink != 0:
		w.res.Symlinks++
	default:
		w.res.Special++
		if len(w.special) < maxNamed {
			w.special = append(w.special, fmt.Sprintf("%s %q", kind(mode), t.shown(canon)))
		}
	}
	return nil
}

func (w *walker) yield(ctx context.Context, f File) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.res.Files++
	return w.visit(f)
}

// once says whether key is new in set, and adds it; a nil set knows nothing.
func (w *walker) once(set map[string]struct{}, key string) bool {
	if set == nil {
		return true
	}
	if _, ok := set[key]; ok {
		return false
	}
	set[key] = struct{}{}
	return true
}

// rel is where a canonical path lies in the tree, "" for its root.
func (t *tree) rel(canon string) string { return canon[min(len(t.base), len(canon)):] }

// shown is how a canonical path is reported.
func (t *tree) shown(canon string) string {
	rel := t.rel(canon)
	switch {
	case t.prefix == "" && rel == "":
		return "."
	case t.prefix == "":
		return rel
	case rel == "" && t.prefix != "/":
		return strings.TrimSuffix(t.prefix, "/")
	case rel != "" && strings.HasSuffix(t.base, t.prefix):
		return canon[len(t.base)-len(t.prefix):]
	}
	return t.prefix + rel
}

func compareNames(a, b fs.DirEntry) int {
	x, y := a.Name(), b.Name()
	n := min(len(x), len(y))
	if c := strings.Compare(x[:n], y[:n]); c != 0 {
		return c
	}
	return int(after(x, n, a.IsDir())) - int(after(y, n, b.IsDir()))
}

// after is the byte at n, where a directory has a slash behind its name.
func after(name string, n int, isDir bool) byte {
	switch {
	case n < len(name):
		return name[n]
	case isDir:
		return '/'
	}
	return 0
}
