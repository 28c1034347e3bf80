package revision

import (
	"context"
	"math/bits"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
)

// Trace follows subjects through the commits of the range alone, as a history's
// does through all. What refs outside of the range reach of it is found by going
// down from them; cut tells that this was given up, so that more may reach it. A
// subject that only what is excluded holds is not known here.
func (a *Attribution) Trace(ctx context.Context, s history.Subjects) (out []history.Trace, cut bool) {
	t := &tracer{attributor: a.from, s: s, at: map[*node]int{}, messages: map[int][]int{}}
	for i, n := range t.order {
		t.at[n] = i
	}
	for _, spot := range t.spots {
		t.bySpot = append(t.bySpot, s.Of(spot.blob, spot.Path))
	}
	for h, list := range s.Messages {
		if n := t.r.graph.nodes[h]; n != nil {
			if i, ok := t.at[n]; ok {
				t.messages[i] = list
			}
		}
	}
	t.enter(ctx)
	out = make([]history.Trace, s.Count())
	const width = 64 * 16 // subjects of one round
	for from := 0; from < len(out); from += width {
		t.round(from, out[from:min(len(out), from+width)])
	}
	return out, t.cut
}

// tracer is the state of one Trace.
type tracer struct {
	*attributor
	s        history.Subjects
	at       map[*node]int // place in the order of commits
	bySpot   [][]int
	messages map[int][]int
	entries  map[plumbing.Hash][]int           // by tip: the commits of the range at which a way down from it enters
	tags     map[plumbing.Hash][]plumbing.Hash // by tip: tags on the way to what it is of
	lone     map[plumbing.Hash][]plumbing.Hash // by tip that leads to no commit: blobs that it leads to
	cut      bool

	width int
	from  int
	out   []history.Trace
	below []uint64 // per node of a tree
	ever  []uint64 // per commit: what it and its ancestors hold
	acc   []uint64
}

// mostOutside is how many commits outside of the range are looked at for what
// reaches it, beside as many as the range has.
const mostOutside = 20_000

// clockSlop is how much older, in seconds, than all of the range a commit has to
// be so that none of it is looked for behind it; as in "git name-rev".
const clockSlop = 86_400

// enter finds for every tip where ways down from it come into the range.
func (t *tracer) enter(ctx context.Context) {
	t.entries, t.lone, t.tags = map[plumbing.Hash][]int{}, map[plumbing.Hash][]plumbing.Hash{}, map[plumbing.Hash][]plumbing.Hash{}
	if len(t.order) == 0 {
		return
	}
	w := &outside{tracer: t, oldest: t.order[0].when, left: mostOutside + len(t.order), reach: map[*node][]int{}}
	for _, n := range t.order {
		w.oldest = min(w.oldest, n.when)
	}
	for _, tips := range append(slices.Clone(t.s.Tips), t.s.Logs) {
		for _, h := range tips {
			if _, ok := t.entries[h]; ok || t.cut {
				continue
			}
			w.left--
			n, lone, tags := t.peeled(h)
			t.tags[h] = tags
			if n == nil {
				t.lone[h] = t.blobs(lone)
				continue
			}
			if i, inside := t.at[n]; inside {
				t.entries[h] = []int{i}
			} else {
				t.entries[h] = w.visit(ctx, n)
			}
		}
	}
}

// outside goes through commits that are not of the range.
type outside struct {
	*tracer
	oldest int64           // clock of the range
	left   int             // commits that may still be looked at
	reach  map[*node][]int // of those that were: where they come into the range
}

// descent is a commit on the way down, and which of its parents is the next.
type descent struct {
	n    *node
	next int
}

