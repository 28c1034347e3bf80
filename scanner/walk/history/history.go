// Package history reads everything that a repository's refs reach: every
// object of every pack in delta order, and every loose object, each once; and
// it proves from the links between them that nothing is missing.
//
// It refuses to know what is searched for. Its invariants: every object that a
// tip reaches is visited, or is in Gaps with the reason; what no tip reaches is
// visited too, and Reachable says which is which. Both follow from the links
// between objects, which are recorded as objects are read, and from a search along
// them that starts at the tips once everything was read.
package history

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// Visitor is called for every blob, commit and tag. Its methods are called from
// several goroutines at once; worker (from 0) says which one calls.
type Visitor[S any] interface {
	// Visit reads obj, whose number in the store is n, and returns the state
	// for objects made from it as deltas (see pack.Visitor).
	Visit(worker, n int, obj *pack.Object, base S) S
	// Release gives a state back that nobody will ask for any more.
	Release(worker int, state S)
}

// Options say what to read and within which bounds.
type Options struct {
	Store     *store.Store
	Tips      []plumbing.Hash // what the refs point to
	Shallow   []plumbing.Hash // commits whose parents were cut off
	Jobs      int
	Memory    int64 // bytes of base objects held; see pack.Options
	MaxObject int64 // bytes of the largest object that is read; 0 is no bound
	// Named picks names of tree entries, without folders: Result.Named lists the
	// blobs that have one of them. Nil picks none.
	Named func(name []byte) bool
	// Prove says which types of packed objects are held to their names. An index
	// can claim any name for any bytes. nil is none; loose objects always are.
	Prove func(plumbing.ObjectType) bool
	// Large is shown the blobs of more than MaxObject bytes that are stored whole in a
	// pack or loose, and checked against their names; see pack.Large. Nil makes gaps of them.
	Large func(worker, n int, o *pack.Object, size int64, content io.Reader) error
	// Past is what an earlier walk found out, and which of its files are the
	// same: they are not read again. nil reads all.
	Past *Past
}

// Count is a number of objects of one type.
type Count struct {
	Reached, Read int
	Bytes         int64 // content of those read
}

// Gap is an object that a tip reaches and that was not read.
type Gap struct {
	Name plumbing.Hash
	Type plumbing.ObjectType // as the object that points to it says; 0 for a tip
	Err  error
}

// Result is what a walk found out.
type Result struct {
	Commits, Trees, Blobs, Tags Count

	Gaps        []Gap
	Named       []int // numbers of blobs that have a name that Options.Named picks, sorted
	Unreachable int   // objects that no tip reaches; visited all the same
	Decoded     int64 // bytes of all objects visited

	opt     Options
	sound   bool // all that was read is as its name says, or hashes to it if it was asked to
	unread  []pack.Problem
	lost    []absentee
	types   []uint8  // per number; plumbing.ObjectType, 0 if not read
	sizes   []uint32 // per number; bytes, at most 4 GiB - 1
	gone    bitset   // unreachable
	tips    []int32  // what refs point to
	found   bitset   // reached, absent objects included; nil if that is unknown
	onward  bool     // found begins with what was reached once
	links   *links
	absent  int // objects that something points to and the store does not hold
	names   func() *dictionary
	commits []commit
	visits  int // bound on the trees that an attribution visits
}

// commit is what attribution needs of a commit.
type commit struct {
	number, tree int32
	parents      []int32
	when         int64 // committer's clock, seconds
	author       author
}

// bitset holds one bit per object number.
type bitset []uint64

func newBitset(n int) bitset    { return make(bitset, (n+63)/64) }
func (b bitset) has(n int) bool { return b[n>>6]&(1<<(n&63)) != 0 }
func (b bitset) set(n int)      { b[n>>6] |= 1 << (n & 63) }
func (b bitset) unset(n int)    { b[n>>6] &^= 1 << (n & 63) }

func (r *Result) count(t plumbing.ObjectType) *Count {
	switch t {
	case plumbing.CommitObject:
		return &r.Commits
	case plumbing.TreeObject:
		return &r.Trees
	case plumbing.TagObject:
		return &r.Tags
	}
	return &r.Blobs // also what could not be read and may be anything: most objects are blobs
}

// Type is the type of the object with number n, 0 if it was not read.
func (r *Result) Type(n int) plumbing.ObjectType { return plumbing.ObjectType(r.types[n]) }

