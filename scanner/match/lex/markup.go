package lex

// element reads <NAME>value</NAME>, and with the name in an attribute
// <entry key="NAME">value</entry>; i is at the '>'.
func (l *lexer) element(i int) bool {
	if l.at(i-1) != '"' && l.at(i-1) != '\'' {
		s := l.nameStart
		for l.has(s-1) && (class[l.win[s-1]]&inName != 0 || l.win[s-1] == ':') {
			s--
		}
		if l.at(s-1) != '<' || class[l.at(s-2)]&ident != 0 {
			return false // List<Token>
		}
	}
	return l.content(i + 1)
}

// plist reads <key>NAME</key> <string>value</string>, whatever the elements
// are called; e is at the '<' behind the name.
func (l *lexer) plist(e int) bool {
	if l.at(e+1) != '/' {
		return false
	}
	i := e + 2
	for l.has(i) && class[l.win[i]]&inName != 0 {
		i++
	}
	if l.at(i) != '>' {
		return false
	}
	i = l.skipSpace(i + 1)
	if l.hasWord(i, "<!--") {
		from := i
		for !l.hasWord(i, "-->") {
			if i++; i-from > maxBetween || !l.has(i) {
				return false
			}
		}
		i = l.skipSpace(i + len("-->"))
	}
	if l.at(i) != '<' || class[l.at(i+1)]&letter == 0 {
		return false
	}
	for i++; l.has(i) && class[l.win[i]]&inName != 0; i++ {
	}
	if l.at(i) != '>' || !l.findName() || l.at(l.nameStart-1) != '>' {
		return false
	}
	return l.content(i + 1)
}

// content reads the text of an element from i to its closing tag.
func (l *lexer) content(i int) bool {
	i = l.skipSpace(i)
	if l.hasWord(i, "<value>") {
		i = l.skipSpace(i + len("<value>"))
	}
	end := byte('<')
	if l.hasWord(i, "<![CDATA[") {
		i += len("<![CDATA[")
		end = ']'
	}
	j := i
	for l.has(j) && l.win[j] != end {
		j++
	}
	if end == '<' && l.at(j+1) != '/' || end == ']' && !l.hasWord(j, "]]>") {
		return false
	}
	for j > i && class[l.win[j-1]]&space != 0 {
		j--
	}
	return l.finish(i, j, 0)
}

// attribute reads name="NAME" value="v" with at most one short attribute
// between, whose first letter is at i, and the content of an element that has
// one behind the name.
func (l *lexer) attribute(i int, q byte, depth int) bool {
	if l.hasWord(i, "or ") || l.isLook() {
		return false
	}
	for n := i; n < i+48 && l.has(n); n++ {
		switch l.win[n] {
		case '>':
			return l.openQuote(q, depth, false) && l.beforeQuoteIs('=') && (l.content(n+1) || l.pairBefore())
		case '<', '\n', '{', ';', ',':
			return false
		case '=':
			w := l.wordBefore(n)
			if string(w) != "value" && string(w) != "Value" && string(w) != "content" {
				continue
			}
			if !l.openQuote(q, depth, false) || !l.beforeQuoteIs('=') {
				return false
			}
			return l.value(n+1, literalOnly)
		}
	}
	return false
}

// isLook reports whether the name is the value of an attribute that says how an
// element looks: font-family="Courier New".
func (l *lexer) isLook() bool {
	open := l.start
	for n := 0; n < maxName && l.has(open-1) && class[l.win[open-1]]&quote == 0; n++ {
		open--
	}
	if open--; l.at(open-1) == '\\' {
		open--
	}
	if l.at(open-1) != '=' {
		return false
	}
	switch string(l.wordBefore(open - 1)) {
	case "font-family", "class", "style", "className", "fill", "stroke":
		return true
	}
	return false
}

