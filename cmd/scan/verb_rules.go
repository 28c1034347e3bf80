package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"keyrake"
	"keyrake/rules"
	"keyrake/scanner"
	"keyrake/scanner/report"
)

func rulesVerb() subcommand {
	return subcommand{
		name:     "rules",
		summary:  "list, show, test and check the rules",
		synopsis: "rules list [FLAGS]\nrules show [FLAGS] ID...\nrules test [FLAGS] [ID...]\nrules lint [FLAGS] [ID...]",
		about: `list prints a line for each rule, show all that is known of some. test makes
the examples of the rules and searches them: every example has to be found, and
no negative. lint warns of rules that can never fire, of expressions that
backtrack, of rules whose examples another rule takes and, with --corpus, of
keywords that are so common in its files that they cost time.
Rules of the kind path know a file by its path alone; their examples are paths.

With --rules FILE, test and lint look at the rules of FILE alone, unless ids are
named.

Exit codes: 0 all is well, 1 a test fails or lint warns, 2 a rule file cannot be
used or a rule does not exist.`,
		sections: []section{{"Flags", []option{
			{"rules", "", "FILE", "add the rules in FILE (may be given several times)"},
			{"provider", "", "NAME", "with list: only the rules of this provider"},
			{"corpus", "", "DIR", "with lint: count the keywords in the files of DIR"},
			{"json", "", "", "with list and show: print JSON, one object a line"},
		}}},
		run: runRules,
	}
}

// ruleBook is what the rules verbs work on.
type ruleBook struct {
	set       *rules.Set
	chosen    []*rules.Rule    // those that were named, or all that are meant
	files     []rules.FileRule // that know a file by its path; in no set
	ctx       context.Context  // of the one action that a book is made for
	corpusDir string
	corpus    scanner.KeywordCount
	provider  string
	json      bool
	out       *bufio.Writer
	term      *terminal
	explainer *scanner.Explainer // mutable: made for the first text
}

func runRules(ctx context.Context, p *process, args []string) (exitCode, error) {
	b := ruleBook{ctx: ctx, out: bufio.NewWriter(p.stdout), term: p.term}
	var files []string
	fs := newVerbFlags("rules")
	fs.StringArrayVar(&files, "rules", nil, "")
	fs.StringVar(&b.provider, "provider", "", "")
	fs.StringVar(&b.corpusDir, "corpus", "", "")
	fs.BoolVar(&b.json, "json", false, "")
	if err := parseVerb(fs, args); err != nil {
		return 0, err
	}
	actions := map[string]func() (bool, error){"list": b.list, "show": b.show, "test": b.test, "lint": b.lint}
	action := actions[fs.Arg(0)]
	if action == nil {
		if fs.NArg() > 0 {
			return 0, unknownAction(fs.Arg(0), []string{"list", "show", "test", "lint"})
		}
		return 0, &usageError{"one of list, show, test and lint is needed", `for example "scan rules list"`}
	}
	if err := b.load(files, fs.Args()[1:], fs.Arg(0)); err != nil {
		return 0, err
	}
	if fs.Arg(0) == "show" && fs.NArg() < 2 {
		return 0, &usageError{"show needs the id of a rule", `"scan rules list" has the built-in ones, and with --rules FILE yours`}
	}
	good, err := action()
	p.term.clear()
	if err == nil {
		err = b.out.Flush()
	}
	switch {
	case err != nil:
		return exitIncomplete, err
	case !good:
		return exitFindings, nil
	}
	return exitClean, nil
}

// load reads the built-in rules with their examples and the given files, and
// chooses those that are meant.
func (b *ruleBook) load(files, ids []string, action string) error {
	builtin, err := rules.ParseFS(keyrake.Rules, "rules.yaml")
	if err != nil {
		return err
	}
	if b.set, err = rules.NewSet(builtin); err != nil {
		return err
	}
	b.files = rules.Files()
	var own []string
	for _, name := range files {
		list, err := readRules(name)
		if err != nil {
			return err
		}
		if b.set, err = b.set.With(list); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for i := range list {
			own = append(own, list[i].ID)
		}
	}
	if len(ids) == 0 && len(files) > 0 && action != "list" {
		ids = own
	}
	for _, id := range ids {
		r := b.rule(id)
		if r == nil {
			return &usageError{fmt.Sprintf("there is no rule %q", id), ruleHint(id, b.set)}
		}
		b.chosen = append(b.chosen, r)
	}
	if len(ids) == 0 {
		b.chosen = slices.Clone(b.set.All())
		for i := range b.files {
			b.chosen = append(b.chosen, &b.files[i].Rule)
		}
	}
	if b.provider != "" {
		b.chosen = slices.DeleteFunc(b.chosen, func(r *rules.Rule) bool { return !strings.EqualFold(r.Provider, b.provider) })
		if len(b.chosen) == 0 {
			return &usageError{fmt.Sprintf("no rule is of the provider %q", b.provider), `"scan rules list" has the built-in ones, and with --rules FILE yours`}
		}
	}
	return nil
}

