package known

import (
	"slices"

	"keyrake/scanner/finding"
)

// Paths tells what is accepted because of where it is. It is for one goroutine.
type Paths struct {
	lists []*List
	memos []map[string]*Entry
}

// Paths gives the lists by their paths; nil if nothing is accepted by its path.
func (p *Policy) Paths() *Paths {
	if p == nil {
		return nil
	}
	v := &Paths{}
	for _, l := range p.Lists {
		if l.hasPaths() {
			v.lists, v.memos = append(v.lists, l), append(v.memos, map[string]*Entry{})
		}
	}
	if len(v.lists) == 0 {
		return nil
	}
	return v
}

// Accept reports whether all that a file holds is accepted, by its slash path from the top.
func (v *Paths) Accept(path string) bool {
	for i, l := range v.lists {
		if l.path(path, len(path), v.memos[i]) != nil {
			return true
		}
	}
	return false
}

// MayAccept reports whether something that a file holds may be accepted because of its path.
func (v *Paths) MayAccept(path string) bool {
	return v.Accept(path) || slices.ContainsFunc(v.lists, func(l *List) bool {
		return slices.ContainsFunc(l.when, func(i int) bool { return l.entries[i].When.mayFit(path) })
	})
}

// hasPaths reports whether an entry of l goes by paths.
func (l *List) hasPaths() bool {
	return slices.ContainsFunc(l.entries, func(e Entry) bool {
		return !e.expired(l.today) && (e.Pattern != "" || e.When != nil && len(e.When.Paths)+len(e.When.Outside)+len(e.When.Spots) > 0)
	})
}

// mayFit reports whether a condition may hold for what is in a file because of its path.
func (c *Condition) mayFit(path string) bool {
	x := candidate{path: path, place: &finding.Place{}}
	return slices.ContainsFunc(c.Spots, func(s Spot) bool { return s.Path == path }) ||
		slices.ContainsFunc(c.tests, func(t test) bool { return t.byPath && t.holds(&t, &x) })
}
