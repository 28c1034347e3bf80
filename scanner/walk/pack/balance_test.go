package pack

import (
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// family makes a pack in which entry i, other than the first, is a delta of
// entry base(i).
func family(t *testing.T, n int, base func(int) int) *Pack {
	text := func(i int) string { return fmt.Sprintf("line %08d", i) }
	items := []item{blob(text(0))}
	for i := 1; i < n; i++ {
		b := base(i)
		it := change(text(i), plumbing.ZeroHash, deltaOf(13, 13, opCopy(0, 5), opInsert(text(i)[5:])))
		it.typ, it.base = plumbing.OFSDeltaObject, b
		items = append(items, it)
	}
	return made(t, 2, items)
}

// TestBalance checks that a walk holds no more than one base per level of a
// balanced tree, whatever the shape of the family.
func TestBalance(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, k := range []int{1, 2, 5, 9, 13} {
		n := 1 << k
		for name, base := range map[string]func(int) int{
			"chain":     func(i int) int { return i - 1 },
			"star":      func(int) int { return 0 },
			"binary":    func(i int) int { return (i - 1) / 2 },
			"binomial":  func(i int) int { return i & (i - 1) },
			"broom":     func(i int) int { return min(i-1, n/2) },
			"chain and": func(i int) int { return max(0, i-1-i%2) },
			"back":      func(i int) int { return max(0, i-1-(i&3)*(i>>2)) },
			"random":    func(i int) int { return rng.IntN(i) },
			"near":      func(i int) int { return max(0, i-1-rng.IntN(3)) },
		} {
			v := run(t, family(t, n, base), Options{Jobs: 1})
			if want := bits.Len(uint(n)); v.most > want { // log2(n) + 1
				t.Errorf("%s of %d: %d bases held at once, want at most %d", name, n, v.most, want)
			}
		}
	}
}

// TestEviction drops bases that other workers may hold.
func TestEviction(t *testing.T) {
	p := family(t, 1<<13, func(i int) int { return (i - 1) / 3 })
	for range 3 {
		if v := run(t, p, Options{Jobs: 8, Memory: 1}); len(v.problems) > 0 {
			t.Error(v.problems)
		}
	}
}

// TestFarLost has a far base that is there at first and gone when it is to be
// read again.
func TestFarLost(t *testing.T) {
	far := blob("a base in another pack")
	items := []item{change("a base", far.name, deltaOf(22, 6, opCopy(0, 6)))}
	for i := range 200 {
		s := fmt.Sprintf("a base %03d", i)
		base, size := items[0], 6
		if i > 1 {
			base, size = items[i/2], 10
		}
		items = append(items, change(s, base.name, deltaOf(size, 10, opCopy(0, 6), opInsert(s[6:]))))
	}
	p := made(t, 2, items)
	for _, jobs := range []int{1, 8} {
		lost := 0
		for good := range int32(8) {
			var calls atomic.Int32
			v := run(t, p, Options{Jobs: jobs, Memory: 1, External: func(plumbing.Hash) (plumbing.ObjectType, []byte, error) {
				if calls.Add(1) > good {
					return 0, nil, errors.New("it is gone")
				}
				return plumbing.BlobObject, far.data, nil
			}})
			lost += len(v.problems)
		}
		if jobs == 1 && lost <= len(items) { // several may get by without reading again
			t.Error("nothing was lost after the first time")
		}
	}
}

// TestSharedBase hands siblings to another worker, step by step: their base is
// not dropped while both hold it, and if it was dropped before and cannot be
// read again, no child is told lost twice.
func TestSharedBase(t *testing.T) {
	far := blob("a base in another pack")
	items := []item{change("a base", far.name, deltaOf(22, 6, opCopy(0, 6)))}
	for i := range 39 {
		s := fmt.Sprintf("a base %03d", i)
		base, size := items[i/3], 10
		if i < 3 {
			size = 6
		}
		items = append(items, change(s, base.name, deltaOf(size, 10, opCopy(0, 6), opInsert(s[6:]))))
	}
	p := made(t, 2, items)
	p.load.Do(p.readEntries)
	for _, early := range []bool{true, false} {
		v := newWatch(p)
		calls := 0
		w := &walk[*kept]{p: p, f: newForest(p.entries), visitor: v, ctx: t.Context(), opt: Options{
			Problem: v.problem,
			External: func(plumbing.Hash) (plumbing.ObjectType, []byte, error) {
				if calls++; early && calls > 1 {
					return 0, nil, errors.New("it is gone")
				}
				return plumbing.BlobObject, far.data, nil
			},
		}}
		w.wake = sync.NewCond(&w.mu)
		a, b := &worker[*kept]{walk: w, budget: 1}, &worker[*kept]{walk: w, id: 1, budget: 1}
		a.root(0)
		base := a.stack[0].base
		if !early {
			a.budget = 0
		}
		a.step()
		a.share()
		a.budget = 1
		a.step()
		if len(w.shared) != 1 || (base.data == nil) != early {
			t.Fatalf("%d frames shared; the base was dropped: %t", len(w.shared), base.data == nil)
		}
		a.budget, b.budget = 0, 0
		b.stack = append(b.stack, w.shared[0])
		a.drain()
		b.drain()
		v.settled()
		if (len(v.problems) > 0) != early || len(v.faults) > 0 {
			t.Errorf("%d problems, %v", len(v.problems), v.faults)
		}
	}
}

// blank is a Visitor that does nothing.
type blank struct{}

func (blank) Visit(int, *Object, int) int { return 0 }
func (blank) Release(int, int)            {}

// TestHeldByWorkers checks that what a worker is charged for a base is given
// back to it when another worker is the last to use the base.
func TestHeldByWorkers(t *testing.T) {
	p := family(t, 64, func(i int) int { return (i - 1) / 2 })
	p.load.Do(p.readEntries)
	w := &walk[int]{p: p, f: newForest(p.entries), visitor: blank{}, ctx: t.Context()}
	w.wake = sync.NewCond(&w.mu)
	a, b := &worker[int]{walk: w}, &worker[int]{walk: w, id: 1}
	a.root(0)
	a.share()
	if len(w.shared) != 1 {
		t.Fatal("nothing was shared")
	}
	a.drain()
	b.stack = append(b.stack, w.shared[0])
	b.drain()
	if a.held.Load() != 0 || b.held.Load() != 0 {
		t.Errorf("after the walk the workers are charged with %d and %d bytes", a.held.Load(), b.held.Load())
	}
}
