package match

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"keyrake/rules"
)

// hemCase is a random expression that spells the keyword, and a random text.
func hemCase(rng *rand.Rand) (pattern string, leading bool, text []byte) {
	const keyword = "aab"
	before, after := randomPattern(rng, 2), randomPattern(rng, 2)
	word := []string{keyword, "(?i:" + keyword + ")", "AAB", "[aA]ab", keyword + "?", "[a-c]{3,30}", "(?i:k)" + keyword, "é?" + keyword}[rng.IntN(8)]
	pattern = before + word + after
	if rng.IntN(3) == 0 {
		leading, pattern = true, keyword+after
	}
	text = make([]byte, rng.IntN(60))
	for i := range text {
		text[i] = "aabbc0019 -._\nABkK\xff"[rng.IntN(19)]
	}
	for range 3 {
		at := rng.IntN(len(text) + 1)
		piece := []string{"aab", "AAB", "aAb", "é", "\u212aaab", "baab0"}[rng.IntN(6)]
		text = append(text[:at:at], append([]byte(piece), text[at:]...)...)
	}
	return pattern, leading, text
}

// mustFit asks the expression itself, the plain twin of its hem: where a match
// holds the keyword, the hem must fit. It returns how many keywords of the text
// a match holds, and how many the hem told apart.
func mustFit(t *testing.T, pattern string, leading bool, text []byte) (held, refused int) {
	t.Helper()
	re, err := regexp.Compile(pattern)
	if err != nil {
		return 0, 0
	}
	list, word := newHems(pattern, []string{"aab"}, leading)
	if list == nil {
		t.Fatalf("%s: no hem", pattern)
	}
	for at := 0; at+3 <= len(text); at++ {
		if !strings.EqualFold(string(text[at:at+3]), "aab") {
			continue
		}
		fits := list.of(0).fits(text, at, at+3)
		if !fits {
			refused++
		}
		// Every place where a match may begin is tried: what the leftmost search
		// passes over counts as well.
		for from := 0; from <= at; from++ {
			s := re.FindIndex(text[from:])
			if s == nil || from+s[0] > at || from+s[1] < at+3 || leading && from+s[0] != at {
				continue
			}
			held++
			if !strings.Contains(string(text[from+s[0]:from+s[1]]), word) {
				t.Fatalf("%s: the match %q does not hold %q", pattern, text[from+s[0]:from+s[1]], word)
			}
			if lo, hi := list.stretch(text, at, at+3); from+s[0] < lo || hi < from+s[1] {
				t.Fatalf("%s: the match [%d:%d) of %q goes beyond [%d:%d)", pattern, from+s[0], from+s[1], text, lo, hi)
			}
			if !fits {
				t.Fatalf("%s, leading %v: the match [%d:%d) of %q holds the keyword at %d, whose hem does not fit",
					pattern, leading, from+s[0], from+s[1], text, at)
			}
			break
		}
	}
	return held, refused
}

func TestHemFitsEveryMatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	held, refused := 0, 0
	for range 4000 {
		pattern, leading, text := hemCase(rng)
		h, r := mustFit(t, pattern, leading, text)
		held += h
		refused += r
	}
	t.Logf("%d keywords in matches, %d refused", held, refused)
	if held < 500 || refused < 2000 {
		t.Errorf("%d in matches and %d refused are too few to tell anything", held, refused)
	}
}

// FuzzHem finds its own texts for the expressions that its seeds draw.
func FuzzHem(f *testing.F) {
	for seed := range uint64(40) {
		_, _, text := hemCase(rand.New(rand.NewPCG(seed, 23)))
		f.Add(seed, text)
	}
	f.Fuzz(func(t *testing.T, seed uint64, text []byte) {
		pattern, leading, _ := hemCase(rand.New(rand.NewPCG(seed, 23)))
		mustFit(t, pattern, leading, text[:min(len(text), 200)])
	})
}

func TestHem(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		leading, want bool
	}{
		{`aab[0-9]{20}`, "aab12", true, true},
		{`aab[0-9]{20}`, "aab12x", true, false},
		{`aab[0-9]{20}`, "xaab12", true, true},
		{`aab[0-9]{20}`, "AAB12", true, false},
		{`(?i:aab)[0-9]{20}`, "AAB12", true, true},
		{`aab[0-9]{2}`, "aab12x", true, true},
		{`[0-9]{20}aab`, "12aab", false, true},
		{`[0-9]{20}aab`, "x2aab", false, false},
		{`[0-9]{1,20}aab`, "x2aab", false, true},
		{`aab.{3}[0-9]`, "aab...x", true, false},
		{`aab.{3}[0-9]`, "aab\u00e9..x", true, true}, // behind a rune that is not ASCII nothing is known
		{`aab[^x]{3}[0-9]`, "aab\xff..x", true, true},
		{`aab[a-z]`, "aab\xff", true, false},
		{`xx`, "aab", false, false},
	} {
		at := strings.Index(strings.ToLower(c.text), "aab")
		h, _ := newHems(c.pattern, []string{"aab"}, c.leading)
		if got := h.of(0).fits([]byte(c.text), at, at+3); got != c.want {
			t.Errorf("%s in %q: %v", c.pattern, c.text, got)
		}
	}
	if h, _ := newHems("aab(", []string{"aab"}, false); h != nil {
		t.Error("a hem of no expression")
	}
}

func TestNeededWord(t *testing.T) {
	for pattern, want := range map[string]string{
		`aab[0-9]+`:                        "",
		`aab.*word`:                        "word",
		`aab.*wor`:                         "",
		`aab.*(?i:word)`:                   "",
		`aab.*(?:word|sword.*wordy.*word)`: "word",
		`aab.*(?:word|sword)`:              "",
		`aab.*(?:word){2}(longer)+x?`:      "longer",
		`aab.*(?:longer)*(word)?`:          "",
		`aab.*(?:longer){0,3}`:             "",
	} {
		if _, got := newHems(pattern, []string{"aab"}, false); got != want {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
}

// BenchmarkHems makes the hems of all rules.
func BenchmarkHems(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		p, err := Compile(rules.Builtin())
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for i := range p.all {
			if r := p.rule(int32(i)); r.Kind == rules.Token {
				r.hem(0)
			}
		}
	}
}
