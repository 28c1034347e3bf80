package match

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"keyrake/rules"
)

func TestEitherWord(t *testing.T) {
	for pattern, want := range map[string][]string{
		`Acme[_-]?key`:                   {"acme"},
		`acme|(?:^|[^a-z])ac[_-]?secret`: {"acme", "secret"},
		`(?i:ACME)+.*(?:token){2}`:       {"token"},
		`acme|[a-z]+`:                    nil,
		`(?:acme)*(?:token)?`:            nil,
		`(?:acme){0,3}`:                  nil,
		`é`:                              nil,
	} {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		got := eitherWord(tree)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
}

// TestFitsByWords holds what words tell of names to the expression.
func TestFitsByWords(t *testing.T) {
	p, err := Compile(rules.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"", "secret", "AUTH", "ſecret_token", "to\u212aen"}
	for _, k := range p.keywords {
		names = append(names, k, "my_"+k+"_KEY", k+"Token", "the-"+k+".api.secret", k+" PASSWORD")
	}
	low := make([][]byte, len(names))
	for i, name := range names {
		low[i] = appendLower(nil, []byte(name))
	}
	fit, left, asked := 0, 0, 0
	for i := range p.all {
		r := p.rule(int32(i))
		if r.Name == "" || i%10 != 0 && r.Provider != "generic" {
			continue
		}
		re := regexp.MustCompile("(?i:" + r.Name + ")")
		for k, name := range names {
			fits, sure := r.fitsByWords(low[k])
			if sure && fits != re.MatchString(name) {
				t.Fatalf("%s: %q fits is %v by words, %+v", r.ID, name, fits, &r.words)
			}
			switch {
			case !sure:
				asked++
			case fits:
				fit++
			default:
				left++
			}
		}
	}
	t.Logf("%d names fit, %d do not, %d are for the expression to tell", fit, left, asked)
	if fit < 200 || left < 20_000 {
		t.Errorf("%d names fit and %d are left out", fit, left)
	}
}

// TestSpelled: what holds a text that an expression is spelled out as is matched by
// it, and with all of them nothing else is.
func TestSpelled(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 62))
	held, whole := 0, 0
	for range 20_000 {
		pattern := "(?i:" + randomPattern(rng, 2) + ")"
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		list, all := spelled(tree)
		re := regexp.MustCompile(pattern)
		for range 10 {
			text := make([]byte, rng.IntN(8))
			for i := range text {
				text[i] = "aabc0-_.kA"[rng.IntN(10)]
			}
			low := strings.ToLower(string(text))
			holds := slices.ContainsFunc(list, func(w string) bool { return strings.Contains(low, w) })
			if matches := re.Match(text); holds && !matches || all && holds != matches {
				t.Fatalf("%s on %q is %v, but it is spelled %q, all %v", pattern, text, matches, list, all)
			}
			if holds {
				held++
			} else if all {
				whole++
			}
		}
	}
	if held < 1000 || whole < 1000 {
		t.Errorf("%d texts hold one, %d hold none of all: too few", held, whole)
	}
}
