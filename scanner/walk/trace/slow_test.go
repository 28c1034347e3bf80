package trace

import (
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// slow is the plain twin of Follow: each secret by itself, commit by commit, from what
// the fields of Result say that they are.
func (m *model) slow(order []int32, reached int) []Result {
	var out []Result
	for subject := range m.count {
		out = append(out, m.slowOne(subject, order[:reached], order[reached:]))
	}
	return out
}

func (m *model) slowOne(subject int, reached, rest []int32) Result {
	in := func(c int32) bool { return slices.Contains(m.trees[c], subject) }
	said := func(c int32) bool { return slices.Contains(m.said[c], subject) }
	leads := func(i int) bool {
		to := m.tips[i]
		return slices.Contains(to.subjects, subject) || slices.ContainsFunc(to.commits, func(c int32) bool {
			for a := range m.ancestors(c) {
				if in(a) || said(a) {
					return true
				}
			}
			return false
		})
	}

	r := Result{Reach: make([]Reach, len(m.groups))}
	found := false
	for g, group := range m.groups {
		for at, i := range group {
			if !leads(i) {
				continue
			}
			found = true
			if len(r.Reach[g].Tips) == 100 {
				r.Reach[g].More = true
			} else {
				r.Reach[g].Tips = append(r.Reach[g].Tips, at)
			}
		}
	}
	r.Logged = slices.ContainsFunc(m.logs, leads)

	order := reached
	if !found {
		order = rest
	}
	var brought []int32
	for _, c := range order {
		if said(c) || in(c) && !slices.ContainsFunc(m.parents[c], in) {
			brought = append(brought, c)
		}
		if in(c) {
			r.Last = name(c)
		}
	}
	if len(brought) > 0 {
		r.First = name(brought[0])
		r.Introduced = names(brought[:min(len(brought), 100)])
	}
	if m.head == None {
		return r
	}
	before := m.ancestors(m.head)
	for _, c := range reached {
		if before[c] && in(c) {
			r.Last = name(c)
		}
	}
	if r.InHead = in(m.head); r.InHead {
		return r
	}
	for _, c := range reached {
		if before[c] && m.removes(c, in) {
			r.Removed = name(c)
		}
	}
	return r
}

// removes: a parent has it, the commit does not, and none of the parents is without it
// that once had it.
func (m *model) removes(c int32, in func(int32) bool) bool {
	if in(c) || !slices.ContainsFunc(m.parents[c], in) {
		return false
	}
	return !slices.ContainsFunc(m.parents[c], func(p int32) bool {
		if in(p) {
			return false
		}
		for a := range m.ancestors(p) {
			if in(a) {
				return true
			}
		}
		return false
	})
}

func names(positions []int32) (all []plumbing.Hash) {
	for _, p := range positions {
		all = append(all, name(p))
	}
	return all
}
