package history

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// Set is a set of objects, by their numbers. An object that is stored more than
// once is in it by its first.
type Set struct{ bits bitset }

// Has reports whether the object with number n is in the set.
func (s Set) Has(n int) bool { return s.bits.has(n) }

// From is the set of all that some tips reach.
func (r *Result) From(ctx context.Context, tips []plumbing.Hash) (Set, error) {
	s := newSearch(r.links, r.types, len(r.types)+r.absent)
	for _, h := range tips {
		if n, ok := r.opt.Store.Number(h); ok {
			s.mark(int32(n))
		}
	}
	s.run()
	return Set{s.found}, ctx.Err()
}

// Tally counts the objects that are in the one set and not in the other.
func (r *Result) Tally(in, out Set) (commits, trees, blobs, tags Count) {
	sum := Result{}
	for n := range r.types {
		if in.Has(n) && !out.Has(n) {
			c := sum.count(r.Type(n))
			c.Reached++
			if r.types[n] != 0 {
				c.Read++
				c.Bytes += int64(r.sizes[n])
			}
		}
	}
	return sum.Commits, sum.Trees, sum.Blobs, sum.Tags
}

// Submodule is a place where some commit has a submodule.
type Submodule struct {
	Path   string
	Commit plumbing.Hash // of the submodule's repository; one of those that were there
}

// Submodules lists the submodules in the trees of a set, each path once. It
// costs one more pass over the trees.
func (r *Result) Submodules(ctx context.Context, in Set) ([]Submodule, error) {
	v := &gitlinks{r: r, in: in, workers: make([]map[gitlink]int32, r.opt.Jobs)}
	for i := range v.workers {
		v.workers[i] = map[gitlink]int32{}
	}
	if err := packedTrees(ctx, r, v, func(base int) { v.base = base }); err != nil {
		return nil, err
	}
	for n := r.opt.Store.LooseBase(); n < len(r.types); n++ {
		if in.Has(n) && r.Type(n) == plumbing.TreeObject {
			if _, data, err := r.opt.Store.GetProven(r.opt.Store.Name(n)); err == nil {
				v.note(0, n, data)
			}
		}
	}
	found := map[gitlink]int32{}
	for _, w := range v.workers {
		for link, n := range w {
			if old, ok := found[link]; !ok || n < old {
				found[link] = n
			}
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	c := r.climber(in)
	var list []Submodule
	for link, n := range found {
		list = append(list, Submodule{strings.TrimPrefix(c.path(n)+"/"+link.name, "/"), link.commit})
	}
	slices.SortFunc(list, func(a, b Submodule) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), bytes.Compare(a.Commit[:], b.Commit[:]))
	})
	return slices.CompactFunc(list, func(a, b Submodule) bool { return a.Path == b.Path }), nil
}

type gitlink struct {
	name   string
	commit plumbing.Hash
}

// gitlinks is the pack.Visitor behind Submodules.
type gitlinks struct {
	r       *Result
	in      Set
	base    int
	workers []map[gitlink]int32 // the tree of lowest number that holds a link
}

// Visit implements pack.Visitor.
func (v *gitlinks) Visit(worker int, o *pack.Object, _ struct{}) struct{} {
	if n := v.base + o.Entry; v.in.Has(n) {
		v.note(worker, n, o.Data)
	}
	return struct{}{}
}

// Release implements pack.Visitor.
func (*gitlinks) Release(int, struct{}) {}

func (v *gitlinks) note(worker, n int, data []byte) {
	// A tree that does not parse is a gap already.
	_ = EachEntry(data, func(name []byte, typ plumbing.ObjectType, h plumbing.Hash) {
		if typ != 0 {
			return
		}
		link := gitlink{string(name), h}
		if old, ok := v.workers[worker][link]; !ok || int32(n) < old {
			v.workers[worker][link] = int32(n)
		}
	})
}

// packedTrees walks the trees of all packs once more. at is told the number of
// the first object of each pack.
func packedTrees[S any](ctx context.Context, r *Result, v pack.Visitor[S], at func(base int)) error {
	s := r.opt.Store
	for i, p := range s.Packs() {
		at(s.PackBase(i))
		err := pack.Walk(ctx, p, pack.Options{
			Jobs: r.opt.Jobs, Memory: r.opt.Memory, External: s.Get,
			Types: func(t plumbing.ObjectType) bool { return t == plumbing.TreeObject },
		}, v)
		if err != nil {
			return err
		}
	}
	return nil
}

// climber finds a path of a tree by going up from it.
type climber struct {
	store *store.Store
	up    []int32 // per number: a tree of the set that holds it; none if there is none, or it is the tree of a commit
	known map[int32]string
}

func (r *Result) climber(in Set) *climber {
	c := &climber{store: r.opt.Store, up: make([]int32, len(r.types)), known: map[int32]string{}}
	for i := range c.up {
		c.up[i] = none
	}
	s := &search{links: r.links, types: r.types, asked: map[int32]*asked{}, found: in.bits, met: func(kid, by int32) {
		if kid != none && int(kid) < len(c.up) && c.up[kid] == none {
			c.up[kid] = by
		}
	}}
	for n := range r.types {
		if in.Has(n) && r.Type(n) == plumbing.TreeObject {
			s.follow(int32(n))
			s.run()
		}
	}
	for _, commit := range r.commits {
		if commit.tree != none && in.Has(int(commit.number)) {
			c.up[commit.tree] = none
		}
	}
	return c
}

// path gives a path of tree n, "" for the tree of a commit.
func (c *climber) path(n int32) string {
	p := c.up[n]
	if p == none {
		return ""
	}
	if path, ok := c.known[n]; ok {
		return path
	}
	name, want := "", c.store.Name(int(n))
	if _, data, err := c.store.GetProven(c.store.Name(int(p))); err == nil {
		_ = EachEntry(data, func(entry []byte, typ plumbing.ObjectType, h plumbing.Hash) {
			if h == want && typ == plumbing.TreeObject {
				name = string(entry)
			}
		})
	}
	path := strings.TrimPrefix(c.path(p)+"/"+name, "/")
	c.known[n] = path
	return path
}
