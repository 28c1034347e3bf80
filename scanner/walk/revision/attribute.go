package revision

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/trace"
)

// Trees that hold the same subtree many times over have more paths than can be
// listed, and trees can be nested without end.
const (
	maxVisits = 1 << 20
	maxSpots  = 1 << 17
	maxPath   = 16 << 10
)

// Attribution says where blobs of a range are. First commits are those of the range.
type Attribution struct {
	Spots map[plumbing.Hash][]history.Spot // per blob, by the order of their first commits, then by path
	Cut   bool                             // some spots were left out: there are too many, or their paths are too long
	rank  map[plumbing.Hash]int
	from  *attributor // for Trace
}

// Rank is the place of a commit in one order of the range, ancestors first.
// What is no commit of the range comes last.
func (a *Attribution) Rank(commit plumbing.Hash) int {
	if r, ok := a.rank[commit]; ok {
		return r
	}
	return math.MaxInt
}

// Attribute finds the paths and first commits of blobs. Of the trees it reads
// those again that hold one of the blobs.
func (r *Range) Attribute(ctx context.Context, blobs []plumbing.Hash) (*Attribution, error) {
	a := &attributor{
		r: r, holds: map[int32]bool{}, children: map[int32][]child{}, known: map[visit]int32{}, met: map[spotKey]int32{},
		out: &Attribution{Spots: map[plumbing.Hash][]history.Spot{}, rank: map[plumbing.Hash]int{}},
	}
	for _, h := range blobs {
		if n, ok := r.index[h]; ok {
			a.holds[n] = true
		}
	}
	a.spread()
	a.order, a.out.from = r.topological(), a
	a.roots = make([]int32, len(a.order))
	for rank, n := range a.order {
		a.roots[rank] = trace.None
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a.out.rank[n.name] = rank
		if tree, ok := r.index[n.tree]; ok && a.holds[tree] {
			a.commit, a.rank = n.name, rank
			var err error
			if a.roots[rank], err = a.descend(tree, ""); err != nil {
				return nil, err
			}
		}
	}
	for _, list := range a.out.Spots {
		slices.SortFunc(list, func(a, b history.Spot) int { return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Path, b.Path)) })
	}
	return a.out, nil
}

// attributor is the state of one Attribute.
type attributor struct {
	r        *Range
	holds    map[int32]bool // the blobs asked for, and all trees above them
	children map[int32][]child
	known    map[visit]int32   // its node
	met      map[spotKey]int32 // its place in spots
	spots    []history.Spot
	nodes    [][]int32     // what each visit found; see trace.Split
	order    []*node       // commits, ancestors first
	roots    []int32       // per commit: the node of its tree, trace.None if that holds nothing asked for
	commit   plumbing.Hash // the one at hand
	rank     int
	out      *Attribution
}

// child is an entry of a tree that holds something asked for.
type child struct {
	number int32
	name   string
}

// visit is a tree at a path. What stands below it was seen when it was first met.
type visit struct {
	tree int32
	path string
}

type spotKey struct {
	blob int32
	path string
}

// spread marks every tree that holds a marked object, however deep.
func (a *attributor) spread() {
	parents := map[int32][]int32{}
	for tree, kids := range a.r.kids {
		for _, k := range kids {
			parents[k] = append(parents[k], tree)
		}
	}
	var todo []int32
	for n := range a.holds {
		todo = append(todo, n)
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, p := range parents[n] {
			if !a.holds[p] {
				a.holds[p] = true
				todo = append(todo, p)
			}
		}
	}
}

// descend notes every marked blob below tree that was not met before at its path,
// and returns the node of the visit; none if there was no room for it.
func (a *attributor) descend(tree int32, path string) (int32, error) {
	v := visit{tree, path}
	if n, ok := a.known[v]; ok {
		return n, nil
	}
	if len(a.known) >= a.r.visits || len(a.met) >= maxSpots || len(path) > maxPath {
		a.out.Cut = true
		return trace.None, nil
	}
	a.known[v] = trace.None // counted before what is below it
	list, err := a.marked(tree)
	if err != nil {
		return trace.None, err
	}
	var here []int32
	for _, c := range list {
		full := c.name
		if path != "" {
			full = path + "/" + c.name
		}
		if a.r.Objects[c.number].Type == plumbing.TreeObject {
			n, err := a.descend(c.number, full)
			if err != nil {
				return trace.None, err
			}
			if n != trace.None {
				here = append(here, trace.NodeFind(n))
			}
			continue
		}
		k := spotKey{c.number, full}
		i, ok := a.met[k]
		if !ok {
			i = int32(len(a.spots))
			a.met[k] = i
			blob := a.r.Objects[c.number].Name
			a.spots = append(a.spots, history.Spot{Path: full, Blob: blob, First: a.commit, Rank: a.rank})
			a.out.Spots[blob] = append(a.out.Spots[blob], a.spots[i])
		}
		here = append(here, trace.SpotFind(i))
	}
	n := int32(len(a.nodes))
	a.nodes = append(a.nodes, here)
	a.known[v] = n
	return n, nil
}

// marked lists the marked entries of a tree.
func (a *attributor) marked(tree int32) ([]child, error) {
	if list, ok := a.children[tree]; ok {
		return list, nil
	}
	_, data, err := read(a.r.reader, a.r.Objects[tree].Name, plumbing.TreeObject)
	if err != nil {
		return nil, err
	}
	var list []child
	err = history.EachEntry(data, func(name []byte, typ plumbing.ObjectType, h plumbing.Hash) {
		if n, ok := a.r.index[h]; ok && typ != 0 && a.holds[n] {
			list = append(list, child{n, string(name)})
		}
	})
	a.children[tree] = list
	return list, err
}

// topological orders the commits of the range so that parents come before
// children; among those that may come next the oldest by its clock does, then
// the one with the lower name. It is the order of a history.
func (r *Range) topological() []*node {
	within := map[*node]bool{}
	for _, n := range r.commits {
		within[n] = true
	}
	waits := map[*node]int{}
	children := map[*node][]*node{}
	ready := &oldest{}
	for _, n := range r.commits {
		for _, p := range n.parents {
			if within[p] {
				waits[n]++
				children[p] = append(children[p], n)
			}
		}
		if waits[n] == 0 {
			heap.Push(ready, n)
		}
	}
	order := make([]*node, 0, len(r.commits))
	for ready.Len() > 0 {
		n := heap.Pop(ready).(*node)
		order = append(order, n)
		for _, c := range children[n] {
			if waits[c]--; waits[c] == 0 {
				heap.Push(ready, c)
			}
		}
	}
	return order
}

// oldest is a heap of commits, oldest first.
type oldest []*node

func (q oldest) Len() int      { return len(q) }
func (q oldest) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q oldest) Less(i, j int) bool {
	if q[i].when != q[j].when {
		return q[i].when < q[j].when
	}
	return bytes.Compare(q[i].name[:], q[j].name[:]) < 0
}
func (q *oldest) Push(x any) { *q = append(*q, x.(*node)) }
func (q *oldest) Pop() any {
	last := len(*q) - 1
	n := (*q)[last]
	*q = (*q)[:last]
	return n
}
