package judge

import "bytes"

// vectorWords name the other values of a cryptographic test: inputs and outputs
// that stand beside a key only where all of them are made up. They are folded.
var vectorWords = [...]string{
	"public-key", "publickey", "expected", "peer-public", "peerpublic", "ciphertext", "plaintext", "nonce", "shared-secret", "sharedsecret",
	"exporter", "-ikm", "-okm", "\"ikm", "\"okm", "\"prk", "aad\"", "\"msg\"", "suite-id", "key-schedule", "testvector", "test-vector",
}

// plainWords is how many of them, the first, stand elsewhere as well: all together
// they are one sign.
const plainWords = 3

const vectorReach = 320

// amongVectors says whether two or more such names stand near the value, the
// value's own name included.
func (h *hearing) amongVectors() bool {
	found, plain := 0, false
	seen := [len(vectorWords)]bool{}
	var room [vectorReach]byte
	for _, text := range [...][]byte{h.before[max(0, len(h.before)-vectorReach):], h.name, h.after[:min(len(h.after), vectorReach)]} {
		folded := room[:0]
		for _, c := range text {
			folded = append(folded, h.model.fold[c])
		}
		for i, w := range vectorWords {
			if !seen[i] && bytes.Contains(folded, []byte(w)) {
				seen[i] = true
				if i < plainWords && plain {
					continue
				}
				plain = plain || i < plainWords
				if found++; found == 2 {
					return true
				}
			}
		}
	}
	return false
}

// holdsFolded says whether the folded text holds word.
func (m *model) holdsFolded(text []byte, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if m.fold[text[i]] == word[0] && m.foldedPrefix(text[i:], word) {
			return true
		}
	}
	return false
}
