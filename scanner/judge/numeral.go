package judge

import "bytes"

// isNumeral says whether v is a number as code writes it: 0x4f, 0b11, 0o17.
func isNumeral(v []byte) bool {
	if len(v) < 3 || v[0] != '0' || v[1]|0x20 != 'x' && v[1]|0x20 != 'b' && v[1]|0x20 != 'o' {
		return false
	}
	for _, c := range v[2:] {
		if !isNumber(c) && c != '_' && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// isFloat says whether v is a number with a point and an exponent: 9.2e+18.
func isFloat(v []byte) bool {
	whole, rest, _ := bytes.Cut(v, []byte("."))
	fraction, exponent, ok := bytes.Cut(rest, []byte("e"))
	exponent = bytes.TrimLeft(exponent, "+-")
	return ok && isDigits(whole) && isDigits(fraction) && isDigits(exponent)
}

func isDigits(v []byte) bool {
	for _, c := range v {
		if !isNumber(c) {
			return false
		}
	}
	return len(v) > 0
}

// isRelease says whether v starts as the number of a release does, with
// anything behind it: 1.2.3-rc.1, 5.0.1(react@18.2.0).
func isRelease(v []byte) bool {
	if len(v) > 0 && (v[0] == 'v' || v[0] == '^' || v[0] == '~') {
		v = v[1:]
	}
	for part := range 3 {
		i := 0
		for i < len(v) && i < 5 && isNumber(v[i]) {
			i++
		}
		if i == 0 {
			return false
		}
		v = v[i:]
		if part < 2 {
			if len(v) == 0 || v[0] != '.' {
				return false
			}
			v = v[1:]
		}
	}
	return len(v) == 0 || bytes.IndexByte([]byte("-+(.:/ "), v[0]) >= 0
}

// isDuration knows 6.hours and the like, a call on a number.
func isDuration(v []byte) bool {
	number, word, ok := bytes.Cut(v, []byte("."))
	if !ok || !isDigits(number) || len(word) < 3 {
		return false
	}
	for _, c := range word {
		if !isLower(c) {
			return false
		}
	}
	return true
}

// holdsPercentName knows %NAME inside of a value, which a template fills in.
// Percent encodings have two hex digits and go on in other ways.
func holdsPercentName(v []byte) bool {
	i := bytes.IndexByte(v, '%')
	if i < 0 {
		return false
	}
	n := 0
	for _, c := range v[i+1:] {
		if !isUpper(c) && c != '_' {
			break
		}
		n++
	}
	return n >= 5
}
