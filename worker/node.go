package worker

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"

	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/tailscale/hujson"
)

// Shape says what a Node holds.
type Shape uint8

// The shapes of a Node.
const (
	Other Shape = iota // null, a date
	Table
	List
	Text
	Number
	Flag
)

// Node is a value of a configuration with its line, the same
// for TOML and JSON. All its methods may be called on nil, which is "not there".
type Node struct {
	Shape Shape
	Line  int    // of the key, if it has one
	Text  string // of Text, Number and Flag
	// From and To bound the value in bytes of the file; To is 0 where that is not known.
	From, To int
	keys     []string
	items    []*Node // of a Table, one for each key; of a List, in order
}

// Get follows keys into tables; nil if there is no such value.
func (n *Node) Get(keys ...string) *Node {
	for _, key := range keys {
		if n == nil {
			return nil
		}
		next := (*Node)(nil)
		for i, k := range n.keys {
			if k == key {
				next = n.items[i] // the last one counts, as in JSON
			}
		}
		n = next
	}
	return n
}

// Members gives the keys and values of a table, in order.
func (n *Node) Members() func(yield func(string, *Node) bool) {
	return func(yield func(string, *Node) bool) {
		if n == nil || n.Shape != Table {
			return
		}
		for i, k := range n.keys {
			if !yield(k, n.items[i]) {
				return
			}
		}
	}
}

// Items gives the elements of a list.
func (n *Node) Items() []*Node {
	if n == nil || n.Shape != List {
		return nil
	}
	return n.items
}

// String gives the text of a scalar, "" for all else.
func (n *Node) String() string {
	if n == nil {
		return ""
	}
	return n.Text
}

// Is reports whether the value is the boolean b.
func (n *Node) Is(b bool) bool {
	return n != nil && n.Shape == Flag && n.Text == strconv.FormatBool(b)
}

// Len is the number of elements or members.
func (n *Node) Len() int {
	if n == nil {
		return 0
	}
	return len(n.items)
}

func (n *Node) set(key string, v *Node) {
	n.keys, n.items = append(n.keys, key), append(n.items, v)
}

// SyntaxError says why a configuration could not be parsed.
type SyntaxError struct {
	Line   int
	Reason string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// parseNode parses TOML or JSON with comments and trailing commas, by name.
func parseNode(name string, data []byte) (*Node, *SyntaxError) {
	if rest, ok := bytes.CutPrefix(data, []byte("\xef\xbb\xbf")); ok {
		data = append([]byte("   "), rest...) // offsets stay what they are
	}
	if path.Ext(withoutTemplate(name)) == ".toml" {
		return parseTOML(data)
	}
	return parseJSON(data)
}

// maxDepth bounds nested values; wrangler's own schema has less than ten.
const maxDepth = 64

func parseJSON(data []byte) (*Node, *SyntaxError) {
	if line := tooDeep(data); line > 0 {
		return nil, &SyntaxError{line, fmt.Sprintf("values are nested more than %d deep", maxDepth)}
	}
	v, err := hujson.Parse(data)
	if err != nil {
		return nil, &SyntaxError{1, "it is no JSON: " + err.Error()}
	}
	j := jsonReader{data: data}
	return j.node(&v, j.lineAt(v.StartOffset)), nil
}

// tooDeep gives the line where brackets nest too deep, 0 if they do not. It
// counts those in texts and comments too, which come in pairs as a rule.
func tooDeep(data []byte) int {
	depth := 0
	for i, b := range data {
		switch b {
		case '{', '[':
			if depth++; depth > maxDepth {
				return bytes.Count(data[:i], []byte{'\n'}) + 1
			}
		case '}', ']':
			depth--
		}
	}
	return 0
}

// jsonReader counts lines as offsets rise.
type jsonReader struct {
	data     []byte
	at, line int
}

func (j *jsonReader) lineAt(off int) int {
	off = min(off, len(j.data))
	if off < j.at {
		j.at, j.line = 0, 0
	}
	j.line += bytes.Count(j.data[j.at:off], []byte{'\n'})
	j.at = off
	return j.line + 1
}

func (j *jsonReader) node(v *hujson.Value, line int) *Node {
	n := &Node{Line: line, From: v.StartOffset, To: v.EndOffset}
	switch t := v.Value.(type) {
	case *hujson.Object:
		n.Shape = Table
		for i := range t.Members {
			m := &t.Members[i]
			name, _ := m.Name.Value.(hujson.Literal)
			n.set(name.String(), j.node(&m.Value, j.lineAt(m.Name.StartOffset)))
		}
	case *hujson.Array:
		n.Shape = List
		for i := range t.Elements {
			n.items = append(n.items, j.node(&t.Elements[i], j.lineAt(t.Elements[i].StartOffset)))
		}
	case hujson.Literal:
		n.Text = t.String()
		switch t.Kind() {
		case '"':
			n.Shape = Text
		case '0':
			n.Shape = Number
		case 't', 'f':
			n.Shape = Flag
		}
	}
	return n
}

func parseTOML(data []byte) (*Node, *SyntaxError) {
	if line := tooDeep(data); line > 0 {
		return nil, &SyntaxError{line, fmt.Sprintf("values are nested more than %d deep", maxDepth)}
	}
	var p unstable.Parser
	p.Reset(data)
	t := &tomlReader{parser: &p, data: data}
	root := &Node{Shape: Table, Line: 1}
	at := root
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			at = t.open(root, e.Key(), false)
		case unstable.ArrayTable:
			at = t.open(root, e.Key(), true)
		case unstable.KeyValue:
			t.assign(at, e)
		}
	}
	if err := p.Error(); err != nil {
		line := 1
		if bad, ok := err.(*unstable.ParserError); ok {
			line = t.line(bad.Highlight)
		}
		return nil, &SyntaxError{line, "it is no TOML: " + err.Error()}
	}
	return root, nil
}

