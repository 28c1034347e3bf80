package rules

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile is the largest rule file that Parse reads.
const maxFile = 4 << 20

var (
	severities = []string{"info", "low", "medium", "high", "critical"}
	kinds      = []string{"token", "assignment"}
	boundaries = []string{"both", "left", "right", "none"}
	ruleKeys   = []string{
		"id", "title", "provider", "severity", "kind", "keywords", "pattern", "name", "near", "secret",
		"boundary", "backtrack", "whole", "entropy", "proof", "reach", "confidence", "exact", "generic", "homemade", "remedy", "source",
		"examples", "negatives",
	}
	reachKeys = []string{"before", "after"}
	fileKeys  = []string{"include", "rules"}
)

// Parse reads a rule file and checks every rule in it. name is what errors
// call the file. It reports all faults at once, in the order of their lines, each as
// one sentence with file and line.
//
// The file holds one mapping with the key rules, a list. A rule has the keys of
// Rule in lower case; kind is token unless said otherwise, boundary both,
// severity medium, confidence 0.75, and secret the whole match, a group's number
// or its name. reach: {before: N, after: N} declares what Reach cannot compute
// or should not be less; either side may be left out where Reach knows it.
//
// A file that includes others needs ParseFS.
func Parse(name string, src []byte) ([]Rule, error) {
	return newParser(nil).parse(name, src)
}

// ParseFS reads the rule file name of fsys and the files that it includes as
// Parse does. The key include is a list of paths relative to the file that holds
// it; * and ? in them match any files. An included file lies in the same
// folder or below it and includes nothing itself. All ids together are unique.
func ParseFS(fsys fs.FS, name string) ([]Rule, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("%s:1: the file cannot be read: %w", name, err)
	}
	return newParser(fsys).parse(name, src)
}

func (p *parser) parse(name string, src []byte) ([]Rule, error) {
	p.faults = nil
	list := p.read(name, src, "")
	if len(p.faults) > 0 {
		return nil, p.err()
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s:1: the file holds no rules: list at least one under rules", name)
	}
	return list, nil
}

// read returns the rules of one file and of those that it includes. by is the
// file that includes it, or "".
func (p *parser) read(name string, src []byte, by string) []Rule {
	outer := p.file
	p.file = name
	defer func() { p.file = outer }()
	if len(src) > maxFile {
		p.fault(1, "", "the file has %d bytes, more than the %d that a rule file may have", len(src), maxFile)
		return nil
	}
	var doc, second yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(string(src)))
	if err := dec.Decode(&doc); err != nil {
		p.yamlFault(err)
		return nil
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		p.fault(max(second.Line, 1), "", "the file holds a second YAML document: keep all rules in one list")
	case err != io.EOF:
		p.yamlFault(err)
		return nil
	}
	return p.document(&doc, by)
}

func (p *parser) document(doc *yaml.Node, by string) []Rule {
	if n := findAlias(doc); n != nil {
		p.fault(n.Line, "", "YAML alias *%s is not allowed: write the value out", n.Value)
		return nil
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		p.fault(max(doc.Line, 1), "", "the file is not a mapping with the key rules")
		return nil
	}
	fields := p.mapping(doc.Content[0], "", fileKeys)
	list, include := fields["rules"], fields["include"]
	var all []Rule
	switch {
	case list == nil && include == nil:
		p.fault(doc.Content[0].Line, "", "the key rules is missing")
	case list != nil && list.Kind != yaml.SequenceNode:
		p.fault(list.Line, "", "rules is not a list")
	case list != nil:
		all = p.list(list)
	}
	if include != nil {
		all = append(all, p.include(include, by)...)
	}
	return all
}

func (p *parser) list(list *yaml.Node) []Rule {
	rules := make([]Rule, 0, len(list.Content))
	for _, n := range list.Content {
		r, ok := p.rule(n)
		if !ok {
			continue
		}
		if first, twice := p.seen[r.ID]; twice && first.file == p.file {
			p.fault(n.Line, r.ID, "the id is already used on line %d", first.line)
		} else if twice {
			p.fault(n.Line, r.ID, "the id is already used in %s on line %d", first.file, first.line)
		} else {
			p.seen[r.ID] = place{p.file, n.Line}
		}
		rules = append(rules, r)
	}
	return rules
}

func findAlias(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n
	}
	for _, c := range n.Content {
		if a := findAlias(c); a != nil {
			return a
		}
	}
	return nil
}

// mapping returns a mapping's values by key and reports unknown and double keys.
func (p *parser) mapping(n *yaml.Node, id string, known []string) map[string]*yaml.Node {
	fields := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case !slices.Contains(known, key.Value):
			p.fault(key.Line, id, "key %q is unknown%s", key.Value, hint(key.Value, known))
		case fields[key.Value] != nil:
			p.fault(key.Line, id, "key %q is there twice", key.Value)
		default:
			fields[key.Value] = n.Content[i+1]
		}
	}
	return fields
}

