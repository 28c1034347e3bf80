package history

import (
	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// kids are children of trees (their entries) whose numbers were not looked up yet. Each look misses
// the cache several times; many of them side by side miss it together.
type kids struct {
	names   []plumbing.Hash
	asked   []kid
	numbers []int32 // scratch
}

// kid is what an entry points to.
type kid struct {
	word  *int32 // of a record, where its number goes; nil if there was no room for that
	typ   plumbing.ObjectType
	named bool // Options.Named picked it
}

// later stands in a record for a number that is not known yet.
const later = int32(-2)

// manyKids is how many are looked up together.
const manyKids = 256

// prepare gives a worker what it needs.
func (w *walk[S]) prepare(k *scratch) {
	k.prover = store.NewProver(func(h plumbing.Hash, typ plumbing.ObjectType) { w.garble(h, typ, store.ErrName) })
	k.names = names{&w.names, map[string]int32{}}
	k.resolve = func(mode, name []byte, h plumbing.Hash) (int32, int32) {
		typ := childKind(mode)
		if typ == 0 {
			return none, 0
		}
		k.kids.names = append(k.kids.names, h)
		k.kids.asked = append(k.kids.asked, kid{nil, typ, typ == plumbing.BlobObject && w.opt.Named != nil && w.opt.Named(name)})
		id, fresh := k.names.id(name)
		if fresh {
			w.links.room.Add(-int64(len(name) + nameCost))
		}
		return later, label(id, typ == plumbing.TreeObject)
	}
}

// number is the number of the object h, which a link says to have type typ.
func (w *walk[S]) number(h plumbing.Hash, typ plumbing.ObjectType) int32 {
	if m, ok := w.opt.Store.Number(h); ok {
		return int32(m)
	}
	return w.unheld(h, typ)
}

// unheld is the number of an object that the store does not hold.
func (w *walk[S]) unheld(h plumbing.Hash, typ plumbing.ObjectType) int32 {
	if h == emptyTree {
		return none
	}
	return w.absent.number(h, typ)
}

// tree keeps the links of a tree.
func (w *walk[S]) tree(k *scratch, n int, first bool, o *pack.Object, base *entries) *entries {
	e := takeEntries(&k.free)
	e.number = int32(n)
	next := len(k.kids.asked)
	if err := e.parse(o, base, k.resolve); err != nil && first {
		w.unclear(k, o, err)
	}
	head := [3]int32{none, int32(len(e.starts) - 1), int32(len(e.pieces))}
	if base != nil {
		head[0] = base.number
	}
	if kept := w.links.put(&k.pen, n, head[:], e.pieces); kept != nil {
		t := tree{pieces: kept[len(head):]}
		for p, ok := t.next(0); ok; p, ok = t.next(p.pos + p.n) {
			for i := 0; i < len(p.own); i += 2 {
				if p.own[i] == later {
					k.kids.asked[next].word = &p.own[i]
					next++
				}
			}
		}
	}
	if len(k.kids.asked) >= manyKids {
		w.settle(k)
	}
	if o.Leaf {
		k.free = append(k.free, e)
	}
	return e
}

// settle looks up what was put off.
func (w *walk[S]) settle(k *scratch) {
	l := &k.kids
	l.numbers = w.opt.Store.Numbers(l.numbers[:0], l.names)
	for i, a := range l.asked {
		m := l.numbers[i]
		if m < 0 {
			m = w.unheld(l.names[i], a.typ)
		}
		if a.named && m >= 0 {
			k.named = append(k.named, m)
		}
		if a.word != nil {
			*a.word = m
		}
	}
	l.names, l.asked = l.names[:0], l.asked[:0]
}