type tomlReader struct {
	parser *unstable.Parser
	data   []byte
}

// line says where part lies, if it is a part of the document.
func (t *tomlReader) line(part []byte) int {
	if len(part) == 0 || cap(part) > cap(t.data) {
		return 1
	}
	off := cap(t.data) - cap(part)
	if off > len(t.data) {
		return 1
	}
	return bytes.Count(t.data[:off], []byte{'\n'}) + 1
}

// open goes to the table of a header, which it makes if need be. Of a list of
// tables the last one is meant, or a new one.
func (t *tomlReader) open(n *Node, key unstable.Iterator, element bool) *Node {
	for key.Next() {
		k := key.Node()
		line := bytes.Count(t.data[:min(int(k.Raw.Offset), len(t.data))], []byte{'\n'}) + 1
		next := n.Get(string(k.Data))
		if element && key.IsLast() {
			if next == nil || next.Shape != List {
				next = &Node{Shape: List, Line: line}
				n.set(string(k.Data), next)
			}
			next.items = append(next.items, &Node{Shape: Table, Line: line})
		} else if next == nil || next.Shape != Table && next.Shape != List {
			next = &Node{Shape: Table, Line: line}
			n.set(string(k.Data), next)
		}
		if next.Shape == List && len(next.items) > 0 {
			next = next.items[len(next.items)-1]
		}
		n = next
	}
	return n
}

func (t *tomlReader) assign(n *Node, e *unstable.Node) {
	key := e.Key()
	for key.Next() {
		k := key.Node()
		line := bytes.Count(t.data[:min(int(k.Raw.Offset), len(t.data))], []byte{'\n'}) + 1
		if key.IsLast() {
			n.set(string(k.Data), t.value(e.Value(), line))
			return
		}
		next := n.Get(string(k.Data))
		if next == nil || next.Shape != Table {
			next = &Node{Shape: Table, Line: line}
			n.set(string(k.Data), next)
		}
		n = next
	}
}

func (t *tomlReader) value(v *unstable.Node, line int) *Node {
	n := &Node{Line: line, Text: string(v.Data)}
	if v.Raw.Length > 0 {
		n.From, n.To = int(v.Raw.Offset), int(v.Raw.Offset+v.Raw.Length)
	}
	switch v.Kind {
	case unstable.String:
		n.Shape = Text
	case unstable.Bool:
		n.Shape = Flag
	case unstable.Integer, unstable.Float:
		n.Shape = Number
	case unstable.Array:
		n.Shape = List
		for it := v.Children(); it.Next(); {
			c := it.Node()
			at := line
			if c.Raw.Length > 0 {
				at = bytes.Count(t.data[:min(int(c.Raw.Offset), len(t.data))], []byte{'\n'}) + 1
			}
			n.items = append(n.items, t.value(c, at))
		}
	case unstable.InlineTable:
		n.Shape = Table
		for it := v.Children(); it.Next(); {
			t.assign(n, it.Node())
		}
	}
	return n
}

// Plain gives a value as maps, slices and texts, for comparing.
func (n *Node) Plain() any {
	switch {
	case n == nil:
		return nil
	case n.Shape == Table:
		m := map[string]any{}
		for k, v := range n.Members() {
			m[k] = v.Plain()
		}
		return m
	case n.Shape == List:
		l := make([]any, len(n.items))
		for i, v := range n.items {
			l[i] = v.Plain()
		}
		return l
	}
	return [2]any{n.Shape, n.Text}
}

// Append adds a member behind the last one of a JSON document's top table, on a
// line of its own if the last one has one. It is nil if there is no member yet.
func (n *Node) Append(data []byte, member string) []byte {
	last := 0
	for _, v := range n.items {
		last = max(last, v.To)
	}
	if last == 0 || last > len(data) {
		return nil
	}
	at := n.items[len(n.items)-1].From
	start := bytes.LastIndexByte(data[:at], '\n') + 1
	eol := bytes.IndexByte(data[last:], '\n')
	if start == 0 || eol < 0 || bytes.IndexByte(data[last:last+eol], '}') >= 0 {
		return slices.Concat(data[:last], []byte(", "+member), data[last:])
	}
	indent := data[start:at]
	indent = indent[:len(indent)-len(bytes.TrimLeft(indent, " \t"))]
	rest, end := data[last:last+eol], []byte("\n") // a comment may follow
	if bytes.HasSuffix(rest, []byte("\r")) {
		rest, end = rest[:len(rest)-1], []byte("\r\n")
	}
	if bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte(",")) {
		return slices.Concat(data[:last], rest, end, indent, []byte(member+","), data[last+len(rest):])
	}
	return slices.Concat(data[:last], []byte(","), rest, end, indent, []byte(member), data[last+len(rest):])
}