// rule reads one rule and checks it. A rule with faults in its YAML is not
// checked further.
func (p *parser) rule(n *yaml.Node) (Rule, bool) {
	if n.Kind != yaml.MappingNode {
		p.fault(n.Line, "", "a rule is not a mapping")
		return Rule{}, false
	}
	id := "without id"
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "id" && n.Content[i+1].Kind == yaml.ScalarNode {
			id = n.Content[i+1].Value
		}
	}
	before := len(p.faults)
	f := &fieldReader{p: p, id: id, fields: p.mapping(n, id, ruleKeys)}
	r := Rule{
		ID:         f.text("id"),
		Title:      f.text("title"),
		Provider:   f.text("provider"),
		Severity:   Severity(f.word("severity", severities, int(Medium))),
		Kind:       Kind(f.word("kind", kinds, int(Token))),
		Keywords:   f.list("keywords"),
		Pattern:    f.text("pattern"),
		Name:       f.text("name"),
		Near:       f.list("near"),
		Boundary:   Boundary(f.word("boundary", boundaries, int(BoundaryBoth))),
		Backtrack:  f.flag("backtrack"),
		Whole:      f.flag("whole"),
		Exact:      f.flag("exact"),
		Entropy:    f.number("entropy", 0),
		Proof:      f.text("proof"),
		Confidence: f.number("confidence", 0.75),
		Generic:    f.flag("generic"),
		Homemade:   f.flag("homemade"),
		Remedy:     f.text("remedy"),
		Source:     f.text("source"),
		Examples:   f.list("examples"),
		Negatives:  f.list("negatives"),
	}
	f.secret(&r)
	f.reach(&r)
	if len(p.faults) > before {
		return r, false
	}
	for _, bad := range check(&r) {
		line := n.Line
		if v := f.fields[bad.field]; v != nil {
			line = v.Line
		}
		p.fault(line, id, "%s", bad.text)
	}
	return r, true
}

// fieldReader reads the typed fields of one rule.
type fieldReader struct {
	p      *parser
	id     string
	fields map[string]*yaml.Node
}

func (f *fieldReader) fault(n *yaml.Node, format string, args ...any) {
	f.p.fault(n.Line, f.id, format, args...)
}

func (f *fieldReader) text(key string) string {
	n := f.fields[key]
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		f.fault(n, "%s is not a text", key)
		return ""
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return strings.TrimSuffix(n.Value, "\n") // a block ends a line; in quotes it is meant
	}
	return n.Value
}

func (f *fieldReader) word(key string, known []string, missing int) int {
	n := f.fields[key]
	if n == nil {
		return missing
	}
	i := slices.Index(known, n.Value)
	if n.Kind != yaml.ScalarNode || i < 0 {
		f.fault(n, "%s %q is not one of %s", key, n.Value, strings.Join(known, ", "))
		return missing
	}
	return i
}

func (f *fieldReader) flag(key string) bool {
	n := f.fields[key]
	if n == nil {
		return false
	}
	if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
		f.fault(n, "%s is not true or false", key)
	}
	return n.Value == "true"
}

func (f *fieldReader) number(key string, missing float64) float64 {
	n := f.fields[key]
	if n == nil {
		return missing
	}
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil {
		f.fault(n, "%s %q is not a number", key, n.Value)
		return missing
	}
	return v
}

func (f *fieldReader) list(key string) []string {
	n := f.fields[key]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		f.fault(n, "%s is not a list", key)
		return nil
	}
	out := make([]string, 0, len(n.Content))
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode || c.Tag == "!!null" {
			f.fault(c, "%s holds something that is not a text", key)
			continue
		}
		out = append(out, c.Value)
	}
	return out
}

// secret reads a group's number, or finds the number of a named group.
func (f *fieldReader) secret(r *Rule) {
	n := f.fields["secret"]
	if n == nil {
		return
	}
	if v, err := strconv.Atoi(n.Value); err == nil && n.Kind == yaml.ScalarNode {
		r.Secret = v
		return
	}
	pat, err := parsePattern(r)
	if err != nil {
		return // check words this fault
	}
	r.Secret = slices.Index(pat.re.CapNames(), n.Value)
	if r.Secret < 1 {
		f.fault(n, "secret names group %q, which the pattern does not have", n.Value)
	}
}

// reach computes the reach and lets declared sides replace it.
func (f *fieldReader) reach(r *Rule) {
	before, after, err := Reach(r)
	n := f.fields["reach"]
	if n == nil {
		r.Before, r.After = before, after
		return
	}
	if n.Kind != yaml.MappingNode {
		f.fault(n, "reach is not a mapping {before: N, after: N}")
		return
	}
	if err != nil {
		before, after = 0, 0
		if pat, err := parsePattern(r); err == nil && (r.Kind == Assignment || startsWithKeyword(pat.re, r.Keywords)) {
			before = reachLine
			if r.Kind == Assignment {
				before = reachNameBefore
			}
			if len(r.Near) > 0 {
				before = max(before, reachNear)
			}
		}
	}
	sides := f.p.mapping(n, f.id, reachKeys)
	r.Before = f.side(sides["before"], "before", before)
	r.After = f.side(sides["after"], "after", after)
}

func (f *fieldReader) side(n *yaml.Node, name string, missing int) int {
	if n == nil {
		return missing
	}
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < 1 {
		f.fault(n, "reach.%s %q is not a number of bytes above 0", name, n.Value)
		return missing
	}
	return v
}
