package history

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"maps"
	"math"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// Spot is a path at which a blob stands in some commit's tree.
type Spot struct {
	Path   string
	Blob   plumbing.Hash
	First  plumbing.Hash // the commit that first has the blob there: none of its ancestors does
	InHead bool          // the blob stands there in the tree of HEAD
	rank   int
}

// Attribution tells where blobs stand.
type Attribution struct {
	Spots map[plumbing.Hash][]Spot // per blob, by the order of their first commits, then by path
	Lost  map[plumbing.Hash][]Spot // the same for paths that they have only in commits that no tip reaches
	Cut   bool                     // some spots were left out: there are too many, or their paths are too long
	rank  map[plumbing.Hash]int
	from  *attributor // for Trace
}

// Rank is the place of a commit in one order of the whole history, ancestors
// first. What is no reachable commit comes last.
func (a *Attribution) Rank(commit plumbing.Hash) int {
	if r, ok := a.rank[commit]; ok {
		return r
	}
	return math.MaxInt
}

// Attribute finds the paths and first commits of blobs. head is the commit of
// HEAD, or zero. It costs one more pass over the trees, and nothing for the
// blobs; trees and commits that no tip reaches are left out.
func (r *Result) Attribute(ctx context.Context, blobs []plumbing.Hash, head plumbing.Hash) (*Attribution, error) {
	a := &attributor{r: r, holds: newBitset(len(r.types)), out: &Attribution{Spots: map[plumbing.Hash][]Spot{}, Lost: map[plumbing.Hash][]Spot{}, rank: map[plumbing.Hash]int{}}}
	lost := false // something asked for is reached by no tip
	for _, h := range blobs {
		if n, ok := r.opt.Store.Number(h); ok {
			a.holds.set(n)
			lost = lost || !r.Reachable(n)
		}
	}
	var err error
	if a.links, err = r.allLinks(ctx); err != nil {
		return nil, err
	}
	a.spread()
	if err := a.list(ctx); err != nil {
		return nil, err
	}
	a.order, a.reached = r.topological()
	a.known = map[visit]int32{}
	a.index = map[spotKey]int32{}
	a.roots = make([]int32, len(r.commits))
	for i := range a.roots {
		a.roots[i] = none
	}
	for rank, i := range a.order {
		c := &r.commits[i]
		a.rank, a.commit = math.MaxInt, r.opt.Store.Name(int(c.number))
		if rank < a.reached {
			a.rank = rank
			a.out.rank[a.commit] = rank
		} else if !lost {
			break
		}
		if c.tree != none && a.holds.has(int(c.tree)) {
			a.roots[i] = a.descend(c.tree, "")
		}
	}
	a.markHead(head)
	a.out.from = a
	return a.finish(), nil
}

// attributor is the state of one Attribute.
type attributor struct {
	r      *Result
	links  [][]int32
	holds  bitset            // numbers of the blobs asked for, and of all trees above them
	known  map[visit]int32   // the node of a visit
	index  map[spotKey]int32 // of a spot in spots
	spots  []Spot
	commit plumbing.Hash // the one at hand
	rank   int           // of it; math.MaxInt if no tip reaches it
	trees  map[int32][]child
	out    *Attribution

	order   []int32 // positions of commits, parents first; what tips reach comes before the rest
	reached int     // how many of order a tip reaches
	nodes   []node
	roots   []int32 // per position of a commit: the node of its tree, none if that holds nothing
}

// Trees that hold the same subtree many times over, level by level, have more
// paths than can be listed, and trees can be nested without end. Real histories
// stay far below: terraform's, 44,826 commits, takes 166,011 visits.
const (
	maxVisits = 2 << 20
	maxPath   = 16 << 10
)

// visit is a tree at a path. What stands below it was seen when it was first met.
type visit struct {
	tree int32
	path string
}

// node is what a visit found: the visits below it, which are numbered lower, and
// the spots of the blobs right in it.
type node struct {
	kids, spots []int32
}

type spotKey struct {
	blob int32
	path string
}

