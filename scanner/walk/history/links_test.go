package history

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// forestry is a random set of trees, each of which may be stored as a change to
// another one that has nothing to do with it, with the plain list of entries of
// each: two words for an entry.
type forestry struct {
	r    *Result
	full [][]int32
}

// plant makes n objects, of which a tree holds only such as have lower numbers.
func plant(rng *rand.Rand, n int) *forestry {
	l := newLinks(n, 0)
	f := &forestry{&Result{links: l, types: make([]uint8, n)}, make([][]int32, n)}
	pens := make([]pen, 3)
	var made []int32
	for _, i := range rng.Perm(n) {
		if rng.IntN(3) == 0 {
			f.r.types[i] = uint8(plumbing.BlobObject)
			continue
		}
		f.r.types[i] = uint8(plumbing.TreeObject)
		base := none
		if len(made) > 0 && rng.IntN(4) > 0 {
			base = made[max(0, len(made)-1-rng.IntN(4))]
		}
		var pieces []int32
		for range rng.IntN(5) {
			if base != none && rng.IntN(3) > 0 && len(f.full[base]) > 0 {
				size := len(f.full[base]) / 2
				from := rng.IntN(size)
				// What was copied has to be of a lower number too.
				m := 0
				for m < size-from && f.full[base][2*(from+m)] < int32(i) && rng.IntN(6) > 0 {
					m++
				}
				if m > 0 {
					pieces = append(pieces, int32(from), int32(m))
				}
				continue
			}
			m := 1 + rng.IntN(3)
			pieces = append(pieces, int32(-m))
			for range m {
				kid := none
				if i > 0 && rng.IntN(8) > 0 {
					kid = int32(rng.IntN(i))
				}
				pieces = append(pieces, kid, label(int32(1+rng.IntN(9)), false))
			}
		}
		var all []int32
		if base != none {
			all = f.full[base]
		}
		f.full[i] = expand(pieces, all)
		l.put(&pens[rng.IntN(3)], i, []int32{base, int32(len(f.full[i]) / 2), int32(len(pieces))}, pieces)
		made = append(made, int32(i))
	}
	return f
}

// TestSearchTwin holds the search along what trees keep against one along the
// lists of all their entries.
func TestSearchTwin(t *testing.T) {
	total := 0
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		f := plant(rng, 1+rng.IntN(60))
		n := len(f.full)
		s := newSearch(f.r.links, f.r.types, n)
		want := newBitset(n)
		var todo []int32
		for range 1 + rng.IntN(3) {
			tip := int32(rng.IntN(n))
			s.mark(tip)
			todo = append(todo, tip)
		}
		s.run()
		for len(todo) > 0 {
			m := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if m == none || want.has(int(m)) {
				continue
			}
			want.set(int(m))
			for i := 0; i < len(f.full[m]); i += 2 {
				todo = append(todo, f.full[m][i])
			}
		}
		if !slices.Equal(s.found, want) {
			t.Fatalf("seed %d: found %b, want %b", seed, s.found, want)
		}
		total += len(s.asked)
	}
	if total < 1000 {
		t.Errorf("only %d trees that are not reached were asked for their entries", total)
	}
}

// TestUpwardTwin holds what is found above marked objects against the lists of
// all entries.
func TestUpwardTwin(t *testing.T) {
	inherited, seeds := 0, uint64(3000)
	if testing.Short() {
		seeds = 300
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 2))
		f := plant(rng, 1+rng.IntN(60))
		n := len(f.full)
		holds := newBitset(n)
		var marked []int32
		for range 1 + rng.IntN(3) {
			m := rng.IntN(n)
			marked = append(marked, int32(m))
			holds.set(m)
		}
		u := newUpward(f.r, marked)
		u.spread()
		for m := range n { // what a tree holds has a lower number
			var got, want []string
			for _, it := range u.leading(int32(m), nil) {
				got = append(got, fmt.Sprint(it.pos, " ", it.kid, " ", it.label))
			}
			for i := 0; i < len(f.full[m]); i += 2 {
				if kid := f.full[m][i]; kid != none && holds.has(int(kid)) {
					want = append(want, fmt.Sprint(i/2, " ", kid, " ", f.full[m][i+1]))
				}
			}
			if len(want) > 0 {
				holds.set(m)
			}
			if u.cut || !slices.Equal(got, want) {
				t.Fatalf("seed %d: tree %d leads on by %v, want %v", seed, m, got, want)
			}
			if f.r.links.tree(int32(m)).base != none {
				inherited += len(want)
			}
		}
	}
	if inherited < 1000 {
		t.Errorf("only %d entries stand in trees that have a base", inherited)
	}
}

// TestLongRecord keeps records that are longer than a page, or end with one.
func TestLongRecord(t *testing.T) {
	l := newLinks(4, 0)
	var p pen
	lists := [][]int32{make([]int32, pageWords-2), {7}, make([]int32, 3*pageWords), {8, 9}}
	for n, list := range lists {
		for i := range list {
			list[i] += int32(i + n)
		}
		l.put(&p, n, []int32{int32(len(list))}, list)
	}
	for n, list := range lists {
		if !slices.Equal(l.list(int32(n)), list) {
			t.Errorf("record %d of %d words is another one", n, len(list))
		}
	}
	if l.full() {
		t.Error("no bound was set, and there is no room")
	}
}

// TestNoRoom keeps what fits, and tells when something does not.
func TestNoRoom(t *testing.T) {
	l := newLinks(3, 4*pageWords)
	var p pen
	l.put(&p, 0, []int32{1}, []int32{7})
	if l.full() {
		t.Error("one page fits, and there is no room")
	}
	l.put(&p, 1, []int32{pageWords}, make([]int32, pageWords))
	l.put(&p, 2, []int32{1}, []int32{8})
	if !l.full() || !slices.Equal(l.list(0), []int32{7}) || l.list(1) != nil || !slices.Equal(l.list(2), []int32{8}) {
		t.Errorf("full %t; %v, %d words, %v", l.full(), l.list(0), len(l.list(1)), l.list(2))
	}
}