// rule gives the rule with an id; nil if there is none.
func (b *ruleBook) rule(id string) *rules.Rule {
	if f := b.file(id); f != nil {
		return &f.Rule
	}
	return b.set.Get(id)
}

// file gives the rule with an id if it knows a file by its path.
func (b *ruleBook) file(id string) *rules.FileRule {
	i := slices.IndexFunc(b.files, func(f rules.FileRule) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &b.files[i]
}

func (b *ruleBook) list() (bool, error) {
	if b.json {
		return b.show()
	}
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	for _, r := range b.chosen {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.Provider, report.Clean(r.Title))
	}
	return true, w.Flush()
}

// ruleJSON is a rule as scan rules prints it.
type ruleJSON struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Provider   string   `json:"provider"`
	Severity   string   `json:"severity"`
	Kind       string   `json:"kind"`
	Keywords   []string `json:"keywords"`
	Pattern    string   `json:"pattern"`
	Name       string   `json:"name,omitempty"`
	Near       []string `json:"near,omitempty"`
	Entropy    float64  `json:"entropy,omitempty"`
	Proof      string   `json:"proof,omitempty"`
	Before     int      `json:"reach_before"`
	After      int      `json:"reach_after"`
	Confidence float64  `json:"confidence"`
	Generic    bool     `json:"generic"`
	Backtrack  bool     `json:"backtrack"`
	Whole      bool     `json:"whole"`
	Exact      bool     `json:"exact"`
	Remedy     string   `json:"remedy"`
	Source     string   `json:"source,omitempty"`
	Examples   []string `json:"examples"`
	Negatives  []string `json:"negatives"`
}

func describeRule(r *rules.Rule) ruleJSON {
	kind := "token"
	switch {
	case len(r.Keywords) == 0:
		kind = "path"
	case r.Kind == rules.Assignment:
		kind = "assignment"
	}
	return ruleJSON{
		r.ID, r.Title, r.Provider, r.Severity.String(), kind, r.Keywords, r.Pattern, r.Name, r.Near, r.Entropy, r.Proof,
		r.Before, r.After, r.Confidence, r.Generic, r.Backtrack, r.Whole, r.Exact, r.Remedy, r.Source, r.Examples, r.Negatives,
	}
}

func (b *ruleBook) show() (bool, error) {
	enc := json.NewEncoder(b.out)
	enc.SetEscapeHTML(false)
	for _, r := range b.chosen {
		if b.json {
			if err := enc.Encode(describeRule(r)); err != nil {
				return false, err
			}
			continue
		}
		showRule(b.out, describeRule(r))
	}
	return true, nil
}

func showRule(out io.Writer, r ruleJSON) {
	field := func(label, text string) {
		if text != "" {
			fmt.Fprintf(out, "  %-11s %s\n", label, report.Clean(text))
		}
	}
	fmt.Fprintf(out, "%s\n", r.ID)
	field("title", r.Title)
	field("provider", r.Provider)
	field("severity", fmt.Sprintf("%s, confidence %g", r.Severity, r.Confidence))
	if r.Whole {
		r.Kind += ", tried on whole contents"
	}
	if r.Exact {
		r.Kind += ", every match is a finding"
	}
	field("kind", r.Kind)
	field("keywords", strings.Join(r.Keywords, ", "))
	field("name", r.Name)
	field("pattern", r.Pattern)
	field("near", strings.Join(r.Near, ", "))
	of := "keyword"
	if r.Whole {
		of = "match"
	}
	if r.Kind != "path" {
		field("reach", fmt.Sprintf("%d bytes before a %s, %d after", r.Before, of, r.After))
	}
	field("proof", r.Proof)
	field("remedy", r.Remedy)
	field("source", r.Source)
	for _, e := range r.Examples {
		field("found", e)
	}
	for _, e := range r.Negatives {
		field("not found", e)
	}
}

// exam searches a generated text with all rules.
func (b *ruleBook) exam(text string) ([]scanner.Trial, error) {
	if b.explainer == nil {
		var err error
		if b.explainer, err = scanner.NewExplainer(scanner.Options{Rules: b.set}); err != nil {
			return nil, err
		}
	}
	var all []scanner.Trial
	for line := range strings.Count(text, "\n") + 1 {
		all = append(all, b.explainer.Explain([]byte(text), line+1)...)
	}
	return all, nil
}
