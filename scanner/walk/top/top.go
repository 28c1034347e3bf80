// Package top reads single files from the top of a repository: from its work
// tree or, where there is none, from the tree of HEAD.
//
// It refuses to know what the files mean. Its invariants: nothing outside of
// the repository is read and no symbolic link followed to a file; of a bare
// repository only what HEAD holds is read, so that a push cannot bring along the
// configuration that it is judged by.
package top

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"keyrake/scanner/walk/regular"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// Top is the top folder of a repository. Close it after use.
type Top struct {
	Dir     string   // the work tree, "" in a bare repository
	Folders []string // the work tree, if there is one, and the git directories: what has an owner

	real    string       // Dir without symbolic links
	root    *os.Root     // of Dir
	objects *store.Store // without a work tree
	tree    plumbing.Hash
}

// Open opens the top of r. A bare repository without a commit has a top that
// holds nothing.
func Open(r *repo.Repo) (*Top, error) {
	git := slices.Compact([]string{r.GitDir, r.CommonDir})
	if r.WorkTree != "" {
		root, err := os.OpenRoot(r.WorkTree)
		if err != nil {
			return nil, fmt.Errorf("open work tree: %w", err)
		}
		real, err := filepath.EvalSymlinks(r.WorkTree)
		if err != nil {
			real = r.WorkTree
		}
		return &Top{Dir: r.WorkTree, Folders: append([]string{r.WorkTree}, git...), real: real, root: root}, nil
	}
	head, _, born, err := r.Head()
	if err != nil {
		return nil, err
	}
	t := &Top{Folders: git, objects: store.Open(r.ObjectDirs)}
	if !born {
		return t, nil
	}
	if t.tree, err = t.treeOf(head); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// Close lets go of what Open opened.
func (t *Top) Close() error {
	if t.root != nil {
		return t.root.Close()
	}
	return t.objects.Close()
}

// ErrNotFetched means that a file, or a folder that it is in, is not in the clone.
var ErrNotFetched = errors.New("the clone does not hold it")

// Read reads a file of at most limit bytes. The name is a slash path from the
// top. The error is fs.ErrNotExist if there is no such file.
func (t *Top) Read(name string, limit int64) ([]byte, error) {
	if !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, fmt.Errorf("read %s: it is not below the top of the repository", name)
	}
	data, err := t.read(name, limit)
	if errors.Is(err, store.ErrNotFound) {
		err = fmt.Errorf("%w: %w", ErrNotFetched, err)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, err
}

func (t *Top) read(name string, limit int64) ([]byte, error) {
	if t.root == nil {
		return t.blob(name, limit)
	}
	file := filepath.FromSlash(name)
	info, err := t.root.Lstat(file)
	if err != nil {
		return nil, err
	}
	if !regular.Is(info.Mode()) {
		return nil, errNotRegular
	}
	f, err := t.root.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if int64(len(data)) > limit {
		return nil, tooLarge(limit)
	}
	return data, err
}

var errNotRegular = errors.New("it is not a regular file")

func tooLarge(limit int64) error { return fmt.Errorf("it has more than %d bytes", limit) }

// treeOf gives the tree of a commit.
func (t *Top) treeOf(commit plumbing.Hash) (plumbing.Hash, error) {
	kind, data, err := t.objects.GetProven(commit)
	if err != nil {
		return plumbing.ZeroHash, fmt.Errorf("read HEAD: %w", err)
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	id, ok := strings.CutPrefix(string(line), "tree ")
	if kind != plumbing.CommitObject || !ok || !plumbing.IsHash(id) {
		return plumbing.ZeroHash, fmt.Errorf("read HEAD: object %s is no commit with a tree", commit)
	}
	return plumbing.NewHash(id), nil
}

// blob reads a file of HEAD.
func (t *Top) blob(name string, limit int64) ([]byte, error) {
	at := t.tree
	for rest := name; ; {
		part, more, deeper := strings.Cut(rest, "/")
		e, err := t.entry(at, part)
		if err != nil {
			return nil, err
		}
		at, rest = e.hash, more
		if !deeper {
			if e.mode != filemode.Regular && e.mode != filemode.Executable && e.mode != filemode.Deprecated {
				return nil, errNotRegular
			}
			break
		}
		if e.mode != filemode.Dir {
			return nil, &fs.PathError{Op: "read", Path: path.Join("HEAD:", name), Err: fs.ErrNotExist}
		}
	}
	kind, data, err := t.objects.GetProven(at)
	switch {
	case err != nil:
		return nil, err
	case kind != plumbing.BlobObject:
		return nil, fmt.Errorf("object %s is a %s, not a blob", at, kind)
	case int64(len(data)) > limit:
		return nil, tooLarge(limit)
	}
	return data, nil
}

type treeEntry struct {
	mode filemode.FileMode
	hash plumbing.Hash
}

// entry finds a name in a tree.
func (t *Top) entry(tree plumbing.Hash, name string) (e treeEntry, err error) {
	none := &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	if tree.IsZero() {
		return e, none
	}
	kind, data, err := t.objects.GetProven(tree)
	if err != nil {
		return e, err
	}
	if kind != plumbing.TreeObject {
		return e, fmt.Errorf("object %s is a %s, not a tree", tree, kind)
	}
	for len(data) > 0 {
		mode, rest, ok := bytes.Cut(data, []byte(" "))
		text, rest, ok2 := bytes.Cut(rest, []byte{0})
		if !ok || !ok2 || len(rest) < len(e.hash) {
			return e, fmt.Errorf("tree %s ends in the middle of an entry", tree)
		}
		if string(text) == name {
			e.mode, err = filemode.New(string(mode))
			e.hash = plumbing.Hash(rest[:len(e.hash)])
			return e, err
		}
		data = rest[len(e.hash):]
	}
	return e, none
}

// Within gives the slash path from the top of a file on disk that is named as
// the user would name it. It is false for a file outside of the work tree.
func (t *Top) Within(file string) (string, bool) {
	if t.Dir == "" {
		return "", false
	}
	full, err := filepath.Abs(filepath.FromSlash(file))
	if err != nil {
		return "", false
	}
	// The folder is resolved and the file is not: a scan follows no link.
	if dir, err := filepath.EvalSymlinks(filepath.Dir(full)); err == nil {
		full = filepath.Join(dir, filepath.Base(full))
	}
	rel, err := filepath.Rel(t.real, full)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}
