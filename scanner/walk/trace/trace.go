// Package trace follows secrets through a graph of commits: which commits brought
// each of them in, which one took it away, and which refs reach it.
//
// It refuses to know where the graph comes from, and what the secrets are: they are
// numbers, called subjects. Its invariant: the answers follow from the graph and from
// what its trees and messages hold, and not from how many subjects are followed at
// once.
package trace

import (
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// Subjects are secrets, numbered from 0, whose way through the history is asked
// for. A commit holds a subject if a blob of its tree does.
type Subjects struct {
	// Of lists the subjects that a blob holds at a path, "" if it has
	// none. It may number further ones each time; it is called once for a spot.
	Of func(blob plumbing.Hash, path string) []int
	// Messages lists the subjects in the messages of commits and tags.
	Messages map[plumbing.Hash][]int
	// Count says how many there are once Of was asked about every spot.
	Count func() int
	// Tips are what refs point to, in groups whose reach is kept apart.
	Tips [][]plumbing.Hash
	// Logs are what reflogs name.
	Logs []plumbing.Hash
	Head plumbing.Hash // commit of HEAD, or zero
}

// Result is the way of one subject. A name is zero where there is no such commit.
// As long as a tip reaches the subject, commits that none reaches count for nothing.
type Result struct {
	First      plumbing.Hash   // the first with it in its tree or message: no ancestor has it
	Introduced []plumbing.Hash // those with it that have no parent with it, and messages; at most 100
	Last       plumbing.Hash   // the last with it in its tree: before HEAD if one is there, or else on any branch
	Removed    plumbing.Hash   // the last before HEAD, or HEAD, that did away with it; see removals
	InHead     bool            // HEAD's tree has it
	Reach      []Reach         // for each group of tips
	Logged     bool            // a reflog reaches it
}

// Reach says which tips of a group reach a subject.
type Reach struct {
	Tips []int // positions in the group; at most 100
	More bool  // there are more
}

const maxListed = 100

// None means no commit, no node and nothing found.
const None = int32(-1)

// Graph is what subjects are followed through. Commits are numbered by positions,
// and so are the nodes: trees at paths, each numbered higher than those below it.
type Graph struct {
	Order   []int32                  // positions of all commits, parents first
	Reached int                      // how many of Order a tip reaches; they come first
	Parents [][]int32                // per position: those of the parents that are in the graph
	Roots   []int32                  // per position: the node of its tree, None if that holds nothing
	Head    int32                    // position of HEAD's commit, or None
	Nodes   int                      // how many there are
	Finds   func(node int32) []int32 // what it has in it; see Split
	Like    func(node int32) int32   // one with a lower number that has much of that too, or None; nil knows none
	Spots   [][]int                  // per spot, which is a blob at a path: its subjects
	Said    map[int32][]int          // per position: the subjects in its message

	Name func(position int32) plumbing.Hash
	// Below says what an object leads to: positions of commits, and subjects that are
	// met without one, in tags or in lone trees and blobs.
	Below func(tip plumbing.Hash) (commits []int32, subjects []int)
}

// What a node has in it is a list of finds. A find is a spot right in the tree, a node
// below it, or None.

// SpotFind is the find of a spot.
func SpotFind(spot int32) int32 { return spot<<1 | 1 }

// NodeFind is the find of a node.
func NodeFind(node int32) int32 { return node << 1 }

// Split says what a find that is not None means.
func Split(find int32) (number int32, isSpot bool) { return find >> 1, find&1 == 1 }

// usualMemory is how many bytes sets may take, where nothing else is said.
const usualMemory = 64 << 20

// Follow follows all subjects at once. It works on sets of subjects, 64 to a word, in
// as many rounds as keep the sets within so many bytes; 0 is the usual number.
func Follow(g *Graph, s Subjects, memory int64) []Result {
	t := &tracer{Graph: g, s: s, below: map[plumbing.Hash]lead{}}
	t.findBefore()
	out := make([]Result, s.Count())
	if memory <= 0 {
		memory = usualMemory
	}
	sets := int64(g.Nodes+2*len(g.Parents)+1) * 8
	t.width = int(min(max(1, memory/sets), int64(len(out)+63)/64))
	for from := 0; from < len(out); from += 64 * t.width {
		t.from, t.out = from, out[from:min(len(out), from+64*t.width)]
		t.round()
	}
	return out
}

// tracer is the state of one Follow.
type tracer struct {
	*Graph
	s      Subjects
	before []bool // per position: HEAD or an ancestor of it
	below  map[plumbing.Hash]lead

	width int // words of a set
	from  int // the round's first subject
	out   []Result
	trees []uint64 // per node: the set of what it holds
	held  []uint64 // per commit: what the trees of it and its ancestors hold
	ever  []uint64 // the same with messages
	zero  []uint64 // an empty set
	acc   []uint64 // scratch
}

// lead is what Graph.Below said.
type lead struct {
	commits  []int32
	subjects []int
}

func (t *tracer) findBefore() {
	t.before = make([]bool, len(t.Parents))
	if t.Head != None {
		t.before[t.Head] = true
	}
	for _, i := range slices.Backward(t.Order) {
		for _, p := range t.Parents[i] {
			t.before[p] = t.before[p] || t.before[i]
		}
	}
}

// round traces the subjects of one round.
func (t *tracer) round() {
	w := t.width
	t.zero, t.acc = make([]uint64, w), make([]uint64, w)
	t.fillNodes()
	t.fillCommits()
	reached, rest := t.Order[:t.Reached], t.Order[t.Reached:]

	t.arrivals(reached, t.zero)
	found := t.tipSets()
	if len(rest) > 0 {
		t.arrivals(rest, found) // what a tip reaches is done with
	}
	if t.Head != None {
		each(t.here(t.Head), t.out, func(s *Result) { s.InHead = true })
		t.removals()
	}
	seen := make([]uint64, w)
	t.lasts(reached, true, seen)
	t.lasts(reached, false, seen)
	join(seen, found)
	t.lasts(rest, false, seen)
	t.logged()
}

// arrivals notes the commits that brought subjects in, but for those in a set.
func (t *tracer) arrivals(order []int32, but []uint64) {
	for _, i := range order {
		copy(t.acc, t.here(i))
		for _, p := range t.Parents[i] {
			for k, v := range t.here(p) {
				t.acc[k] &^= v
			}
		}
		t.add(t.acc, t.Said[i])
		any := uint64(0)
		for k := range t.acc {
			t.acc[k] &^= but[k]
			any |= t.acc[k]
		}
		if any == 0 {
			continue
		}
		name := t.Name(i)
		each(t.acc, t.out, func(s *Result) {
			if s.First.IsZero() {
				s.First = name
			}
			if len(s.Introduced) < maxListed {
				s.Introduced = append(s.Introduced, name)
			}
		})
	}
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
			name := t.Name(i)
			each(t.acc, t.out, func(s *Result) { s.Last = name })
		}
	}
}

// removals finds, for what HEAD does not hold and held once, the commit that
// did away with it: one that does not hold it and has a parent that does. A
// merge does not count where another of its parents had got rid of it before:
// that one's removal is what the merge took over. Of several the last is told.
func (t *tracer) removals() {
	seen := slices.Clone(t.here(t.Head))
	for _, i := range slices.Backward(t.Order) {
		if !t.before[i] || len(t.Parents[i]) == 0 {
			continue
		}
		clear(t.acc)
		for _, p := range t.Parents[i] {
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
		for _, p := range t.Parents[i] {
			held, now := t.set(t.held, p), t.here(p)
			for k := range t.acc {
				t.acc[k] &^= held[k] &^ now[k]
			}
		}
		join(seen, t.acc)
		name := t.Name(i)
		each(t.acc, t.out, func(s *Result) { s.Removed = name })
	}
}
