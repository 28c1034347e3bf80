package rules

import (
	"strings"
	"testing"
)

func TestReach(t *testing.T) {
	for _, c := range []struct {
		rule          Rule
		before, after int
	}{
		{Rule{Pattern: `acme_[a-z]{20}`, Keywords: []string{"acme_"}}, 96, 25 + 16},
		{Rule{Pattern: `(?:acme|ajax)_[a-z]{20}`, Keywords: []string{"acme", "ajax_"}}, 96, 25 + 16},
		{Rule{Pattern: `(acme_)(?i:[0-9a-f]{8}|k)`, Keywords: []string{"acme_"}}, 96, 13 + 16},
		{Rule{Pattern: `[a-z]{20}acme`, Keywords: []string{"acme"}}, 96, 24 + 16},
		{Rule{Pattern: `[a-z]{200}acme`, Keywords: []string{"acme"}}, 204 + 16, 204 + 16},
		{Rule{Pattern: `acme[^a]{10}.`, Keywords: []string{"acme"}}, 96, 4 + 44 + 16},
		{Rule{Pattern: `acme(?:x|yy|zzz)?`, Keywords: []string{"acme"}, Near: []string{"host"}}, 400, 400},
		{Rule{Pattern: `acme[a-z]{500}`, Keywords: []string{"acme"}, Near: []string{"host"}}, 400, 520},
		{Rule{Pattern: `[a-z]{40}`, Kind: Assignment, Keywords: []string{"acme"}}, 160, 512},
		{Rule{Pattern: `[a-z]{40}`, Kind: Assignment, Keywords: []string{"acme"}, Near: []string{"x"}}, 400, 512},
		{Rule{Pattern: `[a-z]{400}`, Kind: Assignment, Keywords: []string{"acme"}}, 160, 560},
		{Rule{Pattern: `acme(?=[a-z]{7})x`, Backtrack: true, Keywords: []string{"acme"}}, 96, 5 + 7 + 16},
		{Rule{Pattern: `(?<!y{3})acme(?>x{2})`, Backtrack: true, Keywords: []string{"acme"}}, 96, 6 + 3 + 16},
	} {
		before, after, err := Reach(&c.rule)
		if err != nil || before != c.before || after != c.after {
			t.Errorf("%s: got %d, %d, %v; want %d, %d", c.rule.Pattern, before, after, err, c.before, c.after)
		}
	}
	for _, r := range []Rule{
		{Pattern: `acme[a-z]+`},
		{Pattern: `acme(?:a*|b)`},
		{Pattern: `acme(a)\1`, Backtrack: true},
		{Pattern: `acme(?=.*x)`, Backtrack: true},
	} {
		if _, _, err := Reach(&r); err != errUnbounded {
			t.Errorf("%s: got error %v, want %v", r.Pattern, err, errUnbounded)
		}
	}
	huge := Rule{Pattern: "acme" + strings.Repeat("[^a]{1000}", 17)}
	if _, _, err := Reach(&huge); err == nil || !strings.Contains(err.Error(), "more than the ceiling of 65536") {
		t.Errorf("a pattern of 68 KB: got error %v", err)
	}
}

func TestMustContain(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		keywords string
		inside   bool
		start    bool
	}{
		{`gh[pous]_[a-z]{9}`, "ghp_ gho_ ghu_ ghs_", true, true},
		{`gh[pous]_[a-z]{9}`, "ghp_ gho_ ghu_", false, false},
		{`gl(?:rt|dt)-x|glcbt-y`, "glrt- gldt- glcbt-", true, true},
		{`[a-z]{3}(?:acme|ajax)[a-z]*`, "acme ajax", true, false},
		{`(?i)ACME_[a-z]`, "acme_", true, true},
		{`acme?_`, "acme_", false, false},
		{`acme?_`, "acme_ acm_", true, true},
		{`(?:acme_){1,3}`, "acme_", true, false},
		{`(?:acme_)*x`, "acme_", false, false},
		{`a.me_`, "acme_", false, false},
		{`x|acme_`, "acme_", false, false},
	} {
		p, err := parsePattern(&Rule{Pattern: c.pattern})
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(c.keywords)
		if got := mustContain(p.re, words); got != c.inside {
			t.Errorf("%s holds %s: got %v", c.pattern, c.keywords, got)
		}
		if got := startsWithKeyword(p.re, words); got != c.start {
			t.Errorf("%s starts with %s: got %v", c.pattern, c.keywords, got)
		}
	}
}

func TestLintBacktrack(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    error
	}{
		{`(a+)+`, errNested},
		{`(?:[a-z]*x)*`, errNested},
		{`(?:(?:a{2,})b){3,}`, errNested},
		{`(?:a{1,20})+`, errNested},
		{`(?=(?:\w+)+)x`, errNested},
		{`(a|a)*`, errChoice},
		{`(?:ab|a)+`, errChoice},
		{`(?:\w|\d)*`, errChoice},
		{`(?:a|(?:b|bc))*`, errChoice},
		{`(?:a|)+`, errChoice},
		{`(?:(?:ab|ac)x)+`, errChoice},
		{`(?:ab|cd)+`, nil},
		{`(?:ab|a)`, nil},
		{`(?:[(+)]|\)+)`, nil},
		{`[a+]+b+c*`, nil},
		{`(?:a{3})+`, nil},
		{`(?<!x)a{20,40}(?:b|c)`, nil},
	} {
		if err := lintBacktrack(c.pattern); err != c.want {
			t.Errorf("%s: got %v, want %v", c.pattern, err, c.want)
		}
	}
}
