package migrate

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/known"
)

const (
	endless    = 256      // bytes that an endless quantifier is given
	maxReach   = 16 << 10 // a window of this size is searched round each keyword
	confidence = 0.8      // that of rules which say whose the secret is
)

// rule turns one rule into ours, or says why it cannot.
func (t *translator) rule(r *gitleaksRule, key string) {
	line, what := t.at(key), t.base+"rule "+r.ID
	switch {
	case strings.TrimSpace(r.ID) == "":
		t.lost(line, t.base+"a rule", "it has no id; gitleaks refuses it")
		return
	case r.Regex == "" && r.Path == "" && (len(r.Allowlists) > 0 || r.Allowlist != nil || r.Entropy > 0 || len(r.Keywords) > 0):
		// It adds to a rule of the same id in what the file extends.
		t.ruleAllows(r, key)
		if r.Entropy > 0 || len(r.Keywords) > 0 || r.SecretGroup > 0 {
			t.lost(line, what, "it changes entropy, keywords or secretGroup of a rule of gitleaks; Keyrake's rules have their own")
		}
		return
	case r.Regex == "":
		t.lost(line, what, "it looks at names of files only, and Keyrake at what is in them")
		return
	case r.SkipReport:
		t.lost(line, what, "it reports nothing itself (skipReport)")
		return
	}
	if _, twice := t.ids[r.ID]; twice {
		t.ruleAllows(r, key) // a rule of the file that extends this one is stronger
		return
	}
	out, why := t.translate(r, key)
	if why != "" {
		t.lost(t.at(key+".regex", key), what, why)
		return
	}
	t.ids[r.ID], t.mine[out.ID] = out.ID, true
	t.Rules = append(t.Rules, *out)
	if out.ID != r.ID {
		t.changed(line, what, "it is called "+out.ID+" here")
	}
	if r.Path != "" {
		t.rulePath(r, out.ID, key)
	}
	t.ruleAllows(r, key)
}

// rulePath keeps a rule to the paths that it is for.
func (t *translator) rulePath(r *gitleaksRule, id, key string) {
	line := t.at(key+".path", key)
	if _, err := regexp.Compile(r.Path); err != nil {
		t.lost(line, t.base+"path of rule "+r.ID, "it is no regular expression that Go or gitleaks reads; the rule looks at all paths")
		return
	}
	if badPattern(r.Path) != "" {
		return // it holds for all paths
	}
	t.Allows = append(t.Allows, Allow{
		When:   known.Condition{Rules: []string{id}, Outside: []string{r.Path}},
		Reason: "the rule is for other paths only", Line: line,
	})
}

func (t *translator) ruleAllows(r *gitleaksRule, key string) {
	if r.Allowlist != nil {
		t.allow(r.Allowlist, key+".allowlist", []string{r.ID})
	}
	for i := range r.Allowlists {
		t.allow(&r.Allowlists[i], fmt.Sprintf("%s.allowlists.%d", key, i), []string{r.ID})
	}
}

// translate makes a rule. why says what keeps it from being one.
func (t *translator) translate(r *gitleaksRule, key string) (out *rules.Rule, why string) {
	line, what := t.at(key+".regex", key), t.base+"rule "+r.ID
	re, err := syntax.Parse(r.Regex, syntax.Perl)
	if err != nil {
		return nil, "gitleaks cannot read its regex either: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	}
	if r.SecretGroup < 0 || r.SecretGroup > re.MaxCap() {
		return nil, fmt.Sprintf("secretGroup %d does not exist; gitleaks refuses it", r.SecretGroup)
	}
	pattern := r.Regex
	if anchored(re) {
		// (?m) is easier to read than a tree that is written anew, but \A and \z
		// need that.
		if re, err = syntax.Parse("(?m)"+r.Regex, syntax.Perl); err != nil {
			return nil, oneLine(err.Error())
		}
		pattern = "(?m)" + r.Regex
		if anchored(re) {
			lineAnchors(re)
			pattern = re.String()
		}
		t.changed(line, what, "^ and $ match at the start and end of a line, not of the text")
	}
	out = &rules.Rule{
		ID: t.id(r.ID), Title: oneLine(r.Description), Provider: "custom", Severity: rules.High, Boundary: rules.BoundaryNone,
		Pattern: pattern, Secret: t.group(r, re, line), Entropy: min(max(r.Entropy, 0), 8), Confidence: confidence, Exact: true,
		Remedy: "Revoke it where it was issued, and issue a new one.", Source: ruleSource(r.ID, t.Name),
	}
	if out.Title == "" {
		out.Title = out.ID
	}
	t.keywords(r, out, line)
	t.required(r, out, line)
	if why := t.reach(out, line, what); why != "" {
		return nil, why
	}
	return out, ""
}

// id gives a rule an id that is not taken.
func (t *translator) id(name string) string {
	id := slug(name)
	if id == "" {
		id = "imported"
	}
	taken := func(id string) bool { return t.mine[id] || t.opt.Have != nil && t.opt.Have(id) }
	free := id
	for n := 1; taken(free); n++ {
		end := "-imported"
		if n > 1 {
			end = fmt.Sprintf("-imported-%d", n)
		}
		free = strings.TrimRight(id[:min(len(id), 64-len(end))], "-") + end
	}
	return free
}

// group gives the group that is the secret. Without secretGroup gitleaks takes
// the first one that is not empty.
func (t *translator) group(r *gitleaksRule, re *syntax.Regexp, line int) int {
	switch {
	case r.SecretGroup > 0 || re.MaxCap() == 0:
		return r.SecretGroup
	case always(re, 1):
		return 1
	}
	t.changed(line, t.base+"rule "+r.ID, "the secret is all that matches: which group it is differs from match to match; name one with secret")
	return 0
}

// always says that a group is part of every match, and never empty.
func always(re *syntax.Regexp, group int) bool {
	switch re.Op {
	case syntax.OpCapture:
		if re.Cap == group {
			return !regexp.MustCompile("^(?:" + re.Sub[0].String() + ")$").MatchString("")
		}
		return always(re.Sub[0], group)
	case syntax.OpConcat, syntax.OpPlus:
		return slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return always(sub, group) })
	case syntax.OpRepeat:
		return re.Min > 0 && always(re.Sub[0], group)
	}
	return false
}

