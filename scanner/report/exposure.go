package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"keyrake/scanner/finding"
)

// namesShown is how many names of a kind of ref one line has.
const namesShown = 4

// exposure writes three lines: since when, on which refs, and who can have it;
// and the commands that take it out where nobody has it yet.
func (t *textWriter) exposure(f *finding.Finding) {
	x := f.Exposure
	label := "since"
	for _, row := range t.span(f) {
		t.field(label, row)
		label = ""
	}
	t.prose("on", t.refs(x))
	label = "exposed"
	for _, line := range wrap(exposed(x), t.width-labelWidth-3) {
		t.field(label, line)
		label = ""
	}
	for _, step := range slices.Concat(x.Steps, x.IfNew) {
		t.field("", "  "+t.safe(step))
	}
	if x.Partial && !x.Pushed && !x.Local && len(x.IfNew) == 0 {
		for _, line := range wrap(before, t.width-labelWidth-3) {
			t.field("", line)
		}
	}
}

// before says what a range leaves open.
const before = "commits before this range were not searched: scan --history shows whether it was there already"

// span says which commit brought the secret in, and which took it away: a row
// for each, so that none runs over the edge of a terminal.
func (t *textWriter) span(f *finding.Finding) []string {
	x := f.Exposure
	message := true // it stands in nothing but messages
	at := ""
	for i := range f.Places {
		p := &f.Places[i]
		message = message && (p.Kind == finding.CommitMessage || p.Kind == finding.TagMessage)
		if p.InHead && at == "" {
			at = t.location(p)
		}
	}
	var state, by string
	switch {
	case at != "":
		state = "still in HEAD at " + at
		if x.Days > 0 {
			state += ", for " + count(x.Days, "day")
		}
	case f.Unreachable:
		state = "no ref reaches it, but it is still in the object store"
	case message:
		state = "in a message, which every clone has"
	case len(x.SameText) > 0:
		state = "the same text is still in HEAD at " + t.location(&x.SameText[0]) + more(len(x.SameText)-1, "further place") + ", where no rule takes it for a secret"
	case x.Removed != nil:
		state, by = "only in history: taken away after "+daysOf(x.Days), "by "+t.author(x.Removed)
	case x.Partial:
		state = "not in HEAD"
	default:
		state = "only in history"
		if x.Last != nil && x.First != nil && x.Last.ID != x.First.ID {
			by = "last in " + t.author(x.Last)
		}
	}
	var rows []string
	if x.First != nil {
		first := t.author(x.First) + ","
		if slices.Contains(t.edge, x.First.ID) {
			// Its tree is whole, and its parents are not here: who brought it in is unknown.
			rows = append(rows, "where this shallow clone was cut off, or before:")
		}
		if x.Partial {
			first = "new in this range: " + first
		}
		rows = append(rows, first)
	}
	if by != "" {
		return append(rows, state+",", by)
	}
	return append(rows, state)
}

// daysOf is a span as people say it.
func daysOf(n int) string {
	if n == 0 {
		return "less than a day"
	}
	return count(n, "day")
}

// author gives a commit as "commit 1a2b3c4d5e by Jane on 2026-01-02".
func (t *textWriter) author(c *finding.Commit) string {
	text := "commit " + t.commit(c.ID)
	if c.Author != "" {
		text += " by " + t.safe(c.Author)
	}
	if !c.Date.IsZero() {
		text += " on " + c.Date.UTC().Format(time.DateOnly)
	}
	return text
}

