package lex

// mode says what may stand where a value is read.
type mode uint8

const (
	literalOnly mode = 1 << iota // only a literal in quotes
	colon                        // after a colon: YAML, or a type may come first
	typed                        // after a TypeScript "?:"
	query                        // in a URL's query string
	userinfo                     // in a URL before the '@'
	cliWord                      // a word of a command line
)

// value reads the value that begins at i, blanks allowed.
func (l *lexer) value(i int, m mode) bool {
	i = l.skipBlank(i)
	if j := l.comment(i); j > i {
		return l.startsLiteral(j) && !l.isKey(j) && l.literal(j)
	}
	if c := l.at(i); c == '\n' || c == '\r' {
		return l.nextLine(i, m)
	}
	if l.startsLiteral(i) {
		if j := l.joinedList(i); j > 0 {
			return l.literal(j)
		}
		return l.operand(i)
	}
	if ok, read := l.marked(i, m); read {
		return ok
	}
	if m&(colon|typed) != 0 {
		if j := l.annotation(i); j > 0 {
			return l.value(j, literalOnly)
		}
	}
	if m&(literalOnly|typed) != 0 {
		return l.wrapped(i)
	}
	return l.bare(i, m)
}

// nextLine reads a value on the lines after the one that ends at i.
func (l *lexer) nextLine(i int, m mode) bool {
	if m == colon {
		if j := l.listItem(i); j > 0 {
			return l.item(j)
		}
		if ok, read := l.nested(l.skipSpace(i)); read {
			return ok
		}
	}
	// Formatters put a long literal on the next line.
	i = l.skipSpace(i)
	if m == 0 && class[l.at(i)]&letter != 0 && l.at(i-1) == ' ' {
		return l.wrapped(i)
	}
	if m == colon && !l.startsLiteral(i) && l.isLongLast(i) {
		return l.bare(i, cliWord)
	}
	return l.startsLiteral(i) && !l.isKey(i) && l.literal(i)
}

// marked reads a value by the mark that it begins with at i. It tells too whether there
// is one: else a type, a call or a word may come.
func (l *lexer) marked(i int, m mode) (ok, read bool) {
	next := l.at(i + 1)
	switch l.at(i) {
	case 0, '#', ',', ';', ')', '}', ']':
		return false, true
	case '<':
		if next == '<' {
			return l.heredoc(i), true
		}
		return m&^literalOnly == 0 && l.cast(i+1), true
	case '&':
		if m&colon != 0 && l.annotation(i) < 0 {
			return l.anchored(i), true
		}
	case '|', '>':
		return m&colon != 0 && m&literalOnly == 0 && l.block(i+1), true
	case '(':
		j := l.skipSpace(i + 1)
		return l.startsLiteral(j) && l.literal(j), true
	case '[':
		return l.bracket(i, m)
	case 'q':
		if m&^literalOnly == 0 && l.perlQuote(i+1) {
			return true, true
		}
	case '{':
		if j := l.firstOf(i + 1); j > 0 {
			return l.literal(j), true
		}
		if ok, read := l.nested(l.skipSpace(i + 1)); read {
			return ok, true
		}
		// JSX: token={"v"}
		return l.startsLiteral(i+1) && l.literal(i+1) && l.at(l.afterValue()) == '}', true
	case '!':
		if m&colon != 0 {
			return l.hasWord(i, "!!str ") && l.value(i+len("!!str "), m), true
		}
	case '*':
		if next == '*' && l.at(i+2) == ' ' {
			return m&colon != 0 && l.value(i+3, m&^colon), true
		}
		if next == '*' && (m&colon != 0 || class[l.at(i+2)]&ident != 0) {
			return l.emphasis(i + 2), true
		}
	}
	return false, false
}

// cast reads the literal behind a type of TypeScript, <string>"v"; i is behind the
// first mark.
func (l *lexer) cast(i int) bool {
	j := i
	for l.has(j) && class[l.win[j]]&inName != 0 && j-i <= maxType {
		j++
	}
	return j > i && l.at(j) == '>' && l.startsLiteral(j+1) && l.literal(j+1)
}

// bracket is marked for a bracket at i: that of a list, of a literal of Lua, or of a type,
// as in []const u8 = "v".
func (l *lexer) bracket(i int, m mode) (ok, read bool) {
	if j := l.skipSpace(i + 1); l.startsLiteral(j) {
		return !l.isKey(j) && l.literal(j), true
	}
	switch l.at(i + 1) {
	case ']':
		if m&(colon|typed) == 0 || l.annotation(i) < 0 {
			return l.wrapped(i + 2), true
		}
	case '[':
		if m == 0 {
			return l.longBracket(i + 2), true
		}
	}
	return false, false
}

// longBracket reads the rest of [[value]], a literal of Lua, from i on.
func (l *lexer) longBracket(i int) bool {
	j := i
	for l.has(j) && class[l.win[j]]&(space|quote) == 0 && l.win[j] != ']' {
		j++
	}
	return l.hasWord(j, "]]") && l.finish(i, j, 0)
}

