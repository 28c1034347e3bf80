// Package judge decides whether a candidate is a secret, and how sure that is.
//
// It refuses to know paths, commits and reports. Its invariant: Review is a
// pure function of its Input. It sees only the window, so that a verdict found
// in one version of a file holds in every version that has the same bytes there.
package judge

import "keyrake/rules"

// Proof is what an offline check said.
type Proof uint8

const (
	NoProof  Proof = iota // the rule has no check, or the check does not apply
	Verified              // checksum or structure proven
	Mismatch              // the check applies and fails: altered, fake, or a new format
)

// Input is a candidate with the bytes round it. Start, End, NameStart and
// NameEnd are offsets into Window; an empty name span means no name.
type Input struct {
	Rule               *rules.Rule
	Window             []byte
	Start, End         int // the secret
	NameStart, NameEnd int
	Quote              byte
	Call               bool
}

// Verdict is the decision and its reasons. Reasons never hold any part of the
// secret.
type Verdict struct {
	Report     bool // false: not a secret
	Confidence float64
	Severity   rules.Severity
	Proof      Proof
	Reasons    []string
}
