package finding

import "math"

// enough is how many bits are beyond what can be searched for through a digest.
const enough = 80

// Unguessable reports whether a secret holds 80 bits or more by the entropy of its
// characters. What holds less may be guessed, and checked through any digest of it.
func Unguessable(secret string) bool {
	const fewest = 19 // characters, if all differ
	if len(secret) < fewest {
		return false
	}
	var count [256]int
	n := float64(len(secret))
	bits := n * math.Log2(n)
	for i := range len(secret) {
		c := &count[secret[i]]
		if *c < len(steps) {
			bits -= steps[*c]
		} else {
			bits -= growth(*c)
		}
		*c++
	}
	// What is summed in another order may differ in the last digits, and names of
	// findings hang on it.
	if math.Abs(bits-enough) < 1e-6 {
		return bitsOf(secret) >= enough
	}
	return bits >= enough
}

// bitsOf is the entropy of all characters of a text, summed in their order.
func bitsOf(secret string) (bits float64) {
	var count [256]int
	for i := range len(secret) {
		count[secret[i]]++
	}
	n := float64(len(secret))
	for _, c := range count {
		if c > 0 {
			bits -= float64(c) * math.Log2(float64(c)/n)
		}
	}
	return bits
}

// steps has the first values of growth, as the logarithms took a tenth of the time
// for a million findings.
var steps = func() (list [64]float64) {
	for c := range list {
		list[c] = growth(c)
	}
	return list
}()

// growth is how much c·log2(c) grows with the next c.
func growth(c int) float64 {
	if c == 0 {
		return 0
	}
	return float64(c+1)*math.Log2(float64(c+1)) - float64(c)*math.Log2(float64(c))
}
