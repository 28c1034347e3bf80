package scanner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/commitgraph"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/staged"
	"keyrake/scanner/walk/store"
)

// Staged scans the blobs that the next commit brings in: those of the index
// that differ from HEAD, each in full. Of what it finds it reports what HEAD's
// version of the same file does not hold, wherever that was moved from.
func Staged(ctx context.Context, opt Options, env GitEnv) (*finding.Report, error) {
	return opt.run(ctx, func(ctx context.Context, opt Options) (*finding.Report, error) { return scanStaged(ctx, opt, env) })
}

func scanStaged(ctx context.Context, opt Options, env GitEnv) (_ *finding.Report, err error) {
	defer pack.Guard(&err)()
	r, err := env.open()
	if err != nil {
		return nil, err
	}
	packed := make(chan []repo.Problem, 1) // of many refs they take a tenth of a hook, and nothing waits for them
	go func() { packed <- r.PackedProblems() }()
	s, err := newScan(opt, "staged")
	if err != nil {
		return nil, err
	}
	objects := store.Open(r.ObjectDirs)
	defer objects.Close()
	objects.Bound(s.opt.MaxFileBytes)
	s.enter("compare the index with HEAD")
	files, problems, err := staged.Changes(r, objects)
	if err != nil {
		s.close()
		return nil, err
	}
	addGaps(s, slices.Concat(r.Problems, problems, <-packed))
	addGaps(s, objects.Problems)
	s.holdGraph(r, func(set *commitgraph.Set) []commitgraph.Problem { return set.These(s.headAlone(r, objects)) })
	s.enter("read and search the staged files")
	s.searchStaged(ctx, objects, files)
	if s.overspent() {
		return s.stopped()
	}
	for _, w := range s.workers {
		s.report.Coverage.Files.Read += w.read
		s.report.Coverage.Files.Bytes += w.bytes
	}
	s.doubts(objects)
	s.findings(func(o *occurrence) finding.Place {
		f := &files[o.where]
		return o.place(finding.Staged, f.Path, f.Blob.String())
	})
	var named []finding.Place // of new files that are findings by their paths
	for i := range files {
		if f := &files[i]; f.HeadBlob.IsZero() && f.Blob != emptyBlob {
			named = append(named, finding.Place{Kind: finding.Staged, Path: f.Path, Object: f.Blob.String()})
		}
	}
	s.byName(named, fromStore(objects))
	s.fix(fromStore(objects))
	s.pair(inIndex(objects, r))
	err = s.interrupted(ctx)
	return s.close(), err
}

