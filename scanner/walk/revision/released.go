package revision

import (
	"context"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
)

// maxCompared bounds how many entries of folders AddReleased goes through.
const maxCompared = 1 << 25

// AddReleased adds files to the range that what is excluded has at a path for which from is
// true, and that a commit of the range has, as they are, at another one for which to is true and
// where none of its parents has them: a range is its objects, and a file that is moved or copied
// brings none. It is false if that is too much.
func (r *Range) AddReleased(ctx context.Context, from, to func(path string) bool) (all bool, err error) {
	x := &released{r: r, to: to, held: map[plumbing.Hash]bool{}, room: maxCompared}
	seen := map[plumbing.Hash]bool{}
	for _, n := range r.commits {
		for _, p := range n.parents {
			if r.old[Object{p.tree, plumbing.TreeObject}] && !seen[p.tree] {
				seen[p.tree] = true
				x.hold(ctx, p.tree, "", from)
			}
		}
	}
	if len(x.held) == 0 {
		return x.room > 0, ctx.Err()
	}
	for _, n := range r.topological() {
		var before []plumbing.Hash
		for _, p := range n.parents {
			before = append(before, p.tree)
		}
		x.compare(ctx, "", n.tree, before)
		x.chain = x.chain[:0]
	}
	return x.room > 0, ctx.Err()
}

// released is the state of one AddReleased.
type released struct {
	r     *Range
	to    func(path string) bool
	held  map[plumbing.Hash]bool // blobs that are excluded, at a path that from takes
	room  int                    // for entries of folders
	chain []plumbing.Hash        // the trees above the one at hand
}

// entries reads a tree, by its names. One that cannot be read has none: it is a gap where it
// belongs to the range.
func (x *released) entries(ctx context.Context, tree plumbing.Hash) map[string]Object {
	if x.room <= 0 || ctx.Err() != nil || tree.IsZero() || tree == history.EmptyTree() {
		return nil
	}
	_, data, err := read(x.r.reader, tree, plumbing.TreeObject)
	if err != nil {
		return nil
	}
	list := map[string]Object{}
	_ = history.EachEntry(data, func(name []byte, typ plumbing.ObjectType, h plumbing.Hash) {
		if x.room--; typ != 0 && x.room > 0 {
			list[string(name)] = Object{h, typ}
		}
	})
	return list
}

// hold notes the blobs below a tree at a path that from takes.
func (x *released) hold(ctx context.Context, tree plumbing.Hash, path string, from func(string) bool) {
	if len(path) > maxPath {
		x.room = 0
		return
	}
	for name, o := range x.entries(ctx, tree) {
		switch full := path + name; {
		case o.Type == plumbing.TreeObject:
			x.hold(ctx, o.Name, full+"/", from)
		case from(full):
			x.held[o.Name] = true
		}
	}
}

// compare adds what a tree at a path has, and none of the trees that were there before.
func (x *released) compare(ctx context.Context, path string, tree plumbing.Hash, before []plumbing.Hash) {
	for _, b := range before {
		if b == tree {
			return
		}
	}
	if len(path) > maxPath {
		x.room = 0
		return
	}
	x.chain = append(x.chain, tree)
	defer func() { x.chain = x.chain[:len(x.chain)-1] }()
	there := make([]map[string]Object, len(before))
	for i, b := range before {
		there[i] = x.entries(ctx, b)
	}
	for name, o := range x.entries(ctx, tree) {
		full := path + name
		if o.Type == plumbing.TreeObject {
			below := make([]plumbing.Hash, 0, len(before))
			for i := range there {
				if was := there[i][name]; was.Type == plumbing.TreeObject {
					below = append(below, was.Name)
				}
			}
			x.compare(ctx, full+"/", o.Name, below)
			continue
		}
		if !x.held[o.Name] || !x.to(full) {
			continue
		}
		known := false
		for i := range there {
			known = known || there[i][name] == o
		}
		if !known {
			x.add(o)
		}
	}
}

// add makes a blob, and the trees that lead to it, part of the range.
func (x *released) add(blob Object) {
	r := x.r
	below, _ := r.add(blob)
	r.released[blob.Name] = true
	for i := len(x.chain) - 1; i >= 0; i-- {
		tree, _ := r.add(Object{x.chain[i], plumbing.TreeObject})
		known := false
		for _, k := range r.kids[tree] {
			known = known || k == below
		}
		if !known {
			r.kids[tree] = append(r.kids[tree], below)
		}
		below = tree
	}
}
