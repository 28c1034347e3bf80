package match

import (
	"math"
	"regexp/syntax"
	"sync/atomic"
)

// Allowance is what the rules that a scanned repository brings along may cost in
// all contents together. Each cost is a function of one content, and of what it
// was made from; so the sum is the same whoever searches what, and whether it is
// too much does not depend on the order of work. Whoever finds that it was too
// much must discard what these rules found, because how much that is depends on
// the order of work.
//
// It counts steps: a byte that a small expression steps through is one, some 60 ns,
// and more in a large one, which has more states to keep.
type Allowance struct {
	over  func()
	most  atomic.Int64
	spent atomic.Int64
}

// OwnSteps is what all of a repository's own rules may cost: about half a minute of
// CPU. A rule whose keyword is its own costs some steps for each of its tokens.
const OwnSteps = 1 << 29

const (
	stepsAtOnce    = 1 << 14 // that a Matcher keeps to itself
	statesPerStep  = 8       // instructions of an expression that one step pays for
	candidateSteps = 128     // of what comes after a match: the judge
)

// NewAllowance allows so many steps. over is called when more were spent, maybe
// several times and from any goroutine, and whoever has it says that nothing is
// made of what is found from then on. Without it, foreign rules find nothing more.
func NewAllowance(most int64, over func()) *Allowance {
	a := &Allowance{over: over}
	a.most.Store(most)
	return a
}

// Settle says that what was to be searched was searched: what is asked from now on
// is of the report's own, and never too much.
func (a *Allowance) Settle() { a.most.Store(math.MaxInt64) }

// Spend adds what was spent.
func (a *Allowance) Spend(steps int64) {
	if a.spent.Add(steps) > a.most.Load() && a.over != nil {
		a.over()
	}
}

// Spent is what was spent so far.
func (a *Allowance) Spent() int64 { return a.spent.Load() }

// Over reports whether more was spent than is allowed.
func (a *Allowance) Over() bool { return a.Spent() > a.most.Load() }

// Allow has the Matcher count what foreign rules cost. Without it they are
// bounded in each content alone.
func (m *Matcher) Allow(a *Allowance) { m.allowance = a }

// Account adds what the Matcher kept to itself to its Allowance.
func (m *Matcher) Account() {
	if m.allowance != nil && m.own > 0 {
		m.allowance.Spend(m.own)
		m.own, m.void = 0, m.allowance.over != nil && m.allowance.Over()
	}
}

// take counts steps that foreign rules are the cause of.
func (m *Matcher) take(steps int64) {
	if m.own += steps; m.own >= stepsAtOnce {
		m.Account()
	}
}

// takeFor counts steps of one rule, if it is foreign, and tells whether there is
// something left.
func (m *Matcher) takeFor(r *compiled, steps int) bool {
	if !r.Foreign {
		return true
	}
	m.take(int64(steps) * r.weight)
	return m.allowance == nil || !m.allowance.Over()
}

// foreign is what the foreign rules that have a keyword cost wherever it stands.
type foreign struct {
	each int64 // at each anchor: to try them, and to look at a window that may be wide for their sake
	name int64 // for each byte of a name: to match it with their expressions
}

// alien sums up what the foreign rules of each keyword cost.
func (p *Program) alien() []foreign {
	list := make([]foreign, len(p.keywords))
	add := func(lit int, number int32) {
		if r := p.all[number]; r.Foreign {
			list[lit].each += 1 + int64(r.Before+r.After)>>quickShare
			if r.Name != "" {
				list[lit].name += p.rule(number).weight
			}
		}
	}
	for lit := range p.keywords {
		for _, o := range p.tokens(uint16(lit)) {
			add(lit, o.Rule)
		}
		for _, number := range p.assigned(uint16(lit)) {
			add(lit, number)
		}
	}
	return list
}

// weigh says of a foreign rule how many steps one byte is in its expressions, and
// whether each match can be looked for by itself: what stands before it is no
// matter then.
func (c *compiled) weigh() {
	c.weight = 1
	if !c.Foreign {
		return
	}
	n := 0
	if tree, err := syntax.Parse(c.Name, syntax.Perl); err == nil {
		n = instructions(tree)
	}
	if tree, err := syntax.Parse(c.Pattern, syntax.Perl); err == nil {
		n = max(n, instructions(tree))
		c.stepwise = !asksBeside(tree) && !atEnds(tree)
	}
	c.weight += int64(n) / statesPerStep
}
