package pack

import (
	"context"
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

// weigher counts the bytes that each worker was shown.
type weigher struct{ bytes, objects []int64 }

func (v *weigher) Visit(worker int, o *Object, _ int) int {
	v.bytes[worker] += int64(len(o.Data))
	v.objects[worker]++
	return 0
}
func (v *weigher) Release(int, int) {}

// TestLargeFamily lets workers take turns, step by step, at one family of a
// hundred thousand deltas: in each turn every worker makes one object, or takes
// what was handed over, or waits. So turns stand for time, whatever else the
// machine does. A chain has one delta after the other, and is nobody's to share.
func TestLargeFamily(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for name, base := range map[string]func(int) int{
		"star":   func(int) int { return 0 },
		"binary": func(i int) int { return (i - 1) / 2 },
		"random": func(i int) int { return rng.IntN(i) },
		"chains": func(i int) int { return max(0, i-64) }, // as many as share well between 8
	} {
		p := family(t, n, base)
		p.load.Do(p.readEntries)
		for _, jobs := range []int{2, 8} {
			v := &weigher{make([]int64, jobs), make([]int64, jobs)}
			turns, waits, hands := takeTurns(p, v, jobs)
			var sum, most int64
			for id := range jobs {
				sum += v.objects[id]
				most = max(most, v.bytes[id])
			}
			if sum != int64(n) {
				t.Fatalf("%s: %d objects of %d were made", name, sum, n)
			}
			fair := int64(n) * 13 / int64(jobs)
			t.Logf("%s, %d workers: %d turns, %d waits, %d hand-overs, the busiest made %.3f of a fair share", name, jobs, turns, waits, hands, float64(most)/float64(fair))
			if most > fair+fair/20 || waits > turns*jobs/20 {
				t.Errorf("%s, %d workers: in %d turns workers waited %d times, and one made %d bytes of %d", name, jobs, turns, waits, most, int64(n)*13)
			}
		}
	}
}

// takeTurns walks p with workers that take turns instead of running at once.
func takeTurns(p *Pack, v *weigher, jobs int) (turns, waits, hands int) {
	w := &walk[int]{p: p, f: newForest(p.entries), visitor: v, ctx: context.Background()}
	w.wake = sync.NewCond(&w.mu)
	ks := make([]*worker[int], jobs)
	for id := range ks {
		ks[id] = &worker[int]{walk: w, id: id}
	}
	ks[0].root(0)
	w.idle.Store(int32(jobs - 1))
	for made := true; made; turns++ {
		made = false
		for _, k := range ks {
			if m := len(w.shared); len(k.stack) == 0 && m > 0 {
				k.stack = append(k.stack, w.shared[m-1])
				w.shared = w.shared[:m-1]
				w.idle.Add(-1)
				hands++
			}
			if len(k.stack) == 0 {
				waits++
				continue
			}
			if w.idle.Load() > 0 {
				k.share()
			}
			k.step()
			made = true
			if len(k.stack) == 0 {
				w.idle.Add(1)
			}
		}
	}
	return turns - 1, waits - jobs, hands
}
