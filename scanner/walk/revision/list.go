package revision

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/commitgraph"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/store"
)

// ErrShallow means that the range goes on where the clone was cut off.
var ErrShallow = errors.New("the clone was cut off here, and the range goes on")

// Object is one object of a range.
type Object struct {
	Name plumbing.Hash
	Type plumbing.ObjectType // as what points to it says; 0 if nothing does
}

// Range is what a selection means.
type Range struct {
	Objects []Object      // every object, each once; those in Gaps are among them
	Named   []int         // blobs in Objects that have a name that Selection.Named picks; some may be in it twice
	Gaps    []history.Gap // commits, trees and tags of the range that could not be read

	store   *store.Store
	reader  *store.Reader
	index   map[plumbing.Hash]int32
	kids    map[int32][]int32 // of each tree: the objects of the range in it
	sizes   map[int32]int     // of each tree that was read, bytes
	commits []*node
	graph   *graph
	named   func(name []byte) bool
	old     map[Object]bool // trees and blobs at the edge of what is excluded

	released map[plumbing.Hash]bool // blobs that are in the range though what is excluded has them
	visits   int                    // bound on the trees that an attribution visits
}

// List lists the objects of a selection: the commits that are included and not
// excluded with their trees and blobs, and the tags and other objects that were
// included by name. As in git, an object that is in the tree of an excluded
// parent of a listed commit is left out wherever else it is; one that only
// an older excluded commit had is listed. Other than in git, a tree is not left out where
// what is excluded calls it a blob. The error is that of the context; the
// range holds what was listed until then. At most memory bytes of what deltas
// are made from are held.
func List(ctx context.Context, s *store.Store, sel Selection, shallow []plumbing.Hash, memory int64) (*Range, error) {
	r := &Range{store: s, reader: s.NewReader(memory), index: map[plumbing.Hash]int32{}, kids: map[int32][]int32{}, sizes: map[int32]int{}, old: map[Object]bool{}, released: map[plumbing.Hash]bool{}, visits: maxVisits}
	r.named = sel.Named
	g := newGraph(r.reader, shallow)
	r.graph = g
	var tips []*node
	var roots []Object // trees and blobs that were included by name
	for h := range sel.read {
		g.parse(g.node(h))
	}
	order := sel.order()
	commits := make([]plumbing.Hash, len(order))
	for _, exclude := range []bool{true, false} { // what is excluded is left out wherever it was named
		for i, t := range order {
			if t.exclude != exclude {
				continue
			}
			at, ok := r.follow(t.name, exclude)
			switch {
			case !ok:
			case at.Type == plumbing.CommitObject:
				commits[i] = at.Name
			default:
				roots = append(roots, at)
			}
		}
	}
	for i, h := range commits {
		if h.IsZero() {
			continue
		}
		n := g.node(h)
		if order[i].exclude {
			n.flags |= excluded
		}
		tips = append(tips, n)
	}
	list, err := g.walkCommits(ctx, tips)
	r.edges(ctx, list, len(roots) == 0)
	for _, n := range list {
		if n.flags&excluded == 0 {
			r.addCommit(n)
		}
	}
	for _, n := range r.commits {
		if n.err == nil {
			r.descend(ctx, Object{n.tree, plumbing.TreeObject})
		}
	}
	for _, o := range roots {
		r.descend(ctx, o)
	}
	return r, errors.Join(err, ctx.Err())
}

// Commits gives the commits that were read to list the range, as they are, by name.
func (r *Range) Commits() iter.Seq2[plumbing.Hash, commitgraph.Commit] {
	byName := func(a, b plumbing.Hash) int { return bytes.Compare(a[:], b[:]) }
	return func(yield func(plumbing.Hash, commitgraph.Commit) bool) {
		for _, h := range slices.SortedFunc(maps.Keys(r.graph.nodes), byName) {
			n := r.graph.nodes[h]
			if !n.parsed || n.err != nil {
				continue
			}
			c := commitgraph.Commit{Tree: n.tree, When: n.when}
			for _, p := range n.parents {
				c.Parents = append(c.Parents, p.name)
			}
			if !yield(h, c) {
				return
			}
		}
	}
}

// Bounded reports whether anything that the range leaves out was met.
func (r *Range) Bounded() bool { return len(r.old) > 0 }

// Has reports whether an object belongs to the range.
func (r *Range) Has(h plumbing.Hash) bool {
	_, ok := r.index[h]
	return ok
}

// IsNew reports whether an object belongs to the range and not to what is excluded.
func (r *Range) IsNew(h plumbing.Hash) bool { return r.Has(h) && !r.released[h] }

// Parents gives the parents of a commit of the range, as far as the clone has them.
func (r *Range) Parents(commit plumbing.Hash) (list []plumbing.Hash) {
	if n := r.graph.nodes[commit]; n != nil {
		for _, p := range n.parents {
			list = append(list, p.name)
		}
	}
	return list
}

