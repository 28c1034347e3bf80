package revision

import (
	"container/heap"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/store"
)

// flags of a commit while a walk goes on.
type flags uint8

const (
	excluded flags = 1 << iota // git's UNINTERESTING: what is excluded reaches it
	seen                       // it was put into the queue
	left                       // the one side of a common ancestor
	right                      // the other
	stale                      // an ancestor of a common one
)

// node is a commit.
type node struct {
	name    plumbing.Hash
	tree    plumbing.Hash
	parents []*node
	when    int64
	flags   flags
	parsed  bool
	cut     bool  // the clone ends here: its parents were left out
	err     error // it could not be read
}

// graph holds the commits that a walk met.
type graph struct {
	objects *store.Reader
	shallow map[plumbing.Hash]bool
	nodes   map[plumbing.Hash]*node
}

func newGraph(objects *store.Reader, shallow []plumbing.Hash) *graph {
	g := &graph{objects: objects, shallow: map[plumbing.Hash]bool{}, nodes: map[plumbing.Hash]*node{}}
	for _, h := range shallow {
		g.shallow[h] = true
	}
	return g
}

func (g *graph) node(h plumbing.Hash) *node {
	n := g.nodes[h]
	if n == nil {
		n = &node{name: h}
		g.nodes[h] = n
	}
	return n
}

// parse reads a commit, once.
func (g *graph) parse(n *node) {
	if n.parsed {
		return
	}
	n.parsed = true
	typ, data, err := read(g.objects, n.name, plumbing.CommitObject)
	if err != nil {
		n.err = err
		return
	}
	n.when = history.CommitTime(data)
	history.EachLink(typ, data, func(h plumbing.Hash, typ plumbing.ObjectType) {
		switch {
		case typ == plumbing.TreeObject:
			n.tree = h
		case g.shallow[n.name]:
			n.cut = true
		default:
			n.parents = append(n.parents, g.node(h))
		}
	})
	if n.tree.IsZero() {
		n.err = errNoTree
	}
}

// dates is git's queue of commits: the youngest by its clock comes first, and
// of those of one time the one that came in first.
type dates struct {
	list  []entry
	count int
	alive *node // one in the queue that was neither excluded nor stale when looked at
}

// entry is a commit in the queue. One may be in it several times.
type entry struct {
	*node
	order int // of coming in
}

func (q *dates) push(n *node) {
	q.count++
	heap.Push((*dateHeap)(q), entry{n, q.count})
}

func (q *dates) pop() *node {
	n := heap.Pop((*dateHeap)(q)).(entry).node
	if n == q.alive {
		q.alive = nil
	}
	return n
}

// live reports whether the queue has a commit that is neither excluded nor stale.
func (q *dates) live() bool {
	const dead = excluded | stale
	if q.alive != nil && q.alive.flags&dead == 0 {
		return true
	}
	for _, n := range q.list {
		if n.flags&dead == 0 {
			q.alive = n.node
			return true
		}
	}
	return false
}

// dateHeap is the heap.Interface of dates.
type dateHeap dates

func (h *dateHeap) Len() int      { return len(h.list) }
func (h *dateHeap) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *dateHeap) Push(x any)    { h.list = append(h.list, x.(entry)) }
func (h *dateHeap) Less(i, j int) bool {
	a, b := &h.list[i], &h.list[j]
	if a.when != b.when {
		return a.when > b.when
	}
	return a.order < b.order
}

func (h *dateHeap) Pop() any {
	last := len(h.list) - 1
	n := h.list[last]
	h.list = h.list[:last]
	return n
}
