package lex

const fallbackReach = 160

// orLiteral reads an expression from i on and takes the literal that stands in
// when the expression has no value: x || "v", x ?? "v", c ? x : "v",
// getenv("X", "v"), x or "v", x.unwrap_or("v"). It stays in the statement.
func (l *lexer) orLiteral(i int) bool {
	v := l.fallback(i)
	if v < 0 {
		return false
	}
	l.out.Ref = true
	return l.literal(v)
}

// fallback returns where the literal of orLiteral begins, or -1.
func (l *lexer) fallback(i int) int {
	depth, getter, ternary, argument := 0, false, false, false
	for n := i; n < i+fallbackReach && l.has(n); n++ {
		v := -1
		switch c := l.win[n]; c {
		case '"', '\'', '`':
			_, next := l.closing(n+1, c, 0, false)
			if next <= 0 {
				return -1
			}
			n = next - 1
			argument = true
		case '(', '[':
			depth++
			getter, argument = c == '(' && l.isGetter(i, n), false
		case ')', ']':
			if depth--; depth < 0 {
				return -1
			}
		case ',':
			if depth == 0 {
				return -1
			}
			if getter && argument && depth == 1 {
				v = l.afterKeyword(l.skipSpace(n + 1))
			}
		case '|', '?':
			v, n, ternary = l.choice(n, ternary)
		case ':':
			if ternary && depth == 0 {
				v = l.skipSpace(n + 1)
			}
		case 'o':
			if class[l.at(n-1)]&(space) != 0 && l.hasWord(n, "or ") {
				v = l.skipBlank(n + 3)
			}
		case '.':
			if w := l.alternative(n + 1); w > 0 {
				return w
			}
		case '\n':
			if depth == 0 && !l.continues(n) {
				return -1
			}
		case '=':
			if l.at(n+1) == '>' {
				return -1
			}
		case ';', '{', '}', '#', '\\':
			return -1
		}
		if v > 0 && l.startsLiteral(v) {
			return v
		}
	}
	return -1
}

// choice looks at a '|' or '?' at n. It returns where the operand begins or -1,
// the last offset of the operator, and whether a ':' is to come.
func (l *lexer) choice(n int, ternary bool) (int, int, bool) {
	c, next := l.win[n], l.at(n+1)
	switch {
	case next == c || c == '?' && next == ':':
		v := n + 2
		if l.at(v) == '=' {
			v++
		}
		return l.skipSpace(v), n + 1, ternary
	case c == '|' || next == '.' || next == '-':
		return -1, n, ternary
	}
	return l.skipSpace(n + 1), n, true
}

// continues reports whether the line after the line end at n goes on with the
// expression.
func (l *lexer) continues(n int) bool {
	switch n = l.skipSpace(n); l.at(n) {
	case '|', '?', ':', '.':
		return true
	case 'o':
		return l.hasWord(n, "or ")
	}
	return false
}

// afterKeyword skips the keyword of a default argument at i.
func (l *lexer) afterKeyword(i int) int {
	for _, k := range [...]string{"default=", "fallback=", "default:", "default_value="} {
		if l.hasWord(i, k) {
			return l.skipBlank(i + len(k))
		}
	}
	return i
}

// alternative returns where the literal in a method that gives one begins:
// unwrap_or("v"), orElse("v"). The method's name is at i.
func (l *lexer) alternative(i int) int {
	switch {
	case l.hasWord(i, "unwrap_or"), l.hasWord(i, "orElse"), l.hasWord(i, "getOrElse"), l.hasWord(i, "or_else"),
		l.hasWord(i, "withDefault"), l.hasWord(i, "default("):
	default:
		return -1
	}
	for n := i; n < i+40; n++ {
		if c := l.at(n); class[c]&quote != 0 {
			return n
		} else if c == '\n' || c == 0 {
			return -1
		}
	}
	return -1
}

// isGetter reports whether the call whose '(' is at n looks something up and
// may take a default as its second argument.
func (l *lexer) isGetter(from, n int) bool {
	s := n
	for s > from && n-s < 32 && class[l.win[s-1]]&ident != 0 {
		s--
	}
	name := l.win[s:n]
	if len(name) == 0 {
		return false
	}
	switch string(name) {
	case "get", "fetch", "config", "getProperty", "var", "str", "string", "getString", "Get", "GetString",
		"getOrDefault", "get_or_default", "option", "opt", "lookup", "getOr", "default", "setting":
		return true
	}
	for i := 0; i+3 <= len(name); i++ {
		if equalFold(name[i:i+3], "env") {
			return true
		}
	}
	return false
}
