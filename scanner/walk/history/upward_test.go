package history

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMerge: a list that is merged from chunks is one that is sorted.
func TestMerge(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		u := &upward{heads: []int32{none}}
		var want []item
		for range 1 + rng.IntN(fewChunks+3) {
			var list []item
			for range rng.IntN(90) {
				list = append(list, item{pos: rng.Int32N(1 << 20), kid: rng.Int32()})
			}
			slices.SortFunc(list, byPosition)
			want = append(want, list...)
			u.chunks = append(u.chunks, chunk{0, u.keep(list), int32(len(list)), u.heads[0]})
			u.heads[0] = int32(len(u.chunks) - 1)
		}
		slices.SortFunc(want, byPosition)
		got := u.leading(0, nil)
		if !slices.EqualFunc(got, want, func(a, b item) bool { return a.pos == b.pos }) {
			t.Fatalf("%d chunks: %v, want %v", len(u.chunks), got, want)
		}
	}
}
