package trace

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// TestLike: that nodes are told to be like others changes no answer.
func TestLike(t *testing.T) {
	amended, gathered := 0, 0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		g, s := randomGraph(rng)
		like := g.Like
		g.Like = nil
		want := Follow(g, s, 0)
		g.Like = func(n int32) int32 {
			if like(n) == None {
				gathered++
			} else {
				amended++
			}
			return like(n)
		}
		for _, memory := range []int64{0, 1} { // all at once, and 64 subjects a round
			if got := Follow(g, s, memory); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, memory %d: %v, want %v", seed, memory, got, want)
			}
		}
	}
	if amended < 1000 || gathered < 1000 {
		t.Errorf("%d nodes are like another and %d are not: too few to tell", amended, gathered)
	}
}

// randomGraph makes versions of a few trees, one below the other, in commits in a row
// with a branch now and then.
func randomGraph(rng *rand.Rand) (*Graph, Subjects) {
	subjects := 1 + rng.IntN(150)
	g := &Graph{Said: map[int32][]int{}, Name: func(i int32) plumbing.Hash { return likeName(int(i)) }}
	for range 1 + rng.IntN(40) {
		var list []int
		for range rng.IntN(4) {
			list = append(list, rng.IntN(subjects))
		}
		g.Spots = append(g.Spots, list)
	}
	var finds [][]int32
	var like []int32
	last := [3]int32{None, None, None} // the newest version of each tree
	version := func(level int) {
		var list []int32
		if last[level] != None {
			list = append(list, finds[last[level]]...)
		}
		for range 1 + rng.IntN(3) { // entries come, go and change
			f := None
			switch n := rng.IntN(4); {
			case n > 0:
				f = SpotFind(int32(rng.IntN(len(g.Spots))))
			case level > 0 && last[level-1] != None:
				f = NodeFind(last[level-1])
			}
			switch at := rng.IntN(len(list) + 1); rng.IntN(3) {
			case 0:
				list = append(list[:at:at], append([]int32{f}, list[at:]...)...)
			case 1:
				list = list[:at]
			default:
				if at < len(list) {
					list[at] = f
				}
			}
		}
		like = append(like, last[level])
		last[level] = int32(len(finds))
		finds = append(finds, list)
	}
	for i := range int32(1 + rng.IntN(30)) {
		for level := range last {
			if rng.IntN(2) == 0 {
				version(level)
			}
		}
		var parents []int32
		for p := i - 1; p >= 0 && len(parents) < 2; p -= int32(1 + rng.IntN(3)) {
			parents = append(parents, p)
		}
		g.Order, g.Parents, g.Roots = append(g.Order, i), append(g.Parents, parents), append(g.Roots, last[2])
	}
	g.Reached, g.Head, g.Nodes = len(g.Order), g.Order[len(g.Order)-1], len(finds)
	g.Finds = func(n int32) []int32 { return finds[n] }
	g.Like = func(n int32) int32 { return like[n] }
	g.Below = func(h plumbing.Hash) ([]int32, []int) {
		for i := range g.Order {
			if likeName(i) == h {
				return []int32{int32(i)}, nil
			}
		}
		return nil, nil
	}
	return g, Subjects{
		Count: func() int { return subjects }, Head: likeName(int(g.Head)),
		Tips: [][]plumbing.Hash{{likeName(int(g.Head))}, {likeName(rng.IntN(len(g.Order)))}},
	}
}

func likeName(i int) plumbing.Hash { return plumbing.NewHash(fmt.Sprintf("%040x", i+1)) }
