package scanner

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/commitgraph"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// cover writes the ledger of a history.
func (s *scan) cover(r *repo.Repo, objects *store.Store, res *history.Result, tips []plumbing.Hash) {
	c := &s.report.Coverage
	c.Commits, c.Trees = finding.Count(res.Commits), finding.Count(res.Trees)
	c.Blobs, c.Tags = finding.Count(res.Blobs), finding.Count(res.Tags)
	c.Unreachable = res.Unreachable
	st := &s.report.Stats
	st.Objects = objects.Len()
	st.BytesDecoded = res.Decoded
	addGaps(s, objects.Problems)
	s.holdGraph(r, func(set *commitgraph.Set) []commitgraph.Problem { return set.All(res.Known) })
	s.holdGrafts(r, objects, res)
	listed := res.Gaps[:min(len(res.Gaps), maxGaps)]
	for _, g := range listed {
		s.objectGap(r, g)
	}
	if more := len(res.Gaps) - len(listed); more > 0 {
		s.gap("objects", fmt.Sprintf("%d more objects could not be read; they are not listed", more))
	}
	res.Gaps = nil // told
	s.doubts(objects)
	s.shallow(r)
	if len(tips) == 0 && len(c.Gaps) == 0 {
		s.nothingReached(objects, res)
	}
}

// doubts tells of copies that are not what their names say, but for objects that were
// not read anyway.
func (s *scan) doubts(objects *store.Store) {
	told := map[string]bool{}
	for _, g := range s.report.Coverage.Gaps {
		told[g.What], told["object "+g.Object] = true, true
	}
	for _, p := range objects.Doubts() {
		if !told[p.What] {
			s.gap(p.What, p.Reason)
		}
	}
}

// maxGaps is how many objects that were not read are listed by name: a million
// of them took 1.3 GB.
const maxGaps = 10_000

// nothingReached tells why a history without a ref has nothing to scan. Commits
// that no ref reaches in a repository without refs are a sign that these were
// lost, so that is no clean result.
func (s *scan) nothingReached(objects *store.Store, res *history.Result) {
	c := &s.report.Coverage
	for n := range objects.Len() {
		if res.Type(n) == plumbing.CommitObject {
			s.gap("refs", fmt.Sprintf("the repository has %s, commits among them, and no ref that reaches any; restore its refs, see \"git fsck --lost-found\"", plural(objects.Len(), "object")))
			return
		}
	}
	c.Nothing = "the repository has no commit yet"
}

// shallow tells where a shallow clone was cut off.
func (s *scan) shallow(r *repo.Repo) {
	if len(r.Shallow) == 0 {
		return
	}
	c := &s.report.Coverage
	for _, h := range r.Shallow {
		c.Shallow = append(c.Shallow, h.String())
	}
	slices.Sort(c.Shallow)
	c.Shallow = slices.Compact(c.Shallow)
	s.addGap(finding.Gap{What: "history", Cause: finding.Shallow, Reason: fmt.Sprintf(
		"this is a shallow clone, cut off at %s; run \"git fetch --unshallow\" and scan again", plural(len(r.Shallow), "commit"))})
}

// objectGap tells that an object was not read, why, and what to do.
func (s *scan) objectGap(r *repo.Repo, g history.Gap) {
	kind := "object"
	if g.Type != 0 {
		kind = g.Type.String()
	}
	cause, reason := finding.Damaged, g.Err.Error()
	switch {
	case errors.Is(g.Err, history.ErrMissing) && r.Promisor:
		cause, reason = finding.Promised, "this is a partial clone and it was never fetched; clone the repository in full, without --filter"
	case errors.Is(g.Err, history.ErrMissing):
		cause, reason = finding.Missing, "the repository points to it and does not hold it; restore it from another clone, then run \"git fsck\""
	case errors.Is(g.Err, pack.ErrLimit):
		if cause = finding.TooLarge; s.inPieces {
			reason += "; raise --memory"
		}
	}
	s.addGap(finding.Gap{
		What: kind + " " + g.Name.String(), Reason: reason, Cause: cause, Object: g.Name.String(),
	})
}
