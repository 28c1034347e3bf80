package pack

import (
	"errors"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"
)

// drain makes everything that the worker's stack promises, deepest first.
func (k *worker[S]) drain() {
	for len(k.stack) > 0 {
		if k.ctx.Err() != nil {
			k.stack = k.stack[:0]
			return
		}
		if k.idle.Load() > 0 {
			k.share()
		}
		k.step()
		k.yield()
	}
}

// share hands the siblings that wait highest up in the stack to idle workers:
// they are the largest piece of work that this worker can spare.
func (k *worker[S]) share() {
	for i := range k.stack {
		f := &k.stack[i]
		rest := k.f.next[f.child]
		if rest < 0 || f.alone || len(f.base.data) > bigObject {
			continue
		}
		f.alone = true
		f.base.refs.Add(1)
		k.mu.Lock()
		k.shared = append(k.shared, frame[S]{base: f.base, child: rest})
		k.mu.Unlock()
		k.wake.Signal()
		return
	}
}

// root visits an entry that needs no base from this pack.
func (k *worker[S]) root(i int32) {
	e := &k.p.entries[i]
	typ := e.typ
	var base []byte
	if e.base == farBase {
		k.admit(bigObject + 1) // nobody knows how large the base is
		var err error
		if typ, base, err = k.farBase(i); err != nil {
			k.fail(i, 0, err)
			return
		}
	}
	if k.opt.Types != nil && !k.opt.Types(typ) {
		return
	}
	if k.isLarge(i) {
		k.large(i)
		return
	}
	n := k.node(i, typ)
	var err error
	if e.base == farBase {
		n.data, err = k.applied(i, base)
	} else {
		n.data, err = k.inflated(i, nil)
	}
	if err != nil {
		k.fail(i, typ, err)
		return
	}
	k.obj = Object{Far: e.base == farBase}
	k.visit(n, *new(S))
}

// step makes the next child of the frame on top of the stack.
func (k *worker[S]) step() {
	top := len(k.stack) - 1
	f := &k.stack[top]
	base, child := f.base, f.child
	if base.data == nil && !k.reread(base) {
		f.child = k.f.next[child]
		if f.alone || f.child < 0 {
			k.pop(base, top)
		}
		return
	}
	n := k.node(child, base.typ)
	data, err := k.applied(child, base.data)
	n.data = data
	last := f.alone || k.f.next[child] < 0
	if errors.Is(err, ErrLimit) && k.opt.Large != nil && base.typ == plumbing.BlobObject {
		k.later(child, true)
	} else if err != nil {
		k.fail(child, base.typ, err)
	}
	if last {
		k.stack[top] = frame[S]{}
		k.stack = k.stack[:top]
	} else {
		f.child = k.f.next[child]
	}
	if err == nil {
		k.obj = Object{Delta: true, Copies: k.copies, BaseLen: len(base.data)}
		if k.passes(base.entry) {
			k.obj = Object{} // nobody knows of its base
		}
		k.visit(n, base.state)
	}
	if last {
		k.unref(base)
	}
	k.trim()
}

// node returns a record for entry i. A leaf is done with when it was visited,
// so all leaves of a worker share one.
func (k *worker[S]) node(i int32, typ plumbing.ObjectType) *node[S] {
	n := &k.leaf
	if k.f.first[i] >= 0 {
		if m := len(k.nodes); m > 0 {
			n, k.nodes = k.nodes[m-1], k.nodes[:m-1]
		} else {
			n = new(node[S])
		}
	}
	// The index is waited for while the data is, not after it.
	n.entry, n.typ, n.name = i, typ, k.p.Name(int(i))
	return n
}

func (k *worker[S]) pop(base *node[S], top int) {
	k.stack[top] = frame[S]{}
	k.stack = k.stack[:top]
	k.unref(base)
}

// unref lets go of a base; the last to do so gives its buffer back.
func (k *worker[S]) unref(base *node[S]) {
	if base.refs.Add(-1) > 0 {
		return
	}
	if base.data != nil {
		base.holder.held.Add(-int64(len(base.data)))
		k.arena.put(base.data)
		base.data = nil
	}
	if !k.passes(base.entry) {
		k.visitor.Release(k.id, base.state)
	}
	base.state = *new(S)
	k.nodes = append(k.nodes, base)
}

// visit shows n to the visitor and, if deltas are made from it, puts it on the stack.
func (k *worker[S]) visit(n *node[S], base S) {
	o := &k.obj
	o.Entry, o.Name, o.Type, o.Data = int(n.entry), n.name, n.typ, n.data
	o.Leaf = k.f.first[n.entry] < 0
	if k.passes(n.entry) {
		n.state = *new(S)
	} else {
		n.state = k.visitor.Visit(k.id, o, base)
	}
	o.Data = nil
	if o.Leaf {
		k.arena.put(n.data)
		n.data = nil
		return
	}
	n.refs.Store(1)
	n.holder = k
	k.held.Add(int64(len(n.data)))
	k.stack = append(k.stack, frame[S]{base: n, child: k.f.first[n.entry]})
}

// passes reports whether entry i is read only for what is made from it.
func (w *walk[S]) passes(i int32) bool { return w.over != nil && w.over[i] }

