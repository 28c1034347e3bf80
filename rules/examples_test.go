package rules_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyrake"
	"keyrake/rules"
	"keyrake/rules/example"
)

func builtinWithExamples(t testing.TB) []rules.Rule {
	t.Helper()
	list, err := rules.ParseFS(keyrake.Rules, "rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestExamples proves as much as this package can: that a keyword stands in
// each example, and that the pattern accepts something in it with the right
// neighbours, enough entropy and a Near word. The engine's own exam has the
// last word.
func TestExamples(t *testing.T) {
	for _, r := range builtinWithExamples(t) {
		if len(r.Examples) < 2 || len(r.Negatives) < 2 {
			t.Errorf("%s has %d examples and %d negatives, want at least 2 of each", r.ID, len(r.Examples), len(r.Negatives))
		}
		for i, template := range r.Examples {
			text := expand(t, template, fmt.Sprintf("%s/example/%d", r.ID, i))
			if why := finds(&r, text); why != "" {
				t.Errorf("%s, example %d: %s", r.ID, i, why)
			}
		}
	}
}

// Some negatives match the shape and are left to the judge: placeholders,
// references and what only a proof can tell. All others must not match here.
func TestNegatives(t *testing.T) {
	judged := 0
	list := builtinWithExamples(t)
	for _, r := range list {
		for i, template := range r.Negatives {
			text := expand(t, template, fmt.Sprintf("%s/negative/%d", r.ID, i))
			if finds(&r, text) == "" {
				judged++
				t.Logf("%s, negative %d is left to the judge", r.ID, i)
			}
		}
	}
	if judged > len(list)/10 {
		t.Errorf("%d negatives fit the shape of their rule; they should show its limits, not the judge's", judged)
	}
}

func expand(t *testing.T, template, seed string) string {
	t.Helper()
	text, err := example.Expand(template, seed)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// finds says why a rule does not find anything in text, or "".
func finds(r *rules.Rule, text string) string {
	lower := strings.ToLower(text)
	has := func(word string) bool { return strings.Contains(lower, word) }
	switch {
	case !slices.ContainsFunc(r.Keywords, has):
		return "no keyword"
	case len(r.Near) > 0 && !slices.ContainsFunc(r.Near, has):
		return "nothing near"
	case r.Kind == rules.Assignment:
		return findsValue(r, text)
	}
	re := regexp.MustCompile(r.Pattern)
	why := "no match"
	for from := 0; from < len(text); {
		m := re.FindStringSubmatchIndex(text[from:])
		if m == nil {
			break
		}
		start, end := from+m[0], from+m[1]
		secret := text[from+m[2*r.Secret] : from+m[2*r.Secret+1]]
		left := r.Boundary == rules.BoundaryBoth || r.Boundary == rules.BoundaryLeft
		right := r.Boundary == rules.BoundaryBoth || r.Boundary == rules.BoundaryRight
		switch {
		case !slices.ContainsFunc(r.Keywords, func(k string) bool { return strings.Contains(lower[start:end], k) }):
			why = "the match holds no keyword"
		case left && start > 0 && isWord(text[start-1]), right && end < len(text) && isWord(text[end]):
			why = "the match goes on"
		case entropy(secret) < r.Entropy:
			why = fmt.Sprintf("entropy %.2f is below %g", entropy(secret), r.Entropy)
		case end-start > r.After:
			why = "the match is longer than the reach"
		default:
			return ""
		}
		from = start + 1
	}
	return why
}

var valueSeparators = regexp.MustCompile(`[\s"'` + "`" + `,;(){}]+|[=:](?:\s|["'])?`)

// findsValue looks for the pattern among the words of the text; how names and
// values belong together is match's knowledge.
func findsValue(r *rules.Rule, text string) string {
	name := regexp.MustCompile("(?i)" + r.Name)
	if !name.MatchString(text) && !slices.ContainsFunc(valueSeparators.Split(text, -1), name.MatchString) {
		return "no name"
	}
	whole := regexp.MustCompile(`^(?:` + r.Pattern + `)$`)
	why := "no value"
	words := valueSeparators.Split(text, -1)
	// Base64 ends in the = that separates words.
	words = append(words, regexp.MustCompile(`[A-Za-z0-9+/]+={1,2}`).FindAllString(text, -1)...)
	words = append(words, regexp.MustCompile(`auth=(\S+)`).ReplaceAllString(text, "$1"))
	// Other values hold separators themselves: what stands between quotes, and
	// behind the first separator of a line.
	for _, m := range regexp.MustCompile(`"([^"\n]+)"|'([^'\n]+)'`).FindAllStringSubmatch(text, -1) {
		words = append(words, m[1], m[2])
	}
	for line := range strings.Lines(text) {
		for _, sep := range []string{"=", ":", " "} {
			if _, after, ok := strings.Cut(line, sep); ok {
				words = append(words, strings.Trim(after, "\"'`,; \t\n"))
			}
		}
	}
	for _, w := range words {
		if whole.MatchString(w) {
			if entropy(w) >= r.Entropy {
				return ""
			}
			why = "entropy is too low"
		}
	}
	return why
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func entropy(s string) float64 {
	var count [256]float64
	for i := range len(s) {
		count[s[i]]++
	}
	sum := 0.0
	for _, n := range count {
		if n > 0 {
			p := n / float64(len(s))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := rules.ParseFS(keyrake.Rules, "rules.yaml"); err != nil {
			b.Fatal(err)
		}
	}
}
