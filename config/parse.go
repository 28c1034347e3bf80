package config

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"keyrake/rules"
	"keyrake/scanner/known"
)

// The bounds of one file.
const (
	maxBytes = 256 << 10
	maxDepth = 8
	maxNodes = 20_000
)

// document is a file that is being read.
type document struct {
	name    string
	foreign bool
	layer   Layer
	extends []Value
	faults  []error
}

// parse reads one file. It reports all faults at once, each with file and line.
func parse(name string, data []byte, foreign bool) (*document, error) {
	d := &document{name: name, foreign: foreign, layer: Layer{Singles: map[string]Value{}, Plurals: map[string][]Value{}}}
	switch {
	case len(data) > maxBytes:
		return nil, fmt.Errorf("%s: the file has %d bytes, more than the %d that a configuration may have", name, len(data), maxBytes)
	case !utf8.Valid(data):
		return nil, fmt.Errorf("%s: the file is not UTF-8 text", name)
	}
	var doc, second yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	if err := dec.Decode(&doc); err == io.EOF {
		return d, nil // an empty file says nothing
	} else if err != nil {
		return nil, yamlError(name, err)
	}
	if err := dec.Decode(&second); err == nil {
		d.fault(&second, "the file holds a second YAML document: keep all settings in one")
	} else if err != io.EOF {
		return nil, yamlError(name, err)
	}
	nodes := 0
	if d.bounded(&doc, 0, &nodes) {
		d.top(doc.Content[0])
	}
	return d, errors.Join(d.faults...)
}

// yamlError turns "yaml: line 3: reason" into our form.
func yamlError(name string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if n, reason, ok := strings.Cut(rest, ": "); ok {
			if line, err := strconv.Atoi(n); err == nil {
				return fmt.Errorf("%s:%d: not valid YAML: %s", name, line, reason)
			}
		}
	}
	if strings.HasPrefix(text, "unknown anchor") || strings.HasPrefix(text, "document ") {
		return fmt.Errorf("%s: not valid YAML: %s", name, text)
	}
	return fmt.Errorf("%s:1: not valid YAML: %s", name, text) // of the first line alone the parser gives no number
}

func (d *document) fault(n *yaml.Node, format string, args ...any) {
	d.faults = append(d.faults, fmt.Errorf("%s: %w", d.at(n), fmt.Errorf(format, args...)))
}

func (d *document) at(n *yaml.Node) known.Origin {
	return known.Origin{File: d.name, Line: max(n.Line, 1)}
}

// bounded refuses aliases, and what nests too deep or holds too much.
func (d *document) bounded(n *yaml.Node, depth int, nodes *int) bool {
	*nodes++
	switch {
	case n.Kind == yaml.AliasNode:
		d.fault(n, "YAML alias *%s is not allowed: write the value out", n.Value)
		return false
	case n.Anchor != "":
		d.fault(n, "YAML anchor &%s is not allowed: write the value out", n.Anchor)
		return false
	case depth > maxDepth:
		d.fault(n, "the file nests more than %d deep", maxDepth)
		return false
	case *nodes > maxNodes:
		d.fault(n, "the file holds more than %d values", maxNodes)
		return false
	}
	for _, c := range n.Content {
		if !d.bounded(c, depth+1, nodes) {
			return false
		}
	}
	return true
}

// fields calls use for each known key of a mapping.
func (d *document) fields(n *yaml.Node, what string, names []string, use func(key string, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.fault(n, "%s is not a mapping of keys to values", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.fault(key, "a key of %s is not a word", what)
		case names != nil && !slices.Contains(names, key.Value):
			d.fault(key, "key %q is unknown%s", key.Value, rules.Suggest(key.Value, names))
		case seen[key.Value]:
			d.fault(key, "key %q is there twice", key.Value)
		default:
			use(key.Value, n.Content[i+1])
		}
		seen[key.Value] = true
	}
}

