package history

import (
	"context"
	"math"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// restore takes over what the past holds of objects that are the same.
func (w *walk[S]) restore(p *Past) {
	s := w.opt.Store
	if _, ok := s.Number(emptyTree); ok && !p.empty {
		return // links to it were none, and are no more
	}
	p.from = p.sources(s)
	p.numbers(s, p.from)
	w.limited = map[int]limit{}
	p.back, p.known, p.same = newBitset(len(p.types)), newBitset(len(p.types)), newBitset(s.Len())
	r := &restorer[S]{Past: p, w: w, limits: map[int32]limit{}}
	for _, l := range p.limits {
		r.limits[l.number] = l
	}
	for j, k := range s.Packs() {
		for e := range k.Len() {
			own := s.PackBase(j) + e
			if n := p.from[own]; n != none && r.object(n, own, s.PackBase(j), k) {
				w.taken[j]++
			}
		}
	}
	for own := s.LooseBase(); own < s.Len(); own++ {
		if n := p.from[own]; n != none {
			r.object(n, own, 0, nil)
		}
	}
	r.finish()
}

// restorer takes the objects of a past over, one after the other.
type restorer[S any] struct {
	*Past
	w      *walk[S]
	page   []int32
	at     []int32 // numbers of today's objects with a record
	starts []int   // where in page it starts
	limits map[int32]limit
}

// object takes over number n, which is own today, in a pack whose first object has
// the number first; nil if it is loose. It is false if that has to be read again:
// something that it points to cannot be named, or it was no object by itself and
// is now.
func (r *restorer[S]) object(n int32, own, first int, in *pack.Pack) bool {
	t := plumbing.ObjectType(r.types[n] &^ marks)
	if l, ok := r.limits[n]; ok && (!r.treesOnly || l.typ == plumbing.TreeObject) {
		r.w.limited[own] = l
		return true
	}
	stands := int(r.to[n]) == own // for the object, if there are copies
	if t == 0 || stands && r.types[n]&notFirst != 0 {
		return false
	}
	rec := r.record(n)
	if r.lost && rec != nil && !r.named(t, rec) {
		return false
	}
	base := none
	if t == plumbing.TreeObject && rec[0] != none {
		if in == nil || in.Base(own-first) < 0 {
			return false
		}
		base = int32(first + in.Base(own-first))
	}
	size := r.sizes[n]
	if r.types[n]&noSize != 0 {
		bytes, err := r.w.opt.Store.SizeOf(own)
		if err != nil {
			return false
		}
		size = uint32(min(bytes, math.MaxUint32))
	}
	r.known.set(int(n))
	r.same.set(own)
	if r.treesOnly && t != plumbing.TreeObject {
		return false
	}
	r.back.set(int(n))
	r.w.types[own], r.w.sizes[own] = uint8(t), size
	k := &r.w.workers[0]
	if stands {
		k.counts[t].Read++
		k.counts[t].Bytes += int64(size)
	}
	if rec == nil {
		return true
	}
	r.at, r.starts = append(r.at, int32(own)), append(r.starts, len(r.page))
	r.page = append(r.page, rec...)
	rec = r.page[len(r.page)-len(rec):]
	if base != none {
		rec[0] = base
	}
	eachKid(t, rec, r.renumber)
	if t == plumbing.CommitObject && stands {
		k.commits = append(k.commits, r.commit(n, own, rec))
	}
	return true
}

// named reports whether all that a record points to has a number today, or had a
// name of its own.
func (r *restorer[S]) named(t plumbing.ObjectType, rec []int32) bool {
	ok := true
	eachKid(t, rec, func(kid *int32) { ok = ok && (*kid == none || r.to[*kid] != none) })
	return ok
}

func (r *restorer[S]) renumber(kid *int32) {
	if *kid == none {
		return
	}
	to := &r.to[*kid]
	if *to == unasked {
		a := r.absent[int(*kid)-len(r.types)]
		*to = r.w.number(a.name, a.typ)
	}
	*kid = *to
}

// commit is the commit that had the number n, from its record.
func (r *restorer[S]) commit(n int32, own int, rec []int32) commit {
	at, _ := slices.BinarySearch(r.commits, n)
	c := commit{number: int32(own), tree: none, when: r.times[at]}
	for i, m := range rec[1:] {
		switch {
		case int(m) >= r.w.absent.first || m == none:
		case i == int(r.trees[at]):
			c.tree = m
		default:
			c.parents = append(c.parents, m)
		}
	}
	return c
}

func (r *restorer[S]) finish() {
	w := r.w
	w.links.room.Add(int64(-4 * len(r.page)))
	w.links.pages = append(w.links.pages, r.page)
	for i, n := range r.at {
		w.links.at[n] = uint64(len(w.links.pages)-1)<<32 | uint64(r.starts[i]) + 1
	}
	k := &w.workers[0]
	for _, n := range r.Past.named {
		if m := r.to[n]; m != none {
			k.named = append(k.named, m)
		}
	}
	w.names.Store(int32(len(r.names)))
	w.past = r.names
	for _, name := range w.past {
		w.links.room.Add(-int64(len(name) + nameCost))
	}
}

// again walks what was not taken over of pack i. It is false if nothing was.
func (w *walk[S]) again(ctx context.Context, i int, opt pack.Options) (done bool, err error) {
	p := w.opt.Store.Packs()[i]
	for n, l := range w.limited {
		if n >= w.base && n < w.base+p.Len() {
			w.problem(pack.Problem{Name: w.opt.Store.Name(n), Type: l.typ, Err: tooLarge(l.text)})
		}
	}
	switch w.taken[i] {
	case 0:
		return false, nil
	case p.Len():
		return true, ctx.Err()
	}
	base := w.base
	opt.Skip = func(entry int) bool {
		_, limited := w.limited[base+entry]
		return limited || w.types[base+entry] != 0
	}
	return true, pack.Walk(ctx, p, opt, w)
}
