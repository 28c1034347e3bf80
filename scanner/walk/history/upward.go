package history

import (
	"cmp"
	"slices"
	"sort"

	"github.com/go-git/go-git/v5/plumbing"
)

// upward finds the trees above marked objects, however deep, and in each the
// entries that lead there. It goes in rounds: what points to that which was
// found in the round before is met where a tree has it as its own, and goes from
// there down the tree of deltas to all trees that took it over. All entries of a
// tree that come to lead in one round go down together, so the work is that of
// the trees that are found and of their pieces.
type upward struct {
	r      *Result
	marked bitset
	heads  []int32 // per number: the last chunk of a tree, or none
	chunks []chunk
	pages  [][]item // of chunks
	kept   int      // items in them
	trees  int      // that have some
	steps  int
	cut    bool // there are too many

	links lists   // trees that have an object that can lead as their own entry
	heirs lists   // trees made from a tree
	order []int32 // all trees, bases before their heirs
	place []int32 // per number: where a tree stands in order

	now  bitset  // what was found in the round before
	open bitset  // trees that have some of that as their own, and were not looked at yet
	todo []int32 // chunks that heirs may have taken over
	next []int32 // what is found in this round
	list []item  // scratch: the chunk at hand
}

// item is an entry of a tree that leads to something marked.
type item struct{ pos, kid, label int32 }

// chunk is what one round found of a tree: n items, by their positions.
type chunk struct {
	tree  int32
	at, n int32 // where they start: page<<pageBits | place in it
	next  int32 // the tree's chunk before this one, or none
}

// pageBits says how many items a page has: a chunk does not leave its page, and
// none is moved as more come.
const pageBits = 14

// lists are lists of numbers, one for each number.
type lists struct{ start, all []int32 }

func (l *lists) of(n int32) []int32 { return l.all[l.start[n]:l.start[n+1]] }

// newLists sorts pairs, which each tells twice over, by their first number.
func newLists(n int, each func(func(key, value int32))) (l lists) {
	l.start = make([]int32, n+2)
	each(func(key, _ int32) { l.start[key+2]++ })
	for i := range n {
		l.start[i+2] += l.start[i+1]
	}
	l.all = make([]int32, l.start[n+1])
	each(func(key, value int32) {
		l.all[l.start[key+1]] = value
		l.start[key+1]++
	})
	return l
}

// maxSteps bounds the entries and pieces that are looked at. Real histories
// stay far below: curl's takes 2 million, and half a million items.
const (
	maxSteps = 1 << 28
	maxItems = 1 << 25
)

func newUpward(r *Result, marked []int32) *upward {
	n := len(r.types)
	u := &upward{r: r, marked: newBitset(n), heads: make([]int32, n), place: make([]int32, n), now: newBitset(n), open: newBitset(n)}
	for i := range u.heads {
		u.heads[i] = none
	}
	for _, n := range marked {
		u.marked.set(int(n))
	}
	links, heirs := u.pairs()
	u.links, u.heirs = newLists(n, eachOf(links)), newLists(n, eachOf(heirs))
	for i := 0; i < len(u.order); i++ {
		u.place[u.order[i]] = int32(i)
		u.order = append(u.order, u.heirs.of(u.order[i])...)
	}
	return u
}

// pairs lists every entry that can lead to something marked, with the tree that
// has it as its own, and every base with the tree made from it. Trees without a
// base begin the order.
func (u *upward) pairs() (links, heirs [][2]int32) {
	trees := u.r.Trees.Read
	links, heirs, u.order = make([][2]int32, 0, 2*trees), make([][2]int32, 0, trees), make([]int32, 0, trees)
	for n, typ := range u.r.types {
		if plumbing.ObjectType(typ) != plumbing.TreeObject {
			continue
		}
		t := u.r.links.tree(int32(n))
		if t.base == none {
			u.order = append(u.order, int32(n))
		} else {
			heirs = append(heirs, [2]int32{t.base, int32(n)})
		}
		for p, ok := t.next(0); ok; p, ok = t.next(p.pos + p.n) {
			for i := 0; i < len(p.own); i += 2 {
				kid := p.own[i]
				if kid == none || int(kid) >= len(u.r.types) {
					continue
				}
				if u.marked.has(int(kid)) || u.r.Type(int(kid)) == plumbing.TreeObject {
					links = append(links, [2]int32{kid, int32(n)})
				}
			}
		}
	}
	return links, heirs
}

func eachOf(pairs [][2]int32) func(func(key, value int32)) {
	return func(f func(key, value int32)) {
		for _, p := range pairs {
			f(p[0], p[1])
		}
	}
}

// spread finds all that leads to what is marked.
func (u *upward) spread() {
	var found []int32
	for n := range u.r.types {
		if u.marked.has(n) {
			found = append(found, int32(n))
		}
	}
	for len(found) > 0 && !u.cut {
		u.round(found)
		found, u.next = u.next, nil
	}
}

