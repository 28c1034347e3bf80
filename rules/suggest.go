package rules

// Suggest ends a message about an unknown word: ": did you mean "x"?" with the
// known word that is nearest, or the list of known words if none is near.
func Suggest(word string, known []string) string { return hint(word, known) }

// Distance counts the bytes to insert, delete or replace to get from a to b
// (Levenshtein's distance).
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := min(row[j+1], row[j]) + 1
			if a[i] == b[j] {
				next = min(next, left)
			} else {
				next = min(next, left+1)
			}
			left, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
