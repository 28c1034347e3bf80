package scanner

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/match/decode"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// History scans every blob, commit and tag that a ref of the repository
// reaches: branches, remote-tracking branches, tags, notes, the stash with its
// reflog, and the HEAD of every worktree.
func History(ctx context.Context, opt Options, env GitEnv) (*finding.Report, error) {
	return opt.run(ctx, func(ctx context.Context, opt Options) (*finding.Report, error) { return scanHistory(ctx, opt, env) })
}

func scanHistory(ctx context.Context, opt Options, env GitEnv) (_ *finding.Report, err error) {
	defer pack.Guard(&err)()
	h, err := openHistory(opt, env)
	if err != nil {
		return nil, err
	}
	defer h.objects.Close()
	if h.recall(h.keeps, h.objects) {
		h.addRemediesAndParts(h.repo, h.objects)
		h.noteSubmodules(h.repo)
		return h.close(), nil
	}
	err = h.walk(ctx)
	if h.overspent() {
		return h.stopped()
	}
	h.sumUp(ctx, err)
	err = h.interrupted(ctx)
	h.finish(context.WithoutCancel(ctx)) // where things stand is worth telling even so
	if err == nil {
		h.remember(h.keeps, h.repo, h.objects, h.res, h.before)
	}
	h.proveAccepted(ctx, h.objects)
	h.noteSubmodules(h.repo)
	return h.close(), err
}

// historyScan is the scan of one history, in the order of its methods here.
type historyScan struct {
	*scan
	repo    *repo.Repo
	objects *store.Store
	// mutable
	keeps  *memo           // where the outcome is kept; nil keeps nothing
	before *past           // what an earlier scan knows
	starts []plumbing.Hash // tips of the history
	res    *history.Result
}

// openHistory makes the scan of a repository, of which no object was read yet.
func openHistory(opt Options, env GitEnv) (*historyScan, error) {
	r, err := env.open()
	if err != nil {
		return nil, err
	}
	s, err := newScan(opt, "history")
	if err != nil {
		return nil, err
	}
	keeps := s.memo(r, env) // before a file is opened that may be another a moment later
	objects := store.Open(r.ObjectDirs)
	objects.Bound(s.opt.MaxFileBytes)
	return &historyScan{scan: s, repo: r, objects: objects, keeps: keeps}, nil
}

// walk reads and searches all objects that an earlier scan does not know.
func (h *historyScan) walk(ctx context.Context) (err error) {
	if c := h.opt.Cache; c != nil && c.Miss != nil {
		c.Miss()
	}
	h.objects.List()
	h.before = h.past(h.keeps, h.objects)
	h.enter("read and search objects")
	h.total.Store(int64(h.objects.Len()))
	h.starts = h.tips(h.repo)
	if h.before == nil { // else most is not read
		h.heads = h.holdHead(h.repo, h.objects)
	}
	visitor := historian{h.scan, h.objects, h.before}
	h.res, err = history.Walk(ctx, history.Options{
		Store: h.objects, Tips: h.starts, Shallow: h.repo.Shallow, Jobs: h.opt.Jobs, Large: visitor.largeBlobs(ctx),
		Memory: h.opt.MemoryLimit, MaxObject: h.opt.MaxFileBytes, Named: h.named(), Prove: h.proves(), Past: h.before.walked(),
	}, visitor)
	return err
}

// sumUp writes the ledger of a walk, which may have ended with an error.
func (h *historyScan) sumUp(ctx context.Context, err error) {
	h.report.Stats.Known = h.before.add(h.workers)
	if h.searched() > maxKept {
		h.keepNothing()
	}
	if err != nil && ctx.Err() == nil {
		h.gap(h.repo.GitDir, err.Error())
	}
	h.cover(h.repo, h.objects, h.res, h.starts)
}

// finish makes the findings of what was found, and all that is told of them.
func (h *historyScan) finish(ctx context.Context) {
	h.enter("find paths and commits")
	if err := h.attribute(ctx, h.repo, h.objects, h.res); err != nil {
		h.gap("commits", fmt.Sprintf("cannot determine the commits of findings: %v", err))
	}
	if h.fitted { // a scan with more memory would tell more
		h.keepNothing()
	}
	if err := h.byNameInHistory(h.repo, h.objects, h.res); err != nil {
		h.gap("file names", fmt.Sprintf("cannot determine which files do not belong into git: %v", err))
	}
	h.seeHeld(h.objects)
	h.addRemediesAndParts(h.repo, h.objects)
	if h.opt.Publish != nil {
		h.enter("tell what becomes public")
		if err := h.publish(ctx, h.repo, h.objects, h.res); err != nil {
			h.gap("publish", fmt.Sprintf("cannot determine what becomes public: %v", err))
		}
	}
	h.noteUnopened() // which is kept as well
}

