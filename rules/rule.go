// Package rules holds what Keyrake looks for: it parses and checks rule files
// (the built-in rules.yaml and the files that a user names) and turns them into
// an immutable Set.
//
// It refuses to know bytes, repositories and reports: it never searches
// anything. Its invariant is that every Rule in a Set has passed Check: unique
// id, patterns that compile, a finite reach, a known proof, a remedy.
package rules

import "path"

// Severity says how much harm a leaked credential does, from Info to Critical.
type Severity uint8

// The severities, in rising order.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

// Kind says how a rule recognises its secret.
type Kind uint8

const (
	// Token rules know the secret by its own shape: Pattern is searched in the
	// window round a keyword, and the match has to cover that keyword.
	Token Kind = iota
	// Assignment rules know the secret by the name it is assigned to: the
	// keyword is part of a name, a lexer reads NAME op VALUE, Name has to match
	// the name and Pattern the whole value.
	Assignment
)

// Boundary says on which sides of a Token match the neighbouring byte must not
// continue the token (see match for what continues a token).
type Boundary uint8

// The boundaries. BoundaryBoth is the default.
const (
	BoundaryBoth Boundary = iota
	BoundaryLeft
	BoundaryRight
	BoundaryNone
)

// Rule is one kind of credential. A Rule is never changed once it is in a Set.
type Rule struct {
	ID       string // stable for ever, lower-case kebab; with "password" in it, values are judged as passwords, which people make up
	Title    string // what was found, for a person
	Provider string // who issued it: "cloudflare", "aws", "generic"
	Severity Severity
	Kind     Kind

	// Keywords are the anchors, ASCII lower case, at least 3 bytes each; they
	// are searched without regard to ASCII case. Every match of the rule holds
	// one of them (Token) or has one in its name (Assignment).
	Keywords []string

	Pattern string   // RE2 syntax, or regexp2 syntax if Backtrack
	Name    string   // Assignment only: RE2, matched case-insensitively against the name; "" accepts every name that holds a keyword
	Near    []string // if not empty, one of these must occur (ASCII case-insensitive) in the window
	Secret  int      // capture group of Pattern that is the secret; 0 is the whole match

	// Whole rules are tried on a whole content at once: on every version of a
	// file in full, so they cost more. Their keywords, if there are any, may be
	// of any length and only have to be somewhere in the same content, and
	// Before and After are counted from the ends of the match. Token only.
	Whole bool

	Boundary  Boundary
	Backtrack bool    // the pattern needs look-around or back-references
	Entropy   float64 // least Shannon entropy of the secret, bits per character; 0 asks nothing
	Proof     string  // name of an offline check in package judge/proof; "" has none

	// Before and After are the rule's reach in bytes: a decision about an
	// anchor at [s, e) depends on nothing outside [s-Before, e+After).
	Before, After int

	Confidence float64 // of a match that nothing else speaks for or against, above 0 and at most 1; a file that does not say it means 0.75
	Exact      bool    // every match is a finding: of its value only Entropy and Proof are asked
	Generic    bool    // says only "looks like a secret": any specific rule on the same bytes wins
	Homemade   bool    // made by whoever uses it and not issued by a service, so that those in tests were made for tests
	Foreign    bool    // it came with the repository that is scanned, which may want to make a scan slow
	Remedy     string  // how to revoke and rotate, and where
	Source     string  // where the format's facts are from

	Examples  []string // generator templates that must be found
	Negatives []string // generator templates that must not be found
}

// Named reports whether a pattern matches the rule with this id: it is the id itself, or
// matches it by * and ? as path.Match does. A malformed pattern matches none.
func Named(pattern, id string) bool {
	if pattern == id {
		return true
	}
	ok, err := path.Match(pattern, id)
	return ok && err == nil
}
