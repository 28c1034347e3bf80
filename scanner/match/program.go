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
	"slices"
	"sync"

	"keyrake/rules"
	"keyrake/scanner/match/literal"
)

// Anchor is a place where a keyword of some rule stands.
type Anchor = literal.Hit

// Program is a rule set made ready to search with. It is immutable and safe
// for concurrent use; what it compiles on first use is guarded.
type Program struct {
	set      *literal.Set
	keywords []string
	reach    []Reach   // per keyword, the widest of its rules
	owners   [][]int32 // per keyword, the rules that have it
	rules    []compiled
	widest   int
}

// Reach is how many bytes before and after an anchor a decision looks at,
// counted from the anchor's first and last byte.
type Reach struct{ Before, After int32 }

// compiled is a rule whose expressions are compiled when it is first tried:
// of some hundred rules a scan needs a handful.
type compiled struct {
	*rules.Rule
	once    sync.Once
	shape   engine // the token, or the whole value
	name    engine
	err     error
	leading bool // Token: every match starts at its anchor
}

// maxKeyword is how much of a keyword is searched for, in bytes.
const maxKeyword = 32

// Compile makes the rules of set ready. It compiles no expression yet, since
// the rules were checked when they were loaded.
func Compile(set *rules.Set) (*Program, error) {
	all := set.All()
	p := &Program{rules: make([]compiled, len(all))}
	number := make(map[string]int, 2*len(all))
	for i, r := range all {
		p.rules[i].Rule = r
		i := int32(i)
		for _, k := range r.Keywords {
			k = k[:min(len(k), maxKeyword)]
			n, ok := number[k]
			if !ok {
				n = len(p.keywords)
				number[k] = n
				p.keywords = append(p.keywords, k)
				p.reach = append(p.reach, Reach{})
				p.owners = append(p.owners, nil)
			}
			if slices.Contains(p.owners[n], i) {
				continue
			}
			p.owners[n] = append(p.owners[n], i)
			p.reach[n].Before = max(p.reach[n].Before, int32(r.Before))
			p.reach[n].After = max(p.reach[n].After, int32(r.After))
			p.widest = max(p.widest, r.Before, r.After)
		}
	}
	var err error
	if p.set, err = literal.New(p.keywords); err != nil {
		return nil, fmt.Errorf("compile the rules' keywords: %w", err)
	}
	return p, nil
}

// Anchors appends the anchors that start in data[lo:hi) to dst, in rising
// order. An anchor may extend beyond hi.
func (p *Program) Anchors(dst []Anchor, data []byte, lo, hi int) []Anchor {
	return p.set.Find(dst, data, lo, hi)
}

// MaxAnchor is the length of the longest keyword in bytes.
func (p *Program) MaxAnchor() int { return p.set.MaxLen() }

// Len is the length of the anchor a in bytes.
func (p *Program) Len(a Anchor) int { return len(p.keywords[a.Lit]) }

// Window is what a decision about a looks at, in data of n bytes.
func (p *Program) Window(a Anchor, n int) (lo, hi int) {
	r := p.reach[a.Lit]
	return max(0, int(a.Off-r.Before)), min(n, int(a.Off)+len(p.keywords[a.Lit])+int(r.After))
}

// Reach is the reach of the anchors of keyword number lit.
func (p *Program) Reach(lit uint16) Reach { return p.reach[lit] }

// Owners are the rules that are tried at the anchor a.
func (p *Program) Owners(a Anchor) []*rules.Rule {
	owners := make([]*rules.Rule, len(p.owners[a.Lit]))
	for i, n := range p.owners[a.Lit] {
		owners[i] = p.rules[n].Rule
	}
	return owners
}

// Keywords are the literals that Anchor.Lit numbers.
func (p *Program) Keywords() []string { return p.keywords }
