// Package decode reads text that is written in another form: base64, hexadecimal
// digits, escapes of programming languages, URLs and HTML, and UTF-16. For every
// byte that it returns it gives the position in the original.
//
// It refuses to know rules and secrets: it decodes what is text (printable
// ASCII, tabs and line ends; all of UTF-16) and stops at everything else. Its invariant: all
// answers are pure functions of the bytes that they are asked about, take time
// linear in them and read nothing beside them.
package decode

import "slices"

// Scheme is a way to write bytes as text.
type Scheme uint8

// The schemes in which whole stretches of text are looked for.
const (
	Base64     Scheme = iota // standard and URL alphabet, at any alignment
	Hex                      // 63
	ByteEscape               // \x63
	UnitEscape               // \u0063
	Entity                   // &#99; and &#x63;
	Spread2                  // UTF-16: a character and a NUL; see Text.Last for the other order
	Spread4                  // UTF-32: a character and three NULs
	Schemes                  // how many there are
)

// String names the scheme for a report.
func (s Scheme) String() string {
	return [...]string{"base64", "hexadecimal digits", `\x escapes`, `\u escapes`, "HTML entities", "UTF-16", "UTF-32"}[s]
}

// The least lengths of a stretch that is taken for encoded text, in bytes of
// the original. Shorter ones are everywhere by chance.
var least = [Schemes]int{Base64: 24, Hex: 32, ByteEscape: 8 * 4, UnitEscape: 8 * 6, Entity: 8 * 5, Spread2: 8 * 2, Spread4: 8 * 4}

// Least is the length in bytes from which on a stretch counts as encoded text.
func (s Scheme) Least() int { return least[s] }

// Source is where a decoded byte comes from: original[From:To).
type Source struct{ From, To int32 }

// Text is decoded text with the source of each byte.
type Text struct {
	Bytes   []byte
	Sources []Source
}

// Empty is a text without a byte, in the room that t has.
func (t *Text) Empty() Text { return Text{t.Bytes[:0], t.Sources[:0]} }

// Add appends one byte.
func (t *Text) Add(b byte, from, to int) {
	t.Bytes = append(t.Bytes, b)
	t.Sources = append(t.Sources, Source{int32(from), int32(to)})
}

// Copy appends data[from:to) unchanged.
func (t *Text) Copy(data []byte, from, to int) {
	t.grow(to - from)
	t.Bytes = append(t.Bytes, data[from:to]...)
	for i := from; i < to; i++ {
		t.Sources = append(t.Sources, Source{int32(i), int32(i) + 1})
	}
}

func (t *Text) grow(n int) {
	t.Bytes, t.Sources = slices.Grow(t.Bytes, n), slices.Grow(t.Sources, n)
}

// Replace appends text in place of original[from:to).
func (t *Text) Replace(text []byte, from, to int) {
	for _, b := range text {
		t.Add(b, from, to)
	}
}

// Span is where the text [from, to), which is not empty, is in the original.
func (t *Text) Span(from, to int) (int, int) {
	return int(t.Sources[from].From), int(t.Sources[to-1].To)
}

// Group is where the group of characters begins and ends that spells byte i of a
// text that Forward gave, all of whose groups are complete.
func (t *Text) Group(i int, s Scheme) (from, to int) {
	from, to = int(t.Sources[i].From), int(t.Sources[i].To)
	if s == Base64 {
		from -= i % 3
		return from, from + 4
	}
	return from, to
}

// isText reports whether b is a byte of plain text.
func isText(b byte) bool { return ' ' <= b && b < 0x7f || b == '\n' || b == '\t' || b == '\r' }

// unit is what one group of characters stands for: n bytes of text, spelled by
// width bytes. Its width is 0 if no such group stands there.
type unit struct {
	text  [3]byte
	n     int
	width int
}

