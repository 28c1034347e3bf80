package rules

// Leading reports whether every match of a Token rule is known to start with one
// of its keywords, so that it need be looked for at its anchor only. It may err
// towards false.
func Leading(r *Rule) bool {
	p, err := parsePattern(r)
	return err == nil && r.Kind == Token && startsWithKeyword(p.re, r.Keywords)
}
