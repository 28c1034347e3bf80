package lex

// bare reads a value without quotes at i.
func (l *lexer) bare(i int, m mode) bool {
	if m&cliWord != 0 && l.startsLiteral(i) {
		return l.literal(i)
	}
	switch c := l.at(i); c {
	case '$':
		return l.dollar(i)
	case '%':
		if !isHex(l.at(i+1)) || !isHex(l.at(i+2)) {
			return false
		}
	case '*', '(', '[', '{', '<', '&', '|', '>':
		return false
	case '-':
		if n := l.at(i + 1); n == ' ' || n == '>' || m&cliWord != 0 {
			return false
		}
	case '!', '+':
		if l.at(i+1) == c {
			return false
		}
	case '/':
		if l.at(i+1) == '/' || l.at(i+1) == '*' {
			return false
		}
	}
	j, call := l.bareEnd(i, m)
	word := l.win[i:j]
	switch {
	case len(word) == 0:
		return false
	case m == 0 && l.isSettingsLine(i):
		if k := l.settingEnd(i, j); k > j && !(call && l.win[k-1] == ')') {
			return l.finishBare(i, k)
		}
	}
	switch {
	case m&userinfo != 0:
		return l.at(j) == '@' && l.finish(i, j, 0)
	case call:
		return l.wrapped(i)
	case m&(query|cliWord) != 0:
		return !isWordOfCode(word) && l.finishBare(i, j)
	case l.at(j) == ' ' && isScheme(word):
		return l.afterScheme(i, j)
	case isWordOfCode(word) || isPath(word):
		return l.wrapped(i)
	case l.isExpression(i, j):
		return l.orLiteral(i)
	}
	return l.finishBare(i, j)
}

// bareEnd returns where the bare value that begins at i ends, and whether it is
// an identifier that is called or indexed.
func (l *lexer) bareEnd(i int, m mode) (end int, call bool) {
	for j := i; l.has(j); j++ {
		c := l.win[j]
		if class[c]&bareStop == 0 {
			continue
		}
		switch c {
		default:
			return j, false
		case '>':
			if m&query == 0 {
				continue
			}
			return j, false
		case '\\':
			switch l.at(j + 1) {
			case 'n', 'r', 't', 'u', '"', '\'', '`', '\\', '\n', '\r', 0:
				return j, false
			}
		case '&':
			if m&query != 0 || l.endsField(j+1) {
				return j, false
			}
		case '#':
			if m&query != 0 {
				return j, false
			}
		case '@':
			if m&userinfo != 0 {
				return j, false
			}
		case '(', '[':
			if m&(query|cliWord) == 0 && isIdentifier(l.win[i:j]) {
				return j, true
			}
		}
	}
	return len(l.win), false
}

// isSettingsLine reports whether the value at i is that of a line in a file of
// environment variables, NAME=value, where any mark may be a part of a value.
func (l *lexer) isSettingsLine(i int) bool {
	if i != l.nameEnd+1 {
		return false
	}
	for _, c := range l.win[l.nameStart:l.nameEnd] {
		if 'a' <= c && c <= 'z' || c == '.' || c == '-' {
			return false
		}
	}
	switch l.at(l.nameStart - 1) {
	case '\n', 0:
		return true
	case ' ':
		return string(l.wordBefore(l.nameStart)) == "export"
	}
	return false
}

// settingEnd returns where the value at i ends if it is all that is left of its line,
// without a blank or a quote, though it seemed to end at j; else j.
func (l *lexer) settingEnd(i, j int) int {
	k := j
	for l.has(k) && l.win[k] > ' ' && class[l.win[k]]&quote == 0 && l.win[k] != '\\' && l.win[k] != '$' {
		k++
	}
	if c := l.at(k); l.has(k) && c != '\n' && c != '\r' {
		return j
	}
	if c := l.win[k-1]; c == ';' || c == ',' {
		k--
	}
	return max(j, k)
}

// endsField reports whether the text behind an '&' begins the next field of a
// query string or the next command, so that the value has ended.
func (l *lexer) endsField(i int) bool {
	if c := l.at(i); c == '&' || c == 0 || class[c]&space != 0 {
		return true
	}
	for n := i; n < i+40; n++ {
		switch c := l.at(n); {
		case c == '=' || c == ';':
			return n > i
		case class[c]&inName == 0:
			return false
		}
	}
	return false
}

