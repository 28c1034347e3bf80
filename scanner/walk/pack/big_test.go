package pack

import (
	"runtime"
	"testing"
)

// TestBig: a buffer that was given back is used again, by what fits into it, and a
// collection takes those at rest.
func TestBig(t *testing.T) {
	var b Big
	one := b.Get(3 * bigObject)
	one[0] = 7
	other := b.Get(2 * bigObject)
	b.Put(one)
	if got := b.Get(3 * bigObject); &got[0] != &one[0] {
		t.Error("a buffer at rest was not used")
	}
	b.Put(one)
	b.Put(other)
	if got := b.Get(2*bigObject - 1); &got[0] != &other[0] || len(got) != 2*bigObject-1 {
		t.Error("the smaller of two was not used, or not in its length")
	}
	if got := b.Get(4 * bigObject); len(got) != 4*bigObject || &got[0] == &one[0] {
		t.Error("a buffer is too small for what is put into it")
	}
	b.Put(make([]byte, 2*bigObject)) // from elsewhere
	runtime.KeepAlive(other)
	one, other = nil, nil
	runtime.GC()
	if b.sweep(); len(b.list) != 0 {
		t.Errorf("%d buffers outlived a collection", len(b.list))
	}
	if got := (*Big)(nil).Get(bigObject + 1); len(got) != bigObject+1 {
		t.Error("nil makes none")
	}
}

// TestBigGarbage: of what is never given back little is held.
func TestBigGarbage(t *testing.T) {
	const size = 2 * bigObject
	var b Big
	for range 40 {
		if buf := b.Get(size); len(buf) != size {
			t.Fatal("another length")
		}
		held := 0
		for _, r := range b.list {
			held += r.n
		}
		if held > bigGarbage+2*size {
			t.Fatalf("%d MB are not collected", held>>20)
		}
	}
}