// visit finds where ways down from tip come into the range.
func (w *outside) visit(ctx context.Context, tip *node) []int {
	stack := []descent{{tip, 0}}
	for len(stack) > 0 {
		top := len(stack) - 1
		n, next := stack[top].n, stack[top].next
		if next == 0 && w.known(n) {
			stack = stack[:top]
			continue
		}
		if w.left < 0 || ctx.Err() != nil || n.err != nil {
			w.cut = true
			return nil
		}
		if next < len(n.parents) {
			stack[top].next++
			if _, inside := w.at[n.parents[next]]; !inside {
				stack = append(stack, descent{n.parents[next], 0})
			}
			continue
		}
		var all []int
		for _, p := range n.parents {
			if i, inside := w.at[p]; inside {
				all = append(all, i)
			} else {
				all = append(all, w.reach[p]...)
			}
		}
		slices.Sort(all)
		w.reach[n] = slices.Compact(all)
		stack = stack[:top]
	}
	return w.reach[tip]
}

// known tells whether a commit was looked at, or cannot reach the range.
func (w *outside) known(n *node) bool {
	if _, ok := w.reach[n]; ok {
		return true
	}
	w.left--
	w.r.graph.parse(n)
	if n.err == nil && (n.flags&excluded != 0 || n.when < w.oldest-clockSlop) {
		w.reach[n] = nil
		return true
	}
	return false
}

// peeled is the commit that a tip leads to, or else what it leads to, and the
// tags on the way.
func (t *tracer) peeled(h plumbing.Hash) (n *node, at plumbing.Hash, tags []plumbing.Hash) {
	for range maxChain {
		if n := t.r.graph.nodes[h]; n != nil {
			return n, h, tags
		}
		typ, data, err := t.r.reader.GetProven(h)
		switch {
		case err == nil && typ == plumbing.CommitObject:
			return t.r.graph.node(h), h, tags
		case err != nil || typ != plumbing.TagObject:
			return nil, h, tags
		}
		tags = append(tags, h)
		history.EachLink(typ, data, func(to plumbing.Hash, _ plumbing.ObjectType) { h = to })
	}
	return nil, h, tags
}

// blobs lists, of an object and all in it, the blobs that were asked about.
func (t *tracer) blobs(h plumbing.Hash) (list []plumbing.Hash) {
	n, ok := t.r.index[h]
	met := map[int32]bool{}
	for todo := []int32{n}; ok && len(todo) > 0; {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if met[n] || !t.holds[n] {
			continue
		}
		met[n] = true
		if t.r.Objects[n].Type == plumbing.BlobObject {
			list = append(list, t.r.Objects[n].Name)
		}
		todo = append(todo, t.r.kids[n]...)
	}
	return list
}

func (t *tracer) set(of []uint64, i int) []uint64 { return of[i*t.width : (i+1)*t.width] }

func (t *tracer) add(set []uint64, subjects []int) {
	for _, s := range subjects {
		if s -= t.from; s >= 0 && s < len(t.out) {
			set[s>>6] |= 1 << (s & 63)
		}
	}
}

// here is what the tree of the commit at place i holds.
func (t *tracer) here(i int) []uint64 {
	if n := t.roots[i]; n >= 0 {
		return t.set(t.below, int(n))
	}
	return make([]uint64, t.width)
}

func (t *tracer) each(set []uint64, f func(*history.Trace)) {
	for i, v := range set {
		for ; v != 0; v &= v - 1 {
			f(&t.out[i<<6+bits.TrailingZeros64(v)])
		}
	}
}

// round traces the subjects of one round.
func (t *tracer) round(from int, out []history.Trace) {
	t.from, t.out, t.width = from, out, (len(out)+63)/64
	t.acc = make([]uint64, t.width)
	t.below = make([]uint64, len(t.nodes)*t.width)
	for n := range t.nodes { // what is below has a lower number
		set := t.set(t.below, n)
		for _, s := range t.nodes[n].spots {
			t.add(set, t.bySpot[s])
		}
		for _, k := range t.nodes[n].below {
			join(set, t.set(t.below, int(k)))
		}
	}
	t.ever = make([]uint64, len(t.order)*t.width)
	for i, n := range t.order {
		t.arrive(i, n)
	}
	head, known := t.at[t.r.graph.nodes[t.s.Head]]
	t.leave(head, known)
	for i := range t.out {
		t.out[i].Reach = make([]history.Reach, len(t.s.Tips))
	}
	for g, tips := range t.s.Tips {
		for at, h := range tips {
			t.each(t.reached(h), func(s *history.Trace) {
				r := &s.Reach[g]
				if r.More = r.More || len(r.Tips) == maxListed; !r.More {
					r.Tips = append(r.Tips, at)
				}
			})
		}
	}
	for _, h := range t.s.Logs {
		t.each(t.reached(h), func(s *history.Trace) { s.Logged = true })
	}
}

