// Package setup proposes what a Workers project lacks to keep secrets out of
// git and out of what is published: ignore lines, a build command, required
// secrets, a job of CI.
//
// It refuses to know disks: it is given a project and returns new contents. Its
// invariant: a proposal only adds. What a configuration said before, it says
// after; where that cannot be guaranteed, there is a Hint and no Change.
package setup

import (
	"bytes"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"keyrake/worker"
)

// Change is a new content for a file; Old is nil if there is no such file yet.
type Change struct {
	Path, Why string
	Old, New  []byte
}

// Hint is something to do by hand.
type Hint struct{ Path, Text string }

// Parts names what can be proposed.
func Parts() []string { return []string{"gitignore", "build", "secrets", "ci"} }

// buildCommand is what stops a publish as long as the history holds a key. With
// --no, npx takes the program from the project or fails: it fetches no other
// package of that name. Without the "--" npx would keep the flags to itself.
const buildCommand = "npx --no -- scan --history --wrangler"

// Propose lists what to change, one Change for each file. skip names parts to
// leave out; ignored is that of a scanner.Project.
func Propose(p *worker.Project, ignored func(string) bool, skip []string) (changes []Change, hints []Hint) {
	b := &builder{project: p, changes: map[string]*Change{}}
	wants := func(part string) bool { return !slices.Contains(skip, part) }
	for _, w := range p.Workers {
		if !w.IsMain(p) {
			continue
		}
		if wants("gitignore") {
			b.ignore(w, ignored)
		}
		if wants("build") {
			b.build(w)
		}
		if wants("secrets") {
			b.secrets(w)
		}
	}
	if wants("ci") && len(p.Workers) > 0 {
		b.ci()
	}
	uses := slices.ContainsFunc(b.order, func(name string) bool { return bytes.Contains(b.changes[name].New, []byte("npx --no -- scan")) })
	if uses && !slices.ContainsFunc(p.Dependencies(), func(d worker.Dependency) bool { return d.Name == "keyrake" }) {
		b.hint("package.json", "these commands need the package: %s", managerOf(p).add)
	}
	for _, name := range b.order {
		changes = append(changes, *b.changes[name])
	}
	return changes, b.hints
}

type builder struct {
	project *worker.Project
	changes map[string]*Change
	order   []string
	hints   []Hint
}

// current is a file's content as proposed so far; nil if there is none.
func (b *builder) current(name string) []byte {
	if c := b.changes[name]; c != nil {
		return c.New
	}
	if i := slices.IndexFunc(b.project.Files, func(f worker.File) bool { return f.Path == name }); i >= 0 {
		return b.project.Files[i].Data
	}
	return nil
}

func (b *builder) change(name, why string, content []byte) {
	if c := b.changes[name]; c != nil {
		c.New, c.Why = content, c.Why+"; "+why
		return
	}
	b.changes[name] = &Change{Path: name, Why: why, Old: b.current(name), New: content}
	b.order = append(b.order, name)
}

func (b *builder) hint(name, format string, args ...any) {
	b.hints = append(b.hints, Hint{name, fmt.Sprintf(format, args...)})
}

// ignore adds the lines that wrangler itself writes into a new project, as far
// as git does not ignore these files already.
func (b *builder) ignore(w *worker.Worker, ignored func(string) bool) {
	if ignored == nil {
		return
	}
	var lines []string
	if !ignored(path.Join(w.Dir, ".wrangler/x")) {
		lines = append(lines, ".wrangler")
	}
	if !ignored(path.Join(w.Dir, ".dev.vars")) || !ignored(path.Join(w.Dir, ".dev.vars.production")) || !ignored(path.Join(w.Dir, "dist/worker/.dev.vars")) {
		lines = append(lines, ".dev.vars*", "!.dev.vars.example")
	}
	if !ignored(path.Join(w.Dir, ".env")) || !ignored(path.Join(w.Dir, ".env.production")) {
		lines = append(lines, ".env*", "!.env.example")
	}
	if len(lines) == 0 {
		return
	}
	name := path.Join(w.Dir, ".gitignore")
	b.change(name, "local secrets stay out of git", addLines(b.current(name), append([]string{"# wrangler files"}, lines...)))
}

// addLines adds a paragraph to the end of a text, in the text's line ends.
func addLines(text []byte, lines []string) []byte {
	end := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		end = "\r\n"
	}
	out := slices.Clone(text)
	if len(out) > 0 {
		if out[len(out)-1] != '\n' {
			out = append(out, end...)
		}
		out = append(out, end...)
	}
	return append(out, strings.Join(lines, end)+end...)
}

