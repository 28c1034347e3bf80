package store

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// Reader reads many objects by name, sharing the work on what their deltas have
// in common. It belongs to one goroutine; what it returns may not be changed.
type Reader struct {
	store *Store
	packs *pack.Reader
}

// NewReader makes a reader that holds at most limit bytes.
func (s *Store) NewReader(limit int64) *Reader { return &Reader{s, pack.NewReader(limit)} }

// GetProven reads one object, of which it takes only a copy that hashes to h.
// The error wraps ErrNotFound if no directory holds it.
func (r *Reader) GetProven(h plumbing.Hash) (plumbing.ObjectType, []byte, error) {
	if err := r.store.placed(h); err != nil {
		return 0, nil, err
	}
	for _, p := range r.store.packs {
		typ, data, ok, err := r.packs.Get(p, h, r.store.Get)
		if ok && err == nil {
			if Prove(h, typ, data) == nil {
				return typ, data, nil
			}
			r.store.Other(h, p.Path())
		}
		if ok {
			break
		}
	}
	return r.store.GetProven(h) // loose, or broken in the first pack that has it
}

// Unproven reads one object as Store.Get does: whoever uses it proves it, or has
// no need of that.
func (r *Reader) Unproven(h plumbing.Hash) (plumbing.ObjectType, []byte, error) {
	for _, p := range r.store.packs {
		if typ, data, ok, err := r.packs.Get(p, h, r.store.Get); ok && err == nil {
			return typ, data, nil
		}
	}
	return r.store.Get(h)
}

// Get reads one object, the reader's way.
func (r *Reader) Get(h plumbing.Hash) (plumbing.ObjectType, []byte, error) { return r.GetProven(h) }

// SortByPlace orders things by where their objects are stored, so that those
// with common bases are read one after the other.
func SortByPlace[T any](s *Store, list []T, name func(T) plumbing.Hash) {
	type place struct {
		pack int
		off  uint64
		item T
	}
	places := make([]place, len(list))
	for i, item := range list {
		places[i] = place{len(s.packs), 0, item}
		for k, p := range s.packs {
			if off, ok := p.Offset(name(item)); ok {
				places[i] = place{k, off, item}
				break
			}
		}
	}
	slices.SortStableFunc(places, func(a, b place) int {
		x, y := name(a.item), name(b.item)
		return cmp.Or(cmp.Compare(a.pack, b.pack), cmp.Compare(a.off, b.off), bytes.Compare(x[:], y[:]))
	})
	for i := range places {
		list[i] = places[i].item
	}
}
