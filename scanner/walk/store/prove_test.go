package store

import (
	"crypto/sha1"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// TestProver tells the wrong ones among many, as Prove does.
func TestProver(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var got, want []plumbing.Hash
	p := NewProver(func(h plumbing.Hash, _ plumbing.ObjectType) { got = append(got, h) })
	for range 3000 {
		data := make([]byte, rnd.IntN(1<<rnd.IntN(16)))
		for i := range data {
			data[i] = byte(rnd.Uint32())
		}
		name := plumbing.Hash(sha1.Sum(append(fmt.Appendf(nil, "tree %d\x00", len(data)), data...)))
		typ := plumbing.TreeObject
		switch rnd.IntN(20) {
		case 0:
			name[rnd.IntN(len(name))] ^= 1 << rnd.IntN(8)
		case 1:
			typ = plumbing.CommitObject
		}
		if err := Prove(name, typ, data); err != nil {
			want = append(want, name)
		}
		p.Prove(name, typ, data)
		clear(data)
	}
	p.Finish()
	order := func(a, b plumbing.Hash) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.Equal(got, want) || len(want) < 100 {
		t.Errorf("%d are told to be wrong, want %d", len(got), len(want))
	}
}
