package lex

// afterBlank reads the forms in which a blank follows the name at e: a spaced
// operator, a command-line flag, directives such as ENV NAME value, SQL's
// PASSWORD 'v', netrc, and names of several words.
func (l *lexer) afterBlank(e int) bool {
	i := l.skipBlank(e)
	c := l.at(i)
	switch c {
	case '=', ':', '?', '!':
		return l.findName() && l.operator(i)
	case '|':
		return l.findName() && (l.operator(i) || l.at(i+1) == ' ' && l.noted(i+1))
	case '-':
		switch l.at(i + 1) {
		case ' ':
			return l.findName() && l.noted(i+2)
		case '>':
			return l.findName() && l.noted(i+2)
		case '-':
			return l.findName() && l.valueFlag(i)
		}
	case '<':
		if l.hasWord(i, "<<<") { // a text for the standard input of what stores it
			return l.findName() && l.value(i+len("<<<"), 0)
		}
		return l.at(i+1) == '-' && l.findName() && l.operator(i)
	case '{':
		return l.hasWord(i, "{ get;") && l.findName() && l.property(i)
	case '"', '\'', '`', '\\':
		return l.findName() && l.blankQuote(i)
	case '\n', '\r', 0, '(', ')', '}', ',', ';', '.', '&', '$', ']', '[':
		return false
	}
	if class[c]&ident == 0 && c != '/' && c != '+' {
		return false
	}
	if !l.findName() {
		return false
	}
	switch p := l.at(l.nameStart - 1); {
	case p == '-' || l.win[l.nameStart] == '-':
		return l.isFlag() && l.bare(i, cliWord)
	case p == ' ' || p == '\t':
		if l.isDirective(l.nameStart) || l.isNetrc() || l.isLongLast(i) && l.lineWords(l.nameStart, 2) >= 0 {
			return l.bare(i, cliWord)
		}
	case p == '\n' || p == 0:
		if l.isConfigWord() || l.isNetrc() || l.isLongLast(i) {
			return l.bare(i, cliWord)
		}
	}
	return l.typedDeclaration(i) || l.moreWords(i)
}

// blankQuote reads NAME "value", where nothing but a blank stands between.
func (l *lexer) blankQuote(i int) bool {
	q := i
	for l.at(q) == '\\' {
		q++
	}
	c := l.at(q)
	if class[c]&quote == 0 || class[l.at(q+1)]&space != 0 {
		return false
	}
	switch name := l.name(); {
	case l.isFlag():
	case l.isDirective(l.nameStart) || l.isForm():
	case c == '`':
		return false // the tag of a Go field
	case hasSuffixFold(name, "password") || hasSuffixFold(name, "secret"):
		// CREATE USER u PASSWORD 'v', but not: a password 'v'.
		if name[0] != 'P' && !equalFold(l.wordBefore(l.nameStart), "with") && l.lineWords(l.nameStart, 0) < 0 {
			return false
		}
	case equalFold(name, "identified"), hasSuffixFold(name, "pass"):
		return false // run_pass "x", and: we pass "x"
	case l.at(l.nameStart-1) == ':':
	case l.lineWords(l.nameStart, 2) < 0:
		return false
	}
	if l.insideString(c) && q == i {
		return false
	}
	return l.literal(i)
}

// isDirective reports whether the word before i, where a name begins, is one
// that is followed by a name and its value: ENV NAME value.
func (l *lexer) isDirective(i int) bool {
	switch w := l.wordBefore(i); string(w) {
	case "ENV", "ARG", "setx", "SETX", "setenv", "putenv", "SetEnv", "set", "-x", "-gx", "-Ux", "-xg", "config",
		"proxy_set_header", "add_header", "header_up", "fastcgi_param", "def", "SET":
		return true
	}
	return false
}

