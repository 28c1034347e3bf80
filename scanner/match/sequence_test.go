package match

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyrake/rules"
)

// TestSequenceEqualsRegexp holds the quick engine against the standard
// library's, on every built-in pattern that it takes and on inputs made from
// the patterns' own bytes.
func TestSequenceEqualsRegexp(t *testing.T) {
	patterns := []string{
		`\A(?:https?://[^\s:/@]{1,64}:[^\s:/@]{3,128}@[A-Za-z0-9.]{1,255})`,
		`\A(?:(a|bc)([0-9]{2,4})x?)\z`, `\A(?:(?:ab|a)c)`, `\A[^a]{2,3}a`, `\Aé`, `\A(?:a*)b`, `\A(?:a*)a`,
		`\A(?:[a-c]{0,2}[d-f]?[0-9]+)`, `\A(?i:ab)c`, `\A(?i:sk)c`, `\A(?:x|)y`, `\A(x?)(y{2})`, `\A.{3}z`, `\A(?s:.{2})`,
	}
	for _, r := range rules.Builtin().All() {
		if r.Kind == rules.Assignment {
			patterns = append(patterns, `\A(?:`+r.Pattern+`)\z`)
		} else if rules.Leading(r) {
			patterns = append(patterns, `\A(?:`+r.Pattern+`)`)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	taken := 0
	for _, p := range patterns {
		e := newSequence(p)
		re, err := regexp.Compile(p)
		if e == nil || err != nil {
			continue
		}
		taken++
		for range 300 {
			in := inputFor(rnd, p)
			got, err := e.first(nil, in)
			if err != nil {
				t.Fatal(err)
			}
			if want := re.FindSubmatchIndex(in); !slices.Equal(got, want) {
				t.Fatalf("%s on %q: %v, the library finds %v", p, in, got, want)
			}
		}
	}
	if taken < 60 {
		t.Errorf("the engine takes %d of %d patterns, 60 were expected", taken, len(patterns))
	}
}

// inputFor makes a text that the pattern often matches in part: runs of its own
// characters, of letters and digits, and bytes beyond ASCII.
func inputFor(rnd *rand.Rand, pattern string) []byte {
	plain := strings.NewReplacer(`\A(?:`, "", `\.`, ".", `\`, "", "?", "").Replace(pattern)
	var in []byte
	if i := strings.IndexAny(plain, "([{"); i > 0 && rnd.IntN(4) > 0 {
		in = append(in, plain[:i]...)
	}
	const some = "abcdefxyzABCDEFXYZ0123456789_-=+/.:@ \"é\xff\n"
	for range rnd.IntN(5) {
		alphabet := some[:rnd.IntN(len(some)-1)+1]
		for range rnd.IntN(70) {
			in = append(in, alphabet[rnd.IntN(len(alphabet))])
		}
		if len(plain) > 0 {
			in = append(in, plain[rnd.IntN(len(plain))])
		}
	}
	return in
}

func FuzzSequence(f *testing.F) {
	f.Add(`\A(?:ab{2,3}[c-d]+)`, []byte("abbbcd"))
	f.Add(`\A([^x]*)x\z`, []byte("é\xffx"))
	f.Fuzz(func(t *testing.T, pattern string, in []byte) {
		if len(pattern) > 60 {
			return
		}
		e := newSequence(pattern)
		re, err := regexp.Compile(pattern)
		if e == nil || err != nil {
			return
		}
		got, err := e.first(nil, in)
		if err != nil {
			t.Fatal(err)
		}
		if want := re.FindSubmatchIndex(in); !slices.Equal(got, want) {
			t.Fatalf("%s on %q: %v, the library finds %v", pattern, in, got, want)
		}
	})
}
