package pair

import (
	"bytes"
	"regexp"
	"slices"
	"sync"
	"unicode/utf8"
)

// expression is one that is compiled when it is first asked for. All of them together
// take a millisecond, and most scans find nothing that they are asked about.
type expression func() *regexp.Regexp

func express(pattern string) expression {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// form is a way in which a value is written, whose expression has it as its first
// group.
type form struct {
	pattern expression
	word    []byte // every match holds it
}

func written(word, pattern string) form { return form{express(pattern), []byte(word)} }

// names finds the places of a name. Most of a text is no name, and to ask the
// expression everywhere took a fiftieth of all CPU of a history of many passwords.
type names struct {
	pattern expression
	here    expression // the same, at the start of a text
	starts  []string   // with one of these a match begins, in lower case; none if nothing can be said
	behind  []string   // or it has one of these after one character, or at the start of the text
	first   [256]bool  // the bytes that these begin with
}

func named(pattern string, starts ...string) *names { return namedBehind(pattern, starts, nil) }

func namedBehind(pattern string, starts, behind []string) *names {
	n := &names{pattern: express(pattern), here: express(`\A(?:` + pattern + `)`), starts: starts, behind: behind}
	for _, w := range slices.Concat(starts, behind) {
		n.first[w[0]], n.first[w[0]-'a'+'A'] = true, true
	}
	return n
}

// all lists the first places in text, at most so many: what FindAllIndex does.
func (n *names) all(text []byte, most int) (list [][]int) {
	// Two letters beyond ASCII count as k and s where case does not matter.
	if n.starts == nil || bytes.Contains(text, []byte("\u212a")) || bytes.Contains(text, []byte("ſ")) {
		return n.pattern().FindAllIndex(text, most)
	}
	for i, end := 0, 0; i < len(text) && len(list) < most; i++ {
		if !n.first[text[i]] {
			continue
		}
		from := -1
		switch {
		case holdsOne(text[i:], n.starts):
			from = i
		case holdsOne(text[i:], n.behind):
			_, size := utf8.DecodeLastRune(text[:i])
			from = i - size
		}
		if from < end {
			continue
		}
		if m := n.here().FindIndex(text[from:]); m != nil {
			end = from + m[1]
			list = append(list, []int{from, end})
			i = end - 1
		}
	}
	return list
}

// holdsOne reports whether text begins with one of the words, whatever its case.
func holdsOne(text []byte, words []string) bool {
	for _, w := range words {
		if len(text) >= len(w) && equalFold(text, w) {
			return true
		}
	}
	return false
}

func equalFold(text []byte, word string) bool {
	for i := range len(word) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
