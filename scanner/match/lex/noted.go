package lex

// minNoted is the least length of a value that people only note beside a name,
// without any sign that gives it to the name.
const minNoted = 20

// noted reads a value at i that stands behind a name and a mark of text rather
// than of a language, as the last of its line or of a cell: acme - v, acme -> v,
// acme,v, | acme | v |. The name has to begin the line.
func (l *lexer) noted(i int) bool {
	i = l.skipBlank(i)
	q := l.at(i)
	if class[q]&quote != 0 {
		i++
	}
	end, ok := l.longWord(i)
	if !ok || l.lineWords(l.nameStart, 3) < 0 {
		return false
	}
	j := end
	if class[q]&quote != 0 {
		if l.at(j) != q {
			return false
		}
		j++
	}
	switch j = l.skipBlank(j); l.at(j) {
	case '\n', '\r', '|', ',':
		return l.finish(i, end, 0)
	case 0:
		l.out.Cut = !l.has(end)
		return l.finish(i, end, 0)
	}
	return false
}

// longWord returns where the word that begins at i ends, and whether it is long
// and mixes letters and digits, as no word of a sentence does.
func (l *lexer) longWord(i int) (end int, ok bool) {
	j, letters, digits := i, 0, 0
	for l.has(j) && class[l.win[j]]&(space|quote) == 0 && l.win[j] != '|' {
		switch c := l.win[j]; {
		case '0' <= c && c <= '9':
			digits++
		case class[c]&letter != 0:
			letters++
		case c == '(' || c == '{' || c == ';' || c == ',' || c == ':' && l.at(j+1) == '/':
			return j, false
		}
		j++
	}
	return j, j-i >= minNoted && letters > 2 && digits > 2
}

// isLongLast reports whether what begins at i is one long word that ends its
// line, as in: authtoken v. Sentences do not.
func (l *lexer) isLongLast(i int) bool {
	j, ok := l.longWord(i)
	if !ok || l.win[j-1] == ':' {
		return false
	}
	end := l.at(j)
	return end == '\n' || end == '\r'
}

// saysKey reports whether a word may stand right before a key in a remark.
func saysKey(word []byte) bool {
	for _, w := range [...]string{"key", "token", "secret", "apikey", "password", "pat"} {
		if equalFold(word, w) {
			return true
		}
	}
	return false
}
