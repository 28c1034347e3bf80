package judge

import "bytes"

// surround counts what sorts of lines stand near a value, which says much about
// what stands there for a secret.
type surround struct {
	code, settings, text int
}

// addSurround looks at the whole lines round a value.
func (h *hearing) addSurround(t *traits) {
	before, after := h.before[max(0, len(h.before)-nearReach):], h.after[:min(len(h.after), nearReach)]
	before = before[bytes.IndexByte(before, '\n')+1:]
	end := bytes.LastIndexByte(before, '\n') + 1
	var s surround
	for line := range bytes.Lines(before[:end]) {
		s.read(line)
	}
	if from, to := bytes.IndexByte(after, '\n'), bytes.LastIndexByte(after, '\n'); from >= 0 {
		for line := range bytes.Lines(after[from+1 : max(from+1, to)]) {
			s.read(line)
		}
	}
	t.add(nearCode, s.code > 0)
	t.add(nearSettings, s.settings > 0 && s.code == 0)
	t.add(nearText, s.text > 0)
	t.add(inComment, isComment(before[end:]))
}

// read takes a line for code by how it ends, for a setting if a name and a sign
// begin it, and for text if it has blanks enough.
func (s *surround) read(line []byte) {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return
	}
	last := line[len(line)-1]
	if last == ';' || last == '(' || last == ')' || endsInCode(line) {
		s.code++
		return
	}
	n := 0
	for n < len(line) && (isWordByte(line[n]) || line[n] == '.' || line[n] == '"' || line[n] == '\'') {
		n++
	}
	rest := bytes.TrimLeft(line[n:], " ")
	switch {
	case n > 0 && len(rest) > 0 && (rest[0] == ':' || rest[0] == '=') && last != '{':
		s.settings++
	case isLetter(line[0]) && bytes.Count(line, []byte(" ")) >= 5:
		s.text++
	}
}

func endsInCode(line []byte) bool {
	for _, end := range [...]string{") {", "=> {", "),", "):"} {
		if n := len(line) - len(end); n >= 0 && string(line[n:]) == end {
			return true
		}
	}
	return false
}
