package trace

import (
	"math/bits"

	"github.com/go-git/go-git/v5/plumbing"
)

// A set of subjects is a row of words with a bit for each subject of the round.

func (t *tracer) set(of []uint64, i int32) []uint64 {
	return of[int(i)*t.width : int(i+1)*t.width : int(i+1)*t.width]
}

// here is the set of what the tree of the commit at position i holds.
func (t *tracer) here(i int32) []uint64 {
	if t.Roots[i] == None {
		return t.zero
	}
	return t.set(t.trees, t.Roots[i])
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
	to = to[:len(from)]
	for i, v := range from {
		to[i] |= v
	}
}

// each calls f for every subject of a set.
func each(set []uint64, out []Result, f func(*Result)) {
	for i, v := range set {
		for ; v != 0; v &= v - 1 {
			f(&out[i<<6+bits.TrailingZeros64(v)])
		}
	}
}

func (t *tracer) fillNodes() {
	t.trees = make([]uint64, t.Nodes*t.width)
	for n := range int32(t.Nodes) { // what is below has a lower number
		set, finds, like := t.set(t.trees, n), t.Finds(n), None
		if t.Like != nil {
			like = t.Like(n)
		}
		if like == None {
			t.gather(set, finds)
		} else {
			t.amend(set, finds, like)
		}
	}
}

// gather adds to a set what finds hold.
func (t *tracer) gather(set []uint64, finds []int32) {
	for _, f := range finds {
		switch number, isSpot := Split(f); {
		case f == None:
		case isSpot:
			t.add(set, t.Spots[number])
		default:
			join(set, t.set(t.trees, number))
		}
	}
}

// amend makes the set of a node with these finds from that of a node like it: versions
// of a tree differ in an entry or two. What one that is gone held is looked for in the
// others.
func (t *tracer) amend(set []uint64, finds []int32, like int32) {
	gone := t.acc
	clear(gone)
	t.changes(finds, t.Finds(like), func(old, fresh []int32) {
		t.gather(gone, old)
		t.gather(set, fresh)
	})
	for k, v := range t.set(t.trees, like) {
		gone[k] &^= set[k]
		set[k] |= v &^ gone[k]
		for i := 0; i < len(finds) && gone[k]&^set[k] != 0; i++ {
			set[k] |= t.word(finds[i], k)
		}
	}
}

// changes tells in what finds differ from old ones.
func (t *tracer) changes(finds, old []int32, differ func(old, fresh []int32)) {
	n := 0
	for n < min(len(old), len(finds)) && old[n] == finds[n] {
		n++
	}
	old, finds = old[n:], finds[n:]
	if len(old) == len(finds) {
		for i := range old {
			if old[i] != finds[i] {
				differ(old[i:i+1], finds[i:i+1])
			}
		}
		return
	}
	for len(old) > 0 && len(finds) > 0 && old[len(old)-1] == finds[len(finds)-1] {
		old, finds = old[:len(old)-1], finds[:len(finds)-1]
	}
	differ(old, finds)
}

// word is one word of what a find holds.
func (t *tracer) word(f int32, k int) (word uint64) {
	switch number, isSpot := Split(f); {
	case f == None:
	case isSpot:
		for _, s := range t.Spots[number] {
			if s -= t.from; s>>6 == k {
				word |= 1 << (s & 63)
			}
		}
	default:
		word = t.trees[int(number)*t.width+k]
	}
	return word
}

func (t *tracer) fillCommits() {
	fill := func(messages bool) []uint64 {
		sets := make([]uint64, len(t.Parents)*t.width)
		for _, i := range t.Order {
			set := t.set(sets, i)
			copy(set, t.here(i))
			for _, p := range t.Parents[i] {
				join(set, t.set(sets, p))
			}
			if messages {
				t.add(set, t.Said[i])
			}
		}
		return sets
	}
	t.held = fill(false)
	t.ever = t.held
	if len(t.Said) > 0 {
		t.ever = fill(true)
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
	to, ok := t.below[h]
	if !ok {
		to.commits, to.subjects = t.Below(h)
		t.below[h] = to
	}
	if len(to.commits) == 1 && len(to.subjects) == 0 {
		return t.set(t.ever, to.commits[0])
	}
	clear(t.acc)
	for _, i := range to.commits {
		join(t.acc, t.set(t.ever, i))
	}
	t.add(t.acc, to.subjects)
	return t.acc
}

// logged notes what reflogs reach.
func (t *tracer) logged() {
	set := make([]uint64, t.width)
	for _, h := range t.s.Logs {
		join(set, t.reach(h))
	}
	each(set, t.out, func(s *Result) { s.Logged = true })
}