// maxKept is how many occurrences are kept for the next scan at most. To keep them
// takes as much memory as the report, once more.
const maxKept = 100_000

// keepNothing leaves nothing of this scan for the next one.
func (h *historyScan) keepNothing() { h.keeps, h.opt.Cache = nil, nil }

// searched tells how much was found, when all contents were searched.
func (s *scan) searched() (spots int) {
	for _, w := range s.workers {
		spots += len(w.list)
	}
	if s.opt.Searched != nil {
		s.opt.Searched(spots)
	}
	return spots
}

// addRemediesAndParts says of complete findings how they are put right and what they are used
// with.
func (s *scan) addRemediesAndParts(r *repo.Repo, objects *store.Store) {
	s.fix(fromStore(objects))
	c := inStore(objects, s.head(r).commit, s.readerMemory())
	c.seen = s.seen
	s.pair(c) // that it cannot be told was said before
}

// proves says what is held to its name: all that links to something, so that
// the places of findings are as the names say, and with Options.Prove every
// blob. A blob with a finding is proven in any case.
func (s *scan) proves() func(plumbing.ObjectType) bool {
	prove := s.opt.Prove
	return func(t plumbing.ObjectType) bool { return prove || t != plumbing.BlobObject }
}

// historian is the history.Visitor that searches.
type historian struct {
	*scan
	objects *store.Store
	past    *past // what is known; nil is nothing
}

// Visit implements history.Visitor.
func (h historian) Visit(worker, n int, o *pack.Object, base *state) *state {
	if h.workers[worker].added != nil {
		return h.glance(worker, n, o, base)
	}
	return h.search(worker, n, o, base)
}

// search searches one object, and returns its state unless nothing is made from it.
func (h historian) search(worker, n int, o *pack.Object, base *state) *state {
	w := h.workers[worker]
	st, told := w.take(), w.asides()
	h.searchContent(w, st, n, o, base)
	pointer := o.Type == plumbing.BlobObject && len(o.Data) < maxPointer && w.point(o.Name.String(), o.Data)
	h.heads.take(worker, n, o.Data)
	w.read++
	if w.read&1023 == 0 {
		h.done.Add(1024)
	}
	h.proveSerious(w, st, n, o)
	if st.found() || len(w.expired) > 0 {
		w.record(h.target(n, o), o.Data, st)
	}
	if pointer || w.asides() > told {
		w.odd = append(w.odd, int32(h.first(n, o)))
	}
	if st.read && h.opt.Cache != nil {
		w.reread = append(w.reread, int32(h.first(n, o)))
	}
	if o.Leaf {
		w.give(st)
		return nil
	}
	return st
}

// searchContent searches an object for secrets: what an archive holds, or else what
// changed since base, or all.
func (h historian) searchContent(w *worker, st *state, n int, o *pack.Object, base *state) {
	if (archive.Is(o.Data) || archive.Closed(o.Data) != "") && w.unpack(h.target(n, o), o.Data) {
		*st = state{anchors: st.anchors[:0], hits: st.hits[:0]}
	} else if o.Delta && base != nil && base.plain && !h.opt.FullScan && !decode.IsUTF16(o.Data) {
		w.derive(st, base, o.Data, o.Copies, o.BaseLen, !o.Leaf)
	} else {
		w.content(st, o.Data)
	}
	if o.Type != plumbing.BlobObject {
		w.messageOnly(st, o.Data)
	}
}

// asides counts what was told so far beside where secrets stand.
func (w *worker) asides() int {
	return len(w.gaps) + len(w.unopened) + len(w.unsupported) + w.largeArchives
}

// proveSerious holds a blob to its name if what was found in it is serious.
func (h historian) proveSerious(w *worker, st *state, n int, o *pack.Object) {
	if o.Type != plumbing.BlobObject || h.opt.Prove || n >= h.objects.LooseBase() || !serious(st.hits) && !serious(st.stored) {
		return
	}
	if err := store.Prove(o.Name, o.Type, o.Data); err != nil {
		w.gap(finding.Gap{What: "blob " + o.Name.String(), Reason: err.Error(), Cause: finding.Damaged, Object: o.Name.String()})
	}
}