func (d *document) top(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return // nothing but comments
	}
	d.fields(n, "the file", keys(), func(key string, value *yaml.Node) {
		switch key {
		case severity:
			d.severity(value)
		case ignoreKey:
			d.entries(value, "path")
		case allowKey:
			d.entries(value, "fingerprint")
		case extends:
			d.extends = d.words(key, value)
		case RuleFiles, EnableRule, DisableRule:
			d.layer.Plurals[key] = d.words(key, value)
		default:
			if text, ok := d.word(key, value); ok {
				d.layer.Singles[key] = d.value(text, value)
			}
		}
	})
}

func (d *document) value(text string, n *yaml.Node) Value { return Value{text, d.at(n), d.foreign} }

// word reads one value as text.
func (d *document) word(what string, n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		d.fault(n, "%s needs one value", what)
		return "", false
	}
	return n.Value, true
}

// words reads a list, or one value in place of a list of one.
func (d *document) words(key string, n *yaml.Node) (list []Value) {
	items := n.Content
	if n.Kind != yaml.SequenceNode {
		items = []*yaml.Node{n}
	}
	for _, item := range items {
		if text, ok := d.word(key, item); ok {
			list = append(list, d.value(text, item))
		}
	}
	return list
}

func (d *document) severity(n *yaml.Node) {
	d.fields(n, severity, nil, func(rule string, value *yaml.Node) {
		text, ok := d.word("severity of "+rule, value)
		if !ok {
			return
		}
		level, err := rules.ParseSeverity(text)
		if err != nil {
			d.fault(value, "%w", err)
		}
		d.layer.Severities = append(d.layer.Severities, Severity{rule, level, d.at(value), d.foreign})
	})
}

// entries reads a list of accepted paths, or of fingerprints and conditions.
func (d *document) entries(n *yaml.Node, what string) {
	if n.Kind != yaml.SequenceNode {
		d.fault(n, "this is not a list of mappings with the keys %s, reason and until", what)
		return
	}
	names := []string{what, "reason", "until"}
	tests := []string{"rules", "paths", "outside", "secrets", "matches", "lines", "above", "words", "commits"}
	if what == "fingerprint" {
		names = append(append(names, tests...), "every")
	}
	for _, item := range n.Content {
		e := known.Entry{From: d.at(item)}
		before := len(d.faults)
		d.fields(item, "the entry", names, func(key string, value *yaml.Node) { d.entry(&e, key, value) })
		if len(d.faults) > before {
			continue
		}
		switch {
		case e.When != nil && e.Fingerprint != "":
			d.fault(item, "a fingerprint names one finding and goes with no other test")
			continue
		case e.When == nil && e.Fingerprint == "" && what == "fingerprint":
			d.fault(item, "the entry does not say what it accepts: give it a fingerprint, or one of %s", strings.Join(tests, ", "))
			continue
		case e.When == nil && e.Pattern == "" && e.Fingerprint == "":
			d.fault(item, "the key %s is missing", what)
			continue
		}
		if err := e.Check(); err != nil {
			d.fault(item, "%w", err)
			continue
		}
		d.layer.Entries = append(d.layer.Entries, e)
	}
}

// entry reads one key of an entry.
func (d *document) entry(e *known.Entry, key string, value *yaml.Node) {
	if slices.Contains([]string{"path", "fingerprint", "reason", "until"}, key) {
		text, ok := d.word(key, value)
		if !ok {
			return
		}
		switch key {
		case "path":
			e.Pattern = text
		case "fingerprint":
			e.Fingerprint = text
		case "reason":
			e.Reason = strings.Join(strings.Fields(text), " ")
		case "until":
			day, err := known.ParseDay(text)
			if err != nil {
				d.fault(value, "%w", err)
			}
			e.Until = day
		}
		return
	}
	if e.When == nil {
		e.When = &known.Condition{}
	}
	c := e.When
	if key == "every" {
		if value.Value != "true" && value.Value != "false" {
			d.fault(value, "every is not true or false")
		}
		c.Every = value.Value == "true"
		return
	}
	var list []string
	for _, v := range d.words(key, value) {
		list = append(list, v.Text)
	}
	*map[string]*[]string{"rules": &c.Rules, "paths": &c.Paths, "outside": &c.Outside, "secrets": &c.Secrets, "matches": &c.Matches,
		"lines": &c.Lines, "above": &c.Above, "words": &c.Words, "commits": &c.Commits}[key] = list
}
