package lex

// findName sets nameStart. It returns false if what holds the anchor is too
// long to be a name.
func (l *lexer) findName() bool {
	s := l.start
	for l.has(s-1) && class[l.win[s-1]]&inName != 0 {
		s--
		if l.nameEnd-s > maxName {
			return false
		}
	}
	// The letter of an escaped line end, as in "A=1\nTOKEN=x", is no part of
	// the name.
	if s < l.start && l.has(s-1) && l.win[s-1] == '\\' {
		switch l.win[s] {
		case 'n', 'r', 't':
			s++
		}
	}
	l.nameStart = s
	l.trimName()
	return true
}

// trimName takes the marks before a name (--, $, .) off its start.
func (l *lexer) trimName() {
	for l.nameStart < l.start {
		switch l.win[l.nameStart] {
		case '-', '$', '.':
			l.nameStart++
		default:
			return
		}
	}
}

// isFlag reports whether the name is that of a command-line flag.
func (l *lexer) isFlag() bool {
	i := l.nameStart
	for l.has(i-1) && l.win[i-1] == '-' {
		i--
	}
	if i == l.nameStart {
		// The dashes may be part of the anchor itself.
		return l.at(i) == '-'
	}
	c := l.at(i - 1)
	return !l.has(i-1) || class[c]&(space|quote) != 0 || c == '[' || c == '(' || c == ','
}

// name returns the bytes of the name.
func (l *lexer) name() []byte { return l.win[l.nameStart:l.nameEnd] }

// wordBefore returns the word that ends before i, with only blanks between.
func (l *lexer) wordBefore(i int) []byte {
	for l.has(i-1) && (l.win[i-1] == ' ' || l.win[i-1] == '\t') {
		i--
	}
	s := i
	for i-s < 24 && l.has(s-1) && class[l.win[s-1]]&inName != 0 {
		s--
	}
	return l.win[s:i]
}

// lineWords goes left from i over at most max words with single blanks between
// them, and returns where the first begins, or -1 if they do not begin a line,
// a list item, a comment or a quoted text.
func (l *lexer) lineWords(i, max int) int {
	for n := 0; ; n++ {
		for l.has(i-1) && class[l.win[i-1]]&inName != 0 {
			i--
		}
		j := i
		for l.has(j-1) && (l.win[j-1] == ' ' || l.win[j-1] == '\t') {
			j--
		}
		if !l.has(j - 1) {
			return i
		}
		switch c := l.win[j-1]; {
		case c == '\n' || c == '\r' || c == '#' || c == '*' || c == '>' || c == '/' || c == '|':
			return i
		case j == i && class[c]&quote != 0:
			return i
		case i-j != 1 || class[c]&inName == 0 || n >= max:
			return -1
		case c == '-' && class[l.at(j-2)]&inName == 0:
			return i // "- Name of it: value"
		}
		i = j
	}
}

// spacedName widens an unquoted name before a colon by the words before it
// ("Secret Access Key: v"), if they begin a line and none is a word of code.
func (l *lexer) spacedName() {
	if c := l.at(l.nameStart - 1); c != ' ' {
		return
	}
	s := l.lineWords(l.nameStart, 3)
	if s < 0 || s >= l.nameStart {
		return
	}
	for i := s; i < l.nameStart; {
		j := i
		for j < l.nameStart && l.win[j] != ' ' && l.win[j] != '\t' {
			j++
		}
		switch string(l.win[i:j]) {
		case "public", "private", "protected", "readonly", "static", "const", "let", "var", "val", "final",
			"case", "return", "default", "declare", "export", "override", "def", "fn", "func", "-", "--", "":
			return
		}
		i = j + 1
	}
	l.nameStart = s
}

// openQuote reports whether the quote of kind q with depth backslashes opens
// right before the name, or, if far, with other bytes of a quoted key between
// ("API Key", "//host/:_authToken"). It moves nameStart to the quote's inside.
func (l *lexer) openQuote(q byte, depth int, far bool) bool {
	i := l.start
	for n := 0; l.has(i - 1); n++ {
		c := l.win[i-1]
		if c == q {
			break
		}
		if n >= maxName || c < ' ' || class[c]&quote != 0 {
			return false
		}
		if class[c]&inName == 0 && !far && c != '\\' {
			return false
		}
		i--
	}
	if !l.has(i-1) || l.backslashes(i-1) != depth {
		return false
	}
	l.nameStart = i
	l.trimName()
	return true
}

// backslashes counts the backslashes that end at i.
func (l *lexer) backslashes(i int) int {
	n := 0
	for l.has(i-1) && l.win[i-1] == '\\' {
		i--
		n++
	}
	return n
}

// quoteStart returns the offset of the quote that opens before the name, or of the
// backslashes before it.
func (l *lexer) quoteStart() int {
	i := l.nameStart - 1
	for l.has(i) && class[l.win[i]]&quote == 0 {
		i-- // the marks that trimName took off
	}
	return i - l.backslashes(i)
}

// beforeQuote returns the offset of the first byte that is not blank, going
// left from the quote that opens before the name, or -1.
func (l *lexer) beforeQuote() int {
	i := l.quoteStart() - 1
	for l.has(i) && class[l.win[i]]&space != 0 {
		i--
	}
	return i
}

// insideString reports whether an odd number of quotes q stands on the line
// before the name, so that a further q would rather close a string than open
// one. The line may be cut by the window: a hint, not a proof.
func (l *lexer) insideString(q byte) bool {
	odd := false
	for i := l.nameStart - 1; l.nameStart-i < 256 && l.has(i) && l.win[i] != '\n'; i-- {
		if l.win[i] == q && l.at(i-1) != '\\' {
			odd = !odd
		}
	}
	return odd
}
