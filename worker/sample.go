package worker

// span is a stretch of bytes.
type span struct{ from, to int }

// samples finds the texts of template literals of more than one line, without
// what ${…} puts in: code that a program shows and does not run. It is nil if
// the file does not come out even, so that nothing is taken for a sample by a
// reading that went astray.
func samples(data []byte) []span {
	r := sampleReader{data: data}
	r.code(0, false)
	if r.lost {
		return nil
	}
	return r.list
}

type sampleReader struct {
	data []byte
	list []span
	lost bool
}

// code reads from i on, to the "}" that ends an insertion if inner; it gives
// where it stopped.
func (r *sampleReader) code(i int, inner bool) int {
	depth, last := 0, byte('(')
	for i < len(r.data) {
		c := r.data[i]
		switch {
		case c == '/' && r.at(i+1) == '/':
			i = r.until(i, '\n')
			continue
		case c == '/' && r.at(i+1) == '*':
			for i += 2; i < len(r.data) && !(r.data[i] == '*' && r.at(i+1) == '/'); i++ {
			}
			i += 2
			continue
		case c == '\'' || c == '"':
			i = r.quoted(i, c)
			last = c
			continue
		case c == '/' && startsExpression(last):
			i = r.quoted(i, c)
			last = c
			continue
		case c == '`':
			i = r.template(i)
			last = c
			continue
		case c == '{':
			depth++
		case c == '}':
			if depth--; inner && depth < 0 {
				return i + 1
			}
		}
		if c > ' ' {
			last = c
		}
		i++
	}
	r.lost = r.lost || inner
	return i
}

// template reads a template literal that starts at i.
func (r *sampleReader) template(i int) int {
	at := i + 1
	lines := false
	var parts []span
	for i++; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '\\':
			i++
		case c == '\n':
			lines = true
		case c == '$' && r.at(i+1) == '{':
			parts = append(parts, span{at, i})
			i = r.code(i+2, true) - 1
			at = i + 1
		case c == '`':
			if lines {
				r.list = append(r.list, append(parts, span{at, i})...)
			}
			return i + 1
		}
	}
	r.lost = true
	return i
}

// quoted reads a string or a regular expression, which ends with its line at
// the latest.
func (r *sampleReader) quoted(i int, mark byte) int {
	for i++; i < len(r.data) && r.data[i] != mark && r.data[i] != '\n'; i++ {
		if r.data[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func (r *sampleReader) until(i int, end byte) int {
	for i < len(r.data) && r.data[i] != end {
		i++
	}
	return i
}

func (r *sampleReader) at(i int) byte {
	if i < len(r.data) {
		return r.data[i]
	}
	return 0
}

// startsExpression reports whether a "/" behind c begins a regular expression and
// does not divide.
func startsExpression(c byte) bool {
	switch c {
	case '(', ',', '=', ':', '[', '!', '&', '|', '?', '{', '}', ';', '+', '>':
		return true
	}
	return false
}
