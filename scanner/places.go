package scanner

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// locator finds the places of occurrences in a history.
type locator struct {
	everywhere bool // what no ref reaches has places too
	refs       []repo.Ref
	objects    *store.Store
	res        *history.Result
	where      *history.Attribution
	commits    map[plumbing.Hash]*finding.Commit
	names      map[plumbing.Hash]string // as hexadecimal digits, which many places share
	read       *store.Reader            // of commits
	list       []ranked                 // scratch
	room       slab[finding.Place]
}

// hex writes a name.
func (l *locator) hex(name plumbing.Hash) string {
	text, ok := l.names[name]
	if !ok {
		if l.names == nil {
			l.names = map[plumbing.Hash]string{}
		}
		text = name.String()
		l.names[name] = text
	}
	return text
}

// ranked is a place with its commit's place in the order of the history.
type ranked struct {
	finding.Place
	rank int
}

// places lists the places of g that a ref reaches, or those that none does,
// first come first.
func (l *locator) places(g *group, reachable bool) (places []finding.Place) {
	list := l.list[:0]
	for i := range g.spots {
		o := &g.spots[i]
		if l.everywhere || l.res.Reachable(int(o.where)) == reachable {
			list = l.append(list, o)
		}
	}
	l.list = list
	slices.SortFunc(list, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.rank, b.rank), comparePlaces(a.Place, b.Place)) })
	// An object that is stored twice was searched twice.
	list = slices.CompactFunc(list, func(a, b ranked) bool { return comparePlaces(a.Place, b.Place) == 0 })
	places = l.room.cut(len(list))
	for i := range list {
		places = append(places, list[i].Place)
	}
	return places
}

// append adds the places of one occurrence: one for each path of a blob.
func (l *locator) append(list []ranked, o *occurrence) []ranked {
	name := l.objects.Name(int(o.where))
	switch l.res.Type(int(o.where)) {
	case plumbing.CommitObject:
		p := l.message(o.place(finding.CommitMessage, "", l.hex(name)), name)
		p.Commit = l.commit(name)
		return append(list, ranked{p, l.where.Rank(name)})
	case plumbing.TagObject:
		return append(list, ranked{l.message(o.place(finding.TagMessage, "", l.hex(name)), name), l.where.Rank(name)})
	case plumbing.TreeObject:
		return append(list, ranked{o.place(finding.TreeNames, "", l.hex(name)), l.where.Rank(name)})
	}
	spots := l.where.Spots[name]
	if l.everywhere || !l.res.Reachable(int(o.where)) {
		spots = slices.Concat(spots, l.where.Lost[name])
	}
	if len(spots) == 0 { // a tag or note may point to a blob without a path
		return append(list, ranked{o.place(finding.Blob, "", l.hex(name)), l.where.Rank(name)})
	}
	for _, s := range spots {
		p := o.place(finding.Blob, s.Path, l.hex(name))
		p.Commit, p.InHead = l.commit(s.First), s.InHead
		list = append(list, ranked{p, s.Rank})
	}
	return list
}

// message counts the lines of p from the start of the message, as git log shows
// it, if p stands in the message and not in the header before it.
func (l *locator) message(p finding.Place, name plumbing.Hash) finding.Place {
	_, data, err := l.objects.Get(name)
	header := bytes.Index(data, []byte("\n\n")) + len("\n\n")
	if err == nil && header > 1 && p.Offset >= header {
		n := bytes.Count(data[:header], []byte{'\n'})
		p.Line, p.EndLine = p.Line-n, p.EndLine-n
	}
	return p
}

func (l *locator) commit(h plumbing.Hash) *finding.Commit {
	c, ok := l.commits[h]
	if !ok {
		c = &finding.Commit{ID: l.hex(h)}
		if l.read == nil {
			l.read = l.objects.NewReader(1 << 20)
		}
		if info, err := history.Describe(l.read, h); err == nil {
			c.Author, c.Email, c.Date = info.Author, info.Email, info.When
		}
		l.commits[h] = c
	}
	return c
}