// refs names the refs that reach the secret.
func (t *textWriter) refs(x *finding.Exposure) string {
	var parts []string
	for _, kind := range []struct {
		noun  string
		names []string
	}{{"branch", x.Branches}, {"tag", x.Tags}, {"remote", x.Remotes}, {"ref", x.Others}} {
		if len(kind.names) == 0 {
			continue
		}
		text := kind.noun
		if len(kind.names) > 1 {
			text += map[bool]string{true: "es", false: "s"}[kind.noun == "branch"]
		}
		shown := kind.names[:min(len(kind.names), namesShown)]
		text += " " + t.safe(strings.Join(shown, ", "))
		if n := len(kind.names) - len(shown); n > 0 {
			more := group(n)
			if x.Cut && len(kind.names) >= listed {
				more = "at least " + more
			}
			text += " and " + more + " more"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 && x.Partial {
		return "no ref so far"
	}
	if len(parts) == 0 {
		return "no ref"
	}
	return strings.Join(parts, "; ")
}

// listed is where finding.Exposure ends its lists of refs.
const listed = 100

// exposed says who can have the secret.
func exposed(x *finding.Exposure) string {
	where := map[string]string{
		"stash":       "in the stash alone, which no push sends",
		"reflog":      "in reflogs alone, which no push sends",
		"unreachable": "in objects that nothing keeps and no push sends",
	}[x.Only]
	rewrite := strings.Contains(strings.Join(slices.Concat(x.Steps, x.IfNew), "\n"), "filter-repo")
	switch {
	case x.Pushed:
		return "pushed: rotate now"
	case len(x.IfNew) > 0:
		what := byHand(x, x.IfNew)
		switch {
		case where != "":
			what = "take it out:"
		case rewrite:
			what = "rewrite what holds it:"
		}
		return "what this range adds is not pushed, as far as this clone knows; earlier commits were not searched and may hold the secret: see scan --history. If it is new, " + what
	case x.Local && where != "":
		return where + "; take it out:"
	case x.Local && rewrite:
		return "not pushed, as far as this clone knows; rewrite what holds it:"
	case x.Local:
		return "not pushed, as far as this clone knows: " + byHand(x, x.Steps)
	case where != "":
		return where + "; rotate it if this repository was copied"
	}
	return "may be public: this repository does not record what was pushed; rotate it"
}

// byHand says what a person does before and between the commands.
func byHand(x *finding.Exposure, commands []string) string {
	steps := strings.Join(commands, "\n")
	what := "message"
	if strings.Contains(steps, " add -") { // its files, or -u
		what = "file"
	}
	switch {
	case strings.Contains(steps, " rebase -i ") && x.First != nil:
		return fmt.Sprintf(`rebase is enough: in the list that opens, write "edit" for "pick" before %s; take the secret out of the %s where git stops, then go on:`, x.First.ID[:min(len(x.First.ID), 7)], what)
	case what == "message":
		return "amend is enough; take the secret out of the message that opens:"
	}
	return "amend is enough; take the secret out of the file, then"
}

// jsonExposure is the exposure of a finding.
type jsonExposure struct {
	Scope      string      `json:"scope"`  // history, range
	Status     string      `json:"status"` // pushed, local, unknown
	Only       string      `json:"only"`   // "", stash, reflog, unreachable
	First      *jsonCommit `json:"first"`
	Last       *jsonCommit `json:"last"`
	Removed    *jsonCommit `json:"removed"`
	Introduced []string    `json:"introduced"`
	Days       int         `json:"days"`
	Paths      []string    `json:"paths"`
	SameText   []jsonSpot  `json:"same_text"`
	Branches   []string    `json:"branches"`
	Tags       []string    `json:"tags"`
	Remotes    []string    `json:"remotes"`
	Others     []string    `json:"other_refs"`
	Cut        bool        `json:"refs_cut"`
	Steps      []string    `json:"steps"`
}

// jsonSpot is a place in a file of HEAD.
type jsonSpot struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type jsonCommit struct {
	Commit string `json:"commit"`
	Author string `json:"author"`
	Date   string `json:"date"`
}

func (e *jsonEncoder) exposure(x *finding.Exposure) *jsonExposure {
	if x == nil {
		return nil
	}
	if x == e.last {
		return e.exposed
	}
	out := &jsonExposure{
		Scope: "history", Status: statusOf(x), Only: x.Only, Days: x.Days, Cut: x.Cut,
		First: e.commit(x.First), Last: e.commit(x.Last), Removed: e.commit(x.Removed),
		Introduced: e.texts(x.Introduced), Paths: e.texts(x.Paths), Branches: e.texts(x.Branches), Tags: e.texts(x.Tags),
		Remotes: e.texts(x.Remotes), Others: e.texts(x.Others), Steps: e.texts(x.Steps), SameText: []jsonSpot{},
	}
	for _, p := range x.SameText {
		out.SameText = append(out.SameText, jsonSpot{e.text(p.Path), p.Line, p.Column})
	}
	if x.Partial {
		out.Scope = "range"
	}
	e.last, e.exposed = x, out
	return out
}

// statusOf is the word for who can have a secret.
func statusOf(x *finding.Exposure) string {
	switch {
	case x.Pushed:
		return "pushed"
	case x.Local:
		return "local"
	}
	return "unknown"
}

func (e *jsonEncoder) commit(c *finding.Commit) *jsonCommit {
	if c == nil {
		return nil
	}
	out := &jsonCommit{Commit: c.ID, Author: e.text(c.Author)}
	if !c.Date.IsZero() {
		out.Date = c.Date.UTC().Format(time.RFC3339)
	}
	return out
}
