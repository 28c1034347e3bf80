package worker

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Command is a line that a shell is given.
type Command struct {
	Place
	Text string
	Name string // of a script in package.json; "" for all else
}

// Setting is a named value that a step is given.
type Setting struct {
	Place
	Name, Value string
	Input       bool // of an action ("with:"), not of the environment
}

// Step is one step of a job: a shell's commands or an action.
type Step struct {
	Place
	Action   string // what "uses:" names, "" for commands
	Commands []Command
	Settings []Setting // of the step, its job and the workflow
}

// Input gives an action's input.
func (s *Step) Input(name string) (Setting, bool) {
	i := slices.IndexFunc(s.Settings, func(x Setting) bool { return x.Input && strings.EqualFold(x.Name, name) })
	if i < 0 {
		return Setting{}, false
	}
	return s.Settings[i], true
}

// IsWranglerAction reports whether a step is Cloudflare's action that calls wrangler.
func (s *Step) IsWranglerAction() bool {
	return strings.HasPrefix(s.Action, "cloudflare/wrangler-action@")
}

// Pipeline is what one file of a CI system says.
type Pipeline struct {
	Path     string
	Triggers []string // events of a GitHub workflow
	Crons    []Setting
	Steps    []Step
}

func isCI(name string) bool {
	base := path.Base(name)
	if isGenerated(name) {
		return false
	}
	if dir := path.Dir(name); dir == ".github/workflows" || strings.HasSuffix(dir, "/.github/workflows") || dir == ".circleci" || dir == ".woodpecker" {
		return isYAML(base)
	}
	switch base {
	case ".gitlab-ci.yml", "bitbucket-pipelines.yml", "azure-pipelines.yml", ".drone.yml", ".travis.yml", ".woodpecker.yml":
		return true
	}
	return false
}

func isYAML(base string) bool {
	return strings.HasSuffix(base, ".yml") || strings.HasSuffix(base, ".yaml")
}

// Pipelines reads the files of CI systems.
func (p *Project) Pipelines() (list []Pipeline) {
	for _, f := range p.Files {
		if !isCI(f.Path) {
			continue
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(f.Data, &doc); err != nil {
			p.problem(f.Path, "it is no YAML: "+err.Error())
			continue
		}
		if len(doc.Content) == 0 {
			continue
		}
		r := pipelineReader{Pipeline: Pipeline{Path: f.Path}}
		r.read(doc.Content[0])
		list = append(list, r.Pipeline)
	}
	return list
}

func (p *Project) problem(name, reason string) {
	if x := (Problem{Place{Path: name}, reason}); !slices.Contains(p.Problems, x) {
		p.Problems = append(p.Problems, x)
	}
}

type pipelineReader struct{ Pipeline }

func (r *pipelineReader) at(n *yaml.Node) Place { return Place{r.Path, n.Line} }

func (r *pipelineReader) read(root *yaml.Node) {
	on := field(root, "on")
	switch on.Kind {
	case yaml.ScalarNode:
		r.Triggers = append(r.Triggers, on.Value)
	case yaml.SequenceNode:
		for _, n := range on.Content {
			r.Triggers = append(r.Triggers, n.Value)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(on.Content); i += 2 {
			r.Triggers = append(r.Triggers, on.Content[i].Value)
		}
	}
	for _, n := range field(on, "schedule").Content {
		if c := field(n, "cron"); c.Value != "" {
			r.Crons = append(r.Crons, Setting{r.at(c), "cron", c.Value, false})
		}
	}
	shared := r.settings(field(root, "env"), false)
	shared = append(shared, r.settings(field(root, "variables"), false)...)
	r.jobs(root, shared, 0)
}

// jobs finds steps wherever they stand: the systems differ in what lies above.
func (r *pipelineReader) jobs(n *yaml.Node, shared []Setting, depth int) {
	if depth > 12 {
		return
	}
	if n.Kind == yaml.MappingNode {
		own := slices.Clone(shared)
		if depth > 0 {
			own = append(own, r.settings(field(n, "env"), false)...)
			own = append(own, r.settings(field(n, "variables"), false)...)
		}
		if step, ok := r.step(n, own); ok {
			r.Steps = append(r.Steps, step)
			return
		}
		for i := 1; i < len(n.Content); i += 2 {
			if key := n.Content[i-1].Value; key != "env" && key != "with" && key != "on" && key != "variables" {
				r.jobs(n.Content[i], own, depth+1)
			}
		}
		return
	}
	for _, c := range n.Content {
		r.jobs(c, shared, depth+1)
	}
}

func (r *pipelineReader) step(n *yaml.Node, shared []Setting) (Step, bool) {
	s := Step{Place: r.at(n), Settings: shared}
	if uses := field(n, "uses"); uses.Kind == yaml.ScalarNode && field(n, "jobs").Kind == 0 {
		s.Place, s.Action = r.at(uses), uses.Value
		s.Settings = append(s.Settings, r.settings(field(n, "with"), true)...)
		if s.IsWranglerAction() {
			s.Commands = append(s.Commands, r.ofAction(field(n, "with"))...)
		}
	}
	for _, key := range []string{"run", "before_script", "script", "after_script", "command", "commands", "bash"} {
		s.Commands = append(s.Commands, r.commands(field(n, key))...)
	}
	return s, s.Action != "" || len(s.Commands) > 0
}

// ofAction lists what wrangler-action runs: commands of the shell before and after, and those
// of wrangler between, which it is given without that word (action.yml).
func (r *pipelineReader) ofAction(with *yaml.Node) (list []Command) {
	list = r.commands(field(with, "preCommands"))
	for _, x := range r.commands(field(with, "command")) {
		x.Text = "wrangler " + x.Text
		list = append(list, x)
	}
	return append(list, r.commands(field(with, "postCommands"))...)
}

func (r *pipelineReader) commands(n *yaml.Node) (list []Command) {
	switch n.Kind {
	case yaml.ScalarNode:
		at := r.at(n)
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			at.Line++ // the text starts below its sign
		}
		for text := range strings.SplitSeq(n.Value, "\n") {
			if strings.TrimSpace(text) != "" {
				list = append(list, Command{Place: at, Text: strings.TrimSpace(text)})
			}
			at.Line++
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			list = append(list, r.commands(c)...)
		}
	case yaml.MappingNode: // CircleCI: run: {command: …}
		list = r.commands(field(n, "command"))
	}
	return list
}

func (r *pipelineReader) settings(n *yaml.Node, input bool) (list []Setting) {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if v.Kind == yaml.MappingNode { // GitLab: {value: …}
			v = field(v, "value")
		}
		list = append(list, Setting{r.at(k), k.Value, v.Value, input})
	}
	return list
}