// child is an entry of a tree that holds something asked for.
type child struct {
	number int32
	name   string
	tree   bool
}

// spread marks every tree that holds a marked object, however deep.
func (a *attributor) spread() {
	to := a.links
	parents := make([]int32, len(to)+1) // counts, then start of each run in from
	for n, kids := range to {
		if plumbing.ObjectType(a.r.types[n]) == plumbing.TreeObject {
			for _, k := range kids {
				if k != none {
					parents[k+1]++
				}
			}
		}
	}
	for i := 1; i < len(parents); i++ {
		parents[i] += parents[i-1]
	}
	from := make([]int32, parents[len(parents)-1])
	fill := slices.Clone(parents)
	for n, kids := range to {
		if plumbing.ObjectType(a.r.types[n]) == plumbing.TreeObject {
			for _, k := range kids {
				if k != none {
					from[fill[k]] = int32(n)
					fill[k]++
				}
			}
		}
	}
	var todo []int32
	for n := range to {
		if a.holds.has(n) {
			todo = append(todo, int32(n))
		}
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, p := range from[parents[n]:parents[n+1]] {
			if !a.holds.has(int(p)) {
				a.holds.set(int(p))
				todo = append(todo, p)
			}
		}
	}
}

// descend notes every marked blob below tree, and returns the node of the tree
// at its path; none if there was no room for it.
func (a *attributor) descend(tree int32, path string) int32 {
	v := visit{tree, path}
	if n, ok := a.known[v]; ok {
		return n
	}
	if len(a.known) >= a.r.visits || len(path) > maxPath {
		a.out.Cut = true
		return none
	}
	a.known[v] = none // counted before what is below it
	var at node
	for _, c := range a.trees[tree] {
		full := c.name
		if path != "" {
			full = path + "/" + c.name
		}
		if !c.tree {
			at.spots = append(at.spots, a.found(c.number, full))
		} else if n := a.descend(c.number, full); n != none {
			at.kids = append(at.kids, n)
		}
	}
	n := int32(len(a.nodes))
	a.nodes = append(a.nodes, at)
	a.known[v] = n
	return n
}

// found notes that the commit at hand has blob at path, and returns the spot.
func (a *attributor) found(blob int32, path string) int32 {
	k := spotKey{blob, path}
	if i, ok := a.index[k]; ok {
		return i
	}
	i := int32(len(a.spots))
	a.index[k] = i
	a.spots = append(a.spots, Spot{Path: path, Blob: a.r.opt.Store.Name(int(blob)), First: a.commit, rank: a.rank})
	return i
}

// lister is the pack.Visitor that reads the names of the marked entries.
type lister struct {
	*attributor
	base    int
	workers []map[int32][]child
}

func (v *lister) Visit(worker int, o *pack.Object, _ struct{}) struct{} {
	if n := v.base + o.Entry; v.holds.has(n) {
		v.workers[worker][int32(n)] = v.marked(n, o.Data)
	}
	return struct{}{}
}

func (*lister) Release(int, struct{}) {}

// marked lists the marked entries of tree n.
func (a *attributor) marked(n int, data []byte) (list []child) {
	kids := a.links[n]
	for pos := 0; pos < len(data) && len(kids) > 0; kids = kids[1:] {
		mode, name, end := treeEntry(data, pos)
		if end < 0 {
			break
		}
		if k := kids[0]; k != none && a.holds.has(int(k)) {
			list = append(list, child{k, string(name), childKind(mode) == plumbing.TreeObject})
		}
		pos = end
	}
	return list
}

// list fills a.trees: one more pass in delta order, since reading some ten
// thousand trees by name would inflate each chain of deltas anew.
func (a *attributor) list(ctx context.Context) error {
	v := &lister{attributor: a, workers: make([]map[int32][]child, a.r.opt.Jobs)}
	for i := range v.workers {
		v.workers[i] = map[int32][]child{}
	}
	if err := packedTrees(ctx, a.r, v, func(base int) { v.base = base }); err != nil {
		return err
	}
	a.trees = map[int32][]child{}
	for _, w := range v.workers {
		maps.Copy(a.trees, w)
	}
	s := a.r.opt.Store
	for n := range a.r.types { // as in allLinks
		if _, met := a.trees[int32(n)]; !met && a.holds.has(n) && a.r.Type(n) == plumbing.TreeObject {
			_, data, err := s.GetProven(s.Name(n))
			if err != nil {
				return err
			}
			a.trees[int32(n)] = a.marked(n, data)
		}
	}
	return nil
}

