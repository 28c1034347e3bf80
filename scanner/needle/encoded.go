package needle

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"html"
	"strconv"
	"strings"
)

// minEncoded is the least of a text in base64 or in hexadecimal digits that is looked for, in
// characters: what is shorter occurs by chance in what else is written so.
const minEncoded = 8

// encodings gives the ways to write a text that show it to a machine only: in base64 of both
// alphabets, whatever stands before and behind it, in hexadecimal digits, and with escapes.
func encodings(text string) (list []form) {
	for _, folded := range append(based(text), digits(text)...) {
		first := form{kind: inLines, text: folded}
		second := first
		second.off = first.half()
		list = append(list, first, second)
	}
	if word, _ := longestRun(text, isPlain); word != "" && word != text {
		list = append(list, form{kind: escaped, text: text})
	}
	return list
}

// based gives what is the same of a text in base64 in every content that holds it: of each of the
// three ways in which its bytes meet the characters, those that are made of it alone.
func based(text string) (list []string) {
	for before := range 3 {
		from, to := (8*before+5)/6, 8*(before+len(text))/6
		if to-from < minEncoded {
			continue
		}
		padded := append(make([]byte, before), text...)
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			list = append(list, e.EncodeToString(padded)[from:to])
		}
	}
	return list
}

func digits(text string) []string {
	d := hex.EncodeToString([]byte(text))
	if len(d) < minEncoded {
		return nil
	}
	return []string{d, strings.ToUpper(d)}
}

// shortLine is how many characters lines have at least into which encoders break what they write:
// 60 (xxd), 64 (PEM), 76 (MIME). So of two pieces that together are shorter one is whole.
const shortLine = 60

// maxBreak bounds what stands between two lines, in bytes: the end of one and the indent of the next.
const maxBreak = 64

// half is how long a key is of a form that may be broken into lines: it and the next as many
// characters are keys of two forms.
func (f *form) half() int { return min(len(f.text)/2, shortLine/2) }

// longest is how many bytes an occurrence has at most.
func (f *form) longest() int {
	switch f.kind {
	case inLines:
		return len(f.text) + (len(f.text)/shortLine+1)*maxBreak
	case escaped:
		return len(f.text) * maxEscape
	}
	return len(f.text)
}

// unfold compares data with a form that may be broken into lines and whose key may stand at at. What
// the first key finds is not told by the second.
func (f *form) unfold(data []byte, at int) (from, to int, ok bool) {
	from, to = at, at
	for i := f.off; i < len(f.text); i++ {
		if i > f.off {
			to += lineBreak(data[to:])
		}
		if to >= len(data) || data[to] != f.text[i] {
			return 0, 0, false
		}
		to++
	}
	broken := f.off == 0
	for i := f.off - 1; i >= 0; i-- {
		gap := lineBreakBefore(data[:from])
		broken = broken || gap > 0 && i < f.off-1
		from -= gap
		if from == 0 || data[from-1] != f.text[i] {
			return 0, 0, false
		}
		from--
	}
	return from, to, broken
}

// lineBreak is how many bytes at the start of data are a break between lines, also one that is
// written as an escape.
func lineBreak(data []byte) (n int) {
	for n < len(data) && n < maxBreak {
		switch c := data[n]; {
		case c == '\n', c == '\r', c == ' ', c == '\t':
			n++
		case c == '\\' && n+1 < len(data) && (data[n+1] == 'n' || data[n+1] == 'r'):
			n += 2
		default:
			return n
		}
	}
	return n
}

// lineBreakBefore is how many bytes at the end of data are.
func lineBreakBefore(data []byte) (n int) {
	for n < len(data) && n < maxBreak {
		switch c := data[len(data)-1-n]; {
		case c == '\n', c == '\r', c == ' ', c == '\t':
			n++
		case (c == 'n' || c == 'r') && n+1 < len(data) && data[len(data)-2-n] == '\\':
			n += 2
		default:
			return n
		}
	}
	return n
}

