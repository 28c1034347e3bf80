package history

import (
	"context"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// links keeps what every tree, commit and tag points to, as the first walk
// meets it, so that neither reachability nor attribution has to read the trees
// again. It takes 4 bytes for each entry of a tree; beyond its bound it gives
// up, and a second pass gathers what is needed.
type links struct {
	to   [][]int32 // per number
	room atomic.Int64
}

// newLinks returns a keeper for n objects within bound bytes; 0 is no bound.
func newLinks(n int, bound int64) *links {
	l := &links{}
	if bound <= 0 {
		bound = 1 << 62
	}
	const header = 24 // bytes of a slice that is still empty
	l.room.Store(bound - int64(n)*header)
	if l.room.Load() > 0 {
		l.to = make([][]int32, n)
	}
	return l
}

// keep notes what object n points to. chunk is the worker's own memory.
func (l *links) keep(chunk *[]int32, n int, kids []int32) {
	if len(kids) > 0 && l.room.Load() > 0 && l.room.Add(int64(-4*len(kids))) > 0 {
		l.to[n] = stow(chunk, kids)
	}
}

// all returns what was kept, nil if there was no room for all of it.
func (l *links) all() [][]int32 {
	if l.room.Load() <= 0 {
		return nil
	}
	return l.to
}

// stow copies list into a chunk of memory that is shared by many.
func stow(chunk *[]int32, list []int32) []int32 {
	if len(*chunk) < len(list) {
		*chunk = make([]int32, max(1<<16, len(list)))
	}
	n := copy(*chunk, list)
	out := (*chunk)[:n:n]
	*chunk = (*chunk)[n:]
	return out
}

// allLinks lists for every tree, commit and tag what it points to: as the walk
// kept it, or else by another pass over the trees.
func (r *Result) allLinks(ctx context.Context) ([][]int32, error) {
	if r.links != nil {
		return r.links, nil
	}
	s := r.opt.Store
	v := &linker{r: r, to: make([][]int32, len(r.types)), workers: make([]linkScratch, r.opt.Jobs)}
	for _, c := range r.commits {
		v.to[c.number] = c.parents
		if c.tree != none {
			v.to[c.number] = append([]int32{c.tree}, c.parents...)
		}
	}
	if err := packedTrees(ctx, r, v, func(base int) { v.base = base }); err != nil {
		return nil, err
	}
	for n, t := range r.types {
		// Loose trees, and those of which only a second copy could be read.
		unmet := v.to[n] == nil && plumbing.ObjectType(t) == plumbing.TreeObject && r.first(n)
		if !unmet && plumbing.ObjectType(t) != plumbing.TagObject {
			continue
		}
		typ, data, err := s.GetProven(s.Name(n))
		if err != nil {
			continue
		}
		if unmet {
			v.visit(0, n, &pack.Object{Type: typ, Data: data, Leaf: true}, nil)
			continue
		}
		eachLink(typ, data, func(h plumbing.Hash, _ plumbing.ObjectType) {
			if m, ok := s.Number(h); ok {
				v.to[n] = append(v.to[n], int32(m))
			}
		})
	}
	r.links = v.to
	return v.to, nil
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

// linker is the pack.Visitor behind allLinks.
type linker struct {
	r       *Result
	base    int
	to      [][]int32
	workers []linkScratch
}

type linkScratch struct {
	free  []*entries
	chunk []int32
}

func (v *linker) Visit(worker int, o *pack.Object, base *entries) *entries {
	return v.visit(worker, v.base+o.Entry, o, base)
}

func (v *linker) visit(worker, n int, o *pack.Object, base *entries) *entries {
	k := &v.workers[worker]
	e := takeEntries(&k.free)
	// A tree that does not parse is a gap already.
	_ = e.parse(o, base, func(mode []byte, h plumbing.Hash) int32 {
		if childKind(mode) == 0 {
			return none
		}
		if m, ok := v.r.opt.Store.Number(h); ok {
			return int32(m)
		}
		return none
	})
	if v.r.first(n) {
		v.to[n] = stow(&k.chunk, e.kids)
	}
	if o.Leaf {
		k.free = append(k.free, e)
	}
	return e
}

func (v *linker) Release(worker int, e *entries) {
	k := &v.workers[worker]
	k.free = append(k.free, e)
}
