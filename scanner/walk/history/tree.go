package history

import (
	"bytes"
	"errors"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

const hashLen = len(plumbing.Hash{})

// The kinds of tree entry, by the upper bits of their mode.
const (
	kindMask = 0o170000
	isTree   = 0o040000
	isLink   = 0o160000 // a submodule's commit, which is not ours
)

var errTree = errors.New("its entries do not parse as those of a tree")

// treeEntry parses the entry of a tree that starts at pos: mode SP name NUL id.
// end is where the next one starts; it is -1 if the bytes are no entry.
func treeEntry(data []byte, pos int) (mode, name []byte, end int) {
	rest := data[pos:]
	sp := bytes.IndexByte(rest[:min(len(rest), 8)], ' ')
	if sp < 5 {
		return nil, nil, -1
	}
	nul := bytes.IndexByte(rest[sp:], 0)
	if nul < 2 || sp+nul+1+hashLen > len(rest) {
		return nil, nil, -1
	}
	return rest[:sp], rest[sp+1 : sp+nul], pos + sp + nul + 1 + hashLen
}

// childKind tells what an entry with this mode points to; 0 is nothing of this
// repository.
func childKind(mode []byte) plumbing.ObjectType {
	bits := 0 // some old programs wrote zeros before the digits
	for _, c := range mode {
		bits = bits<<3 | int(c&7)
	}
	switch bits & kindMask {
	case isTree:
		return plumbing.TreeObject
	case isLink:
		return 0
	}
	return plumbing.BlobObject
}

// entries is what a tree's visit leaves for the trees made from it as deltas.
type entries struct {
	starts []uint32 // where each entry starts
	kids   []int32  // the number of what each entry points to; none for submodules and missing objects
}

const none = int32(-1)

// takeEntries takes a record for reuse from free, or makes one.
func takeEntries(free *[]*entries) *entries {
	m := len(*free)
	if m == 0 {
		return new(entries)
	}
	e := (*free)[m-1]
	*free = (*free)[:m-1]
	return e
}

// parse reads the entries of the tree o into e. An entry that lies within a
// range copied from the base, and stood at an entry's start there too, points
// to what it pointed to there; only the others are looked up.
func (e *entries) parse(o *pack.Object, base *entries, lookup func(mode []byte, h plumbing.Hash) int32) error {
	e.starts, e.kids = e.starts[:0], e.kids[:0]
	c := 0      // the copy that ends after pos
	from := -1  // entry of the base that stands at pos; -1 if none is known
	within := 0 // end of the copy for which from holds
	for pos := 0; pos < len(o.Data); {
		mode, _, end := treeEntry(o.Data, pos)
		if end < 0 {
			return errTree
		}
		if pos >= within {
			from = -1
			for c < len(o.Copies) && o.Copies[c].Pos+o.Copies[c].Len <= pos {
				c++
			}
			if c < len(o.Copies) && o.Copies[c].Pos <= pos {
				cp := o.Copies[c]
				within = cp.Pos + cp.Len
				if i, ok := slices.BinarySearch(base.starts, uint32(pos-cp.Pos+cp.From)); ok {
					from = i
				}
			}
		}
		kid := none
		if from >= 0 && end <= within {
			kid = base.kids[from]
			from++
		} else {
			from = -1
		}
		if kid == none { // looked up again even if copied: who lacks what is to be known
			kid = lookup(mode, plumbing.Hash(o.Data[end-hashLen:end]))
		}
		e.starts = append(e.starts, uint32(pos))
		e.kids = append(e.kids, kid)
		pos = end
	}
	return nil
}
