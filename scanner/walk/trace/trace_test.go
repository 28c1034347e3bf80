package trace

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// TestFollow has histories that are small enough to say what is right. A commit is
// "name<parents:what its tree holds!what its message holds", and secrets are letters.
// What is wanted is "secret: first introduced… last removed", with - for none.
func TestFollow(t *testing.T) {
	for _, c := range []struct {
		name, commits, head, tips string
		want                      []string
	}{
		{"one line", "1<:A 2<1:AB 3<2:B", "3", "3", []string{"A: 1 1 2 3", "B: 2 2 3 - in HEAD"}},
		{"removal and return", "1<:A 2<1: 3<2:A 4<3:", "4", "4", []string{"A: 1 1,3 3 4"}},
		{"returned and still there", "1<:A 2<1: 3<2:A", "3", "3", []string{"A: 1 1,3 3 - in HEAD"}},
		{"several roots", "1<:A 2<:A 3<1,2:A 4<3:", "4", "4", []string{"A: 1 1,2 3 4"}},
		{"a merge that takes a removal over", "1<:A 2<1: 3<1:A 4<2,3:", "4", "4", []string{"A: 1 1 3 2"}},
		{"a merge that does away with it", "1<:A 2<1:A 3<1:A 4<2,3:", "4", "4", []string{"A: 1 1 3 4"}},
		{"a merge of a side that never had it", "1<: 2<1:A 3<1: 4<3,2:", "4", "4", []string{"A: 2 2 2 4"}},
		{"a merge brings in what neither side had", "1<: 2<1: 3<1: 4<2,3:A", "4", "4", []string{"A: 4 4 4 - in HEAD"}},
		{"criss-cross, kept and removed", "1<:A 2<1:A 3<1: 4<2,3:A 5<3,2: 6<4,5:", "6", "6", []string{"A: 1 1 4 3"}},
		{"three parents", "1<: 2<1:A 3<1:B 4<1:C 5<2,3,4:ABC 6<5:B", "6", "6",
			[]string{"A: 2 2 5 6", "B: 3 3 6 - in HEAD", "C: 4 4 5 6"}},
		{"on another branch", "1<: 2<1: 3<1:A 4<3:", "2", "2 4", []string{"A: 3 3 3 -"}},
		{"before HEAD rather than later elsewhere", "1<:A 2<1: 3<1:A", "2", "2 3", []string{"A: 1 1 1 2"}},
		{"a message", "1<: 2<1:!A 3<2:A 4<3:", "4", "4", []string{"A: 2 2,3 3 4"}},
		{"what no tip reaches", "1<: 2<1: 3<1:AB 4<3:B", "2", "2", []string{"A: 3 3 3 -", "B: 3 3 4 -"}},
		{"what a tip reaches elsewhere too", "1<:A 2<1: 3<1: 4<3:A", "2", "2", []string{"A: 1 1 1 2"}},
		{"no HEAD", "1<:A 2<1:", "", "2", []string{"A: 1 1 1 -"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse(c.commits)
			for _, tip := range strings.Fields(c.tips) {
				m.tips = append(m.tips, target{commits: []int32{int32(tip[0] - '1')}})
			}
			m.groups = [][]int{nil}
			for i := range m.tips {
				m.groups[0] = append(m.groups[0], i)
			}
			m.head = None
			if c.head != "" {
				m.head = int32(c.head[0] - '1')
			}
			g, s := m.graph(rand.New(rand.NewPCG(1, 1)), m.order(nil))
			got := Follow(g, s, 0)
			if want := m.slow(g.Order, g.Reached); !reflect.DeepEqual(got, want) {
				t.Errorf("the slow twin says otherwise: %+v, not %+v", want, got)
			}
			for i, r := range got {
				if said := say(i, r); i >= len(c.want) || said != c.want[i] {
					t.Errorf("got %q, want %q", said, c.want[min(i, len(c.want)-1)])
				}
			}
		})
	}
}

func parse(text string) *model {
	m := &model{}
	for _, commit := range strings.Fields(text) {
		_, rest, _ := strings.Cut(commit, "<")
		parents, rest, _ := strings.Cut(rest, ":")
		tree, message, _ := strings.Cut(rest, "!")
		var of []int32
		for _, p := range strings.FieldsFunc(parents, func(r rune) bool { return r == ',' }) {
			of = append(of, int32(p[0]-'1'))
		}
		m.parents = append(m.parents, of)
		for _, to := range []struct {
			list *[][]int
			from string
		}{{&m.trees, tree}, {&m.said, message}} {
			var set []int
			for _, r := range to.from {
				set = append(set, int(r-'A'))
				m.count = max(m.count, int(r-'A')+1)
			}
			*to.list = append(*to.list, set)
		}
	}
	return m
}

