package pack

import (
	"container/list"
	"fmt"
	"runtime/debug"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack/inflate"
)

// Reader reads objects by name and keeps the bases that it met, so that reading
// many versions of a file does not make each of their bases anew. It belongs to
// one goroutine. What it returns may not be changed.
type Reader struct {
	dec   inflate.Decoder
	limit int64 // bytes held
	held  int64
	kept  map[spot]*list.Element
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

// NewReader makes a reader that holds at most limit bytes of bases.
func NewReader(limit int64) *Reader {
	return &Reader{limit: limit, kept: map[spot]*list.Element{}, order: list.New()}
}

// Get is Pack.Get through the reader.
func (r *Reader) Get(p *Pack, h plumbing.Hash, external External) (typ plumbing.ObjectType, data []byte, ok bool, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer p.catch(&err)
	i, ok := p.index.Find(h)
	if !ok {
		return 0, nil, false, nil
	}
	off, ok := p.index.Offset(i)
	if !ok {
		return 0, nil, true, errOutside
	}
	typ, data, err = r.at(p, off, external)
	return typ, data, true, err
}

// Offset tells where in the pack an object starts, as the index says.
func (p *Pack) Offset(h plumbing.Hash) (uint64, bool) {
	i, ok := p.index.Find(h)
	if !ok {
		return 0, false
	}
	return p.index.Offset(i)
}

// link is a delta on the way from an object down to what it is made from.
type link struct {
	packedAt
	off uint64
}

// at makes the object whose entry starts at off.
func (r *Reader) at(p *Pack, off uint64, external External) (typ plumbing.ObjectType, data []byte, err error) {
	var chain []link
	for data == nil {
		if b := r.find(spot{p, off}); b != nil {
			typ, data = b.typ, b.data
			break
		}
		e, err := p.at(off)
		if err != nil {
			return 0, nil, err
		}
		if len(chain) > p.index.n {
			return 0, nil, errEndless
		}
		far := e.typ == plumbing.REFDeltaObject
		switch {
		case e.typ == plumbing.OFSDeltaObject:
			chain = append(chain, link{e, off})
			if e.back > off {
				return 0, nil, errBroken
			}
			off -= e.back
			continue
		case far:
			chain = append(chain, link{e, off})
			if i, ok := p.index.Find(e.base); ok {
				if off, ok = p.index.Offset(i); !ok {
					return 0, nil, errOutside
				}
				continue
			}
			typ, data, err = readBase(e.base, external)
		default:
			typ = e.typ
			if data, err = p.inflate(e, &r.dec); err == nil {
				r.keep(base{spot{p, off}, typ, data})
			}
		}
		if err != nil {
			return 0, nil, err
		}
		break // also where the data is empty
	}
	for i := len(chain) - 1; i >= 0; i-- {
		if data, err = p.apply(chain[i].packedAt, data, &r.dec); err != nil {
			return 0, nil, fmt.Errorf("apply its delta: %w", err)
		}
		r.keep(base{spot{p, chain[i].off}, typ, data})
	}
	return typ, data, nil
}

func (r *Reader) find(at spot) *base {
	e, ok := r.kept[at]
	if !ok {
		return nil
	}
	r.order.MoveToFront(e)
	return e.Value.(*base)
}

// keep holds an object, and lets those go that were not used for longest.
func (r *Reader) keep(b base) {
	if size := int64(len(b.data)); size > r.limit/4 {
		return
	}
	r.kept[b.spot] = r.order.PushFront(&b)
	r.held += int64(len(b.data)) + 200 // for the record itself
	for r.held > r.limit {
		last := r.order.Back()
		old := r.order.Remove(last).(*base)
		delete(r.kept, old.spot)
		r.held -= int64(len(old.data)) + 200
	}
}
