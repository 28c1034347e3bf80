package ignore

import "strings"

// bracket reads a bracket expression whose first byte behind "[" is s[i]. It
// returns the set of bytes and where the expression ends; the set is nil if the
// expression is malformed. With fold, set is asked about lower-case letters
// only. A slash is never a member.
func bracket(s string, i int, fold bool) (*[256]bool, int) {
	b := bracketReader{s: s, i: i, fold: fold}
	negated := i < len(s) && (s[i] == '!' || s[i] == '^')
	if negated {
		b.i++
	}
	// The first byte is a member even if it is "]".
	for first := true; first || b.i >= len(s) || s[b.i] != ']'; first = false {
		if !b.member() {
			return nil, 0
		}
	}
	for c := range b.set {
		b.set[c] = b.set[c] != negated
	}
	b.set['/'] = false
	return &b.set, b.i + 1
}

type bracketReader struct {
	s    string
	i    int
	prev byte // the last single byte, which a "-" may make a range of; 0 for none
	set  [256]bool
	fold bool
}

// member reads one byte, range or class; it is false at the end of the text or
// at a class that git does not know.
func (b *bracketReader) member() bool {
	if b.i >= len(b.s) {
		return false
	}
	c := b.s[b.i]
	rest := b.s[b.i+1:]
	switch {
	case c == '\\':
		if rest == "" {
			return false
		}
		b.i += 2
		b.single(rest[0])
		return true
	case c == '-' && b.prev != 0 && rest != "" && rest[0] != ']':
		return b.span()
	case c == '[' && strings.HasPrefix(rest, ":"):
		return b.class()
	}
	b.i++
	b.single(c)
	return true
}

func (b *bracketReader) single(c byte) {
	b.set[c] = true
	b.prev = c
}

func (b *bracketReader) span() bool {
	b.i++
	high := b.s[b.i]
	if high == '\\' {
		b.i++
		if b.i == len(b.s) {
			return false
		}
		high = b.s[b.i]
	}
	b.i++
	for c := int(b.prev); c <= int(high); c++ {
		b.set[c] = true
		if b.fold {
			b.set[lowerByte(byte(c))] = true
		}
	}
	b.prev = 0
	return true
}

// class reads "[:name:]". Without the closing ":]" the "[" is a plain member.
func (b *bracketReader) class() bool {
	body := b.s[b.i+2:]
	end := strings.IndexByte(body, ']')
	if end < 0 {
		return false
	}
	if end == 0 || body[end-1] != ':' {
		b.i++
		b.single('[')
		return true
	}
	in := classes(body[:end-1], b.fold)
	if in == nil {
		return false
	}
	for c := range 128 {
		if in(byte(c)) {
			b.set[c] = true
		}
	}
	b.i += 2 + end + 1
	b.prev = 0
	return true
}

// classes returns the members of a POSIX class among the ASCII bytes, or nil.
func classes(name string, fold bool) func(byte) bool {
	between := func(low, high byte) func(byte) bool {
		return func(c byte) bool { return low <= c && c <= high }
	}
	isLower, isUpper, isDigit := between('a', 'z'), between('A', 'Z'), between('0', '9')
	isAlpha := func(c byte) bool { return isLower(c) || isUpper(c) }
	isAlnum := func(c byte) bool { return isAlpha(c) || isDigit(c) }
	isGraph := between('!', '~')
	switch name {
	case "alnum":
		return isAlnum
	case "alpha":
		return isAlpha
	case "blank":
		return func(c byte) bool { return c == ' ' || c == '\t' }
	case "cntrl":
		return func(c byte) bool { return c < ' ' || c == 127 }
	case "digit":
		return isDigit
	case "graph":
		return isGraph
	case "lower":
		return isLower
	case "print":
		return between(' ', '~')
	case "punct":
		return func(c byte) bool { return isGraph(c) && !isAlnum(c) }
	case "space":
		return func(c byte) bool { return strings.IndexByte(" \t\n\v\f\r", c) >= 0 }
	case "upper":
		if fold {
			return isAlpha
		}
		return isUpper
	case "xdigit":
		return func(c byte) bool { return isDigit(c) || strings.IndexByte("abcdefABCDEF", c) >= 0 }
	}
	return nil
}
