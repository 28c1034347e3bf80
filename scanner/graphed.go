package scanner

import (
	"fmt"
	"iter"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/commitgraph"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// holdGraph holds git's commit-graph, if there is one, to the commits: git takes
// trees and parents from it, and so would show other files than were searched, or
// reach what counts as reached by no ref.
func (s *scan) holdGraph(r *repo.Repo, compare func(*commitgraph.Set) []commitgraph.Problem) {
	if len(r.Shallow) > 0 {
		return // git does not use it there
	}
	set, problems := commitgraph.Open(r.ObjectDirs)
	defer set.Close()
	if !set.Empty() {
		problems = append(problems, compare(set)...)
	}
	for _, p := range problems {
		s.gap(p.Path, p.Err.Error())
	}
}

// holdGrafts tells of parents that git sees by grafts alone: what they have counts as
// reached by no ref, and git shows it. Replace refs need no such care: what they
// point to is reached, as what any other ref does.
func (s *scan) holdGrafts(r *repo.Repo, objects *store.Store, res *history.Result) {
	grafts, problems := r.Grafts()
	addGaps(s, problems)
	reached := func(h plumbing.Hash) bool {
		n, ok := objects.Number(h)
		return ok && res.Reachable(n)
	}
	var first string
	count := 0
	for _, g := range grafts {
		for _, p := range g.Parents {
			if reached(g.Commit) && !reached(p) {
				if count++; count == 1 {
					first = fmt.Sprintf("it gives commit %s the parent %s", g.Commit, p)
				}
			}
		}
	}
	if count > 0 {
		if count > 1 {
			first += fmt.Sprintf(", and there are %d more", count-1)
		}
		s.gap(r.GraftFile(), first+", which no ref reaches: git shows its history, and here it counts as unreachable; \"git replace --convert-graft-file\" makes refs of grafts, whose history is searched as any other")
	}
}

// headAlone gives the commit that HEAD names, as it is; nothing if it cannot be read.
func (s *scan) headAlone(r *repo.Repo, objects *store.Store) iter.Seq2[plumbing.Hash, commitgraph.Commit] {
	return func(yield func(plumbing.Hash, commitgraph.Commit) bool) {
		head := s.head(r)
		if head.err != nil || !head.born {
			return
		}
		typ, data, err := objects.GetProven(head.commit)
		if err != nil || typ != plumbing.CommitObject {
			return
		}
		c := commitgraph.Commit{When: history.CommitTime(data)}
		history.EachLink(typ, data, func(h plumbing.Hash, typ plumbing.ObjectType) {
			if typ == plumbing.TreeObject {
				c.Tree = h
			} else {
				c.Parents = append(c.Parents, h)
			}
		})
		yield(head.commit, c)
	}
}
