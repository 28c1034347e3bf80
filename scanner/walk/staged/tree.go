package staged

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

var errTreeCut = errors.New("it ends in the middle of an entry")

// treeEntry is what stands under one name, zero if nothing does.
type treeEntry struct {
	mode filemode.FileMode
	id   plumbing.Hash
}

// The kinds of entries, by the bits of the mode that git looks at.
const (
	modeKind    = 0o170000
	kindFolder  = 0o040000
	kindGitlink = 0o160000
)

// folder is the tree's name, zero if the entry is no folder.
func (e treeEntry) folder() plumbing.Hash {
	if e.mode&modeKind == kindFolder {
		return e.id
	}
	return plumbing.ZeroHash
}

// blob is the blob's name, zero for folders and submodules. Odd modes, which
// only a hand-made tree or index can hold, count as blobs.
func (e treeEntry) blob() plumbing.Hash {
	if kind := e.mode & modeKind; kind == kindFolder || kind == kindGitlink {
		return plumbing.ZeroHash
	}
	return e.id
}

type namedEntry struct {
	name string
	treeEntry
}

// readTree reads one tree. With an error it gives the entries before the
// damage.
func readTree(objects objects, id plumbing.Hash, depth int) ([]namedEntry, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("tree %s is more than %d folders deep", id, maxDepth)
	}
	kind, data, err := objects.GetProven(id)
	if err != nil {
		return nil, fmt.Errorf("read tree %s: %w", id, err)
	}
	if kind != plumbing.TreeObject {
		return nil, fmt.Errorf("object %s is a %s and not a tree", id, kind)
	}
	entries, err := parseTree(data)
	if err != nil {
		return entries, fmt.Errorf("read tree %s: %w", id, err)
	}
	return entries, nil
}

// parseTree decodes "mode name\0" and 20 bytes of object name, repeated.
func parseTree(data []byte) ([]namedEntry, error) {
	entries := make([]namedEntry, 0, len(data)/32)
	for len(data) > 0 {
		var e namedEntry
		mode, rest, ok := bytes.Cut(data, []byte(" "))
		name, rest, ok2 := bytes.Cut(rest, []byte{0})
		if !ok || !ok2 || len(rest) < len(e.id) {
			return entries, errTreeCut
		}
		var err error
		if e.mode, err = filemode.New(string(mode)); err != nil {
			return entries, fmt.Errorf("mode %q is not octal", mode)
		}
		e.name = string(name)
		e.id = plumbing.Hash(rest[:len(e.id)])
		data = rest[len(e.id):]
		entries = append(entries, e)
	}
	return entries, nil
}
