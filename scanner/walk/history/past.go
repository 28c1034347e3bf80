package history

import (
	"bytes"
	"context"
	"math/bits"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// Past is what an earlier walk found out about the objects of a repository, so
// that a later one reads only others. Objects are numbered as they were then.
// What a file held is taken over for as long as the file is the same, and names
// tell where the objects are now that its records point to.
type Past struct {
	packs  []int32         // objects of each pack
	loose  []plumbing.Hash // sorted
	types  []uint8         // per number; 0 is to be read again, and notFirst may be added
	sizes  []uint32
	absent []absentee
	named  []int32
	limits []limit
	names  []string // of tree entries, in the order of their numbers, which begin at 1
	words  []int32  // records as in links, one after the other
	times  []int64  // of the commits with a record, in the order of their numbers
	trees  []uint8  // for each of them, which of its links is its tree
	empty  bool     // the empty tree was stored

	// mutable, by Stay and restore
	now       []int // per pack: which one it is now, or none
	stays     func(plumbing.Hash) bool
	treesOnly bool
	to        []int32 // per number, then per absent object: the number that stands for it now, none, or unasked
	lost      bool    // something has no number now
	back      bitset  // what was taken over
	known     bitset  // what was taken over, or would have been without treesOnly
	same      bitset  // the same, by the numbers of now
}

// unasked stands for an absent object that nothing points to so far.
const unasked = int32(-2)

// notFirst marks the type of a further copy of an object.
const notFirst = 0x80

// limit is an object that was larger than what is read.
type limit struct {
	number int32
	typ    plumbing.ObjectType
	text   string
}

// tooLarge is the error that a limit was.
type tooLarge string

func (e tooLarge) Error() string { return string(e) }
func (e tooLarge) Unwrap() error { return pack.ErrLimit }

// Packs is how many packs there were.
func (p *Past) Packs() int { return len(p.packs) }

// Loose lists the loose objects there were, by name.
func (p *Past) Loose() []plumbing.Hash { return p.loose }

// Stay says which files are the same as they were: now has for each pack its
// place among the store's packs of today, or -1; loose tells of a loose object.
// With treesOnly, everything else is read again all the same.
func (p *Past) Stay(now []int, loose func(plumbing.Hash) bool, treesOnly bool) {
	p.now, p.stays, p.treesOnly = now, loose, treesOnly
}

// Now is the number that stands for what had the number n, if that is in a file
// that is the same; else -1.
func (p *Past) Now(n int) int {
	if n < 0 || n >= len(p.types) || p.known == nil || !p.known.has(n) {
		return int(none)
	}
	return int(p.to[n])
}

// Same tells whether the object that has the number n now is in a file that is
// the same, and was not to be read again.
func (p *Past) Same(n int) bool { return p.same != nil && p.same.has(n) }

// Taken is how many objects a walk took over.
func (p *Past) Taken() (n int) {
	for _, word := range p.back {
		n += bits.OnesCount64(word)
	}
	return n
}

// Complete tells whether a walk took everything over and met nothing new.
func (p *Past) Complete(s *store.Store) bool {
	if p.back == nil || s.Len() != len(p.types) {
		return false
	}
	for n, t := range p.types {
		if t != 0 && !p.back.has(n) {
			return false
		}
	}
	return true
}

// numbers finds where everything is now.
func (p *Past) numbers(s *store.Store) {
	p.to = make([]int32, 0, len(p.types)+len(p.absent))
	for i, size := range p.packs {
		j := p.now[i]
		for e := range int(size) {
			n := int(none)
			if j >= 0 {
				n = s.PackBase(j) + e
				if j > 0 {
					n = s.First(n, s.Name(n))
				}
			}
			p.to = append(p.to, int32(n))
		}
	}
	for _, h := range p.loose {
		n, ok := s.Number(h)
		if !ok {
			n = int(none)
		}
		p.to = append(p.to, int32(n))
	}
	p.lost = slices.Contains(p.to, none)
	for range p.absent {
		p.to = append(p.to, unasked)
	}
}

// shelf goes through the records of a Past in the order of their numbers.
type shelf struct {
	*Past
	words   []int32 // what is left
	commits int     // taken so far
}

// next takes the record of number n off; nil if it has none.
func (s *shelf) next(n int) []int32 {
	var size int
	switch t := s.types[n]; plumbing.ObjectType(t &^ notFirst) {
	case plumbing.CommitObject, plumbing.TagObject:
		if t&notFirst != 0 {
			return nil
		}
		size = 1 + int(s.words[0])
	case plumbing.TreeObject:
		size = 3 + int(s.words[2])
	default:
		return nil
	}
	rec := s.words[:size:size]
	s.words = s.words[size:]
	return rec
}

// eachKid calls f with each place in a record that holds what an entry points to.
func eachKid(t plumbing.ObjectType, rec []int32, f func(kid *int32)) {
	if t != plumbing.TreeObject {
		for i := 1; i < len(rec); i++ {
			f(&rec[i])
		}
		return
	}
	for at := 3; at < len(rec); {
		n := rec[at]
		if n >= 0 {
			at += 2
			continue
		}
		for at++; n < 0; n++ {
			f(&rec[at])
			at += 2
		}
	}
}

// usable tells whether all records from number lo up to hi point to what can be
// named today, and whether what has no record stands for no object by itself.
// It takes them off the shelf.
func (s *shelf) usable(lo, hi, base int) bool {
	ok := true
	for n := lo; n < hi; n++ {
		t := s.types[n]
		ok = ok && (t&notFirst == 0 || int(s.to[n]) != base+n-lo)
		if !s.lost {
			continue
		}
		eachKid(plumbing.ObjectType(t&^notFirst), s.next(n), func(kid *int32) {
			ok = ok && (*kid == none || s.to[*kid] != none)
		})
	}
	return ok
}

// restore takes over what the past holds of files that are the same.
func (w *walk[S]) restore(p *Past) {
	s := w.opt.Store
	if _, ok := s.Number(emptyTree); ok && !p.empty {
		return // links to it were none, and are no more
	}
	p.numbers(s)
	w.whole, w.limited = make([]bool, len(s.Packs())), map[int]limit{}
	p.back, p.known, p.same = newBitset(len(p.types)), newBitset(len(p.types)), newBitset(s.Len())
	check := &shelf{Past: p, words: p.words}
	r := &restorer[S]{w: w, shelf: shelf{Past: p, words: p.words}, limits: map[int]limit{}}
	for _, l := range p.limits {
		r.limits[int(l.number)] = l
	}
	lo := 0
	for i, size := range p.packs {
		hi, j, base := lo+int(size), p.now[i], 0
		if j >= 0 {
			base = s.PackBase(j)
		}
		use := check.usable(lo, hi, base) && j >= 0
		for n := lo; n < hi; n++ {
			r.object(n, base+n-lo, base-lo, use)
		}
		if use {
			w.whole[j] = true
		}
		lo = hi
	}
	for i, h := range p.loose {
		n := lo + i
		at, ok := slices.BinarySearchFunc(s.LooseObjects(), h, func(l store.Loose, h plumbing.Hash) int { return bytes.Compare(l.Name[:], h[:]) })
		own := s.LooseBase() + at
		use := check.usable(n, n+1, own) && ok && int(p.to[n]) == own && p.stays(h)
		r.object(n, own, own-n, use)
	}
	r.finish()
}

// restorer takes the objects of a past over, one after the other.
type restorer[S any] struct {
	w *walk[S]
	shelf
	page   []int32
	at     []int32 // numbers of today's objects with a record
	from   []int   // where in page it starts
	limits map[int]limit
}

// object takes over number n, which is own today; a base of it moved by shift.
func (r *restorer[S]) object(n, own, shift int, use bool) {
	t := plumbing.ObjectType(r.types[n] &^ notFirst)
	rec := r.next(n)
	isCommit := t == plumbing.CommitObject && rec != nil
	if isCommit {
		r.commits++
	}
	if l, ok := r.limits[n]; ok && use && (!r.treesOnly || l.typ == plumbing.TreeObject) {
		r.w.limited[own] = l
	}
	if !use || t == 0 {
		return
	}
	r.known.set(n)
	r.same.set(own)
	if r.treesOnly && t != plumbing.TreeObject {
		return
	}
	r.back.set(n)
	r.w.types[own], r.w.sizes[own] = uint8(t), r.sizes[n]
	first := int(r.to[n]) == own
	k := &r.w.workers[0]
	if first {
		k.counts[t].Read++
		k.counts[t].Bytes += int64(r.sizes[n])
	}
	if rec == nil {
		return
	}
	r.at, r.from = append(r.at, int32(own)), append(r.from, len(r.page))
	r.page = append(r.page, rec...)
	rec = r.page[len(r.page)-len(rec):]
	if t == plumbing.TreeObject && rec[0] != none {
		rec[0] += int32(shift)
	}
	eachKid(t, rec, func(kid *int32) {
		if *kid == none {
			return
		}
		to := &r.to[*kid]
		if *to == unasked {
			a := r.absent[int(*kid)-len(r.types)]
			*to = r.w.number(a.name, a.typ)
		}
		*kid = *to
	})
	if isCommit && first {
		k.commits = append(k.commits, r.commit(own, rec))
	}
}

// commit is the commit whose record was taken off the shelf last.
func (r *restorer[S]) commit(own int, rec []int32) commit {
	c := commit{number: int32(own), tree: none, when: r.times[r.commits-1]}
	for i, m := range rec[1:] {
		switch {
		case int(m) >= r.w.absent.first || m == none:
		case i == int(r.trees[r.commits-1]):
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
		w.links.at[n] = uint64(len(w.links.pages)-1)<<32 | uint64(r.from[i]) + 1
	}
	k := &w.workers[0]
	for _, n := range r.named {
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
	if done = w.whole[i]; !done {
		return false, nil
	}
	p := w.opt.Store.Packs()[i]
	for n, l := range w.limited {
		if n >= w.base && n < w.base+p.Len() {
			w.problem(pack.Problem{Name: w.opt.Store.Name(n), Type: l.typ, Err: tooLarge(l.text)})
		}
	}
	if w.opt.Past.treesOnly {
		opt.Types = func(t plumbing.ObjectType) bool { return t != plumbing.TreeObject }
		return true, pack.Walk(ctx, p, opt, w)
	}
	defer pack.Guard(&err)()
	w.rest(ctx, p)
	return true, ctx.Err()
}

// rest visits what is left of a pack, one by one.
func (w *walk[S]) rest(ctx context.Context, p *pack.Pack) {
	var read *pack.Reader
	for e := range p.Len() {
		n := w.base + e
		if _, ok := w.limited[n]; ok || w.types[n] != 0 || ctx.Err() != nil {
			continue
		}
		if read == nil {
			read = pack.NewReader(restMemory)
		}
		name := p.Name(e)
		typ, data, _, err := read.Get(p, name, nil)
		if err != nil {
			w.problem(pack.Problem{Name: name, Err: err})
			continue
		}
		w.visit(0, n, &pack.Object{Entry: e, Name: name, Type: typ, Data: data, Leaf: true}, state[S]{})
	}
}

// restMemory is what reading single objects may hold of their bases.
const restMemory = 32 << 20
