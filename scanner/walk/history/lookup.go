package history

import (
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/store"
)

// Lookup finds files by their paths in the trees of commits. It remembers the steps
// that it took, because most commits share most of their folders, and takes only bytes
// that hash to their names. It belongs to one
// goroutine.
type Lookup struct {
	objects *store.Store
	roots   map[plumbing.Hash]plumbing.Hash // commit → tree
	steps   map[step]plumbing.Hash
	last    plumbing.Hash // the tree that was read last
	data    []byte        // of the tree "last"; nil if it could not be read
}

// step is from a tree to one of its entries.
type step struct {
	tree plumbing.Hash
	name string
}

// maxRemembered bounds how many steps a lookup remembers.
const maxRemembered = 1 << 16

// NewLookup makes a lookup that reads from objects.
func NewLookup(objects *store.Store) *Lookup {
	return &Lookup{objects: objects, roots: map[plumbing.Hash]plumbing.Hash{}, steps: map[step]plumbing.Hash{}}
}

// At gives the object that the tree of commit has at path; zero if there is none
// or it cannot be read.
func (l *Lookup) At(commit plumbing.Hash, path string) plumbing.Hash {
	at := l.root(commit)
	for name := range strings.SplitSeq(path, "/") {
		if at.IsZero() {
			return at
		}
		at = l.entry(at, name)
	}
	return at
}

func (l *Lookup) root(commit plumbing.Hash) plumbing.Hash {
	tree, known := l.roots[commit]
	if known {
		return tree
	}
	if typ, data, err := l.objects.GetProven(commit); err == nil && typ == plumbing.CommitObject {
		EachLink(typ, data, func(to plumbing.Hash, typ plumbing.ObjectType) {
			if typ == plumbing.TreeObject && tree.IsZero() {
				tree = to
			}
		})
	}
	if len(l.roots) >= maxRemembered {
		clear(l.roots)
	}
	l.roots[commit] = tree
	return tree
}

func (l *Lookup) entry(tree plumbing.Hash, name string) plumbing.Hash {
	at, known := l.steps[step{tree, name}]
	if known {
		return at
	}
	if l.last != tree {
		typ, data, err := l.objects.GetProven(tree)
		if l.last, l.data = tree, nil; err == nil && typ == plumbing.TreeObject {
			l.data = data
		}
	}
	_ = EachEntry(l.data, func(entry []byte, typ plumbing.ObjectType, to plumbing.Hash) {
		if typ != 0 && string(entry) == name {
			at = to
		}
	})
	if len(l.steps) >= maxRemembered {
		clear(l.steps)
	}
	l.steps[step{tree, name}] = at
	return at
}
