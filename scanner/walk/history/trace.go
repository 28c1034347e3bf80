package history

import (
	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/trace"
)

// Trace follows subjects through all commits at once.
func (a *Attribution) Trace(s trace.Subjects) []trace.Result {
	from := a.from
	t := &tracer{attributor: from, s: s}
	g := &trace.Graph{
		Order: from.order, Reached: from.reached, Parents: t.parents(), Roots: from.roots, Head: from.position(s.Head),
		Nodes: len(from.nodes), Finds: from.finding, Like: func(n int32) int32 { return from.nodes[n].before }, Said: map[int32][]int{},
		Name: func(i int32) plumbing.Hash { return from.r.opt.Store.Name(int(from.r.commits[i].number)) }, Below: t.below,
	}
	for i := range from.spots {
		g.Spots = append(g.Spots, s.Of(from.spots[i].Blob, from.spots[i].Path))
	}
	for h, list := range s.Messages {
		if i := from.position(h); i != none {
			g.Said[i] = list
		}
	}
	return trace.Follow(g, s, from.r.opt.Memory/4)
}

// Root reports whether a commit has no parent in this repository.
func (a *Attribution) Root(commit plumbing.Hash) bool {
	i := a.from.position(commit)
	return i != none && len(a.from.r.commits[i].parents) == 0
}

// tracer makes the graph of one Trace.
type tracer struct {
	*attributor
	s trace.Subjects
}

// parents lists, for each commit, where its parents stand.
func (t *tracer) parents() [][]int32 {
	at := make([]int32, len(t.r.types))
	for i := range t.r.commits {
		at[t.r.commits[i].number] = int32(i) + 1
	}
	parents := make([][]int32, len(t.r.commits))
	var all []int32
	for i := range t.r.commits {
		start := len(all)
		for _, n := range t.r.commits[i].parents {
			if int(n) < len(at) && at[n] > 0 {
				all = append(all, at[n]-1)
			}
		}
		parents[i] = all[start:len(all):len(all)]
	}
	return parents
}

// maxTagChain bounds how many tags of tags are followed.
const maxTagChain = 100

// below is trace.Graph.Below.
func (t *tracer) below(h plumbing.Hash) (commits []int32, subjects []int) {
	for range maxTagChain {
		if i := t.position(h); i != none {
			return []int32{i}, subjects
		}
		n, ok := t.r.opt.Store.Number(h)
		if !ok {
			return nil, subjects
		}
		switch t.r.Type(n) {
		case plumbing.CommitObject: // that was not read
			return nil, subjects
		case plumbing.TagObject:
			subjects = append(subjects, t.s.Messages[h]...)
			typ, data, err := t.r.opt.Store.Get(h)
			if err != nil {
				return nil, subjects
			}
			EachLink(typ, data, func(to plumbing.Hash, _ plumbing.ObjectType) { h = to })
			continue
		}
		return nil, append(subjects, t.lone(int32(n))...)
	}
	return nil, subjects
}

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
		for _, it := range t.up.leading(n, nil) {
			todo = append(todo, it.kid)
		}
	}
	return subjects
}
