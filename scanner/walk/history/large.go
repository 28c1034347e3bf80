package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// large shows a blob of the pack at hand piece by piece.
func (w *walk[S]) large(worker int, o *pack.Object, size int64, content io.Reader) error {
	n := w.base + o.Entry
	if err := w.opt.Large(worker, n, o, size, store.Proving(o.Name, o.Type, size, content)); err != nil {
		return err
	}
	first := n
	if w.several {
		first = w.opt.Store.First(n, o.Name)
	}
	w.readLarge(worker, n, size, first == n)
	return nil
}

// largeByName shows the blob with number n piece by piece, whatever copy of it is
// whole.
func (w *walk[S]) largeByName(ctx context.Context, worker, n int, name plumbing.Hash) error {
	return w.opt.Store.Stream(ctx, name, w.showLarge(worker, n, name))
}

// largeLoose shows the blob in the loose file with number n piece by piece. A pack
// that holds one of its name may have been read before.
func (w *walk[S]) largeLoose(ctx context.Context, worker, n int, l store.Loose) error {
	show := w.showLarge(worker, n, l.Name)
	return store.StreamLoose(ctx, l.Path, func(typ plumbing.ObjectType, size int64, content io.Reader) error {
		return show(typ, size, store.Proving(l.Name, typ, size, content))
	})
}

// showLarge shows content as the blob with number n.
func (w *walk[S]) showLarge(worker, n int, name plumbing.Hash) func(plumbing.ObjectType, int64, io.Reader) error {
	return func(typ plumbing.ObjectType, size int64, content io.Reader) error {
		if typ != plumbing.BlobObject {
			return fmt.Errorf("it has %d bytes, %w of %d", size, pack.ErrLimit, w.opt.MaxObject)
		}
		err := w.opt.Large(worker, n, &pack.Object{Name: name, Type: typ, Leaf: true}, size, content)
		if err == nil {
			w.readLarge(worker, n, size, w.opt.Store.First(n, name) == n)
		}
		return err
	}
}

func (w *walk[S]) readLarge(worker, n int, size int64, first bool) {
	w.types[n], w.sizes[n] = uint8(plumbing.BlobObject), uint32(min(size, math.MaxUint32))
	if first {
		k := &w.workers[worker]
		k.counts[plumbing.BlobObject].Read++
		k.counts[plumbing.BlobObject].Bytes += size
	}
}

// mendLarge shows a blob of which a copy could not be read and that is too large
// to be held, if another copy can be.
func (w *walk[S]) mendLarge(ctx context.Context, n int, name plumbing.Hash, err error) bool {
	return w.opt.Large != nil && errors.Is(err, pack.ErrLimit) && w.largeByName(ctx, 0, n, name) == nil
}