// round finds what points to that which was found in the round before.
func (u *upward) round(found []int32) {
	var places []int32
	for _, n := range found {
		u.now.set(int(n))
		above := u.links.of(n)
		u.steps += len(above)
		for _, t := range above {
			if !u.open.has(int(t)) {
				u.open.set(int(t))
				places = append(places, u.place[t])
			}
		}
	}
	// Bases come first, so that a tree is not looked at before all that it may
	// take over in this round is known.
	slices.Sort(places)
	for _, at := range places {
		if t := u.order[at]; u.open.has(int(t)) {
			u.take(t, nil)
			u.handDown()
		}
	}
	for _, n := range found {
		u.now.unset(int(n))
	}
}

// handDown takes what was found to all heirs.
func (u *upward) handDown() {
	for len(u.todo) > 0 {
		c := u.chunks[u.todo[len(u.todo)-1]]
		u.todo = u.todo[:len(u.todo)-1]
		for _, h := range u.heirs.of(c.tree) {
			if u.cut = u.cut || u.steps > maxSteps || u.kept > maxItems; u.cut {
				return
			}
			u.take(h, u.items(c))
		}
	}
}

// take notes the entries of a tree that come to lead in this round: its own, and
// those that it took over from its base, where they are the items given.
func (u *upward) take(n int32, base []item) {
	open := u.open.has(int(n))
	u.open.unset(int(n))
	u.list = u.list[:0]
	t := u.r.links.tree(n)
	for p, ok := t.next(0); ok; p, ok = t.next(p.pos + p.n) {
		u.steps++
		if p.own == nil {
			u.inherit(p, base)
		} else if open {
			u.steps += int(p.n)
			u.own(p)
		}
	}
	if len(u.list) == 0 {
		return
	}
	if u.heads[n] == none && !u.marked.has(int(n)) {
		u.next = append(u.next, n)
	}
	if u.heads[n] == none {
		u.trees++
	}
	c := int32(len(u.chunks))
	u.chunks = append(u.chunks, chunk{n, u.keep(u.list), int32(len(u.list)), u.heads[n]})
	u.heads[n] = c
	u.todo = append(u.todo, c)
}

// keep puts a chunk's items where they stay.
func (u *upward) keep(list []item) (at int32) {
	last := len(u.pages) - 1
	if last < 0 || len(list) > cap(u.pages[last])-len(u.pages[last]) {
		u.pages = append(u.pages, make([]item, 0, max(1<<pageBits, len(list))))
		last++
	}
	p := &u.pages[last]
	at = int32(last<<pageBits | len(*p))
	*p = append(*p, list...)
	u.kept += len(list)
	return at
}

// items are those of a chunk.
func (u *upward) items(c chunk) []item {
	return u.pages[c.at>>pageBits][c.at&(1<<pageBits-1):][:c.n]
}

func (u *upward) own(p piece) {
	for i := 0; i < len(p.own); i += 2 {
		kid := p.own[i]
		if kid != none && int(kid) < len(u.r.types) && u.now.has(int(kid)) {
			u.list = append(u.list, item{p.pos + int32(i/2), kid, p.own[i+1]})
		}
	}
}

func (u *upward) inherit(p piece, base []item) {
	k := sort.Search(len(base), func(k int) bool { return base[k].pos >= p.from })
	for ; k < len(base) && base[k].pos < p.from+p.n; k++ {
		u.list = append(u.list, item{p.pos + base[k].pos - p.from, base[k].kid, base[k].label})
	}
}

// leading is all that leads to something marked in a tree, by position. It may be made
// in the room given.
func (u *upward) leading(tree int32, room []item) []item {
	size, many := 0, 0
	for at := u.heads[tree]; at != none; at = u.chunks[at].next {
		size += int(u.chunks[at].n)
		many++
	}
	list := slices.Grow(room[:0], size)
	for at := u.heads[tree]; at != none; at = u.chunks[at].next {
		if items := u.items(u.chunks[at]); len(list) > 0 && many <= fewChunks {
			list = merge(list, items)
		} else {
			list = append(list, items...)
		}
	}
	if many > fewChunks {
		slices.SortFunc(list, byPosition)
	}
	return list
}

// fewChunks is how many are merged. Most trees have two or three; to sort them took
// a third of the time of an attribution.
const fewChunks = 8

func byPosition(a, b item) int { return cmp.Compare(a.pos, b.pos) }

// merge puts the items of last in their places among those of list, which has room
// for them; both are in order.
func merge(list, last []item) []item {
	i, n := len(list)-1, len(last)
	list = list[:len(list)+n]
	for k := len(list) - 1; n > 0; k-- {
		if i >= 0 && list[i].pos > last[n-1].pos {
			list[k] = list[i]
			i--
		} else {
			n--
			list[k] = last[n]
		}
	}
	return list
}
