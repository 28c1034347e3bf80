package decode

import "bytes"

// maxEntity is the longest reference to a character that is read.
const maxEntity = 8

// MaxEscape is the length of the longest escape that Escaped reads, in bytes.
const MaxEscape = 8

// numericEntity reads &#99; or &#x63; at the start of b, and its width.
func numericEntity(b []byte) (rune, int) {
	if len(b) < 4 || b[0] != '&' || b[1] != '#' {
		return 0, 0
	}
	i, base := 2, rune(10)
	if b[2]|0x20 == 'x' {
		i, base = 3, 16
	}
	c, start := rune(0), i
	for ; i < len(b) && i < maxEntity; i++ {
		if b[i] == ';' && i > start {
			return c, i + 1
		}
		d := rune(digit[b[i]])
		if d >= base {
			break
		}
		c = c*base + d
	}
	return 0, 0
}

// namedEntities are the names that writers of HTML give to ASCII characters.
var namedEntities = [...]struct {
	text string
	char byte
}{
	{"&quot;", '"'}, {"&amp;", '&'}, {"&apos;", '\''}, {"&lt;", '<'}, {"&gt;", '>'}, {"&equals;", '='},
	{"&colon;", ':'}, {"&sol;", '/'}, {"&plus;", '+'}, {"&lowbar;", '_'}, {"&num;", '#'}, {"&nbsp;", ' '},
}

// escape reads one escape at the start of b that stands for an ASCII character:
// %63, \x63, \u0063, \u{63}, \/, &#99;, &#x63; or &amp;. Its width is 0 if there
// is none. Escapes that the forms of values know themselves, such as \n and \",
// are left.
func escape(b []byte) (char byte, width int) {
	if len(b) < 2 {
		return 0, 0
	}
	c := -1
	switch b[0] {
	case '%':
		if len(b) >= 3 {
			c, width = hexByte(b[1], b[2]), 3
		}
	case '\\':
		c, width = backslash(b)
	case '&':
		if b[1] == '#' {
			var r rune
			r, width = numericEntity(b)
			c = int(r)
			break
		}
		for _, e := range namedEntities {
			if len(b) >= len(e.text) && string(b[:len(e.text)]) == e.text {
				return e.char, len(e.text)
			}
		}
		return 0, 0
	}
	if width == 0 || c < 0 || c > 0x7e || !isText(byte(c)) {
		return 0, 0
	}
	return byte(c), width
}

// backslash reads \x63, \u0063, \u{63} or \/.
func backslash(b []byte) (char, width int) {
	switch b[1] {
	case '/':
		return '/', 2
	case 'x':
		if len(b) >= 4 {
			return hexByte(b[2], b[3]), 4
		}
	case 'u':
		if len(b) >= 6 && b[2] == '0' && b[3] == '0' {
			return hexByte(b[4], b[5]), 6
		}
		if len(b) >= 6 && b[2] == '{' && b[5] == '}' {
			return hexByte(b[3], b[4]), 6
		}
	}
	return 0, 0
}

// Escaped reports whether an escape begins in data[lo:hi); percent, whether those
// of URLs count.
func Escaped(data []byte, lo, hi int, percent bool) bool {
	return percent && escapedBy('%', data, lo, hi) || escapedBy('\\', data, lo, hi) || escapedBy('&', data, lo, hi)
}

func escapedBy(c byte, data []byte, lo, hi int) bool {
	for lo < hi {
		i := bytes.IndexByte(data[lo:hi], c)
		if i < 0 {
			return false
		}
		if _, width := escape(data[lo+i:]); width > 0 {
			return true
		}
		lo += i + 1
	}
	return false
}

// Unescape appends data[lo:hi) with the escapes of one level read to t, which is
// empty, and returns where in it data[i] is.
func Unescape(t Text, data []byte, lo, i, hi int, percent bool) (_ Text, at0 int) {
	t.grow(hi - lo)
	for p := lo; p < hi; {
		if p <= i {
			at0 = len(t.Bytes)
		}
		if mayEscape[data[p]] && (percent || data[p] != '%') {
			if c, width := escape(data[p:hi]); width > 0 {
				t.Add(c, p, p+width)
				p += width
				continue
			}
		}
		t.Add(data[p], p, p+1)
		p++
	}
	return t, at0
}

// MayEscape reports whether an escape begins in text, or may begin in it and go on
// behind its end.
func MayEscape(text []byte) bool {
	last := max(0, len(text)-MaxEscape+1)
	for _, c := range text[last:] {
		if mayEscape[c] {
			return true
		}
	}
	return Escaped(text, 0, last, true)
}

// mayEscape says which bytes begin an escape.
var mayEscape = [256]bool{'%': true, '\\': true, '&': true}
