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

// childKind says what an entry with this mode points to; 0 is nothing of this
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
	number int32
	starts []uint32 // where each entry starts, and where the last one ends
	pieces []int32  // as in a record of links
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

// resolver finds the number of what an entry points to, and its label.
type resolver func(mode, name []byte, h plumbing.Hash) (kid, label int32)

// parse reads the entries of the tree o into e. Entries that lie within a range
// copied from the base, from a place where one started there too, are taken
// over without a look at their bytes; only the others are resolved.
func (e *entries) parse(o *pack.Object, base *entries, resolve resolver) error {
	e.starts, e.pieces = e.starts[:0], e.pieces[:0]
	c := 0    // the first copy that ends after pos
	own := -1 // where the piece of own entries that goes on starts
	pos := 0
	for pos < len(o.Data) {
		for c < len(o.Copies) && o.Copies[c].Pos+o.Copies[c].Len <= pos {
			c++
		}
		if c < len(o.Copies) && o.Copies[c].Pos <= pos {
			if n := e.take(base, &o.Copies[c], pos); n > 0 {
				pos, own = pos+n, -1
				continue
			}
		}
		mode, name, end := treeEntry(o.Data, pos)
		if end < 0 {
			e.starts = append(e.starts, uint32(pos))
			return errTree
		}
		if own < 0 {
			own = len(e.pieces)
			e.pieces = append(e.pieces, 0)
		}
		kid, label := resolve(mode, name, plumbing.Hash(o.Data[end-hashLen:end]))
		e.pieces[own]--
		e.pieces = append(e.pieces, kid, label)
		e.starts = append(e.starts, uint32(pos))
		pos = end
	}
	e.starts = append(e.starts, uint32(pos))
	return nil
}

// take takes over the entries of base that stand whole in the copy cp from pos
// on, and returns how many bytes they have; 0 if none starts there.
func (e *entries) take(base *entries, cp *pack.Copy, pos int) int {
	shift := uint32(pos) - uint32(pos-cp.Pos+cp.From)
	from, ok := slices.BinarySearch(base.starts, uint32(pos)-shift)
	if !ok {
		return 0
	}
	to, ok := slices.BinarySearch(base.starts, uint32(cp.From+cp.Len))
	if !ok {
		to-- // the last start before the end of the copy; what starts there is cut
	}
	if to <= from {
		return 0
	}
	e.pieces = append(e.pieces, int32(from), int32(to-from))
	if shift == 0 {
		e.starts = append(e.starts, base.starts[from:to]...)
	} else {
		for _, s := range base.starts[from:to] {
			e.starts = append(e.starts, s+shift)
		}
	}
	return int(base.starts[to] - base.starts[from])
}
