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

// random tells whether a machine made the secret beyond doubt. Entropy alone
// does not show it: a sentence has plenty by the count of its letters, and an
// address with a weak password in it even more. But in what a machine made,
// lower case, capitals and digits change all the time, and in words they do not.
// Lower-case random words fall to the slow side, which costs only time.
func random(secret string) bool {
	var count [256]int
	changes := 0
	for i := range len(secret) {
		count[secret[i]]++
		if i > 0 {
			a, b := classOf(secret[i-1]), classOf(secret[i])
			if a != b && a != 0 && b != 0 {
				changes++
			}
		}
	}
	bits, n := 0.0, float64(len(secret))
	for _, c := range count {
		if c > 0 {
			bits -= float64(c) * math.Log2(float64(c)/n)
		}
	}
	return bits >= 90 && 4*changes >= len(secret)
}

// classOf gives lower case, capitals and digits a number each, all else 0.
func classOf(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return 1
	case c >= 'A' && c <= 'Z':
		return 2
	case c >= '0' && c <= '9':
		return 3
	}
	return 0
}
