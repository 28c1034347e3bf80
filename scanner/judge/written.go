package judge

import "bytes"

// isMixed says whether a value mixes all kinds of characters as a generator of
// passwords does, and no template with its few words.
func (s *shape) isMixed() bool {
	return s.lower > 1 && s.upper > 1 && s.digit > 1 && s.mark > 1 && s.spaces == 0 && s.slashes == 0 && s.n >= 10 && s.odds > 0.8*float64(s.n)
}

// isPattern knows regular expressions by their classes: \s*, \d+, [^"]+, [a-z0-9], .*?
func isPattern(v []byte) bool {
	for i := 0; i+2 < len(v); i++ {
		switch v[i] {
		case '\\':
			many := v[i+2] == '*' || v[i+2] == '+' || v[i+2] == '{'
			if many && bytes.IndexByte([]byte("sdwSDW"), v[i+1]) >= 0 {
				return true
			}
		case '[':
			end := bytes.IndexByte(v[i+2:], ']')
			if end < 0 {
				continue
			}
			class := v[i+1 : i+2+end]
			if class[0] == '^' || bytes.Contains(class, []byte("a-z")) || bytes.Contains(class, []byte("A-Z")) || bytes.Contains(class, []byte("0-9")) {
				return true
			}
		case '.':
			if (v[i+1] == '*' || v[i+1] == '+') && bytes.IndexByte([]byte("?$)"), v[i+2]) >= 0 {
				return true
			}
		}
	}
	return false
}

// isBytes knows binary data spelt out in a string by two or more escapes: \x12,
// \012, or the letters that stand for control characters.
func isBytes(v []byte) bool {
	found := 0
	for i := 0; i+1 < len(v); i++ {
		if v[i] != '\\' {
			continue
		}
		i++
		hex := v[i] == 'x' && i+2 < len(v) && isHexDigit(v[i+1]) && isHexDigit(v[i+2])
		octal := isNumber(v[i]) && i+2 < len(v) && isNumber(v[i+1]) && isNumber(v[i+2])
		if hex || octal || bytes.IndexByte([]byte("abfv"), v[i]) >= 0 {
			if found++; found == 2 {
				return true
			}
		}
	}
	return false
}

// isBaselineHash knows the keyed hashes of our own baselines, whose lines begin
// with the id of a rule.
func isBaselineHash(v []byte) bool {
	if len(v) != 34 || v[0] != 'f' && v[0] != 's' || v[1] != ':' {
		return false
	}
	for _, c := range v[2:] {
		if !isHexDigit(c) {
			return false
		}
	}
	return true
}

// isSign reports whether v is an escape or two and nothing else: a sign for people,
// such as a tick.
func isSign(v []byte) bool {
	const one = len(`\u2713`)
	if len(v) != one && len(v) != 2*one {
		return false
	}
	for i := 0; i < len(v); i += one {
		if v[i] != '\\' || v[i+1] != 'u' {
			return false
		}
		for _, c := range v[i+2 : i+one] {
			if !isHexDigit(c) {
				return false
			}
		}
	}
	return true
}

// isGlyph says whether v is one character by its number: of an icon in a style
// sheet (\e033, also with the backslash escaped) or in HTML (&#x2713;).
func isGlyph(v []byte) bool {
	if body, ok := bytes.CutPrefix(v, []byte("&#")); ok {
		v = bytes.TrimSuffix(bytes.TrimPrefix(body, []byte("x")), []byte(";"))
	} else if body := bytes.TrimLeft(v, `\`); len(body) < len(v) && len(body) <= 6 {
		v = body
	} else {
		return false
	}
	for _, c := range v {
		if !isHexDigit(c) {
			return false
		}
	}
	return len(v) >= 3
}

func isHexDigit(c byte) bool { return isNumber(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
