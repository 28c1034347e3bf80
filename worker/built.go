package worker

import (
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
			if !isComment(wholeLine(text, m[0])) {
				list = append(list, Built{at(m[0]), text[m[2]:m[3]], false, "import.meta.env"})
			}
		}
	}
	return list
}

// wholeLine gives the line that holds an offset.
func wholeLine(text string, off int) string {
	start := strings.LastIndexByte(text[:off], '\n') + 1
	end := strings.IndexByte(text[off:], '\n')
	if end < 0 {
		return text[start:]
	}
	return text[start : off+end]
}