// keywords finds the anchors of a rule. gitleaks only wants its keywords to be
// somewhere in the same text; a rule that has none of its own is tried in the
// same way.
func (t *translator) keywords(r *gitleaksRule, out *rules.Rule, line int) {
	what := t.base + "rule " + r.ID
	var given []string
	for _, k := range r.Keywords {
		if k = strings.ToLower(k); len(k) >= 3 && isKeyword(k) && !slices.Contains(given, k) {
			given = append(given, k)
		}
	}
	if len(given) > 0 && rules.Holds(out.Pattern, given) {
		out.Keywords = given
		return
	}
	if words, ok := rules.Keywords(out.Pattern); ok {
		out.Keywords = words
		if len(given) > 0 {
			t.changed(line, what, "its pattern is searched for by "+strings.Join(head(words, 4), ", ")+"; the keyword "+strings.Join(head(given, 4), ", ")+" need not be in the same file any more")
		}
		return
	}
	out.Whole = true
	for _, k := range r.Keywords {
		if k = strings.ToLower(k); k != "" && !slices.Contains(out.Keywords, k) {
			out.Keywords = append(out.Keywords, k)
		}
	}
	if len(out.Keywords) != len(r.Keywords) || slices.ContainsFunc(out.Keywords, func(k string) bool { return !isKeyword(k) }) {
		out.Keywords = nil
		if len(r.Keywords) > 0 {
			t.changed(line, what, "its keywords need not be in the file any more: one of them is empty, too long or not plain text")
		}
	}
	t.changed(line, what, "no text of three characters or more is part of every match, so it is tried on every version of every file in full, which is slower; a prefix, or a name before the value, would make it quick")
}

// isKeyword reports whether a rule may have k for a keyword.
func isKeyword(k string) bool {
	return k != "" && len(k) <= 64 && strings.IndexFunc(k, func(c rune) bool { return c < ' ' || c > '~' }) < 0
}

func head(list []string, n int) []string {
	if len(list) > n {
		return append(slices.Clone(list[:n]), "…")
	}
	return list
}

// required makes near of what other rules have to find beside this one.
func (t *translator) required(r *gitleaksRule, out *rules.Rule, line int) {
	for _, q := range r.Required {
		i := slices.IndexFunc(t.parts, func(p gitleaksRule) bool { return p.ID == q.ID })
		var words []string
		if i >= 0 {
			words, _ = rules.Keywords(t.parts[i].Regex)
		}
		what := t.base + "rule " + r.ID + ": required rule " + q.ID
		switch {
		case len(words) == 0 || len(out.Near) > 0:
			t.lost(line, what, "a rule cannot ask for what another one finds; this one reports without it")
		default:
			out.Near = words
			t.changed(line, what, "one of "+strings.Join(head(words, 4), ", ")+" has to occur within 400 bytes, in place of all that the other rule matches")
		}
	}
}

// reach bounds how far a rule looks, and checks the rule.
func (t *translator) reach(out *rules.Rule, line int, what string) (why string) {
	var err error
	if out.Before, out.After, err = rules.Reach(out); err != nil {
		re, perr := syntax.Parse(out.Pattern, syntax.Perl)
		if perr != nil {
			return perr.Error()
		}
		n := min(longest(re)+16, maxReach)
		out.Before, out.After = max(n, 400), max(n, 400)
		t.changed(line, what, fmt.Sprintf("its pattern has no longest match; what is more than %d bytes from its keyword is not seen", out.After))
	}
	if err := rules.Check(out); err != nil {
		return strings.ReplaceAll(strings.ReplaceAll(err.Error(), "rule "+out.ID+": ", ""), "\n", "; ")
	}
	return ""
}

// longest is about the length of a match, with endless parts cut short.
func longest(re *syntax.Regexp) int {
	sum := func() (n int) {
		for _, sub := range re.Sub {
			n = min(n+longest(sub), maxReach)
		}
		return n
	}
	switch re.Op {
	case syntax.OpLiteral:
		return 2 * len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpStar, syntax.OpPlus:
		return max(endless, min(2*sum(), maxReach))
	case syntax.OpRepeat:
		times := re.Max
		if times < 0 {
			times = re.Min + endless
		}
		return min(times*sum(), maxReach)
	case syntax.OpAlternate:
		most := 0
		for _, sub := range re.Sub {
			most = max(most, longest(sub))
		}
		return most
	}
	return sum()
}

// anchored says that an expression looks for the start or end of the text.
func anchored(re *syntax.Regexp) bool {
	return re.Op == syntax.OpBeginText || re.Op == syntax.OpEndText || slices.ContainsFunc(re.Sub, anchored)
}

// lineAnchors makes anchors of the text those of a line.
func lineAnchors(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpBeginText:
		re.Op, re.Flags = syntax.OpBeginLine, re.Flags&^syntax.OneLine
	case syntax.OpEndText:
		re.Op, re.Flags = syntax.OpEndLine, re.Flags&^(syntax.OneLine|syntax.WasDollar)
	}
	for _, sub := range re.Sub {
		lineAnchors(sub)
	}
}
