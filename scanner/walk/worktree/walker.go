package worktree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
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
	base   string // canonical path with a slash at the end
	prefix string // what stands before relative paths when they are reported
}

// dir is one directory to walk.
type dir struct {
	rel   string // path in the tree, "" for its root
	depth int
	scope scope
	top   bool // the scope was found by asking about this very directory
}

func (w *walker) dir(ctx context.Context, t *tree, d dir) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	canon := strings.TrimSuffix(t.base+d.rel, "/")
	shown := t.shown(d.rel)
	if d.depth > maxDepth {
		w.problem(canon, shown, fmt.Errorf("it lies more than %d directories deep; name it as a path of its own to scan it", maxDepth))
		return nil
	}
	entries, err := w.list(t.at, d.rel)
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && d.rel != "") {
		w.problem(canon, shown, err)
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
		hasIgnore = hasIgnore || e.Name() == ".gitignore" && e.Type().IsRegular()
	}
	canon := strings.TrimSuffix(t.base+d.rel, "/")
	if hasGit && !d.top {
		sc = w.nested(sc, canon, t.shown(d.rel))
	}
	if hasIgnore && sc.match != nil && !sc.onlyTracked {
		inTree := ""
		if len(canon) > sc.top {
			inTree = canon[sc.top:]
		}
		sc.match = w.enterIgnore(sc.match, t.at, d.rel, inTree)
	}
	return sc
}

func (w *walker) entry(ctx context.Context, t *tree, d dir, sc scope, e fs.DirEntry) error {
	rel := e.Name()
	if d.rel != "" {
		rel = d.rel + "/" + rel
	}
	canon := t.base + rel
	rel = canon[len(t.base):]
	skip, tracked, inner := sc.judge(canon[min(sc.top, len(canon)):], e.IsDir())
	if skip {
		if w.once(w.pruned, canon) {
			w.res.Ignored++
		}
		return nil
	}
	if e.IsDir() {
		return w.dir(ctx, t, dir{rel: rel, depth: d.depth + 1, scope: inner})
	}
	if !w.once(w.seen, canon) {
		return nil
	}
	switch mode := e.Type(); {
	case mode.IsRegular():
		return w.yield(ctx, File{Path: t.shown(rel), Tracked: tracked, max: w.opt.MaxFileBytes, at: t.at, rel: rel})
	case mode&fs.ModeSymlink != 0:
		w.res.Symlinks++
	default:
		w.res.Special++
		if len(w.special) < maxNamed {
			w.special = append(w.special, fmt.Sprintf("%s %q", kind(mode), t.shown(rel)))
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

func (t *tree) shown(rel string) string {
	switch {
	case t.prefix == "" && rel == "":
		return "."
	case t.prefix == "":
		return rel
	case rel == "" && t.prefix != "/":
		return strings.TrimSuffix(t.prefix, "/")
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
