package judge

import (
	"bytes"
	"unicode/utf8"
)

// plainText decodes base64 that holds nothing but printable ASCII, which random
// bytes of that length do about never. Only such a value is decoded in full:
// most end at their first byte beyond ASCII.
func plainText(v []byte) ([]byte, bool) {
	if len(v) < 12 || !decode(nil, v, '~') {
		return nil, false
	}
	text := make([]byte, 0, len(v))
	decode(&text, v, '~')
	return text, true
}

// foreignPair decodes user and password that hold letters beyond ASCII.
func foreignPair(v []byte) (user, pass []byte, ok bool) {
	text := make([]byte, 0, len(v))
	if len(v) < 12 || !decode(&text, v, 0xff) || !utf8.Valid(text) {
		return nil, nil, false
	}
	user, pass, ok = bytes.Cut(text, []byte(":"))
	return user, pass, ok && len(user) > 0 && len(pass) > 0
}

// decode reads base64 and appends it to text, if that is not nil. It reports
// whether all of it is printable, up to a last byte that counts as such.
func decode(text *[]byte, v []byte, last byte) bool {
	bits, held := uint32(0), 0
	for i, c := range v {
		d := sixBits(c)
		if d == 0xff {
			return c == '=' && i >= len(v)-2
		}
		bits, held = bits<<6|uint32(d), held+6
		if held < 8 {
			continue
		}
		held -= 8
		c = byte(bits >> held)
		if (c < ' ' || c > last || c == 0x7f) && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
		if text != nil {
			*text = append(*text, c)
		}
	}
	return true
}

func sixBits(c byte) byte {
	switch {
	case isUpper(c):
		return c - 'A'
	case isLower(c):
		return c - 'a' + 26
	case isNumber(c):
		return c - '0' + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return 0xff
}

// encoded judges a value by the text that it encodes: user:password of basic
// authentication, or anything else. It is done if that settles the matter.
func (h *hearing) encoded(text []byte) (confidence float64, done bool) {
	for i, c := range text {
		if c == ':' && i > 0 && i+1 < len(text) {
			return h.pair(text[:i], text[i+1:])
		}
		if !isWordByte(c) && c != '.' && c != '@' && c != '+' {
			break
		}
	}
	text = bytes.TrimSpace(text)
	s := h.model.measure(text)
	switch why := h.model.notItself(text, &s, '"'); why {
	case none, emailValue, dottedName: // what some derive a password from
	default:
		return h.drop(why, 0.2), true
	}
	if h.model.placeholder(text, &s, false) != none || s.odds < 0 || s.digit == 0 && (s.spaces >= 2 || s.odds < leastOdds(&s)) {
		return h.drop(encodedText, 0.2), true
	}
	return 0, false
}

// follows says whether the value stands right behind a scheme of HTTP
// authentication, given in lower case with its blank.
func (h *hearing) follows(window []byte, scheme string) bool {
	return len(window) >= len(scheme) && h.model.find(window[len(window)-len(scheme):], scheme) == 0
}

// pair judges user:password. Somebody has sent what is ready to be sent, so
// that even a weak password counts for more here than elsewhere.
func (h *hearing) pair(user, pass []byte) (confidence float64, done bool) {
	s := h.model.measure(pass)
	if len(pass) > 0 && h.model.notItself(pass, &s, '"') != none {
		return h.drop(template, 0.1), true
	}
	h.say(proofStructure)
	switch {
	case string(user) == string(pass):
		return h.weak(sameAsUser, defaultAt), true
	case isDefaultPassword(pass), h.model.placeholder(pass, &s, false) != none:
		return h.weak(defaultPassword, envWordAt), true
	case isLeet(pass), holdsCredentialWord(pass) && s.digit == 0:
		return h.weak(speaksOfSecrets, envWordAt), true
	case s.lower+s.upper == s.n && s.odds < 4:
		return h.weak(plainWord, envWordAt), true
	}
	return mixedAt + 0.05, true
}
