package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"keyrake/rules"
	"keyrake/rules/example"
	"keyrake/scanner"
)

// sighting is what became of one generated text of a rule.
type sighting struct {
	found bool        // the rule reports it
	other *rules.Rule // it is told under this rule instead
	inner bool        // what that rule tells is written in it in another form
	why   string      // why the rule does not report it
}

// see generates a text from a template and looks for the rule in it.
func (b *ruleBook) see(r *rules.Rule, template, seed string) (sighting, error) {
	if f := b.file(r.ID); f != nil {
		found := f.Matches(template) && rules.MayBeFile([]byte(path.Base(template)))
		return sighting{found: found, why: "the path does not fit"}, nil
	}
	text, err := example.Expand(template, seed)
	if err != nil {
		return sighting{}, fmt.Errorf("rule %s: example %q: %w", r.ID, template, err)
	}
	trials, err := b.exam(text)
	if err != nil {
		return sighting{}, err
	}
	s := sighting{why: "none of its keywords is there"}
	for i := range trials {
		t := &trials[i]
		switch {
		case t.Rule != r || s.found:
		case t.Reported:
			s = sighting{found: true, other: t.Outdone}
		case t.Matched:
			s.why = fmt.Sprintf("confidence %.2f: %s", t.Confidence, strings.Join(t.Reasons, "; "))
		default:
			s.why = fmt.Sprintf("keyword %q, but the pattern does not match", t.Keyword)
		}
	}
	s.inner = s.other != nil && slices.ContainsFunc(trials, func(t scanner.Trial) bool {
		return t.Rule == s.other && t.Outdone == nil && slices.ContainsFunc(t.Reasons, func(r string) bool { return strings.HasPrefix(r, "read out of ") })
	})
	return s, nil
}

// asMeant: a rule that is outdone there does what it is for. Of general rules the one
// that its name fits best is told, and of encoded text what it says.
func (s *sighting) asMeant(r *rules.Rule) bool {
	return s.other == nil || s.inner || r.Generic && s.other.Generic
}

// tell draws on a terminal how many of the chosen rules are done.
func (b *ruleBook) tell(done int) {
	if b.term.meter {
		b.term.progress(scanner.Progress{Stage: "rules", Done: int64(done), Total: int64(len(b.chosen))})
	}
}

// test searches the examples and negatives of the chosen rules.
func (b *ruleBook) test() (bool, error) {
	texts, failed := 0, 0
	for i, r := range b.chosen {
		b.tell(i)
		if len(r.Examples) == 0 {
			fmt.Fprintf(b.out, "%s: it has no examples, so nothing shows that it finds what it should\n", r.ID)
		}
		for _, part := range []struct {
			kind      string
			templates []string
			want      bool
		}{{"example", r.Examples, true}, {"negative", r.Negatives, false}} {
			for i, template := range part.templates {
				s, err := b.see(r, template, fmt.Sprintf("%s/%s/%d", r.ID, part.kind, i))
				if err != nil {
					return false, err
				}
				texts++
				if s.found == part.want {
					continue
				}
				failed++
				why := "it is found"
				if part.want {
					why = s.why
				}
				fmt.Fprintf(b.out, "%s: %s %d: %s\n", r.ID, part.kind, i+1, why)
			}
		}
	}
	fmt.Fprintf(b.out, "rules %d, texts %d, failures %d\n", len(b.chosen), texts, failed)
	return failed == 0, nil
}

// What lint finds too much.
const (
	commonKeyword = 60  // places in a million bytes of the corpus
	wideView      = 0.1 // share of the corpus that the windows round a keyword cover
)

// lint warns of what is allowed and hardly meant.
func (b *ruleBook) lint() (bool, error) {
	if b.corpusDir != "" {
		var err error
		if b.corpus, err = scanner.CountKeywords(b.ctx, b.set, b.corpusDir); err != nil {
			return false, err
		}
	}
	warnings := 0
	for i, r := range b.chosen {
		b.tell(i)
		found, err := b.doubts(r)
		if err != nil {
			return false, err
		}
		for _, w := range found {
			warnings++
			fmt.Fprintf(b.out, "%s: %s\n", r.ID, w)
		}
	}
	fmt.Fprintf(b.out, "rules %d, warnings %d", len(b.chosen), warnings)
	if b.corpusDir == "" {
		fmt.Fprint(b.out, "; --corpus DIR also counts how common the keywords are")
	}
	fmt.Fprintln(b.out)
	return warnings == 0, nil
}

// doubts lists what speaks against a rule.
func (b *ruleBook) doubts(r *rules.Rule) ([]string, error) {
	if b.file(r.ID) != nil {
		return nil, nil
	}
	var list []string
	for _, k := range r.Keywords {
		n := b.corpus.PerMegabyte(k)
		if n > commonKeyword {
			list = append(list, fmt.Sprintf("keyword %q occurs %.0f times in a megabyte of the corpus; a longer one is cheaper", k, n))
		}
		if view := n * float64(r.Before+r.After) / 1e6; view > wideView {
			list = append(list, fmt.Sprintf("round keyword %q it looks at %.0f %% of the corpus; a longer keyword or a shorter reach is cheaper", k, 100*view))
		}
	}
	if r.Backtrack {
		list = append(list, "its expression backtracks: each try may take up to its time limit; RE2 syntax never does")
	}
	if len(r.Examples) == 0 {
		return append(list, "it has no examples, so nothing shows that it can fire"), nil
	}
	never, by := true, []string{}
	why := ""
	for i, template := range r.Examples {
		s, err := b.see(r, template, fmt.Sprintf("%s/example/%d", r.ID, i))
		if err != nil {
			return nil, err
		}
		never = never && !s.found
		why = s.why
		if s.found && s.asMeant(r) {
			by = nil
		} else if s.other != nil && by != nil {
			by = append(by, s.other.ID)
		}
	}
	switch {
	case never:
		list = append(list, "it finds none of its examples: "+why)
	case len(by) == len(r.Examples):
		slices.Sort(by)
		list = append(list, "all its examples are reported under another rule: "+strings.Join(slices.Compact(by), ", "))
	}
	return list, nil
}
