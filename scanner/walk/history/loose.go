package history

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// bigLoose is the size in bytes above which loose objects are read one after the
// other, so that many workers do not hold many of them.
const bigLoose = 16 << 20

// looseObjects visits the loose objects. Those that a pack holds too are among
// them: what its index calls by that name may be something else.
func (w *walk[S]) looseObjects(ctx context.Context) error {
	list := w.opt.Store.LooseObjects()
	limit := w.opt.MaxObject
	if limit <= 0 || limit > bigLoose {
		limit = bigLoose
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex // guards large and fault
	var large []int
	var fault error
	for id := range w.opt.Jobs {
		wg.Go(func() {
			var cut error
			defer func() {
				if cut != nil {
					mu.Lock()
					fault = cut
					mu.Unlock()
				}
			}()
			defer pack.Guard(&cut)()
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(list) {
					return
				}
				if !w.looseObject(ctx, id, i, limit) {
					mu.Lock()
					large = append(large, i)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if fault != nil {
		return fault
	}
	slices.Sort(large)
	for _, i := range large {
		if ctx.Err() == nil {
			w.looseObject(ctx, 0, i, w.opt.MaxObject)
		}
	}
	return ctx.Err()
}

// looseObject visits the loose object at place i. It is false if the object is
// larger than limit and may be read under a higher one.
func (w *walk[S]) looseObject(ctx context.Context, id, i int, limit int64) bool {
	s := w.opt.Store
	l := s.LooseObjects()[i]
	n := s.LooseBase() + i
	if w.types[n] != 0 {
		return true
	}
	if l, ok := w.limited[n]; ok {
		w.problem(pack.Problem{Name: s.Name(n), Type: l.typ, Err: tooLarge(l.text)})
		return true
	}
	typ, data, err := s.ReadLoose(l.Path, limit)
	if errors.Is(err, pack.ErrLimit) && limit != w.opt.MaxObject {
		return false
	}
	if errors.Is(err, pack.ErrLimit) && typ == plumbing.BlobObject && w.opt.Large != nil {
		if err = w.largeLoose(ctx, id, n, l); err == nil {
			return true
		}
	}
	if err == nil {
		err = store.Prove(l.Name, typ, data)
	}
	if errors.Is(err, store.ErrName) {
		s.Other(l.Name, l.Path) // a pack may have what is right
	}
	if err != nil {
		p := pack.Problem{Name: l.Name, Err: err}
		if errors.Is(err, pack.ErrLimit) {
			p.Type = typ
		}
		w.problem(p)
		return true
	}
	w.visit(id, n, &pack.Object{Name: l.Name, Type: typ, Data: data, Leaf: true}, state[S]{})
	s.Done(data)
	return true
}

// mend visits what could not be read in one place and can be in another: a
// second pack, or a loose copy.
func (w *walk[S]) mend(ctx context.Context) {
	left := w.bad[:0]
	for _, p := range w.bad {
		w.opt.Store.ProveCopies(ctx, p.Name) // git may be able to read what a walk refuses
		n, ok := w.opt.Store.Number(p.Name)
		if ok && w.types[n] != 0 {
			continue // another copy was read
		}
		if errors.Is(p.Err, pack.ErrLimit) {
			left = append(left, p)
			continue
		}
		typ, data, err := w.opt.Store.GetProven(p.Name)
		if err == nil && w.opt.MaxObject > 0 && int64(len(data)) > w.opt.MaxObject {
			err = pack.ErrLimit
		}
		if w.mendLarge(ctx, n, p.Name, err) {
			continue
		}
		if err != nil {
			left = append(left, p)
			continue
		}
		w.several = false
		w.visit(0, n, &pack.Object{Name: p.Name, Type: typ, Data: data, Leaf: true}, state[S]{})
		w.opt.Store.Done(data)
	}
	w.bad = left
}
