// Package keyrake carries the text of the built-in rules. The program itself
// reads the table that rules/compile makes of it.
package keyrake

import "embed"

// Rules holds the built-in rule file, rules.yaml, and the packs that it
// includes.
//
//go:embed rules.yaml rules/packs/*.yaml
var Rules embed.FS
