package match

import "keyrake/rules"

// Candidate is one place where a rule's pattern matches. All offsets are bytes into
// the searched data; spans are half open.
type Candidate struct {
	Rule                 *rules.Rule
	Start, End           int // the secret
	MatchStart, MatchEnd int // the whole match, which holds the secret
	NameStart, NameEnd   int // the name it is assigned to; an empty span if there is none
	WindowLo, WindowHi   int // what the rule may look at: a decision depends on nothing outside

	Quote byte // quote character round the value, or 0
	Call  bool // NAME("value") rather than NAME = "value"
}
