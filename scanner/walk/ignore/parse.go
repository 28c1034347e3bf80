package ignore

import (
	"bytes"
	"strings"
)

// shape says how a pattern is tested. All but wild are plain comparisons, which
// is what nearly every line of a real .gitignore needs.
type shape uint8

const (
	baseLiteral shape = iota // the base name is text
	pathLiteral              // the path is text
	baseSuffix               // the base name ends in text: "*.log"
	basePrefix               // the base name begins with text: "tmp*"
	pathBelow                // the path begins with text: "out/**"
	baseWild                 // the base name matches prog
	pathWild                 // the path begins with lead and the rest matches prog
)

// pattern is one line of an exclude file.
type pattern struct {
	shape   shape
	negated bool
	dirOnly bool
	line    int
	text    string // as written
	lead    string // the literal that shape compares, or the literal before prog
	prog    *program
}

// list is one exclude file. The patterns of the two literal shapes are found
// by map, all others stand in scan; both keep the order of the file.
type list struct {
	base     int
	patterns []pattern
	names    map[string][]int32 // baseLiteral
	paths    map[string][]int32 // pathLiteral
	scan     []int32
}

// parse reads an exclude file. Lines that can never match (an unclosed bracket,
// a lone backslash at the end) are dropped, as they are without effect in git.
func parse(data []byte, fold bool) *list {
	l := &list{}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	for line := 1; len(data) > 0; line++ {
		var text []byte
		text, data, _ = bytes.Cut(data, []byte("\n"))
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		text = bytes.TrimSuffix(text, []byte("\r"))
		// Git's lines are C strings.
		text, _, _ = bytes.Cut(text, []byte{0})
		if p, ok := parseLine(trimSpaces(string(text)), fold); ok {
			p.line = line
			l.add(p)
		}
	}
	return l
}

// trimSpaces drops trailing spaces that no backslash protects. A line that ends
// in a lone backslash keeps everything.
func trimSpaces(s string) string {
	end := len(s)
	space := -1
	for i := 0; i < end; i++ {
		switch s[i] {
		case ' ':
			if space < 0 {
				space = i
			}
		case '\\':
			i++
			if i == end {
				return s
			}
			space = -1
		default:
			space = -1
		}
	}
	if space >= 0 {
		return s[:space]
	}
	return s
}

// parseLine reads one pattern; ok is false if it can never match.
func parseLine(text string, fold bool) (pattern, bool) {
	p := pattern{text: text}
	s := text
	if strings.HasPrefix(s, "!") {
		p.negated = true
		s = s[1:]
	}
	if strings.HasSuffix(s, "/") {
		p.dirOnly = true
		s = s[:len(s)-1]
	}
	if s == "" {
		return p, false
	}
	if !strings.Contains(s, "/") {
		return p, p.compileBase(s, fold)
	}
	s = strings.TrimPrefix(s, "/")
	// "**/x" without a further slash says the same as "x".
	if rest, ok := strings.CutPrefix(s, "**/"); ok && rest != "" && !strings.Contains(rest, "/") {
		return p, p.compileBase(rest, fold)
	}
	return p, p.compilePath(s, fold)
}

const special = `*?[\`

func (p *pattern) compileBase(s string, fold bool) bool {
	plain := s
	if fold {
		plain = Fold(s)
	}
	switch wild := strings.IndexAny(s, special); {
	case wild < 0:
		p.shape, p.lead = baseLiteral, plain
		return true
	case s[0] == '*' && !strings.ContainsAny(s[1:], special):
		p.shape, p.lead = baseSuffix, plain[1:]
		return true
	case s[wild] == '*' && strings.Trim(s[wild:], "*") == "":
		p.shape, p.lead = basePrefix, plain[:wild]
		return true
	}
	p.shape = baseWild
	p.prog = compile(s, false, fold)
	return p.prog != nil
}

// compilePath splits off the literal beginning first, as git does: a "**" that
// follows it directly counts as the start of a path component, so that
// "foo**/bar" matches "foobar".
func (p *pattern) compilePath(s string, fold bool) bool {
	wild := strings.IndexAny(s, special)
	if wild < 0 {
		wild = len(s)
	}
	p.lead = s[:wild]
	if fold {
		p.lead = Fold(p.lead)
	}
	switch rest := s[wild:]; {
	case rest == "":
		p.shape = pathLiteral
		return p.lead != ""
	case rest == "**":
		p.shape = pathBelow
		return true
	default:
		p.shape = pathWild
		p.prog = compile(rest, true, fold)
		return p.prog != nil
	}
}

func (l *list) add(p pattern) {
	i := int32(len(l.patterns))
	l.patterns = append(l.patterns, p)
	switch p.shape {
	case baseLiteral:
		if l.names == nil {
			l.names = map[string][]int32{}
		}
		l.names[p.lead] = append(l.names[p.lead], i)
	case pathLiteral:
		if l.paths == nil {
			l.paths = map[string][]int32{}
		}
		l.paths[p.lead] = append(l.paths[p.lead], i)
	default:
		l.scan = append(l.scan, i)
	}
}

// last returns the last line that matches, or nil. The path is relative to the
// directory of the file, name is its last component.
func (l *list) last(path, name string, isDir bool) *pattern {
	best := l.lastOf(l.names[name], isDir)
	best = max(best, l.lastOf(l.paths[path], isDir))
	for k := len(l.scan) - 1; k >= 0 && l.scan[k] > best; k-- {
		p := &l.patterns[l.scan[k]]
		if (!p.dirOnly || isDir) && p.matches(path, name) {
			return p
		}
	}
	if best < 0 {
		return nil
	}
	return &l.patterns[best]
}

func (l *list) lastOf(hits []int32, isDir bool) int32 {
	for k := len(hits) - 1; k >= 0; k-- {
		if isDir || !l.patterns[hits[k]].dirOnly {
			return hits[k]
		}
	}
	return -1
}

func (p *pattern) matches(path, name string) bool {
	switch p.shape {
	case baseSuffix:
		return strings.HasSuffix(name, p.lead)
	case basePrefix:
		return strings.HasPrefix(name, p.lead)
	case pathBelow:
		return strings.HasPrefix(path, p.lead)
	case baseWild:
		return p.prog.match(name)
	case pathWild:
		return strings.HasPrefix(path, p.lead) && p.prog.match(path[len(p.lead):])
	case pathLiteral:
		return path == p.lead
	default:
		return name == p.lead
	}
}