// perlQuote reads the rest of q(value) or qq{value} from behind the first letter on, if
// the value is long and has a digit, which a call's argument hardly is and has.
func (l *lexer) perlQuote(i int) bool {
	if l.at(i) == 'q' {
		i++
	}
	var close byte
	switch l.at(i) {
	case '(':
		close = ')'
	case '{', '[':
		close = l.at(i) + 2
	default:
		return false
	}
	j, digit := i+1, false
	for l.has(j) && class[l.win[j]]&(space|quote) == 0 && l.win[j] != close {
		digit = digit || '0' <= l.win[j] && l.win[j] <= '9'
		j++
	}
	return l.at(j) == close && digit && j-i > minNoted && l.finish(i+1, j, 0)
}

// firstOf returns where the literal of the first entry begins if the name is
// plural and a mapping follows, whose names are those of services: tokens = {
// acme: "v" }. Else it returns 0.
func (l *lexer) firstOf(i int) int {
	if last := fold(l.win[l.nameEnd-1]); last != 's' || hasSuffixFold(l.name(), "pass") || hasSuffixFold(l.name(), "passwords") {
		return 0
	}
	i = l.skipSpace(i)
	if class[l.at(i)]&quote != 0 {
		i++
	}
	j := i
	for l.has(j) && class[l.win[j]]&inName != 0 {
		if j++; j-i > 40 {
			return 0
		}
	}
	if j == i {
		return 0
	}
	if class[l.at(j)]&quote != 0 {
		j++
	}
	if l.at(j) != ':' {
		return 0
	}
	if j = l.skipBlank(j + 1); l.startsLiteral(j) {
		return j
	}
	return 0
}

// emphasis reads **value** of Markdown from i on.
func (l *lexer) emphasis(i int) bool {
	j := i
	for l.has(j) && class[l.win[j]]&space == 0 && l.win[j] != '*' {
		j++
	}
	return j > i && l.at(j) == '*' && l.at(j+1) == '*' && l.finish(i, j, 0)
}

// startsLiteral reports whether a literal in quotes, perhaps escaped or with a
// prefix, begins at i.
func (l *lexer) startsLiteral(i int) bool {
	c := l.at(i)
	if class[c]&quote != 0 {
		return true
	}
	if c == '\\' {
		for l.at(i) == '\\' {
			i++
		}
		return class[l.at(i)]&quote != 0
	}
	return l.prefixed(i) != i
}

// prefixed returns the offset of the quote behind a prefix at i (f"", rb"",
// @"", L"", r#""#), or i.
func (l *lexer) prefixed(i int) int {
	for n := i; n < i+4; n++ {
		switch l.at(n) {
		case 'r', 'R', 'b', 'B', 'u', 'U', 'f', 'F', 'L', 'N', '8', '@', '$', '#':
		case '"', '\'', '`':
			return n
		default:
			return i
		}
	}
	return i
}

// isKey reports whether the literal at i is itself the key of a next entry.
func (l *lexer) isKey(i int) bool {
	q := l.at(i)
	for n := i + 1; n < i+maxName && l.has(n); n++ {
		if l.win[n] == q {
			n = l.skipBlank(n + 1)
			return l.at(n) == ':' || l.at(n) == '='
		}
	}
	return false
}

// operand reads the quoted literal at i as the right side of an operator. A
// quote may also end a text that holds the name, as in "token: " + x.
func (l *lexer) operand(i int) bool {
	n := l.prefixed(i)
	q := l.at(n)
	if n == i && class[q]&quote != 0 && class[l.at(l.nameEnd)]&quote == 0 {
		switch c := l.at(n + 1); {
		case c == ' ':
			return false
		case c == ',' || c == ')' || c == ';':
			if l.insideString(q) || !l.closesSoon(n+1, q) {
				return false
			}
		case c == '+' && l.at(n+2) == ' ':
			return false
		case l.insideString(q) && (class[c]&ident == 0 || !l.closesSoon(n+1, q)):
			return c == q && class[l.at(n+2)]&ident != 0 && l.literal(n+1)
		}
	}
	if !l.literal(i) {
		return false
	}
	// "a" === b ? c : d compares; the literal is no value.
	j := l.skipBlank(l.afterValue())
	return l.at(j) != '=' || l.at(j+1) != '=' || l.out.ValueEnd == j
}

// closesSoon reports whether a quote q comes before the next blank.
func (l *lexer) closesSoon(i int, q byte) bool {
	for ; l.has(i) && class[l.win[i]]&space == 0; i++ {
		if l.win[i] == q {
			return true
		}
	}
	return false
}

// annotation returns the offset behind the '=' if a type and a quoted literal
// or a call follow from i: NAME: &str = "v". Else it returns -1.
func (l *lexer) annotation(i int) int {
	for n := i; n < i+64 && l.has(n); n++ {
		c := l.win[n]
		if c == '=' {
			next := l.at(n + 1)
			if n == i || next == '=' || next == '>' {
				return -1
			}
			j := l.skipBlank(n + 1)
			switch {
			case l.win[n-1] == ' ':
				if l.startsLiteral(j) || class[l.at(j)]&(letter|space) != 0 {
					return n + 1
				}
			case l.startsLiteral(j) && n-i <= maxType && !l.insideString(l.at(l.prefixed(j))) && !l.hasBlank(i, n):
				// Not base64 that ends in "=" before a closing quote.
				return n + 1
			}
			return -1
		}
		if class[c]&inType == 0 {
			return -1
		}
	}
	return -1
}

