package scanner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/revision"
	"keyrake/scanner/walk/store"
)

// search reads and searches every object that holds text.
func (g *ranger) search(ctx context.Context) {
	order := g.order()
	batch := max(1, min(128, len(order)/8/len(g.workers))) // neighbours share bases, so they go to one worker
	var next atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex // guards all
	var all share
	for _, w := range g.workers {
		wg.Go(func() {
			defer w.guard()()
			mine := share{w: w, from: g.objects.NewReader(g.readerMemory()), state: new(state)}
			for ctx.Err() == nil {
				end := int(next.Add(int64(batch)))
				for _, n := range order[min(end-batch, len(order)):min(end, len(order))] {
					g.take(ctx, &mine, n)
				}
				g.done.Add(int64(batch))
				if end >= len(order) {
					break
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all.add(&mine)
		})
	}
	wg.Wait()
	g.read, g.unread = all.read, all.unread
	slices.Sort(all.made)
	g.makeLarge(ctx, all.made)
}

// order numbers the objects that can be read; neighbours in a pack stay neighbours.
func (g *ranger) order() []int {
	unread := map[plumbing.Hash]bool{}
	for _, gap := range g.list.Gaps {
		unread[gap.Name] = unread[gap.Name] || !errors.Is(gap.Err, revision.ErrShallow)
	}
	order := make([]int, 0, len(g.list.Objects))
	for n, o := range g.list.Objects {
		if !unread[o.Name] {
			order = append(order, n)
		}
	}
	store.SortByPlace(g.objects, order, func(n int) plumbing.Hash { return g.list.Objects[n].Name })
	return order
}

// share is what one worker does of a range.
type share struct {
	w      *worker
	from   *store.Reader
	state  *state
	read   [8]finding.Count // by type
	unread []history.Gap
	made   []int // numbers of large blobs that are stored as changes
}

func (s *share) add(other *share) {
	for t := range s.read {
		s.read[t].Read += other.read[t].Read
		s.read[t].Bytes += other.read[t].Bytes
	}
	s.unread = append(s.unread, other.unread...)
	s.made = append(s.made, other.made...)
}

// take searches the object with the number n.
func (g *ranger) take(ctx context.Context, s *share, n int) {
	o := g.list.Objects[n]
	if ctx.Err() != nil {
		return
	}
	size, err := g.object(ctx, s.w, s.from, n, o, s.state)
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, pack.ErrLimit) && g.inPieces && o.Type == plumbing.BlobObject:
		s.made = append(s.made, n)
	case err != nil:
		s.unread = append(s.unread, history.Gap{Name: o.Name, Type: o.Type, Err: err})
	default:
		s.read[o.Type].Read++
		s.read[o.Type].Bytes += size
	}
}

// makeLarge searches the blobs with these numbers, which are stored as changes to
// others and too large to be held, as far as the budget goes.
func (g *ranger) makeLarge(ctx context.Context, made []int) {
	w := g.workers[0]
	defer w.guard()()
	budget := newMadeBudget()
	for _, n := range made {
		if ctx.Err() != nil {
			return
		}
		o := g.list.Objects[n]
		size, err := budget.spend(func() (int64, error) {
			return w.streamed(ctx, inList(n, o), g.objects, o.Name, g.opt.MaxFileBytes)
		})
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			g.unread = append(g.unread, history.Gap{Name: o.Name, Type: o.Type, Err: err})
			continue
		}
		g.read[o.Type].Read++
		g.read[o.Type].Bytes += size
	}
}

// inList is the object with number n of the range, as a target.
func inList(n int, o revision.Object) target {
	return target{n, func() string { return o.Type.String() + " " + o.Name.String() }}
}

// object searches one object; a tree holds no text, and was read when the range
// was listed.
func (g *ranger) object(ctx context.Context, w *worker, from *store.Reader, n int, o revision.Object, st *state) (int64, error) {
	g.objects.ProveCopies(ctx, o.Name)
	if o.Type == plumbing.TreeObject {
		return g.list.Size(n), nil
	}
	t := inList(n, o)
	typ, data, err := from.GetProven(o.Name)
	switch {
	case errors.Is(err, pack.ErrLimit) && g.inPieces && o.Type == plumbing.BlobObject:
		return w.streamed(ctx, t, g.objects, o.Name, 0)
	case errors.Is(err, store.ErrNotFound):
		return 0, history.ErrMissing
	case err != nil:
		return 0, err
	case typ != o.Type:
		return 0, fmt.Errorf("it is a %s and not a %s; run \"git fsck\"", typ, o.Type)
	case int64(len(data)) > g.opt.MaxFileBytes:
		return 0, fmt.Errorf("it has %d bytes, %w of %d", len(data), pack.ErrLimit, g.opt.MaxFileBytes)
	}
	if !w.unpack(t, data) {
		w.content(st, data)
		if typ != plumbing.BlobObject {
			w.messageOnly(st, data)
		}
		w.record(t, data, st)
	}
	return int64(len(data)), nil
}
