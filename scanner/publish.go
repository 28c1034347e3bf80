package scanner

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// PublishOptions ask what becomes public if all of a history is pushed.
type PublishOptions struct {
	Remote string // what this remote has already is told apart; "" compares with nothing
}

// publisher makes the publish view of one history.
type publisher struct {
	*scan
	objects *store.Store
	res     *history.Result
	view    *finding.Publish
	sent    history.Set // what "git push --mirror" sends
	there   history.Set // what the remote has
}

// publish adds the publish view to the report.
func (s *scan) publish(ctx context.Context, r *repo.Repo, objects *store.Store, res *history.Result) error {
	p := &publisher{scan: s, objects: objects, res: res, view: &finding.Publish{Remote: s.opt.Publish.Remote}}
	if err := p.sort(ctx, r.Remotes()); err != nil {
		return err
	}
	var nothing history.Set
	if nothing, _ = res.From(ctx, nil); ctx.Err() != nil {
		return ctx.Err()
	}
	v := p.view
	tally := func(in, out history.Set) (c finding.Contents) {
		commits, trees, blobs, tags := res.Tally(in, out)
		return finding.Contents{Commits: finding.Count(commits), Trees: finding.Count(trees), Blobs: finding.Count(blobs), Tags: finding.Count(tags)}
	}
	v.All, v.New = tally(p.sent, nothing), tally(p.sent, p.there)
	p.fates()
	if err := p.pointers(ctx); err != nil {
		return err
	}
	modules, err := res.Submodules(ctx, p.sent)
	if err != nil {
		return err
	}
	for _, m := range modules {
		v.Submodules = append(v.Submodules, finding.Submodule{Path: m.Path, Commit: m.Commit.String()})
	}
	s.report.Publish = v
	return nil
}

// sort sorts what a history starts from into what a push sends and what it keeps.
func (p *publisher) sort(ctx context.Context, remotes []string) (err error) {
	refs := p.scan.refs
	var sent, there []plumbing.Hash
	for i := range refs {
		ref := &refs[i]
		if p.view.Remote != "" && onRemote(ref, p.view.Remote, remotes) {
			there = append(there, ref.Target)
		}
		switch {
		case isSent(ref):
			sent = append(sent, ref.Target)
			p.view.Refs = append(p.view.Refs, finding.PublishedRef{Name: ref.Name, Object: ref.Target.String()})
		case isTip(ref):
			p.view.Kept = append(p.view.Kept, ref.Name)
		}
	}
	p.view.Known = len(there) > 0
	if p.sent, err = p.res.From(ctx, sent); err != nil {
		return err
	}
	if p.there, err = p.res.From(ctx, there); err != nil {
		return err
	}
	for i := range p.view.Refs {
		ref := &p.view.Refs[i]
		n, ok := p.objects.Number(plumbing.NewHash(ref.Object))
		ref.OnRemote = ok && p.there.Has(n)
	}
	// A HEAD on a branch is that branch's, and the newest stash has two names.
	named := slices.Contains(p.view.Kept, "stash@{0}")
	p.view.Kept = slices.DeleteFunc(p.view.Kept, func(name string) bool {
		i := slices.IndexFunc(refs, func(ref repo.Ref) bool { return ref.Name == name })
		n, ok := p.objects.Number(refs[i].Target)
		return ok && p.sent.Has(n) || named && name == "refs/stash"
	})
	return nil
}

// fates tells of each finding whether it is sent.
func (p *publisher) fates() {
	for i := range p.report.Findings {
		f := &p.report.Findings[i]
		f.Fate = finding.FateKept
		for _, place := range f.Places {
			n, ok := p.objects.Number(plumbing.NewHash(place.Object))
			switch {
			case !ok:
			case p.there.Has(n):
				f.Fate = finding.FateAlready
			case p.sent.Has(n) && f.Fate == finding.FateKept:
				f.Fate = finding.FatePublic
			}
		}
	}
}

// pointers lists the contents that Git LFS keeps. They go public with the
// repository and were not read.
func (p *publisher) pointers(ctx context.Context) error {
	var blobs []plumbing.Hash
	all := map[plumbing.Hash]finding.Pointer{}
	for _, w := range p.workers {
		for _, f := range w.pointers {
			h := plumbing.NewHash(f.Blob)
			if n, ok := p.objects.Number(h); ok && p.sent.Has(n) {
				all[h] = f
				blobs = append(blobs, h)
			}
		}
	}
	if len(blobs) == 0 {
		return nil
	}
	where, err := p.res.Attribute(ctx, blobs, plumbing.ZeroHash)
	if err != nil {
		return err
	}
	for h, f := range all {
		if spots := where.Spots[h]; len(spots) > 0 {
			f.Path = spots[0].Path
		}
		p.view.LFS = append(p.view.LFS, f)
	}
	slices.SortFunc(p.view.LFS, func(a, b finding.Pointer) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Blob, b.Blob))
	})
	p.addGap(finding.Gap{What: "Git LFS", Cause: finding.Elsewhere, Reason: fmt.Sprintf(
		"%s kept by Git LFS, which go public too; run \"git lfs fetch --all\" and scan .git/lfs/objects", are(len(p.view.LFS), "content"))})
	return nil
}

// judgePublish draws the verdict, once all gaps are known and what is accepted
// has been taken out.
func (s *scan) judgePublish() {
	v := s.report.Publish
	if v == nil {
		return
	}
	v.Secrets = finding.Fates{}
	for i := range s.report.Findings {
		switch s.report.Findings[i].Fate {
		case finding.FateKept:
			v.Secrets.Kept++
		case finding.FateAlready:
			v.Secrets.Already++
			fallthrough
		default:
			v.Secrets.Public++
		}
	}
	n, gaps := v.Secrets, len(s.report.Coverage.Gaps)
	switch {
	case n.Public > 0 && n.Already == n.Public:
		v.Verdict = fmt.Sprintf("do not publish: %s on %s already; rotate first", are(n.Already, "secret"), v.Remote)
	case n.Public > 0 && n.Already > 0:
		v.Verdict = fmt.Sprintf("do not publish: %s would become public, and %s on %s already; rotate those first", plural(n.Public-n.Already, "secret"), are(n.Already, "more"), v.Remote)
	case n.Public > 0:
		v.Verdict = fmt.Sprintf("do not publish: %s would become public", plural(n.Public, "secret"))
	case gaps > 0:
		v.Verdict = fmt.Sprintf("cannot tell: no secret was found in what would become public, but there is %s", plural(gaps, "gap"))
		if gaps > 1 {
			v.Verdict = strings.Replace(v.Verdict, "there is", "there are", 1)
		}
	case len(v.Refs) == 0:
		v.Verdict = "there is nothing to publish: the repository has no ref"
	default:
		v.Safe = true
		v.Verdict = "no secret was found in what would become public"
	}
}