// Reachable reports whether a tip reaches the object with number n.
func (r *Result) Reachable(n int) bool { return !r.gone.has(n) }

// Walk visits every object of the store. The error is that of the context, or
// says that a pack changed during the walk; the result holds what was done.
func Walk[S any](ctx context.Context, opt Options, v Visitor[S]) (*Result, error) {
	s := opt.Store
	s.List()
	opt.Jobs = max(1, opt.Jobs)
	w := &walk[S]{opt: opt, user: v, shallow: map[plumbing.Hash]bool{}, workers: make([]scratch, opt.Jobs)}
	w.types = make([]uint8, s.Len())
	w.sizes = make([]uint32, s.Len())
	w.absent.first = s.Len()
	for _, h := range opt.Shallow {
		w.shallow[h] = true
	}
	w.several = len(s.Packs()) > 1
	w.taken = make([]int, len(s.Packs()))
	w.links = newLinks(s.Len(), w.bound())
	for i := range w.workers {
		w.prepare(&w.workers[i])
	}
	if opt.Past != nil {
		w.restore(opt.Past)
	}
	err := w.packed(ctx)
	if err == nil {
		err = w.looseObjects(ctx)
	}
	sound := err == nil && !slices.ContainsFunc(w.bad, func(p pack.Problem) bool { return !errors.Is(p.Err, pack.ErrLimit) })
	w.mend(ctx)
	for i := range w.workers {
		w.workers[i].prover.Finish()
		w.settle(&w.workers[i])
	}
	if w.links.full() {
		err = errors.Join(err, errRoom)
	}
	r := w.result()
	r.sound = sound && err == nil && len(w.garbled) == 0
	return r, err
}

