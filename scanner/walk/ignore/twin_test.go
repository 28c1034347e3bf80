package ignore

import (
	"strings"
	"testing"
)

// twinIgnored is the slow plain twin of a matcher with one exclude file: every
// line is tried, by backtracking, without any of the shapes.
func twinIgnored(data, path string, isDir, fold bool) bool {
	data = strings.TrimPrefix(data, "\xef\xbb\xbf")
	ignored := false
	for _, line := range strings.Split(data, "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		line = strings.TrimSuffix(line, "\r")
		line, _, _ = strings.Cut(line, "\x00")
		line = trimSpaces(line)
		line, negated := strings.CutPrefix(line, "!")
		line, dirOnly := strings.CutSuffix(line, "/")
		if line == "" || dirOnly && !isDir {
			continue
		}
		text := path
		slashes := strings.Contains(line, "/")
		if !slashes {
			text = path[strings.LastIndexByte(path, '/')+1:]
		}
		line = strings.TrimPrefix(line, "/")
		if fold {
			text = Fold(text)
		}
		if twinMatch(line, text, slashes, fold) {
			ignored = !negated
		}
	}
	return ignored
}

func twinMatch(p, text string, slashes, fold bool) bool {
	plain := strings.IndexAny(p, special)
	if plain < 0 {
		plain = len(p)
	}
	lead := p[:plain]
	if fold {
		lead = Fold(lead)
	}
	rest, ok := strings.CutPrefix(text, lead)
	return ok && twinWild(p, plain, rest, slashes, fold, plain)
}

// twinWild matches p[i:] against all of text; start is where p's wild part begins.
func twinWild(p string, i int, text string, slashes, fold bool, start int) bool {
	if i == len(p) {
		return text == ""
	}
	switch p[i] {
	case '*':
		end := i
		for end < len(p) && p[end] == '*' {
			end++
		}
		cross := !slashes
		if slashes && end-i > 1 && (i == start || p[i-1] == '/') {
			switch {
			case end == len(p), strings.HasPrefix(p[end:], `\/`):
				cross = true
			case p[end] == '/':
				cross = true
				if twinWild(p, end+1, text, slashes, fold, start) {
					return true
				}
			}
		}
		for n := 0; ; n++ {
			if twinWild(p, end, text[n:], slashes, fold, start) {
				return true
			}
			if n == len(text) || text[n] == '/' && !cross {
				return false
			}
		}
	case '?':
		return text != "" && text[0] != '/' && twinWild(p, i+1, text[1:], slashes, fold, start)
	case '[':
		set, next := bracket(p, i+1, fold)
		return set != nil && text != "" && set[text[0]] && twinWild(p, next, text[1:], slashes, fold, start)
	case '\\':
		return i+1 < len(p) && text != "" && text[0] == p[i+1] && twinWild(p, i+2, text[1:], slashes, fold, start)
	}
	c := p[i]
	if fold {
		c = lowerByte(c)
	}
	return text != "" && text[0] == c && twinWild(p, i+1, text[1:], slashes, fold, start)
}

func FuzzMatcherAgainstTwin(f *testing.F) {
	for _, c := range hardCases {
		for _, q := range strings.Split(c.paths, "|") {
			f.Add(c.ignore, strings.TrimSuffix(q[1:], "/"), strings.HasSuffix(q, "/"), false)
			f.Add(c.ignore, strings.TrimSuffix(q[1:], "/"), strings.HasSuffix(q, "/"), true)
		}
	}
	f.Add("*a*a*a*b", "aaaaaaaaaaaaaaaa", false, false)
	f.Add("**/a*/**/b?[a-c]", "x/ab/c/bxa", false, true)
	f.Fuzz(func(t *testing.T, data, path string, isDir, fold bool) {
		// The twin backtracks, so its input has to be small; and no path that a
		// walk meets has an empty component.
		if len(data) > 60 || len(path) > 40 || strings.Count(data, "*") > 8 {
			return
		}
		if path == "" || strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") || strings.Contains(path, "//") {
			return
		}
		got := New(fold).Enter("", []byte(data)).Ignored(path, isDir)
		if want := twinIgnored(data, path, isDir, fold); got != want {
			t.Errorf("Ignored(%q, %v) with %q, fold %v = %v, twin %v", path, isDir, data, fold, got, want)
		}
	})
}

// A hostile line costs no more than steps × bytes.
func TestHostilePatternIsBounded(t *testing.T) {
	m := New(false).Enter("", []byte(strings.Repeat("*a", 300)+"b\n"+strings.Repeat("**/a*", 100)+"/c\n"))
	path := strings.Repeat("a", 2000) + "/" + strings.Repeat("a/", 500) + "a"
	if m.Ignored(path, false) {
		t.Errorf("a hostile pattern matched")
	}
}

func BenchmarkIgnored(b *testing.B) {
	lines := "node_modules/\ndist\n.env\n.env.*\n!.env.example\n*.log\n*.tsbuildinfo\n.DS_Store\n/coverage\npackages/*/dist\n**/.wrangler/state\n.turbo\ntmp*\n*.[oa]\n"
	m := New(false, []byte("*~\n.idea\n")).Enter("", []byte(lines)).Enter("packages/core", []byte("/gen\n*.gen.ts\n"))
	paths := []string{"packages/core/src/index.ts", "packages/core/src/deep/er/file.test.ts", "packages/core/dist", "packages/core/.env"}
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range paths {
			m.Ignored(p, false)
		}
	}
}
