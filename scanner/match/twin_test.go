package match

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyrake"
	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/rules/example"
)

func builtinRules(t testing.TB) []rules.Rule {
	t.Helper()
	list, err := rules.ParseFS(keyrake.Rules, "rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// leaks are the expanded examples and negatives of the built-in rules.
func leaks(t testing.TB) []string {
	t.Helper()
	var list []string
	for _, r := range builtinRules(t) {
		for i, template := range slices.Concat(r.Examples, r.Negatives) {
			text, err := example.Expand(template, fmt.Sprintf("twin/%s/%d", r.ID, i))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, text)
		}
	}
	return list
}

// plainFind is the plain twin of a Token rule: it runs the expression over the
// whole text. It returns the spans of the secrets whose match holds a keyword
// and is bounded, with the match and the keyword's offset.
func plainFind(re *regexp.Regexp, r *rules.Rule, data []byte) (list []plainMatch) {
	for _, s := range re.FindAllSubmatchIndex(data, -1) {
		g := 2 * r.Secret
		if s[g] < 0 || s[g] == s[g+1] || !bounded(data, s[0], s[1], r.Boundary) {
			continue
		}
		at := -1
		for _, k := range r.Keywords {
			at = max(at, bytes.Index(bytes.ToLower(data[s[0]:s[1]]), []byte(k)))
		}
		if at < 0 {
			continue
		}
		lo, hi := max(0, s[0]+at-r.Before), min(len(data), s[0]+at+r.After)
		near := len(r.Near) == 0
		for _, w := range r.Near {
			near = near || bytes.Contains(bytes.ToLower(data[lo:hi]), []byte(w))
		}
		if near {
			list = append(list, plainMatch{s[0], s[1], s[g], s[g+1]})
		}
	}
	return list
}

type plainMatch struct{ matchStart, matchEnd, start, end int }

// TestTokensEqualPlainTwin searches texts with every Token rule's expression as
// it stands. What that finds, the anchors and windows must find too: the
// prefilter may admit, it must never drop.
func TestTokensEqualPlainTwin(t *testing.T) {
	p, err := Compile(rules.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	list := leaks(t)
	rng := rand.New(rand.NewPCG(1, 2))
	m := p.NewMatcher()
	res := tokenPatterns()
	found, texts := 0, fixtures.Cases(50, 2000)
	if testing.Short() {
		texts = 6
	}
	for range texts {
		data := randomText(rng, list)
		found += compareTwin(t, p, m, res, data)
	}
	t.Logf("%d matches", found)
	if found < 2*texts {
		t.Errorf("only %d matches in %d texts", found, texts)
	}
}

// compareTwin demands from the anchors all that the expressions find in data, and
// tells how much that is.
func compareTwin(t *testing.T, p *Program, m *Matcher, res map[string]*regexp.Regexp, data []byte) (found int) {
	t.Helper()
	got := map[string]bool{}
	m.Content(len(data))
	for _, a := range p.Anchors(nil, data, 0, len(data)) {
		for _, c := range m.At(nil, data, a) {
			got[fmt.Sprint(c.Rule.ID, c.Start, c.End)] = true
		}
	}
	for _, r := range rules.Builtin().All() {
		re := res[r.ID]
		if re == nil {
			continue
		}
		for _, f := range plainFind(re, r, data) {
			found++
			if !got[fmt.Sprint(r.ID, f.start, f.end)] {
				t.Errorf("rule %s: its expression finds [%d:%d), its anchors do not: %q in %q", r.ID, f.start, f.end,
					data[f.start:f.end], data[max(0, f.matchStart-60):min(len(data), f.matchEnd+60)])
			}
		}
	}
	return found
}

// tokenPatterns compiles the expressions that a plain search can use.
func tokenPatterns() map[string]*regexp.Regexp {
	res := map[string]*regexp.Regexp{}
	for _, r := range rules.Builtin().All() {
		if r.Kind == rules.Token && !r.Backtrack {
			res[r.ID] = regexp.MustCompile(r.Pattern)
		}
	}
	return res
}

// FuzzTokens is TestTokensEqualPlainTwin with a fuzzer's texts.
func FuzzTokens(f *testing.F) {
	p, err := Compile(rules.Builtin())
	if err != nil {
		f.Fatal(err)
	}
	for i, text := range leaks(f) {
		if i%fixtures.Cases(4, 1) == 0 && len(text) < 400 {
			f.Add([]byte(text))
		}
	}
	m, res := p.NewMatcher(), tokenPatterns()
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 4000 {
			compareTwin(t, p, m, res, data)
		}
	})
}

// randomText joins leaks, whole and in parts, with what may stand between.
func randomText(rng *rand.Rand, list []string) []byte {
	var b []byte
	for range 25 {
		s := list[rng.IntN(len(list))]
		switch rng.IntN(6) {
		case 0:
			s = s[rng.IntN(len(s)+1):]
		case 1:
			s = s[:rng.IntN(len(s)+1)]
		case 2:
			s = strings.Repeat(s, 2)
		}
		b = append(b, s...)
		b = append(b, []string{"\n", "\r\n", " ", "", ",", "\x00", `\n`, "\xff\xfe", "_", "é", strings.Repeat("\n", 300)}[rng.IntN(11)]...)
	}
	return b
}

