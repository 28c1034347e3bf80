package worker

import (
	"path"
	"slices"
	"strings"
)

// Use is a place where source reads a name of its env.
type Use struct {
	Place
	Name     string
	Fallback bool // a literal is used without it: env.X || "…"
	Process  bool // it is read as process.env.X
}

var (
	useOfEnv = Expression(`\benv\??\.([A-Za-z_]\w*)|\benv\??\.?\[\s*["']([A-Za-z_]\w*)["']\s*\]|\benv\.(?:secret|var)\("([A-Za-z_]\w*)"\)|getattr\((?:self\.)?env,\s*["']([A-Za-z_]\w*)["']`)
	fallback = Expression(`^\s*(?:\)|!)?\s*(?:\|\||\?\?|or\b)\s*["'` + "`" + `]([^"'` + "`" + `]*)["'` + "`" + `]`)
	third    = Expression(`^\s*,\s*["']([^"']*)["']\s*\)`) // of getattr
	unpacked = Expression(`\{([^{}]*)\}\s*=\s*((?:[\w.?()]*\.)?)env\b`)
	envName  = Expression(`[A-Za-z_]\w*`)
	preset   = Expression(`=\s*["'` + "`" + `]([^"'` + "`" + `]*)["'` + "`" + `]`)
)

// uses lists where a file reads env. Of process.env only Workers that fill it
// are meant; import.meta.env and Deno.env are no env of a Worker.
func uses(f *File, c *Config) []Use {
	if !strings.Contains(string(f.Data), "env") {
		return nil
	}
	e := envReader{File: f, process: fillsProcessEnv(c)}
	if isScript(f.Path) {
		e.shown = samples(f.Data)
	}
	e.byName()
	e.unpacked()
	return e.list
}

// envReader finds the uses of env in one file.
type envReader struct {
	*File
	process bool   // process.env is the Worker's
	shown   []span // samples of code, which nobody runs
	list    []Use  // mutable
}

// of reports whether an env that stands at an offset, behind before, is the Worker's,
// and whether it is process.env.
func (e *envReader) of(before string, off int) (process, mine bool) {
	process, mine = envOf(before)
	return process, mine && (!process || e.process) && !within(e.shown, off)
}

// byName finds env.NAME and env["NAME"].
func (e *envReader) byName() {
	text, start := string(e.Data), 0
	for n, line := range lines(e.Data) {
		lineAt := start
		start += len(line) + 1
		if start <= len(text) && strings.HasSuffix(text[:start], "\r") {
			start++
		}
		if isComment(line) {
			continue
		}
		for _, m := range useOfEnv().FindAllStringSubmatchIndex(line, -1) {
			u, mine := Use{Place: Place{e.Path, n}}, false
			if u.Process, mine = e.of(line[:m[0]], lineAt+m[0]); !mine {
				continue
			}
			for g := 2; g < len(m); g += 2 {
				if m[g] >= 0 {
					u.Name = line[m[g]:m[g+1]]
				}
			}
			instead := fallback
			if strings.HasPrefix(line[m[0]:], "getattr") {
				instead = third
			}
			if x := instead().FindStringSubmatch(line[m[1]:]); x != nil {
				u.Fallback = IsLiteral(x[1])
			}
			e.list = append(e.list, u)
		}
	}
}

// unpacked finds { NAME, … } = env.
func (e *envReader) unpacked() {
	text := string(e.Data)
	for _, m := range unpacked().FindAllStringSubmatchIndex(text, -1) {
		process, mine := e.of(text[m[4]:m[5]], m[0])
		if !mine {
			continue
		}
		at := strings.Count(text[:m[2]], "\n") + 1
		for part := range strings.SplitSeq(text[m[2]:m[3]], ",") {
			if name := envName().FindString(part); name != "" {
				u := Use{Place: Place{e.Path, at + strings.Count(part[:strings.Index(part, name)], "\n")}, Name: name, Process: process}
				if x := preset().FindStringSubmatch(part); x != nil {
					u.Fallback = IsLiteral(x[1])
				}
				e.list = append(e.list, u)
			}
			at += strings.Count(part, "\n")
		}
	}
}

// within reports whether an offset lies in one of the spans.
func within(list []span, off int) bool {
	return slices.ContainsFunc(list, func(s span) bool { return s.from <= off && off < s.to })
}

// isScript reports whether a file holds JavaScript or TypeScript.
func isScript(name string) bool {
	switch path.Ext(name) {
	case ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".astro", ".svelte", ".vue":
		return true
	}
	return false
}

// envOf tells whose env stands behind a text: that of the process, or a Worker's
// own; mine is false for those of build tools and other runtimes.
func envOf(before string) (process, mine bool) {
	for _, other := range []string{"meta.", "Deno.", "Bun."} {
		if strings.HasSuffix(before, other) {
			return false, false
		}
	}
	return strings.HasSuffix(before, "process."), true
}

// isComment reports whether a line is nothing but a comment.
func isComment(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "//") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "/*")
}

// fillsProcessEnv reports whether process.env holds vars and secrets: with
// nodejs_compat, and by default for dates from 2025-04-01.
func fillsProcessEnv(c *Config) bool {
	compat, asked := false, false
	for _, n := range c.Root.Get("compatibility_flags").Items() {
		switch n.String() {
		case "nodejs_compat", "nodejs_compat_v2":
			compat = true
		case "nodejs_compat_populate_process_env":
			asked = true
		case "nodejs_compat_do_not_populate_process_env":
			return false
		}
	}
	return compat && (asked || c.Root.Get("compatibility_date").String() >= "2025-04-01")
}
