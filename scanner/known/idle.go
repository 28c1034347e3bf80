package known

import (
	"fmt"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// idleMarks counts marks beside findings that suppress nothing, by what they lack.
type idleMarks struct{ reason, rule, other, foreign int }

// idle counts the marks of places that are left of a finding.
func (p *Policy) idle(n *idleMarks, r *rules.Rule, places []finding.Place) {
	for i := range places {
		switch m := places[i].Mark; {
		case !p.Marks || m == nil:
		case m.Foreign:
			n.foreign++
		case len(m.Rules) == 0:
			n.rule++
		case !fits(m, r):
			n.other++
		case m.Reason == "":
			n.reason++
		}
	}
}

// notes says how many there are of each kind.
func (n idleMarks) notes() (list []string) {
	const write = ` and so without effect: write "scan:allow RULE -- reason"`
	if n.rule > 0 {
		list = append(list, plural(n.rule, "mark says", "marks say")+` "scan:allow" without a rule`+write)
	}
	if n.reason > 0 {
		list = append(list, plural(n.reason, "mark says", "marks say")+` "scan:allow" without a reason`+write)
	}
	if n.other > 0 {
		list = append(list, fmt.Sprintf(`%s "scan:allow" beside a finding of another rule than it names, which it does not accept`, plural(n.other, "mark says", "marks say")))
	}
	if n.foreign > 0 {
		list = append(list, plural(n.foreign, "mark of another scanner is", "marks of other scanners are")+
			` beside a finding without effect: write "scan:allow RULE -- reason", or let "scan import" take them over with --marks`)
	}
	return list
}
