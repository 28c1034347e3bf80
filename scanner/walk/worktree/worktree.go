// Package worktree lists and reads files on disk: all of them outside a
// repository; inside one the tracked files and those untracked ones that git
// does not ignore.
//
// It refuses to know objects, indexes and secrets: the caller names the files that
// are tracked. It writes nothing, runs nothing, and never enters a directory
// named ".git". Its invariants: each folder and file is opened by its name in the
// folder above it, from the path that the user named on, so that nothing outside of
// that is read, whatever happens to the tree meanwhile; no symbolic link below that
// path is followed; only regular files are read; and whatever could not be read is a
// Problem.
package worktree

import (
	"context"
	"errors"
	"fmt"
)

// defaultMaxFileBytes is the size up to which files are read if Options say
// nothing else.
const defaultMaxFileBytes = 1 << 30

// Options say what to list.
type Options struct {
	Roots        []string // files and directories, as the user named them; a root that is a symbolic link is resolved
	NoIgnore     bool     // every file, whatever git ignores; Locate is not asked
	MaxFileBytes int64    // Read refuses larger files; 0 means defaultMaxFileBytes

	// Locate says which work tree holds a directory (an absolute path without
	// symbolic links), nil if none does. It is asked about each root that is a
	// directory, and about each directory below that has a ".git" entry: a
	// submodule or another repository's clone. Nil means no work tree is known.
	// If it fails, every file of the directory is read, and a note says so.
	Locate func(dir string) (*Repository, error)
}

// Repository is what git knows about a work tree.
type Repository struct {
	Root         string   // top directory of the work tree
	Tracked      []string // the index's paths, with slashes, relative to Root; best sorted by bytes, as an index is. One that ends in a slash means all below: which files that is, a sparse index does not say
	Exclude      string   // path of $GIT_DIR/info/exclude, "" if there is none
	ExcludesFile string   // path that core.excludesFile names or its default, "" if there is none
	FoldCase     bool     // core.ignoreCase
}

// Result says what a walk did.
type Result struct {
	Files    int // files handed to visit
	Symlinks int // symbolic links, none of them followed
	Special  int // pipes, sockets and devices, none of them read
	Ignored  int // files and whole directories left out because git ignores them
	Problems []Problem
	Notes    []string // what was left out on purpose, one clear sentence each
}

// Problem is one thing that could not be read. It is also the error that Read
// returns.
type Problem struct {
	What   string // the path, as reported
	Reason string // one clear sentence: what is wrong and what to do
	cause  error
}

// Error joins path and reason.
func (p Problem) Error() string { return "read " + p.What + ": " + p.Reason }

// Unwrap returns the cause, so that errors.Is(err, fs.ErrNotExist) recognizes a file
// that vanished after it was listed.
func (p Problem) Unwrap() error { return p.cause }

// Walk lists the roots in the order given, each in the byte order of its paths,
// and hands every file to visit, once even if roots overlap. It reads no
// content: the caller does with File.Read, in any goroutine, also after Walk
// has returned. An error of visit ends the walk and is returned; what cannot be
// listed is a Problem in the result, and the walk goes on.
func Walk(ctx context.Context, opt Options, visit func(File) error) (Result, error) {
	return walk(ctx, opt, visit, (*place).list)
}

func walk(ctx context.Context, opt Options, visit func(File) error, list lister) (Result, error) {
	if len(opt.Roots) == 0 {
		return Result{}, errors.New("list files: no path given; name a file or a directory")
	}
	if opt.MaxFileBytes < 0 {
		return Result{}, fmt.Errorf("list files: size limit %d is negative; give the largest file size in bytes", opt.MaxFileBytes)
	}
	if opt.MaxFileBytes == 0 {
		opt.MaxFileBytes = defaultMaxFileBytes
	}
	w := &walker{opt: opt, visit: visit, list: list, held: new(heldFolders)}
	if len(opt.Roots) > 1 {
		w.seen, w.pruned = map[string]struct{}{}, map[string]struct{}{}
	}
	for i, root := range opt.Roots {
		if err := w.root(ctx, i, root); err != nil {
			return w.finish(), err
		}
	}
	return w.finish(), nil
}
