package match

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"keyrake/rules"
)

// TestInstructions: no program has more than was said of its expression.
func TestInstructions(t *testing.T) {
	check := func(pattern string) {
		t.Helper()
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			return
		}
		said := instructions(tree) + 2
		prog, err := syntax.Compile(tree.Simplify())
		if err != nil {
			t.Fatal(err)
		}
		if len(prog.Inst) > said {
			t.Errorf("%s: %d instructions, %d were said to be the most", pattern, len(prog.Inst), said)
		}
	}
	for _, r := range rules.Builtin().All() {
		check(r.Pattern)
		check("(?i:" + r.Name + ")")
		check(`\A(?:` + r.Pattern + `)\z`)
	}
	for _, p := range []string{"", "(a*)*", "(?:a?){3,9}", "(?:a*){2,}", "((a|b*)+?)*", "x{0}", "x{0,}", "x{0,1}", `[^\x00-\x{10FFFF}]`, "(?:|a)*", "^$", `\b(?:)+`} {
		check(p)
	}
	rng := rand.New(rand.NewPCG(51, 52))
	for range 20_000 {
		check(randomPattern(rng, 3))
	}
}

// TestMeasures: what an expression takes as a whole has a length that the rule's
// values may have.
func TestMeasures(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 54))
	taken, refused := 0, 0
	for range 20_000 {
		pattern := randomPattern(rng, 3)
		re, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
		if err != nil {
			continue
		}
		c := &compiled{Rule: &rules.Rule{Pattern: pattern}}
		for range 10 {
			var text strings.Builder
			for range rng.IntN(12) {
				text.WriteString([]string{"a", "b", "aab", "c", "0", "k", "K", "\u212a", "é", "\xff", "_", "-", "\n"}[rng.IntN(13)])
			}
			switch fits := c.measures(text.Len()); {
			case re.MatchString(text.String()):
				if taken++; !fits {
					t.Fatalf("%s takes %q, but no value of %d bytes", pattern, text.String(), text.Len())
				}
			case !fits:
				refused++
			}
		}
	}
	t.Logf("%d texts fit, %d were refused by their length", taken, refused)
	if taken < 1000 || refused < 1000 {
		t.Errorf("%d texts fit and %d were refused: too few to tell anything", taken, refused)
	}
}
