package revision

import (
	"cmp"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// common lists the best common ancestors of two commits, as "git merge-base
// --all" does. It reads the very commits that git reads, since those decide with
// wrong clocks how far an exclusion goes.
func (p *Parser) common(a, b plumbing.Hash) ([]plumbing.Hash, error) {
	a, err := p.peelTo(a, "commit")
	if err != nil {
		return nil, err
	}
	if b, err = p.peelTo(b, "commit"); err != nil {
		return nil, err
	}
	if a == b {
		return []plumbing.Hash{a}, nil
	}
	g := newGraph(p.Objects.NewReader(0), p.Repo.Shallow)
	best := g.independent(g.paint(g.node(a), []*node{g.node(b)}))
	var names []plumbing.Hash
	for _, n := range best {
		names = append(names, n.name)
	}
	for h, n := range g.nodes {
		if n.parsed {
			p.met(h)
		}
	}
	return names, nil
}

// met notes that a commit was read on the way to what a revision means.
func (p *Parser) met(commit plumbing.Hash) {
	if p.read == nil {
		p.read = map[plumbing.Hash]bool{}
	}
	p.read[commit] = true
}

// paint goes down from both sides until all that is left is known to be common,
// and lists the common commits met first on each way, youngest first. It is
// git's paint_down_to_common, with its early end where clocks go wrong.
func (g *graph) paint(one *node, others []*node) []*node {
	for _, n := range g.nodes {
		n.flags &^= left | right | stale
	}
	var queue dates
	enter := func(n *node, side flags) {
		g.parse(n)
		n.flags |= side
		queue.push(n)
	}
	enter(one, left)
	for _, n := range others {
		enter(n, right)
	}
	var found []*node
	for queue.live() {
		n := queue.pop()
		side := n.flags & (left | right | stale)
		if side == left|right {
			if !slices.Contains(found, n) {
				found = append(found, n)
			}
			side |= stale
		}
		for _, q := range n.parents {
			if q.flags&side != side {
				enter(q, side)
			}
		}
	}
	best := slices.DeleteFunc(found, func(n *node) bool { return n.flags&stale != 0 })
	slices.SortStableFunc(best, func(a, b *node) int { return cmp.Compare(b.when, a.when) })
	return best
}

// independent leaves out those of list that others of it reach, as far as
// painting tells. It is git's remove_redundant.
func (g *graph) independent(list []*node) []*node {
	if len(list) < 2 {
		return list
	}
	lost := map[*node]bool{}
	for _, n := range list {
		if lost[n] {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(list), func(o *node) bool { return o == n || lost[o] })
		if len(others) == 0 {
			break
		}
		g.paint(n, others)
		if n.flags&right != 0 {
			lost[n] = true
		}
		for _, o := range others {
			if o.flags&left != 0 {
				lost[o] = true
			}
		}
	}
	return slices.DeleteFunc(list, func(n *node) bool { return lost[n] })
}
