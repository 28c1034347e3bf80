package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"keyrake/config"
	"keyrake/rules"
	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/known"
)

// The files at a repository's top that say what is known and accepted.
const (
	ignoreFile   = ".scanignore"
	baselineFile = ".scan-baseline"
)

const (
	maxRuleFile     = 4 << 20
	maxIgnoreFile   = 1 << 20
	maxBaselineFile = 16 << 20
)

// rules gives the rules to search with. Those that a file turns off are among
// them, and listed in muted, so that what they find can be counted.
func (s *settings) rules() (active *rules.Set, muted map[string]known.Origin, err error) {
	all := rules.Builtin()
	for _, v := range s.Plural(config.RuleFiles) {
		if all, err = s.addRules(all, v); err != nil {
			return nil, nil, err
		}
	}
	for _, key := range []string{config.EnableRule, config.DisableRule} {
		for _, v := range s.Plural(key) {
			if err := checkRule(all, v.Text); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", v.From, err)
			}
		}
	}
	if len(s.Plural(config.EnableRule))+len(s.Plural(config.DisableRule)) == 0 {
		return all, nil, nil
	}
	muted = map[string]known.Origin{}
	gone := map[string]bool{}
	turnOff := func(id string) {
		by, off := s.Off(func(v config.Value) bool { return rules.Named(v.Text, id) })
		switch {
		case off && by.InFile():
			muted[id] = by.From
		case off:
			gone[id] = true
		}
	}
	for _, r := range all.All() {
		turnOff(r.ID)
	}
	if len(muted)+len(gone) == all.Len() {
		return nil, nil, &usageError{"all rules are turned off, so a scan would find nothing", `"scan config show" shows where each setting comes from`}
	}
	if len(gone) > 0 {
		all, err = all.Only(func(r *rules.Rule) bool { return !gone[r.ID] })
	}
	for _, r := range rules.Files() {
		turnOff(r.ID)
	}
	return all, muted, err
}

// fileRules gives the rules that know a file by its path. Those that a file
// turns off are among them: rules lists them as muted.
func (s *settings) fileRules() []rules.FileRule {
	return slices.DeleteFunc(rules.Files(), func(r rules.FileRule) bool {
		by, off := s.Off(func(v config.Value) bool { return rules.Named(v.Text, r.ID) })
		return off && !by.InFile()
	})
}

// addRules adds the rules of a file.
func (s *settings) addRules(set *rules.Set, v config.Value) (*rules.Set, error) {
	source, err := s.read(v, maxRuleFile)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	list, err := rules.Parse(v.Text, source)
	if err != nil {
		return nil, err
	}
	if v.Foreign {
		// What was imported from a file that is read as well takes no rule's place.
		list = slices.DeleteFunc(list, func(r rules.Rule) bool {
			have := set.Get(r.ID)
			return have != nil && have.Digest() == r.Digest()
		})
		for i := range list {
			if err := checkForeign(set, &list[i]); err != nil {
				return nil, fmt.Errorf("%s: rule %s: %w", v.Text, list[i].ID, err)
			}
			list[i].Foreign = true
		}
	}
	if set, err = set.With(list); err != nil {
		return nil, fmt.Errorf("%s: %w", v.Text, err)
	}
	return set, nil
}

// checkForeign says what a rule from the scanned repository may not do: make a
// scan slow, or take the place of another rule and find less.
func checkForeign(set *rules.Set, r *rules.Rule) error {
	switch {
	case r.Backtrack:
		return errors.New("a scanned repository's own rules may not backtrack; name the file with --rules if you trust it")
	case set.Get(r.ID) != nil:
		return errors.New("a scanned repository's own rules may not replace another rule; give it an id of its own, or name the file with --rules if you trust it")
	}
	return nil
}

// checkRule says whether a pattern stands for any rule.
func checkRule(set *rules.Set, pattern string) error {
	for _, r := range rules.Files() {
		if rules.Named(pattern, r.ID) {
			return nil
		}
	}
	for _, r := range set.All() {
		if rules.Named(pattern, r.ID) {
			return nil
		}
	}
	return fmt.Errorf("no rule is called %q: %s", pattern, ruleHint(pattern, set))
}

