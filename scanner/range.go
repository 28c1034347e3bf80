package scanner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/commitgraph"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/revision"
	"keyrake/scanner/walk/store"
)

// RangeOptions say which part of a history to scan, in git's words: what
// "git rev-list --objects INCLUDE... --not EXCLUDE... --remotes=NAME" lists, but that
// --remotes=team takes refs of a remote team/fork, too.
type RangeOptions struct {
	// Include and Exclude hold revisions, also in the forms A..B, A...B, ^A and
	// A^!. The object name of zeros, which hooks are given for a ref that is made
	// or deleted, stands for nothing. If both lists name nothing to include, and
	// Include is empty, HEAD is meant.
	Include, Exclude []string
	NotOn            []string // remotes: what their tracking refs reach is left out; "*" is all remotes
	// Missing are full names of refs that the remotes of NotOn say they do not have. If
	// one of them is tracked here, the tracking refs are those of another repository, or
	// older than what became of this one, and none of that remote's is believed.
	Missing []string
	// Held are object names or revisions that are left out if the repository has them:
	// what a remote has may be unknown here.
	Held    []string
	NotRefs bool // what any ref of this repository reaches is left out
}

// Range scans the blobs, commit messages and tag messages of a range, each
// whole. It reads objects by name, so that its cost follows the range. Of what it
// finds it reports what the files did not hold before the range. A revision that
// means nothing is a *revision.Error.
func Range(ctx context.Context, opt Options, env GitEnv, rg RangeOptions) (*finding.Report, error) {
	return opt.run(ctx, func(ctx context.Context, opt Options) (*finding.Report, error) { return scanRange(ctx, opt, env, rg) })
}

func scanRange(ctx context.Context, opt Options, env GitEnv, rg RangeOptions) (_ *finding.Report, err error) {
	defer pack.Guard(&err)()
	r, err := env.open()
	if err != nil {
		return nil, err
	}
	objects := store.Open(r.ObjectDirs)
	defer objects.Close()
	sel, problems, err := rg.selection(r, objects)
	if err != nil {
		return nil, err
	}
	s, err := newScan(opt, "range")
	if err != nil {
		return nil, err
	}
	addGaps(s, slices.Concat(r.Problems, problems, r.PackedProblems()))
	addGaps(s, objects.Problems)
	s.report.Coverage.Notes = append(s.report.Coverage.Notes, sel.Notes...)
	objects.Bound(s.opt.MaxFileBytes)
	s.enter("list the range")
	sel.Named = s.named()
	list, err := revision.List(ctx, objects, sel, r.Shallow, s.readerMemory())
	if err != nil && ctx.Err() == nil {
		s.gap(r.GitDir, err.Error())
	}
	if paths := s.opt.Known.Paths(); paths != nil && list.Bounded() {
		all, err := list.AddReleased(ctx, paths.MayAccept, func(path string) bool { return !paths.Accept(path) })
		if err == nil && !all {
			s.gap("moved files", "the range has too many folders to tell which files leave a path where they are accepted; name fewer commits")
		}
	}
	s.enter("read and search objects")
	s.total.Store(int64(len(list.Objects)))
	ranger := &ranger{scan: s, repo: r, objects: objects, list: list}
	ranger.search(ctx)
	if s.overspent() {
		return s.stopped()
	}
	ranger.cover()
	err = s.interrupted(ctx)
	s.enter("find paths and commits")
	if e := ranger.attribute(context.WithoutCancel(ctx)); e != nil {
		s.gap("commits", fmt.Sprintf("cannot determine the commits of findings: %v", e))
	}
	if e := ranger.byNameInRange(context.WithoutCancel(ctx)); e != nil {
		s.gap("file names", fmt.Sprintf("cannot determine which files do not belong into git: %v", e))
	}
	s.addRemediesAndParts(r, objects)
	return s.close(), err
}

// selection turns revisions into object names.
func (rg RangeOptions) selection(r *repo.Repo, objects *store.Store) (sel revision.Selection, problems []repo.Problem, err error) {
	parser := &revision.Parser{Repo: r, Objects: objects}
	include := rg.Include
	if len(include) == 0 {
		include = []string{"HEAD"}
	}
	for _, rev := range include {
		if err := parser.Add(&sel, rev, false); err != nil {
			return sel, nil, err
		}
	}
	for _, rev := range rg.Exclude {
		if err := parser.Add(&sel, rev, true); err != nil {
			return sel, nil, err
		}
	}
	for _, name := range rg.Held {
		var unknown *revision.Error
		if h := plumbing.NewHash(name); plumbing.IsHash(name) && objects.Has(h) {
			sel.Exclude = append(sel.Exclude, h)
		} else if !plumbing.IsHash(name) && name != "" {
			if err := parser.Add(&sel, name, true); err != nil && !errors.As(err, &unknown) {
				return sel, nil, err
			}
		}
	}
	if len(rg.NotOn) == 0 && !rg.NotRefs {
		return sel, nil, nil
	}
	refs, problems := r.Refs()
	if rg.NotRefs {
		for _, ref := range refs {
			if !ref.Extra {
				sel.Exclude = append(sel.Exclude, ref.Target)
			}
		}
	}
	for _, remote := range rg.NotOn {
		rg.leaveOut(&sel, r, refs, remote)
	}
	return sel, problems, nil
}

