package known

import (
	"math/rand/v2"
	"strings"
	"testing"
)

const (
	base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	hexes  = "0123456789abcdef"
	base36 = "abcdefghijklmnopqrstuvwxyz0123456789"
)

func drawn(rng *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[rng.IntN(len(alphabet))]
	}
	return string(b)
}

// TestGuessableIsSlow: what a person may have chosen never gets the fast hash.
func TestGuessableIsSlow(t *testing.T) {
	for _, secret := range []string{
		"", "x", "hunter2", "Sommer2019!", "correct horse battery staple", "CorrectHorseBatteryStaple2024!",
		"correct-horse-battery-staple-and-some-more-words-that-make-it-long",
		"postgres://admin:hunter2@db.internal.example.com:5432/production?sslmode=require",
		"https://hooks.example.com/services/admin/hunter2/and/some/more/of/a/path",
		"The quick brown fox jumps over the lazy dog, and then it sleeps until noon.",
		"Password1Password2Password3Password4Password5", "0123456789012345678901234567890123456789",
		"P@ssw0rd!P@ssw0rd!P@ssw0rd!", "1234-5678-9012-3456-7890-1234-5678-9012", strings.Repeat("aB3", 40),
		"MySuperSecretKeyForTheProductionServer2023", "my_super_secret_key_for_the_production_server_2023",
	} {
		if kindOf(secret) != slow {
			t.Errorf("%q gets the fast hash", secret)
		}
	}
}

// TestRandomIsFast counts how much of what machines make gets the fast hash: a
// slow one costs 20 ms, so most of it should.
func TestRandomIsFast(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, c := range []struct {
		name     string
		alphabet string
		n        int
		least    float64
	}{
		{"base62, 32", base62, 32, 0.97}, {"base62, 40", base62, 40, 0.98}, {"base64, 44", base62 + "+/", 44, 0.97},
		{"base36, 40", base36, 40, 0.9}, {"hex, 32", hexes, 32, 0.95}, {"hex, 64", hexes, 64, 0.99},
	} {
		fasts := 0
		const tries = 2000
		for range tries {
			if kindOf(drawn(rng, c.alphabet, c.n)) == fast {
				fasts++
			}
		}
		if got := float64(fasts) / tries; got < c.least {
			t.Errorf("%s: %.3f get the fast hash, want %g", c.name, got, c.least)
		} else {
			t.Logf("%s: %.3f", c.name, got)
		}
	}
}

// TestHash: the key, the secret and the cost decide, and nothing else.
func TestHash(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	token := drawn(rng, base62, 40)
	one, two := key{cost: cost{8, 1}}, key{cost: cost{8, 1}}
	two.bytes[31] = 1
	dear := key{cost: cost{16, 1}}
	for _, secret := range []string{"hunter2", token} {
		if one.hash(secret) != one.hash(secret) {
			t.Errorf("%s: two hashes of one secret", secret)
		}
		if one.hash(secret) == two.hash(secret) {
			t.Errorf("%s: the key changes nothing", secret)
		}
		if one.hash(secret) == one.hash(secret+"x") {
			t.Errorf("%s: another secret has the same hash", secret)
		}
	}
	if one.hash("hunter2") == dear.hash("hunter2") || one.hash(token) != dear.hash(token) {
		t.Error("the cost is that of the slow hash only")
	}
}

// BenchmarkSlowHash says what one guess costs.
func BenchmarkSlowHash(b *testing.B) {
	k := key{cost: usualCost()}
	for b.Loop() {
		k.hash("hunter2")
	}
}
