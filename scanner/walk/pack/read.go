package pack

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack/inflate"
)

// External reads an object that is not in the pack at hand.
type External func(plumbing.Hash) (plumbing.ObjectType, []byte, error)

// Get reads one object by its name, without looking at the rest of the pack;
// false if the pack does not hold it. external reads a base from elsewhere; nil
// knows none.
func (p *Pack) Get(h plumbing.Hash, external External) (plumbing.ObjectType, []byte, bool, error) {
	return p.get(h, &inflate.Decoder{}, nil, external)
}

func (p *Pack) get(h plumbing.Hash, dec *inflate.Decoder, kept *bases, external External) (typ plumbing.ObjectType, data []byte, ok bool, err error) {
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
	typ, data, err = p.readAt(off, dec, kept, external)
	return typ, data, true, err
}

// catch makes an error of the panic that reading a mapped file raises beyond
// the end to which it was cut, if faults are panics in this goroutine.
func (p *Pack) catch(err *error) {
	if r := recover(); r != nil {
		*err = p.cut(r)
	}
}

// cut is the error for a fault; any other panic goes on.
func (p *Pack) cut(r any) error {
	if !IsFault(r) {
		panic(r)
	}
	return fmt.Errorf("read pack %s: it changed or became unreadable while it was read (%v)", p.path, r)
}

// Has reports whether the pack's index lists h.
func (p *Pack) Has(h plumbing.Hash) bool {
	_, ok := p.index.Find(h)
	return ok
}

// ErrLimit means that an object is larger than a walk may read.
var ErrLimit = errors.New("more than the limit")

var (
	errOutside = errors.New("the index puts it outside the pack")
	errBroken  = errors.New("its entry in the pack is broken")
	errEndless = errors.New("its chain of deltas never ends")
)

// packedAt is an entry found by its offset alone.
type packedAt struct {
	header
	stream []byte // from the zlib stream to the end of the pack
}

func (p *Pack) at(off uint64) (e packedAt, err error) {
	if off < 12 || off >= uint64(p.end) {
		return e, errOutside
	}
	d := p.data[off:p.end]
	h, ok := parseHeader(d)
	if !ok {
		return e, errBroken
	}
	return packedAt{h, d[h.len:]}, nil
}

// link is a delta on the way from an object down to what it is made from.
type link struct {
	packedAt
	off uint64
}

// readAt makes the object whose entry starts at off, following its deltas. It takes
// from kept what is there, and puts in what it made on the way; kept may be nil.
func (p *Pack) readAt(off uint64, dec *inflate.Decoder, kept *bases, external External) (typ plumbing.ObjectType, data []byte, err error) {
	var chain []link
	for data == nil {
		if b := kept.find(spot{p, off}); b != nil {
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
		switch e.typ {
		case plumbing.OFSDeltaObject:
			chain = append(chain, link{e, off})
			if e.back > off {
				return 0, nil, errBroken
			}
			off -= e.back
			continue
		case plumbing.REFDeltaObject:
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
			if data, err = p.inflate(e, dec); err == nil {
				kept.keep(base{spot{p, off}, typ, data})
			}
		}
		if err != nil {
			return 0, nil, err
		}
		break // also where the data is empty
	}
	for i, l := range slices.Backward(chain) {
		from := data
		if data, err = p.apply(l.packedAt, from, dec); err != nil {
			return 0, nil, err
		}
		if i+1 < len(chain) && !kept.keeps(from) { // what is below the chain may be somebody else's
			p.big.Put(from)
		}
		kept.keep(base{spot{p, l.off}, typ, data})
	}
	return typ, data, nil
}

func (p *Pack) inflate(e packedAt, dec *inflate.Decoder) ([]byte, error) {
	if err := fits(e.size, p.bound); err != nil {
		return nil, err
	}
	if e.size > maxInflated(len(e.stream)) {
		return nil, errTooSmall(e.size, len(e.stream))
	}
	buf := p.big.Get(int(e.size))
	if _, err := dec.Zlib(buf, e.stream); err != nil {
		return nil, fmt.Errorf("inflate its entry in pack %s: %w", p.path, err)
	}
	return buf, nil
}

func (p *Pack) apply(e packedAt, base []byte, dec *inflate.Decoder) ([]byte, error) {
	delta, err := p.inflate(e, dec)
	if err != nil {
		return nil, err
	}
	size, ops, err := checkDelta(delta, len(base))
	if err != nil {
		return nil, err
	}
	if err := fits(size, p.bound); err != nil {
		return nil, err
	}
	defer p.big.Put(delta)
	dst := p.big.Get(int(size))
	_, err = applyDelta(dst, base, ops, nil)
	return dst, err
}

// readBase reads the base of a ref-delta from another store.
func readBase(h plumbing.Hash, external External) (plumbing.ObjectType, []byte, error) {
	if external == nil {
		return 0, nil, fmt.Errorf("its base %s is not in the same pack", h)
	}
	typ, data, err := external(h)
	if err != nil {
		return 0, nil, fmt.Errorf("its base %s could not be read: %w", h, err)
	}
	return typ, data, nil
}

func errTooSmall(size uint64, packed int) error {
	return fmt.Errorf("its entry in the pack declares %d bytes, more than %d packed bytes can hold", size, packed)
}