// finishBare checks the bare value in win[i:j).
func (l *lexer) finishBare(i, j int) bool {
	l.out.Cut = !l.has(j)
	return l.finish(i, j, 0)
}

// dollar reads a value that begins with a '$': a reference, a shell default or
// a text such as a password hash.
func (l *lexer) dollar(i int) bool {
	switch c := l.at(i + 1); {
	case c == '{':
		j := i + 2
		for l.has(j) && class[l.win[j]]&ident != 0 {
			j++
		}
		if l.at(j) == ':' && (l.at(j+1) == '-' || l.at(j+1) == '=') {
			l.out.Ref = true
			return l.shellDefault(j + 2)
		}
		return false
	case c == '(':
		return false
	case class[c]&letter != 0:
		// $config->token ?? "v"
		return l.orLiteral(i)
	}
	j, _ := l.bareEnd(i, 0)
	return l.finishBare(i, j)
}

// isExpression reports whether the word win[i:j) is followed by an operator of
// code rather than by the end of a value.
func (l *lexer) isExpression(i, j int) bool {
	k := l.skipSpace(j)
	c, next := l.at(k), l.at(k+1)
	switch c {
	case '|', '?':
		return next == c || c == '?' && (next == ' ' || next == ':') || l.at(j) != ' '
	case '=':
		return next == '>' || next == '='
	case '&':
		// NAME=value && command
		return l.at(i-1) == ' ' && next == c
	case '+', '!':
		return k > j && l.at(j) == ' ' && (next == ' ' || next == c || next == '=')
	case 'o':
		return l.at(j) == ' ' && l.hasWord(k, "or ")
	}
	return false
}

// isScheme reports whether the word names a scheme of HTTP authorization.
func isScheme(word []byte) bool {
	switch len(word) {
	case 3:
		return equalFold(word, "bot") || equalFold(word, "jwt") || equalFold(word, "key")
	case 4:
		return equalFold(word, "ssws")
	case 5:
		return equalFold(word, "basic") || equalFold(word, "token") || equalFold(word, "oauth")
	case 6:
		return equalFold(word, "bearer") || equalFold(word, "apikey")
	case 7:
		return equalFold(word, "api-key") || equalFold(word, "api_key")
	case 8:
		return equalFold(word, "apitoken")
	case 9:
		return equalFold(word, "geniekey") || equalFold(word, "x-api-key")
	case 15:
		return equalFold(word, "zoho-oauthtoken")
	}
	return false
}

// afterScheme reads the bare value behind the scheme win[i:j).
func (l *lexer) afterScheme(i, j int) bool {
	k := l.skipBlank(j)
	switch c := l.at(k); c {
	case '$', '<', '{', '%', '(', '[', '*', '#':
		return false
	}
	e, call := l.bareEnd(k, 0)
	if call || e == k {
		return false
	}
	l.out.SchemeStart, l.out.SchemeEnd = i, j
	return l.finishBare(k, e)
}

// isIdentifier reports whether b is an identifier or a path of them.
func isIdentifier(b []byte) bool {
	if len(b) == 0 || class[b[0]]&letter == 0 {
		return false
	}
	for _, c := range b {
		if class[c]&ident == 0 && c != '.' && c != ':' && c != '!' && c != '?' && c != '-' && c != '>' {
			return false
		}
	}
	return true
}

// isPath reports whether b is plainly a member of something: env.TOKEN,
// Config::TOKEN. A JSON web token is dotted too, but has long parts and many
// digits.
func isPath(b []byte) bool {
	if !isIdentifier(b) {
		return false
	}
	part, digits, parts := 0, 0, 1
	for i, c := range b {
		switch {
		case c == '.' || c == ':' || c == '>':
			if i == len(b)-1 {
				return false
			}
			part = 0
			parts++
		case c == '-' && (i+1 == len(b) || b[i+1] != '>'):
			return false
		default:
			if part++; part > 28 {
				return false
			}
			if '0' <= c && c <= '9' {
				if digits++; digits > 3 || part == 1 {
					return false
				}
			}
		}
	}
	return parts > 1
}

// isHex reports whether c is a hexadecimal digit.
func isHex(c byte) bool {
	c = fold(c)
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
}