// TestLeadingKeepsContext holds the short way for rules that start with their
// keyword to what their expressions say of the byte before it.
func TestLeadingKeepsContext(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          int
	}{
		{`kkey[0-9]{4}`, "kkey1234", 1},
		{`kkey[0-9]{4}`, "-kkey1234", 1},
		{`(?m)^kkey[0-9]{4}`, "a\nkkey1234", 1},
		{`(?m)^kkey[0-9]{4}`, "kkey1234", 1},
		{`(?m)^kkey[0-9]{4}`, "a: kkey1234", 0},
		{`(?m)kkey[0-9]{4}$`, "a: kkey1234\nb", 1},
		{`(?m)kkey[0-9]{4}$`, "a: kkey1234 b", 0},
		{`\bkkey[0-9]{4}`, "a-kkey1234", 1},
		{`\bkkey[0-9]{4}`, "akkey1234", 0},
		{`\Bkkey[0-9]{4}`, "akkey1234", 1},
		{`\Bkkey[0-9]{4}`, "-kkey1234", 0},
		{`kkey[0-9]{4}\b`, "kkey1234a", 0},
		{`(?:x|\b)kkey[0-9]{4}`, "xkkey1234", 1},
	} {
		r := rules.Rule{ID: "x", Title: "x", Provider: "x", Remedy: "x", Confidence: 1, Keywords: []string{"kkey"}, Pattern: c.pattern, Boundary: rules.BoundaryNone}
		if got := len(findAll(t, r, []byte(c.text))); got != c.want {
			t.Errorf("%s in %q: %d matches, want %d", c.pattern, c.text, got, c.want)
		}
	}
}

// findAll returns what one rule finds in data.
func findAll(t testing.TB, r rules.Rule, data []byte) []Candidate {
	t.Helper()
	set, err := rules.NewSet([]rules.Rule{r})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	m := p.NewMatcher()
	var list []Candidate
	for _, a := range p.Anchors(nil, data, 0, len(data)) {
		list = m.At(list, data, a)
	}
	if e := m.Expired(); e != nil {
		t.Fatalf("%s ran out of time", r.Pattern)
	}
	return list
}

func TestBounded(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          [4]bool // both, left, right, none
	}{
		{"", "", [4]bool{true, true, true, true}},
		{"=", ";", [4]bool{true, true, true, true}},
		{"a", "", [4]bool{false, false, true, true}},
		{"", "a", [4]bool{false, true, false, true}},
		{"_", "", [4]bool{false, false, true, true}},
		{"_", "_", [4]bool{true, true, true, true}},
		{"(__", "__)", [4]bool{true, true, true, true}},
		{"a_", "_", [4]bool{false, false, false, true}},
		{"_", "_a", [4]bool{false, false, false, true}},
		{"____", "____", [4]bool{false, false, false, true}},
		{"-", "-", [4]bool{true, true, true, true}},
		{"\xc3\xa9", "\xc3\xa9", [4]bool{true, true, true, true}},
		{`\n`, "", [4]bool{true, true, true, true}},
		{`\x3d`, "", [4]bool{true, true, true, true}},
		{`\u003d`, "", [4]bool{true, true, true, true}},
		{"%3D", "", [4]bool{true, true, true, true}},
		{`\075`, "", [4]bool{true, true, true, true}},
		{`\e`, "", [4]bool{true, true, true, true}},
		{`\n`, "a", [4]bool{false, true, false, true}},
		{"=3D", "", [4]bool{true, true, true, true}},
		{"=3d", "", [4]bool{false, false, true, true}},
		{"=41", "", [4]bool{false, false, true, true}},
		{"\x1b[31m", "\x1b", [4]bool{true, true, true, true}},
		{"\x1b[1;38;2;255;128;255m", "", [4]bool{true, true, true, true}},
		{"\x1b[m", "", [4]bool{true, true, true, true}},
		{"\x1b(B", "", [4]bool{true, true, true, true}},
		{"\x1b[2K", "", [4]bool{true, true, true, true}},
		{"\u009b31m", "", [4]bool{true, true, true, true}},
		{`\033[1m`, "", [4]bool{true, true, true, true}},
		{`\u001b[m`, "", [4]bool{true, true, true, true}},
		{`^[[m`, "", [4]bool{true, true, true, true}},
		{`[0;32m`, "", [4]bool{true, true, true, true}},
		{`[m`, "", [4]bool{false, false, true, true}},
		{`0;32m`, "", [4]bool{false, false, true, true}},
		{`(B`, "", [4]bool{false, false, true, true}},
		{`\q`, "", [4]bool{false, false, true, true}},
		{"%zz", "", [4]bool{false, false, true, true}},
		{`x3d`, "", [4]bool{false, false, true, true}},
	} {
		for b, want := range c.want {
			win := c.before + "token" + c.after
			if got := bounded([]byte(win), len(c.before), len(c.before)+5, rules.Boundary(b)); got != want {
				t.Errorf("bounded(%q, boundary %d) = %v", win, b, got)
			}
		}
	}
}
