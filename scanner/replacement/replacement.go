// Package replacement writes and reads the list of texts that "git filter-repo
// --replace-text" takes out of a history.
//
// It refuses to know how secrets are found and what is done with the list. Its
// invariant: Parse gives for a list that Write wrote the very entries that were
// written, whatever bytes they hold.
//
// The format, as git filter-repo reads it: a line is an entry, up to "\n". What
// follows the last "==>" replaces it. An entry is a literal, with or without
// "literal:" before it, or, after "regex:", a regular expression of Python over
// bytes. There are no comments: a line that begins with "#" is a
// literal. Literals are replaced before expressions, each in their order.
package replacement

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Entry is one text that is to go.
type Entry struct {
	Text string
	// Word asks that no letter, digit or underscore is next to it: what is
	// short may be a part of other words, which are to stay.
	Word bool
}

// MinText is the least that a text has to have in bytes: what is shorter occurs
// in many places by chance.
const MinText = 4

const (
	arrow   = "==>"
	removed = "***REMOVED***"
	before  = "(?<![0-9A-Za-z_])"
	after   = "(?![0-9A-Za-z_])"
)

// Write writes a list of entries: longer ones first, so that no text is broken
// up by a shorter one that is part of it.
func Write(w io.Writer, entries []Entry) error {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(len(b.Text), len(a.Text)), strings.Compare(a.Text, b.Text))
	})
	entries = slices.CompactFunc(entries, func(a, b Entry) bool { return a.Text == b.Text })
	var out bytes.Buffer
	var longer []string // written as expressions, which run after all literals
	for _, e := range entries {
		if e.Text == "" {
			return errors.New("write list: an entry is empty")
		}
		if within := func(text string) bool { return strings.Contains(text, e.Text) }; !e.Word && isLiteral(e.Text) && !slices.ContainsFunc(longer, within) {
			fmt.Fprintf(&out, "literal:%s%s%s\n", e.Text, arrow, removed)
			continue
		}
		longer = append(longer, e.Text)
		line := escape(e.Text)
		if e.Word {
			line = before + line + after
		}
		fmt.Fprintf(&out, "regex:%s%s%s\n", line, arrow, removed)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// isLiteral reports whether an editor shows a text as it is, on one line.
func isLiteral(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// escape writes a text as an expression that matches it and nothing else.
func escape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; isWord(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String()
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// Parse reads a list, or a file with one text a line. The byte order mark that some editors
// begin a file with is no part of the first text, nor are blanks behind one. With the mark of
// UTF-16 it is an error: what looks for texts would look for that.
func Parse(data []byte) (entries []Entry, err error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, errors.New("is UTF-16; store the file as UTF-8")
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	n := 0
	for line := range bytes.Lines(data) {
		n++
		e, err := parseLine(string(bytes.TrimRight(line, "\r\n")))
		if err != nil {
			return nil, fmt.Errorf("line %d %w", n, err)
		}
		if e.Text != "" {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

func parseLine(line string) (Entry, error) {
	if i := strings.LastIndex(line, arrow); i >= 0 {
		line = line[:i]
	}
	if text, ok := strings.CutPrefix(line, "literal:"); ok {
		return Entry{Text: text}, nil
	}
	if strings.HasPrefix(line, "glob:") {
		return Entry{}, errors.New("is a pattern: what matches it cannot be proven gone; write the text itself")
	}
	pattern, ok := strings.CutPrefix(line, "regex:")
	if !ok {
		return Entry{Text: strings.TrimRight(line, " \t")}, nil
	}
	var e Entry
	if inner, ok := strings.CutPrefix(pattern, before); ok && strings.HasSuffix(inner, after) {
		pattern, e.Word = strings.TrimSuffix(inner, after), true
	}
	for len(pattern) > 0 {
		c, n := pattern[0], 1
		if !isWord(c) {
			if len(pattern) < 4 || pattern[:2] != `\x` {
				return Entry{}, errNotPlain
			}
			if _, err := fmt.Sscanf(pattern[2:4], "%02x", &c); err != nil {
				return Entry{}, errNotPlain
			}
			n = 4
		}
		e.Text += string([]byte{c})
		pattern = pattern[n:]
	}
	return e, nil
}

var errNotPlain = errors.New(`is an expression of another form than "scan plan" writes: what matches it cannot be proven gone; write the text itself`)

// In reports whether the entry is in data at offset off, given that its text
// does.
func (e *Entry) In(data []byte, off int) bool {
	end := off + len(e.Text)
	return !e.Word || (off == 0 || !isWord(data[off-1])) && (end >= len(data) || !isWord(data[end]))
}