// isPlain reports whether every encoder leaves c as it is.
func isPlain(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// unescape compares data with a form any of whose bytes may be escaped, and whose key stands at at.
// What has no escape is left to the form as it is.
func (f *form) unescape(data []byte, at int) (from, to int, ok bool) {
	if start := at - f.off; start >= 0 && bytes.HasPrefix(data[start:], []byte(f.text)) {
		return 0, 0, false
	}
	// Of \\ and of %41 nobody knows whether it is one character, or more of a content with other escapes.
	for _, raws := range [...]string{"", `\`, "%", `\%`} {
		if from, to, ok = f.compare(data, at, raws); ok {
			break
		}
	}
	return from, to, ok
}

// compare does so. What may be an escape that begins with one of raws is taken as it stands, if it can be.
func (f *form) compare(data []byte, at int, raws string) (from, to int, ok bool) {
	from, to = at, at
	for rest := f.text[f.off:]; rest != ""; {
		raw := to < len(data) && data[to] == rest[0]
		if c, width := escapeAt(data[to:]); width > 0 && strings.HasPrefix(rest, c) && (!raw || strings.IndexByte(raws, data[to]) < 0) {
			rest, to, ok = rest[len(c):], to+width, true
			continue
		}
		if !raw {
			return 0, 0, false
		}
		rest, to = rest[1:], to+1
	}
	for rest := f.text[:f.off]; rest != ""; {
		raw := from > 0 && data[from-1] == rest[len(rest)-1]
		if c, width := escapeBefore(data[:from]); width > 0 && strings.HasSuffix(rest, c) && (!raw || strings.IndexByte(raws, data[from-width]) < 0) {
			rest, from, ok = rest[:len(rest)-len(c)], from-width, true
			continue
		}
		if !raw {
			return 0, 0, false
		}
		rest, from = rest[:len(rest)-1], from-1
	}
	return from, to, ok
}

// maxEscape is how many bytes an escape has at most.
const maxEscape = 10

// escapeAt gives the character for which the start of data is an escape, as URLs, JSON, JavaScript
// and HTML have them, and how many bytes that has; 0 if it is none.
func escapeAt(data []byte) (c string, width int) {
	if len(data) == 0 {
		return "", 0
	}
	switch data[0] {
	case '+':
		return " ", 1
	case '%':
		return numbered(data, 1, 2, false)
	case '&':
		end := bytes.IndexByte(data[:min(len(data), maxEscape)], ';')
		if end < 0 {
			return "", 0
		}
		if c = html.UnescapeString(string(data[:end+1])); c == string(data[:end+1]) {
			return "", 0
		}
		return c, end + 1
	case '\\':
		return backslashed(data)
	}
	return "", 0
}

func backslashed(data []byte) (c string, width int) {
	if len(data) < 2 {
		return "", 0
	}
	const names, meanings = "abfnrtv", "\a\b\f\n\r\t\v"
	switch i := strings.IndexByte(names, data[1]); {
	case i >= 0:
		return meanings[i : i+1], 2
	case data[1] == 'x':
		return numbered(data, 2, 2, false)
	case data[1] == 'u':
		return numbered(data, 2, 4, true)
	case strings.IndexByte("\\\"'/", data[1]) >= 0:
		return string(data[1:2]), 2
	}
	return "", 0
}

// numbered reads n hexadecimal digits at off: the number of a byte, or of a character.
func numbered(data []byte, off, n int, isRune bool) (c string, width int) {
	if len(data) < off+n {
		return "", 0
	}
	number, err := strconv.ParseUint(string(data[off:off+n]), 16, 32)
	switch {
	case err != nil:
		return "", 0
	case isRune:
		return string(rune(number)), off + n
	}
	return string([]byte{byte(number)}), off + n
}

// escapeBefore is escapeAt for the end of data.
func escapeBefore(data []byte) (c string, width int) {
	for width = min(maxEscape, len(data)); width > 0; width-- {
		if c, n := escapeAt(data[len(data)-width:]); n == width {
			return c, width
		}
	}
	return "", 0
}