// leaveOut excludes what a remote has, as far as its tracking refs can be believed.
func (rg RangeOptions) leaveOut(sel *revision.Selection, r *repo.Repo, refs []repo.Ref, remote string) {
	for _, name := range rg.Missing {
		to, ok := r.Tracking(remote, name)
		if ok && to != name && slices.ContainsFunc(refs, func(ref repo.Ref) bool { return ref.Name == to }) {
			sel.Notes = append(sel.Notes, fmt.Sprintf(
				"remote %q has no %s, though %s is here, so that nothing was left out by its refs; \"git fetch --prune %s\" brings them up to date", remote, name, to, remote))
			return
		}
	}
	known, remotes := false, r.Remotes()
	for _, ref := range refs {
		if onRemote(&ref, remote, remotes) {
			sel.Exclude = append(sel.Exclude, ref.Target)
			known = true
		}
	}
	if !known {
		sel.Notes = append(sel.Notes, fmt.Sprintf("no ref tells what remote %q has, so that nothing was left out for it", remote))
	}
}

// ranger is the scan of one range.
type ranger struct {
	*scan
	repo    *repo.Repo
	objects *store.Store
	list    *revision.Range
	read    [8]finding.Count // by type
	unread  []history.Gap    // objects that could not be searched
}

// cover writes the ledger of a range.
func (g *ranger) cover() {
	for _, o := range g.list.Objects {
		g.read[o.Type].Reached++
	}
	c := &g.report.Coverage
	c.Commits, c.Trees = g.read[plumbing.CommitObject], g.read[plumbing.TreeObject]
	c.Blobs, c.Tags = g.read[plumbing.BlobObject], g.read[plumbing.TagObject]
	c.Blobs.Reached += g.read[0].Reached // by the name alone nobody can tell what it is
	g.doubts(g.objects)
	g.holdGraph(g.repo, func(set *commitgraph.Set) []commitgraph.Problem { return set.These(g.list.Commits()) })
	for _, gap := range slices.Concat(g.list.Gaps, g.unread) {
		if errors.Is(gap.Err, revision.ErrShallow) {
			c.Shallow = append(c.Shallow, gap.Name.String())
			continue
		}
		g.objectGap(g.repo, gap)
	}
	if n := len(c.Shallow); n > 0 {
		slices.Sort(c.Shallow)
		g.addGap(finding.Gap{What: "range", Cause: finding.Shallow, Reason: fmt.Sprintf(
			"it goes on where this shallow clone was cut off, at %s; run \"git fetch --unshallow\" and scan again", plural(n, "commit"))})
	}
	if len(g.list.Objects) == 0 && len(c.Gaps) == 0 {
		c.Nothing = "the range is empty"
	}
}

// attribute turns what was found into findings with paths and commits.
func (g *ranger) attribute(ctx context.Context) error {
	g.searched()
	gs := groups(g.collectors())
	for _, w := range g.workers {
		w.letGo()
	}
	if len(gs) == 0 {
		return nil
	}
	var blobs []plumbing.Hash
	for _, group := range gs {
		for _, o := range group.spots {
			blobs = append(blobs, g.list.Objects[o.where].Name)
		}
	}
	where, err := g.list.Attribute(ctx, blobs)
	if err != nil {
		return err
	}
	if where.Cut {
		g.gap("places", cutPlaces)
	}
	if gs = g.leaveOld(ctx, where, gs); len(gs) == 0 {
		return nil
	}
	head := g.head(g.repo)
	if head.err != nil {
		g.gap("HEAD", head.err.Error())
	}
	refs, problems := g.repo.Refs()
	addGaps(g.scan, problems)
	at := inRange{where, g.list, head.commit, history.NewLookup(g.objects)}
	l := &locator{whereabouts: at, refs: refs, objects: g.objects, commits: map[plumbing.Hash]*finding.Commit{}}
	g.fit(l, gs)
	exposure := g.expose(ctx, l, where, gs)
	all := func(int32) bool { return true }
	var made findingMaker
	for i := range gs {
		before := len(g.report.Findings)
		g.report.Findings = made.findings(g.report.Findings, &gs[i], l.places(&gs[i], all), g.crowded)
		gs[i].spots = nil // they are places now, of which a million may come
		for k := range g.report.Findings[before:] {
			if f := &g.report.Findings[before+k]; !where.Cut {
				f.Exposure = exposure.of(i, f)
			}
		}
	}
	arrange(g.report.Findings)
	return nil
}

// expose traces the secrets of gs through the range.
func (g *ranger) expose(ctx context.Context, l *locator, where *revision.Attribution, gs []group) *exposer {
	e := newExposer(l, g.repo, g.head(g.repo))
	e.root, e.partial, e.whole = where.Root, true, g.whole(l.refs)
	ask := e.ask(gs, g.crowded)
	if e.traces, e.unsure = where.Trace(ctx, ask); e.unsure {
		g.note("the refs of this repository lead through more commits outside of the range than were followed, so that more of them may reach what was found")
	}
	return e
}

// whole tells whether the range holds all that refs reach, so that no other object can
// hold the same secret.
func (g *ranger) whole(refs []repo.Ref) bool {
	return !g.list.Bounded() && len(g.report.Coverage.Gaps) == 0 &&
		!slices.ContainsFunc(refs, func(ref repo.Ref) bool { return isTip(&ref) && !g.list.Has(ref.Target) })
}
