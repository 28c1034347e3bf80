package match

import (
	"regexp"
	"regexp/syntax"
	"slices"
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

// TestMayName: no name that fits a rule is left out.
func TestMayName(t *testing.T) {
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
	fit, left := 0, 0
	for i := range p.rules {
		r := &p.rules[i]
		if r.Name == "" || i%25 != 0 {
			continue
		}
		re := regexp.MustCompile("(?i:" + r.Name + ")")
		for k, name := range names {
			switch may := r.mayName(low[k]); {
			case !may:
				left++
				if re.MatchString(name) {
					t.Fatalf("%s: %q is left out, words %q", r.ID, name, r.words)
				}
			case re.MatchString(name):
				fit++
			}
		}
	}
	if fit < 50 || left < 20_000 {
		t.Errorf("%d names fit and %d are left out", fit, left)
	}
}
