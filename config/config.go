// Package config reads .scan.yaml files and joins them with what the
// environment and the command line say.
//
// It refuses to know flags, disks and what a setting does: it is given a
// function that reads files, and hands out texts. Its invariants: every value
// knows where it comes from; unknown keys are errors; nothing is fetched, and
// size, depth and number of files are bounded, since the file may come from a
// hostile repository.
package config

import (
	"slices"

	"keyrake/rules"
	"keyrake/scanner/known"
)

// FileName is the name under which a repository's configuration is found at its
// top.
const FileName = ".scan.yaml"

// The keys of a configuration. All but the last four have a flag of that name.
const (
	MinConfidence  = "min-confidence"
	FailOn         = "fail-on"
	MaxFileSize    = "max-file-size"
	Format         = "format"
	Baseline       = "baseline"
	ShowSuppressed = "show-suppressed"
	RuleFiles      = "rules"
	EnableRule     = "enable-rule"
	DisableRule    = "disable-rule"
	severity       = "severity"
	ignoreKey      = "ignore"
	allowKey       = "allow"
	extends        = "extends"
)

// Singles lists the keys that have one value, in the order in which they are
// shown: the strongest layer's counts.
func Singles() []string {
	return []string{MinConfidence, FailOn, MaxFileSize, Format, Baseline, ShowSuppressed}
}

// Plurals lists the keys that have several values: those of all layers count.
func Plurals() []string { return []string{RuleFiles, EnableRule, DisableRule} }

func keys() []string {
	return append(append(Singles(), Plurals()...), severity, ignoreKey, allowKey, extends)
}

// Value is one setting and where it comes from.
type Value struct {
	Text string
	From known.Origin
	// Foreign: the scanned repository says so itself.
	Foreign bool
}

// InFile says that a file holds the value, and not the environment or the
// command line: whoever scans may not know of it.
func (v Value) InFile() bool { return v.From.Line > 0 }

// Severity is what a layer says of the severity of one rule.
type Severity struct {
	Rule     string
	Severity rules.Severity
	From     known.Origin
	Foreign  bool
}

// Layer is one source of settings: a file, the environment, the command line.
type Layer struct {
	Singles    map[string]Value
	Plurals    map[string][]Value
	Severities []Severity
	Entries    []known.Entry // what is accepted: paths and fingerprints
}

// Settings are the layers of one scan, the weakest first. The zero value has
// nothing but defaults.
type Settings []Layer

// Single gives the value of the strongest layer that has one.
func (s Settings) Single(key string) (Value, bool) {
	for _, l := range slices.Backward(s) {
		if v, ok := l.Singles[key]; ok {
			return v, true
		}
	}
	return Value{}, false
}

// Plural gives the values of all layers.
func (s Settings) Plural(key string) (list []Value) {
	for _, l := range s {
		list = append(list, l.Plurals[key]...)
	}
	return list
}

// Entries gives the accepted paths and fingerprints of all layers, the weakest
// first: of two patterns that speak of one path, the later wins.
func (s Settings) Entries() (list []known.Entry) {
	for _, l := range s {
		list = append(list, l.Entries...)
	}
	return list
}

// Severities gives the severities by rule: the strongest layer's counts.
func (s Settings) Severities() map[string]Severity {
	all := map[string]Severity{}
	for _, l := range s {
		for _, v := range l.Severities {
			all[v.Rule] = v
		}
	}
	return all
}

// Off says which value turns a rule off, if one does. match reports whether a
// value names the rule. The layers speak in order: enable-rule leaves on only
// what it names, and disable-rule takes away; so a stronger layer can turn on
// again what a weaker one turned off.
func (s Settings) Off(match func(Value) bool) (by Value, off bool) {
	for _, l := range s {
		if list := l.Plurals[EnableRule]; len(list) > 0 {
			by, off = list[0], !slices.ContainsFunc(list, match)
		}
		if i := slices.IndexFunc(l.Plurals[DisableRule], match); i >= 0 {
			by, off = l.Plurals[DisableRule][i], true
		}
	}
	return by, off
}
