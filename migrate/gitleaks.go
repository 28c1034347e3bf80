package migrate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"keyrake/scanner/known"
)

// Options says what an import may use.
type Options struct {
	// Have reports whether Keyrake has a rule of that id.
	Have func(id string) bool
	// Read gives a file that the configuration extends; nil refuses all.
	Read func(name string) ([]byte, error)
	// Marks: what gitleaks:allow marks accept is accepted, although they give no
	// reason.
	Marks bool
}

// maxExtends is how deep gitleaks itself follows extend.path.
const maxExtends = 2

// Gitleaks reads a .gitleaks.toml. name is what errors call it. Its error
// says that gitleaks could not use the file either.
func Gitleaks(name string, data []byte, opt Options) (*Import, error) {
	im := &Import{Name: name}
	t := &translator{Import: im, opt: opt, ids: map[string]string{}, mine: map[string]bool{}}
	if err := t.file(name, data, 0); err != nil {
		return nil, err
	}
	t.finish()
	im.Allows = append(im.Allows, Allow{
		When:   known.Condition{Paths: []string{`(^|/)(\.gitleaks\.toml|\.scan\.yaml|scan-rules\.yaml)$`}},
		Reason: "patterns of secrets; gitleaks leaves its own configuration out, too",
	})
	if opt.Marks {
		im.Allows = append(im.Allows, GitleaksMarks())
	}
	im.sortRemarks()
	return im, nil
}

// Marks accepts what the marks of other scanners accept. Code may hold those of several,
// whatever configuration is taken over.
func Marks() []Allow {
	of := func(mark, scanner string) Allow {
		return Allow{When: known.Condition{Lines: []string{mark}}, Reason: "a mark of " + scanner + ", which gives no reason"}
	}
	return []Allow{GitleaksMarks(), DetectSecretsMarks(), of("trufflehog:ignore", "trufflehog"), of("ggignore", "ggshield")}
}

// GitleaksMarks accepts what is on a line with gitleaks:allow.
func GitleaksMarks() Allow {
	return Allow{When: known.Condition{Lines: []string{"gitleaks:allow"}}, Reason: "a gitleaks:allow mark, which gives no reason"}
}

// translator turns one configuration, and those that it extends, into ours.
type translator struct {
	*Import
	opt     Options
	lines   map[string]int // of the file that is being read
	base    string         // what goes before a line's subject: the name of an extended file
	ids     map[string]string
	mine    map[string]bool // ids that are given
	extra   []pendingAllow  // of rules: their ids are known at the end only
	parts   []gitleaksRule  // all rules, for what others require
	off     []string        // rules of gitleaks that are disabled
	offLine int
	extends bool // gitleaks' own rules run too
}

// pendingAllow is an allowlist for some rules.
type pendingAllow struct {
	allow Allow
	rules []string // gitleaks' ids
	what  string
	line  int
}

func (t *translator) file(name string, data []byte, depth int) error {
	f, lines, unknown, err := decode(name, data)
	if err != nil {
		return err
	}
	t.lines = lines
	if depth > 0 {
		t.base = name + ": "
	}
	t.Remarks = append(t.Remarks, unknown...)
	if f.Allowlist != nil && len(f.Allowlists) > 0 {
		return fmt.Errorf("%s: [allowlist] and [[allowlists]] cannot be used together", name)
	}
	t.parts = append(t.parts, f.Rules...)
	for i := range f.Rules {
		t.rule(&f.Rules[i], fmt.Sprintf("rules.%d", i))
	}
	if f.Allowlist != nil {
		t.allow(f.Allowlist, "allowlist", nil)
	}
	for i := range f.Allowlists {
		t.allow(&f.Allowlists[i], fmt.Sprintf("allowlists.%d", i), f.Allowlists[i].TargetRules)
	}
	return t.extend(&f.Extend, depth)
}