// field gives the value of a key; an empty node if there is none.
func field(n *yaml.Node, key string) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return n.Content[i+1]
			}
		}
	}
	return &yaml.Node{}
}

// Scripts lists the commands of package.json files, shell scripts and Makefiles.
func (p *Project) Scripts() (list []Command) {
	for _, f := range p.Files {
		base := path.Base(f.Path)
		switch {
		case isGenerated(f.Path):
		case base == "package.json":
			root, err := parseJSON(f.Data)
			if err != nil {
				p.problem(f.Path, err.Reason)
				continue
			}
			for name, n := range root.Get("scripts").Members() {
				list = append(list, Command{Place{f.Path, n.Line}, n.Text, name})
			}
		case strings.HasSuffix(base, ".sh") || base == "Makefile":
			for n, line := range lines(f.Data) {
				if !isComment(line) && strings.TrimSpace(line) != "" {
					list = append(list, Command{Place: Place{f.Path, n}, Text: strings.TrimSpace(line)})
				}
			}
		}
	}
	return list
}

// Dependency is a package that a package.json asks for.
type Dependency struct {
	Place
	Name, Version string
}

// Dependencies lists what package.json files ask for.
func (p *Project) Dependencies() (list []Dependency) {
	for _, f := range p.Files {
		if path.Base(f.Path) != "package.json" || isGenerated(f.Path) {
			continue
		}
		root, err := parseJSON(f.Data)
		if err != nil {
			continue // Scripts tells
		}
		for _, key := range []string{"dependencies", "devDependencies"} {
			for name, n := range root.Get(key).Members() {
				list = append(list, Dependency{Place{f.Path, n.Line}, name, n.Text})
			}
		}
	}
	return list
}

// SecretNames reads what "wrangler secret list" prints: a list of names.
func SecretNames(data []byte) ([]string, error) {
	var list []struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	names := []string{} // none is an answer, too
	for _, x := range list {
		if x.Name != "" {
			names = append(names, x.Name)
		}
	}
	return names, nil
}
