// Package match turns bytes into candidates: a prefilter finds the keywords of
// all rules in one pass, and round each of these anchors the rules that own the
// keyword look at a small window with their regex, or read an assignment.
//
// It refuses to know paths, commits and whether a candidate is a secret. It may
// over-report, and must never under-report. Its invariant: what At finds for an
// anchor is a pure function of the bytes within the anchor's reach and of
// whether the data begins or ends there, so that it holds in every version of a
// file that has the same bytes there.
package match

import (
	"sync"
	"sync/atomic"

	"keyrake/rules"
	"keyrake/scanner/match/literal"
)

// Anchor is a place where a keyword of some rule occurs.
type Anchor = literal.Hit

// Program is a rule set made ready to search with. It is immutable and safe
// for concurrent use; what it compiles on first use is guarded.
type Program struct {
	table    *Table
	set      *literal.Set
	keywords []string
	all      []*rules.Rule
	made     []atomic.Pointer[compiled] // by the number of the rule; nil until it is first tried
	foreign  []foreign                  // per keyword; nil if no rule is
}

// Reach is how many bytes before and after an anchor a decision looks at,
// counted from the anchor's first and last byte.
type Reach struct{ Before, After int32 }

// compiled is a rule whose expressions are compiled when it is first tried:
// of more than a thousand built-in rules a scan needs a handful.
type compiled struct {
	*rules.Rule
	number   int32
	table    *Table
	told     *Shape // what the table says of the rule; nil if that is worked out here
	weight   int64  // see weigh
	stepwise bool
	leads    sync.Once
	leading  bool // Token: every match starts at its anchor
	hemmed   sync.Once
	hems     *hems  // of a Token rule's keywords; nil if anything may stand there
	word     string // every match holds it; set with hems
	shape    lazy   // the token, or the whole value
	name     lazy   // of an assignment, if the rule asks for one
	lengths  lengths
	breadth  breadth // of a rule that is tried on whole contents
	words    nameWords
}

// Compile makes the rules of set ready, once for each set. It compiles no expression
// yet, since the rules were checked when they were loaded.
func Compile(set *rules.Set) (*Program, error) {
	p, err := set.Kept(func(set *rules.Set) (any, error) {
		if builtin.Digest == set.Digest() {
			return newProgram(set, &builtin), nil
		}
		t, err := tabulate(set, literal.Tabulate)
		if err != nil {
			return nil, err
		}
		return newProgram(set, t), nil
	})
	if err != nil {
		return nil, err
	}
	return p.(*Program), nil
}

func newProgram(set *rules.Set, t *Table) *Program {
	all := set.All()
	p := &Program{table: t, set: t.Literals.Set(), keywords: t.Literals.Literals[:t.Keywords], all: all, made: make([]atomic.Pointer[compiled], len(all))}
	if len(set.Foreign()) > 0 {
		p.foreign = p.alien()
	}
	return p
}

// rule returns the rule with this number.
func (p *Program) rule(number int32) *compiled {
	if c := p.made[number].Load(); c != nil {
		return c
	}
	return p.meet(number)
}

// meet makes what is kept of a rule that is tried for the first time.
func (p *Program) meet(number int32) *compiled {
	c := &compiled{Rule: p.all[number], number: number, table: p.table}
	if p.table.Shapes != nil {
		c.told = &p.table.Shapes[number]
	}
	c.weigh()
	p.made[number].CompareAndSwap(nil, c)
	return p.made[number].Load()
}

// Anchors appends the anchors that start in data[lo:hi) to dst, in rising
// order. An anchor may extend beyond hi.
func (p *Program) Anchors(dst []Anchor, data []byte, lo, hi int) []Anchor {
	return p.anchors(dst, data, lo, hi, 0)
}

// MaxAnchor is the length of the longest keyword in bytes. Anchors in encoded
// text may be longer: see Changed.
func (p *Program) MaxAnchor() int { return p.set.MaxLen() }

// Len is the length of the anchor a in bytes.
func (p *Program) Len(a Anchor) int {
	if int(a.Lit) < len(p.keywords) {
		return len(p.keywords[a.Lit])
	}
	if m := p.mark(a); m != nil {
		return len(m.text)
	}
	_, n, _ := p.encoding(a)
	return n
}

// window is what a decision about a looks at, in data of n bytes.
func (p *Program) window(a Anchor, n int) (lo, hi int) {
	r := p.Reach(a.Lit)
	return max(0, int(a.Off-r.Before)), min(n, int(a.Off)+p.Len(a)+int(r.After))
}

// Reach is the reach of the anchors with number lit.
func (p *Program) Reach(lit uint16) Reach {
	switch i := int(lit); {
	case i < len(p.table.Reach):
		return p.table.Reach[i]
	case i < p.firstCode():
		return Reach{slashBefore, slashAfter}
	}
	return Reach{encodedReach, encodedReach}
}

// Widest is how far before and after the first byte of an anchor any decision looks,
// and whatever shows that an anchor is there.
func (p *Program) Widest() (before, after int) {
	before, after = encodedReach, encodedReach+maxSpan+1
	for _, r := range p.table.Reach {
		before, after = max(before, int(r.Before)), max(after, int(r.After)+maxKeyword)
	}
	return before, after
}

// Owners are the rules that are tried at the anchor a.
func (p *Program) Owners(a Anchor) (owners []*rules.Rule) {
	for _, o := range p.tokens(a.Lit) {
		owners = append(owners, p.all[o.Rule])
	}
	for _, i := range p.assigned(a.Lit) {
		owners = append(owners, p.all[i])
	}
	return owners
}

// Keywords are the literals that Anchor.Lit numbers.
func (p *Program) Keywords() []string { return p.keywords }
