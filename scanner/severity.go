package scanner

import (
	"fmt"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// asideReason is told of what stands nowhere but in tests and documentation.
const asideReason = "stands in tests, examples, documentation, translations or code of others only"

// soften lowers the severity of a key or password of nobody in particular, and
// of what people make for themselves, if it stands in tests, examples,
// documentation or translations only: most of those were made for the purpose, or
// are words. It is a finding
// all the same, with the same confidence. A token that a service has issued is
// one wherever it stands.
func soften(f *finding.Finding) {
	if !softens(f.Rule, f.Severity) {
		return
	}
	for i := range f.Places {
		if !isAside(f.Places[i].FromTop()) {
			return
		}
	}
	f.Severity = rules.Low
	f.Reasons = append(f.Reasons[:len(f.Reasons):len(f.Reasons)], asideReason)
}

func softens(r *rules.Rule, s rules.Severity) bool {
	return (r.Provider == "generic" || r.Homemade) && s > rules.Low
}

// Softened tells whether a finding of this severity is a low one where it stands
// at this path and nowhere else, and says why.
func Softened(r *rules.Rule, s rules.Severity, path string) (reason string, ok bool) {
	return asideReason, softens(r, s) && isAside(path)
}

// isAside tells whether a path names a test, an example or documentation by one
// of its folders or by its name, or code that was published elsewhere: a folder
// of vendored packages that has the name of a host in it; or texts in a language.
func isAside(path string) bool {
	if isTranslation(path) {
		return true
	}
	for {
		part, rest, more := strings.Cut(path, "/")
		if more && isAsideFolder(part) || !more && isAsideFile(part) {
			return true
		}
		if more && part == "vendor" {
			if host, _, below := strings.Cut(rest, "/"); below && strings.IndexByte(host, '.') > 0 {
				return true
			}
		}
		if !more {
			return false
		}
		path = rest
	}
}

// isTranslation tells whether a path names texts in one language: a file or folder
// that is called after a language, below one that is called after languages, or a
// folder in which Android or Apple's systems look for such texts.
func isTranslation(path string) bool {
	texts, language := false, false
	for part := range strings.SplitSeq(path, "/") {
		name, _, _ := strings.Cut(part, ".")
		switch strings.ToLower(name) {
		case "lang", "langs", "language", "languages", "locale", "locales", "i18n", "l10n", "translation", "translations", "intl":
			texts = true
			continue
		}
		of, isValues := strings.CutPrefix(part, "values-")
		if isValues && isLanguage(of) || strings.HasSuffix(part, ".lproj") {
			return true
		}
		language = language || texts && (isLanguage(name) || isLanguage(name[strings.LastIndexByte(name, '_')+1:]))
	}
	return language
}

// isLanguage tells whether a name has the form of a language's tag after RFC 5646,
// with - or _ between its parts: de, pt-BR, zh_Hans_CN. Some words have it as well.
func isLanguage(name string) bool {
	language, rest, _ := strings.Cut(strings.ReplaceAll(name, "_", "-"), "-")
	if len(language) < 2 || len(language) > 3 || !isLetters(language) {
		return false
	}
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, "-")
		if part = strings.TrimPrefix(part, "r"); len(part) < 2 || len(part) > 4 || !isLetters(part) {
			return false // Android puts an r before a region
		}
	}
	return true
}

func isLetters(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return (r|0x20) < 'a' || (r|0x20) > 'z' })
}

// isAsideFolder knows folders by the words of their names, also where a capital
// parts them: dockerTest.
func isAsideFolder(part string) bool {
	switch strings.ToLower(part) {
	case "integration", "unit", "units", "node_modules", "third_party", "third-party", "bower_components", "site-packages", "dist-packages", "pods", ".yarn":
		return true
	}
	return isAsideWord(part) || hasAsideEnd(part)
}

func hasAsideEnd(stem string) bool {
	for _, end := range [...]string{"Test", "Tests", "TestCase", "IT", "Spec"} {
		if len(stem) > len(end) && strings.HasSuffix(stem, end) {
			return true
		}
	}
	return false
}

// isAsideFile looks at the words of a file's name: x_test.go, XTest.java.
func isAsideFile(name string) bool {
	stem, ext, _ := strings.Cut(name, ".")
	switch ext {
	case "md", "rst", "adoc", "mdx":
		return true
	}
	return hasAsideEnd(stem) || isAsideWord(name)
}

// isAsideWord splits at marks and looks for the words of tests.
func isAsideWord(part string) bool {
	for _, w := range strings.FieldsFunc(part, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		switch strings.ToLower(w) {
		case "test", "tests", "testing", "testdata", "testutil", "testlib", "spec", "specs", "fixture", "fixtures", "mock", "mocks", "e2e", "cypress",
			"example", "examples", "sample", "samples", "demo", "demos", "doc", "docs", "documentation", "tutorial", "tutorials", "cassettes", "snapshots", "caddytest", "benchmark", "benchmarks", "bench", "swagger", "openapi":
			return true
		}
	}
	return false
}

// Severity is a severity that a configuration gives a rule.
type Severity struct {
	Severity rules.Severity
	From     string // where it is said
	// Foreign: the scanned repository says so itself. Then it cannot make less
	// of what is proven.
	Foreign bool
}

// rate gives findings the severities that a configuration asks for, and notes what the
// scanned repository itself gave and what it could not.
func (s *scan) rate() {
	if len(s.opt.Severities) == 0 {
		return
	}
	changed, kept := map[string]int{}, map[string]int{}
	var files []string
	count := func(in map[string]int, from string) {
		if changed[from]+kept[from] == 0 {
			files = append(files, from)
		}
		in[from]++
	}
	for i := range s.report.Findings {
		f := &s.report.Findings[i]
		to, ok := s.opt.Severities[f.Rule.ID]
		switch {
		case !ok || to.Severity == f.Severity:
		case to.Foreign && to.Severity < f.Severity && f.Proof == "verified":
			count(kept, to.From)
		default:
			f.Severity = to.Severity
			if to.Foreign {
				count(changed, to.From)
			}
		}
	}
	arrange(s.report.Findings)
	for _, from := range files {
		notes := &s.report.Coverage.Notes
		if n := changed[from]; n > 0 {
			*notes = append(*notes, fmt.Sprintf("%s gives %s another severity", from, plural(n, "finding")))
		}
		if n := kept[from]; n > 0 {
			*notes = append(*notes, fmt.Sprintf("%s does not lower the severity of %s: the repository cannot, as the secret is proven; --config can", from, plural(n, "finding")))
		}
	}
}
