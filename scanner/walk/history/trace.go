package history

import (
	"math/bits"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// Subjects are secrets, numbered from 0, whose way through the history is asked
// for. A commit holds a subject if a blob of its tree does.
type Subjects struct {
	// Of lists the subjects that a blob holds at a path, "" if it stands at
	// none. It may number further ones each time; it is called once for a spot.
	Of func(blob plumbing.Hash, path string) []int
	// Messages lists the subjects in the messages of commits and tags.
	Messages map[plumbing.Hash][]int
	// Count tells how many there are once Of was asked about every spot.
	Count func() int
	// Tips are what refs point to, in groups whose reach is told apart.
	Tips [][]plumbing.Hash
	// Logs are what reflogs name.
	Logs []plumbing.Hash
	Head plumbing.Hash // commit of HEAD, or zero
}

// Trace is the way of one subject. A name is zero where there is no such
// commit. As long as a tip reaches the subject, commits that none reaches count
// for nothing.
type Trace struct {
	First      plumbing.Hash   // the first with it in its tree or message: no ancestor has it
	Introduced []plumbing.Hash // those with it that have no parent with it, and messages; at most 100
	Last       plumbing.Hash   // the last with it in its tree: before HEAD if one is there, or else on any branch
	Removed    plumbing.Hash   // the last before HEAD, or HEAD, that did away with it; see removals
	InHead     bool            // HEAD's tree has it
	Reach      []Reach         // for each group of tips
	Logged     bool            // a reflog reaches it
}

// Reach tells which tips of a group reach a subject.
type Reach struct {
	Tips []int // positions in the group; at most 100
	More bool  // there are more
}

const maxListed = 100

// Trace follows subjects through all commits at once. It works on sets of
// subjects, 64 to a word, in as many rounds as keep the sets within bounds.
func (a *Attribution) Trace(s Subjects) []Trace {
	t := newTracer(a.from, s)
	out := make([]Trace, s.Count())
	most := a.from.r.opt.Memory / 4
	if most <= 0 {
		most = 64 << 20
	}
	sets := int64(len(a.from.nodes)+2*len(a.from.r.commits)+1) * 8
	t.width = int(min(max(1, most/sets), int64(len(out)+63)/64))
	for from := 0; from < len(out); from += 64 * t.width {
		t.from, t.out = from, out[from:min(len(out), from+64*t.width)]
		t.round()
	}
	return out
}

// Root tells whether a commit has no parent in this repository.
func (a *Attribution) Root(commit plumbing.Hash) bool {
	i := a.from.position(commit)
	return i != none && len(a.from.r.commits[i].parents) == 0
}

// tracer is the state of one Trace.
type tracer struct {
	*attributor
	s        Subjects
	bySpot   [][]int // subjects of each spot
	messages map[int32][]int
	parents  [][]int32 // per position: the positions of its parents
	head     int32     // position
	before   []bool    // per position: HEAD or an ancestor of it

	width int // words of a set
	from  int // the round's first subject
	out   []Trace
	below []uint64 // per node: the set of what it holds
	held  []uint64 // per commit: what the trees of it and its ancestors hold
	ever  []uint64 // the same with messages
	zero  []uint64 // an empty set
	acc   []uint64 // scratch
}

func newTracer(a *attributor, s Subjects) *tracer {
	t := &tracer{attributor: a, s: s, messages: map[int32][]int{}, head: a.position(s.Head)}
	for i := range a.spots {
		t.bySpot = append(t.bySpot, s.Of(a.spots[i].Blob, a.spots[i].Path))
	}
	for h, list := range s.Messages {
		if i := a.position(h); i != none {
			t.messages[i] = list
		}
	}
	at := make([]int32, len(a.r.types))
	for i := range a.r.commits {
		at[a.r.commits[i].number] = int32(i) + 1
	}
	t.parents = make([][]int32, len(a.r.commits))
	var all []int32
	for i := range a.r.commits {
		start := len(all)
		for _, n := range a.r.commits[i].parents {
			if int(n) < len(at) && at[n] > 0 {
				all = append(all, at[n]-1)
			}
		}
		t.parents[i] = all[start:len(all):len(all)]
	}
	t.before = make([]bool, len(a.r.commits))
	if t.head != none {
		t.before[t.head] = true
	}
	for _, i := range slices.Backward(a.order) {
		for _, p := range t.parents[i] {
			t.before[p] = t.before[p] || t.before[i]
		}
	}
	return t
}

// round traces the subjects of one round.
func (t *tracer) round() {
	w := t.width
	t.zero, t.acc = make([]uint64, w), make([]uint64, w)
	t.fillNodes()
	t.fillCommits()
	reached := t.order[:t.reached]
	rest := t.order[t.reached:]

	t.arrivals(reached)
	found := t.tipSets()
	if len(rest) > 0 {
		// What a tip reaches is done with.
		t.arrivalsBut(rest, found)
	}
	if t.head != none {
		each(t.here(t.head), t.out, func(s *Trace) { s.InHead = true })
		t.removals()
	}
	seen := make([]uint64, w)
	t.lasts(reached, true, seen)
	t.lasts(reached, false, seen)
	for i := range seen {
		seen[i] |= found[i]
	}
	t.lasts(rest, false, seen)
	t.logged()
}

func (t *tracer) set(of []uint64, i int32) []uint64 {
	return of[int(i)*t.width : int(i+1)*t.width : int(i+1)*t.width]
}

// here is the set of what the tree of the commit at position i holds.
func (t *tracer) here(i int32) []uint64 {
	if t.roots[i] == none {
		return t.zero
	}
	return t.set(t.below, t.roots[i])
}

// add puts the subjects of this round into a set.
func (t *tracer) add(set []uint64, subjects []int) {
	for _, s := range subjects {
		if s -= t.from; s >= 0 && s < len(t.out) {
			set[s>>6] |= 1 << (s & 63)
		}
	}
}

func join(to, from []uint64) {
	for i, v := range from {
		to[i] |= v
	}
}

// each calls f for every subject of a set.
func each(set []uint64, out []Trace, f func(*Trace)) {
	for i, v := range set {
		for ; v != 0; v &= v - 1 {
			f(&out[i<<6+bits.TrailingZeros64(v)])
		}
	}
}

func (t *tracer) fillNodes() {
	t.below = make([]uint64, len(t.nodes)*t.width)
	for n := range t.nodes { // what is below has a lower number
		set := t.set(t.below, int32(n))
		for _, f := range t.finding(int32(n)) {
			switch {
			case f == none:
			case f&1 == 1:
				t.add(set, t.bySpot[f>>1])
			default:
				join(set, t.set(t.below, f>>1))
			}
		}
	}
}

func (t *tracer) fillCommits() {
	fill := func(messages bool) []uint64 {
		sets := make([]uint64, len(t.r.commits)*t.width)
		for _, i := range t.order {
			set := t.set(sets, i)
			copy(set, t.here(i))
			for _, p := range t.parents[i] {
				join(set, t.set(sets, p))
			}
			if messages {
				t.add(set, t.messages[i])
			}
		}
		return sets
	}
	t.held = fill(false)
	t.ever = t.held
	if len(t.messages) > 0 {
		t.ever = fill(true)
	}
}

// arrivals notes the commits that brought subjects in.
func (t *tracer) arrivals(order []int32) { t.arrivalsBut(order, t.zero) }

func (t *tracer) arrivalsBut(order []int32, but []uint64) {
	for _, i := range order {
		copy(t.acc, t.here(i))
		for _, p := range t.parents[i] {
			for k, v := range t.here(p) {
				t.acc[k] &^= v
			}
		}
		t.add(t.acc, t.messages[i])
		any := uint64(0)
		for k := range t.acc {
			t.acc[k] &^= but[k]
			any |= t.acc[k]
		}
		if any == 0 {
			continue
		}
		name := t.name(i)
		each(t.acc, t.out, func(s *Trace) {
			if s.First.IsZero() {
				s.First = name
			}
			if len(s.Introduced) < maxListed {
				s.Introduced = append(s.Introduced, name)
			}
		})
	}
}

func (t *tracer) name(i int32) plumbing.Hash {
	return t.r.opt.Store.Name(int(t.r.commits[i].number))
}

// lasts notes the last commit with each subject that is not in seen yet.
func (t *tracer) lasts(order []int32, beforeHead bool, seen []uint64) {
	for _, i := range slices.Backward(order) {
		if beforeHead && !t.before[i] {
			continue
		}
		fresh := uint64(0)
		for k, v := range t.here(i) {
			t.acc[k] = v &^ seen[k]
			fresh |= t.acc[k]
			seen[k] |= v
		}
		if fresh != 0 {
			name := t.name(i)
			each(t.acc, t.out, func(s *Trace) { s.Last = name })
		}
	}
}

// removals finds, for what HEAD does not hold and held once, the commit that
// did away with it: one that does not hold it and has a parent that does. A
// merge does not count where another of its parents had got rid of it before:
// that one's removal is what the merge took over. Of several the last is told.
func (t *tracer) removals() {
	seen := slices.Clone(t.here(t.head))
	for _, i := range slices.Backward(t.order) {
		if !t.before[i] || len(t.parents[i]) == 0 {
			continue
		}
		clear(t.acc)
		for _, p := range t.parents[i] {
			join(t.acc, t.here(p))
		}
		fresh := uint64(0)
		for k, v := range t.here(i) {
			t.acc[k] &^= v | seen[k]
			fresh |= t.acc[k]
		}
		if fresh == 0 {
			continue
		}
		for _, p := range t.parents[i] {
			held, now := t.set(t.held, p), t.here(p)
			for k := range t.acc {
				t.acc[k] &^= held[k] &^ now[k]
			}
		}
		join(seen, t.acc)
		name := t.name(i)
		each(t.acc, t.out, func(s *Trace) { s.Removed = name })
	}
}

// tipSets notes which tips reach each subject, and returns the set of those
// that any does.
func (t *tracer) tipSets() []uint64 {
	any := make([]uint64, t.width)
	for i := range t.out {
		t.out[i].Reach = make([]Reach, len(t.s.Tips))
	}
	for g, tips := range t.s.Tips {
		full := make([]uint64, t.width) // those with more than are listed
		for at, tip := range tips {
			set := t.reach(tip)
			join(any, set)
			for k, v := range set {
				for v &^= full[k]; v != 0; v &= v - 1 {
					b := bits.TrailingZeros64(v)
					r := &t.out[k<<6+b].Reach[g]
					if r.More = len(r.Tips) == maxListed; r.More {
						full[k] |= 1 << b
					} else {
						r.Tips = append(r.Tips, at)
					}
				}
			}
		}
	}
	return any
}

// reach is the set of what an object and all that it reaches hold. It is good
// until the next call.
func (t *tracer) reach(h plumbing.Hash) []uint64 {
	if i := t.position(h); i != none {
		return t.set(t.ever, i)
	}
	clear(t.acc)
	for range maxTagChain {
		n, ok := t.r.opt.Store.Number(h)
		if !ok {
			return t.acc
		}
		switch t.r.Type(n) {
		case plumbing.CommitObject:
			if i := t.position(h); i != none {
				join(t.acc, t.set(t.ever, i))
			}
			return t.acc
		case plumbing.TagObject:
			t.add(t.acc, t.s.Messages[h])
			typ, data, err := t.r.opt.Store.Get(h)
			if err != nil {
				return t.acc
			}
			EachLink(typ, data, func(to plumbing.Hash, _ plumbing.ObjectType) { h = to })
			continue
		}
		// Subjects of a lone tree or blob.
		t.add(t.acc, t.lone(int32(n)))
		return t.acc
	}
	return t.acc
}

// maxTagChain bounds how many tags of tags are followed.
const maxTagChain = 100

// lone lists the subjects of a blob, or of all blobs of a tree, that a tip
// points to, without any path.
func (t *tracer) lone(n int32) (subjects []int) {
	met := map[int32]bool{}
	todo := []int32{n}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if met[n] {
			continue
		}
		met[n] = true
		if t.up.marked.has(int(n)) {
			subjects = append(subjects, t.s.Of(t.r.opt.Store.Name(int(n)), "")...)
		}
		for _, it := range t.up.leading(n) {
			todo = append(todo, it.kid)
		}
	}
	return subjects
}

// logged notes what reflogs reach.
func (t *tracer) logged() {
	set := make([]uint64, t.width)
	for _, h := range t.s.Logs {
		join(set, t.reach(h))
	}
	each(set, t.out, func(s *Trace) { s.Logged = true })
}
