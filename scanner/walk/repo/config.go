package repo

import (
	"bytes"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// config is what the configuration files of one repository say, in order; a
// later value wins.
type config struct{ options []option }

type option struct {
	section, subsection, key string // section and key in lower case
	value                    string
	bare                     bool // the key stands alone, which means true
}

// get returns the last value of a key.
func (c *config) get(section, subsection, key string) (string, bool) {
	for i := len(c.options) - 1; i >= 0; i-- {
		o := &c.options[i]
		if o.section == section && o.subsection == subsection && o.key == key {
			return o.value, true
		}
	}
	return "", false
}

// flag returns the last value of a key as a boolean, by git's rules: yes, on,
// true, a number that is not 0, or no value at all. What is no boolean reads
// as not set.
func (c *config) flag(section, subsection, key string) (on, set bool) {
	for i := len(c.options) - 1; i >= 0; i-- {
		o := &c.options[i]
		if o.section == section && o.subsection == subsection && o.key == key {
			return parseFlag(o)
		}
	}
	return false, false
}

func parseFlag(o *option) (on, set bool) {
	if o.bare {
		return true, true
	}
	switch strings.ToLower(o.value) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off", "":
		return false, true
	}
	n, err := strconv.Atoi(o.value)
	return n != 0, err == nil
}

// subsections returns the names of a section's subsections, sorted.
func (c *config) subsections(section string) []string {
	seen := map[string]bool{}
	for _, o := range c.options {
		if o.section == section && o.subsection != "" {
			seen[o.subsection] = true
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// parse adds the options of one file. It accepts what git 2.39 accepts and
// reports the first line that git would refuse.
func (c *config) parse(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	p := &configParser{data: data, line: 1}
	var section, subsection string
	for {
		ch := p.next()
		switch {
		case ch == '\n':
			if p.eof {
				return nil
			}
		case ch == '#' || ch == ';':
			p.skipLine()
		case isConfigSpace(ch):
		case ch == '[':
			var ok bool
			if section, subsection, ok = p.header(); !ok {
				return p.broken()
			}
		case isAlpha(ch):
			o, ok := p.option(ch)
			if !ok {
				return p.broken()
			}
			o.section, o.subsection = section, subsection
			c.options = append(c.options, o)
		default:
			return p.broken()
		}
	}
}

// configParser reads the bytes of one file as git's config.c does: CRLF is one
// line end, and the end of the file is a line end too.
type configParser struct {
	data []byte
	pos  int
	line int // of the next byte
	last int // line of the byte that next gave
	eof  bool
}

func (p *configParser) next() byte {
	p.last = p.line
	if p.pos >= len(p.data) {
		p.eof = true
		return '\n'
	}
	ch := p.data[p.pos]
	p.pos++
	if ch == '\r' && p.pos < len(p.data) && p.data[p.pos] == '\n' {
		p.pos++
		ch = '\n'
	}
	if ch == '\n' {
		p.line++
	}
	return ch
}

func (p *configParser) broken() error {
	return fmt.Errorf("line %d is not valid git configuration", p.last)
}

// skipLine leaves the line end to be read next.
func (p *configParser) skipLine() {
	i := bytes.IndexByte(p.data[p.pos:], '\n')
	if i < 0 {
		i = len(p.data) - p.pos
	}
	p.pos += i
}

// header reads the rest of [section], [section.subsection] or
// [section "subsection"].
func (p *configParser) header() (section, subsection string, ok bool) {
	var name []byte
	for {
		ch := p.next()
		switch {
		case p.eof:
			return "", "", false
		case ch == ']':
			section, subsection, _ = strings.Cut(string(name), ".")
			return section, subsection, len(name) > 0
		case isConfigSpace(ch):
			subsection, ok = p.quotedName(ch)
			return string(name), subsection, ok
		case !isKeyChar(ch) && ch != '.':
			return "", "", false
		}
		name = append(name, lower(ch))
	}
}

func (p *configParser) quotedName(ch byte) (string, bool) {
	for isConfigSpace(ch) {
		if ch == '\n' {
			return "", false
		}
		ch = p.next()
	}
	if ch != '"' {
		return "", false
	}
	var name []byte
	for {
		ch = p.next()
		if ch == '"' {
			return string(name), p.next() == ']'
		}
		if ch == '\\' {
			ch = p.next()
		}
		if ch == '\n' {
			return "", false
		}
		name = append(name, ch)
	}
}

// option reads a key whose first letter is ch, and its value.
func (p *configParser) option(ch byte) (option, bool) {
	key := []byte{lower(ch)}
	ch = p.next()
	for !p.eof && isKeyChar(ch) {
		key = append(key, lower(ch))
		ch = p.next()
	}
	for ch == ' ' || ch == '\t' {
		ch = p.next()
	}
	if ch == '\n' {
		return option{key: string(key), bare: true}, true
	}
	if ch != '=' {
		return option{}, false
	}
	value, ok := p.value()
	return option{key: string(key), value: value}, ok
}

func (p *configParser) value() (string, bool) {
	var value []byte
	quoted, keep := false, 0 // keep is the length without trailing white space
	for {
		ch := p.next()
		switch {
		case ch == '\n':
			return string(value[:keep]), !quoted
		case !quoted && isConfigSpace(ch):
			if len(value) > 0 {
				value = append(value, ch)
			}
			continue
		case !quoted && (ch == ';' || ch == '#'):
			p.skipLine()
			continue
		case ch == '"':
			quoted = !quoted
		case ch == '\\':
			ch = p.next()
			if ch == '\n' {
				keep = len(value) // git keeps the white space before a continued line
				continue
			}
			i := strings.IndexByte(`tbn\"`, ch)
			if i < 0 {
				return "", false
			}
			value = append(value, "\t\b\n\\\""[i])
		default:
			value = append(value, ch)
		}
		keep = len(value)
	}
}

func isConfigSpace(ch byte) bool { return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' }
func isAlpha(ch byte) bool       { return lower(ch) >= 'a' && lower(ch) <= 'z' }
func isKeyChar(ch byte) bool     { return isAlpha(ch) || ch >= '0' && ch <= '9' || ch == '-' }

func lower(ch byte) byte {
	if ch >= 'A' && ch <= 'Z' {
		return ch + 'a' - 'A'
	}
	return ch
}
