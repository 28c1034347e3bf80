// Package ignore answers whether git ignores a path, from the lines of
// .gitignore files, $GIT_DIR/info/exclude and core.excludesFile.
//
// It refuses to know disks, the index and the working directory: it is given
// bytes and slash paths, and does not know which files are tracked. Its
// invariant: for every path whose parent directories are not ignored, Ignored
// says what `git check-ignore --no-index` says. The caller keeps git's other
// rule, that nothing below an ignored directory is looked at, by not entering
// it (or by asking IgnoredBelow, which looks at every parent).
package ignore

import "strings"

// Matcher holds the exclude files that are in force in one directory. It is
// immutable: Enter makes the matcher of a sub-directory, and any number of
// directories may be walked at the same time from one parent.
type Matcher struct {
	parent *Matcher
	list   *list
	skip   int // bytes of a path before the part that the patterns see
	dir    string
	fold   bool
}

// Rule is the line that decided about a path.
type Rule struct {
	Dir     string // directory of the .gitignore, "" for the top; for the base files see Base
	Base    int    // 1-based place among the base files given to New, 0 for a .gitignore
	Line    int    // 1-based
	Pattern string // as written, without the trailing spaces that git drops
	Negated bool   // the line re-includes
}

// New makes the matcher of a work tree's top directory before its .gitignore is
// entered. The base files are contents of exclude files that hold for the whole
// tree, the weakest first: core.excludesFile, then $GIT_DIR/info/exclude. Fold
// is core.ignoreCase.
func New(fold bool, base ...[]byte) *Matcher {
	m := &Matcher{fold: fold}
	for i, data := range base {
		m = m.push("", data, i+1)
	}
	return m
}

// Enter returns the matcher for directory dir (a slash path from the top of the
// work tree, "" for the top itself), whose .gitignore holds data. If that has
// no patterns the result is m itself.
func (m *Matcher) Enter(dir string, data []byte) *Matcher {
	return m.push(dir, data, 0)
}

func (m *Matcher) push(dir string, data []byte, base int) *Matcher {
	l := parse(data, m.fold)
	if len(l.patterns) == 0 {
		return m
	}
	l.base = base
	skip := 0
	if dir != "" {
		skip = len(dir) + 1
	}
	return &Matcher{parent: m, list: l, skip: skip, dir: dir, fold: m.fold}
}

// Ignored says whether git ignores path, a slash path from the top of the work
// tree which lies in the directory of m or below it. A symbolic link is no
// directory. No parent of path may be ignored itself.
func (m *Matcher) Ignored(path string, isDir bool) bool {
	p, _ := m.decide(path, isDir)
	return p != nil && !p.negated
}

// Decide returns the line that decides about path, under the same terms as
// Ignored. It is false if no line speaks of path.
func (m *Matcher) Decide(path string, isDir bool) (Rule, bool) {
	p, at := m.decide(path, isDir)
	if p == nil {
		return Rule{}, false
	}
	return Rule{Dir: at.dir, Base: at.list.base, Line: p.line, Pattern: p.text, Negated: p.negated}, true
}

func (m *Matcher) decide(path string, isDir bool) (*pattern, *Matcher) {
	if m.list == nil {
		return nil, nil
	}
	if m.fold {
		path = Fold(path)
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	for ; m.list != nil; m = m.parent {
		if len(path) <= m.skip {
			continue
		}
		if p := m.list.last(path[m.skip:], name, isDir); p != nil {
			return p, m
		}
	}
	return nil, nil
}

// IgnoredBelow says whether git ignores path or one of the directories above
// it, as far as the exclude files entered in m say. It is for a single path
// that was not reached by walking.
func (m *Matcher) IgnoredBelow(path string, isDir bool) bool {
	for i := 0; i < len(path); i++ {
		if path[i] == '/' && m.Ignored(path[:i], true) {
			return true
		}
	}
	return m.Ignored(path, isDir)
}

// Fold is a path with its ASCII letters in lower case, byte for byte: with core.ignoreCase
// git folds no others.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lowerByte(b[i])
			}
			return string(b)
		}
	}
	return s
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