// searchStaged reads and searches the staged files, with all workers.
func (s *scan) searchStaged(ctx context.Context, objects *store.Store, files []staged.File) {
	s.report.Coverage.Files.Reached = len(files)
	s.total.Store(int64(len(files)))
	var next atomic.Int64
	var wg sync.WaitGroup
	var made []int    // numbers of files that are large and stored as changes
	var mu sync.Mutex // guards made
	for _, w := range s.workers[:max(1, min(len(s.workers), len(files)))] {
		wg.Go(func() {
			defer w.guard()()
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(files) {
					return
				}
				if _, err := w.staged(ctx, objects, i, &files[i], 0); err != nil {
					mu.Lock()
					made = append(made, i)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(made)
	s.makeStaged(ctx, objects, files, made)
}

// makeStaged searches the files with these numbers, as ranger.makeLarge does.
func (s *scan) makeStaged(ctx context.Context, objects *store.Store, files []staged.File, made []int) {
	w := s.workers[0]
	defer w.guard()()
	budget := newMadeBudget()
	for _, i := range made {
		if ctx.Err() != nil {
			return
		}
		_, err := budget.spend(func() (int64, error) { return w.staged(ctx, objects, i, &files[i], s.opt.MaxFileBytes) })
		if err != nil && ctx.Err() == nil {
			w.gap(finding.Gap{What: files[i].Path, Reason: err.Error() + "; raise --memory", Cause: finding.TooLarge})
		}
	}
}

// staged searches one staged file, and returns how many bytes were read. made is that of
// store.StreamMade; the error tells that the file, or HEAD's version of it, needs more of it.
func (w *worker) staged(ctx context.Context, objects *store.Store, number int, f *staged.File, made int64) (read int64, err error) {
	objects.ProveCopies(ctx, f.Blob)
	s, st, from := w.scan, new(state), len(w.list)
	t := target{number, func() string { return f.Path }}
	undo := w.undo()
	data, err := readBlob(objects, f.Blob, s.opt.MaxFileBytes)
	size := int64(len(data))
	switch {
	case errors.Is(err, pack.ErrLimit) && s.inPieces:
		if size, err = w.streamed(ctx, t, objects, f.Blob, made); errors.Is(err, pack.ErrLimit) {
			return size, err
		}
	case err == nil && !w.unpack(t, data):
		w.content(st, data)
		w.record(t, data, st)
	}
	if ctx.Err() != nil {
		return size, nil
	}
	if err != nil {
		g := finding.Gap{What: f.Path, Reason: err.Error()}
		if errors.Is(err, pack.ErrLimit) {
			g.Cause = finding.TooLarge
		}
		w.gap(g)
		return size, nil
	}
	read = size
	if before := cmp.Or(f.HeadBlob, f.Moved); len(w.list) > from && !before.IsZero() {
		known, old, err := w.secretsIn(ctx, objects, before, made)
		if read += old; errors.Is(err, pack.ErrLimit) && made == 0 && s.inPieces {
			undo()
			return read, err
		}
		w.drop(known, from, func(o *occurrence) bool {
			now := finding.Place{Kind: finding.Staged, Path: f.Path, Object: f.Blob.String()}
			return slices.ContainsFunc(f.From, func(path string) bool {
				return s.released(o, w.secrets[o.secret], finding.Place{Kind: finding.Staged, Path: path, Object: before.String()}, now)
			})
		})
	}
	w.read++
	w.bytes += size
	s.done.Add(1)
	return read, nil
}

// drop drops what is known from the occurrences found since from. One that was marked and
// is not any more is kept, and one that was released.
func (w *worker) drop(known map[string]bool, from int, released func(*occurrence) bool) {
	kept := w.list[:from]
	for _, o := range w.list[from:] {
		if bare, ok := known[w.secrets[o.secret]]; !ok || !bare && o.mark == nil || released(&o) {
			kept = append(kept, o)
		}
	}
	w.list = kept
}

// secretsIn finds the secrets that a blob holds, and tells nobody else; also how many bytes
// it has. A secret that no place of is without a mark is in found, as false. If the blob
// cannot be read there are none: then everything counts as new.
func (w *worker) secretsIn(ctx context.Context, objects *store.Store, blob plumbing.Hash, made int64) (found map[string]bool, size int64, err error) {
	found = map[string]bool{}
	s, from, undo, room := w.scan, len(w.list), w.undo(), w.room
	w.room = nil // they are no places that are told
	defer func() { w.room = room }()
	data, err := readBlob(objects, blob, s.opt.MaxFileBytes)
	size = int64(len(data))
	if errors.Is(err, pack.ErrLimit) && s.inPieces {
		size, err = w.streamed(ctx, target{0, func() string { return "" }}, objects, blob, made)
	} else if err == nil {
		st := new(state)
		add := func(data []byte) {
			w.content(st, data)
			w.add(0, data, st)
		}
		if s.opt.ArchiveDepth > 0 && archive.Is(data) {
			archive.Walk(data, s.archiveLimits(), func(_ string, inner []byte) { add(inner) })
		}
		add(data)
	}
	for _, o := range w.list[from:] {
		found[w.secrets[o.secret]] = found[w.secrets[o.secret]] || o.mark == nil
	}
	undo()
	w.expired = w.expired[:0]
	return found, size, err
}

func readBlob(objects *store.Store, h plumbing.Hash, limit int64) ([]byte, error) {
	typ, data, err := objects.GetProven(h) // an index can claim any name for any bytes
	if err != nil {
		return nil, err
	}
	if typ != plumbing.BlobObject {
		return nil, fmt.Errorf("object %s is a %s, not a blob; run \"git fsck\"", h, typ)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it has %d bytes, %w of %d", len(data), pack.ErrLimit, limit)
	}
	return data, nil
}
