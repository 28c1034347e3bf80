package worktree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"keyrake/scanner/walk/regular"
)

// root walks one root of the user.
func (w *walker) root(ctx context.Context, number int, name string) error {
	shown := filepath.ToSlash(filepath.Clean(name))
	real, info, err := resolve(name)
	if err != nil {
		w.problem(shown, shown, err)
		return ctx.Err()
	}
	canon := filepath.ToSlash(real)
	switch {
	case regular.Is(info.Mode()):
		if !w.once(w.seen, canon) {
			return ctx.Err()
		}
		return w.yield(ctx, File{Path: shown, Root: number, max: w.opt.MaxFileBytes, rel: real})
	case !info.IsDir():
		w.problem(canon, shown, notFile(info))
		return ctx.Err()
	}
	at, err := openPlace(real, w.held)
	if err != nil {
		w.problem(canon, shown, err)
		return ctx.Err()
	}
	t := &tree{at: at, number: number, base: withSlash(canon)}
	if shown != "." {
		t.prefix = withSlash(shown)
	}
	return w.dir(ctx, t, dir{canon: strings.TrimSuffix(canon, "/"), scope: w.rootScope(canon, shown), top: true})
}

// resolve follows the links in the name of a root, once: all later access goes
// through what it found.
func resolve(name string) (string, fs.FileInfo, error) {
	if name == "" {
		return "", nil, fmt.Errorf("the path is empty; name a file or a directory")
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", nil, err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		// What a shell makes of <(…), and /dev/stdin, are links to no path.
		if info, e := os.Stat(abs); e == nil && !info.IsDir() {
			err = notFile(info)
		}
		return "", nil, err
	}
	info, err := os.Lstat(real)
	return real, info, err
}

// notFile says what a root is that is no file that a path leads to.
func notFile(info fs.FileInfo) error {
	if regular.Is(info.Mode()) {
		return errors.New("it is open, and no path leads to it; pass its content as a stream instead: COMMAND | scan -")
	}
	return fmt.Errorf("it is a %s, not a file; pass its content as a stream instead: COMMAND | scan -", kind(info.Mode()))
}

func withSlash(p string) string {
	return strings.TrimSuffix(p, "/") + "/"
}

// rootScope finds the rules of git that hold in a root: those of the work tree
// that it lies in, from the top down to it.
func (w *walker) rootScope(canon, shown string) scope {
	repo := w.locate(canon, shown)
	if repo == nil {
		return scope{}
	}
	top, err := filepath.EvalSymlinks(repo.Root)
	if err == nil {
		top, err = filepath.Abs(top)
	}
	base := withSlash(filepath.ToSlash(top))
	if err == nil && !strings.HasPrefix(withSlash(canon), base) {
		err = fmt.Errorf("the work tree %s does not hold it", top)
	}
	if err != nil {
		w.unlocated(shown, err)
		return scope{}
	}
	sc := w.scope(repo, base)
	below := strings.TrimPrefix(withSlash(canon), base)
	if below == "" {
		return sc
	}
	at, err := openPlace(top, w.held)
	if err != nil {
		w.unlocated(shown, err)
		return scope{}
	}
	// Every parent's .gitignore, but not that of the root itself: walking it
	// reads that one.
	parent := ""
	for part := range strings.SplitSeq(strings.TrimSuffix(below, "/"), "/") {
		sc.match = w.enterIgnore(sc.match, at, parent, parent)
		parent = path.Join(parent, part)
		_, sparse := slices.BinarySearch(sc.tracked, parent+"/")
		sc.whole = sc.whole || sparse
		if sc.match.Ignored(parent, true) {
			w.note("git ignores %q, or a directory that it is in; it was named, so all of it was read", shown)
			return scope{}
		}
	}
	return sc
}
