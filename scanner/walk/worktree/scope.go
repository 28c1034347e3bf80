package worktree

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"keyrake/scanner/walk/ignore"
	"keyrake/scanner/walk/regular"
)

// maxIgnoreBytes bounds the exclude files that are believed. The rules of a
// larger one are not used, so that more is read rather than less.
const maxIgnoreBytes = 4 << 20

// scope is what git says about a directory. The zero scope lies in no work
// tree: nothing is ignored.
type scope struct {
	match       *ignore.Matcher // nil outside a work tree
	top         int             // where paths relative to the work tree begin in canonical paths
	fold        bool
	tracked     []string // index paths below this directory, as key gives them, sorted
	whole       bool     // all below this directory counts as tracked; see Repository.Tracked
	onlyTracked bool     // git ignores the directory, so only tracked files count
}

// locate asks the caller for the work tree of a directory.
func (w *walker) locate(canon, shown string) *Repository {
	if w.opt.NoIgnore || w.opt.Locate == nil {
		return nil
	}
	repo, err := w.opt.Locate(filepath.FromSlash(canon))
	if err != nil {
		w.unlocated(shown, err)
		return nil
	}
	return repo
}

func (w *walker) unlocated(shown string, err error) {
	w.note("the repository of %q cannot be read, so its ignored files were read as well: %s", shown, reason(err))
}

// scope starts the scope of a work tree, before its own .gitignore. Base is the
// canonical path of its top with a slash at the end.
func (w *walker) scope(repo *Repository, base string) scope {
	tracked := repo.Tracked
	if repo.FoldCase {
		tracked = folded(tracked)
	}
	if !slices.IsSorted(tracked) {
		tracked = slices.Sorted(slices.Values(tracked))
	}
	m := ignore.New(repo.FoldCase, w.excludes(repo.ExcludesFile), w.excludes(repo.Exclude))
	return scope{match: m, top: len(base), fold: repo.FoldCase, tracked: tracked}
}

// key is how a path is looked up among those of the index: where a disk knows no case, a folder
// there may be written otherwise than in the index (core.ignoreCase).
func (sc scope) key(inTree string) string {
	if sc.fold {
		return ignore.Fold(inTree)
	}
	return inTree
}

func folded(paths []string) []string {
	list := make([]string, len(paths))
	for i, p := range paths {
		list[i] = ignore.Fold(p)
	}
	return list
}

// excludes reads an exclude file of the user's configuration. It lies outside
// the roots, so links are followed as git does.
func (w *walker) excludes(name string) []byte {
	if name == "" {
		return nil
	}
	data, err := readNamed(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.unusedIgnore(name, err)
	}
	return data
}

func readNamed(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !regular.Is(info.Mode()) {
		return nil, errNotRegular
	}
	return readAll(f, info.Size(), nil, maxIgnoreBytes)
}

func (w *walker) unusedIgnore(name string, err error) {
	w.note("the rules in %q were not used, so files that they ignore were read: %s", name, reason(err))
}

// enterIgnore adds the .gitignore of a directory. Rel is the directory in at,
// inTree the same directory as seen from the top of the work tree. Git takes no
// .gitignore that is a symbolic link.
func (w *walker) enterIgnore(m *ignore.Matcher, at *place, rel, inTree string) *ignore.Matcher {
	data, err := at.read(path.Join(rel, ".gitignore"), maxIgnoreBytes)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotRegular) {
		return m
	}
	if err != nil {
		w.unusedIgnore(path.Join(inTree, ".gitignore"), err)
		return m
	}
	return m.Enter(inTree, data)
}

// nested is the scope of a directory that has a ".git" entry. If that belongs
// to a repository, the rules of the one round it end here. What that one tracks is
// tracked all the same, even if the inner one ignores it.
func (w *walker) nested(sc scope, canon, shown string) scope {
	if w.opt.NoIgnore || w.opt.Locate == nil || sc.onlyTracked {
		return sc
	}
	repo, err := w.opt.Locate(filepath.FromSlash(canon))
	if err != nil {
		w.unlocated(shown, err)
		return scope{}
	}
	if repo == nil {
		return sc
	}
	top, err := filepath.EvalSymlinks(repo.Root)
	if err != nil || filepath.ToSlash(top) != canon {
		return sc
	}
	inner := w.scope(repo, withSlash(canon))
	if len(sc.tracked) > 0 {
		list := slices.Clone(inner.tracked)
		if sc.fold && !inner.fold { // one disk, two repositories that were told otherwise
			list, inner.fold = folded(list), true
		}
		for _, p := range sc.tracked {
			list = append(list, inner.key(p[len(canon)+1-sc.top:]))
		}
		slices.Sort(list)
		inner.tracked = slices.Compact(list)
	}
	inner.whole = sc.whole
	return inner
}

// judge says what git thinks of an entry: whether it is left out, whether it is
// tracked, and the scope inside if it is a directory.
func (sc scope) judge(inTree string, isDir bool) (skip, tracked bool, inner scope) {
	if sc.match == nil {
		return false, false, sc
	}
	// A submodule stands in the index with its own path.
	key := sc.key(inTree)
	_, tracked = slices.BinarySearch(sc.tracked, key)
	inner = sc
	switch {
	case isDir:
		inner.tracked = trackedBelow(sc.tracked, key)
		inner.whole = sc.whole || inner.tracked != nil && inner.tracked[0] == key+"/"
	case tracked:
		return false, true, inner
	}
	if sc.whole || inner.whole {
		return false, tracked, inner
	}
	if !sc.onlyTracked && !sc.match.Ignored(inTree, isDir) {
		return false, tracked, inner
	}
	inner.onlyTracked = !tracked
	return !tracked && (!isDir || len(inner.tracked) == 0), tracked, inner
}

// trackedBelow returns the paths of the sorted list that lie in dir.
func trackedBelow(list []string, dir string) []string {
	// "0" is the byte after the slash.
	low, _ := slices.BinarySearch(list, dir+"/")
	high, _ := slices.BinarySearch(list, dir+"0")
	if low == high {
		return nil
	}
	return list[low:high]
}

// isGitDir says whether an entry is git's own: a directory, or the file that
// names it.
func (sc scope) isGitDir(name string) bool {
	return name == ".git" || sc.fold && strings.EqualFold(name, ".git")
}
