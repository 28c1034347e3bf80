package sums

import (
	"crypto/sha1"
	"math/rand/v2"
	"testing"
)

// TestSums holds the lanes against crypto/sha1: lengths about the ends of blocks,
// long ones, and all orders in which lanes get free.
func TestSums(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, longest := range []int{0, 1, 70, 300, 5000, longest + 100} {
		for _, many := range []int{0, 1, 2, 15, 16, 17, 40, 700} {
			var want [][sha1.Size]byte
			told := make([]int, many)
			b := NewBatch(func(tag int, sum [sha1.Size]byte) {
				told[tag]++
				if sum != want[tag] {
					t.Errorf("up to %d bytes, content %d of %d: sum %x, want %x", longest, tag, many, sum, want[tag])
				}
			})
			for i := range many {
				data := make([]byte, rnd.IntN(longest+1))
				for k := range data {
					data[k] = byte(rnd.Uint32())
				}
				head := min(len(data), rnd.IntN(20))
				want = append(want, sha1.Sum(data))
				b.Add(data[:head], data[head:], i)
				clear(data) // it is not kept
				if rnd.IntN(200) == 0 {
					b.Finish()
				}
			}
			b.Finish()
			for tag, n := range told {
				if n != 1 {
					t.Errorf("up to %d bytes, content %d of %d: its sum was told %d times", longest, tag, many, n)
				}
			}
		}
	}
}

func BenchmarkSums(b *testing.B) {
	const size = 2500
	data := make([]byte, size)
	b.Run("batch", func(b *testing.B) {
		b.SetBytes(size)
		s := NewBatch(func(int, [sha1.Size]byte) {})
		for i := range b.N {
			s.Add(nil, data[:size-i%100], i)
		}
		s.Finish()
	})
	b.Run("single", func(b *testing.B) {
		b.SetBytes(size)
		for i := range b.N {
			sha1.Sum(data[:size-i%100])
		}
	})
}
