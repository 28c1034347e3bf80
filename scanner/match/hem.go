package match

import (
	"regexp/syntax"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// hem says which bytes may stand next to a keyword where a match of a rule
// holds it, as far as the rule's expression tells. Most anchors of most rules
// are words of prose and code; their hem is wrong, which costs some
// nanoseconds to see where the expression takes some microseconds to fail.
type hem struct {
	before, after []byteClass // what may stand there, from the keyword outwards
	lower, upper  uint64      // bit i: byte i of the keyword may be in this case
}

// hemReach is how far a hem goes to each side, in bytes.
const hemReach = 16

// maxHem bounds the work of making one hem, in instructions of the expression.
const maxHem = 8000

// fits reports whether a match may hold the keyword at win[start:end). Beyond the
// window, and behind a rune that is not ASCII, anything may stand.
func (h *hem) fits(win []byte, start, end int) bool {
	if h == nil {
		return true
	}
	for i := range h.after[:min(len(h.after), len(win)-end)] {
		b := win[end+i]
		if h.after[i].bit(b) == 0 {
			return false
		}
		if b >= utf8.RuneSelf {
			break
		}
	}
	for i := range h.before[:min(len(h.before), start)] {
		b := win[start-1-i]
		if h.before[i].bit(b) == 0 {
			return false
		}
		if b >= utf8.RuneSelf {
			break
		}
	}
	for i, b := range win[start:end] {
		in := h.lower
		if 'A' <= b && b <= 'Z' {
			in = h.upper
		}
		if in>>i&1 == 0 {
			return false
		}
	}
	return true
}

// hem returns the hem of the rule's keyword number k, nil if nothing can be
// said.
func (c *compiled) hem(k int) *hem {
	c.hemmed.Do(func() {
		switch {
		case c.told != nil:
			c.hems, c.word = c.table.hems(c.told, len(c.Keywords)), c.told.Word
		case !c.Backtrack:
			c.hems, c.word = newHems(c.Pattern, c.Keywords, c.isLeading())
		}
	})
	if c.hems == nil {
		return nil
	}
	return c.hems.of(k)
}

// hems makes the hems of a rule's keywords, each when it is first asked for: some
// rules have a hundred keywords, of which a scan meets a few.
type hems struct {
	bytes byteClass // all that a match may hold
	list  []atomic.Pointer[hem]
	mu    sync.Mutex
	make  func(k int) hem // guarded by mu
}

// of returns the hem of keyword number k.
func (h *hems) of(k int) *hem {
	if made := h.list[k].Load(); made != nil {
		return made
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	made := h.make(k)
	h.list[k].Store(&made)
	return &made
}

// stretch says how far a match that holds win[start:end) may go. An expression that
// is shown no more finds the same, as no match goes across what it cannot hold.
func (h *hems) stretch(win []byte, start, end int) (lo, hi int) {
	if h == nil {
		return 0, len(win)
	}
	lo, hi = start, end
	for lo > 0 && h.bytes.bit(win[lo-1]) != 0 {
		lo--
	}
	for hi < len(win) && h.bytes.bit(win[hi]) != 0 {
		hi++
	}
	return lo, hi
}

// newHems makes the hems of a rule's keywords ready, and tells what else every
// match holds.
func newHems(pattern string, keywords []string, leading bool) (h *hems, word string) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, ""
	}
	word = neededWord(tree, keywords)
	// More of a part than a hem reaches is as good as any number of it.
	dropCounts(tree, hemReach+1)
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > maxHem {
		return nil, word
	}
	g := newGraph(prog)
	from := g.all
	if leading {
		from = g.next[g.begin]
	}
	h = &hems{list: make([]atomic.Pointer[hem], len(keywords)), make: func(k int) hem { return g.hem(from, cut(keywords[k]), leading) }}
	for _, s := range g.all {
		for k := range h.bytes {
			h.bytes[k] |= g.class[s][k]
		}
	}
	if slices.ContainsFunc(prog.Inst, func(in syntax.Inst) bool { return in.Op == syntax.InstEmptyWidth }) {
		h.bytes = byteClass{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)} // it asks what stands beside a match
	}
	return h, word
}

// hem makes the hem of a word that is read from one of the given nodes on.
func (g *graph) hem(from []int32, word string, leading bool) (h hem) {
	lines := g.spell(from, word)
	for i, line := range lines {
		lower, upper := word[i], upperOf(word[i])
		for _, s := range line {
			h.lower |= g.class[s].bit(lower) << i
			h.upper |= g.class[s].bit(upper) << i
		}
	}
	h.after = g.spread(g.step(lines[len(lines)-1], g.next), g.next)
	if !leading {
		h.before = g.spread(g.step(lines[0], g.prev), g.prev)
	}
	return h
}

func upperOf(c byte) byte {
	if 'a' <= c && c <= 'z' {
		c -= 'a' - 'A'
	}
	return c
}
