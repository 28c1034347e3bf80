package scanner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/match"
)

// ownRules is the state of the rules that came with the repository. They have one
// allowance for all contents together. If they cost more they are set aside, and the
// scan is made once more without any of them: had they been stopped in the middle, what
// is found would depend on when that was.
type ownRules struct {
	allowance *match.Allowance
	aside     []string // ids of those that were set aside
	anew      bool     // what an earlier scan knows is not taken
	carried   bool     // they cost too much in a search of each version in full
	warm      *bool    // set once it was taken
}

// errOwnRules says that the repository's own rules cost too much.
var errOwnRules = errors.New("the repository's own rules cost more than is allowed")

// allow runs a scan, and runs it again without the repository's own rules if they
// turn out to cost too much. What an earlier scan knows tells no less than what
// they would cost now; if that is too much, they are asked about all contents. In a
// search of each version in full they cost more than in one of what changed, which
// finds the same: so that one says whether they are set aside.
func (o Options) allow(ctx context.Context, scan func(context.Context, Options) (*finding.Report, error)) (*finding.Report, error) {
	ids := o.foreign()
	if len(ids) == 0 {
		return scan(ctx, o)
	}
	try, own := o, ownRules{}
	for {
		warm := false
		over, stop := context.WithCancel(ctx)
		own.allowance, own.warm = match.NewAllowance(cmp.Or(o.ownSteps, match.OwnSteps), stop), &warm
		try.own = own
		r, err := scan(over, try)
		stop()
		switch {
		case !errors.Is(err, errOwnRules):
			return r, err
		case warm:
			own.anew = true
		case try.FullScan:
			try.FullScan, try.Cache, own.carried = false, nil, true
		default:
			return o.without(ctx, ids, scan)
		}
	}
}

// without runs a scan with all rules but the repository's own.
func (o Options) without(ctx context.Context, own []string, scan func(context.Context, Options) (*finding.Report, error)) (*finding.Report, error) {
	rest, err := o.Rules.Only(func(r *rules.Rule) bool { return !r.Foreign })
	if err != nil {
		return nil, fmt.Errorf("%w, and there are no others; name their file with --rules if you trust it", errOwnRules)
	}
	o.Rules, o.Cache, o.own = rest, nil, ownRules{aside: own}
	return scan(ctx, o)
}

// foreign lists the ids of the repository's own rules.
func (o Options) foreign() (ids []string) {
	for _, r := range o.Rules.Foreign() {
		ids = append(ids, r.ID)
	}
	return ids
}

// overspent tells whether the repository's own rules cost too much, or more was found
// than can be told. It is asked once all contents were searched, or the search was
// stopped, and before anything is made of what was found.
func (s *scan) overspent() bool {
	for _, w := range s.workers {
		w.matcher.Account()
	}
	if s.room.over() {
		return true
	}
	if s.opt.own.warm == nil {
		return false
	}
	if s.opt.own.allowance.Over() {
		return true
	}
	s.opt.own.allowance.Settle()
	return false
}

// stopped ends a scan that nothing is made of.
func (s *scan) stopped() (*finding.Report, error) {
	close(s.stop)
	s.ended.Wait()
	if s.room.over() {
		return nil, errPlaces
	}
	return nil, errOwnRules
}

// tellAside makes a gap of rules that were set aside, and a note of it if contents
// were not searched in full for their sake.
func (s *scan) tellAside() {
	const shown = 5
	if s.opt.own.carried {
		s.note("the repository's own rules cost more than they may in a search of every version in full, so that what was found was carried from one version to the next; if you trust their file, name it with --rules")
	}
	ids := s.opt.own.aside
	if len(ids) == 0 {
		return
	}
	names := strings.Join(ids[:min(shown, len(ids))], ", ")
	if more := len(ids) - shown; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	s.addGap(finding.Gap{What: "the repository's own rules", Cause: finding.TimedOut,
		Reason: fmt.Sprintf("%s, %s, cost more than they may and were set aside: nothing was searched for by them; if you trust their file, name it with --rules",
			plural(len(ids), "rule"), names)})
}
