package rules

// Suggest ends a message about an unknown word: ": did you mean "x"?" with the
// known word that is nearest, or the list of known words if none is near.
func Suggest(word string, known []string) string { return hint(word, known) }