// follow reads what a tip is, through tags to what they are of. A tag that is
// included belongs to the range; of what is excluded, tags, trees and blobs are
// noted as old.
func (r *Range) follow(h plumbing.Hash, exclude bool) (Object, bool) {
	want := plumbing.ObjectType(0)
	for range maxChain {
		typ, data, err := r.reader.GetProven(h)
		if err == nil && want != 0 && typ != want {
			err = errors.New("it is of another type than the tag says; run \"git fsck\"")
		}
		if h == history.EmptyTree() {
			typ, err = plumbing.TreeObject, nil
		}
		if err != nil {
			if !exclude {
				r.gap(Object{h, want}, err)
			}
			return Object{}, false
		}
		switch {
		case exclude && (typ == plumbing.TreeObject || typ == plumbing.BlobObject):
			r.exclude(context.Background(), []Object{{h, typ}})
			return Object{}, false
		case typ != plumbing.TagObject:
			return Object{h, typ}, true
		case exclude:
			r.old[Object{h, typ}] = true
		case !r.old[Object{h, typ}]:
			r.add(Object{h, typ})
		}
		next := plumbing.ZeroHash
		history.EachLink(typ, data, func(to plumbing.Hash, typ plumbing.ObjectType) { next, want = to, typ })
		if next.IsZero() {
			if !exclude {
				r.gap(Object{h, typ}, errors.New("its header does not name what it is about; run \"git fsck\""))
			}
			return Object{}, false
		}
		h = next
	}
	return Object{}, false
}

// add numbers an object; it is false if the object has its number already.
func (r *Range) add(o Object) (int32, bool) {
	if n, ok := r.index[o.Name]; ok {
		return n, false
	}
	n := int32(len(r.Objects))
	r.index[o.Name] = n
	r.Objects = append(r.Objects, o)
	return n, true
}

// Size is how many bytes the tree with number n has; 0 if it was not read.
func (r *Range) Size(n int) int64 { return int64(r.sizes[int32(n)]) }

func (r *Range) gap(o Object, err error) {
	r.add(o)
	if errors.Is(err, store.ErrNotFound) {
		err = history.ErrMissing
	}
	r.Gaps = append(r.Gaps, history.Gap{Name: o.Name, Type: o.Type, Err: err})
}

func (r *Range) addCommit(n *node) {
	r.add(Object{n.name, plumbing.CommitObject})
	r.commits = append(r.commits, n)
	if n.err != nil {
		r.gap(Object{n.name, plumbing.CommitObject}, n.err)
	}
	if n.cut {
		r.gap(Object{n.name, plumbing.CommitObject}, ErrShallow)
	}
}

// edges notes the trees of the excluded parents of listed commits as old, and
// those of listed commits that turned out to be excluded. all says that only
// commits were included.
func (r *Range) edges(ctx context.Context, list []*node, all bool) {
	var trees []Object
	for _, n := range list {
		same := false
		if n.flags&excluded != 0 {
			trees = append(trees, Object{n.tree, plumbing.TreeObject})
			continue
		}
		for _, p := range n.parents {
			if p.flags&excluded != 0 && p.err == nil && p.parsed {
				trees = append(trees, Object{p.tree, plumbing.TreeObject})
				same = same || p.tree == n.tree
			}
		}
		all = all && same
	}
	if all { // every commit has the tree of an excluded parent: there is no need to read them
		for _, t := range trees {
			r.old[t] = true
		}
		return
	}
	r.exclude(ctx, trees)
}

// exclude notes trees and blobs as old, with all that is in them. Of a tree that
// cannot be read nothing below is known: less is left out then, never more.
func (r *Range) exclude(ctx context.Context, todo []Object) {
	for len(todo) > 0 && ctx.Err() == nil {
		o := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if r.old[o] || o.Name.IsZero() {
			continue
		}
		r.old[o] = true
		if o.Type != plumbing.TreeObject || o.Name == history.EmptyTree() {
			continue
		}
		_, data, err := read(r.reader, o.Name, o.Type)
		if err != nil {
			continue
		}
		_ = history.EachEntry(data, func(_ []byte, typ plumbing.ObjectType, h plumbing.Hash) {
			if o := (Object{h, typ}); typ != 0 && !r.old[o] {
				todo = append(todo, o)
			}
		})
	}
}

// descend adds a tree or blob, with all that is in it and not old.
func (r *Range) descend(ctx context.Context, root Object) {
	todo := []Object{root}
	for len(todo) > 0 && ctx.Err() == nil {
		o := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if r.old[o] || o.Name == history.EmptyTree() && !r.store.Has(o.Name) {
			continue
		}
		n, isNew := r.add(o)
		if !isNew && (r.kids[n] != nil || r.Objects[n].Type != plumbing.TreeObject) || o.Type != plumbing.TreeObject {
			continue
		}
		r.kids[n] = []int32{}
		_, data, err := read(r.reader, o.Name, o.Type)
		if err != nil {
			r.gap(o, err)
			continue
		}
		r.sizes[n] = len(data)
		var kids []int32
		err = history.EachEntry(data, func(name []byte, typ plumbing.ObjectType, h plumbing.Hash) {
			if typ == 0 || r.old[Object{h, typ}] || h == history.EmptyTree() && !r.store.Has(h) {
				return
			}
			k, isNew := r.add(Object{h, typ})
			kids = append(kids, k)
			if typ == plumbing.BlobObject && r.named != nil && r.named(name) {
				r.Named = append(r.Named, int(k))
			}
			if isNew && typ == plumbing.TreeObject {
				todo = append(todo, Object{h, typ})
			}
		})
		if err != nil {
			r.gap(o, err)
		}
		r.kids[n] = kids
	}
}
