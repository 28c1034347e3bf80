package pack

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack/inflate"
)

// Object is one object as the visitor sees it. Its slices are valid during the
// visit only.
type Object struct {
	Entry   int // position in pack order
	Name    plumbing.Hash
	Type    plumbing.ObjectType // commit, tree, blob or tag; never a delta
	Data    []byte
	Delta   bool   // Data was made from a base, whose state the visitor is given
	Copies  []Copy // what Data took over from the base, in rising order of Pos
	BaseLen int    // bytes of the base
	Leaf    bool   // no delta is made from this object: its state will not be asked for
	Far     bool   // made from an object outside of this pack, of which git may take another copy
}

// Visitor is called for every object of a pack. Its methods are called from
// several goroutines at once; worker (from 0) says which one calls.
type Visitor[S any] interface {
	// Visit reads obj and returns the state that is handed in as base when an
	// object made from obj is visited. base is the zero S if obj is no delta.
	Visit(worker int, obj *Object, base S) S
	// Release gives a state back when nobody will ask for it any more. It is
	// not called for leaves.
	Release(worker int, state S)
}

// Problem is an object that could not be read.
type Problem struct {
	Name plumbing.Hash
	Type plumbing.ObjectType // of the object; 0 if even that is unknown
	Err  error
}

// Options are the bounds of a walk.
type Options struct {
	Jobs      int   // workers; at least 1
	Memory    int64 // bytes of base objects held over all workers before they are dropped and read again; 0 is no bound
	MaxObject int64 // bytes of the largest object that is read; 0 is no bound
	// Large is shown the blobs above MaxObject, and those that are made from them; nil
	// makes problems of them.
	Large Large
	// Types says which kinds of object are wanted; nil wants all.
	Types func(plumbing.ObjectType) bool
	// Skip picks entries that are not visited, and read only if another is made
	// from them, which then counts as no delta; nil picks none.
	Skip func(entry int) bool
	// External reads a base that is not in this pack; nil knows none.
	External External
	// Problem is called for every object that is not visited. Calls do not overlap.
	Problem func(Problem)
}

// Walk visits every object of p, bases before the deltas made from them. The
// error is that of the context, or says that the pack changed during the walk.
func Walk[S any](ctx context.Context, p *Pack, opt Options, v Visitor[S]) error {
	if p.load.Do(p.readEntries); p.fault != nil {
		return p.fault
	}
	w := &walk[S]{p: p, f: newForest(p.entries), opt: opt, visitor: v, ctx: ctx}
	w.wake = sync.NewCond(&w.mu)
	if opt.Skip != nil {
		w.over = w.f.prune(p.entries, opt.Skip)
	}
	for _, i := range w.f.stray {
		w.fail(i, 0, errors.New("its entry in the pack is broken, or its chain of deltas never ends"))
	}
	jobs := max(1, opt.Jobs)
	var wg sync.WaitGroup
	for id := range jobs {
		wg.Go(func() { w.work(id, jobs) })
	}
	wg.Wait()
	if len(w.made) > 0 && w.fault == nil && ctx.Err() == nil {
		wg.Go(w.last)
		wg.Wait()
	}
	if w.fault != nil {
		return w.fault
	}
	return ctx.Err()
}

// last reads what is left when all workers are done.
func (w *walk[S]) last() {
	debug.SetPanicOnFault(true)
	k := &worker[S]{walk: w}
	defer func() {
		if r := recover(); r != nil {
			w.stop(k.fell(r))
		}
	}()
	k.makeLarge()
}

// walk is what the workers of one Walk share.
type walk[S any] struct {
	p       *Pack
	f       *forest
	opt     Options
	visitor Visitor[S]
	ctx     context.Context
	over    []bool // entries that are not visited; nil if all are

	bigTurn  sync.Mutex // held by the worker that holds objects of more than bigObject bytes
	nextRoot atomic.Int64
	idle     atomic.Int32

	mu      sync.Mutex // guards what follows
	wake    *sync.Cond
	shared  []frame[S] // siblings handed over by busy workers
	made    []int32    // entries for makeLarge
	waiting int
	done    bool
	fault   error
}

// node is a base object with its state, held while children are to be made.
type node[S any] struct {
	entry  int32
	name   plumbing.Hash
	typ    plumbing.ObjectType
	data   []byte // nil if it was dropped to keep within the memory bound
	state  S
	holder *worker[S]   // who is charged with data
	refs   atomic.Int32 // frames that hold it, over all workers
}

// frame is a base and the first of its children that is still to be made.
type frame[S any] struct {
	base  *node[S]
	child int32
	alone bool // the siblings after child were handed to another worker
}

// worker is the scratch of one goroutine.
type worker[S any] struct {
	*walk[S]
	id     int
	budget int64
	turn   bool         // it holds bigTurn
	held   atomic.Int64 // bytes of bases that it is charged with
	dec    inflate.Decoder
	arena  arena
	delta  []byte
	copies []Copy
	stack  []frame[S]
	nodes  []*node[S] // records for reuse
	leaf   node[S]
	obj    Object
}

func (w *walk[S]) work(id, jobs int) {
	debug.SetPanicOnFault(true) // a mapped pack that is cut short faults when it is read
	k := &worker[S]{walk: w, id: id, budget: w.opt.Memory / int64(jobs), arena: arena{big: w.p.big}}
	defer func() {
		r := recover()
		k.stack = nil
		k.yield()
		if r != nil {
			w.stop(k.fell(r))
		}
	}()
	for {
		f, root, ok := w.next()
		if !ok {
			return
		}
		if root >= 0 {
			k.root(root)
		} else {
			k.stack = append(k.stack, f)
		}
		k.drain()
		k.yield()
	}
}

// fell is the error of a panic: a fault is the pack's, anything else ours. What
// a panic says is not repeated unless the runtime says it: it could quote what
// was read.
func (k *worker[S]) fell(r any) error {
	if IsFault(r) {
		return fmt.Errorf("read pack %s: it changed or became unreadable during the walk (%v)", k.p.path, r)
	}
	what := fmt.Sprintf("%T", r)
	if e, ok := r.(runtime.Error); ok {
		what = e.Error()
	}
	return fmt.Errorf("read pack %s: internal error at object %s: %s; this is a defect of scan, please report it", k.p.path, k.obj.Name, what)
}

func (w *walk[S]) stop(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fault == nil {
		w.fault = err
	}
	w.done = true
	w.wake.Broadcast()
}

// next returns a root, or else siblings that another worker handed over. It
// waits while other workers may still hand something over.
func (w *walk[S]) next() (frame[S], int32, bool) {
	if w.ctx.Err() == nil {
		if i := w.nextRoot.Add(1) - 1; i < int64(len(w.f.roots)) {
			return frame[S]{}, w.f.roots[i], true
		}
	}
	w.idle.Add(1)
	defer w.idle.Add(-1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting++
	for {
		if n := len(w.shared); n > 0 && !w.done {
			f := w.shared[n-1]
			w.shared = w.shared[:n-1]
			w.waiting--
			return f, -1, true
		}
		if w.waiting == max(1, w.opt.Jobs) || w.done {
			w.done = true
			w.wake.Broadcast()
			return frame[S]{}, -1, false
		}
		w.wake.Wait()
	}
}
