package rules

import (
	"io/fs"
	"path"

	"go.yaml.in/yaml/v3"
)

// include reads the files that a list names.
func (p *parser) include(list *yaml.Node, by string) []Rule {
	switch {
	case by != "":
		p.fault(list.Line, "", "a file that %s includes cannot include others: name them there", by)
		return nil
	case p.fsys == nil:
		p.fault(list.Line, "", "include works in the built-in rules only: name each rule file by itself")
		return nil
	case list.Kind != yaml.SequenceNode:
		p.fault(list.Line, "", "include is not a list")
		return nil
	}
	var all []Rule
	for _, n := range list.Content {
		if n.Kind != yaml.ScalarNode || !fs.ValidPath(n.Value) || n.Value == "." {
			p.fault(n.Line, "", "include %q is not a path of a file in this folder or below it", n.Value)
			continue
		}
		names, err := fs.Glob(p.fsys, path.Join(path.Dir(p.file), n.Value))
		if err != nil || len(names) == 0 {
			p.fault(n.Line, "", "include %q names no file", n.Value)
			continue
		}
		for _, name := range names {
			all = append(all, p.includeFile(n.Line, name)...)
		}
	}
	return all
}

// includeFile reads a file unless an earlier path named it.
func (p *parser) includeFile(line int, name string) []Rule {
	if p.done[name] || name == p.file {
		return nil
	}
	p.done[name] = true
	src, err := fs.ReadFile(p.fsys, name)
	if err != nil {
		p.fault(line, "", "%s cannot be read: %v", name, err)
		return nil
	}
	before := len(p.faults)
	list := p.read(name, src, p.file)
	if len(list) == 0 && len(p.faults) == before {
		p.faults = append(p.faults, fault{place{name, 1}, "the file holds no rules: list at least one under rules"})
	}
	return list
}
