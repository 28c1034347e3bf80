package scanner

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/walk/worktree"
)

// largeFile searches a file that is too large to be held. What is found before an
// error stands.
func (w *worker) largeFile(ctx context.Context, s *scan, f job) {
	what, opened := func() string { return f.Path }, false
	err := f.At(func(from io.ReaderAt, size int64) error {
		if opened = w.unpackLarge(s, f.number, what, stoppingAt{ctx, from}, size); opened {
			w.bytes += size
		}
		return nil
	})
	if err == nil && !opened {
		err = f.Stream(func(r io.Reader) error {
			size, err := w.pieces(s, f.number, what, 0, stopping{ctx, r})
			w.bytes += size
			return err
		})
	}
	var p worktree.Problem
	switch {
	case ctx.Err() != nil:
	case errors.As(err, &p):
		w.gaps = append(w.gaps, finding.Gap{What: p.What, Reason: p.Reason})
	default:
		w.read++
		s.done.Add(1)
	}
}

// largeBlob searches a blob that is too large to be held, as limit says, and returns
// its size. Of one that cannot be read to its end and proven nothing is found.
func (w *worker) largeBlob(ctx context.Context, s *scan, objects *store.Store, h plumbing.Hash, where int, what func() string, limit error) (size int64, err error) {
	size, err = w.streamed(ctx, s, objects, h, 0, where, what)
	if errors.Is(err, pack.ErrLimit) {
		err = fmt.Errorf("%w; it is stored as changes to another version, and cannot be read in pieces", limit)
	}
	return size, err
}

// streamed is largeBlob; made is that of store.StreamMade.
func (w *worker) streamed(ctx context.Context, s *scan, objects *store.Store, h plumbing.Hash, made int64, where int, what func() string) (size int64, err error) {
	undo := w.undo()
	err = objects.StreamMade(ctx, h, made, func(typ plumbing.ObjectType, _ int64, content io.Reader) error {
		undo()
		if typ != plumbing.BlobObject {
			return fmt.Errorf("object %s is a %s, not a blob; run \"git fsck\"", h, typ)
		}
		size, err = w.pieces(s, where, what, s.opt.MaxFileBytes, content)
		return err
	})
	if err != nil {
		undo()
	}
	return size, err
}

// undo gives a function that lets go of all that is found from now on.
func (w *worker) undo() func() {
	list, gaps := len(w.list), len(w.gaps)
	return func() { w.list, w.gaps = w.list[:list], w.gaps[:gaps] }
}

// large is history.Options.Large: it searches a blob piece by piece. Another scan
// reads it again.
func (h historian) large(worker, n int, o *pack.Object, _ int64, content io.Reader) error {
	w, first := h.workers[worker], h.first(n, o)
	undo := w.undo()
	if _, err := w.pieces(h.scan, first, named(o), h.opt.MaxFileBytes, content); err != nil {
		undo()
		return err
	}
	w.read++
	w.odd = append(w.odd, int32(first))
	if w.added != nil {
		w.again[first] = true
	}
	return nil
}

// largeBlobs is large where contents are searched piece by piece, else nil.
func (h historian) largeBlobs() func(int, int, *pack.Object, int64, io.Reader) error {
	if !h.inPieces {
		return nil
	}
	return h.large
}

// stopping is a reader that ends with its context.
type stopping struct {
	ctx  context.Context
	from io.Reader
}

// stoppingAt is a reader that ends with its context.
type stoppingAt struct {
	ctx  context.Context
	from io.ReaderAt
}

// ReadAt implements io.ReaderAt.
func (s stoppingAt) ReadAt(b []byte, off int64) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.ReadAt(b, off)
}

// Read implements io.Reader.
func (s stopping) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.Read(b)
}
