package scanner

import (
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/revision"
)

// A range that changes a file hands on what the file held before, and that is not what
// it adds: whoever has what the range leaves out has it already.

// stand is a blob at a path, with something in it that is numbered.
type stand struct {
	subject int
	blob    plumbing.Hash
	path    string
}

// handedOn tells of stands which of them are as they were before the range: a parent of
// the commit that brought the blob there has another blob at the path, with the same
// subject, and that is left out of the range or was handed on itself. A file that was
// moved is compared with the only one that is gone and had its name. holds says of blobs
// that are left out whether they have a subject. In doubt nothing is handed on.
func (g *ranger) handedOn(ctx context.Context, where *revision.Attribution, stands []stand, holds func(subject int, blob plumbing.Hash) bool) map[stand]bool {
	type one struct {
		stand
		first plumbing.Hash
	}
	var list []one
	for _, s := range stands {
		for _, at := range where.Spots[s.blob] {
			if at.Path == s.path {
				list = append(list, one{s, at.First})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b one) int { return where.Rank(a.first) - where.Rank(b.first) })
	files := history.NewLookup(g.objects)
	gone := map[[2]plumbing.Hash]map[string]history.Spot{}
	before := func(parent plumbing.Hash, s one) history.Spot {
		if at := files.At(parent, s.path); !at.IsZero() {
			return history.Spot{Path: s.path, Blob: at}
		}
		step := [2]plumbing.Hash{parent, s.first}
		if gone[step] == nil {
			gone[step] = files.Gone(parent, s.first)
		}
		return gone[step][path.Base(s.path)]
	}
	old := map[stand]bool{}
	for _, s := range list {
		if ctx.Err() != nil {
			break
		}
		old[s.stand] = slices.ContainsFunc(g.list.Parents(s.first), func(parent plumbing.Hash) bool {
			from := before(parent, s)
			if g.list.Has(from.Blob) {
				return old[stand{s.subject, from.Blob, from.Path}]
			}
			return !from.Blob.IsZero() && holds(s.subject, from.Blob)
		})
	}
	return old
}

// leaveOld takes what the range only hands on out of gs, and notes how many secrets it was.
func (g *ranger) leaveOld(ctx context.Context, where *revision.Attribution, gs []group) []group {
	if !g.list.Bounded() {
		return gs
	}
	var stands []stand
	for i := range gs {
		g.eachStand(where, i, gs[i].spots, func(s stand) { stands = append(stands, s) })
	}
	known := map[plumbing.Hash]map[string]bool{}
	old := g.handedOn(ctx, where, stands, func(i int, blob plumbing.Hash) bool {
		in, ok := known[blob]
		if !ok {
			in, _, _ = g.workers[0].secretsIn(ctx, g.scan, g.objects, blob, g.opt.MaxFileBytes)
			known[blob] = in
		}
		return in[gs[i].secret]
	})
	all := len(gs)
	for i := range gs {
		gs[i].spots = slices.DeleteFunc(gs[i].spots, func(o occurrence) bool {
			paths, brought := 0, false
			g.eachStand(where, i, []occurrence{o}, func(s stand) { paths, brought = paths+1, brought || !old[s] })
			return paths > 0 && !brought
		})
	}
	gs = slices.DeleteFunc(gs, func(g group) bool { return len(g.spots) == 0 })
	if n := all - len(gs); n > 0 {
		g.report.Coverage.Notes = append(g.report.Coverage.Notes, fmt.Sprintf(
			"%s not listed: the files that this range changes held them before it; \"scan --history\" lists them", are(n, "secret")))
	}
	return gs
}

// eachStand gives the places of the occurrences of secret number i.
func (g *ranger) eachStand(where *revision.Attribution, i int, spots []occurrence, yield func(stand)) {
	for _, o := range spots {
		blob := g.list.Objects[o.where].Name
		for _, at := range where.Spots[blob] {
			yield(stand{i, blob, at.Path})
		}
	}
}
