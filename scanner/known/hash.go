package known

import (
	"crypto/hmac"
	"crypto/sha256"
	"math"

	"golang.org/x/crypto/argon2"
)

// The two kinds of hash. Both are keyed with random bytes from the file's
// header, so that no table made beforehand helps and the same secret looks
// different in every file. That key is no secret: whoever has the file has it.
// So a value that a person chose can be tried out, and gets a hash that makes
// each try dear (argon2id, 7 MiB and five passes: some 20 ms). That would take a
// scan minutes for thousands of secrets, and a random token needs no such care:
// nobody tries 2^100 values. So what is random beyond doubt gets HMAC-SHA-256,
// and all else the slow hash. Which is which shows in the line; it tells that a
// value may be guessable, and the hash is what keeps it from being guessed.
const (
	fast = 'f'
	slow = 's'
)

// key is what a baseline's hashes are made with.
type key struct {
	bytes [keySize]byte
	cost  cost
}

// cost is that of the slow hash.
type cost struct {
	memory uint32 // KiB
	passes uint32
}

// usualCost is one of the equal choices that OWASP recommends for argon2id, the
// one that needs the least memory: each worker of a scan needs it.
func usualCost() cost { return cost{7 << 10, 5} }

// kindOf says which hash a secret gets.
func kindOf(secret string) byte {
	if random(secret) {
		return fast
	}
	return slow
}

// hash makes the hash of a secret.
func (k *key) hash(secret string) (h [digestSize]byte) {
	if random(secret) {
		mac := hmac.New(sha256.New, k.bytes[:])
		mac.Write([]byte("keyrake/1/baseline\x00" + secret))
		copy(h[:], mac.Sum(nil))
		return h
	}
	copy(h[:], argon2.IDKey([]byte(secret), k.bytes[:], k.cost.passes, k.cost.memory, 1, digestSize))
	return h
}

// random reports whether a machine made the secret beyond doubt. Entropy alone
// does not show it: a sentence has plenty by the count of its letters, and an
// address with a weak password in it even more. So three things have to agree:
// the count of the characters, that hardly any pair of neighbours comes twice,
// and that lower case, capitals and digits take turns as they do not in words.
// What a machine made of one class alone falls to the slow side, which costs
// only time.
func random(secret string) bool {
	var count [256]int
	pairs := map[[2]byte]bool{}
	runs := 0
	for i := range len(secret) {
		count[secret[i]]++
		if i == 0 {
			continue
		}
		pairs[[2]byte{secret[i-1], secret[i]}] = true
		a, b := classOf(secret[i-1]), classOf(secret[i])
		// "Word" is one run: its capital belongs to what follows.
		if a != b && a != other && b != other && !(a == upper && b == lower) {
			runs++
		}
	}
	bits, n := 0.0, float64(len(secret))
	for _, c := range count {
		if c > 0 {
			bits -= float64(c) * math.Log2(float64(c)/n)
		}
	}
	return bits >= 90 && 2*len(pairs) >= min(len(secret), 128) && 4*runs >= len(secret)
}

// The classes of characters.
const (
	other = iota
	lower
	upper
	digit
)

func classOf(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return lower
	case c >= 'A' && c <= 'Z':
		return upper
	case c >= '0' && c <= '9':
		return digit
	}
	return other
}
