// Package worker understands a Cloudflare Workers project from its files: the
// wrangler configurations with their environments, the uses of bindings in the
// source, ignore files, CI, scripts, Terraform and documents.
//
// It refuses to know disks, git, rules and findings: it is given paths and
// bytes, and what it says has a path and a line. Its invariant: it runs nothing
// and states nothing that it cannot point at; what it cannot parse is a
// Problem, never an empty answer.
package worker

import (
	"path"
	"slices"
	"strings"
)

// File is one file of a project.
type File struct {
	Path    string // with slashes, relative to the project's top
	Tracked bool   // git tracks it
	Data    []byte
}

// Place is a line of a file.
type Place struct {
	Path string
	Line int // 1-based; 0 is the file as a whole
}

// Problem is a file that could not be understood.
type Problem struct {
	Place
	Reason string
}

// Project is what the files of a folder say.
type Project struct {
	Files    []File // sorted by path
	Workers  []*Worker
	Problems []Problem
}

// Worker is one wrangler configuration with the source that belongs to it: the
// files of its folder that no deeper configuration claims.
type Worker struct {
	Config *Config
	Dir    string // "" for the project's top
	Uses   []Use  // of names in env, in the order of files and lines
	Source []File
}

// Read understands files.
func Read(files []File) *Project {
	p := &Project{Files: slices.Clone(files)}
	slices.SortFunc(p.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range p.Files {
		if !IsConfig(f.Path) || isGenerated(f.Path) {
			continue
		}
		c, err := ParseConfig(f.Path, f.Data)
		if err != nil && isTemplate(f.Path) {
			continue // it is no configuration until it is filled in
		}
		if err != nil {
			p.Problems = append(p.Problems, Problem{Place{f.Path, err.Line}, err.Reason})
			continue
		}
		p.Workers = append(p.Workers, &Worker{Config: c, Dir: folder(f.Path)})
	}
	for _, f := range p.Files {
		if !isSource(f.Path) {
			continue
		}
		for _, w := range p.owners(f.Path) {
			w.Source = append(w.Source, f)
			w.Uses = append(w.Uses, uses(&f, w.Config)...)
		}
	}
	return p
}

// owners are the workers in the deepest folder above a file.
func (p *Project) owners(name string) (list []*Worker) {
	depth := -1
	for _, w := range p.Workers {
		if w.Dir != "" && !strings.HasPrefix(name, w.Dir+"/") {
			continue
		}
		switch {
		case len(w.Dir) > depth:
			depth, list = len(w.Dir), []*Worker{w}
		case len(w.Dir) == depth:
			list = append(list, w)
		}
	}
	return list
}

// Owns reports whether a file is of w's folder, or of no Worker's.
func (p *Project) Owns(w *Worker, name string) bool {
	list := p.owners(name)
	return len(list) == 0 || slices.Contains(list, w)
}

// Wanted reports whether the content of a file says anything to Read. Files that
// it does not want can be given without Data.
func Wanted(name string) bool {
	base := path.Base(name)
	return IsConfig(name) || isSource(name) || isCI(name) || isDocument(name) || base == "package.json" || base == ".gitignore" || base == ".assetsignore" ||
		isExample(base) || strings.HasSuffix(base, ".tf") || isManifest(base) || strings.HasSuffix(base, ".sh") || base == "Makefile"
}

// IsConfig reports whether a file is named as a wrangler configuration is, or as
// the template of one: wrangler.toml, wrangler.staging.jsonc, wrangler.toml.example.
func IsConfig(name string) bool {
	base := withoutTemplate(path.Base(name))
	if !strings.HasPrefix(base, "wrangler.") && !strings.HasPrefix(base, "wrangler-") || strings.Contains(base, "schema") || strings.Contains(base, "account") {
		return false
	}
	switch path.Ext(base) {
	case ".toml", ".json", ".jsonc":
		return true
	}
	return false
}

func withoutTemplate(base string) string {
	for _, end := range []string{".example", ".sample", ".template"} {
		base = strings.TrimSuffix(base, end)
	}
	return base
}

func isTemplate(name string) bool {
	return withoutTemplate(name) != name || strings.Contains(path.Base(name), "example")
}

// IsTemplate reports whether the configuration is to be filled in before wrangler takes it.
func (w *Worker) IsTemplate() bool { return isTemplate(w.Config.Path) }

// isMain reports whether wrangler takes a configuration without being told to.
func isMain(name string) bool {
	switch path.Base(name) {
	case "wrangler.toml", "wrangler.json", "wrangler.jsonc":
		return true
	}
	return false
}

// isExample reports whether a file shows which local settings a project has.
func isExample(base string) bool {
	return withoutTemplate(base) != base && (strings.HasPrefix(base, ".env") || strings.HasPrefix(base, ".dev.vars"))
}

// isGenerated reports whether a file is the output of a build or not the
// project's own.
func isGenerated(name string) bool {
	for dir := range strings.SplitSeq(path.Dir(name), "/") {
		switch dir {
		case "node_modules", "dist", "bundle", ".nuxt", ".astro", ".wrangler", ".open-next", ".output", ".next", ".svelte-kit", ".vercel", ".git", "python_modules", ".venv":
			return true
		}
	}
	return false
}

// isSource reports whether a file can be code of a Worker: no build output,
// no types, no test, no tool's configuration.
func isSource(name string) bool {
	if isGenerated(name) {
		return false
	}
	for dir := range strings.SplitSeq(path.Dir(name), "/") {
		switch strings.ToLower(dir) {
		case "test", "tests", "__tests__", "e2e", "scripts", "docs", "fixtures", ".github":
			return false
		}
	}
	base := path.Base(name)
	if strings.Contains(base, ".config.") || strings.Contains(base, ".test.") || strings.Contains(base, ".spec.") || strings.HasSuffix(base, ".d.ts") {
		return false
	}
	switch path.Ext(base) {
	case ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".py", ".svelte", ".astro", ".vue", ".rs":
		return true
	}
	return false
}

func isDocument(name string) bool {
	if isGenerated(name) {
		return false
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".mdx", ".adoc", ".rst", ".txt":
		return true
	}
	return false
}

// isManifest reports whether a file is a table of secrets and when they were
// last rotated.
func isManifest(base string) bool {
	return base == ".secrets-rotation.yml" || base == ".secrets-rotation.yaml"
}

func folder(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return ""
}

// lines gives the lines of a content, counted from 1, without their ends.
func lines(data []byte) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			if !yield(n, strings.TrimRight(line, "\r\n")) {
				return
			}
		}
	}
}

// Named is a name that a file of examples gives.
type Named struct {
	Place
	Name string
}

// Examples lists the names in .env.example, .dev.vars.example and their like:
// what a project has to be given.
func (w *Worker) Examples(p *Project) (list []Named) {
	for _, f := range p.Files {
		if !isExample(path.Base(f.Path)) || !slices.Contains(p.owners(f.Path), w) {
			continue
		}
		for n, line := range lines(f.Data) {
			name, _, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
			if name = strings.TrimSpace(name); ok && envName().FindString(name) == name && name != "" {
				list = append(list, Named{Place{f.Path, n}, name})
			}
		}
	}
	return list
}

// IsMain reports whether wrangler takes this configuration of its folder by
// itself, or it is the only one there.
func (w *Worker) IsMain(p *Project) bool {
	return isMain(w.Config.Path) || !slices.ContainsFunc(p.Workers, func(x *Worker) bool { return x.Dir == w.Dir && isMain(x.Config.Path) })
}
