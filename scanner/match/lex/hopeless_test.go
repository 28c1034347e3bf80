package lex

import (
	"math/rand/v2"
	"testing"
)

// TestHopeless holds Hopeless to At, its plain twin: where At reads something,
// there was hope, however little of the text behind the anchor is shown.
func TestHopeless(t *testing.T) {
	check := func(win []byte, start, end int) {
		t.Helper()
		if _, ok := At(win, start, end); !ok {
			return
		}
		for n := range min(len(win)-end, HopelessReach) + 1 {
			if Hopeless(win[end : end+n]) {
				t.Errorf("no hope for %q before %q", win[start:end], win[end:end+n])
			}
		}
	}
	for _, group := range [][]row{configRows, codeRows, fallbackRows, notedRows, textRows, markupRows, escapedRows, rejectedRows} {
		for _, r := range group {
			check(r.open(t))
		}
	}
	rng := rand.New(rand.NewPCG(11, 12))
	const bytes = `aZ_09.-$=:|?"'` + "`" + `\ [](){}<>,;*&#@+/` + "\t\r\n\x00\xff"
	read, hopeless := 0, 0
	for range 400_000 {
		behind := make([]byte, rng.IntN(40))
		for i := range behind {
			behind[i] = bytes[rng.IntN(len(bytes))]
			if i > 3 && rng.IntN(2) == 0 {
				behind[i] = "abc012"[rng.IntN(6)]
			}
		}
		before := []string{"", " ", "\n", "--", `"`, `("`, "ENV ", "${", `["`, "<", `**`, "'", "`", `\"`}[rng.IntN(14)]
		win := append([]byte(before+"token"), behind...)
		check(win, len(before), len(before)+5)
		if _, ok := At(win, len(before), len(before)+5); ok {
			read++
		} else if Hopeless(behind) {
			hopeless++
		}
	}
	t.Logf("%d read, %d hopeless", read, hopeless)
	if read < 2000 || hopeless < 100_000 {
		t.Errorf("%d read and %d hopeless are too few to tell anything", read, hopeless)
	}
}

func FuzzHopeless(f *testing.F) {
	for _, group := range [][]row{configRows, codeRows, fallbackRows, notedRows, textRows, markupRows, escapedRows, rejectedRows} {
		for _, r := range group {
			win, start, end := r.open(f)
			f.Add(win, start, end)
		}
	}
	f.Fuzz(func(t *testing.T, win []byte, start, end int) {
		if _, ok := At(win, start, end); ok && Hopeless(win[end:min(len(win), end+HopelessReach)]) {
			t.Errorf("no hope for [%d:%d) of %q", start, end, win)
		}
	})
}
