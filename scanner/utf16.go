package scanner

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeUTF16 turns UTF-16 with a byte order mark into UTF-8; false if data has
// no such mark. An odd last byte and lone surrogates become U+FFFD.
func decodeUTF16(data []byte) ([]byte, bool) {
	if !isUTF16(data) {
		return nil, false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if data[0] == 0xfe {
		order = binary.BigEndian
	}
	text := make([]byte, 0, len(data)/2)
	for rest := data[2:]; len(rest) > 0; {
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
	var order binary.ByteOrder = binary.LittleEndian
	if data[0] == 0xfe {
		order = binary.BigEndian
	}
	at := 2
	for off > 0 && at < len(data) {
		r, n := utf16Rune(data[at:], order)
		at += n
		off -= utf8.RuneLen(r)
	}
	return at
}
