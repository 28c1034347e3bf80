package scanner

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// plainUnits is how many characters at the start of UTF-16 without a byte order
// mark have to be ASCII, so that it is taken for such; the least is for contents
// that are shorter.
const (
	plainUnits      = 16
	leastPlainUnits = 8
)

// utf16Order tells whether data is UTF-16, in which order its bytes are, and
// where its text begins: behind a byte order mark, or, without one, at the start
// if that alternates between plain text and NUL.
func utf16Order(data []byte) (order binary.ByteOrder, text int, ok bool) {
	if len(data) < 2 {
		return nil, 0, false
	}
	switch {
	case data[0] == 0xff && data[1] == 0xfe:
		return binary.LittleEndian, 2, true
	case data[0] == 0xfe && data[1] == 0xff:
		return binary.BigEndian, 2, true
	case data[1] == 0:
		order = binary.LittleEndian
	case data[0] == 0:
		order = binary.BigEndian
	default:
		return nil, 0, false
	}
	units := min(len(data)/2, plainUnits)
	for i := range units {
		if c := order.Uint16(data[2*i:]); (c < ' ' || c > '~') && c != '\n' && c != '\r' && c != '\t' {
			return nil, 0, false
		}
	}
	return order, 0, units >= leastPlainUnits
}

// isUTF16 tells whether data is UTF-16.
func isUTF16(data []byte) bool {
	_, _, ok := utf16Order(data)
	return ok
}

// decodeUTF16 turns UTF-16 into UTF-8; false if data is something else. An odd
// last byte and lone surrogates become U+FFFD.
func decodeUTF16(data []byte) ([]byte, bool) {
	order, at, ok := utf16Order(data)
	if !ok {
		return nil, false
	}
	text := make([]byte, 0, len(data)/2)
	for rest := data[at:]; len(rest) > 0; {
		r, n := utf16Rune(rest, order)
		text = utf8.AppendRune(text, r)
		rest = rest[n:]
	}
	return text, true
}

// utf16Rune reads one rune and how many bytes it takes.
func utf16Rune(b []byte, order binary.ByteOrder) (rune, int) {
	if len(b) < 2 {
		return utf8.RuneError, 1
	}
	r := rune(order.Uint16(b))
	if !utf16.IsSurrogate(r) {
		return r, 2
	}
	if len(b) >= 4 {
		if full := utf16.DecodeRune(r, rune(order.Uint16(b[2:]))); full != utf8.RuneError {
			return full, 4
		}
	}
	return utf8.RuneError, 2
}

// utf16Offset turns an offset into the UTF-8 of data into one into data.
func utf16Offset(data []byte, off int) int {
	order, at, _ := utf16Order(data)
	for off > 0 && at < len(data) {
		r, n := utf16Rune(data[at:], order)
		at += n
		off -= utf8.RuneLen(r)
	}
	return at
}
