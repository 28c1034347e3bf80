package finding

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestUnguessableEqualsPlainTwin: the sum by steps draws the line where the plain
// sum does, also for texts that lie on it.
func TestUnguessableEqualsPlainTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	yes, near := 0, 0
	check := func(text string) {
		want := bitsOf(text) >= enough
		if got := Unguessable(text); got != want {
			t.Fatalf("%q: %v, with %v bits", text, got, bitsOf(text))
		}
		if want {
			yes++
		}
		if b := bitsOf(text); b > enough-1e-6 && b < enough+1e-6 {
			near++
		}
	}
	for range 20_000 {
		text := make([]byte, rng.IntN(60))
		letters := 1 + rng.IntN(64)
		for i := range text {
			text[i] = byte(' ' + rng.IntN(letters))
		}
		check(string(text))
	}
	// 2^k different characters, each as often: k bits a character.
	for k, length := range map[int]int{1: 80, 2: 40, 4: 20} {
		alphabet := "abcdefghijklmnop"[:1<<k]
		text := strings.Repeat(alphabet, length/len(alphabet)+1)
		check(text[:length])
		check(text[:length-1])
		check(strings.Repeat("a", 300) + text)
	}
	if yes < 1000 || near < 2 {
		t.Errorf("%d of many, %d of few bits: the test shows nothing", yes, near)
	}
}
