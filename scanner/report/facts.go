package report

import (
	"fmt"
	"strings"

	"keyrake/scanner/finding"
)

const factNames = 5 // refs of one kind that are named

// fact is one line about where a secret has been. Its texts are clean.
type fact struct{ Label, Text string }

// facts says in words what an Exposure holds.
func (f *flattener) facts(x *finding.Exposure, inHead bool) []fact {
	if x == nil {
		return nil
	}
	var list []fact
	add := func(label, text string) {
		if text != "" {
			list = append(list, fact{label, text})
		}
	}
	if x.Partial {
		add("Known of", "this range only; a history scan also covers what came before it")
	}
	add("Who has it", whoHas(x))
	add("Came in", f.commit(x.First))
	add("Taken away", f.commit(x.Removed))
	if x.Removed == nil {
		add("Last seen", f.commit(x.Last))
	}
	if x.First != nil {
		text := count(x.Days, "day")
		if inHead {
			text += ", and still in HEAD"
		}
		add("Exposed", text)
	}
	if len(x.SameText) > 0 {
		at := &x.SameText[0]
		add("Same text", fmt.Sprintf("%s:%d:%d in HEAD%s, where no rule takes it for a secret", f.clean(at.Path), at.Line, at.Column, more(len(x.SameText)-1, "further place")))
	}
	add("Branches", f.names(x.Branches))
	add("Tags", f.names(x.Tags))
	add("Remotes", f.names(x.Remotes))
	add("Other refs", f.names(x.Others))
	return list
}

// whoHas says who can have a secret.
func whoHas(x *finding.Exposure) string {
	text, _, _ := strings.Cut(exposed(x), ";")
	return strings.TrimSuffix(text, ":")
}

// refs names the refs that reach a secret, by kind.
func (f *flattener) refs(x *finding.Exposure) map[string][]string {
	const most = 20
	out := map[string][]string{}
	for kind, names := range map[string][]string{"branches": x.Branches, "tags": x.Tags, "remotes": x.Remotes, "otherRefs": x.Others} {
		for _, name := range names[:min(len(names), most)] {
			out[kind] = append(out[kind], f.clean(name))
		}
	}
	return out
}

func (f *flattener) commit(c *finding.Commit) string {
	if c == nil {
		return ""
	}
	date := ""
	if !c.Date.IsZero() {
		date = day(c.Date)
	}
	return commitText(f.clean(c.ID), f.clean(c.Author), date)
}

// commitText names a commit: "2026-01-02, 1a2b1a2b1a by Jane Doe".
func commitText(id, author, date string) string {
	text := cut(id, shortID)
	if date != "" {
		text = date + ", " + text
	}
	if author != "" {
		text += " by " + author
	}
	return text
}

func (f *flattener) names(list []string) string {
	var clean []string
	for _, name := range list[:min(len(list), factNames)] {
		clean = append(clean, f.clean(name))
	}
	text := strings.Join(clean, ", ")
	if n := len(list) - factNames; n > 0 {
		text += " and " + group(n) + " more"
	}
	return text
}