func say(subject int, r Result) string {
	name := func(hs ...plumbing.Hash) string {
		var all []string
		for _, h := range hs {
			if h.IsZero() {
				return "-"
			}
			all = append(all, fmt.Sprint(number(h)+1))
		}
		return strings.Join(all, ",")
	}
	said := fmt.Sprintf("%c: %s %s %s %s", 'A'+subject, name(r.First), name(r.Introduced...), name(r.Last), name(r.Removed))
	if r.InHead {
		said += " in HEAD"
	}
	return said
}

// TestFollowIsPlain: what is followed by sets of bits, in any number of rounds, is what
// is told of each secret by itself, by going through its commits one by one.
func TestFollowIsPlain(t *testing.T) {
	seeds := 600
	if testing.Short() {
		seeds = 150
	}
	var removed, returned, unreached, rounds int
	for seed := range seeds {
		rnd := rand.New(rand.NewPCG(uint64(seed), 7))
		m := random(rnd)
		g, s := m.graph(rnd, m.order(rnd))
		want := m.slow(g.Order, g.Reached)
		for _, memory := range []int64{0, 1, int64(2 * 8 * (g.Nodes + 2*len(g.Parents) + 1))} {
			got := Follow(g, s, memory)
			for i := range max(len(got), len(want)) {
				if i >= min(len(got), len(want)) || !reflect.DeepEqual(got[i], want[i]) {
					t.Fatalf("seed %d, memory %d, secret %d of %d:\n got %+v\nwant %+v\n%+v", seed, memory, i, len(want), got[i], want[i], m)
				}
			}
		}
		if m.count > 128 {
			rounds++
		}
		for _, r := range want {
			if !r.Removed.IsZero() {
				removed++
			}
			if len(r.Introduced) > 1 {
				returned++
			}
			if !r.First.IsZero() && len(r.Reach[0].Tips)+len(r.Reach[1].Tips) == 0 {
				unreached++
			}
		}
	}
	if removed < seeds || returned < seeds || unreached < seeds || rounds < seeds/20 {
		t.Errorf("too few cases: %d removed, %d brought in twice, %d unreached, %d histories of three rounds", removed, returned, unreached, rounds)
	}
}

// TestFollowLists: no more than 100 commits and tips are listed, and more are told.
func TestFollowLists(t *testing.T) {
	for _, n := range []int{99, 100, 101, 230} {
		m := &model{count: 1, groups: [][]int{nil, nil}, head: None}
		for i := range n {
			m.parents, m.trees, m.said = append(m.parents, nil), append(m.trees, []int{0}), append(m.said, nil)
			m.tips = append(m.tips, target{commits: []int32{int32(i)}})
			m.groups[0] = append(m.groups[0], i)
		}
		m.groups[1] = []int{n / 2}
		g, s := m.graph(rand.New(rand.NewPCG(1, 1)), m.order(nil))
		got := Follow(g, s, 0)
		if want := m.slow(g.Order, g.Reached); !reflect.DeepEqual(got, want) {
			t.Errorf("%d: %+v, not %+v", n, got, want)
		}
		r := got[0]
		if listed := min(n, 100); len(r.Introduced) != listed || len(r.Reach[0].Tips) != listed || r.Reach[0].More != (n > 100) || r.Reach[1].More {
			t.Errorf("of %d commits and tips: %d commits, %+v", n, len(r.Introduced), r.Reach)
		}
	}
}

// model is a history as plainly as it can be said.
type model struct {
	parents [][]int32
	trees   [][]int // per commit: the secrets in its tree, in order
	said    [][]int // per commit: those in its message
	count   int
	tips    []target
	groups  [][]int // of positions in tips
	logs    []int
	head    int32
}

// target is what a tip or a line of a reflog leads to.
type target struct {
	commits  []int32
	subjects []int
}

// random makes a history in which each commit changes little of what one of its parents
// holds, so that secrets go and come back, on branches that cross.
func random(rnd *rand.Rand) *model {
	m := &model{count: 1 + rnd.IntN(8), head: None, groups: [][]int{nil, nil}}
	if rnd.IntN(10) == 0 {
		m.count = 129 + rnd.IntN(80)
	}
	n := 1 + rnd.IntN(16)
	some := func(one int) (set []int) {
		for s := range m.count {
			if rnd.IntN(one) == 0 {
				set = append(set, s)
			}
		}
		return set
	}
	for i := range n {
		var parents []int32
		for range min(i, []int{0, 1, 1, 1, 1, 2, 2, 2, 3}[rnd.IntN(9)]) {
			// Mostly young ones, so that lines cross.
			if p := int32(i - 1 - rnd.IntN(min(i, 4))); !slices.Contains(parents, p) {
				parents = append(parents, p)
			}
		}
		var tree []int
		switch {
		case len(parents) == 0:
			tree = some(3)
		case len(parents) > 1 && rnd.IntN(2) == 0: // all that any of them holds
			for _, p := range parents {
				tree = append(tree, m.trees[p]...)
			}
		default:
			tree = slices.Clone(m.trees[parents[rnd.IntN(len(parents))]])
		}
		for _, s := range some(6) {
			if slices.Contains(tree, s) {
				tree = slices.DeleteFunc(tree, func(have int) bool { return have == s })
			} else {
				tree = append(tree, s)
			}
		}
		slices.Sort(tree)
		m.parents, m.trees = append(m.parents, parents), append(m.trees, slices.Compact(tree))
		var said []int
		if rnd.IntN(6) == 0 {
			said = some(4)
		}
		m.said = append(m.said, said)
	}
	for i := range rnd.IntN(6) {
		tip := target{commits: []int32{int32(rnd.IntN(n))}}
		switch rnd.IntN(6) {
		case 0: // an annotated tag
			tip.subjects = some(4)
		case 1: // one of a blob
			tip = target{subjects: some(4)}
		case 2:
			tip.commits = append(tip.commits, int32(rnd.IntN(n)))
		}
		m.tips = append(m.tips, tip)
		if group := rnd.IntN(3); group < 2 {
			m.groups[group] = append(m.groups[group], i)
		} else {
			m.logs = append(m.logs, i)
		}
	}
	for _, group := range m.groups { // HEAD is among the tips
		for _, i := range group {
			if c := m.tips[i].commits; len(c) > 0 {
				m.head = c[0]
			}
		}
	}
	return m
}