// entityQuote reads JSON inside of HTML: &quot;NAME&quot;:&quot;value&quot;.
func (l *lexer) entityQuote(e int) bool {
	const mark = "&quot;"
	i := e + len(mark)
	if !l.hasWord(e, mark) || l.at(i) != ':' {
		return false
	}
	i = l.skipBlank(i + 1)
	if !l.hasWord(i, mark) || !l.findName() || !l.hasWord(l.nameStart-len(mark), mark) {
		return false
	}
	i += len(mark)
	for j := i; l.has(j) && class[l.win[j]]&(space|quote) == 0; j++ {
		if l.win[j] == '&' && l.hasWord(j, mark) {
			return l.finish(i, j, 0)
		}
	}
	return false
}

// linePair reads what may follow a name at the end of a line: a fallback, the
// next item of a list of arguments, or the value of a name/value pair. The line
// ends at e.
func (l *lexer) linePair(e int) bool {
	i := l.skipSpace(e)
	switch l.at(i) {
	case '|', '?':
		return l.at(i) == l.at(i+1) && l.findName() && l.orLiteral(i)
	case '-':
		if l.at(i+1) == ' ' && l.findName() && l.isFlag() {
			return l.item(l.skipBlank(i + 1))
		}
	}
	return l.findName() && (l.pair(e) || l.pairBefore())
}

// pairKey returns where the key begins whose value the name itself is, if it is one
// called name or key, as in "key": "NAME", name: NAME and name = "NAME"; else -1.
func (l *lexer) pairKey() int {
	i := l.nameStart - 1
	for l.has(i) && (class[l.win[i]]&(quote|space) != 0 || l.win[i] == '\\' || l.win[i] == '-' || l.win[i] == '$') {
		i--
	}
	if !l.has(i) || l.win[i] != ':' && l.win[i] != '=' {
		return -1
	}
	for i--; l.has(i) && (class[l.win[i]]&(quote|space) != 0 || l.win[i] == '\\'); i-- {
	}
	s := i + 1
	for i-s < 16 && l.has(s-1) && class[l.win[s-1]]&ident != 0 {
		s--
	}
	if w := l.win[s : i+1]; hasSuffixFold(w, "name") || hasSuffixFold(w, "key") || equalFold(w, "header") {
		return s
	}
	return -1
}

// pair reads the value of a name/value pair: after the name, at most one short
// line or field between, comes a key called value, or text, or ending in Value.
func (l *lexer) pair(i int) bool {
	if l.pairKey() < 0 {
		return false
	}
	for n := i; n < i+72 && l.has(n); n++ {
		switch c := l.win[n]; {
		case c == '#' && l.beginsLine(n):
			from := n
			for l.has(n+1) && l.win[n] != '\n' && n-from < maxBetween {
				n++
			}
			i += n - from // a comment counts for nothing
			continue
		case c == '-' && l.at(n+1) == ' ' && l.beginsLine(n):
			return false // the next item of a list
		case c == '}' || c == '{' || c == '<' || c == '#':
			return false
		case c == 'V' && class[l.at(n-1)]&letter != 0 && l.hasWord(n, "Value"):
		case c != 'v' && c != 'V' && c != 't' || class[l.at(n-1)]&ident != 0 && !l.isEscapedSpace(n-1):
			continue
		}
		j := n + len("value")
		if l.hasWord(n, "text") { // of a Worker's binding
			if j = n + len("text"); class[l.at(n-1)]&quote == 0 && l.at(l.skipBlank(j)) != '=' && !l.saysSecretText(l.nameStart-maxField, n) {
				continue
			}
		} else if !l.hasWord(n+1, "alue") || l.at(n) == 't' {
			continue
		}
		for l.at(j) == '\\' {
			j++
		}
		if class[l.at(j)]&quote != 0 {
			j++
		}
		j = l.skipBlank(j)
		switch l.at(j) {
		case ':':
			return l.value(j+1, colon)
		case '=':
			return l.value(j+1, 0)
		}
	}
	return false
}

// maxField bounds how far from a binding's name or text its type is looked for, in bytes.
const maxField = 40