// trim drops the bases that are needed last when the worker holds more than
// its share of the memory bound; reread brings them back.
func (k *worker[S]) trim() {
	if k.budget <= 0 || k.held.Load() <= k.budget {
		return
	}
	for i := 0; i < len(k.stack)-1 && k.held.Load() > k.budget; i++ {
		if b := k.stack[i].base; b.data != nil && b.refs.Load() == 1 {
			b.holder.held.Add(-int64(len(b.data)))
			k.arena.put(b.data)
			b.data = nil
		}
	}
}

func (k *worker[S]) reread(base *node[S]) bool {
	k.admit(bigObject + 1) // the objects on the way may be larger than base
	_, data, err := k.p.readAt(k.p.entries[base.entry].off, &k.dec, nil, k.opt.External)
	if err != nil {
		k.fail(k.stack[len(k.stack)-1].child, base.typ, err)
		return false
	}
	base.data, base.holder = data, k
	k.held.Add(int64(len(data)))
	return true
}

// fail reports entry i and everything that is made from it as not read.
func (w *walk[S]) fail(i int32, typ plumbing.ObjectType, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.opt.Problem == nil {
		return
	}
	w.opt.Problem(Problem{w.p.Name(int(i)), typ, err})
	w.descend(i, typ, fmt.Errorf("it is stored as a change to object %s, which could not be read: %w", w.p.Name(int(i)), err))
}

// descend tells of everything that is made from entry i, under w.mu.
func (w *walk[S]) descend(i int32, typ plumbing.ObjectType, err error) {
	todo := []int32{w.f.first[i]}
	for len(todo) > 0 {
		c := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for ; c >= 0; c = w.f.next[c] {
			w.opt.Problem(Problem{w.p.Name(int(c)), typ, err})
			if w.f.first[c] >= 0 {
				todo = append(todo, w.f.first[c])
			}
		}
	}
}

// farBase reads the base of a ref-delta that another store holds.
func (k *worker[S]) farBase(i int32) (plumbing.ObjectType, []byte, error) {
	e, err := k.p.at(k.p.entries[i].off)
	if err != nil {
		return 0, nil, err
	}
	return readBase(e.base, k.opt.External)
}

// applied makes entry i, a delta, from base and leaves the copied ranges in k.copies.
func (k *worker[S]) applied(i int32, base []byte) ([]byte, error) {
	delta, err := k.inflated(i, k.delta)
	if err != nil {
		return nil, err
	}
	if len(delta) <= bigObject { // a larger buffer is not kept
		k.delta = delta
	} else {
		defer k.p.big.Put(delta)
	}
	size, ops, err := checkDelta(delta, len(base))
	if err != nil {
		return nil, err
	}
	if err := fits(size, k.opt.MaxObject); err != nil {
		if k.opt.Large != nil {
			err = fmt.Errorf("%w; it is stored as changes to another version, and cannot be read in pieces", err)
		}
		return nil, err
	}
	k.admit(size)
	dst := k.arena.get(int(size))
	if k.copies, err = applyDelta(dst, base, ops, k.copies[:0]); err != nil {
		k.arena.put(dst)
		return nil, err
	}
	return dst, nil
}

// inflated returns the inflated data of entry i, in buf if that is given.
func (k *worker[S]) inflated(i int32, buf []byte) ([]byte, error) {
	e := &k.p.entries[i]
	if err := fits(e.size, k.opt.MaxObject); err != nil {
		return nil, err
	}
	raw := k.p.packed(int(i))
	if int(e.head) > len(raw) {
		return nil, errBroken // the index puts another entry into its header
	}
	if e.size > maxInflated(len(raw)) {
		return nil, errTooSmall(e.size, len(raw))
	}
	k.admit(e.size)
	if buf == nil {
		buf = k.arena.get(int(e.size))
	} else if e.size > bigObject {
		buf = k.p.big.Get(int(e.size))
	} else if uint64(cap(buf)) < e.size {
		buf = make([]byte, e.size, e.size*2)
	}
	buf = buf[:e.size]
	n, err := k.dec.Zlib(buf, raw[e.head:])
	if err != nil {
		return nil, fmt.Errorf("inflate its entry in pack %s: %w", k.p.path, err)
	}
	if n+int(e.head) != len(raw) {
		return nil, errEntryEnd
	}
	if k.p.damaged(i, raw) {
		return nil, errEntrySum
	}
	return buf, nil
}

var (
	errEntryEnd = errors.New("its entry in the pack does not end where the next one starts; run \"git fsck\"")
	errEntrySum = errors.New("its packed bytes do not have the checksum that the pack's index names; run \"git fsck\"")
)

// maxInflated bounds what n deflated bytes can become: deflate packs at most
// 1032 to 1 (RFC 1951: 258 bytes from 2 bits).
func maxInflated(n int) uint64 { return uint64(n)*1032 + 64 }

func fits(size uint64, limit int64) error {
	if limit > 0 && size > uint64(limit) {
		return fmt.Errorf("it has %d bytes, %w of %d", size, ErrLimit, limit)
	}
	return nil
}