// reached tells of each commit whether a tip reaches it.
func (m *model) reached() []bool {
	in := make([]bool, len(m.parents))
	for _, group := range m.groups {
		for _, i := range group {
			for _, c := range m.tips[i].commits {
				for a := range m.ancestors(c) {
					in[a] = true
				}
			}
		}
	}
	return in
}

// ancestors are a commit and all before it.
func (m *model) ancestors(c int32) map[int32]bool {
	seen := map[int32]bool{}
	for todo := []int32{c}; len(todo) > 0; {
		next := todo[0]
		if todo = todo[1:]; !seen[next] {
			seen[next] = true
			todo = append(todo, m.parents[next]...)
		}
	}
	return seen
}

// order lists all commits, parents first, and before all others those that a tip reaches.
func (m *model) order(rnd *rand.Rand) []int32 {
	reached := m.reached()
	var order []int32
	for _, want := range []bool{true, false} {
		for {
			var ready []int32
			for i := range int32(len(m.parents)) {
				if reached[i] == want && !slices.Contains(order, i) &&
					!slices.ContainsFunc(m.parents[i], func(p int32) bool { return !slices.Contains(order, p) }) {
					ready = append(ready, i)
				}
			}
			if len(ready) == 0 {
				break
			}
			next := 0
			if rnd != nil {
				next = rnd.IntN(len(ready))
			}
			order = append(order, ready[next])
		}
	}
	return order
}

// graph is the history as Follow takes it: trees as nodes with nodes below them, of
// which commits share some.
func (m *model) graph(rnd *rand.Rand, order []int32) (*Graph, Subjects) {
	g := &Graph{Order: order, Parents: m.parents, Head: m.head, Said: map[int32][]int{}, Name: name}
	for i, in := range m.reached() {
		if in {
			g.Reached++
		}
		if len(m.said[i]) > 0 {
			g.Said[int32(i)] = m.said[i]
		}
	}
	var nodes [][]int32
	known := map[string]int32{}
	var build func(set []int) int32
	build = func(set []int) int32 {
		if len(set) == 0 {
			return None
		}
		key := fmt.Sprint(set)
		if n, ok := known[key]; ok && rnd.IntN(4) > 0 {
			return n
		}
		var finds []int32
		if len(set) > 1 && rnd.IntN(2) == 0 {
			cut := rnd.IntN(len(set))
			for _, part := range [][]int{set[:cut], set[cut:]} {
				if n := build(part); n != None {
					finds = append(finds, NodeFind(n))
				}
			}
		} else {
			cut := rnd.IntN(len(set) + 1)
			for _, part := range [][]int{set[:cut], set[cut:]} {
				finds = append(finds, None, SpotFind(int32(len(g.Spots))))
				g.Spots = append(g.Spots, part)
			}
		}
		nodes = append(nodes, finds)
		known[key] = int32(len(nodes) - 1)
		return known[key]
	}
	for _, tree := range m.trees {
		g.Roots = append(g.Roots, build(tree))
	}
	g.Nodes, g.Finds = len(nodes), func(n int32) []int32 { return nodes[n] }
	g.Below = func(tip plumbing.Hash) ([]int32, []int) {
		to := m.tips[number(tip)]
		return to.commits, to.subjects
	}
	s := Subjects{Count: func() int { return m.count }}
	for _, group := range m.groups {
		var tips []plumbing.Hash
		for _, i := range group {
			tips = append(tips, name(int32(i)))
		}
		s.Tips = append(s.Tips, tips)
	}
	for _, i := range m.logs {
		s.Logs = append(s.Logs, name(int32(i)))
	}
	return g, s
}

func name(position int32) (h plumbing.Hash) {
	binary.BigEndian.PutUint32(h[:], uint32(position)+1)
	return h
}

func number(h plumbing.Hash) int { return int(binary.BigEndian.Uint32(h[:])) - 1 }
