package history

import (
	"bytes"
	"math/bits"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// Past is what an earlier walk found out about the objects of a repository, so
// that a later one reads only others. Objects are numbered as they were then. An
// object is taken over where its bytes are known to be the same, whatever file
// they are in, and all that its record points to has a number today.
type Past struct {
	packs   []int32         // objects of each pack
	loose   []plumbing.Hash // sorted
	types   []uint8         // per number; 0 is to be read again; notFirst and noSize may be added
	sizes   []uint32
	digests digestList // per number; zero is none
	absent  []absentee
	named   []int32
	limits  []limit
	names   []string // of tree entries, in the order of their numbers, which begin at 1
	words   []int32  // records as in links, one after the other
	times   []int64  // of the commits with a record, in the order of their numbers
	trees   []uint8  // for each of them, which of its links is its tree
	empty   bool     // the empty tree was stored
	tips    []int32  // numbers of what refs pointed to
	reached bitset   // by the tips; with the absent objects behind the others. nil if that is not known

	// by holds
	records []int32 // per number: where its record starts in words, or none
	commits []int32 // numbers of the commits with a record

	// mutable, by Stay and restore
	files     Files
	treesOnly bool
	to        []int32 // per number, then per absent object: the number that stands for it now, none, or unasked
	lost      bool    // something has no number now
	from      []int32 // by the numbers of now: the number of what had the same bytes, or none
	searched  bool    // for something by its digest
	back      bitset  // what was taken over
	known     bitset  // what was taken over, or would have been without treesOnly
	same      bitset  // the same, by the numbers of now
}

// Files say which objects have the same bytes as they had.
type Files struct {
	// Packs has for each pack its place among the store's packs of today, if its
	// files are the same, or -1.
	Packs []int
	// Loose reports whether a loose object's file is the same.
	Loose func(plumbing.Hash) bool
	// Digests gives the digests of one of today's packs whose files are others;
	// nil has none. They are made with the salt of those that were kept.
	Digests func(pack int) []pack.Digest
	// LooseDigest is that of a loose object, by its place in the store's list.
	LooseDigest func(i int) pack.Digest
}

// unasked stands for an absent object that nothing points to so far.
const unasked = int32(-2)

// Marks of types.
const (
	notFirst = 0x80 // it is a further copy of an object
	noSize   = 0x40 // its length is not kept
	marks    = notFirst | noSize
)

// limit is an object that was larger than what is read.
type limit struct {
	number int32
	typ    plumbing.ObjectType
	text   string
}

// tooLarge is the error that a limit was.
type tooLarge string

func (e tooLarge) Error() string { return string(e) }
func (e tooLarge) Unwrap() error { return pack.ErrLimit }

// Packs is how many packs there were.
func (p *Past) Packs() int { return len(p.packs) }

// Loose lists the loose objects there were, by name.
func (p *Past) Loose() []plumbing.Hash { return p.loose }

// PackDigests are the digests of pack i, as it was.
func (p *Past) PackDigests(i int) []pack.Digest {
	lo := 0
	for _, size := range p.packs[:i] {
		lo += int(size)
	}
	list := make([]pack.Digest, p.packs[i])
	for e := range list {
		list[e] = p.digests.of(lo + e)
	}
	return list
}

// LooseDigest is that of the loose object at place i of the list, as it was.
func (p *Past) LooseDigest(i int) pack.Digest { return p.digests.of(len(p.types) - len(p.loose) + i) }

// Forget lets what had the number n be read again.
func (p *Past) Forget(n int) {
	if n >= 0 && n < len(p.types) && plumbing.ObjectType(p.types[n]&^marks) != plumbing.TreeObject {
		p.types[n] = 0
	}
}

// Stay says what is the same as it was. With treesOnly, only trees are taken over.
func (p *Past) Stay(files Files, treesOnly bool) { p.files, p.treesOnly = files, treesOnly }

// Now is the number today of what had the number n, if that is the same;
// else -1.
func (p *Past) Now(n int) int {
	if n < 0 || n >= len(p.types) || p.known == nil || !p.known.has(n) {
		return int(none)
	}
	return int(p.to[n])
}

// Same reports whether the object that has the number n now was known, and was not
// to be read again.
func (p *Past) Same(n int) bool { return p.same != nil && p.same.has(n) }

// Taken is how many objects a walk took over.
func (p *Past) Taken() (n int) {
	for _, word := range p.back {
		n += bits.OnesCount64(word)
	}
	return n
}

// Len is how many objects there were.
func (p *Past) Len() int { return len(p.types) }

// Missing says how many objects, and how many bytes of them, a walk read that are
// not in the past, but for those that it leaves out. It is not whole if more than
// that has changed: something is gone, or was found in another file.
func (p *Past) Missing(r *Result) (objects int, bytes int64, whole bool) {
	if p.back == nil {
		return 0, 0, false
	}
	for own, n := range p.from {
		if n == none || p.types[n] != 0 && !p.back.has(int(n)) {
			objects++
			bytes += int64(r.sizes[own])
		}
	}
	return objects, bytes, !p.lost && !p.searched
}

// record is the record of number n; nil if it has none.
func (p *Past) record(n int32) []int32 {
	at := p.records[n]
	if at == none {
		return nil
	}
	size := int32(0)
	if plumbing.ObjectType(p.types[n]&^marks) == plumbing.TreeObject {
		size = 3 + p.words[at+2]
	} else {
		size = 1 + p.words[at]
	}
	return p.words[at : at+size : at+size]
}

// sources finds for each object of the store the number of what has its bytes, or
// none.
func (p *Past) sources(s *store.Store) []int32 {
	from := make([]int32, s.Len())
	for i := range from {
		from[i] = none
	}
	done := make([]bool, len(s.Packs()))
	lo := 0
	for i, size := range p.packs {
		if j := p.files.Packs[i]; j >= 0 && s.Packs()[j].Len() == int(size) {
			for e := range int(size) {
				from[s.PackBase(j)+e] = int32(lo + e)
			}
			done[j] = true
		}
		lo += int(size)
	}
	for i, l := range s.LooseObjects() {
		at, ok := slices.BinarySearchFunc(p.loose, l.Name, compareNames)
		if !ok {
			continue
		}
		same, was := p.files.Loose(l.Name), p.digests.of(lo+at)
		if same || was != (pack.Digest{}) && p.files.LooseDigest(i) == was {
			from[s.LooseBase()+i] = int32(lo + at)
		}
		p.searched = p.searched || !same
	}
	var table *digests
	for j, was := range done {
		if was {
			continue
		}
		if table == nil {
			table = newDigests(p.digests)
		}
		for e, d := range p.files.Digests(j) {
			n := table.find(d)
			from[s.PackBase(j)+e] = n
			p.searched = p.searched || n != none
		}
	}
	return from
}

func compareNames(a, b plumbing.Hash) int { return bytes.Compare(a[:], b[:]) }

// numbers finds where everything is now.
func (p *Past) numbers(s *store.Store, from []int32) {
	p.to = make([]int32, len(p.types)+len(p.absent))
	for n := range p.to {
		if p.to[n] = none; n >= len(p.types) {
			p.to[n] = unasked
		}
	}
	first := s.LooseBase() // number of the first object that an earlier pack may have too
	if len(s.Packs()) > 1 {
		first = s.PackBase(1)
	}
	for own, n := range from {
		if n == none || p.to[n] != none {
			continue
		}
		p.to[n] = int32(own)
		if own >= first {
			p.to[n] = int32(s.First(own, s.Name(own)))
		}
	}
	at := len(p.types) - len(p.loose)
	for i, h := range p.loose { // they may be in a pack now
		if n, ok := s.Number(h); ok {
			p.to[at+i] = int32(n)
		}
	}
	p.lost = slices.Contains(p.to, none)
}

// eachKid calls f with each place in a record that holds what an entry points to.
func eachKid(t plumbing.ObjectType, rec []int32, f func(kid *int32)) {
	if t != plumbing.TreeObject {
		for i := 1; i < len(rec); i++ {
			f(&rec[i])
		}
		return
	}
	for at := 3; at < len(rec); {
		n := rec[at]
		if n >= 0 {
			at += 2
			continue
		}
		for at++; n < 0; n++ {
			f(&rec[at])
			at += 2
		}
	}
}
