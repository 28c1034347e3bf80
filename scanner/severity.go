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
// of what people make for themselves, if it stands in tests, examples or
// documentation only: most of those were made for the purpose; also of what may be a
// word, if it stands in translations. It is a finding all the same, with the same
// confidence. A token that a service has issued is one wherever it stands.
func soften(f *finding.Finding) {
	if !softens(f.Rule, f.Severity) {
		return
	}
	word := f.Rule.Generic && f.Secret.Len() > 0 && !strings.ContainsAny(f.Secret.Reveal(), "0123456789")
	for i := range f.Places {
		if path := f.Places[i].FromTop(); !isAside(path) && !(word && isTranslation(path)) {
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
// at this path and nowhere else, and says why. word is whether the secret has no digit.
func Softened(r *rules.Rule, s rules.Severity, path string, word bool) (reason string, ok bool) {
	return asideReason, softens(r, s) && (isAside(path) || word && r.Generic && isTranslation(path))
}

// isAside tells whether a path names a test, an example or documentation by one
// of its folders or by its name, or code that was published elsewhere: a folder
// of vendored packages that has the name of a host in it.
func isAside(path string) bool {
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

// isTranslation tells whether a path names texts in one language: a file that is called
// after it, or lies in a folder that is, below one that is called after languages; or a
// file in a folder in which Android or Apple's systems look for such texts.
func isTranslation(path string) bool {
	parts := strings.Split(path, "/")
	file, folders := parts[len(parts)-1], parts[:len(parts)-1]
	stem, _, _ := strings.Cut(file, ".")
	named := isLanguage(stem) || isLanguage(stem[strings.LastIndexByte(stem, '_')+1:])
	if !named && !isTextFile(file) {
		return false
	}
	texts := false
	for i, part := range folders {
		if of, ok := strings.CutPrefix(part, "values-"); ok && isLanguage(of) || strings.HasSuffix(part, ".lproj") {
			return true
		}
		switch strings.ToLower(part) {
		case "lang", "langs", "language", "languages", "locale", "locales", "i18n", "l10n", "translation", "translations", "intl":
			texts = true
			continue
		}
		if texts && i == len(folders)-1 && isLanguage(part) {
			return true
		}
	}
	return texts && named
}

// isTextFile tells whether a file is of a kind in which texts for people are kept.
func isTextFile(file string) bool {
	switch file[strings.LastIndexByte(file, '.')+1:] {
	case "json", "yml", "yaml", "po", "pot", "xlf", "xliff", "xml", "properties", "strings", "stringsdict", "php", "arb", "resx", "ftl", "toml":
		return true
	}
	return false
}

// languages are the codes of ISO 639-1, a blank after each, and some of three letters
// that projects translate into.
const languages = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv " +
	"ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny " +
	"oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu iw in " +
	"ast bar bre ckb fil gsw haw hsb kab nds tzm yue "

// isLanguage tells whether a name is a language's tag after RFC 5646, with - or _ between
// its parts: de, pt-BR, zh_Hans_CN.
func isLanguage(name string) bool {
	language, rest, _ := strings.Cut(strings.ReplaceAll(name, "_", "-"), "-")
	if len(language) < 2 || !isLetters(language) || !strings.Contains(languages, strings.ToLower(language)+" ") {
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