func (t *translator) extend(e *gitleaksExtend, depth int) error {
	line := t.lines["extend"]
	if len(e.DisabledRules) > 0 {
		t.off, t.offLine = append(t.off, e.DisabledRules...), t.at("extend.disabledrules", "extend")
	}
	t.extends = t.extends || e.UseDefault
	switch {
	case e.URL != "":
		t.lost(line, t.base+"extend.url", "nothing is fetched; gitleaks does not read it either")
	case e.Path == "":
	case e.UseDefault:
		return fmt.Errorf("%s: extend.path and extend.useDefault cannot be used together", t.Name)
	case depth >= maxExtends:
		t.lost(line, t.base+"extend.path "+e.Path, "gitleaks follows no more than two files")
	case t.opt.Read == nil:
		t.lost(line, t.base+"extend.path "+e.Path, "the file is not read here; import it by itself")
	default:
		data, err := t.opt.Read(e.Path)
		if err != nil {
			return fmt.Errorf("extend.path: %w", err)
		}
		return t.file(e.Path, data, depth+1)
	}
	return nil
}

// at gives the line of the first of the names that has one.
func (t *translator) at(names ...string) int {
	for _, n := range names {
		if line := t.lines[n]; line > 0 {
			return line
		}
	}
	return 0
}

// finish does what needs the ids of all rules.
func (t *translator) finish() {
	t.Alone = !t.extends && len(t.parts) > 0
	if !t.extends && len(t.parts) == 0 {
		t.changed(0, "no [extend] useDefault and no rules", "gitleaks found nothing at all with this file; Keyrake's rules stay on")
	}
	for _, id := range t.off {
		ours := t.builtin(id) // a rule of the file itself stays
		if len(ours) == 0 {
			t.lost(t.offLine, "disabled rule "+id, "Keyrake has no rule for the same thing that it could turn off")
			continue
		}
		t.Disable = append(t.Disable, ours...)
		if !slices.Equal(ours, []string{id}) {
			t.changed(t.offLine, "disabled rule "+id, "here this is "+strings.Join(ours, ", "))
		}
	}
	slices.Sort(t.Disable)
	t.Disable = slices.Compact(t.Disable)
	for _, p := range t.extra {
		var ours []string
		for _, id := range p.rules {
			list := t.counterparts(id)
			if len(list) == 0 {
				t.lost(p.line, p.what+" for rule "+id, "Keyrake has no rule for the same thing; what it finds there, under another rule, needs an entry of its own")
			} else if !slices.Equal(list, []string{id}) && !t.mine[list[0]] {
				t.changed(p.line, p.what+" for rule "+id, "here this is "+strings.Join(list, ", "))
			}
			ours = append(ours, list...)
		}
		if len(ours) > 0 {
			p.allow.When.Rules = ours
			t.Allows = append(t.Allows, p.allow)
		}
	}
	t.Allows = slices.DeleteFunc(t.Allows, func(a Allow) bool {
		err := a.When.Check()
		if err != nil {
			t.lost(a.Line, "allowlist", oneLine(err.Error()))
		}
		return err != nil
	})
}

// counterparts gives our rules for a rule of gitleaks.
func (t *translator) counterparts(id string) []string {
	if ours, ok := t.ids[id]; ok {
		return []string{ours}
	}
	return t.builtin(id)
}

// builtin gives those of Keyrake's own rules.
func (t *translator) builtin(id string) []string {
	have := t.opt.Have
	if have == nil {
		return nil
	}
	if have(id) {
		return []string{id}
	}
	var list []string
	for _, ours := range renamed(id) {
		if have(ours) {
			list = append(list, ours)
		}
	}
	return list
}

// generic are the rules that tell a value by the name it is given: where one of them is off,
// another finds the same value.
func generic() []string {
	return []string{"generic-secret", "generic-password", "generic-key", "generic-key-name", "generic-service", "define-key", "generic-bearer", "generic-basic"}
}

// renamed gives the names under which Keyrake looks for what well-known rules of
// gitleaks look for.
func renamed(id string) []string {
	switch id {
	case "generic-api-key":
		return generic()
	case "curl-auth-header":
		return []string{"generic-bearer", "generic-basic"}
	case "curl-auth-user":
		return []string{"generic-basic"}
	}
	return issued()[id]
}

// issued are those for what a certain service issues.
func issued() map[string][]string {
	return map[string][]string{
		"aws-access-token":        {"aws-access-key-id", "aws-secret-access-key"},
		"gcp-api-key":             {"google-api-key"},
		"github-pat":              {"github-token"},
		"github-oauth":            {"github-token"},
		"github-app-token":        {"github-installation-token"},
		"github-refresh-token":    {"github-refresh-token"},
		"github-fine-grained-pat": {"github-fine-grained-token"},
		"slack-bot-token":         {"slack-token"},
		"slack-user-token":        {"slack-token"},
		"slack-app-token":         {"slack-token"},
		"slack-legacy-token":      {"slack-token"},
		"slack-webhook-url":       {"slack-webhook"},
		"sendgrid-api-token":      {"sendgrid-api-key"},
		"stripe-access-token":     {"stripe-live-key", "stripe-test-key"},
	}
}