// hasBlank reports whether a blank stands in win[i:j), as before the parameter
// of a header: Digest username="v".
func (l *lexer) hasBlank(i, j int) bool {
	for ; i < j; i++ {
		if l.win[i] == ' ' {
			return true
		}
	}
	return false
}

// listItem returns where the first item of a YAML list begins whose key ends
// its line at i, or 0.
func (l *lexer) listItem(i int) int {
	j := l.skipSpace(i)
	if l.at(j) != '-' || l.at(j+1) != ' ' {
		return 0
	}
	return l.skipBlank(j + 1)
}

// item reads a list's item at i: a literal, or the value of a header behind its
// scheme, as recorded requests hold it. Other words may be keys.
func (l *lexer) item(i int) bool {
	if l.startsLiteral(i) {
		return !l.isKey(i) && l.literal(i)
	}
	if l.isLongLast(i) {
		return l.bare(i, cliWord)
	}
	j, _ := l.bareEnd(i, 0)
	return l.at(j) == ' ' && isScheme(l.win[i:j]) && l.afterScheme(i, j)
}

// block reads the first line of a YAML block scalar; i is behind the | or >.
func (l *lexer) block(i int) bool {
	for c := l.at(i); c == '-' || c == '+' || '0' <= c && c <= '9'; c = l.at(i) {
		i++
	}
	i = l.skipBlank(i)
	if l.at(i) == '#' {
		for n := i; i < n+maxBetween && l.has(i) && l.win[i] != '\n'; i++ {
		}
	}
	if c := l.at(i); c != '\n' && c != '\r' {
		return false
	}
	i = l.skipSpace(i)
	if p := l.at(i - 1); p != ' ' && p != '\t' {
		return false
	}
	return l.line(i)
}

// wrapped reads an expression at i that may hold a literal: a call that only
// wraps it, or a reference with a fallback.
func (l *lexer) wrapped(i int) bool {
	if l.at(i) == '&' {
		i++
	}
	j := i
	for l.has(j) && (class[l.win[j]]&inName != 0 || l.win[j] == ':' || l.win[j] == '!') {
		if j++; l.at(j) == '(' && l.at(j+1) == ')' && l.at(j+2) == '.' {
			j += len("().") // new TextEncoder().encode("v")
		}
	}
	if l.at(j) == ' ' {
		switch string(l.win[i:j]) {
		case "new", "await", "yield", "return", "typeof", "const":
			return l.wrapped(l.skipBlank(j))
		}
	}
	if l.at(j) == '(' && isWrapper(l.win[i:j]) {
		if n := l.skipSpace(j + 1); l.startsLiteral(n) {
			return l.literal(n)
		}
	}
	if l.at(j) == '(' && l.at(j+1) == '[' && isCollection(l.win[i:j]) {
		return l.firstElement(j + 1)
	}
	return l.orLiteral(i)
}

// isCollection reports whether a call of this name makes a collection of a list.
func isCollection(name []byte) bool {
	switch string(name) {
	case "Set", "Map", "WeakMap", "Object.freeze", "Object.fromEntries", "frozenset", "set", "dict", "Set.of":
		return true
	}
	return false
}

// firstElement reads the first literal of a list at i, or the second one of a pair in
// it: ["v"], [["name", "v"]].
func (l *lexer) firstElement(i int) bool {
	i = l.skipSpace(i + 1)
	if l.at(i) != '[' {
		return l.startsLiteral(i) && l.literal(i)
	}
	i = l.skipSpace(i + 1)
	q := l.at(i)
	if class[q]&quote == 0 {
		return false
	}
	for n := i + 1; n < i+maxBetween && l.has(n); n++ {
		if l.win[n] == q {
			n = l.skipBlank(n + 1)
			return l.at(n) == ',' && l.literal(l.skipSpace(n+1))
		}
	}
	return false
}

// isWrapper reports whether a call of this name gives back its argument in
// another form.
func isWrapper(name []byte) bool {
	s := len(name)
	for s > 0 && class[name[s-1]]&ident != 0 {
		s--
	}
	switch string(name[s:]) {
	case "from", "String", "SecretStr", "SecretString", "Secret", "secret", "byte", "bytes", "str", "string",
		"base64Decode", "base64_decode", "decode64", "decodeBase64", "fromBase64", "FromBase64String", "urlsafe_b64decode",
		"hex2bin", "decodeHex", "fromHex", "fromhex", "FromHexString", "unhexlify", "DecodeString",
		"atob", "btoa", "Some", "Ok", "Ptr", "of", "encode", "decode", "b64decode", "b64encode", "text",
		"stringify", "StringValue", "plainText", "from_str", "from_static", "quote", "trim", "strdup", "utf8":
		return true
	}
	return false
}
