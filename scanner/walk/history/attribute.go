package history

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/trace"
)

// Spot is a path at which some commit's tree has a blob.
type Spot struct {
	Path   string
	Blob   plumbing.Hash
	First  plumbing.Hash // the commit that first has the blob there: none of its ancestors does
	InHead bool          // the blob is there in the tree of HEAD; not known in a range
	Rank   int           // of First; see Attribution.Rank
}

// Attribution says where blobs are.
type Attribution struct {
	Spots map[plumbing.Hash][]Spot // per blob, by the order of their first commits, then by path
	Lost  map[plumbing.Hash][]Spot // the same for paths that they have only in commits that no tip reaches
	Cut   bool                     // some spots were left out: there are too many, or their paths are too long
	ranks []int32                  // per position of a commit: its place in the order, none if no tip reaches it
	from  *attributor              // for Trace
}

// Rank is the place of a commit in one order of the whole history, ancestors
// first. What is no reachable commit comes last.
func (a *Attribution) Rank(commit plumbing.Hash) int {
	if i := a.from.position(commit); i != none && a.ranks[i] != none {
		return int(a.ranks[i])
	}
	return math.MaxInt
}

// Attribute finds the paths and first commits of blobs. head is the commit of
// HEAD, or zero. It reads nothing: the walk kept all that it needs.
func (r *Result) Attribute(ctx context.Context, blobs []plumbing.Hash, head plumbing.Hash) (*Attribution, error) {
	a := &attributor{
		r: r, names: r.names(),
		out:   &Attribution{Spots: map[plumbing.Hash][]Spot{}, Lost: map[plumbing.Hash][]Spot{}},
		paths: []path{{last: none}}, pathOf: map[pathKey]int32{}, known: map[visit]int32{}, index: map[spotKey]int32{},
	}
	lost := false // something asked for is reached by no tip
	var marked []int32
	for _, h := range blobs {
		if n, ok := r.opt.Store.Number(h); ok {
			marked = append(marked, int32(n))
			lost = lost || !r.Reachable(n)
		}
	}
	u := newUpward(r, marked)
	u.spread()
	a.up, a.out.Cut = u, u.cut
	a.first, a.nodes = make([]met, len(u.chunks)), make([]node, 0, u.trees) // most trees stand at one path
	a.found = make([]int32, 0, u.kept+u.kept/16)
	a.order, a.reached = r.topological()
	a.roots, a.out.ranks = make([]int32, len(r.commits)), make([]int32, len(r.commits))
	for i := range a.roots {
		a.roots[i], a.out.ranks[i] = none, none
	}
	for rank, i := range a.order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c := &r.commits[i]
		a.rank, a.commit = math.MaxInt, r.opt.Store.Name(int(c.number))
		if rank < a.reached {
			a.rank = rank
			a.out.ranks[i] = int32(rank)
		} else if !lost {
			break
		}
		if c.tree != none {
			a.roots[i] = a.descend(c.tree, 0)
		}
	}
	a.markHead(head)
	a.out.from = a
	return a.finish(), nil
}

// attributor is the state of one Attribute.
type attributor struct {
	r      *Result
	names  *dictionary
	up     *upward // what leads to the blobs asked for
	paths  []path
	pathOf map[pathKey]int32
	first  []met           // the first visit of a tree, by its last chunk
	known  map[visit]int32 // the nodes of others
	visits int
	index  map[spotKey]int32 // of a spot in spots
	spots  []Spot
	commit plumbing.Hash // the one at hand
	rank   int           // of the commit; math.MaxInt if no tip reaches it
	out    *Attribution

	order   []int32 // positions of commits, parents first; what tips reach comes before the rest
	reached int     // how many of order a tip reaches
	nodes   []node
	found   []int32 // what nodes found, one after another
	finds   []int32 // what the nodes at hand found so far
	roots   []int32 // per position of a commit: the node of its tree, none if that holds nothing
}

// Trees that hold the same subtree many times over, level by level, have more
// paths than can be listed, and trees can be nested without end. Real histories
// stay far below: terraform's, 44,826 commits, takes 166,011 visits.
const (
	maxVisits = 1 << 20
	maxSpots  = 1 << 17
	maxPath   = 16 << 10
)

// path is a path that was met; the first is that of the root.
type path struct {
	key    pathKey
	length int32  // bytes
	last   int32  // the node that was found last there, or none
	items  []item // the list of its tree
	room   []item // for the next list
}

type pathKey struct {
	above int32 // in paths
	name  int32 // in the dictionary
}

// visit is a tree at a path. What stands below it was seen when it was first met.
type visit struct{ tree, path int32 }

// met is the path, plus one, at which a tree was met first, and its node there.
type met struct{ path, node int32 }

// node is what a visit found: one find (see trace.Split) for each item of the tree's
// list, from found[from] on. A node below has a lower number, and so has the one that
// was found at the same path before.
type node struct{ from, to, before int32 }

type spotKey struct{ blob, path int32 }

