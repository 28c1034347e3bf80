package pack

import (
	"runtime"
	"sync"
	"weak"
)

// Big makes the buffers of objects above bigObject bytes, and uses again those that
// are done with. The collector comes when it likes: one object of 120 MB after the
// other left five of them in memory where two were needed. Buffers are held weakly,
// so that those at rest go with the next collection. Nil makes each anew.
type Big struct {
	mu   sync.Mutex // guards list
	list []bigRoom
}

// bigRoom is a buffer that was made and that the collector has not taken yet.
type bigRoom struct {
	at    weak.Pointer[byte]   // where it begins
	rest  weak.Pointer[[]byte] // all of it, once it was given back
	n     int
	free  bool // it was given back
	known bool // it was in use when garbage was last collected here
}

// bigGarbage is how many bytes of large buffers may be garbage when another is made.
const bigGarbage = 64 << 20

// Get gives n bytes with any content.
func (b *Big) Get(n int) []byte {
	if b == nil || n <= bigObject {
		return make([]byte, n)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if buf := b.reuse(n); buf != nil {
		return buf
	}
	doubt := 0
	for _, r := range b.list {
		if r.free || !r.known {
			doubt += r.n
		}
	}
	if doubt > bigGarbage {
		runtime.GC()
		b.sweep()
		for i := range b.list {
			b.list[i].known = true
		}
	}
	buf := make([]byte, n)
	b.list = append(b.list, bigRoom{at: weak.Make(&buf[0]), n: n})
	return buf
}

// reuse gives the smallest free buffer that has n bytes, or nil.
func (b *Big) reuse(n int) []byte {
	b.sweep()
	best := -1
	for i, r := range b.list {
		if r.free && r.n >= n && (best < 0 || r.n < b.list[best].n) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	rest := b.list[best].rest.Value()
	if rest == nil { // the collector is at it
		return nil
	}
	b.list[best].free = false
	return (*rest)[:n]
}

// sweep forgets what the collector took.
func (b *Big) sweep() {
	left := b.list[:0]
	for _, r := range b.list {
		if r.at.Value() != nil {
			left = append(left, r)
		}
	}
	b.list = left
}

// Put takes back what Get gave, when nobody looks at it any more. What is from
// elsewhere, or never given back, is the collector's.
func (b *Big) Put(buf []byte) {
	if b == nil || cap(buf) <= bigObject {
		return
	}
	buf = buf[:cap(buf)]
	at := weak.Make(&buf[0])
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.list {
		if b.list[i].at == at {
			b.list[i].free, b.list[i].rest = true, weak.Make(&buf)
			return
		}
	}
}