// allow turns an allowlist into a condition. ids are the rules of gitleaks that
// it is for; none stands for all.
func (t *translator) allow(a *gitleaksAllow, key string, ids []string) {
	line, what := t.at(key), t.base+"allowlist"
	out := Allow{Reason: oneLine(a.Description), Line: line}
	if out.Reason == "" {
		out.Reason = fmt.Sprintf("an allowlist of %s, which gives no reason", t.Name)
	}
	c := &out.When
	if !t.condition(c, a, key) {
		return
	}
	if len(c.Commits) > 0 {
		t.changed(line, what+" commits", "a commit counts where it was the first to bring this version of the file in")
	}
	if len(ids) > 0 {
		t.extra = append(t.extra, pendingAllow{out, ids, what, line})
		return
	}
	t.Allows = append(t.Allows, out)
}

// condition takes the tests of an allowlist over. It is false if nothing is to be
// accepted by them, and then the reason was told.
func (t *translator) condition(c *known.Condition, a *gitleaksAllow, key string) bool {
	line, what := t.at(key), t.base+"allowlist"
	switch strings.ToUpper(a.Condition) {
	case "", "OR", "||":
	case "AND", "&&":
		c.Every = true
	default:
		t.lost(line, what, fmt.Sprintf("condition %q is neither AND nor OR; gitleaks refuses it", a.Condition))
		return false
	}
	whole := true // every sort of test is carried over in part at least
	keep := func(sort string, list []string, bad func(string) string) (kept []string) {
		at := t.at(key+"."+sort, key)
		for _, s := range list {
			if why := bad(s); why != "" {
				t.lost(at, what+" "+sort+" "+fmt.Sprintf("%q", s), why)
				continue
			}
			kept = append(kept, s)
		}
		whole = whole && (len(kept) > 0 || len(list) == 0)
		return kept
	}
	c.Paths = keep("paths", a.Paths, badPattern)
	c.Commits = keep("commits", a.Commits, badCommit)
	c.Words = keep("stopwords", a.StopWords, func(s string) string {
		if strings.TrimSpace(s) == "" {
			return "it is empty, and would accept everything"
		}
		return ""
	})
	regexes := keep("regexes", a.Regexes, badPattern)
	switch a.RegexTarget {
	case "", "secret":
		c.Secrets = regexes
	case "match":
		c.Matches = regexes
	case "line":
		c.Lines = regexes
	default:
		t.lost(line, what, fmt.Sprintf("regexTarget %q is none of secret, match and line; gitleaks refuses it", a.RegexTarget))
		return false
	}
	if c.Every && !whole {
		t.lost(line, what, "with condition AND it would accept more without what is not carried over")
		return false
	}
	if len(c.Paths)+len(c.Commits)+len(c.Words)+len(regexes) > 0 {
		return true
	}
	if len(a.Paths)+len(a.Commits)+len(a.StopWords)+len(a.Regexes) == 0 {
		t.lost(line, what, "it is empty; gitleaks refuses it")
	}
	return false
}

func badPattern(s string) string {
	re, err := regexp.Compile(s)
	switch {
	case err != nil:
		return "it is no regular expression that Go or gitleaks reads: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	case re.MatchString(""):
		return "it matches the empty text, and so would accept everything"
	}
	return ""
}

func badCommit(s string) string {
	if len(s) != 40 && len(s) != 64 || strings.Trim(strings.ToLower(s), "0123456789abcdef") != "" {
		return "it is no full name of a commit; gitleaks compares full names only"
	}
	return ""
}

// Counterparts gives the rules here that look for what a rule of gitleaks looks
// for: one of the import itself, one of the same name, or those known to.
func (im *Import) Counterparts(id string, opt Options) []string {
	for i := range im.Rules {
		if im.Rules[i].Source == ruleSource(id, im.Name) {
			return []string{im.Rules[i].ID}
		}
	}
	return (&translator{Import: im, opt: opt}).counterparts(id)
}

func ruleSource(id, file string) string { return "rule " + id + " of " + file }