// descend notes every marked blob below tree, and returns the node of the tree
// at its path; none if it holds nothing, or if there was no room for it.
func (a *attributor) descend(tree, at int32) int32 {
	if a.up.heads[tree] == none {
		return none
	}
	if first := a.first[a.up.heads[tree]]; first.path == at+1 {
		return first.node
	}
	if n, ok := a.known[visit{tree, at}]; ok {
		return n
	}
	if a.visits >= a.r.visits || len(a.spots) >= maxSpots || a.paths[at].length > maxPath {
		a.out.Cut = true
		return none
	}
	a.visits++ // before those below it
	a.met(tree, at, none)
	before := a.before(at)
	start := len(a.finds)
	list := a.up.leading(tree, a.paths[at].room)
	for _, it := range list {
		if b := &before; len(b.items) > 0 && b.items[0].kid == it.kid && b.items[0].label == it.label {
			a.finds = append(a.finds, b.found[0])
			b.items, b.found = b.items[1:], b.found[1:]
			continue
		}
		find, ok := before.find(it)
		if !ok {
			find = a.look(it, at)
		}
		a.finds = append(a.finds, find)
	}
	n, from := int32(len(a.nodes)), int32(len(a.found))
	a.found = append(a.found, a.finds[start:]...)
	a.finds = a.finds[:start]
	a.nodes = append(a.nodes, node{from, int32(len(a.found)), a.paths[at].last})
	p := &a.paths[at]
	p.last, p.items, p.room = n, list, p.items
	a.met(tree, at, n)
	return n
}

// met notes the node of a tree at a path.
func (a *attributor) met(tree, at, n int32) {
	if first := &a.first[a.up.heads[tree]]; first.path == 0 || first.path == at+1 {
		*first = met{at + 1, n}
	} else {
		a.known[visit{tree, at}] = n
	}
}

// look notes what an entry of the tree at a path leads to.
func (a *attributor) look(it item, at int32) int32 {
	below := a.below(at, a.names.one[it.label>>1])
	if it.label&1 == 0 {
		return trace.SpotFind(a.spot(it.kid, below))
	}
	if n := a.descend(it.kid, below); n != none {
		return trace.NodeFind(n)
	}
	return none
}

// before is what was found at a path when a tree was met there last. Versions
// of a tree differ in an entry or two: what the others lead to need not be
// looked up.
type before struct {
	items []item
	found []int32
	one   []int32 // see dictionary
}

func (a *attributor) before(at int32) before {
	p := &a.paths[at]
	if p.last == none {
		return before{}
	}
	return before{p.items, a.finding(p.last), a.names.one}
}

// find says what was found for an entry like it. Entries are asked for in
// order, and what they skip is skipped, unless that is more than a few.
func (b *before) find(it item) (int32, bool) {
	const few = 8
	for i, old := range b.items[:min(few, len(b.items))] {
		if old.label != it.label && (b.one[old.label>>1] != b.one[it.label>>1] || old.label&1 != it.label&1) {
			continue
		}
		found := b.found[i]
		b.items, b.found = b.items[i+1:], b.found[i+1:]
		return found, old.kid == it.kid
	}
	return none, false
}

// below is the path of an entry called name of the tree at a path.
func (a *attributor) below(above, name int32) int32 {
	k := pathKey{above, name}
	p, ok := a.pathOf[k]
	if !ok {
		p = int32(len(a.paths))
		length := a.paths[above].length + 1 + int32(min(len(a.names.text[name]), maxPath))
		a.paths = append(a.paths, path{key: k, length: length, last: none})
		a.pathOf[k] = p
	}
	return p
}

func (a *attributor) text(p int32) string {
	var parts []string
	for ; p != 0; p = a.paths[p].key.above {
		parts = append(parts, a.names.text[a.paths[p].key.name])
	}
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}

// spot notes that the commit at hand has blob at a path, and returns the spot.
func (a *attributor) spot(blob, at int32) int32 {
	k := spotKey{blob, at}
	if i, ok := a.index[k]; ok {
		return i
	}
	i := int32(len(a.spots))
	a.index[k] = i
	a.spots = append(a.spots, Spot{Path: a.text(at), Blob: a.r.opt.Store.Name(int(blob)), First: a.commit, Rank: a.rank})
	return i
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
		for _, f := range a.finding(at) {
			switch number, isSpot := trace.Split(f); {
			case f == none:
			case isSpot:
				a.spots[number].InHead = true
			default:
				todo = append(todo, number)
			}
		}
	}
}

// finding is what a node found.
func (a *attributor) finding(n int32) []int32 { return a.found[a.nodes[n].from:a.nodes[n].to] }

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
		if s.Rank == math.MaxInt {
			to = a.out.Lost
		}
		to[s.Blob] = append(to[s.Blob], s)
	}
	for _, list := range a.out.Spots {
		slices.SortFunc(list, func(a, b Spot) int { return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Path, b.Path)) })
	}
	return a.out
}
