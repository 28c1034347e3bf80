package scanner

import (
	"fmt"
	"testing"

	"keyrake/rules"
)

// ruleSets are the rule sets of the random tests, with all built-in rules first.
func ruleSets(t testing.TB, n int) []*twins {
	t.Helper()
	list := []*twins{newTwins(t, rules.Builtin(), 0, false)}
	for i := range n {
		c := newChoices(nil, uint64(i))
		switch i % 3 {
		case 0:
			list = append(list, newTwins(t, someBuiltin(t, c), 0.05*float64(i%2), false))
		default:
			list = append(list, newTwins(t, madeUp(t, c), 0.01, true))
		}
	}
	return list
}

// nearWords are the context words of made-up rules.
var nearWords = [...]string{"near", "ab0", "b1"}

// madeUp is a random rule set that no person would write. Its rules overlap as
// much as they can.
func madeUp(t testing.TB, c *choices) *rules.Set {
	t.Helper()
	var list []rules.Rule
	for i := range c.between(1, 6) {
		r := rules.Rule{
			ID: fmt.Sprintf("made-up-%d", i), Title: "made up", Provider: "generic", Remedy: "none",
			Severity: rules.Severity(c.below(5)), Confidence: float64(c.between(1, 10)) / 10,
			Generic: c.oneIn(4), Boundary: rules.Boundary(c.below(4)),
		}
		word := func() string {
			b := make([]byte, c.between(3, 6))
			for i := range b {
				b[i] = "ab_0"[c.below(4)]
			}
			return string(b)
		}
		k := word()
		r.Keywords = []string{k}
		lo := c.between(1, 8)
		run := fmt.Sprintf("{%d,%d}", lo, lo+c.below(30))
		open := false
		switch c.below(11) {
		case 0:
			r.Pattern = k + "[ab0-9]" + run
		case 1:
			r.Pattern = "[01]{1,5}" + k + "[01]" + run
		case 2:
			r.Pattern, r.Secret = "(?i)"+k+"([a-z0-9]"+run+")=?", 1
		case 3:
			r.Pattern = k + "[ -~\n]" + run + "b0"
		case 4:
			r.Pattern, r.Backtrack = k+"(?=[ab01])[ab01_]"+run+"(?!b)", true
		case 5:
			r.Pattern, r.Backtrack = "(?<![ab])"+k+"[01ab]"+run, true
		case 6:
			r.Pattern, open = k+"[ab01 ]*", true
		case 7:
			r.Pattern = `(?m)^` + k + "[ab01]" + run + "$"
		case 8:
			r.Pattern = `\b` + k + "[ab01]" + run + `\b`
		default:
			k = pick(c, []string{"key", "token", "pass", "ab_key"})
			r.Keywords, r.Kind, r.Boundary = []string{k}, rules.Assignment, 0
			r.Pattern = pick(c, []string{"[a-z0-9]{4,40}", "[!-~]{3,80}", `[^"\n]{3,500}`})
			r.Name = pick(c, []string{"", k + "$", "^" + k})
		}
		if r.Whole = r.Kind == rules.Token && !r.Backtrack && c.oneIn(4); r.Whole && c.oneIn(2) {
			r.Keywords = pick(c, [][]string{nil, {"a"}, {"b0", "0b"}})
		}
		if c.oneIn(3) {
			r.Near = []string{pick(c, nearWords[:])}
		}
		if open {
			r.Before, r.After = 600, 600
		} else if c.oneIn(2) {
			before, after, err := rules.Reach(&r)
			if err != nil {
				t.Fatalf("%s: %v", r.Pattern, err)
			}
			r.Before, r.After = before+c.below(300), after+c.below(300)
		}
		list = append(list, r)
	}
	set, err := rules.NewSet(list)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// someBuiltin is a random part of the built-in rules.
func someBuiltin(t testing.TB, c *choices) *rules.Set {
	t.Helper()
	all := rules.Builtin()
	lucky := c.below(all.Len())
	part := c.between(1, 6)
	set, err := all.Only(func(r *rules.Rule) bool {
		return r == all.All()[lucky] || c.oneIn(part)
	})
	if err != nil {
		t.Fatal(err)
	}
	return set
}