// serious tells whether anything among hits is more than low: a report says in
// which object that is, so its name has to be true. Test passwords stand in every
// version of some files, and to hash all of these took a quarter of a scan.
func serious(hits []hit) bool {
	return slices.ContainsFunc(hits, func(x hit) bool { return x.verdict.Severity > rules.Low })
}

// object is o, with number n, as a target.
func object(n int, o *pack.Object) target {
	return target{n, func() string { return o.Type.String() + " " + o.Name.String() }}
}

// target is o under its first number.
func (h historian) target(n int, o *pack.Object) target { return object(h.first(n, o), o) }

// first is the number of o. An object that is stored twice is one object: the
// first number stands for it.
func (h historian) first(n int, o *pack.Object) int {
	if first, ok := h.objects.Number(o.Name); ok {
		return first
	}
	return n
}

// Release implements history.Visitor.
func (h historian) Release(worker int, st *state) {
	if st != nil {
		w := h.workers[worker]
		w.give(st)
	}
}

// attribute turns what was found into findings with paths and commits.
func (s *scan) attribute(ctx context.Context, r *repo.Repo, objects *store.Store, res *history.Result) error {
	for _, w := range s.workers {
		w.ids = nil // no more secrets come
	}
	gs := groups(s.collectors())
	if s.opt.Cache != nil {
		s.merged = gs
	} else {
		for _, w := range s.workers {
			w.letGo()
		}
	}
	blobs := s.namedBlobs(objects, res)
	if len(gs)+len(blobs) == 0 {
		return nil
	}
	seen := map[int32]bool{}
	for _, g := range gs {
		for _, o := range g.spots {
			if !seen[o.where] && res.Type(int(o.where)) == plumbing.BlobObject {
				blobs = append(blobs, objects.Name(int(o.where)))
			}
			seen[o.where] = true
		}
	}
	head := s.head(r)
	if head.err != nil && len(gs) > 0 {
		s.gap("HEAD", head.err.Error())
	}
	where, err := res.Attribute(ctx, blobs, head.commit)
	if err != nil {
		return err
	}
	s.where = where
	if len(gs) == 0 {
		return nil
	}
	if where.Cut {
		s.gap("places", cutPlaces)
	}
	at := inHistory{where, objects, res, s.everywhere}
	l := &locator{whereabouts: at, refs: s.refs, objects: objects, commits: map[plumbing.Hash]*finding.Commit{}}
	s.fit(l, gs)
	exposure := s.expose(r, res, l, gs)
	if len(gs) > manyGroups {
		runtime.GC() // what was merged goes before as much is asked for at once
	}
	lost := s.makeFindings(gs, res, l, exposure)
	arrange(s.report.Findings)
	s.sameText(ctx, r, objects)
	if lost > 0 && !s.opt.Unreachable && !s.everywhere {
		s.noteLost(lost, res.Unreachable)
	}
	return nil
}

// manyGroups is from how many groups on the collector is called before findings are made: what
// was merged would else stay in memory beside them.
const manyGroups = 100_000

// makeFindings makes the findings of all groups, and returns how many groups no ref
// reaches.
func (s *scan) makeFindings(gs []group, res *history.Result, l *locator, exposure *exposer) (lost int) {
	s.report.Findings = make([]finding.Finding, 0, len(gs))
	var made findingMaker
	for i := range gs {
		reached := slices.ContainsFunc(gs[i].spots, func(o occurrence) bool { return res.Reachable(int(o.where)) })
		if !reached {
			if lost++; !s.opt.Unreachable && !s.everywhere {
				continue
			}
		}
		before := len(s.report.Findings)
		wanted := func(where int32) bool { return s.everywhere || res.Reachable(int(where)) == reached }
		s.report.Findings = made.findings(s.report.Findings, &gs[i], l.places(&gs[i], wanted), s.everywhere || s.crowded)
		for k := range s.report.Findings[before:] {
			f := &s.report.Findings[before+k]
			f.Unreachable = !reached
			f.Exposure = exposure.of(i, f)
		}
		if s.opt.Cache == nil {
			gs[i].spots = nil // they are places now, of which a million may come
		}
	}
	return lost
}

// noteLost says that secrets stand in objects that no ref reaches, of which there are
// so many.
func (s *scan) noteLost(secrets, objects int) {
	verb, all := "stands", "which was"
	if secrets > 1 {
		verb = "stand"
	}
	if objects > 1 {
		all = fmt.Sprintf("all %d of them were", objects)
	}
	s.note("%s %s only in objects that no ref reaches (%s searched; --unreachable reports what is in them); \"git gc --prune=now\" removes such objects once no reflog needs them",
		plural(secrets, "more secret"), verb, all)
}
