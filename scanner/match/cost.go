package match

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"
)

// Cost is what the anchors of one keyword cost in some texts.
type Cost struct {
	Keyword    string
	Rules      []string // the ids of the rules that have it
	Anchors    int
	Candidates int // of all these rules; what the judge drops is among them
	Elapsed    time.Duration
}

// Costs searches texts and tells what each keyword that stands in them cost,
// the dearest first. It times the anchors of a keyword in one text together, as
// the clock costs more than most of them would one by one, and takes the best
// of a few rounds, so that expressions are compiled and other programs matter
// little.
func (p *Program) Costs(texts iter.Seq[[]byte]) []Cost {
	costs := make([]Cost, len(p.keywords))
	m := p.NewMatcher()
	var anchors []Anchor
	var cands []Candidate
	for data := range texts {
		anchors = p.Anchors(anchors[:0], data, 0, len(data))
		anchors = slices.DeleteFunc(anchors, p.IsHidden)
		slices.SortStableFunc(anchors, func(a, b Anchor) int { return cmp.Compare(a.Lit, b.Lit) })
		for rest := anchors; len(rest) > 0; {
			c, n := &costs[rest[0].Lit], 1
			for n < len(rest) && rest[n].Lit == rest[0].Lit {
				n++
			}
			best := time.Duration(math.MaxInt64)
			for range 3 {
				cands = cands[:0]
				began := time.Now()
				for _, a := range rest[:n] {
					cands = m.At(cands, data, a)
				}
				best = min(best, time.Since(began))
			}
			c.Elapsed += best
			c.Anchors += n
			c.Candidates += len(cands)
			rest = rest[n:]
		}
	}
	for lit := range costs {
		costs[lit].Keyword = p.keywords[lit]
		for _, o := range p.tokens[lit] {
			costs[lit].Rules = append(costs[lit].Rules, p.rules[o.rule].ID)
		}
		for _, i := range p.assigned[lit] {
			costs[lit].Rules = append(costs[lit].Rules, p.rules[i].ID)
		}
	}
	costs = slices.DeleteFunc(costs, func(c Cost) bool { return c.Anchors == 0 })
	slices.SortStableFunc(costs, func(a, b Cost) int { return cmp.Compare(b.Elapsed, a.Elapsed) })
	return costs
}
