package history

import (
	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/commitgraph"
)

// Known gives a commit as it was read, without its clock, and any other object as a
// commit that has no tree; false for what was not read, or is not clear: those are
// gaps. It must not be asked in a shallow repository, where parents are left out.
func (r *Result) Known(h plumbing.Hash) (c commitgraph.Commit, ok bool) {
	n, ok := r.opt.Store.Number(h)
	if !ok || r.types[n] == 0 {
		return c, false
	}
	if r.Type(n) != plumbing.CommitObject {
		return c, true
	}
	list := r.links.list(int32(n))
	for i, m := range list {
		name := emptyTree
		switch {
		case int(m) >= len(r.types):
			name = r.lost[int(m)-len(r.types)].name
		case m != none:
			name = r.opt.Store.Name(int(m))
		}
		if i == 0 {
			c.Tree = name
		} else {
			c.Parents = append(c.Parents, name)
		}
	}
	return c, len(list) > 0
}
