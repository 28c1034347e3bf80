package revision

import (
	"context"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/trace"
)

// Trace follows subjects through the commits of the range alone, as a history's
// does through all. What refs outside of the range reach of it is found by going
// down from them; cut says that this was given up, so that more may reach it. A
// subject that only what is excluded holds is not known here.
func (a *Attribution) Trace(ctx context.Context, s trace.Subjects) (out []trace.Result, cut bool) {
	t := &tracer{attributor: a.from, s: s, at: map[*node]int32{}}
	for i, n := range t.order {
		t.at[n] = int32(i)
	}
	g := &trace.Graph{
		Reached: len(t.order), Roots: t.roots, Head: trace.None,
		Nodes: len(t.nodes), Finds: func(n int32) []int32 { return t.nodes[n] }, Said: map[int32][]int{},
		Name: func(i int32) plumbing.Hash { return t.order[i].name }, Below: t.below,
	}
	for i, n := range t.order {
		g.Order = append(g.Order, int32(i))
		var parents []int32
		for _, p := range n.parents {
			if j, ok := t.at[p]; ok {
				parents = append(parents, j)
			}
		}
		g.Parents = append(g.Parents, parents)
	}
	for _, spot := range t.spots {
		g.Spots = append(g.Spots, s.Of(spot.Blob, spot.Path))
	}
	for h, list := range s.Messages {
		if i, ok := t.at[t.r.graph.nodes[h]]; ok {
			g.Said[i] = list
		}
	}
	if i, ok := t.at[t.r.graph.nodes[s.Head]]; ok {
		g.Head = i
	}
	t.enter(ctx)
	return trace.Follow(g, s, 0), t.cut
}

// tracer makes the graph of one Trace.
type tracer struct {
	*attributor
	s       trace.Subjects
	at      map[*node]int32                   // place in the order of commits
	entries map[plumbing.Hash][]int32         // by tip: the commits of the range at which a way down from it enters
	tags    map[plumbing.Hash][]plumbing.Hash // by tip: tags on the way to what it is of
	lone    map[plumbing.Hash][]plumbing.Hash // by tip that leads to no commit: blobs that it leads to
	cut     bool
}

// below is trace.Graph.Below.
func (t *tracer) below(tip plumbing.Hash) (commits []int32, subjects []int) {
	for _, tag := range t.tags[tip] {
		subjects = append(subjects, t.s.Messages[tag]...)
	}
	for _, blob := range t.lone[tip] {
		subjects = append(subjects, t.s.Of(blob, "")...)
	}
	return t.entries[tip], subjects
}

// mostOutside is how many commits outside of the range are looked at for what
// reaches it, beside as many as the range has.
const mostOutside = 20_000

// clockSlop is how much older, in seconds, than all of the range a commit has to
// be so that none of it is looked for behind it; as in "git name-rev".
const clockSlop = 86_400

// enter finds for every tip where ways down from it come into the range.
func (t *tracer) enter(ctx context.Context) {
	t.entries, t.lone, t.tags = map[plumbing.Hash][]int32{}, map[plumbing.Hash][]plumbing.Hash{}, map[plumbing.Hash][]plumbing.Hash{}
	w := &outside{tracer: t, left: mostOutside + len(t.order), reach: map[*node][]int32{}}
	if len(t.order) > 0 {
		w.oldest = t.order[0].when
	}
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
			i, inside := t.at[n]
			switch {
			case n == nil:
				t.lone[h] = t.blobs(lone)
			case inside:
				t.entries[h] = []int32{i}
			case len(t.order) > 0: // a range may hold nothing but tags
				t.entries[h] = w.visit(ctx, n)
			}
		}
	}
}

// outside goes through commits that are not of the range.
type outside struct {
	*tracer
	oldest int64             // clock of the range
	left   int               // commits that may still be looked at
	reach  map[*node][]int32 // for commits that were looked at: where they come into the range
}

// descent is a commit on the way down, and which of its parents is the next.
type descent struct {
	n    *node
	next int
}

// visit finds where ways down from tip come into the range.
func (w *outside) visit(ctx context.Context, tip *node) []int32 {
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
		var all []int32
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

// known reports whether a commit was looked at, or cannot reach the range.
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

// Root reports whether a commit of the range has no parent.
func (a *Attribution) Root(commit plumbing.Hash) bool {
	n := a.from.r.graph.nodes[commit]
	return n != nil && n.parsed && len(n.parents) == 0
}
