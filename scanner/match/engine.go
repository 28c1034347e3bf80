package match

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"

	"keyrake/rules"
)

// engine finds a pattern in a window. Spans are those of the match and of its
// groups, as regexp.FindSubmatchIndex gives them.
type engine interface {
	// first returns the leftmost match in win, in buf if there is room, nil if
	// there is none.
	first(buf []int, win []byte) ([]int, error)
	// all returns the matches in win from left to right.
	all(win []byte) ([][]int, error)
}

// errTimeout means that a backtracking expression ran out of time. regexp2's
// own error quotes the searched text, which may hold a secret.
var errTimeout = errors.New("the expression ran out of time")

// patience is how long one backtracking match in one window may take.
const patience = 250 * time.Millisecond

// lazy is an engine that is made when it is first asked for.
type lazy struct {
	once sync.Once
	engine
	err error
}

// isLeading reports whether the Token rule c need be tried at its anchor only.
func (c *compiled) isLeading() bool {
	c.leads.Do(func() {
		if c.told != nil {
			c.leading = c.told.Leading
			return
		}
		c.leading = !c.Backtrack && !c.Whole && rules.Leading(c.Rule) && !looksAside(c.Pattern)
	})
	return c.leading
}

// shaped returns the engine of the token, or of the whole value.
func (c *compiled) shaped() (engine, error) {
	l := &c.shape
	l.once.Do(func() {
		pattern := c.Pattern
		switch {
		case c.Kind == rules.Assignment:
			pattern = `\A(?:` + pattern + `)\z`
		case c.isLeading():
			pattern = `\A(?:` + pattern + `)`
		}
		l.engine, l.err = newEngine(pattern, c.Backtrack)
	})
	return l.engine, l.err
}

// named returns the engine of the name.
func (c *compiled) named() (engine, error) {
	l := &c.name
	l.once.Do(func() { l.engine, l.err = newEngine("(?i:"+c.Name+")", false) })
	return l.engine, l.err
}

// nameWords is what tells most names apart without the expression.
type nameWords struct {
	once    sync.Once
	needed  []string // every name that fits holds one; nil if nothing can be said
	enough  []string // what holds one fits
	nothing bool     // what holds none of enough does not
}

// fitsByWords reports whether a name, in lower case, fits the rule; sure is false if
// that is for the expression to say. Letters that are not ASCII may count as some
// that are.
func (c *compiled) fitsByWords(low []byte) (fits, sure bool) {
	w := &c.words
	w.once.Do(func() {
		if tree, err := syntax.Parse("(?i:"+c.Name+")", syntax.Perl); err == nil {
			w.needed = eitherWord(tree)
			w.enough, w.nothing = spelled(tree)
		}
	})
	holds := func(word string) bool { return bytes.Contains(low, []byte(word)) }
	switch {
	case slices.ContainsFunc(low, func(b byte) bool { return b >= utf8.RuneSelf }):
		return false, false
	case w.needed != nil && !slices.ContainsFunc(w.needed, holds):
		return false, true
	case slices.ContainsFunc(w.enough, holds):
		return true, true
	}
	return false, w.nothing
}

// looksAside reports whether an expression asks about the bytes beside its match,
// which are not there when it is tried at its anchor only.
func looksAside(pattern string) bool {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	return err != nil || asksBeside(tree)
}

func asksBeside(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(re.Sub, asksBeside)
}

func newEngine(pattern string, backtrack bool) (engine, error) {
	if backtrack {
		return newBacktracker(pattern)
	}
	if s := newSequence(pattern); s != nil {
		return s, nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("compile expression: %w", err)
	}
	return linear{re: re, looser: loosen(pattern)}, nil
}

// linear is the standard library's engine: linear time whatever the pattern.
type linear struct {
	re *regexp.Regexp
	// looser matches wherever re does, and more, with a program small enough
	// for the library's quick paths; nil if re is small itself.
	looser *regexp.Regexp
}

// The library simulates an automaton, at some 100 ns a byte, once a program has
// more than 500 instructions; counted repetitions are what makes them large.
const (
	largeProgram = 450
	looseCount   = 4
)

// loosen returns the expression with large counts taken away: x{8,500} becomes
// x{4,}.
func loosen(pattern string) *regexp.Regexp {
	if !strings.Contains(pattern, "{") {
		return nil
	}
	text := looseText(pattern)
	if text == pattern {
		return nil
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || instructions(tree)+2 <= largeProgram {
		return nil
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) <= largeProgram {
		return nil
	}
	dropCounts(tree, looseCount)
	if same, err := syntax.Parse(text, syntax.Perl); err != nil || !same.Equal(tree) {
		text = tree.String()
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	return re
}

// counts finds the counts of an expression, and what only looks like one: in escapes
// and classes.
var counts = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\\[xpP]\{[^}]*\}|\\.|\[\^?\]?(?:\\.|\[:[^]]*:\]|[^]\\])*\]|\{[0-9]+(?:,[0-9]*)?\}`)
})

// looseText does to the text of most expressions what dropCounts does to the tree.
// Written out by the library, a tree takes milliseconds: it asks of each rune of a
// class whether its case matters.
func looseText(pattern string) string {
	return counts().ReplaceAllStringFunc(pattern, func(part string) string {
		if part[0] != '{' {
			return part
		}
		low, high, ranged := strings.Cut(part[1:len(part)-1], ",")
		least, _ := strconv.Atoi(low)
		most, err := strconv.Atoi(high)
		switch {
		case least > looseCount:
			return fmt.Sprintf("{%d,}", looseCount)
		case ranged && err == nil && most > looseCount:
			return fmt.Sprintf("{%d,}", least)
		}
		return part
	})
}

// dropCounts takes away the counts above a limit.
func dropCounts(re *syntax.Regexp, limit int) {
	if re.Op == syntax.OpRepeat {
		if re.Min > limit {
			re.Min = limit
		}
		if re.Max > limit {
			re.Max = -1
		}
	}
	for _, sub := range re.Sub {
		dropCounts(sub, limit)
	}
}

func (l linear) first(_ []int, win []byte) ([]int, error) {
	if l.looser != nil && !l.looser.Match(win) {
		return nil, nil
	}
	return l.re.FindSubmatchIndex(win), nil
}

func (l linear) all(win []byte) ([][]int, error) {
	// Most windows hold no match, and asking for one allocates nothing then.
	if m, _ := l.first(nil, win); m == nil {
		return nil, nil
	}
	return l.re.FindAllSubmatchIndex(win, -1), nil
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

func (b backtracker) first(_ []int, win []byte) ([]int, error) {
	m, err := b.re.FindRunesMatch(runes(win))
	if err != nil {
		return nil, errTimeout
	}
	if m == nil {
		return nil, nil
	}
	return spansOf(m), nil
}

func (b backtracker) all(win []byte) (list [][]int, err error) {
	m, err := b.re.FindRunesMatch(runes(win))
	for ; m != nil && err == nil; m, err = b.re.FindNextMatch(m) {
		list = append(list, spansOf(m))
	}
	if err != nil {
		return list, errTimeout
	}
	return list, nil
}

func runes(win []byte) []rune {
	text := make([]rune, len(win))
	for i, c := range win {
		text[i] = rune(c)
	}
	return text
}

func spansOf(m *regexp2.Match) []int {
	groups := m.Groups()
	spans := make([]int, 0, 2*len(groups))
	for _, g := range groups {
		if len(g.Captures) == 0 {
			spans = append(spans, -1, -1)
			continue
		}
		spans = append(spans, g.RuneIndex, g.RuneIndex+g.RuneLength)
	}
	return spans
}
