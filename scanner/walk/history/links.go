package history

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"
)

// links keeps what every tree, commit and tag points to, as the walk meets it,
// so that nothing has to be read twice. A tree that is stored as a delta keeps
// what it took over from its base as ranges of the base's entries, so that the
// whole takes memory as what changed does: 18 MB on curl, whose trees have 23
// million entries.
//
// A record is a run of words. That of a commit or tag is the number of its
// links, and those. That of a tree is the number of the base (none if it is
// stored whole), the number of its entries, the number of words that follow,
// and its pieces: from, n is n entries of the base, from the one at from; -n,
// and n times what an entry points to and its name, are entries of its own.
type links struct {
	at   []uint64     // per number: page<<32 | offset of its record, plus one; 0 is none
	room atomic.Int64 // bytes that pages may still take; below zero, records are lost

	mu    sync.Mutex
	pages [][]int32
}

const pageWords = 1 << 15

// errRoom means that links were lost for want of memory.
var errRoom = errors.New("its trees point to more objects than fit into memory, so missing and unreachable objects cannot be determined; raise --memory")

// newLinks returns a keeper for n objects within bound bytes; 0 is no bound.
func newLinks(n int, bound int64) *links {
	l := &links{at: make([]uint64, n)}
	if bound <= 0 {
		bound = 1 << 62
	}
	l.room.Store(bound)
	return l
}

// pen writes records for one worker.
type pen struct {
	number int // of the page
	page   []int32
	used   int // words of it
}

// put keeps the record of object n, which is made of head and tail, and returns
// it as it is kept; nil if there was no room.
func (l *links) put(p *pen, n int, head, tail []int32) []int32 {
	size := len(head) + len(tail)
	if size > len(p.page)-p.used {
		fresh := max(size, pageWords)
		if l.room.Add(int64(-4*fresh)) < 0 {
			return nil
		}
		p.page, p.used = make([]int32, fresh), 0
		l.mu.Lock()
		p.number = len(l.pages)
		l.pages = append(l.pages, p.page)
		l.mu.Unlock()
	}
	l.at[n] = uint64(p.number)<<32 | uint64(p.used) + 1
	kept := p.page[p.used : p.used+size]
	copy(kept, head)
	copy(kept[len(head):], tail)
	p.used += size
	return kept
}

// full reports whether links were lost for want of room.
func (l *links) full() bool { return l.room.Load() < 0 }

// record returns the words from the start of n's record on; nil if it has none.
func (l *links) record(n int32) []int32 {
	if n < 0 || int(n) >= len(l.at) || l.at[n] == 0 {
		return nil
	}
	at := l.at[n] - 1
	return l.pages[at>>32][uint32(at):]
}

// list is what the commit or tag n points to.
func (l *links) list(n int32) []int32 {
	rec := l.record(n)
	if rec == nil {
		return nil
	}
	return rec[1 : 1+rec[0]]
}

// tree is the record of a tree.
type tree struct {
	base   int32 // number of the tree that ranges are taken from; none if stored whole
	size   int32 // entries
	pieces []int32
}

func (l *links) tree(n int32) tree {
	rec := l.record(n)
	if rec == nil {
		return tree{base: none}
	}
	return tree{rec[0], rec[1], rec[3 : 3+rec[2]]}
}

// piece is a run of a tree's entries: copied from the base's entries at from
// on, or, if own is not nil, its own, two words for each.
type piece struct {
	pos, n int32
	from   int32
	own    []int32
}

// next takes the first piece off t, whose entries start at pos.
func (t *tree) next(pos int32) (p piece, ok bool) {
	if len(t.pieces) == 0 {
		return piece{}, false
	}
	if from := t.pieces[0]; from >= 0 {
		p = piece{pos: pos, n: t.pieces[1], from: from}
		t.pieces = t.pieces[2:]
		return p, true
	}
	n := -t.pieces[0]
	p = piece{pos: pos, n: n, own: t.pieces[1 : 1+2*n]}
	t.pieces = t.pieces[1+2*n:]
	return p, true
}

// absent numbers the objects that the store does not hold, from its length on.
type absent struct {
	first int // number of the first

	mu   sync.Mutex
	of   map[absentee]int32
	list []absentee
}

// absentee is an object that the store does not hold, of the type that a link
// to it says.
type absentee struct {
	name plumbing.Hash
	typ  plumbing.ObjectType
}

func (a *absent) number(h plumbing.Hash, typ plumbing.ObjectType) int32 {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := absentee{h, typ}
	n, ok := a.of[k]
	if !ok {
		if a.of == nil {
			a.of = map[absentee]int32{}
		}
		n = int32(a.first + len(a.list))
		a.of[k] = n
		a.list = append(a.list, k)
	}
	return n
}
