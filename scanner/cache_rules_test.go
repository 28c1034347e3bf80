package scanner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keyrake/rules"
)

// rule is one with an id, keywords and a pattern.
func wordRule(id, pattern string, keywords ...string) rules.Rule {
	return rules.Rule{ID: id, Title: id, Provider: "generic", Severity: rules.High, Confidence: 0.9, Remedy: "none", Keywords: keywords, Pattern: pattern}
}

// TestNewRules: rules that are added or gone leave the contents alone only if no
// keyword of theirs is one of a rule that stays, or led to a hit.
func TestNewRules(t *testing.T) {
	set := func(list ...rules.Rule) *rules.Set {
		t.Helper()
		s, err := rules.Builtin().Only(func(r *rules.Rule) bool { return r.ID == "github-token" })
		if err == nil {
			s, err = s.With(list)
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	near, far, other := wordRule("near", `kwa_[a-z]{8}`, "kwa_"), wordRule("far", `kwa_[a-z]{80}`, "kwa_", "kwb_"), wordRule("other", `kwc_[a-z]{8}`, "kwc_")
	past := func(s *rules.Set, words ...string) *past {
		sc := &scan{opt: Options{Rules: s}}
		w := &worker{}
		sc2, err := newScan(Options{Rules: s}, "history")
		if err != nil {
			t.Fatal(err)
		}
		w.prog = sc2.workers[0].prog
		sc.workers = []*worker{w}
		p := &past{Words: words}
		p.Rules, _ = sc.pastRules(nil)
		return p
	}
	for _, c := range []struct {
		name      string
		was, now  *rules.Set
		words     []string // that led to a hit
		said      string   // rule that did
		ok, added bool
	}{
		{"the same", set(near, other), set(near, other), []string{"kwa_"}, "near", true, false},
		{"one more", set(near), set(near, other), []string{"kwa_"}, "near", true, true},
		{"one more, with a keyword of one that stays", set(near), set(near, far), nil, "", false, false},
		{"one less, with a keyword of one that stays", set(near, far), set(near), nil, "", false, false},
		{"one less", set(near, other), set(near), []string{"kwa_"}, "near", true, false},
		{"one less, whose keyword led to a hit", set(near, other), set(near), []string{"kwc_"}, "", false, false},
		{"one less, that led to a hit", set(near, other), set(near), nil, "other", false, false},
		{"another in its place, with its keywords", set(near), set(wordRule("near", `kwa_[a-z]{9}`, "kwa_")), nil, "", true, true},
	} {
		p := past(c.was, c.words...)
		for i := range p.Rules {
			p.Rules[i].Said = p.Rules[i].ID == c.said
		}
		s := &scan{opt: Options{Rules: c.now}}
		if added, ok, _ := s.newRules(p); ok != c.ok || (added != nil) != c.added {
			t.Errorf("%s: ok %t, rules added %t", c.name, ok, added != nil)
		}
	}
}

// TestMarkedIsKnown: a secret with a mark beside it is accepted in a warm scan as in
// a cold one, where most objects are known.
func TestMarkedIsKnown(t *testing.T) {
	l := newLedger(t, 8)
	filler := strings.Repeat("filler of some length\n", 100)
	l.run("write", "marked.txt", "TOKEN="+l.token()+" # scan:allow cf-user-api-token -- a test", filler)
	l.run("write", "plain.txt", "TOKEN="+l.token(), filler)
	l.run("commit", "one")
	time.Sleep(70 * time.Millisecond)
	l.scan(true, 1)
	l.write(l.mutator)
	time.Sleep(70 * time.Millisecond)
	os.Remove(filepath.Join(l.Dir, ".git", "keyrake", "history"))
	want, _ := l.scan(false, 1)
	got, stats := l.scan(true, 1)
	if got != want {
		t.Error(difference(want, got))
	}
	if !strings.Contains(want, `"suppressed": 1`) || stats.Known == 0 {
		t.Errorf("%d objects are known, a mark is told: %t", stats.Known, strings.Contains(want, `"suppressed": 1`))
	}
}