// severities gives the severities that settings ask for.
func (s *settings) severities(set *rules.Set) (map[string]scanner.Severity, error) {
	all := s.Settings.Severities()
	if len(all) == 0 {
		return nil, nil
	}
	out := map[string]scanner.Severity{}
	for id, v := range all {
		if set.Get(id) == nil && !s.isOff(id) && checkRule(set, id) != nil {
			return nil, fmt.Errorf("%s: severity: %w", v.From, checkRule(set, id))
		}
		if strings.ContainsAny(id, `*?[\`) {
			return nil, fmt.Errorf("%s: severity: %q matches several rules; name each by its id", v.From, id)
		}
		out[id] = scanner.Severity{Severity: v.Severity, From: v.From.File, Foreign: v.Foreign}
	}
	return out, nil
}

func (s *settings) isOff(id string) bool {
	_, off := s.Off(func(v config.Value) bool { return rules.Named(v.Text, id) })
	return off
}

// policy reads what is known and accepted of what these rules find.
func (s *settings) policy(active *rules.Set, muted map[string]known.Origin) (*known.Policy, error) {
	p := &known.Policy{Marks: s.own, Muted: muted, Floor: s.floor}
	if s.top != nil {
		p.Within = s.top.Within
	}
	if s.own && s.top != nil {
		data, err := s.ofTop(ignoreFile, maxIgnoreFile)
		if err == nil {
			entries, err := known.ParseIgnore(ignoreFile, data)
			if err != nil {
				return nil, err
			}
			s.noteMistyped(entries)
			if err := s.addList(p, entries); err != nil {
				return nil, err
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if err := errors.Join(s.addList(p, s.Entries()), s.addList(p, s.lists)); err != nil {
		return nil, err
	}
	s.noteStrangers(active, p.Lists)
	if s.fresh {
		return p, nil
	}
	var err error
	p.Baseline, err = s.baseline()
	return p, err
}

func (s *settings) addList(p *known.Policy, entries []known.Entry) error {
	list, err := known.NewList(entries, s.today)
	if err == nil && list.Len() > 0 {
		p.Lists = append(p.Lists, list)
	}
	return err
}

// noteMistyped notes lines of an ignore file that read like a fingerprint and are patterns,
// as the word before the colon is written otherwise.
func (s *settings) noteMistyped(entries []known.Entry) {
	const key, near = "fingerprint", 3
	for _, e := range entries {
		word, _, ok := strings.Cut(e.Pattern, ":")
		if ok && rules.Distance(strings.TrimSpace(strings.ToLower(word)), key) <= near {
			s.notes = append(s.notes, fmt.Sprintf("%s: %q is taken for the path of a file; a fingerprint is written %q", e.From, word+":", key+":"))
		}
	}
}

// noteStrangers notes that conditions name rules which do not exist. It is no error: what
// was imported may name rules that were not.
func (s *settings) noteStrangers(active *rules.Set, lists []*known.List) {
	var first string
	seen, strangers := map[string]bool{}, 0 // an imported list names the same rules over and over
	for _, l := range lists {
		for _, e := range l.Entries() {
			if e.When == nil {
				continue
			}
			for _, id := range e.When.Rules {
				if seen[id] {
					continue
				}
				if seen[id] = true; s.isOff(id) || checkRule(active, id) == nil {
					continue
				}
				if strangers++; first == "" {
					first = fmt.Sprintf("%s: allow: no rule is called %q, so it accepts nothing for that: %s", e.From, id, ruleHint(id, active))
				}
			}
		}
	}
	switch n := strangers - 1; {
	case n == 1:
		first += "; and 1 more name that allow has is no rule's"
	case n > 1:
		first += fmt.Sprintf("; and %d more names that allow has are no rule's", n)
	}
	if first != "" {
		s.notes = append(s.notes, first)
	}
}

// baseline reads the baseline that the settings name, or the one at the
// repository's top; nil if there is none.
func (s *settings) baseline() (*known.Baseline, error) {
	v, named := s.Single(config.Baseline)
	if !named {
		if s.top == nil || !s.own {
			return nil, nil
		}
		data, err := s.ofTop(baselineFile, maxBaselineFile)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return known.ParseBaseline(baselineFile, data)
	}
	data, err := s.read(v, maxBaselineFile)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf(`%s: there is no baseline %s; "scan baseline create --baseline %s" makes it`, v.From, v.Text, v.Text)
		}
		return nil, fmt.Errorf("%s: baseline: %w", v.From, err)
	}
	return known.ParseBaseline(v.Text, data)
}

// tell adds what there is to say of the settings to the report.
func (s *settings) tell(c *command, term *terminal, r *finding.Report) {
	r.Coverage.Notes = append(r.Coverage.Notes, s.notes...)
	warnProven(term, r)
	c.warnPassed(term, r)
}

// warnProven says on stderr, whatever the format and however quiet, that
// secrets were suppressed which are proven to be credentials.
func warnProven(term *terminal, r *finding.Report) {
	n := 0
	var by []string
	for i := range r.Suppressed {
		if x := &r.Suppressed[i]; x.Proof == "verified" {
			n++
			if len(by) == 0 || by[len(by)-1] != x.Sort {
				by = append(by, x.Sort)
			}
		}
	}
	switch {
	case n == 1:
		term.print("WARNING: a PROVEN secret is suppressed by %s; if it was not revoked, it can be used; --show-suppressed lists it", by[0])
	case n > 1:
		term.print("WARNING: %d PROVEN secrets are suppressed by %s; those not revoked can be used; --show-suppressed lists them", n, strings.Join(unique(by), ", "))
	}
}

// unique drops what stands in the list already.
func unique(list []string) (out []string) {
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			out = append(out, s)
		}
		seen[s] = true
	}
	return out
}
