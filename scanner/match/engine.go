package match

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/dlclark/regexp2/v2"

	"keyrake/rules"
)

// engine finds a pattern in a window. It returns the spans of the match and of
// its groups as regexp.FindSubmatchIndex does, nil if there is none.
type engine interface {
	// each calls f for the matches in win from left to right until f returns false.
	each(win []byte, f func(spans []int) bool) error
}

// errTimeout tells that a backtracking expression ran out of time. regexp2's
// own error quotes the searched text, which may hold a secret.
var errTimeout = errors.New("the expression ran out of time")

// patience is how long one backtracking match in one window may take.
const patience = 250 * time.Millisecond

// compile makes the expressions of c, once.
func (c *compiled) compile() error {
	c.once.Do(func() {
		c.leading = !c.Backtrack && rules.Leading(c.Rule)
		pattern := c.Pattern
		switch {
		case c.Kind == rules.Assignment:
			pattern = `\A(?:` + pattern + `)\z`
		case c.leading:
			pattern = `\A(?:` + pattern + `)`
		}
		if c.shape, c.err = newEngine(pattern, c.Backtrack); c.err != nil {
			return
		}
		if c.Kind == rules.Assignment && c.Name != "" {
			c.name, c.err = newEngine("(?i:"+c.Name+")", false)
		}
	})
	return c.err
}

func newEngine(pattern string, backtrack bool) (engine, error) {
	if backtrack {
		return newBacktracker(pattern)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("compile expression: %w", err)
	}
	return linear{re}, nil
}

// linear is the standard library's engine: linear time whatever the pattern.
type linear struct{ re *regexp.Regexp }

func (l linear) each(win []byte, f func([]int) bool) error {
	first := l.re.FindSubmatchIndex(win)
	if first == nil || !f(first) {
		return nil
	}
	// A second match is rare, so that the first one is looked for alone.
	for _, m := range l.re.FindAllSubmatchIndex(win, -1)[1:] {
		if !f(m) {
			break
		}
	}
	return nil
}

// backtracker is regexp2, for look-around and back-references. It works on
// runes; each byte is given to it as the rune of the same number, so that
// offsets stay bytes and invalid UTF-8 is no matter.
type backtracker struct{ re *regexp2.Regexp }

func newBacktracker(pattern string) (engine, error) {
	re, err := regexp2.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("compile expression: %w", err)
	}
	re.MatchTimeout = patience
	return backtracker{re}, nil
}

func (b backtracker) each(win []byte, f func([]int) bool) error {
	text := make([]rune, len(win))
	for i, c := range win {
		text[i] = rune(c)
	}
	m, err := b.re.FindRunesMatch(text)
	for ; m != nil && err == nil; m, err = b.re.FindNextMatch(m) {
		groups := m.Groups()
		spans := make([]int, 0, 2*len(groups))
		for _, g := range groups {
			if len(g.Captures) == 0 {
				spans = append(spans, -1, -1)
				continue
			}
			spans = append(spans, g.RuneIndex, g.RuneIndex+g.RuneLength)
		}
		if !f(spans) {
			return nil
		}
	}
	if err != nil {
		return errTimeout
	}
	return nil
}