// packed visits all objects in packs.
func (w *walk[S]) packed(ctx context.Context) error {
	s := w.opt.Store
	for i, p := range s.Packs() {
		w.base = s.PackBase(i)
		opt := pack.Options{
			Jobs: w.opt.Jobs, Memory: w.opt.Memory, MaxObject: w.opt.MaxObject,
			External: s.Get, Problem: w.problem,
		}
		if w.opt.Large != nil {
			opt.Large = w.large
		}
		done, err := w.again(ctx, i, opt)
		if !done {
			err = pack.Walk(ctx, p, opt, w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leastRoom is what the links may take however small the repository and the
// memory limit are.
const leastRoom = 64 << 20

// bound is how many bytes the links may take. Real histories need a small part
// of their packs' size; packs made to be inflated a thousandfold could ask for
// more than there is.
func (w *walk[S]) bound() int64 {
	if w.opt.Memory <= 0 {
		return 0
	}
	sum := max(w.opt.Memory, leastRoom)
	for _, p := range w.opt.Store.Packs() {
		sum += int64(p.Size())
	}
	return sum
}

// walk is the pack.Visitor that keeps links and passes contents on.
type walk[S any] struct {
	opt     Options
	user    Visitor[S]
	base    int  // number of the first object of the pack at hand
	several bool // an object may stand in more than one pack
	shallow map[plumbing.Hash]bool
	past    []string      // names of entries that were taken over, by their numbers from 1 on
	taken   []int         // per pack: how many of its objects were taken over
	limited map[int]limit // objects that are too large, as is known

	links   *links
	absent  absent
	names   atomic.Int32
	types   []uint8
	sizes   []uint32
	workers []scratch

	mu      sync.Mutex     // guards what follows
	bad     []pack.Problem // could not be read
	garbled []pack.Problem // read, but what they point to is unknown
}

// scratch is what one worker gathers.
type scratch struct {
	counts  [8]Count
	commits []commit
	authors authors
	free    []*entries
	named   []int32 // blobs whose name was asked for
	pen     pen
	names   names
	resolve resolver
	kids    kids
	prover  *store.Prover
	list    []int32  // links of the commit or tag at hand
	_       [64]byte // the next worker's counters are not on the same cache line
}

// state is what a visit leaves: entries of a tree, or what the user returned.
type state[S any] struct {
	tree *entries
	user S
}

func (w *walk[S]) problem(p pack.Problem) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bad = append(w.bad, p)
}

// Visit implements pack.Visitor.
func (w *walk[S]) Visit(worker int, o *pack.Object, base state[S]) state[S] {
	return w.visit(worker, w.base+o.Entry, o, base)
}

func (w *walk[S]) visit(worker, n int, o *pack.Object, base state[S]) state[S] {
	first := n
	if w.several || n >= w.opt.Store.LooseBase() {
		first = w.opt.Store.First(n, o.Name)
	}
	k := &w.workers[worker]
	if w.opt.Prove != nil && n < w.opt.Store.LooseBase() && (o.Far || w.opt.Prove(o.Type)) {
		k.prover.Prove(o.Name, o.Type, o.Data)
	}
	if first == n {
		k.counts[o.Type].Read++
		k.counts[o.Type].Bytes += int64(len(o.Data))
	}
	w.types[n] = uint8(o.Type)
	w.sizes[n] = uint32(min(len(o.Data), math.MaxUint32))
	if o.Type == plumbing.TreeObject {
		return state[S]{tree: w.tree(k, n, first == n, o, base.tree)}
	}
	if first == n {
		w.header(k, n, o)
	}
	return state[S]{user: w.user.Visit(worker, n, o, base.user)}
}

// Release implements pack.Visitor.
func (w *walk[S]) Release(worker int, s state[S]) {
	if s.tree != nil {
		k := &w.workers[worker]
		k.free = append(k.free, s.tree)
		return
	}
	w.user.Release(worker, s.user)
}

// unclear is garble for an object whose content is no list of links: that it is not
// what its name says, if that is so, is told first.
func (w *walk[S]) unclear(k *scratch, o *pack.Object, err error) {
	k.prover.Finish()
	w.garble(o.Name, o.Type, err)
}

// garble notes an object of which it is unknown what it points to.
func (w *walk[S]) garble(h plumbing.Hash, typ plumbing.ObjectType, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.garbled = append(w.garbled, pack.Problem{Name: h, Type: typ, Err: err})
}

var emptyTree = plumbing.NewHash("4b825dc642cb6eb9a060e54bf8d69288fbee4904")

// result adds up what the workers gathered and settles what is reachable.
func (w *walk[S]) result() *Result {
	r := &Result{opt: w.opt, types: w.types, sizes: w.sizes, gone: newBitset(len(w.types)), links: w.links, visits: maxVisits}
	r.names = func() *dictionary { return newDictionary(w.names.Load(), w.past, w.workers) }
	r.unread, r.lost = w.bad, w.absent.list
	for i := range w.workers {
		k := &w.workers[i]
		for t, c := range k.counts {
			if c.Read > 0 {
				sum := r.count(plumbing.ObjectType(t))
				sum.Read += c.Read
				sum.Bytes += c.Bytes
				r.Decoded += c.Bytes
			}
		}
		r.commits = append(r.commits, k.commits...)
		for _, n := range k.named {
			if int(n) < len(w.types) { // higher numbers stand for what the store lacks
				r.Named = append(r.Named, int(n))
			}
		}
	}
	slices.Sort(r.Named)
	r.Named = slices.Compact(r.Named)
	slices.SortFunc(r.commits, func(a, b commit) int { return int(a.number) - int(b.number) })
	found := w.reach(r)
	w.absent.of = nil // nothing is numbered any more
	if w.lossy(found) {
		found = nil
	} else {
		r.leave(found)
	}
	r.found = found
	r.findGaps(w.bad, w.garbled, w.absent.list, found)
	for _, c := range []*Count{&r.Commits, &r.Trees, &r.Blobs, &r.Tags} {
		c.Reached += c.Read
	}
	return r
}

// lossy reports whether links were lost with objects that were found to be
// reached and could not be read: what they pointed to would look unreachable.
// The type of a broken object is not to be trusted, so only what was too large
// is taken for the blob that it claims to be.
func (w *walk[S]) lossy(found bitset) bool {
	reached := func(p pack.Problem) bool {
		n, ok := w.opt.Store.Number(p.Name)
		return ok && found.has(n)
	}
	if w.links.full() || slices.ContainsFunc(w.garbled, reached) {
		return true
	}
	for _, p := range w.bad {
		if reached(p) && (p.Type != plumbing.BlobObject || !errors.Is(p.Err, pack.ErrLimit)) {
			return true
		}
	}
	for i, a := range w.absent.list {
		if found.has(w.absent.first+i) && a.typ != plumbing.BlobObject {
			return true
		}
	}
	return false
}
