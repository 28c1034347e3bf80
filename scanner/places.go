package scanner

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/revision"
	"keyrake/scanner/walk/store"
)

// locator finds the places of occurrences in a history or a range.
type locator struct {
	whereabouts // nil if places are made otherwise
	refs        []repo.Ref
	objects     *store.Store
	commits     map[plumbing.Hash]*finding.Commit
	names       map[plumbing.Hash]string // as hexadecimal digits, which many places share
	headers     map[plumbing.Hash]header // of commits and tags with findings
	read        *store.Reader            // of commits
	list        []ranked                 // scratch
	most        int                      // paths of one blob that are listed; 0 lists all
	room        slab[finding.Place]
}

// whereabouts is what a history or a range tells of its contents.
type whereabouts interface {
	// object gives the name and type of the content with this number.
	object(where int32) (plumbing.Hash, plumbing.ObjectType)
	// spots lists the paths of the blob with this number and name.
	spots(where int32, name plumbing.Hash) []history.Spot
	// paths gives their number.
	paths(where int32, name plumbing.Hash) int
	// Rank is the place of a commit in one order of all, ancestors first.
	Rank(commit plumbing.Hash) int
}

// inHistory is the whereabouts of a history.
type inHistory struct {
	*history.Attribution
	objects    *store.Store
	res        *history.Result
	everywhere bool // what no ref reaches has places too
}

func (h inHistory) object(where int32) (plumbing.Hash, plumbing.ObjectType) {
	return h.objects.Name(int(where)), h.res.Type(int(where))
}

func (h inHistory) spots(where int32, name plumbing.Hash) []history.Spot {
	if h.everywhere || !h.res.Reachable(int(where)) {
		return slices.Concat(h.Spots[name], h.Lost[name])
	}
	return h.Spots[name]
}

func (h inHistory) paths(where int32, name plumbing.Hash) int {
	n := len(h.Spots[name])
	if h.everywhere || !h.res.Reachable(int(where)) {
		n += len(h.Lost[name])
	}
	return n
}

// inRange is the whereabouts of a range.
type inRange struct {
	*revision.Attribution
	list  *revision.Range
	head  plumbing.Hash
	files *history.Lookup
}

func (r inRange) object(where int32) (plumbing.Hash, plumbing.ObjectType) {
	o := r.list.Objects[where]
	return o.Name, o.Type
}

func (r inRange) spots(_ int32, name plumbing.Hash) []history.Spot {
	list := slices.Clone(r.Spots[name])
	for i := range list {
		list[i].InHead = r.files.At(r.head, list[i].Path) == name
	}
	return list
}

func (r inRange) paths(_ int32, name plumbing.Hash) int { return len(r.Spots[name]) }

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

// mostScratch is how many places the list that is used for one group after the other may hold
// between two: one secret at very many places would else keep its memory to the end.
const mostScratch = 100_000

// places lists the places of the occurrences of g that are wanted, first come first.
func (l *locator) places(g *group, wanted func(where int32) bool) (places []finding.Place) {
	list := slices.Grow(l.list[:0], len(g.spots)) // most blobs have one path
	for i := range g.spots {
		if o := &g.spots[i]; wanted(o.where) {
			list = l.append(list, o)
		}
	}
	l.list = list
	slices.SortFunc(list, compareRanked)
	// An object that is stored twice was searched twice.
	list = slices.CompactFunc(list, func(a, b ranked) bool { return comparePlaces(a.Place, b.Place) == 0 })
	places = l.room.cut(len(list))
	for i := range list {
		places = append(places, list[i].Place)
	}
	if cap(list) > mostScratch {
		l.list = nil
	}
	return places
}

// compareRanked orders places: the one that came in first comes first.
func compareRanked(a, b ranked) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), comparePlaces(a.Place, b.Place))
}

// append adds the places of one occurrence: one for each path of a blob.
func (l *locator) append(list []ranked, o *occurrence) []ranked {
	name, typ := l.object(o.where)
	switch typ {
	case plumbing.CommitObject:
		p := l.message(o.place(finding.CommitMessage, "", l.hex(name)), name)
		p.Commit = l.commit(name)
		return append(list, ranked{p, l.Rank(name)})
	case plumbing.TagObject:
		return append(list, ranked{l.message(o.place(finding.TagMessage, "", l.hex(name)), name), l.Rank(name)})
	case plumbing.TreeObject:
		return append(list, ranked{o.place(finding.TreeNames, "", l.hex(name)), l.Rank(name)})
	}
	spots := l.listed(l.spots(o.where, name))
	if len(spots) == 0 { // a tag or note may point to a blob without a path
		return append(list, ranked{o.place(finding.Blob, "", l.hex(name)), l.Rank(name)})
	}
	for i := range spots {
		s := &spots[i]
		p := o.place(finding.Blob, s.Path, l.hex(name))
		p.Commit, p.InHead = l.commit(s.First), s.InHead
		list = append(list, ranked{p, s.Rank})
	}
	return list
}

// listed gives those of a blob's spots that are told: the first ones, and one in HEAD.
func (l *locator) listed(spots []history.Spot) []history.Spot {
	if l.most == 0 || len(spots) <= l.most {
		return spots
	}
	inHead := func(s history.Spot) bool { return s.InHead }
	first, rest := spots[:l.most], spots[l.most:]
	if n := slices.IndexFunc(rest, inHead); n >= 0 && !slices.ContainsFunc(first, inHead) {
		return append(first[:l.most-1:l.most-1], rest[n])
	}
	return first
}

// message counts the lines of p from the start of the message, as git log shows
// it, if p stands in the message and not in the header before it.
func (l *locator) message(p finding.Place, name plumbing.Hash) finding.Place {
	h, known := l.headers[name]
	if !known {
		_, data, err := l.objects.Get(name)
		if err == nil {
			h = headerOf(data)
		}
		if l.headers == nil {
			l.headers = map[plumbing.Hash]header{}
		}
		l.headers[name] = h // a message may hold a hundred thousand secrets
	}
	if h.size > 0 && p.Offset >= h.size {
		p.Line, p.EndLine = p.Line-h.lines, p.EndLine-h.lines
	}
	return p
}

// header is what stands before the message of a commit or tag, in bytes and lines.
type header struct{ size, lines int }

func headerOf(data []byte) (h header) {
	if n := bytes.Index(data, []byte("\n\n")); n >= 0 {
		h.size = n + len("\n\n")
		h.lines = bytes.Count(data[:h.size], []byte{'\n'})
	}
	return h
}

func (l *locator) commit(h plumbing.Hash) *finding.Commit {
	c, ok := l.commits[h]
	if !ok {
		c = &finding.Commit{ID: l.hex(h)}
		if info, ok := l.describe(h); ok {
			c.Author, c.Email, c.Date = info.Author, info.Email, info.When
		}
		l.commits[h] = c
	}
	return c
}

func (l *locator) describe(h plumbing.Hash) (history.Info, bool) {
	if in, ok := l.whereabouts.(inHistory); ok {
		if info, ok := in.Describe(h); ok {
			return info, true
		}
	}
	if l.read == nil {
		l.read = l.objects.NewReader(1 << 20)
	}
	info, err := history.Describe(l.read, h)
	return info, err == nil
}