const maxListed = 100

// reached is what a tip reaches of the range.
func (t *tracer) reached(h plumbing.Hash) []uint64 {
	clear(t.acc)
	for _, i := range t.entries[h] {
		join(t.acc, t.set(t.ever, i))
	}
	for _, tag := range t.tags[h] {
		t.add(t.acc, t.s.Messages[tag])
	}
	for _, blob := range t.lone[h] {
		t.add(t.acc, t.s.Of(blob, ""))
	}
	return t.acc
}

// arrive notes what the commit at place i brings in.
func (t *tracer) arrive(i int, n *node) {
	ever, fresh := t.set(t.ever, i), slices.Clone(t.here(i))
	join(ever, fresh)
	for _, p := range n.parents {
		if j, ok := t.at[p]; ok {
			for k, v := range t.here(j) {
				fresh[k] &^= v
			}
			join(ever, t.set(t.ever, j))
		}
	}
	t.add(ever, t.messages[i])
	t.add(fresh, t.messages[i])
	t.each(fresh, func(s *history.Trace) {
		if s.First.IsZero() {
			s.First = n.name
		}
		if len(s.Introduced) < maxListed {
			s.Introduced = append(s.Introduced, n.name)
		}
	})
}

// leave notes the last commits with each subject, and, if HEAD is one of the
// range, what it holds and which commit before it did away with what it does not.
func (t *tracer) leave(head int, known bool) {
	before := make([]bool, len(t.order))
	seen := make([]uint64, t.width)
	gone := make([]uint64, t.width)
	if known {
		before[head] = true
		t.each(t.here(head), func(s *history.Trace) { s.InHead = true })
		copy(gone, t.here(head))
	}
	last := func(i int) {
		here := slices.Clone(t.here(i))
		for k := range here {
			here[k] &^= seen[k]
		}
		join(seen, here)
		t.each(here, func(s *history.Trace) { s.Last = t.order[i].name })
	}
	for i := len(t.order) - 1; i >= 0; i-- {
		for _, p := range t.order[i].parents {
			if j, ok := t.at[p]; ok && before[i] {
				before[j] = true
			}
		}
	}
	for i := len(t.order) - 1; i >= 0; i-- {
		if before[i] {
			last(i)
			t.remove(i, gone)
		}
	}
	for i := len(t.order) - 1; i >= 0; i-- {
		last(i)
	}
}

// remove notes what the commit at place i did away with, unless a later one did,
// or another of its parents had got rid of it before.
func (t *tracer) remove(i int, gone []uint64) {
	lost := make([]uint64, t.width)
	for _, p := range t.order[i].parents {
		if j, ok := t.at[p]; ok {
			join(lost, t.here(j))
		}
	}
	for k, v := range t.here(i) {
		lost[k] &^= v | gone[k]
	}
	for _, p := range t.order[i].parents {
		if j, ok := t.at[p]; ok {
			held, now := t.set(t.ever, j), t.here(j)
			for k := range lost {
				lost[k] &^= held[k] &^ now[k]
			}
		}
	}
	join(gone, lost)
	t.each(lost, func(s *history.Trace) { s.Removed = t.order[i].name })
}

func join(to, from []uint64) {
	for i, v := range from {
		to[i] |= v
	}
}

// Root tells whether a commit of the range has no parent.
func (a *Attribution) Root(commit plumbing.Hash) bool {
	n := a.from.r.graph.nodes[commit]
	return n != nil && n.parsed && len(n.parents) == 0
}