// markHead marks the spots that HEAD's tree has.
func (a *attributor) markHead(head plumbing.Hash) {
	i := a.position(head)
	if i == none || a.roots[i] == none {
		return
	}
	met := map[int32]bool{}
	todo := []int32{a.roots[i]}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if met[at] {
			continue
		}
		met[at] = true
		todo = append(todo, a.nodes[at].kids...)
		for _, k := range a.nodes[at].spots {
			a.spots[k].InHead = true
		}
	}
}

// position is where the commit stands in r.commits; none if it is not there.
func (a *attributor) position(name plumbing.Hash) int32 {
	n, ok := a.r.opt.Store.Number(name)
	if !ok {
		return none
	}
	i, ok := slices.BinarySearchFunc(a.r.commits, int32(n), func(c commit, n int32) int { return cmp.Compare(c.number, n) })
	if !ok {
		return none
	}
	return int32(i)
}

func (a *attributor) finish() *Attribution {
	for _, s := range a.spots {
		to := a.out.Spots
		if s.rank == math.MaxInt {
			to = a.out.Lost
		}
		to[s.Blob] = append(to[s.Blob], s)
	}
	for _, list := range a.out.Spots {
		slices.SortFunc(list, func(a, b Spot) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Path, b.Path)) })
	}
	return a.out
}

// topological orders the commits, as positions in r.commits, so that parents
// come before children; among those that may come next the oldest by its clock
// does, then the one with the lower name. What no tip reaches comes after the
// first reached ones.
func (r *Result) topological() (order []int32, reached int) {
	at := map[int32]int32{} // number → position
	for i := range r.commits {
		at[r.commits[i].number] = int32(i)
	}
	waits := make([]int32, len(r.commits))
	children := make([][]int32, len(r.commits))
	ready := &queue{r: r}
	for i := range r.commits {
		for _, p := range r.commits[i].parents {
			if j, ok := at[p]; ok {
				waits[i]++
				children[j] = append(children[j], int32(i))
			}
		}
		if waits[i] == 0 {
			heap.Push(ready, int32(i))
		}
	}
	order = make([]int32, 0, len(r.commits))
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int32)
		order = append(order, i)
		for _, c := range children[i] {
			if waits[c]--; waits[c] == 0 {
				heap.Push(ready, c)
			}
		}
	}
	// A parent of what is reached is reached, so both parts stay in order.
	slices.SortStableFunc(order, func(i, j int32) int {
		return cmp.Compare(r.late(i), r.late(j))
	})
	for reached < len(order) && r.late(order[reached]) == 0 {
		reached++
	}
	return order, reached
}

// late is 1 for a commit that no tip reaches.
func (r *Result) late(position int32) int {
	if r.Reachable(int(r.commits[position].number)) {
		return 0
	}
	return 1
}

// queue is a heap of commits, oldest first.
type queue struct {
	r    *Result
	list []int32
}

func (q *queue) Len() int      { return len(q.list) }
func (q *queue) Swap(i, j int) { q.list[i], q.list[j] = q.list[j], q.list[i] }
func (q *queue) Push(x any)    { q.list = append(q.list, x.(int32)) }
func (q *queue) Pop() any {
	n := len(q.list) - 1
	x := q.list[n]
	q.list = q.list[:n]
	return x
}

func (q *queue) Less(i, j int) bool {
	a, b := &q.r.commits[q.list[i]], &q.r.commits[q.list[j]]
	if a.when != b.when {
		return a.when < b.when
	}
	x, y := q.r.opt.Store.Name(int(a.number)), q.r.opt.Store.Name(int(b.number))
	return bytes.Compare(x[:], y[:]) < 0
}
