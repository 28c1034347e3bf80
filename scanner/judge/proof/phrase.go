package proof

import (
	"bytes"
	"crypto/sha256"
	"sort"
)

// recoveryPhrase: BIP-39. Each word stands for eleven bits; the last bits, one
// for each three words, are the first of the SHA-256 of all before. The phrase
// is what the token ends with.
func recoveryPhrase(token []byte) Result {
	words := lastWords(token)
	switch len(words) {
	case 12, 15, 18, 21, 24:
	default:
		return Result{}
	}
	var packed [33]byte
	distinct := map[int]bool{}
	for i, w := range words {
		n := phraseWord(w)
		if n < 0 {
			return mismatch("not all are words of BIP-39")
		}
		distinct[n] = true
		for b := range 11 {
			if n>>(10-b)&1 == 1 {
				at := i*11 + b
				packed[at/8] |= 0x80 >> (at % 8)
			}
		}
	}
	data := len(words) * 32 / 3 / 8
	sum := sha256.Sum256(packed[:data])
	keep := byte(0xff) << (8 - len(words)/3)
	r := verdict(packed[data] == sum[0]&keep)
	if len(distinct) <= 3 {
		r.Marks |= Sample
	}
	return r
}

// lastWords returns the words of lower-case letters, one blank between, that a
// token ends with.
func lastWords(token []byte) [][]byte {
	from := len(token)
	for from > 0 && (token[from-1] >= 'a' && token[from-1] <= 'z' || token[from-1] == ' ') {
		from--
	}
	return bytes.Fields(token[from:])
}

// phraseWord returns the number of a word, or -1.
func phraseWord(word []byte) int {
	if len(word) < 3 || len(word) > 8 {
		return -1
	}
	cell := string(append(bytes.Clone(word[:min(4, len(word))]), ' ')[:4])
	const words = len(phraseStarts) / 4
	n := sort.Search(words, func(i int) bool { return phraseStarts[4*i:4*i+4] >= cell })
	if n == words || phraseStarts[4*n:4*n+4] != cell {
		return -1
	}
	return n
}
