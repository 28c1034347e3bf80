package lex

// literal reads the literal in quotes at i, with its prefix if it has one.
func (l *lexer) literal(i int) bool {
	n := l.prefixed(i)
	interpolated := false
	for _, c := range l.win[min(i, len(l.win)):min(n, len(l.win))] {
		interpolated = interpolated || c == 'f' || c == 'F' || c == '$'
	}
	return l.quoted(n, interpolated)
}

// quoted reads the literal whose opening quote, or the backslashes before it,
// is at i. A quote with k backslashes is closed by one with k backslashes more
// than the text's own escapes have.
func (l *lexer) quoted(i int, interpolated bool) bool {
	n := i
	for l.at(n) == '\\' {
		n++
	}
	q, depth := l.at(n), n-i
	if class[q]&quote == 0 || depth > 15 {
		return false
	}
	from := n + 1
	triple := depth == 0 && l.at(from) == q && l.at(from+1) == q
	if q == '`' && depth == 0 && !triple && l.at(from) == q && class[l.at(from+1)]&space == 0 {
		from++ // ``value``, as reStructuredText has it
	}
	if triple {
		from = l.skipSpace(from + 2)
	}
	end, next := l.closing(from, q, depth, triple)
	if end < 0 && depth == 0 {
		if a, b, behind := l.ownLine(from, q); a >= 0 {
			from, end, next = a, b, behind
		}
	}
	if end < 0 {
		if len(l.win)-from < minCut || next < 0 {
			return false
		}
		end, next = len(l.win), len(l.win)
		l.out.Cut = true
	}
	if interpolated {
		for _, c := range l.win[from:end] {
			if c == '{' {
				return false
			}
		}
	}
	l.out.Quote = q
	if !l.finish(from, end, q) {
		return l.out.SchemeEnd > 0 && l.out.ValueStart == end && l.joins(next, q) && l.secondPart(next, q)
	}
	l.out.Joined = !triple && l.joins(next, q)
	return true
}

// ownLine returns where a long word lies that stands on a line of its own between quotes,
// of which the first, q, ends before i, and the offset behind the second; -1 if none does.
func (l *lexer) ownLine(i int, q byte) (from, end, next int) {
	if l.at(i) == '\r' {
		i++
	}
	if l.at(i) == '\n' {
		from = l.skipSpace(i)
		if end, ok := l.longWord(from); ok {
			if next = l.skipSpace(end); l.at(next) == q {
				return from, end, next + 1
			}
		}
	}
	return -1, 0, 0
}

// closing returns where the text that begins at i ends, and the offset behind
// its closing quote; (-1, 0) if the window ends first, (-1, -1) if the text is
// broken: a line ends in it, or an outer text does.
func (l *lexer) closing(i int, q byte, depth int, triple bool) (end, next int) {
	run := 0
	for j := i; l.has(j); j++ {
		switch c := l.win[j]; c {
		case '\\':
			run++
			continue
		case q:
			if run%(2*depth+2) == depth {
				return j - depth, j + 1
			}
			if run < depth {
				return -1, -1
			}
		case '\n', '\r':
			if triple {
				return j, j
			}
			return -1, -1
		}
		run = 0
	}
	return -1, 0
}

// joins reports whether the literal that ends before i goes on in another one
// of the same kind.
func (l *lexer) joins(i int, q byte) bool {
	j := l.skipSpace(i)
	switch l.at(j) {
	case '+', '&':
		j = l.skipSpace(j + 1)
	case '.':
		if j++; l.at(j) == '.' {
			j++
		}
		j = l.skipSpace(j)
	case '\\':
		j = l.skipSpace(j + 1)
	case '|', '<':
		if j = l.joinerOfTwo(j, q); j < 0 {
			return false
		}
	default:
		if !l.hasLineEnd(i, j) {
			return false
		}
	}
	return l.at(l.prefixed(j)) == q && j > i && !l.isKey(j)
}

// hasLineEnd reports whether a line ends in win[i:j).
func (l *lexer) hasLineEnd(i, j int) bool {
	for ; i < j; i++ {
		if l.win[i] == '\n' {
			return true
		}
	}
	return false
}

// secondPart reads the literal that is joined to the bare scheme before i:
// "Bearer " + "value".
func (l *lexer) secondPart(i int, q byte) bool {
	for l.has(i) && l.win[i] != q {
		i++
	}
	end, next := l.closing(i+1, q, 0, false)
	if end < 0 {
		return false
	}
	l.out.Joined = l.joins(next, q)
	return l.span(i+1, end)
}

// finish takes win[i:j) as the value, without its scheme, unless it is a
// reference or too short.
func (l *lexer) finish(i, j int, q byte) bool {
	if k := l.schemeEnd(i, j); k > 0 {
		l.out.SchemeStart, l.out.SchemeEnd = i, k
		for i = k; i < j && l.win[i] == ' '; i++ {
		}
		l.out.ValueStart = i
	}
	if q != '\'' && j-i > 1 && l.win[i] == '$' {
		if l.win[i+1] == '{' && q != '`' {
			return l.quotedDefault(i, j)
		}
		if isIdentifier(l.win[i+1:j]) && q != 0 {
			return false
		}
	}
	if q == 0 && j > i && l.win[j-1] == '{' {
		return false // Type{
	}
	return !holdsReference(l.win[i:j]) && l.span(i, j)
}

// span sets the value.
func (l *lexer) span(i, j int) bool {
	if j-i < minValue {
		return false
	}
	l.out.ValueStart, l.out.ValueEnd = i, j
	return true
}

// schemeEnd returns the end of the scheme that win[i:j) begins with, or 0.
func (l *lexer) schemeEnd(i, j int) int {
	for k := i; k < j && k < i+16; k++ {
		if l.win[k] == ' ' {
			if isScheme(l.win[i:k]) {
				return k
			}
			return 0
		}
	}
	return 0
}

// quotedDefault reads "${NAME:-value}" in win[i:j).
func (l *lexer) quotedDefault(i, j int) bool {
	for k := i + 2; k < j; k++ {
		if c := l.win[k]; class[c]&ident == 0 {
			if c != ':' || l.at(k+1) != '-' && l.at(k+1) != '=' || l.win[j-1] != '}' {
				return false
			}
			l.out.Ref = true
			return k+2 < j-1 && !holdsReference(l.win[k+2:j-1]) && l.span(k+2, j-1)
		}
	}
	return false
}

// holdsReference reports whether a part of b is filled in by a shell or a
// template.
func holdsReference(b []byte) bool {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '{':
			if c := b[i-1]; c == '$' || c == '{' || c == '#' {
				return true
			}
		case '(':
			if c := b[i-1]; c == '$' || c == '%' {
				return true
			}
		case '%':
			if b[i-1] == '<' {
				return true
			}
		}
	}
	return false
}
