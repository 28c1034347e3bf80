package history

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// ErrMissing tells that the repository lacks an object that it points to.
var ErrMissing = errors.New("the repository does not hold it")

// findGone marks what no tip reaches, given how many links point to each
// object. It must not be called when links were lost because trees or commits
// could not be read: what those pointed to would look unreachable.
func (r *Result) findGone(ctx context.Context, links []int32) error {
	tips := newBitset(len(r.types))
	for _, h := range r.opt.Tips {
		if n, ok := r.opt.Store.Number(h); ok {
			tips.set(n)
		}
	}
	var todo []int32
	for n, t := range r.types {
		if t != 0 && links[n] == 0 && !tips.has(n) && r.first(n) {
			todo = append(todo, int32(n))
		}
	}
	if len(todo) == 0 {
		return nil
	}
	to, err := r.allLinks(ctx)
	if err != nil {
		return err
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		r.gone.set(int(n))
		r.Unreachable++
		if r.types[n] != 0 {
			c := r.count(plumbing.ObjectType(r.types[n]))
			c.Read--
			c.Bytes -= int64(r.sizes[n])
		}
		for _, m := range to[n] {
			if m == none {
				continue
			}
			if links[m]--; links[m] == 0 && !tips.has(int(m)) {
				todo = append(todo, m)
			}
		}
	}
	for n := range r.types { // second copies
		if m, ok := r.opt.Store.Number(r.opt.Store.Name(n)); ok && r.gone.has(m) {
			r.gone.set(n)
		}
	}
	return nil
}

// allLinks lists for every tree, commit and tag what it points to. It takes
// another pass over the trees, and 4 bytes for each of their entries, which is
// why only a repository with unreachable objects pays for it.
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
		if len(k.chunk) < len(e.kids) {
			k.chunk = make([]int32, max(1<<16, len(e.kids)))
		}
		m := copy(k.chunk, e.kids)
		v.to[n], k.chunk = k.chunk[:m:m], k.chunk[m:]
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

// first tells whether n is the number that stands for its object, and not that
// of a second copy.
func (r *Result) first(n int) bool {
	if len(r.opt.Store.Packs()) == 1 && n < r.opt.Store.LooseBase() {
		return true
	}
	m, _ := r.opt.Store.Number(r.opt.Store.Name(n))
	return m == n
}

// findGaps lists what is reached and was not read, each object once, by name.
func (r *Result) findGaps(lost []missing, bad, garbled []pack.Problem) {
	seen := map[plumbing.Hash]bool{}
	add := func(g Gap) {
		if !seen[g.Name] {
			seen[g.Name] = true
			r.Gaps = append(r.Gaps, g)
			if n, ok := r.opt.Store.Number(g.Name); !ok || r.Reachable(n) {
				r.count(g.Type).Reached++
			}
		}
	}
	for _, p := range bad {
		add(Gap{p.Name, p.Type, p.Err})
	}
	for _, p := range garbled {
		r.count(p.Type).Read--
		add(Gap{p.Name, p.Type, p.Err})
	}
	slices.SortFunc(lost, func(a, b missing) int { return bytes.Compare(a.to[:], b.to[:]) })
	for _, m := range lost {
		if r.Reachable(int(m.from)) {
			add(Gap{m.to, m.typ, ErrMissing})
		}
	}
	for _, h := range r.opt.Tips {
		if _, ok := r.opt.Store.Number(h); !ok && h != emptyTree {
			add(Gap{h, plumbing.CommitObject, ErrMissing})
		}
	}
	slices.SortFunc(r.Gaps, func(a, b Gap) int { return bytes.Compare(a.Name[:], b.Name[:]) })
}
