package match

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyrake/rules"
)

func programOf(t testing.TB, text string) *Program {
	t.Helper()
	list, err := rules.Parse("test.yaml", []byte("rules:\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.NewSet(list)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const endlessRule = `  - id: endless
    title: Endless
    provider: x
    severity: high
    keywords: [aaa]
    remedy: none
    reach: {before: 100, after: 60000}
    pattern: `

// TestBudget has rules that look far at a keyword that stands everywhere: each
// ends within its budget, is told of once, and spends anew in the next content.
func TestBudget(t *testing.T) {
	for _, pattern := range []string{`'aaa(a+)+b'`, `'[ax]*aaa(a+)+[0-9]'`, "'aaa\\w*[^-]?\\w*[^-]?\\w*[^-]?\\w*[^-]?(?=-)'\n    backtrack: true", `'aaa[a-z]{900}[0-9]'`} {
		p := programOf(t, endlessRule+pattern+"\n")
		m := p.NewMatcher()
		data := []byte(strings.Repeat("a", 20_000))
		anchors := p.Anchors(nil, data, 0, len(data))
		for range 1 + strings.Count(pattern, "+b") {
			m.Content(len(data))
			told := 0
			for _, a := range anchors {
				m.At(nil, data, a)
				told += len(m.Expired())
			}
			if told != 1 && strings.Contains(pattern, "+") || told > 1 && !strings.Contains(pattern, "backtrack") || told == 0 && strings.Contains(pattern, "backtrack") {
				t.Errorf("%s: told of %d times", pattern, told)
			}
			if spent := m.budget.spent[0]; spent > m.budget.limit+70_000 {
				t.Errorf("%s: %d steps spent, of %d", pattern, spent, m.budget.limit)
			}
		}
	}
}

// TestCountedIsPlain: an expression whose steps are counted matches as it does
// when they are not.
func TestCountedIsPlain(t *testing.T) {
	p := programOf(t, endlessRule+"'aaa(a+)+b'\n")
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"aaa", "b", "c", "\xff", "é", "=", "\n", "\"", "世", "\xe4\xb8", ""}
	for _, pattern := range []string{`\A(?:aaa(a+)+b)`, `\A(?:a*?(b|c)?é*)`, `\A(?:[^a]*(a)?.)`, `(?i:a+=|\bb)`, `\A(?s:.*)\z`, `\A(?m:a*$)`} {
		e := linear{re: regexp.MustCompile(pattern)}
		for range 2000 {
			var b strings.Builder
			for range r.IntN(12) {
				b.WriteString(pieces[r.IntN(len(pieces))])
			}
			win := []byte(b.String())
			m := p.NewMatcher()
			m.Content(0)
			plain, _ := m.run(p.rule(0), e, win)
			plain = slices.Clone(plain)
			m.pay(p.rule(0), leastSteps/2)
			before := m.budget.spent[0]
			counted, _ := m.run(p.rule(0), e, win)
			if !slices.Equal(plain, counted) {
				t.Fatalf("%s in %q: %v, counted %v", pattern, win, plain, counted)
			}
			if spent := m.budget.spent[0] - before; spent < 2 || spent > int64(len(win))+2 {
				t.Fatalf("%s in %q: %d steps", pattern, win, spent)
			}
		}
	}
}