// isPut reports whether the line before i is a command that stores a value under a
// key, as wrangler's is: wrangler kv key put --binding=KV "NAME" "v".
func (l *lexer) isPut(i int) bool {
	for n := i; n > i-maxBetween && l.has(n) && l.win[n] != '\n'; n-- {
		if l.hasWord(n, "key put ") {
			return true
		}
	}
	return false
}

// isForm reports whether the name is set by a form in parentheses: (setq NAME "v"),
// set(NAME "v").
func (l *lexer) isForm() bool {
	open := l.nameStart - 1
	if l.at(open) == '(' {
		return string(l.wordBefore(open)) == "set"
	}
	switch w := l.wordBefore(l.nameStart); string(w) {
	case "setq", "defvar", "defconst", "defparameter":
		return true
	}
	return false
}

// isConfigWord reports whether the name is a directive of its own.
func (l *lexer) isConfigWord() bool {
	switch string(l.name()) {
	case "requirepass", "masterauth":
		return true
	}
	return false
}

// isNetrc reports whether the name is netrc's password with a login or machine
// before it.
func (l *lexer) isNetrc() bool {
	if string(l.name()) != "password" {
		return false
	}
	for i := l.nameStart - 1; l.nameStart-i < 120 && l.has(i); i-- {
		if l.win[i] == 'l' && l.hasWord(i, "login ") || l.win[i] == 'm' && l.hasWord(i, "machine ") {
			return !l.has(i-1) || class[l.win[i-1]]&space != 0
		}
	}
	return false
}

// typedDeclaration reads NAME type = "value", as Go and SQL write it, and NAME As type =
// "value" of Basic, with the type at i.
func (l *lexer) typedDeclaration(i int) bool {
	if l.hasWord(i, "As ") {
		i = l.skipBlank(i + len("As "))
	}
	for l.has(i) && class[l.win[i]]&inName != 0 {
		i++
	}
	j := l.skipBlank(i)
	if j == i || l.at(j) != '=' || class[l.at(j+1)]&(space|quote) == 0 {
		return false
	}
	return l.value(j+1, literalOnly)
}

// moreWords reads names whose anchor is not in the last word: Secret Access
// Key: v, "API Token ID": "v", IDENTIFIED BY 'v'. The next word is at i.
func (l *lexer) moreWords(i int) bool {
	if equalFold(l.name(), "identified") {
		return l.identifiedBy(i)
	}
	j := i
	for words := 0; words < 3; words++ {
		from := j
		for l.has(j) && class[l.win[j]]&inName != 0 {
			j++
			if j-i > 40 {
				return false
			}
		}
		switch c := l.at(j); {
		case c == ':' && class[l.at(j+1)]&space != 0:
			s := l.lineWords(l.nameStart, 3)
			if s < 0 {
				return false
			}
			l.nameStart, l.nameEnd = s, j
			return l.value(j+1, colon)
		case class[c]&quote != 0 || c == '\\':
			l.nameEnd = j
			return l.quotedName(j)
		case c == ' ' && saysKey(l.win[from:j]) && l.isLongLast(j+1):
			if l.lineWords(l.nameStart, 3) < 0 {
				return false
			}
			l.nameEnd = j
			return l.bare(j+1, cliWord)
		case c != ' ' || class[l.at(j+1)]&letter == 0:
			return false
		}
		j++
	}
	return false
}

// identifiedBy reads SQL's IDENTIFIED [WITH plugin] BY [PASSWORD] 'v' with the
// word after IDENTIFIED at i.
func (l *lexer) identifiedBy(i int) bool {
	by := false
	for words := 0; words < 4; words++ {
		j := i
		for l.has(j) && class[l.win[j]]&(inName|quote) == inName {
			j++
		}
		if j == i {
			return by && l.at(i) != '`' && l.literal(i)
		}
		by = by || equalFold(l.win[i:j], "by") || equalFold(l.win[i:j], "as")
		i = l.skipBlank(j)
	}
	return false
}
