package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from a repository safe for a terminal and a CI log: control
// characters, bidi and other invisible characters, and bytes that are not
// UTF-8 become visible escapes (\x1b, \u202e). So do the marks that a CI runner
// obeys when it reads them in a log: "##[", "##vso[" and a leading "::".
func Clean(text string) string {
	if isPlain(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case !visible(r) && r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case !visible(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		case isRunnerMark(text, i):
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

// isPlain says that Clean has nothing to do, for the usual path or name.
func isPlain(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < 0x20 || c >= 0x7f || c == '#' || c == ':' {
			return false
		}
	}
	return true
}

// visible says that a character shows as itself and nothing else: letters,
// marks, digits, punctuation, symbols and spaces are; control and format
// characters (bidi, zero width, tags), line separators and unassigned ones are not.
func visible(r rune) bool { return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) }

// isRunnerMark says that a CI runner's command could start at text[i]. GitHub
// finds "##[" and Azure "##vso[" anywhere in a line, GitHub "::" after blanks.
func isRunnerMark(text string, i int) bool {
	rest := text[i:]
	if strings.HasPrefix(rest, "##") {
		return true
	}
	// What is written behind the text may begin with a colon too.
	return (rest == ":" || strings.HasPrefix(rest, "::")) && (i == 0 || text[i-1] == ' ')
}

// decodable gives text as it is if it is valid UTF-8, and otherwise with each
// bad byte as \xNN.
func decodable(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, text[i])
		} else {
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

// wrap breaks prose into lines of at most width characters where it can; a
// longer word stays whole.
func wrap(text string, width int) []string {
	var lines []string
	var line strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		if used > 0 && used+1+n > width {
			lines = append(lines, line.String())
			line.Reset()
			used = 0
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		line.WriteString(word)
		used += n
	}
	if used > 0 {
		lines = append(lines, line.String())
	}
	return lines
}
