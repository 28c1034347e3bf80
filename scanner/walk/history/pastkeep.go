package history

import (
	"bufio"
	"errors"
	"io"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// Names lists the names of trees' entries, in any order.
func (r *Result) Names() (list []string) {
	d := r.names()
	for id, text := range d.text {
		if id > 0 && d.one[id] == int32(id) {
			list = append(list, text)
		}
	}
	return list
}

// Size is how many bytes the object with number n has, if it was read.
func (r *Result) Size(n int) int { return int(r.sizes[n]) }

// Kept says how much of a walk is kept, by the numbers of objects.
type Kept struct {
	Leave  func(n int) bool        // it is read again
	Mute   func(n int) bool        // its length is not kept
	Digest func(n int) pack.Digest // by which it is known in another file; zero is none
}

// Keep gives what this walk found out, to be written for a later one. It is nil if that
// would not hold: something is damaged.
func (r *Result) Keep(k Kept) io.WriterTo {
	if !r.sound {
		return nil
	}
	p, labels, ok := r.past(k)
	if !ok {
		return nil
	}
	return &keeping{p, r.links, labels}
}

// keeping is a Past whose words are made while it is written: they would take as much
// memory as the links of the walk.
type keeping struct {
	*Past
	links  *links
	labels []int32 // new numbers of names, by the old ones
}

// WriteTo writes what ParsePast reads.
func (k *keeping) WriteTo(w io.Writer) (int64, error) {
	e := encoder{to: bufio.NewWriterSize(w, 1<<16)}
	k.encode(&e)
	var buf []int32
	for n, t := range k.types {
		typ := plumbing.ObjectType(t &^ marks)
		if t&notFirst == 0 || typ == plumbing.TreeObject {
			buf = relabeled(buf[:0], typ, k.links.record(int32(n)), k.labels)
			e.record(buf)
		}
	}
	return e.wrote, e.to.Flush()
}

// past gathers what is to be kept, but for words, and the new numbers of names by the
// old ones.
func (r *Result) past(k Kept) (_ *Past, labels []int32, ok bool) {
	s := r.opt.Store
	p := &Past{types: make([]uint8, len(r.types)), sizes: make([]uint32, len(r.types)), digests: make(digestList, len(r.types)*len(pack.Digest{})), absent: r.lost}
	_, p.empty = s.Number(emptyTree)
	for _, k := range s.Packs() {
		p.packs = append(p.packs, int32(k.Len()))
	}
	for _, l := range s.LooseObjects() {
		p.loose = append(p.loose, l.Name)
	}
	for _, n := range r.Named {
		p.named = append(p.named, int32(n))
	}
	if p.limits, ok = r.limits(); !ok {
		return nil, nil, false
	}
	for _, l := range p.limits {
		p.digests.put(int(l.number), k.Digest(int(l.number)))
	}
	p.tips, p.reached = r.tips, r.found
	labels = p.label(r.names())
	next := 0 // in r.commits
	for n, t := range r.types {
		typ := plumbing.ObjectType(t)
		isCommit := next < len(r.commits) && int(r.commits[next].number) == n
		if isCommit {
			next++
		}
		if t == 0 {
			continue
		}
		if k.Leave(n) {
			if typ == plumbing.TreeObject {
				return nil, nil, false // others are made from it
			}
			continue
		}
		if isCommit && !p.addCommit(&r.commits[next-1], r.links.list(int32(n)), len(r.types)) {
			continue
		}
		p.types[n], p.sizes[n] = t, r.sizes[n]
		p.digests.put(n, k.Digest(n))
		if k.Mute(n) {
			p.types[n], p.sizes[n] = p.types[n]|noSize, 0
		}
		if r.first(n) != n {
			p.types[n] |= notFirst
		}
	}
	return p, labels, true
}

// limits lists what was too large. It is false if something could not be read
// for another reason, or if it is unknown which copy it was.
func (r *Result) limits() (list []limit, ok bool) {
	s := r.opt.Store
	seen := map[plumbing.Hash]bool{}
	for _, b := range r.unread {
		if !errors.Is(b.Err, pack.ErrLimit) || seen[b.Name] {
			return nil, false
		}
		seen[b.Name] = true
		var copies []int
		for i, p := range s.Packs() {
			if e, ok := p.Find(b.Name); ok {
				copies = append(copies, s.PackBase(i)+e)
			}
		}
		if len(copies) == 0 {
			n, _ := s.Number(b.Name)
			copies = append(copies, n)
		}
		if len(copies) > 1 {
			return nil, false
		}
		list = append(list, limit{int32(copies[0]), b.Type, b.Err.Error()})
	}
	return list, true
}

// label numbers the names anew, each once. It gives the new number by the old one.
func (p *Past) label(d *dictionary) []int32 {
	to := make([]int32, len(d.one))
	for id, text := range d.text {
		if id > 0 && d.one[id] == int32(id) {
			p.names = append(p.names, text)
			to[id] = int32(len(p.names))
		}
	}
	for id, one := range d.one {
		to[id] = to[one]
	}
	return to
}

// addCommit notes what a record does not say of a commit. It is false if that
// cannot be made anew from the record.
func (p *Past) addCommit(c *commit, list []int32, all int) bool {
	at := slices.Index(list, c.tree)
	if at < 0 || at > 0xff || c.tree == none {
		return false
	}
	var parents []int32
	for i, m := range list {
		if i != at && m != none && int(m) < all {
			parents = append(parents, m)
		}
	}
	if !slices.Equal(parents, c.parents) {
		return false
	}
	p.times = append(p.times, c.when)
	p.trees = append(p.trees, uint8(at))
	return true
}

// relabeled appends a record of links to buf, with the new numbers of names.
func relabeled(buf []int32, t plumbing.ObjectType, rec, labels []int32) []int32 {
	switch t {
	case plumbing.CommitObject, plumbing.TagObject:
		return append(buf, rec[:1+rec[0]]...)
	case plumbing.TreeObject:
		buf = append(buf, rec[:3+rec[2]]...)
		for at := 3; at < len(buf); {
			n := buf[at]
			if n >= 0 {
				at += 2
				continue
			}
			for at++; n < 0; n++ {
				buf[at+1] = labels[buf[at+1]>>1]<<1 | buf[at+1]&1
				at += 2
			}
		}
	}
	return buf
}
