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
	"fmt"
	"sync"

	"keyrake/rules"
	"keyrake/scanner/match/literal"
)

// Anchor is a place where a keyword of some rule stands.
type Anchor = literal.Hit

// Program is a rule set made ready to search with. It is immutable and safe
// for concurrent use; what it compiles on first use is guarded.
type Program struct {
	set        *literal.Set
	keywords   []string
	reach      []Reach   // per keyword, the widest of its rules
	tokens     [][]owner // per keyword, the Token rules that have it
	assigned   [][]int32 // per keyword, the numbers of its Assignment rules
	rules      []compiled
	widest     int
	wholes     []int32   // numbers of the rules that are tried on whole contents
	wholeReach Reach     // the widest of theirs
	marks      []mark    // literals behind the keywords
	foreign    []foreign // per keyword; nil if no rule is
}

// Reach is how many bytes before and after an anchor a decision looks at,
// counted from the anchor's first and last byte.
type Reach struct{ Before, After int32 }

// compiled is a rule whose expressions are compiled when it is first tried:
// of some hundred rules a scan needs a handful.
type compiled struct {
	*rules.Rule
	number   int32
	weight   int64 // see weigh
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

// owner is a Token rule with the number of one of its keywords.
type owner struct{ rule, keyword int32 }

// maxKeyword is how much of a keyword is searched for, in bytes.
const maxKeyword = 16

func cut(keyword string) string { return keyword[:min(len(keyword), maxKeyword)] }

// Compile makes the rules of set ready, once for each set. It compiles no expression
// yet, since the rules were checked when they were loaded.
func Compile(set *rules.Set) (*Program, error) {
	p, err := set.Kept(func(set *rules.Set) (any, error) { return compile(set) })
	if err != nil {
		return nil, err
	}
	return p.(*Program), nil
}

func compile(set *rules.Set) (*Program, error) {
	all := set.All()
	p := &Program{rules: make([]compiled, len(all))}
	number := make(map[string]int, 2*len(all))
	for i, r := range all {
		p.rules[i].Rule, p.rules[i].number = r, int32(i)
		p.rules[i].weigh()
		i := int32(i)
		if r.Whole {
			p.wholes = append(p.wholes, i)
			p.wholeReach = Reach{max(p.wholeReach.Before, int32(r.Before)), max(p.wholeReach.After, int32(r.After))}
			continue
		}
		for nth, k := range r.Keywords {
			k = cut(k)
			n, ok := number[k]
			if !ok {
				n = len(p.keywords)
				number[k] = n
				p.keywords = append(p.keywords, k)
				p.reach = append(p.reach, Reach{})
				p.tokens = append(p.tokens, nil)
				p.assigned = append(p.assigned, nil)
			}
			p.own(n, i, int32(nth))
			p.reach[n].Before = max(p.reach[n].Before, int32(r.Before))
			p.reach[n].After = max(p.reach[n].After, int32(r.After))
			if r.Kind == rules.Token {
				p.reach[n].After = max(p.reach[n].After, int32(r.After)+joinRoom)
			}
			p.widest = max(p.widest, r.Before, r.After)
		}
	}
	p.foreign = p.alien()
	var err error
	if p.set, err = literal.New(p.literals(number)); err != nil {
		return nil, fmt.Errorf("compile the rules' keywords: %w", err)
	}
	return p, nil
}

// own notes that keyword number n is the nth one of rule number i. A rule may name two that
// are one once they are cut; it then comes twice in a row.
func (p *Program) own(n int, i, nth int32) {
	if p.rules[i].Kind == rules.Assignment {
		if list := p.assigned[n]; len(list) == 0 || list[len(list)-1] != i {
			p.assigned[n] = append(list, i)
		}
		return
	}
	if list := p.tokens[n]; len(list) == 0 || list[len(list)-1].rule != i {
		p.tokens[n] = append(list, owner{i, nth})
	}
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
	case i < len(p.reach):
		return p.reach[i]
	case i < p.firstCode():
		return Reach{slashBefore, slashAfter}
	}
	return Reach{encodedReach, encodedReach}
}

// Widest is how far before and after the first byte of an anchor any decision looks,
// and what tells whether an anchor stands there.
func (p *Program) Widest() (before, after int) {
	before, after = encodedReach, encodedReach+maxSpan+1
	for _, r := range p.reach {
		before, after = max(before, int(r.Before)), max(after, int(r.After)+maxKeyword)
	}
	return before, after
}

// Owners are the rules that are tried at the anchor a.
func (p *Program) Owners(a Anchor) (owners []*rules.Rule) {
	for _, o := range p.tokens[a.Lit] {
		owners = append(owners, p.rules[o.rule].Rule)
	}
	for _, i := range p.assigned[a.Lit] {
		owners = append(owners, p.rules[i].Rule)
	}
	return owners
}

// Keywords are the literals that Anchor.Lit numbers.
func (p *Program) Keywords() []string { return p.keywords }
