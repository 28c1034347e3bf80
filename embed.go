// Package keyrake carries the text of the built-in rules, rules.yaml. The
// program itself reads the table that rules/compile makes of it.
package keyrake

import _ "embed"

// RulesYAML is the built-in rule file.
//
//go:embed rules.yaml
var RulesYAML []byte
