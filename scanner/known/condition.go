package known

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// The bounds of one condition.
const (
	maxTests = 2000
	maxTest  = 4 << 10 // bytes of one pattern
)

// Condition describes findings by what they are and where they are. One of
// its tests has to hold, or with Every one of each sort. Its patterns are RE2,
// and match anywhere unless they are anchored.
type Condition struct {
	Rules   []string // rules that it is about, by their ids, as patterns with * and ?; none means all
	Except  []string // ids of rules that it is not about
	Paths   []string // patterns for the path, with slashes, from the top of the repository
	Outside []string // patterns for the path, of which none may match
	Secrets []string // patterns for the secret
	Matches []string // patterns for all that the rule matched; the line where a rule matches names
	Lines   []string // patterns for the line on which the secret starts
	Above   []string // patterns for the line before it
	Words   []string // parts of the secret, letter case aside
	Commits []string // full names of commits that brought the secret in
	Spots   []Spot   // exact places
	Every   bool

	tests []test // compiled
}

// Spot is a place by its numbers. It means something else as soon as a line
// above it comes or goes, so it is for lists of other programs alone.
type Spot struct {
	Commit string // "" means any
	Path   string
	Line   int
}

// test is one sort of test.
type test struct {
	patterns *regexp.Regexp // nil for words and names
	list     []string
	byPath   bool // it asks for the path alone
	holds    func(t *test, c *candidate) bool
}

// candidate is a place that a condition is asked about.
type candidate struct {
	rule   *rules.Rule
	secret string
	path   string // from the top; "" for what is no file there
	place  *finding.Place
}

// file gives the path without what it names in an archive.
func (c *candidate) file() string { return c.path[:max(0, len(c.path)-int(c.place.Inner))] }

// isAt reports whether patterns match the path, or the archive in which that is.
func (c *candidate) isAt(patterns *regexp.Regexp) bool {
	return patterns.MatchString(c.path) || c.place.Inner > 0 && patterns.MatchString(c.file())
}

// Check says what is wrong with a condition.
func (c *Condition) Check() error { return c.compile() }

// String lists the tests, for whoever asks what is accepted.
func (c *Condition) String() string {
	var parts []string
	for _, s := range []struct {
		name string
		list []string
	}{
		{"rules", c.Rules}, {"rules but", c.Except}, {"paths", c.Paths}, {"outside", c.Outside}, {"secrets", c.Secrets}, {"matches", c.Matches},
		{"lines", c.Lines}, {"above", c.Above}, {"words", c.Words}, {"commits", c.Commits},
	} {
		if len(s.list) > 0 {
			parts = append(parts, s.name+" "+strings.Join(s.list, ", "))
		}
	}
	if len(c.Spots) > 0 {
		parts = append(parts, fmt.Sprintf("%d places", len(c.Spots)))
	}
	if c.Every {
		return strings.Join(parts, " and ")
	}
	return strings.Join(parts, " or ")
}

// needsLines says that the condition asks for the text round a secret.
func (c *Condition) needsLines() bool { return len(c.Matches)+len(c.Lines)+len(c.Above) > 0 }

