// Package keyrake carries the text of the built-in rules, for rules/compile and
// for tests. The command itself reads the table that rules/compile makes of it.
//
// It refuses to know what the text means: package rules parses it. Its invariant:
// it holds rules.yaml and every pack below rules/packs, byte for byte.
package keyrake

import "embed"

// Rules holds the built-in rule file, rules.yaml, and the packs that it
// includes.
//
//go:embed rules.yaml rules/packs/*.yaml
var Rules embed.FS
