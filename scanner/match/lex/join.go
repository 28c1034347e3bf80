package lex

// Span is a part of the window.
type Span struct{ Start, End int }

// maxPieces bounds how many literals are joined, maxGlue what stands between
// the elements of a list when they are.
const (
	maxPieces = 16
	maxGlue   = 4
)

// Pieces appends the literals that are joined to the literal whose text is
// win[start:end): "a" + "b", 'a' . 'b', "a" "b" on two lines or, where no
// operator is needed, on one, ["a", "b"].join(""), "".join(["a", "b"]) and
// "a".concat("b"). It also returns what a call of join puts between.
func Pieces(dst []Span, win []byte, start, end int) (pieces []Span, glue []byte) {
	l := lexer{win: win, lo: start, n: uint(end - start)}
	return l.joined(dst, start, end)
}

// Joins reports whether Pieces finds any, and how much of the window it looked at.
func Joins(win []byte, start, end int) (found bool, seen Seen) {
	var room [maxPieces]Span
	l := lexer{win: win, lo: start, n: uint(end - start)}
	pieces, _ := l.joined(room[:0], start, end)
	return len(pieces) > 0, l.seen()
}

// joined is Pieces.
func (l *lexer) joined(dst []Span, start, end int) (pieces []Span, glue []byte) {
	n := end
	for l.at(n) == '\\' {
		n++
	}
	q, depth := l.at(n), n-end
	if start < 0 || end > len(l.win) || class[q]&quote == 0 || depth > 15 {
		return dst, nil
	}
	old := len(dst)
	listed, next := false, n+1
	for len(dst)-old < maxPieces {
		i, comma := l.joiner(next)
		if i < 0 || comma != listed && len(dst) > old {
			break
		}
		open := l.prefixed(i)
		k := open
		for l.at(k) == '\\' {
			k++
		}
		q := l.at(k)
		if class[q]&quote == 0 || k-open != depth || !comma && l.isKey(k) {
			break
		}
		to, behind := l.closing(k+1, q, depth, false)
		if to < 0 {
			break
		}
		listed, next = comma, behind
		dst = append(dst, Span{k + 1, to})
	}
	if len(dst) == old || !listed {
		return dst, nil
	}
	glue, ok := l.glue(start-depth-1, next)
	if !ok {
		return dst[:old], nil
	}
	return dst, glue
}

// emptyLine reports whether the space at win[i:j) holds an empty line: literals
// on either side of one belong to different things.
func (l *lexer) emptyLine(i, j int) bool {
	ends := 0
	for ; i < j; i++ {
		if l.win[i] == '\n' {
			ends++
		}
	}
	return ends > 1
}

// joiner returns where the operand begins behind the operator at i, and whether
// the operator is the comma of a list; -1 if there is none.
func (l *lexer) joiner(i int) (operand int, comma bool) {
	j := l.skipSpace(i)
	switch c := l.at(j); c {
	case '+', '&':
		return l.skipSpace(j + 1), false
	case '~':
		return l.skipSpace(j + 1), false
	case '.':
		if l.hasWord(j, ".concat(") {
			return l.skipSpace(j + len(".concat(")), false
		}
		if j++; l.at(j) == '.' {
			j++
		}
		return l.skipSpace(j), false
	case '\\':
		if k := l.skipSpace(j + 1); k > j+1 {
			return k, false
		}
	case '|', '<':
		return l.joinerOfTwo(j, l.at(i-1)), false
	case ',':
		return l.skipSpace(j + 1), true
	case '"', '\'', '`':
		if j > i && !l.emptyLine(i, j) {
			return j, false
		}
	}
	return -1, false
}

// joinerOfTwo returns where the operand begins behind || of SQL, which joins texts in
// single quotes, or behind <> of Elixir and Haskell, at i; -1 if neither is there. The
// text before ends with the quote q.
func (l *lexer) joinerOfTwo(i int, q byte) int {
	if l.hasWord(i, "||") && q == '\'' || l.hasWord(i, "<>") && q == '"' {
		return l.skipSpace(i + 2)
	}
	return -1
}

// glue returns what stands between the elements of the list that opens before
// start and whose last element ends at i, if the list is joined.
func (l *lexer) glue(start, i int) ([]byte, bool) {
	j := l.skipSpace(i)
	if l.at(j) == ',' {
		j = l.skipSpace(j + 1)
	}
	if c := l.at(j); c != ']' && c != ')' && c != '}' {
		return nil, false
	}
	// ["a", "b"].join("")
	if k := l.skipSpace(j + 1); l.hasWord(k, ".join(") {
		k += len(".join(")
		if q := l.at(k); class[q]&quote != 0 {
			to, _ := l.closing(k+1, q, 0, false)
			if to >= 0 && to-k-1 <= maxGlue {
				return l.win[k+1 : to], true
			}
		}
		return nil, false
	}
	// "".join(["a", "b"])
	k := start
	for l.has(k-1) && class[l.win[k-1]]&space != 0 {
		k--
	}
	for n := 0; n < 2 && l.has(k-1) && (l.win[k-1] == '[' || l.win[k-1] == '('); n++ {
		k--
	}
	if k < start && l.hasWord(k-len(".join"), ".join") {
		close := k - len(".join") - 1
		if q := l.at(close); class[q]&quote != 0 {
			for open := close - 1; close-open-1 <= maxGlue && l.has(open); open-- {
				if l.win[open] == q {
					return l.win[open+1 : close], true
				}
			}
		}
	}
	return nil, false
}

// joinedList returns where the first literal stands in "".join(["a", "b"]) at i,
// or 0.
func (l *lexer) joinedList(i int) int {
	q := l.at(i)
	j := i + 1
	for j <= i+maxGlue && l.at(j) != q {
		j++
	}
	if class[q]&quote == 0 || l.at(j) != q || !l.hasWord(j+1, ".join(") {
		return 0
	}
	j = l.skipSpace(j + 1 + len(".join("))
	if c := l.at(j); c != '[' && c != '(' {
		return 0
	}
	if j = l.skipSpace(j + 1); !l.startsLiteral(j) {
		return 0
	}
	return j
}