// at reads the group that begins at i and ends before limit.
func at(data []byte, i, limit int, s Scheme) unit {
	switch s {
	case Base64:
		return quad(data, i, limit)
	case Hex:
		if i+2 <= limit {
			return single(hexByte(data[i], data[i+1]), 2)
		}
	case ByteEscape:
		if i+4 <= limit && data[i] == '\\' && data[i+1]|0x20 == 'x' {
			return single(hexByte(data[i+2], data[i+3]), 4)
		}
	case UnitEscape:
		if i+6 <= limit && data[i] == '\\' && data[i+1]|0x20 == 'u' && data[i+2] == '0' && data[i+3] == '0' {
			return single(hexByte(data[i+4], data[i+5]), 6)
		}
	case Spread2:
		if i+2 <= limit && data[i+1] == 0 {
			return single(int(data[i]), 2)
		}
	case Spread4:
		if i+4 <= limit && data[i+1]|data[i+2]|data[i+3] == 0 {
			return single(int(data[i]), 4)
		}
	case Entity:
		c, width := numericEntity(data[i:limit])
		if width > 0 && c < 0x80 {
			return single(int(c), width)
		}
	}
	return unit{}
}

// complete reports whether a group of all its characters begins at i.
func complete(data []byte, i, limit int, s Scheme) bool {
	u := at(data, i, limit, s)
	return u.n == 3 || u.n == 1 && s != Base64
}

func single(b, width int) unit {
	if b < 0 || !isText(byte(b)) {
		return unit{}
	}
	return unit{[3]byte{byte(b)}, 1, width}
}

// quad reads four characters of base64, or the last two or three of a run.
func quad(data []byte, i, limit int) unit {
	if i+4 <= limit {
		a, b, c, d := value[data[i]], value[data[i+1]], value[data[i+2]], value[data[i+3]]
		if a|b|c|d < 64 {
			u := unit{[3]byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | d}, 3, 4}
			if isText(u.text[0]) && isText(u.text[1]) && isText(u.text[2]) {
				return u
			}
			return unit{}
		}
	}
	return tail(data, i, limit)
}

// tail reads the two or three characters that end a run of base64, with the
// marks that fill them up to four.
func tail(data []byte, i, limit int) unit {
	n := 0
	for n < 3 && i+n < limit && value[data[i+n]] < 64 {
		n++
	}
	if n < 2 || i+n < limit && value[data[i+n]] < 64 {
		return unit{}
	}
	a, b := value[data[i]], value[data[i+1]]
	u := unit{text: [3]byte{a<<2 | b>>4}, n: 1, width: 2}
	if n == 3 {
		u.text[1], u.n, u.width = b<<4|value[data[i+2]]>>2, 2, 3
	}
	for k := range u.n {
		if !isText(u.text[k]) {
			return unit{}
		}
	}
	for u.width < 4 && i+u.width < limit && data[i+u.width] == '=' {
		u.width++
	}
	return u
}

// add appends the group u that begins at i.
func (t *Text) add(u unit, i int, s Scheme) {
	if s != Base64 {
		t.Add(u.text[0], i, i+u.width)
		return
	}
	for k := range u.n { // byte k is spelled by the characters k and k+1
		t.Add(u.text[k], i+k, i+k+2)
	}
}

// value is the number that a character of base64 stands for; 0xff for others.
var value = func() (v [256]uint8) {
	for i := range v {
		v[i] = 0xff
	}
	for i := range 26 {
		v['A'+i], v['a'+i] = uint8(i), uint8(26+i)
	}
	for i := range 10 {
		v['0'+i] = uint8(52 + i)
	}
	v['+'], v['-'], v['/'], v['_'] = 62, 62, 63, 63
	return v
}()

// hexByte is what two hexadecimal digits stand for, or -1.
func hexByte(a, b byte) int {
	hi, lo := digit[a], digit[b]
	if hi|lo > 15 {
		return -1
	}
	return int(hi)<<4 | int(lo)
}

// digit is what a hexadecimal digit stands for; 0xff for others.
var digit = func() (v [256]uint8) {
	for i := range v {
		v[i] = 0xff
	}
	for i := range 10 {
		v['0'+i] = uint8(i)
	}
	for i := range 6 {
		v['a'+i], v['A'+i] = uint8(10+i), uint8(10+i)
	}
	return v
}()
