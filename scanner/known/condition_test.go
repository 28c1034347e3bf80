package known

import (
	"strings"
	"testing"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

func TestCondition(t *testing.T) {
	token := &rules.Rule{ID: "r", Pattern: `acme_[a-z]+ ?=? ?[a-z]*`}
	assigned := &rules.Rule{ID: "n", Kind: rules.Assignment, Pattern: `[a-z]+`}
	place := &finding.Place{Path: "src/a.go", Line: 3, Commit: &finding.Commit{ID: "ab12"},
		Around: finding.NewSecret([]byte("# not a key\nx = acme_key = hush # fine"))}
	for _, c := range []struct {
		name string
		when Condition
		rule *rules.Rule
		want bool
	}{
		{"path", Condition{Paths: []string{`\.go$`}}, token, true},
		{"one of two paths", Condition{Paths: []string{`^b/`, `^src/`}}, token, true},
		{"another path", Condition{Paths: []string{`^lib/`}}, token, false},
		{"outside", Condition{Outside: []string{`^lib/`, `^b/`}}, token, true},
		{"not outside", Condition{Outside: []string{`^lib/`, `^src/`}}, token, false},
		{"secret", Condition{Secrets: []string{`^hu`}}, token, true},
		{"match", Condition{Matches: []string{`^acme_key = hush$`}}, token, true},
		{"a match is no line", Condition{Matches: []string{`fine`}}, token, false},
		{"of a rule with names the match is the line", Condition{Matches: []string{`fine`}}, assigned, true},
		{"line", Condition{Lines: []string{`# fine$`}}, token, true},
		{"the line is one line", Condition{Lines: []string{`not a key`}}, token, false},
		{"above", Condition{Above: []string{`^# not a key$`}}, token, true},
		{"word", Condition{Words: []string{"nope", "USH"}}, token, true},
		{"commit", Condition{Commits: []string{"AB12"}}, token, true},
		{"another commit", Condition{Commits: []string{"ab13"}}, token, false},
		{"rule", Condition{Rules: []string{"r"}, Words: []string{"h"}}, token, true},
		{"another rule", Condition{Rules: []string{"q"}, Words: []string{"h"}}, token, false},
		{"one of two sorts", Condition{Paths: []string{"no"}, Words: []string{"h"}}, token, true},
		{"each of two sorts", Condition{Every: true, Paths: []string{"no"}, Words: []string{"h"}}, token, false},
		{"each holds", Condition{Every: true, Paths: []string{"src"}, Words: []string{"h"}, Commits: []string{"ab12"}}, token, true},
		{"spot", Condition{Spots: []Spot{{Path: "src/a.go", Line: 3}}}, token, true},
		{"spot of a commit", Condition{Spots: []Spot{{"ab12", "src/a.go", 3}}}, token, true},
		{"spot of another commit", Condition{Spots: []Spot{{"ab13", "src/a.go", 3}}}, token, false},
		{"another spot", Condition{Spots: []Spot{{Path: "src/a.go", Line: 4}}}, token, false},
	} {
		l, err := NewList([]Entry{{When: &c.when, Reason: "x"}}, time.Time{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		p := &Policy{Lists: []*List{l}}
		f := finding.Finding{Rule: c.rule, Secret: finding.NewSecret([]byte("hush")), Places: []finding.Place{*place}}
		left, out, _ := p.Split([]finding.Finding{f}, 1)
		if got := len(out) == 1; got != c.want || len(left)+len(out) != 1 {
			t.Errorf("%s: suppressed is %v", c.name, got)
		}
		if lines := len(c.when.Lines)+len(c.when.Above)+len(c.when.Matches) > 0; p.NeedsLines() != lines {
			t.Errorf("%s: the text is kept: %v", c.name, p.NeedsLines())
		}
	}
}

func TestConditionFaults(t *testing.T) {
	for _, c := range []struct {
		when Condition
		want string
	}{
		{Condition{Rules: []string{"r"}}, "says nothing but rules"},
		{Condition{Paths: []string{"("}}, `paths: pattern "("`},
		{Condition{Lines: []string{"x*"}}, "matches the empty text"},
		{Condition{Words: []string{" "}}, "words has an empty entry"},
		{Condition{Secrets: []string{strings.Repeat("x", maxTest+1)}}, "more than 4096 bytes"},
		{Condition{Commits: make([]string, maxTests+1)}, "more than 2000 entries"},
	} {
		if err := c.when.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

func TestAround(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"@x", "\n@x"}, {"a\n@x\nb", "a\n@x"}, {"a\r\nb @x\r\nc", "a\nb @x"}, {"\n@", "\n@"},
		{"a\n" + strings.Repeat("y", 3*markReach) + "@" + strings.Repeat("z", 3*markReach), "\n" + strings.Repeat("y", markReach) + "@" + strings.Repeat("z", 2*markReach-1)},
	} {
		got := string(Around([]byte(c.text), strings.IndexByte(c.text, '@')))
		if len(got) > 4*markReach+1 || !strings.HasSuffix(got, c.want[strings.IndexByte(c.want, '\n'):]) || len(c.text) < 100 && got != c.want {
			t.Errorf("%.20q: %.40q", c.text, got)
		}
	}
}
