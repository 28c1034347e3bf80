package worker

import (
	"bytes"
	"strings"
)

// Built is a place where source takes a name from the environment of the build:
// its value ends in the code that is published.
type Built struct {
	Place
	Name  string
	Sure  bool   // it is always written into the code; else that depends on the framework
	Where string // as the source names it: "$env/static/private"
}

var (
	staticPrivate = Expression(`import\s*\{([^}]*)\}\s*from\s*["']\$env/static/private["']`)
	metaEnv       = Expression(`\bimport\.meta\.env\.([A-Za-z_]\w*)`)
)

// Built lists the names that a Worker's source takes from the build.
func (w *Worker) Built() (list []Built) {
	for i := range w.Source {
		f := &w.Source[i]
		text := string(f.Data)
		at := func(off int) Place { return Place{f.Path, strings.Count(text[:off], "\n") + 1} }
		for _, m := range staticPrivate().FindAllStringSubmatchIndex(text, -1) {
			for _, name := range envName().FindAllStringIndex(text[m[2]:m[3]], -1) {
				list = append(list, Built{at(m[2] + name[0]), text[m[2]+name[0] : m[2]+name[1]], true, "$env/static/private"})
			}
		}
		for _, m := range metaEnv().FindAllStringSubmatchIndex(text, -1) {
			if !f.InComment(m[0]) {
				list = append(list, Built{at(m[0]), text[m[2]:m[3]], false, "import.meta.env"})
			}
		}
	}
	return list
}

// InComment reports whether the line of an offset is nothing but a comment, as are most that
// are one.
func (f *File) InComment(off int) bool {
	start := bytes.LastIndexByte(f.Data[:off], '\n') + 1
	line, _, _ := bytes.Cut(f.Data[start:], []byte("\n"))
	return isComment(string(line))
}
