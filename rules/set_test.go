package rules

import (
	"slices"
	"strings"
	"testing"
)

func acme(id, pattern string) Rule {
	return Rule{
		ID: id, Title: "Acme token", Provider: "acme", Keywords: []string{"acme_"}, Pattern: pattern,
		Confidence: 0.5, Remedy: "Ask Acme.",
	}
}

func TestNewSet(t *testing.T) {
	first := []Rule{acme("b", "acme_1"), acme("a", "acme_2")}
	second := []Rule{acme("b", "acme_3"), acme("c", "acme_4")}
	s, err := NewSet(first, second)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range s.All() {
		got = append(got, r.ID+" "+r.Pattern)
	}
	if want := []string{"a acme_2", "b acme_3", "c acme_4"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if s.Get("b").Pattern != "acme_3" || s.Get("d") != nil {
		t.Error("Get does not find what All lists")
	}
	if r := s.Get("a"); r.Before != 96 || r.After != 6+16 {
		t.Errorf("the reach is %d, %d; want 96, 22", r.Before, r.After)
	}
	first[0].Keywords[0] = "changed"
	if s.Get("b").Keywords[0] != "acme_" {
		t.Error("the set shares memory with what it was made of")
	}
	back, err := s.With([]Rule{acme("b", "acme_1")})
	if err != nil || back.Get("b").Pattern != "acme_1" || s.Get("b").Pattern != "acme_3" {
		t.Errorf("With: %v", err)
	}
}

func TestNewSetErrors(t *testing.T) {
	bad := acme("a", "acme_")
	bad.Remedy = ""
	for _, c := range []struct {
		rules []Rule
		want  string
	}{
		{nil, "no rules: a scan without rules would find nothing; name at least one rule"},
		{[]Rule{acme("a", "acme_1"), acme("a", "acme_2")}, "rule a: the id is used twice in one list"},
		{[]Rule{bad}, "rule a: remedy is missing: say how to revoke and rotate, and where"},
		{[]Rule{acme("a", "acme_[a-z]*")}, "rule a: the pattern has no longest match: bound its quantifiers or declare reach: {before: N, after: N}"},
	} {
		if _, err := NewSet(c.rules); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if _, err := Builtin().Only(func(*Rule) bool { return false }); err == nil {
		t.Error("Only made a set without rules")
	}
}

func TestDigest(t *testing.T) {
	make := func(change func(*Rule)) string {
		r := acme("a", "acme_(x)")
		r.Before, r.After = 999, 999
		change(&r)
		s, err := NewSet([]Rule{r})
		if err != nil {
			t.Fatal(err)
		}
		return s.Digest()
	}
	base := make(func(*Rule) {})
	for name, change := range map[string]func(*Rule){
		"id":         func(r *Rule) { r.ID = "b" },
		"provider":   func(r *Rule) { r.Provider = "ajax" },
		"severity":   func(r *Rule) { r.Severity = High },
		"kind":       func(r *Rule) { r.Kind = Assignment },
		"keywords":   func(r *Rule) { r.Keywords = []string{"acme"} },
		"pattern":    func(r *Rule) { r.Pattern = "acme_(y)" },
		"near":       func(r *Rule) { r.Near = []string{"x"} },
		"secret":     func(r *Rule) { r.Secret = 1 },
		"boundary":   func(r *Rule) { r.Boundary = BoundaryNone },
		"backtrack":  func(r *Rule) { r.Backtrack = true },
		"entropy":    func(r *Rule) { r.Entropy = 1 },
		"proof":      func(r *Rule) { r.Proof = "jwt" },
		"before":     func(r *Rule) { r.Before++ },
		"after":      func(r *Rule) { r.After++ },
		"confidence": func(r *Rule) { r.Confidence = 0.6 },
		"generic":    func(r *Rule) { r.Generic = true },
	} {
		if make(change) == base {
			t.Errorf("the digest does not depend on %s", name)
		}
	}
	if make(func(r *Rule) { r.Title, r.Remedy, r.Examples = "x", "y", []string{"z"} }) != base {
		t.Error("the digest depends on words for people")
	}
}

// The table is compiled from rules.yaml; rules/compile tests that it is up to
// date. Here it has to keep what every Set promises.
func TestBuiltin(t *testing.T) {
	s := Builtin()
	if s.Digest() != digest(s.all) {
		t.Error("the digest of the table is wrong: run go run ./rules/compile")
	}
	if !slices.IsSortedFunc(s.all, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the table is not sorted")
	}
	for _, r := range s.all {
		if err := Check(r); err != nil {
			t.Error(err)
		}
		if r.Source == "" {
			t.Errorf("rule %s: the source is missing", r.ID)
		}
	}
	if !slices.IsSorted(proofNames[:]) {
		t.Error("proofNames is not sorted")
	}
}

func BenchmarkBuiltin(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if len(Builtin().All()) == 0 {
			b.Fatal("no rules")
		}
	}
}
