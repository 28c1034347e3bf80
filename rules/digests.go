package rules

// Digest is Set.Digest of a set with this rule alone.
func (r *Rule) Digest() string { return digest([]*Rule{r}) }
