package lex

// HopelessReach is how many bytes behind an anchor are worth showing to
// Hopeless.
const HopelessReach = 16

// Hopeless reports whether At returns false for every window in which these bytes
// follow the anchor directly. It may err towards false.
func Hopeless(behind []byte) bool {
	e := 0
	for e < len(behind) && class[behind[e]]&inName != 0 {
		e++
	}
	if e+1 >= len(behind) {
		return false
	}
	c, next := behind[e], behind[e+1]
	if class[c]&afterName == 0 || e > 0 && (behind[e-1] == '.' || behind[e-1] == '-') {
		return true
	}
	switch c {
	case '=':
		return next == '~' // "==" may compare the name with a literal
	case '(':
		// An argument that is no literal.
		return class[next]&(space|quote) == 0 && !mayOpen(next) && !mayWrap(behind[e+1:])
	case '[':
		return next != ']' && (next < '0' || next > '9')
	case '*':
		return next != '*'
	case ',':
		if next == ' ' && e+2 < len(behind) {
			next = behind[e+2]
			return class[next]&(space|quote) == 0 && next != noBreak[0] && next != 'v'
		}
		return class[next]&(ident|quote|space) == 0 && next != noBreak[0]
	case ';':
		return next != 'i'
	case '}':
		return next != '=' && next != ' ' && next != '\t' && next != noBreak[0]
	case ']':
		return class[next]&ident == 0
	case noBreak[0]:
		return next != noBreak[1]
	case ' ', '\t', '"', '\'', '`':
		i := e + 1
		for i < len(behind) && (behind[i] == ' ' || behind[i] == '\t') {
			i++
		}
		if i == len(behind) {
			return false
		}
		if behind[i] == ';' && class[c]&quote != 0 {
			return i+1 < len(behind) && behind[i+1] != 's' // as serialized reads on
		}
		if behind[i] == noBreak[0] {
			return false
		}
		if class[c]&quote != 0 {
			return !mayFollowQuote(behind[i]) && (i == e+1 || class[behind[i]]&(letter|quote) == 0)
		}
		return !mayFollowBlank(behind[i])
	}
	return false
}

// mayOpen reports whether a literal in quotes, or its prefix, may begin with c.
func mayOpen(c byte) bool {
	switch c {
	case '\\', 'r', 'R', 'b', 'B', 'u', 'U', 'f', 'F', 'L', 'N', '8', '@', '$', '#':
		return true
	}
	return class[c]&quote != 0
}

// mayWrap reports whether wrappedArgument may read on at what these bytes begin.
func mayWrap(behind []byte) bool {
	if class[behind[0]]&letter == 0 {
		return false
	}
	n := 0
	for n < len(behind) && class[behind[n]]&inName != 0 {
		n++
	}
	return n == len(behind) || behind[n] == '(' && isWrapper(behind[:n])
}

// mayFollowQuote lists what quotedName reads on at.
func mayFollowQuote(c byte) bool {
	switch c {
	case ':', '=', ',', ']', ')', '>', '{', '}', '/', '\n', '\r', '\\':
		return true
	}
	return false
}

// mayFollowBlank lists what afterBlank reads on at.
func mayFollowBlank(c byte) bool {
	switch c {
	case '=', ':', '?', '!', '|', '<', '\\', '/', '+', '{':
		return true
	case '-':
		return true
	case '$':
		return false
	}
	return class[c]&(quote|ident) != 0
}
