package report

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"keyrake/scanner/finding"
)

// isFile reports whether a finding is a file, whatever it holds.
func isFile(f *finding.Finding) bool { return f.Secret.Len() == 0 }

// files lists the paths of findings that are files, of all or of those in HEAD.
func (s *sheet) files(inHead bool) (list []string) {
	for i := range s.report.Findings {
		f := &s.report.Findings[i]
		for k := range f.Places {
			if p := &f.Places[k]; isFile(f) && p.Path != "" && (!inHead || p.InHead) {
				list = append(list, p.Path)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// goesWithFiles reports whether a finding stands nowhere but in files that go as a
// whole.
func (s *sheet) goesWithFiles(f *finding.Finding) bool {
	if s.whole == nil {
		s.whole = map[string]bool{}
		for _, name := range s.files(false) {
			s.whole[name] = true
		}
	}
	return !slices.ContainsFunc(f.Places, func(p finding.Place) bool { return !s.whole[p.Path] })
}

// untrack gives the commands that take files out of git and leave them on disk.
func (s *sheet) untrack() {
	list := s.files(true)
	if len(list) == 0 {
		return
	}
	keep := "it"
	if len(list) > 1 {
		keep = "them"
	}
	s.step("Stop tracking " + count(len(list), "file") + ", and keep " + keep + " on this disk")
	s.command("git rm --cached -- " + s.pathspecs(list))
	s.say("Add these lines to .gitignore, unless they are there, and commit both:")
	var lines []string
	for _, name := range list {
		for _, line := range ignoreLines(name) {
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	for _, line := range lines {
		s.command(line)
	}
	s.out.WriteByte('\n')
}

// ignoreLines are the lines that keep a file out of git with all of its kind, as
// wrangler writes them where it has some.
func ignoreLines(name string) []string {
	switch base := path.Base(name); {
	case strings.HasPrefix(base, ".dev.vars"):
		return []string{".dev.vars*", "!.dev.vars.example"}
	case strings.HasPrefix(base, ".env"):
		return []string{".env*", "!.env.example"}
	case strings.Contains(base, ".tfstate"):
		return []string{"*.tfstate", "*.tfstate.*"}
	case strings.HasPrefix(name, ".wrangler/") || strings.Contains(name, "/.wrangler/"):
		return []string{".wrangler"}
	}
	return []string{"/" + strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(name)}
}

// forget gives the command that takes every version of files out of the history.
func (s *sheet) forget() {
	list := s.files(false)
	if len(list) == 0 {
		return
	}
	s.say("Every version of " + count(len(list), "file") + " goes by its path:")
	paths := ""
	for _, name := range list {
		paths += " --path " + s.quoted([]string{name})
	}
	s.command("git filter-repo --force --invert-paths" + paths)
}

// pathspecs writes paths for git, in a shell.
func (s *sheet) pathspecs(list []string) string {
	var words []string
	for _, name := range list {
		words = append(words, finding.Quote(finding.Pathspec(s.redact.Replace(name))))
	}
	return strings.Join(words, " ")
}

// quoted writes paths for a shell.
func (s *sheet) quoted(list []string) string {
	var words []string
	for _, name := range list {
		words = append(words, finding.Quote(s.redact.Replace(name)))
	}
	return strings.Join(words, " ")
}

// headline names a finding in a line: what it is, and the secret or the file.
func (s *sheet) headline(f *finding.Finding) string {
	what := Clean(f.Secret.String())
	if isFile(f) {
		what = s.safe(f.Places[0].Path)
	}
	return fmt.Sprintf("%s  %s  %s", strings.ToUpper(f.Severity.String()), s.colors.title.Sprint(Clean(f.Rule.Title)), what)
}
