package match

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"keyrake/rules"
)

// randomPattern is one that both engines take.
func randomPattern(rng *rand.Rand, depth int) string {
	atoms := []string{"a", "b", "0", "[ab]", "[^a]", "[a-c0-9]", `\d`, `\w`, `\s`, ".", "ab", `\.`, "(?i:A)", `[\w-]`, `\b`, "-"}
	n := 1 + rng.IntN(4)
	parts := make([]string, n)
	for i := range parts {
		p := atoms[rng.IntN(len(atoms))]
		if depth > 0 && rng.IntN(3) == 0 {
			inner := randomPattern(rng, depth-1)
			p = []string{"(" + inner + ")", "(?:" + inner + ")", "(?:" + inner + "|" + randomPattern(rng, depth-1) + ")"}[rng.IntN(3)]
		}
		// What a repeated group holds after an empty turn differs between engines.
		if p != `\b` && (p[0] != '(' || p[1] == '?') {
			p += []string{"", "", "", "?", "*", "+", "{1,3}", "{2}", "*?", "+?", "??"}[rng.IntN(11)]
		}
		parts[i] = p
	}
	return strings.Join(parts, "")
}

// TestEnginesAgree gives both engines the same expressions.
func TestEnginesAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	tried, matched := 0, 0
	for tried < 1500 {
		pattern := "x" + randomPattern(rng, 2)
		if strings.Count(pattern, "*")+strings.Count(pattern, "+") > 3 {
			continue // may take the backtracking engine too long
		}
		fast, err := newEngine(pattern, false)
		if err != nil {
			continue
		}
		slow, err := newEngine(pattern, true)
		if err != nil {
			continue
		}
		tried++
		for range 4 {
			win := make([]byte, rng.IntN(40))
			for i := range win {
				win[i] = "xxaabbc0019 -._\nAB"[rng.IntN(18)]
			}
			a, b := allSpans(t, pattern, fast, win), allSpans(t, pattern, slow, win)
			if !slices.EqualFunc(a, b, slices.Equal) {
				t.Errorf("%s in %q:\nlinear       %v\nbacktracking %v", pattern, win, a, b)
			}
			matched += len(a)
		}
	}
	if matched < tried {
		t.Errorf("only %d matches of %d expressions", matched, tried)
	}
}

// TestLooserDropsNothing: the quick look before an expression with large counts
// is no stricter than that expression.
func TestLooserDropsNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	loosened, matched := 0, 0
	for loosened < 30 {
		pattern := randomPattern(rng, 2)
		pattern = strings.NewReplacer("{1,3}", "{3,260}", "{2}", "{6}", "+?", "{2,90}?", "*", "{0,90}").Replace(pattern)
		e, err := newEngine(pattern, false)
		if err != nil || e.(linear).looser == nil {
			continue
		}
		loosened++
		re := regexp.MustCompile(pattern)
		for range 20 {
			win := make([]byte, rng.IntN(60))
			for i := range win {
				win[i] = "xxaabbc0019 -._\nAB"[rng.IntN(18)]
			}
			want := re.FindAllSubmatchIndex(win, -1)
			if got := allSpans(t, pattern, e, win); !slices.EqualFunc(got, want, slices.Equal) {
				t.Fatalf("%s in %q: %v, want %v", pattern, win, got, want)
			}
			matched += len(want)
		}
	}
	if matched < loosened {
		t.Errorf("only %d matches of %d expressions", matched, loosened)
	}
}

func allSpans(t *testing.T, pattern string, e engine, win []byte) (list [][]int) {
	t.Helper()
	list, err := e.all(win)
	if err != nil {
		t.Fatalf("%s in %q: %v", pattern, win, err)
	}
	first, err := e.first(nil, win)
	if err != nil || (first == nil) != (len(list) == 0) || first != nil && !slices.Equal(first, list[0]) {
		t.Fatalf("%s in %q: first %v (%v) of all %v", pattern, win, first, err, list)
	}
	return list
}

