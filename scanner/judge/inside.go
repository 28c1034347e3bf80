package judge

import "bytes"

// insideReach is how far before a lone key the name of what it is inside of is
// looked for.
const insideReach = 240

// isInService says whether text ends inside of something with a name of its
// own that may be a service's: an object, a section, a mapping. A key inside of
// "cache" or "items" looks something up.
func isInService(text []byte) bool {
	if holdsAny(lineBefore(text), `service"`, `provider"`, `platform"`, `vendor"`) {
		return true // {"service": "acme", "key": …}
	}
	text = text[max(0, len(text)-insideReach):]
	name := insideOf(text)
	if name == nil {
		return followsHeading(text)
	}
	if len(name) < 3 || len(name) > 40 {
		return false
	}
	var buf [40]byte
	switch string(letters(buf[:0], name)) {
	case "params", "query", "qs", "headers", "auth", "credentials", "querystring":
		return true
	case "metadata", "attributes", "state", "props", "labels", "annotations", "results", "result", "entry", "entries", "fields",
		"columns", "values", "objects", "files", "chunks", "nodes", "records", "locks", "default", "exports", "return", "steps",
		"settings", "elements", "children", "keys", "data", "body", "payload", "restore", "save", "expect", "assert", "toequal",
		"map", "push", "set", "get", "put", "delete", "find", "has", "if", "for", "switch", "while", "function", "catch",
		"div", "span", "img", "li", "tr", "td", "th", "ul", "ol", "input", "button", "option", "section", "article", "label", "svg", "path", "link", "nav",
		"form", "select", "table", "tbody", "tab", "card", "row", "column", "image", "icon", "avatar", "event", "events", "blob", "commit", "resources", "properties", "tests", "cases", "rows", "list":
		return false
	}
	return readName(name)&(saysOther|saysHash|saysPublic|saysExample|saysText) == 0
}

// followsHeading says whether the last heading of Markdown in text may be that
// of a service: of the second level, or one that speaks of an API. With one mark
// most lines are comments.
func followsHeading(text []byte) bool {
	at := bytes.LastIndex(text, []byte("\n#")) + 1
	line := text[at:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	title := bytes.TrimLeft(line, "#")
	if len(title) < 4 || title[0] != ' ' || !isUpper(title[1]) {
		return false
	}
	return len(line)-len(title) >= 2 || bytes.HasSuffix(title, []byte(" API"))
}

// insideOf returns the name of what the end of text is inside of: "acme": {,
// acme( and the like, [acme] of INI, or the less indented acme: of YAML.
func insideOf(text []byte) []byte {
	if n := len(text); n > 0 && text[n-1] == '<' {
		return element(text[:n-1])
	}
	if line := lineBefore(text); bytes.LastIndexByte(line, '<') > bytes.LastIndexByte(line, '>') {
		return element(append(bytes.Clone(line), '>'))
	}
	depth, end := 0, len(text)
	indent := -1
	for i := len(text) - 1; i >= -1; i-- {
		c := byte('\n')
		if i >= 0 {
			c = text[i]
		}
		switch c {
		case '}', ')':
			depth++
		case ']':
			if i+1 == end && end < len(text) {
				if name := header(text[:i]); name != nil {
					return name
				}
			}
			depth++
		case '{', '(', '[':
			if depth == 0 {
				return lastName(text[:i])
			}
			depth--
		case '\n':
			line := text[i+1 : end]
			n := len(line) - len(bytes.TrimLeft(line, " \t-"))
			if end == len(text) {
				indent = n
			} else if depth == 0 && n < indent && len(line) > n+1 && line[len(line)-1] == ':' {
				return bytes.Trim(line[n:len(line)-1], "\"'")
			}
			end = i
		}
	}
	return nil
}

// element returns the name of the element whose opening tag ends text, or nil.
func element(text []byte) []byte {
	text = bytes.TrimRight(text, " \t\r\n")
	if n := len(text); n == 0 || text[n-1] != '>' {
		return nil
	}
	name := text[bytes.LastIndexByte(text, '<')+1:]
	for i, c := range name {
		if !isWordByte(c) && c != '-' {
			return name[:i]
		}
	}
	return nil
}

// header returns the last part of the name of an INI or TOML section whose
// closing bracket ends text's line, or nil.
func header(text []byte) []byte {
	line := text[bytes.LastIndexByte(text, '\n')+1:]
	if len(line) < 2 || line[0] != '[' {
		return nil
	}
	line = line[1:]
	return bytes.Trim(line[bytes.LastIndexByte(line, '.')+1:], "[]\"' ")
}

// lastName returns the name before an opening bracket at the end of text, with
// only operators, quotes and further brackets between.
func lastName(text []byte) []byte {
	end := len(text)
	for end > 0 && bytes.IndexByte([]byte("\"'`:=>({[ \t"), text[end-1]) >= 0 {
		end--
	}
	from := end
	for from > 0 && (isWordByte(text[from-1]) || text[from-1] == '-') {
		from--
	}
	return text[from:end]
}
