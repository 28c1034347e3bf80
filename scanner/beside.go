package scanner

import (
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/store"
)

// stateFiles finds files in the states of a project. It remembers its steps: most
// commits share most folders, and for one secret the same few are asked for many
// names.
type stateFiles struct {
	objects *store.Store
	roots   map[plumbing.Hash]plumbing.Hash // commit → tree
	steps   map[step]plumbing.Hash
	last    plumbing.Hash // the tree that was read last
	data    []byte        // of it; nil if it could not be read
}

// step is from a tree to one of its entries.
type step struct {
	tree plumbing.Hash
	name string
}

// maxSteps bounds the memory of steps.
const maxSteps = 1 << 16

func newStateFiles(objects *store.Store) *stateFiles {
	return &stateFiles{objects: objects, roots: map[plumbing.Hash]plumbing.Hash{}, steps: map[step]plumbing.Hash{}}
}

// at gives the object that the tree of commit has at path; zero if there is none
// or it cannot be read.
func (f *stateFiles) at(commit plumbing.Hash, path string) plumbing.Hash {
	at := f.root(commit)
	for name := range strings.SplitSeq(path, "/") {
		if at.IsZero() {
			return at
		}
		at = f.entry(at, name)
	}
	return at
}

func (f *stateFiles) root(commit plumbing.Hash) plumbing.Hash {
	tree, known := f.roots[commit]
	if known {
		return tree
	}
	if typ, data, err := f.objects.Get(commit); err == nil && typ == plumbing.CommitObject {
		history.EachLink(typ, data, func(to plumbing.Hash, typ plumbing.ObjectType) {
			if typ == plumbing.TreeObject && tree.IsZero() {
				tree = to
			}
		})
	}
	if len(f.roots) >= maxSteps {
		clear(f.roots)
	}
	f.roots[commit] = tree
	return tree
}

func (f *stateFiles) entry(tree plumbing.Hash, name string) plumbing.Hash {
	at, known := f.steps[step{tree, name}]
	if known {
		return at
	}
	if f.last != tree {
		typ, data, err := f.objects.Get(tree)
		if f.last, f.data = tree, nil; err == nil && typ == plumbing.TreeObject {
			f.data = data
		}
	}
	_ = history.EachEntry(f.data, func(entry []byte, typ plumbing.ObjectType, to plumbing.Hash) {
		if typ != 0 && string(entry) == name {
			at = to
		}
	})
	if len(f.steps) >= maxSteps {
		clear(f.steps)
	}
	f.steps[step{tree, name}] = at
	return at
}
