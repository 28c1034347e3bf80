package history

import (
	"bytes"
	"errors"
	"slices"
	"sort"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// ErrMissing means that the repository lacks an object that it points to.
var ErrMissing = errors.New("the repository does not hold it")

// search goes along the links from the tips.
//
// Of a tree whose base is reached as well it looks at the tree's own entries
// only: the others are the base's. If the base is not reached in the end, those
// entries of it that were taken over are asked for; each is looked at once,
// however many trees took it over, so all asking together is less work than it
// was to read the trees. Where all is reached nothing is asked.
type search struct {
	links *links
	types []uint8
	found bitset              // reached, or absent and reached
	met   func(kid, by int32) // told what tree, commit or tag by points to
	todo  []int32
	waits []int32 // trees with entries of a base that is not reached yet
	asked map[int32]*asked
	asks  []ask
}

// asked is a tree of which entries were asked for.
type asked struct {
	base   int32
	pieces []piece
	done   bitset // entries
}

// ask is for the entries from lo up to hi of a tree, which by took over.
type ask struct{ tree, lo, hi, by int32 }

// newSearch returns a search among as many objects as there are, absent ones
// included, that marks what it meets.
func newSearch(l *links, types []uint8, all int) *search {
	s := &search{links: l, types: types, asked: map[int32]*asked{}, found: newBitset(all)}
	s.met = func(kid, _ int32) { s.mark(kid) }
	return s
}

// reach finds what the tips reach, objects that the store lacks included.
func (w *walk[S]) reach(r *Result) bitset {
	for _, h := range r.opt.Tips {
		r.tips = append(r.tips, w.number(h, plumbing.CommitObject))
	}
	r.absent = len(w.absent.list)
	if found := w.reachOn(r); found != nil {
		r.onward = true
		return found
	}
	s := newSearch(r.links, r.types, len(r.types)+r.absent)
	for _, n := range r.tips {
		s.mark(n)
	}
	s.run()
	return s.found
}

// reachOn goes from the tips as far as to what was reached once, if all the tips
// of then are met: then all of that is reached still. It is nil if one is not.
func (w *walk[S]) reachOn(r *Result) bitset {
	p := w.opt.Past
	if p == nil || p.back == nil || p.reached == nil {
		return nil
	}
	s := newSearch(r.links, r.types, len(r.types)+r.absent)
	var come []int32 // was absent, and is not any more
	for n, to := range p.to {
		if !p.reached.has(n) {
			continue
		}
		if to == unasked {
			a := p.absent[n-len(p.types)]
			if to = w.known(a); to == none {
				return nil
			}
		}
		switch {
		case to == none:
			return nil
		case n >= len(p.types) && int(to) < len(r.types):
			come = append(come, to)
		default:
			s.found.set(int(to))
		}
	}
	open := map[int32]bool{}
	for _, n := range p.tips {
		if n != none {
			open[p.to[n]] = true
		}
	}
	s.met = func(kid, _ int32) {
		delete(open, kid)
		s.mark(kid)
	}
	for _, n := range slices.Concat(r.tips, come) {
		s.met(n, none)
	}
	s.run()
	if len(open) > 0 {
		return nil
	}
	return s.found
}

// known is the number of an object that was absent; none if nothing asks for it.
func (w *walk[S]) known(a absentee) int32 {
	if m, ok := w.opt.Store.Number(a.name); ok {
		return int32(m)
	}
	if n, ok := w.absent.of[a]; ok {
		return n
	}
	return none
}

func (s *search) run() {
	for {
		for len(s.todo) > 0 {
			n := s.todo[len(s.todo)-1]
			s.todo = s.todo[:len(s.todo)-1]
			s.follow(n)
		}
		if len(s.waits) == 0 {
			return
		}
		n := s.waits[len(s.waits)-1]
		s.waits = s.waits[:len(s.waits)-1]
		s.inherit(n)
	}
}

// inherit meets what tree n took over from its base, if that is not reached.
func (s *search) inherit(n int32) {
	t := s.links.tree(n)
	if s.found.has(int(t.base)) {
		return
	}
	for p, ok := t.next(0); ok; p, ok = t.next(p.pos + p.n) {
		if p.own == nil {
			s.asks = append(s.asks, ask{t.base, p.from, p.from + p.n, n})
		}
	}
	for len(s.asks) > 0 {
		a := s.asks[len(s.asks)-1]
		s.asks = s.asks[:len(s.asks)-1]
		s.answer(a)
	}
}

func (s *search) mark(n int32) {
	if n != none && !s.found.has(int(n)) {
		s.found.set(int(n))
		s.todo = append(s.todo, n)
	}
}

// follow meets what n points to, but for what waits.
func (s *search) follow(n int32) {
	if int(n) >= len(s.types) {
		return
	}
	switch plumbing.ObjectType(s.types[n]) {
	case plumbing.CommitObject, plumbing.TagObject:
		for _, m := range s.links.list(n) {
			s.met(m, n)
		}
	case plumbing.TreeObject:
		t := s.links.tree(n)
		if t.base != none && !s.found.has(int(t.base)) {
			s.waits = append(s.waits, n)
		}
		for p, ok := t.next(0); ok; p, ok = t.next(p.pos + p.n) {
			for i := 0; i < len(p.own); i += 2 {
				s.met(p.own[i], n)
			}
		}
	}
}

// answer meets what the entries asked for point to.
func (s *search) answer(a ask) {
	if s.found.has(int(a.tree)) {
		return
	}
	t := s.asked[a.tree]
	if t == nil {
		t = newAsked(s.links.tree(a.tree))
		s.asked[a.tree] = t
	}
	at := sort.Search(len(t.pieces), func(i int) bool { return t.pieces[i].pos+t.pieces[i].n > a.lo })
	for _, p := range t.pieces[at:] {
		if p.pos >= a.hi {
			return
		}
		run := int32(0) // entries before i that the base is to be asked for
		end := min(a.hi, p.pos+p.n)
		for i := max(a.lo, p.pos); i < end; i++ {
			switch {
			case t.done.has(int(i)):
				s.pass(t, &p, i, run, a.by)
				run = 0
			case p.own != nil:
				t.done.set(int(i))
				s.met(p.own[2*(i-p.pos)], a.by)
			default:
				t.done.set(int(i))
				run++
			}
		}
		s.pass(t, &p, end, run, a.by)
	}
}

func newAsked(t tree) *asked {
	a := &asked{base: t.base, done: newBitset(int(t.size))}
	for p, ok := t.next(0); ok; p, ok = t.next(p.pos + p.n) {
		a.pieces = append(a.pieces, p)
	}
	return a
}

// pass asks t's base for the last run entries before i, which lie in p.
func (s *search) pass(t *asked, p *piece, i, run, by int32) {
	if run > 0 {
		to := p.from + i - p.pos
		s.asks = append(s.asks, ask{t.base, to - run, to, by})
	}
}

// leave takes what was not found for unreachable.
func (r *Result) leave(found bitset) {
	for n, t := range r.types {
		first := r.first(n)
		if found.has(first) {
			continue
		}
		r.gone.set(n)
		if first != n {
			continue
		}
		r.Unreachable++
		if t != 0 {
			c := r.count(plumbing.ObjectType(t))
			c.Read--
			c.Bytes -= int64(r.sizes[n])
		}
	}
}

// first is the number that stands for the object with number n: another one if
// n is that of a second copy.
func (r *Result) first(n int) int {
	s := r.opt.Store
	if len(s.Packs()) == 1 && n < s.LooseBase() {
		return n
	}
	return s.First(n, s.Name(n))
}

// findGaps lists what is reached and was not read, and what the store holds and
// could not be read, each object once, by name. Without found, all that
// something points to is taken to be reached.
func (r *Result) findGaps(bad, garbled []pack.Problem, lost []absentee, found bitset) {
	seen := map[plumbing.Hash]bool{}
	count := func(g *Gap) {
		if n, ok := r.opt.Store.Number(g.Name); !ok || r.Reachable(n) {
			r.count(g.Type).Reached++
		}
	}
	add := func(g Gap) {
		if !seen[g.Name] {
			seen[g.Name] = true
			r.Gaps = append(r.Gaps, g)
			count(&g)
		}
	}
	for _, p := range bad {
		add(Gap{p.Name, p.Type, p.Err})
	}
	for _, p := range garbled {
		if n, _ := r.opt.Store.Number(p.Name); r.Reachable(n) {
			r.count(p.Type).Read--
		}
		add(Gap{p.Name, p.Type, p.Err})
	}
	// A million may be missing, so they are listed once, and marked nowhere.
	list := make([]Gap, 0, len(lost)+len(r.Gaps))
	for i, a := range lost {
		if !seen[a.name] && (found == nil || found.has(len(r.types)+i)) {
			list = append(list, Gap{a.name, a.typ, ErrMissing})
		}
	}
	byName := func(a, b Gap) int {
		if c := bytes.Compare(a.Name[:], b.Name[:]); c != 0 {
			return c
		}
		return int(a.Type) - int(b.Type)
	}
	slices.SortFunc(list, byName)
	// An object that is said to have two types counts as the first of them.
	list = slices.CompactFunc(list, func(a, b Gap) bool { return a.Name == b.Name })
	for i := range list {
		count(&list[i])
	}
	r.Gaps = append(list, r.Gaps...)
	slices.SortFunc(r.Gaps, byName)
}
