package scanner

import (
	"context"
	"errors"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// fileRule gives the rule that knows a file by its path; nil if none does.
func (s *scan) fileRule(path string) *rules.Rule {
	for i := range s.opt.FileRules {
		if r := &s.opt.FileRules[i]; r.Confidence >= s.opt.MinConfidence && r.Matches(path) {
			return &r.Rule
		}
	}
	return nil
}

// named picks the names of files that some rule may know by their paths.
func (s *scan) named() func(name []byte) bool {
	if len(s.opt.FileRules) == 0 {
		return nil
	}
	return rules.MayBeFile
}

// byName adds a finding for each file that a rule knows by its path. places
// are those of all such files, first come first; read gives their contents.
func (s *scan) byName(places []finding.Place, read func(*finding.Place) ([]byte, error)) {
	at := map[string]int{}
	var list []finding.Finding
	for _, p := range places {
		r := s.fileRule(p.FromTop())
		if r == nil || isHarmless(&p, read) {
			continue
		}
		p.Line, p.Column, p.EndLine, p.EndColumn = 1, 1, 1, 1
		i, ok := at[p.Path]
		if !ok {
			i = len(list)
			at[p.Path] = i
			list = append(list, fileFinding(r, &p))
		}
		list[i].Places = append(list[i].Places, p)
		list[i].InHead = list[i].InHead || p.InHead
	}
	if len(list) > 0 {
		s.report.Findings = append(s.report.Findings, list...)
		arrange(s.report.Findings)
	}
}

// isHarmless tells whether an environment file gives nothing away.
func isHarmless(p *finding.Place, read func(*finding.Place) ([]byte, error)) bool {
	if base := path.Base(p.Path); !strings.HasPrefix(base, ".env") && !strings.HasPrefix(base, ".dev.vars") {
		return false // there may be many and large ones of other files
	}
	data, err := read(p)
	return err == nil && rules.IsHarmless(data)
}

// fileFinding is a finding that is a file, still without places.
func fileFinding(r *rules.Rule, first *finding.Place) finding.Finding {
	return finding.Finding{
		Rule: r, Severity: r.Severity, Confidence: math.Round(r.Confidence*100) / 100, Fingerprint: finding.FileFingerprint(r, first),
		Reasons: []string{"known by its path, whatever it holds"},
	}
}

// emptyBlob is the name of the content without a byte: a file that holds it
// gives nothing away.
var emptyBlob = plumbing.NewHash("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")

// namedBlobs lists the contents of a history that some rule may know by a path.
func (s *scan) namedBlobs(objects *store.Store, res *history.Result) (blobs []plumbing.Hash) {
	for _, n := range res.Named {
		if h := objects.Name(n); h != emptyBlob && res.Reachable(n) {
			blobs = append(blobs, h)
		}
	}
	return blobs
}

// byNameInHistory finds such files in a history.
func (s *scan) byNameInHistory(r *repo.Repo, objects *store.Store, res *history.Result) error {
	blobs := s.namedBlobs(objects, res)
	head := s.head(r)
	switch {
	case len(blobs) == 0:
		return nil
	case head.err != nil:
		return head.err
	case s.where == nil: // the reason is a gap already
		return errors.New("their commits are not known")
	}
	l := &locator{objects: objects, commits: map[plumbing.Hash]*finding.Commit{}}
	var list []ranked
	for _, blob := range blobs {
		for _, at := range s.where.Spots[blob] {
			if s.fileRule(at.Path) != nil {
				list = append(list, ranked{finding.Place{Kind: finding.Blob, Path: at.Path, Object: blob.String(), Commit: l.commit(at.First), InHead: at.InHead}, at.Rank})
			}
		}
	}
	s.byName(inOrder(list), fromStore(objects))
	return nil
}

// byNameInRange finds such files in a range.
func (g *ranger) byNameInRange(ctx context.Context) error {
	var blobs []plumbing.Hash
	for _, n := range g.list.Named {
		if h := g.list.Objects[n].Name; h != emptyBlob {
			blobs = append(blobs, h)
		}
	}
	if len(blobs) == 0 {
		return nil
	}
	where, err := g.list.Attribute(ctx, blobs)
	if err != nil {
		return err
	}
	head := g.head(g.repo)
	if head.err != nil {
		return head.err
	}
	l := &locator{objects: g.objects, commits: map[plumbing.Hash]*finding.Commit{}}
	files := history.NewLookup(g.objects)
	var list []ranked
	for blob, spots := range where.Spots {
		for _, at := range spots {
			if g.fileRule(at.Path) != nil {
				list = append(list, ranked{finding.Place{Kind: finding.Blob, Path: at.Path, Object: blob.String(), Commit: l.commit(at.First),
					InHead: files.At(head.commit, at.Path) == blob}, at.Rank})
			}
		}
	}
	g.byName(inOrder(list), fromStore(g.objects))
	return nil
}

// inOrder puts places in their order, first come first.
func inOrder(list []ranked) (places []finding.Place) {
	slices.SortFunc(list, compareRanked)
	for _, p := range list {
		places = append(places, p.Place)
	}
	return places
}