func (b *builder) build(w *worker.Worker) {
	name := w.Config.Path
	switch n := w.Config.Root.Get("build"); {
	case b.redirected(w) != "":
		b.hint("package.json", "%s builds this Worker, and wrangler deploys what it wrote without running [build]: add %s to the scripts, beside deploy", b.redirected(w), `"predeploy": "scan --history"`)
		return
	case w.Config.IsPages():
		b.hint(name, "Pages knows no build command here: put %q before the deploy", "npx --no -- scan --history")
	case n == nil:
		b.extend(name, "a publish stops while the history holds a key", []string{"[build]", fmt.Sprintf("command = %q", buildCommand)},
			fmt.Sprintf(`"build": { "command": %q }`, buildCommand), func(root *worker.Node) bool {
				return root.Get("build", "command").String() == buildCommand
			})
	case !strings.Contains(n.Get("command").String(), "scan --"):
		b.hint(name, "it has a build command of its own: write %q before it", buildCommand+" &&")
	}
	for env, own := range w.Config.Root.Get("env").Members() {
		if n := own.Get("build"); n != nil && !strings.Contains(n.Get("command").String(), "scan --") {
			b.hint(name, "env.%s has a build of its own, in place of the one for all: write %q before its command", env, buildCommand+" &&")
		}
	}
}

// redirected names the package that builds a Worker and leaves wrangler another
// configuration to deploy, in which there is no build command; "" if none does.
func (b *builder) redirected(w *worker.Worker) string {
	for _, d := range b.project.Dependencies() {
		switch d.Name {
		case "@cloudflare/vite-plugin", "@astrojs/cloudflare", "nuxt", "nitropack", "nitro":
			if b.project.Owns(w, d.Path) {
				return d.Name
			}
		}
	}
	return ""
}

// secrets lists names that code reads and nothing declares.
func (b *builder) secrets(w *worker.Worker) {
	top := w.Config.Environments()[0].Declared()
	var names []string
	for _, u := range w.Uses {
		if worker.IsSecretName(u.Name) && !slices.Contains(names, u.Name) && !slices.ContainsFunc(top, func(d worker.Declaration) bool { return d.Name == u.Name }) {
			names = append(names, u.Name)
		}
	}
	if len(names) == 0 {
		return
	}
	if w.Config.IsPages() { // wrangler refuses the setting there
		b.hint(w.Config.Path, "call \"npx wrangler pages secret put\" for what code reads: %s", strings.Join(names, ", "))
		return
	}
	if w.Config.Root.Get("secrets") != nil {
		b.hint(w.Config.Path, "add to secrets.required what code reads: %s", strings.Join(names, ", "))
		return
	}
	list := `["` + strings.Join(names, `", "`) + `"]`
	b.extend(w.Config.Path, "a deploy without these secrets fails", []string{"[secrets]", "required = " + list}, `"secrets": { "required": `+list+` }`, func(root *worker.Node) bool {
		return root.Get("secrets", "required").Len() == len(names)
	})
	b.hint(w.Config.Path, "wrangler dev takes no other values from .dev.vars and .env once secrets.required is there: list all that the Worker needs")
	for env := range w.Config.Root.Get("env").Members() {
		b.hint(w.Config.Path, "env.%s does not inherit secrets.required: give it a list of its own", env)
	}
}

// extend adds a setting to a configuration, and makes sure that it then says
// what it said and the new setting besides.
func (b *builder) extend(name, why string, toml []string, member string, holds func(*worker.Node) bool) {
	old := b.current(name)
	before, err := worker.ParseConfig(name, old)
	if err != nil {
		return
	}
	var text []byte
	if path.Ext(name) == ".toml" {
		text = addLines(old, toml)
	} else {
		text = before.Root.Append(old, member)
	}
	after, err := worker.ParseConfig(name, text)
	if text == nil || err != nil || !holds(after.Root) || !keeps(before.Root, after.Root) {
		b.hint(name, "it could not be changed safely: add %s", member)
		return
	}
	b.change(name, why, text)
}

// keeps reports whether after says all that before said, and one thing more.
func keeps(before, after *worker.Node) bool {
	n := 0
	for key, v := range before.Members() {
		n++
		if !reflect.DeepEqual(v.Plain(), after.Get(key).Plain()) {
			return false
		}
	}
	return after.Len() == n+1
}
