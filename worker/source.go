package worker

import (
	"regexp"
	"strings"
)

// Use is a place where source reads a name of its env.
type Use struct {
	Place
	Name     string
	Fallback bool // a literal stands in for it: env.X || "…"
	Process  bool // it is read as process.env.X
}

var (
	useOfEnv = regexp.MustCompile(`\benv\??\.([A-Za-z_]\w*)|\benv\??\.?\[\s*["']([A-Za-z_]\w*)["']\s*\]|\benv\.(?:secret|var)\("([A-Za-z_]\w*)"\)`)
	fallback = regexp.MustCompile(`^\s*(?:\)|!)?\s*(?:\|\||\?\?)\s*["'` + "`" + `]([^"'` + "`" + `]*)["'` + "`" + `]`)
	unpacked = regexp.MustCompile(`\{([^{}]*)\}\s*=\s*(?:[\w.?()]*\.)?env\b`)
	envName  = regexp.MustCompile(`[A-Za-z_]\w*`)
)

// uses lists where a file reads env. Of process.env only Workers that fill it
// are meant; import.meta.env and Deno.env are no env of a Worker.
func uses(f *File, c *Config) (list []Use) {
	text := string(f.Data)
	if !strings.Contains(text, "env") {
		return nil
	}
	process := fillsProcessEnv(c)
	for n, line := range lines(f.Data) {
		if isComment(line) {
			continue
		}
		for _, m := range useOfEnv.FindAllStringSubmatchIndex(line, -1) {
			u := Use{Place: Place{f.Path, n}}
			for g := 2; g < len(m); g += 2 {
				if m[g] >= 0 {
					u.Name = line[m[g]:m[g+1]]
				}
			}
			before := line[:m[0]]
			switch {
			case strings.HasSuffix(before, "meta.") || strings.HasSuffix(before, "Deno.") || strings.HasSuffix(before, "Bun."):
				continue
			case strings.HasSuffix(before, "process."):
				if u.Process = true; !process {
					continue
				}
			}
			if x := fallback.FindStringSubmatch(line[m[1]:]); x != nil {
				u.Fallback = IsLiteral(x[1])
			}
			list = append(list, u)
		}
	}
	for _, m := range unpacked.FindAllStringSubmatchIndex(text, -1) {
		at := strings.Count(text[:m[2]], "\n") + 1
		for part := range strings.SplitSeq(text[m[2]:m[3]], ",") {
			name := envName.FindString(part)
			if name != "" {
				list = append(list, Use{Place: Place{f.Path, at + strings.Count(part[:strings.Index(part, name)], "\n")}, Name: name})
			}
			at += strings.Count(part, "\n")
		}
	}
	return list
}

// isComment tells whether a line is nothing but a comment.
func isComment(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "//") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "/*")
}

// fillsProcessEnv tells whether process.env holds vars and secrets: with
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
