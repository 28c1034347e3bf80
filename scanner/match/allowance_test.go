package match

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyrake/rules"
)

// foreignProgram is programOf with rules that came with the repository.
func foreignProgram(t testing.TB, text string) *Program {
	t.Helper()
	list, err := rules.Parse("test.yaml", []byte("rules:\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].Foreign = true
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

// TestAllowance has rules that cost much more than the bytes of the windows that
// they are tried in: as the square of a window, by the states of a large
// expression, by their number, by their words. What they cost is counted, and they
// find nothing once it was too much.
func TestAllowance(t *testing.T) {
	far := "    reach: {before: 60000, after: 60000}\n"
	many := strings.Builder{}
	for i := range 2000 {
		fmt.Fprintf(&many, "  - {id: evil-%d, title: Evil, provider: x, remedy: none, keywords: [aaa], pattern: 'aaa[a-y]{0,20}z'}\n", i)
	}
	words := make([]string, 200)
	for i := range words {
		words[i] = fmt.Sprintf("word%d", i)
	}
	head := "  - id: evil\n    title: Evil\n    provider: x\n    remedy: none\n"
	for name, text := range map[string]string{
		"square":     head + far + "    keywords: [aaa]\n    pattern: 'x?aaa(?:[ab]*c)?'\n",
		"square \\b": head + far + "    keywords: [aaa]\n    pattern: 'x?aaa(?:[ab]*c\\b)?'\n",
		"states":     head + far + "    keywords: [aaa]\n    pattern: 'x?aaa(?:[ab]{0,1000}[ab]{0,1000}[ab]{0,1000}c)?'\n",
		"many":       many.String(),
		"near":       head + far + "    keywords: [aaa]\n    pattern: 'aaa(?:[ab]*c)?'\n    near: [" + strings.Join(words, ", ") + "]\n",
		"name":       head + "    kind: assignment\n    keywords: [aaa]\n    name: '(a|aa|aaa)*b'\n    pattern: '[a-z]{8,20}'\n",
	} {
		p := foreignProgram(t, text)
		stopped := false
		const most = 3 << 20
		allowance := NewAllowance(most, func() { stopped = true })
		m := p.NewMatcher()
		m.Allow(allowance)
		data := []byte(strings.Repeat("a", 40_000))
		if name == "name" {
			data = []byte(strings.Repeat(strings.Repeat("a", 20)+" = \"abcdefghij\"\n", 6000))
		}
		m.Content(len(data))
		asked := 0
		for _, a := range p.Anchors(nil, data, 0, len(data)) {
			if m.At(nil, data, a); stopped {
				break
			}
			asked++
		}
		if !stopped {
			t.Errorf("%s: %d steps at %d anchors, and not stopped", name, allowance.Spent(), asked)
		}
		all := p.Anchors(nil, data, 0, len(data))
		for _, a := range []Anchor{all[0], all[len(all)-1]} {
			if got := m.At(nil, data, a); got != nil || !m.Quiet(data, a) {
				t.Errorf("%s: a match after the end, or more to read", name)
			}
		}
		// What one call spends beyond the allowance is bounded by a content's budget.
		if spent := allowance.Spent(); spent > most+64*(leastSteps+stepsPerByte*int64(len(data))) {
			t.Errorf("%s: %d steps", name, spent)
		}
	}
}

// TestOwnWords: names that are known already cost what they cost at first, since
// what a worker knows depends on what it read.
func TestOwnWords(t *testing.T) {
	p := foreignProgram(t, "  - {id: own, title: Own, provider: x, remedy: none, kind: assignment, keywords: [token], name: '^(my|our)_?token[0-9]*$', pattern: '[a-z]{8,20}'}\n")
	a := NewAllowance(1<<40, nil)
	m := p.NewMatcher()
	m.Allow(a)
	data := []byte("my_token7 = \"abcdefgh\"\n")
	anchors := p.Anchors(nil, data, 0, len(data))
	var spent []int64
	for range 3 {
		m.Content(len(data))
		before := a.Spent()
		if len(m.At(nil, data, anchors[0])) != 1 {
			t.Fatal("it is not found")
		}
		m.Account()
		spent = append(spent, a.Spent()-before)
	}
	if spent[0] == 0 || spent[1] != spent[0] || spent[2] != spent[0] {
		t.Errorf("steps: %d", spent)
	}
}

// TestStepIsPlain: going from match to match finds what the library finds at once.
func TestStepIsPlain(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"aaa", "b", "c", "\xff", "é", "=", "\n", "x", "世", "\xe4\xb8", ""}
	tried := 0
	for _, pattern := range []string{`x?aaa(?:[ab]*c)?`, `(a+)(b|c)?é*`, `a(?s:.)+?c`, `(?i:AA|a)=+`, `(?m:a+$)`, `[^b]a`} {
		p := foreignProgram(t, "  - {id: own, title: Own, provider: x, remedy: none, whole: true, reach: {before: 400, after: 400}, pattern: '"+pattern+"'}\n")
		c := p.rule(0)
		if !c.stepwise {
			t.Fatalf("%s is not gone through step by step", pattern)
		}
		plain := regexp.MustCompile(pattern)
		for range 3000 {
			var b strings.Builder
			for range r.IntN(14) {
				b.WriteString(pieces[r.IntN(len(pieces))])
			}
			win := []byte(b.String())
			m := p.NewMatcher()
			m.Content(len(win))
			got, _ := m.each(c, linear{re: plain}, win)
			want := plain.FindAllSubmatchIndex(win, -1)
			if !slices.EqualFunc(got, want, slices.Equal[[]int]) {
				t.Fatalf("%s in %q: %v, not %v", pattern, win, got, want)
			}
			tried += len(want)
		}
	}
	if tried < 1000 {
		t.Errorf("%d matches", tried)
	}
	for _, pattern := range []string{`\baaa`, `(?m)^aaa`, `aaa\z`, `\Aaaa`} {
		p := foreignProgram(t, "  - {id: own, title: Own, provider: x, remedy: none, whole: true, reach: {before: 400, after: 400}, pattern: '"+pattern+"'}\n")
		if p.rule(0).stepwise {
			t.Errorf("%s: what stands before a match matters", pattern)
		}
	}
}