// saysSecretText reports whether from and to hold the type of a Worker's binding that is
// a secret between them, without which a text is as often what a page shows.
func (l *lexer) saysSecretText(from, to int) bool {
	for n := from; n < to; n++ {
		if l.at(n) == 's' && l.hasWord(n, "secret_text") {
			return true
		}
	}
	return false
}

// beginsLine reports whether nothing but blanks stands before i on its line.
func (l *lexer) beginsLine(i int) bool {
	for l.at(i-1) == ' ' || l.at(i-1) == '\t' {
		i--
	}
	return l.at(i-1) == '\n'
}

// maxBack is how many bytes a value has at most that is read from its end.
const maxBack = 256

// pairBefore reads the value of a name/value pair that comes before the name, since keys
// have no order: "value": "v", "name": "NAME".
func (l *lexer) pairBefore() bool {
	l.out = Assignment{}
	key := l.pairKey()
	if key < 0 {
		return false
	}
	i := key - 1
	if class[l.at(i)]&quote != 0 {
		i -= 1 + l.backslashes(i)
	}
	for comma := false; class[l.at(i)]&space != 0 || l.at(i) == ',' && !comma; i-- {
		comma = comma || l.win[i] == ','
	}
	from, to, q := l.textBefore(i)
	if from < 0 {
		return false
	}
	if i = from - 1; q != 0 {
		i -= 1 + l.backslashes(i)
	}
	for l.at(i) == ' ' {
		i--
	}
	if l.at(i) != ':' && l.at(i) != '=' {
		return false
	}
	for i--; l.at(i) == ' '; i-- {
	}
	quoted := class[l.at(i)]&quote != 0
	if quoted {
		i -= 1 + l.backslashes(i)
	}
	w := l.wordBefore(i + 1)
	switch {
	case hasSuffixFold(w, "value"), equalFold(w, "content"):
	case equalFold(w, "text") && (quoted || l.saysSecretText(i-maxField, i) || l.saysSecretText(l.nameEnd, l.nameEnd+maxField)):
	default:
		return false
	}
	l.out.Quote = q
	return l.finish(from, to, q)
}

// textBefore returns the literal, or the word, whose last byte is at i, and its quote; -1 if
// there is none.
func (l *lexer) textBefore(i int) (from, to int, q byte) {
	c := l.at(i)
	if class[c]&quote != 0 {
		q = c
		i -= 1 + l.backslashes(i)
	}
	for from = i + 1; i+1-from < maxBack && l.has(from-1); from-- {
		switch c := l.win[from-1]; {
		case q != 0 && c == q:
			return from, i + 1, q
		case c == '\n' || q == 0 && class[c]&quote != 0:
			return -1, 0, 0
		case q == 0 && class[c]&space != 0:
			return from, i + 1, 0
		}
	}
	return -1, 0, 0
}

// isEscapedSpace reports whether the letter at i is that of a \n, \r or \t.
func (l *lexer) isEscapedSpace(i int) bool {
	switch l.at(i) {
	case 'n', 'r', 't':
		return l.at(i-1) == '\\'
	}
	return false
}

// variableBlock reads variable "NAME" { … default = "value" }; i is behind the
// brace.
func (l *lexer) variableBlock(i int) bool {
	if string(l.wordBefore(l.nameStart-1)) != "variable" {
		return false
	}
	for n := i; n < i+256 && l.has(n) && l.win[n] != '}'; n++ {
		if l.win[n] != 'd' || !l.hasWord(n, "default") || class[l.at(n-1)]&space == 0 {
			continue
		}
		n = l.skipBlank(n + len("default"))
		return l.at(n) == '=' && l.value(n+1, literalOnly)
	}
	return false
}

// serialized reads what PHP's serialize writes: s:5:"NAME";s:8:"value"; i is
// behind the semicolon.
func (l *lexer) serialized(i int, q byte, depth int) bool {
	if l.at(i) != 's' || l.at(i+1) != ':' || !l.openQuote(q, depth, false) {
		return false
	}
	for i += 2; '0' <= l.at(i) && l.at(i) <= '9'; i++ {
	}
	return l.at(i) == ':' && l.startsLiteral(i+1) && l.literal(i+1)
}