// TestBacktrackerCountsBytes: the engine works on runes, its spans are bytes.
func TestBacktrackerCountsBytes(t *testing.T) {
	e, err := newEngine(`(?<=\xe9)k[0-9]+`, true)
	if err != nil {
		t.Fatal(err)
	}
	win := []byte("\xff\x00\xc3\xa9\xe9k12 \u20ac")
	if got := allSpans(t, "look-behind", e, win); len(got) != 1 || string(win[got[0][0]:got[0][1]]) != "k12" {
		t.Errorf("spans %v", got)
	}
}

// endless is a rule whose expression takes time that no scan has.
func endless() rules.Rule {
	return rules.Rule{
		ID: "endless", Title: "x", Provider: "x", Remedy: "x", Confidence: 1, Keywords: []string{"kkey"}, Boundary: rules.BoundaryNone,
		Pattern: "kkey" + strings.Repeat("[ab]{1,60}[ac]{1,60}", 4) + "(?=b)", Backtrack: true,
	}
}

// TestOutOfTime: an expression that takes too long is told, without the text.
func TestOutOfTime(t *testing.T) {
	set, err := rules.NewSet([]rules.Rule{endless()})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	m := p.NewMatcher()
	data := []byte("kkey" + strings.Repeat("a", 100) + " ")
	began := time.Now()
	anchors := p.Anchors(nil, data, 0, len(data))
	got := m.At(nil, data, anchors[0])
	if took := time.Since(began); took > 200*patience { // without a bound it would take years
		t.Errorf("it took %v", took)
	}
	expired := m.Expired()
	if len(got) != 0 || len(expired) == 0 || expired[0].ID != "endless" {
		t.Errorf("candidates %v, expired %v", got, expired)
	}
	if again := m.Expired(); again != nil {
		t.Errorf("told twice: %v", again)
	}
	if _, err := p.rule(0).shape.all(data[:80]); !errors.Is(err, errTimeout) {
		t.Error("another error than errTimeout, which may quote the text")
	}
	data = []byte("kkeyaaaaaaaab")
	if got := m.At(nil, data, p.Anchors(nil, data, 0, len(data))[0]); len(got) != 1 || m.Expired() != nil {
		t.Errorf("in another content: %v", got)
	}
}

func TestCompile(t *testing.T) {
	p, err := Compile(rules.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.all {
		r := p.rule(int32(i))
		_, err := r.shaped()
		if err == nil && r.Name != "" {
			_, err = r.named()
		}
		if err != nil {
			t.Errorf("%s: %v", r.ID, err)
		}
	}
	for lit, k := range p.keywords {
		owners := slices.Clone(p.assigned(uint16(lit)))
		for _, o := range p.tokens(uint16(lit)) {
			owners = append(owners, o.Rule)
		}
		for _, o := range owners {
			r := p.rule(o)
			if !slices.ContainsFunc(r.Keywords, func(full string) bool { return strings.HasPrefix(full, k) }) {
				t.Errorf("rule %s does not have the keyword %q that it owns", r.ID, k)
			}
			if w := p.Reach(uint16(lit)); int(w.Before) < r.Before || int(w.After) < r.After {
				t.Errorf("the reach %v of %q is less than that of %s", w, k, r.ID)
			}
		}
	}
	if _, err := Compile(rules.Builtin()); err != nil {
		t.Error(err)
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, err := Compile(rules.Builtin()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAt asks about every anchor of the built-in rules' own examples.
func BenchmarkAt(b *testing.B) {
	p, err := Compile(rules.Builtin())
	if err != nil {
		b.Fatal(err)
	}
	data := []byte(strings.Join(leaks(b), "\n"))
	anchors := p.Anchors(nil, data, 0, len(data))
	m := p.NewMatcher()
	var dst []Candidate
	b.ReportAllocs()
	for b.Loop() {
		for _, a := range anchors {
			dst = m.At(dst[:0], data, a)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(anchors)), "ns/anchor")
}
