package pack

import (
	"container/list"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack/inflate"
)

// Reader reads objects by name and keeps the bases that it met, so that reading
// many versions of a file does not make each of their bases anew. It belongs to
// one goroutine. What it returns may not be changed.
type Reader struct {
	dec  inflate.Decoder
	kept bases
}

// NewReader makes a reader that holds at most limit bytes of bases.
func NewReader(limit int64) *Reader {
	return &Reader{kept: bases{limit: limit, at: map[spot]*list.Element{}, order: list.New()}}
}

// Get is Pack.Get through the reader.
func (r *Reader) Get(p *Pack, h plumbing.Hash, external External) (plumbing.ObjectType, []byte, bool, error) {
	return p.get(h, &r.dec, &r.kept, external)
}

// Offset says where in the pack an object starts, as the index says.
func (p *Pack) Offset(h plumbing.Hash) (uint64, bool) {
	i, ok := p.index.Find(h)
	if !ok {
		return 0, false
	}
	return p.index.Offset(i)
}

// bases holds the objects that were made last, within a bound. Nil holds none.
type bases struct {
	limit int64 // bytes
	held  int64
	at    map[spot]*list.Element
	order *list.List // of *base, the one used last in front
}

// spot is an entry of a pack.
type spot struct {
	pack *Pack
	off  uint64
}

// base is an object that was made on the way to another.
type base struct {
	spot
	typ  plumbing.ObjectType
	data []byte
}

func (b *bases) find(at spot) *base {
	if b == nil {
		return nil
	}
	e, ok := b.at[at]
	if !ok {
		return nil
	}
	b.order.MoveToFront(e)
	return e.Value.(*base)
}

// recordCost is about how many bytes it takes to hold a base, beside its content.
const recordCost = 200

// keeps reports whether an object with that content is held.
func (b *bases) keeps(data []byte) bool { return b != nil && int64(len(data)) <= b.limit/4 }

// keep holds an object, and lets those go that were not used for longest.
func (b *bases) keep(made base) {
	if !b.keeps(made.data) {
		return
	}
	kept := made // so that nothing is allocated where nothing is kept
	b.at[kept.spot] = b.order.PushFront(&kept)
	b.held += int64(len(made.data)) + recordCost
	for b.held > b.limit {
		last := b.order.Back()
		old := b.order.Remove(last).(*base)
		delete(b.at, old.spot)
		b.held -= int64(len(old.data)) + recordCost
	}
}