func (c *Condition) compile() error {
	c.tests = nil
	var errs []error
	add := func(what string, list []string, asPatterns bool, holds func(*test, *candidate) bool) {
		if len(list) == 0 {
			return
		}
		t := test{list: list, byPath: what == "paths" || what == "outside", holds: holds}
		switch {
		case len(list) > maxTests:
			errs = append(errs, fmt.Errorf("%s has more than %d entries", what, maxTests))
		case slices.ContainsFunc(list, func(s string) bool { return strings.TrimSpace(s) == "" }):
			errs = append(errs, fmt.Errorf("%s has an empty entry, which would hold for everything", what))
		case asPatterns:
			var err error
			if t.patterns, err = joined(list); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", what, err))
			}
		}
		c.tests = append(c.tests, t)
	}
	for _, p := range c.Rules {
		if _, err := path.Match(p, ""); err != nil {
			errs = append(errs, fmt.Errorf("rules: pattern %q: %w", p, err))
		}
	}
	if len(c.Spots) > 0 {
		at := make(map[Spot]bool, len(c.Spots))
		for _, s := range c.Spots {
			at[s] = true
		}
		c.tests = append(c.tests, test{holds: func(_ *test, x *candidate) bool { return atSpot(at, x) }})
	}
	add("commits", c.Commits, false, inCommit)
	add("paths", c.Paths, true, func(t *test, x *candidate) bool { return x.path != "" && x.isAt(t.patterns) })
	add("outside", c.Outside, true, func(t *test, x *candidate) bool { return !x.isAt(t.patterns) })
	add("secrets", c.Secrets, true, func(t *test, x *candidate) bool { return t.patterns.MatchString(x.secret) })
	add("matches", c.Matches, true, func(t *test, x *candidate) bool { return t.patterns.MatchString(x.match()) })
	add("lines", c.Lines, true, func(t *test, x *candidate) bool { return t.patterns.MatchString(x.line()) })
	add("above", c.Above, true, func(t *test, x *candidate) bool { return t.patterns.MatchString(x.above()) })
	add("words", c.Words, false, holdsWord)
	if len(c.tests) == 0 {
		errs = append(errs, errors.New("it says nothing but rules: name paths, outside, secrets, matches, lines, above, words or commits"))
	}
	return errors.Join(errs...)
}

// joined compiles a list of patterns into one.
func joined(list []string) (*regexp.Regexp, error) {
	parts := make([]string, len(list))
	for i, p := range list {
		if len(p) > maxTest {
			return nil, fmt.Errorf("a pattern has more than %d bytes", maxTest)
		}
		re, err := regexp.Compile(p)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", p, err)
		}
		if re.MatchString("") {
			return nil, fmt.Errorf("pattern %q matches the empty text, and so everything", p)
		}
		parts[i] = "(?:" + p + ")"
	}
	return regexp.Compile(strings.Join(parts, "|"))
}

// fits says whether the condition holds for a place.
func (c *Condition) fits(x *candidate) bool {
	if len(c.Rules) > 0 && !slices.ContainsFunc(c.Rules, func(p string) bool { return rules.Named(p, x.rule.ID) }) || slices.Contains(c.Except, x.rule.ID) {
		return false
	}
	for i := range c.tests {
		if c.tests[i].holds(&c.tests[i], x) != c.Every {
			return !c.Every
		}
	}
	return c.Every
}

func inCommit(t *test, x *candidate) bool {
	c := x.place.Commit
	return c != nil && slices.ContainsFunc(t.list, func(id string) bool { return strings.EqualFold(id, c.ID) })
}

func holdsWord(t *test, x *candidate) bool {
	secret := strings.ToLower(x.secret)
	return slices.ContainsFunc(t.list, func(w string) bool { return strings.Contains(secret, strings.ToLower(w)) })
}

func atSpot(at map[Spot]bool, x *candidate) bool {
	s := Spot{Path: x.path, Line: x.place.Line}
	switch x.place.Kind { // as reports in the form of gitleaks name messages
	case finding.CommitMessage:
		s.Path = "commit/" + x.place.Object + "/message"
	case finding.TagMessage:
		s.Path = "tag/" + x.place.Object + "/message"
	}
	if at[s] {
		return true
	}
	if x.place.Commit == nil {
		return false
	}
	s.Commit = x.place.Commit.ID
	return at[s]
}

// line is the one on which the secret starts, as far as it was kept.
func (x *candidate) line() string {
	_, line, _ := strings.Cut(x.place.Around.Reveal(), "\n")
	return line
}

// above is the line before.
func (x *candidate) above() string {
	above, _, _ := strings.Cut(x.place.Around.Reveal(), "\n")
	return above
}

// match is what the rule matched round the secret. It is found again, as only
// few conditions ask for it.
func (x *candidate) match() string {
	line := x.line()
	if x.rule.Kind == rules.Assignment {
		return line
	}
	if re, err := regexp.Compile(x.rule.Pattern); err == nil {
		for _, m := range re.FindAllString(line, 100) {
			if strings.Contains(m, x.secret) {
				return m
			}
		}
	}
	return x.secret
}
