package scanner

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/walk/worktree"
)

// largeFile searches a file that is too large to be held. What is found before an
// error stands.
func (w *worker) largeFile(ctx context.Context, f job) {
	t, opened := f.target(), false
	err := f.At(func(from io.ReaderAt, size int64) error {
		w.noteHead(t, from)
		if opened = w.unpackLarge(t, stoppingAt{ctx, from}, size); opened {
			w.bytes += size
		}
		return nil
	})
	if err == nil && !opened {
		err = f.Stream(func(r io.Reader) error {
			size, err := w.pieces(t, stopping{ctx, r})
			w.bytes += size
			return err
		})
	}
	var p worktree.Problem
	switch {
	case ctx.Err() != nil:
	case errors.As(err, &p):
		w.gap(finding.Gap{What: p.What, Reason: p.Reason})
	default:
		w.read++
		w.scan.done.Add(1)
	}
}

// streamed searches a blob that is too large to be held, and returns its size. Of one
// that cannot be read to its end and proven nothing is found. made is that of
// store.StreamMade.
func (w *worker) streamed(ctx context.Context, t target, objects *store.Store, h plumbing.Hash, made int64) (size int64, err error) {
	undo := w.undo()
	err = objects.StreamMade(ctx, h, made, func(typ plumbing.ObjectType, all int64, content io.Reader) error {
		undo()
		if typ != plumbing.BlobObject {
			return fmt.Errorf("object %s is a %s, not a blob; run \"git fsck\"", h, typ)
		}
		size = all
		return w.largeContent(t, objects.At(ctx, h, made, all, content), all)
	})
	if err != nil {
		undo()
	}
	return size, err
}

// largeContent searches the content of a blob, of so many bytes, that is too large to be
// held. An error means that nothing of it counts.
func (w *worker) largeContent(t target, from *store.At, size int64) error {
	begins := w.noteHead(t, from)
	opened := begins && w.unpackLarge(t, from, size)
	var err error
	if !opened {
		var all io.Reader
		if all, err = from.Whole(); err == nil {
			_, err = w.pieces(t, all)
		}
	}
	if err == nil && !begins && endsAsZip(from, size) { // behind something else
		w.unpackLarge(t, from, size)
	}
	if from.TooOften() {
		w.tooLarge(t, "it is an archive, whose files lie in another order than they are listed in; raise --memory")
	}
	return cmp.Or(err, from.Close())
}

// madeBudget is how much may still be read of large blobs that are stored as changes to
// others: each costs what it has in bytes, however little is stored.
type madeBudget struct{ left int64 }

func newMadeBudget() *madeBudget { return &madeBudget{pack.MostMade} }

// errMade says that the budget is used up.
var errMade = fmt.Errorf("more than %d bytes of large versions are stored as changes to others, %w", int64(pack.MostMade), pack.ErrLimit)

// spend reads one more, of whose size read tells, if there is anything left to spend.
func (b *madeBudget) spend(read func() (size int64, err error)) (int64, error) {
	const least = 1 << 20 // that one costs
	if b.left <= 0 {
		return 0, errMade
	}
	size, err := read()
	b.left -= max(size, least)
	return size, err
}

// noteHead notes a content of a form that is not opened, and tells whether it begins as
// an archive.
func (w *worker) noteHead(t target, from io.ReaderAt) bool {
	head := headOf(from)
	w.noteUnsupported(t, head)
	return archive.Is(head)
}

func headOf(from io.ReaderAt) []byte {
	head := make([]byte, headBytes)
	n, _ := from.ReadAt(head, 0)
	return head[:n]
}

func endsAsZip(from io.ReaderAt, size int64) bool {
	end := make([]byte, headBytes)
	n, _ := from.ReadAt(end, max(0, size-headBytes))
	return archive.IsZip(nil, end[:n])
}

// largeStream searches a stream that is too large to be held, and returns its size. It
// was read up to the end of begin.
func (w *worker) largeStream(t target, begin []byte, rest io.Reader) (size int64, err error) {
	w.noteUnsupported(t, begin)
	more := &counter{from: rest}
	all := &ending{from: io.MultiReader(bytes.NewReader(begin), more)}
	open := w.scan.opt.ArchiveDepth > 0
	if !open || !archive.Streams(begin) {
		size, err = w.pieces(t, all)
		if open && archive.IsZip(begin, all.last) {
			w.notHeld(t, size, w.scan.opt.MaxFileBytes)
		}
		return size, err
	}
	limits, pieces := w.largeArchive(t, w.pieces)
	pieces.Whole = w.archiveVisitor(t)
	problems := archive.WalkStream(begin, all, limits, pieces)
	w.notOpened(t, problems)
	if len(problems) > 0 {
		as := io.Reader(bytes.NewReader(begin))
		if all.failed == nil && more.n == 0 {
			as = io.MultiReader(as, more)
		}
		_, err = w.pieces(t, as)
	}
	return int64(len(begin)) + more.n, cmp.Or(all.failed, err)
}

// undo gives a function that lets go of all that is found and noted from now on.
func (w *worker) undo() func() {
	list, gaps, unopened, unsupported, pointers := len(w.list), len(w.gaps), len(w.unopened), len(w.unsupported), len(w.pointers)
	return func() {
		w.list, w.gaps = w.list[:list], w.gaps[:gaps]
		w.unopened, w.unsupported, w.pointers = w.unopened[:unopened], w.unsupported[:unsupported], w.pointers[:pointers]
	}
}

// large is history.Options.Large: it searches a blob piece by piece. Another scan
// reads it again.
func (h historian) large(ctx context.Context, worker, n int, o *pack.Object, size int64, content io.Reader) error {
	w, first := h.workers[worker], h.first(n, o)
	undo := w.undo()
	if err := w.largeContent(object(first, o), h.objects.At(ctx, o.Name, h.opt.MaxFileBytes, size, content), size); err != nil {
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
func (h historian) largeBlobs(ctx context.Context) func(int, int, *pack.Object, int64, io.Reader) error {
	if !h.inPieces {
		return nil
	}
	return func(worker, n int, o *pack.Object, size int64, content io.Reader) error {
		return h.large(ctx, worker, n, o, size, content)
	}
}
