package history

import (
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// upward finds the trees above marked objects, however deep, and in each the
// entries that lead there. An entry is met where a tree has it as its own, and
// goes from there down the tree of deltas to all trees that took it over; so
// the work is that of what is found, not that of all trees.
type upward struct {
	r      *Result
	marked bitset
	heads  []int32 // per number: the last item of a tree, or none
	items  []item
	todo   []entry
	steps  int
	cut    bool // there are too many

	links []entry // that trees have as their own, by what they point to
	link  []int32 // per number, where its links start
	heirs []int32 // trees, by their base
	heir  []int32 // per number, where its heirs start
}

// item is an entry of a tree that leads to something marked.
type item struct {
	kid, label int32
	next       int32 // in the tree's list of items, or none
}

// entry is an entry of a tree.
type entry struct{ tree, pos, kid, label int32 }

// maxSteps bounds the entries and pieces that are looked at. Real histories
// stay far below: curl's takes 7 million, and half a million items.
const (
	maxSteps = 1 << 28
	maxItems = 1 << 25
)

func newUpward(r *Result, marked []int32) *upward {
	u := &upward{r: r, marked: newBitset(len(r.types)), heads: make([]int32, len(r.types))}
	for i := range u.heads {
		u.heads[i] = none
	}
	for _, n := range marked {
		if !u.marked.has(int(n)) {
			u.marked.set(int(n))
		}
	}
	u.link, u.heir = make([]int32, len(r.types)+1), make([]int32, len(r.types)+1)
	u.each(func(e entry) { u.link[e.kid+1]++ }, func(_, base int32) { u.heir[base+1]++ })
	for n := range len(r.types) {
		u.link[n+1] += u.link[n]
		u.heir[n+1] += u.heir[n]
	}
	link, heir := slices.Clone(u.link), slices.Clone(u.heir)
	u.links, u.heirs = make([]entry, u.link[len(r.types)]), make([]int32, u.heir[len(r.types)])
	u.each(func(e entry) {
		u.links[link[e.kid]] = e
		link[e.kid]++
	}, func(n, base int32) {
		u.heirs[heir[base]] = n
		heir[base]++
	})
	return u
}

// each tells of every entry that can lead to something marked, where a tree has
// it as its own, and of every tree that has a base.
func (u *upward) each(own func(entry), heir func(n, base int32)) {
	for n, typ := range u.r.types {
		if plumbing.ObjectType(typ) != plumbing.TreeObject {
			continue
		}
		t := u.r.links.tree(int32(n))
		if t.base != none {
			heir(int32(n), t.base)
		}
		for p, ok := t.next(0); ok; p, ok = t.next(p.pos + p.n) {
			for i := 0; i < len(p.own); i += 2 {
				kid := p.own[i]
				if kid == none || int(kid) >= len(u.r.types) {
					continue
				}
				if u.marked.has(int(kid)) || u.r.Type(int(kid)) == plumbing.TreeObject {
					own(entry{int32(n), p.pos + int32(i/2), kid, p.own[i+1]})
				}
			}
		}
	}
}

// spread finds all that leads to what is marked.
func (u *upward) spread() {
	for n := range u.r.types {
		if u.marked.has(n) {
			u.above(int32(n))
		}
	}
	for len(u.todo) > 0 && !u.cut {
		e := u.todo[len(u.todo)-1]
		u.todo = u.todo[:len(u.todo)-1]
		last := u.heads[e.tree]
		u.heads[e.tree] = int32(len(u.items))
		u.items = append(u.items, item{e.kid, e.label, last})
		if last == none && !u.marked.has(int(e.tree)) {
			u.above(e.tree)
		}
		for _, h := range u.heirs[u.heir[e.tree]:u.heir[e.tree+1]] {
			u.inherit(h, e)
		}
		u.cut = u.steps > maxSteps || len(u.items) > maxItems
	}
}

// above takes up the entries that point to n.
func (u *upward) above(n int32) {
	list := u.links[u.link[n]:u.link[n+1]]
	u.steps += len(list)
	u.todo = append(u.todo, list...)
}

// inherit takes up the entries of tree h that are e in its base.
func (u *upward) inherit(h int32, e entry) {
	t := u.r.links.tree(h)
	for p, ok := t.next(0); ok; p, ok = t.next(p.pos + p.n) {
		u.steps++
		if p.own == nil && p.from <= e.pos && e.pos < p.from+p.n {
			u.todo = append(u.todo, entry{h, p.pos + e.pos - p.from, e.kid, e.label})
		}
	}
}
