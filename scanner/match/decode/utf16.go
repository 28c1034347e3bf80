package decode

import (
	"encoding/binary"
	"io"
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

// UTF16Order reports whether data is UTF-16, in which order its bytes are, and where
// its text begins. That is behind the byte order mark. Data without a mark is taken
// for UTF-16 if it starts with plain text and NUL bytes in turn. How it begins is all that
// is looked at: behind that, it may hold other text too.
func UTF16Order(data []byte) (order binary.ByteOrder, text int, ok bool) {
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

// IsUTF16 reports whether data is UTF-16.
func IsUTF16(data []byte) bool {
	_, _, ok := UTF16Order(data)
	return ok
}

// UTF16 turns UTF-16 into UTF-8; false if data is something else. An odd
// last byte and lone surrogates become U+FFFD.
func UTF16(data []byte) ([]byte, bool) {
	order, at, ok := UTF16Order(data)
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

// otherUnits is how many units in a row have to have an upper byte, so that other text may
// stand there. Of four bytes of it so many have one, wherever they begin.
const otherUnits = 2

// MayHoldOther reports whether text that is not UTF-16 of this order, or not aligned as the
// rest is, may stand in a content that begins so, or in a part of it that begins at a unit.
// All such text is misread as characters beyond U+00FF, which have an upper byte; so it is
// also true of scripts that have these in a row. It is true of an odd number of bytes,
// which ends in half a character. Fewer than four bytes of other text do not count.
func MayHoldOther(data []byte, order binary.ByteOrder) bool {
	upper := uint64(0x00ff00ff00ff00ff) // which bytes of four units
	if order == binary.LittleEndian {
		upper <<= 8
	}
	for run := 0; len(data) > 1; {
		if len(data) >= 8 && binary.LittleEndian.Uint64(data)&upper == 0 {
			data, run = data[8:], 0
			continue
		}
		if order.Uint16(data) <= 0xff {
			run = 0
		} else if run++; run == otherUnits {
			return true
		}
		data = data[2:]
	}
	return len(data) > 0
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

// UTF16Length is how many bytes of UTF-16 became text, which is what UTF16 gave or
// a part of it. An odd last byte is not counted, and a character that is cut in two
// counts where it begins.
func UTF16Length(text []byte) (n int) {
	for _, c := range text {
		switch {
		case c >= 0xf0: // a pair
			n += 4
		case c < 0x80 || c >= 0xc0:
			n += 2
		}
	}
	return n
}

// utf16Reader is what NewUTF16Reader returns.
type utf16Reader struct {
	from  io.Reader
	order binary.ByteOrder
	raw   []byte // read, and not yet decoded
	text  []byte // decoded, and not yet given
	room  []byte // of raw
	out   []byte // of text
	err   error
}

// NewUTF16Reader gives the text of UTF-16, as UTF16 does, piece by piece. The text
// begins behind the first skip bytes.
func NewUTF16Reader(from io.Reader, order binary.ByteOrder, skip int) io.Reader {
	u := &utf16Reader{from: from, order: order, room: make([]byte, 0, 32<<10)}
	if _, err := io.CopyN(io.Discard, from, int64(skip)); err != nil {
		u.err = err
	}
	return u
}

// Read implements io.Reader.
func (u *utf16Reader) Read(b []byte) (int, error) {
	for len(u.text) == 0 {
		if u.err != nil && len(u.raw) == 0 {
			return 0, u.err
		}
		u.decode()
	}
	n := copy(b, u.text)
	u.text = u.text[n:]
	return n, nil
}

// decode reads on and decodes all but what the next bytes may belong to.
func (u *utf16Reader) decode() {
	if u.err == nil {
		buf := append(u.room[:0], u.raw...)
		var n int
		n, u.err = u.from.Read(buf[len(buf):cap(buf)])
		u.raw = buf[:len(buf)+n]
	}
	u.text = u.out[:0]
	for len(u.raw) >= 4 || len(u.raw) > 0 && u.err != nil {
		r, n := utf16Rune(u.raw, u.order)
		u.text = utf8.AppendRune(u.text, r)
		u.raw = u.raw[n:]
	}
	u.out = u.text
}
