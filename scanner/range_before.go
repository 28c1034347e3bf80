package scanner

import (
	"cmp"
	"context"
	"path"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/revision"
)

// A range that changes a file hands on what the file held before, and that is not what
// it adds: whoever has what the range leaves out has it already.

// holder is a blob with a secret in it, which has the number of its group.
type holder struct {
	group int
	blob  plumbing.Hash
}

// stand is a holder at a path.
type stand struct {
	holder
	path string
}

// handedOn tells of holders which of them are as they were before the range wherever they
// stand: a parent of the commit that brought the blob there has another blob at the path,
// with the same secret, and that is left out of the range or was handed on itself. A file
// that was moved is compared with the only one that is gone and had its name. has says of
// blobs that are left out whether they have a secret, and released of a file that was moved whether
// that was accepted where it was alone. In doubt nothing is handed on.
func (g *ranger) handedOn(ctx context.Context, where *revision.Attribution, holders map[holder]bool, has func(holder) bool, released func(h holder, from, to history.Spot) bool) map[holder]bool {
	type one struct {
		group int
		history.Spot
	}
	var list []one
	for h := range holders {
		for _, at := range where.Spots[h.blob] {
			list = append(list, one{h.group, at})
		}
	}
	slices.SortFunc(list, func(a, b one) int { return cmp.Compare(a.Rank, b.Rank) }) // each hangs on lower ones only
	files := history.NewLookup(g.objects)
	gone := map[[2]plumbing.Hash]map[string]history.Spot{}
	before := func(parent plumbing.Hash, s *one) history.Spot {
		if at := files.At(parent, s.Path); !at.IsZero() {
			return history.Spot{Path: s.Path, Blob: at}
		}
		step := [2]plumbing.Hash{parent, s.First}
		if gone[step] == nil {
			gone[step] = files.Gone(parent, s.First)
		}
		return gone[step][path.Base(s.Path)]
	}
	old, brought := map[stand]bool{}, map[holder]bool{}
	for i := range list {
		s := &list[i]
		at := holder{s.group, s.Blob}
		is := ctx.Err() == nil && slices.ContainsFunc(g.list.Parents(s.First), func(parent plumbing.Hash) bool {
			from := before(parent, s)
			if from.Path != s.Path && !from.Blob.IsZero() && released(at, from, s.Spot) {
				return false
			}
			if g.list.IsNew(from.Blob) {
				return old[stand{holder{s.group, from.Blob}, from.Path}]
			}
			return !from.Blob.IsZero() && has(holder{s.group, from.Blob})
		})
		old[stand{at, s.Path}] = is
		brought[at] = brought[at] || !is
	}
	handed := map[holder]bool{}
	for h, new := range brought {
		handed[h] = !new
	}
	return handed
}

// leaveOld takes what the range only hands on out of gs, and notes how many secrets it was.
func (g *ranger) leaveOld(ctx context.Context, where *revision.Attribution, gs []group) []group {
	if !g.list.Bounded() {
		return gs
	}
	holders := map[holder]bool{}
	for i := range gs {
		for _, o := range gs[i].spots {
			holders[holder{i, g.list.Objects[o.where].Name}] = true
		}
	}
	known := map[plumbing.Hash]map[string]bool{}
	handed := g.handedOn(ctx, where, holders, func(h holder) bool {
		in, ok := known[h.blob]
		if !ok {
			in, _, _ = g.workers[0].secretsIn(ctx, g.objects, h.blob, g.opt.MaxFileBytes)
			known[h.blob] = in
		}
		return in[gs[h.group].secret]
	}, func(h holder, from, to history.Spot) bool {
		place := func(at history.Spot) finding.Place {
			return finding.Place{Kind: finding.Blob, Path: at.Path, Object: at.Blob.String()}
		}
		return slices.ContainsFunc(gs[h.group].spots, func(o occurrence) bool {
			return g.list.Objects[o.where].Name == h.blob && g.released(&o, gs[h.group].secret, place(from), place(to))
		})
	})
	all := len(gs)
	for i := range gs {
		gs[i].spots = slices.DeleteFunc(gs[i].spots, func(o occurrence) bool {
			return handed[holder{i, g.list.Objects[o.where].Name}]
		})
	}
	gs = slices.DeleteFunc(gs, func(g group) bool { return len(g.spots) == 0 })
	if n := all - len(gs); n > 0 {
		g.note("%s not listed: the files that this range changes held them before it; \"scan --history\" lists them", are(n, "secret"))
	}
	return gs
}
