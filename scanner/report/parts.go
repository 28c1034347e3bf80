package report

import (
	"iter"

	"keyrake/scanner/finding"
)

const maxShownID = 80 // characters of an open value that are shown

// partText says in a line what a secret is used with: "account id 0123…, at
// wrangler.toml:3:15". Its texts are clean; n is how many places there are.
func partText(role, value, at string, n int) string {
	return role + " " + cut(value, maxShownID) + ", at " + at + more(n-1, "further place")
}

// partValue is a part's value as a report may show it.
func partValue(p *finding.Part, opt Options) string {
	if opt.ShowSecrets {
		return p.Value.Reveal()
	}
	return p.Shown()
}

// linkText says in a line what another finding is to this one.
func linkText(l *finding.Link) string {
	return l.Title + " " + cut(l.Fingerprint, shortPrint) + ": " + l.Says
}

const shortPrint = 12

// part is a part of a finding, its texts clean.
type part struct {
	role, value, rule string
	at                spot
	text              string // all of it in a line
}

func (f *flattener) part(p *finding.Part) part {
	out := part{role: f.clean(p.Role), value: f.clean(partValue(p, f.opt)), at: f.spot(&p.Places[0])}
	if p.Rule != nil {
		out.rule = f.clean(p.Rule.ID)
	}
	out.text = partText(out.role, out.value, out.at.at(), len(p.Places))
	return out
}

// related lists the parts and links of a finding as facts.
func (it *item) related() (list []fact) {
	for i := range it.parts {
		list = append(list, fact{"With", it.parts[i].text})
	}
	for _, text := range it.links {
		list = append(list, fact{"Link", text})
	}
	return list
}

// parts writes a line for each part.
func (t *textWriter) parts(f *finding.Finding) {
	label := "with"
	for i := range f.Tied().Parts {
		p := &f.Tied().Parts[i]
		t.field(label, t.part(p))
		label = ""
	}
}

// part says in a line what a part is and where.
func (t *textWriter) part(p *finding.Part) string {
	return partText(t.safe(p.Role), t.safe(partValue(p, t.opt)), t.location(&p.Places[0]), len(p.Places))
}

func (t *textWriter) links(f *finding.Finding) {
	for i := range f.Tied().Links {
		t.prose("link", t.safe(linkText(&f.Tied().Links[i])))
	}
}

// jsonPart is one part of a finding.
type jsonPart struct {
	Role   string      `json:"role"`
	Value  string      `json:"value"`
	Masked bool        `json:"masked"`
	Rule   string      `json:"rule,omitempty"` // what it would be a finding of by itself
	Places []jsonPlace `json:"places"`
	More   int         `json:"more,omitempty"` // further places
}

// maxPartPlaces bounds the places of one part: an id that stands in every version
// of a file may belong to hundreds of findings.
const maxPartPlaces = 20

// jsonLink is another finding that stands or falls with one.
type jsonLink struct {
	Says        string `json:"says"`
	Title       string `json:"title"`
	Fingerprint string `json:"fingerprint"`
}

func (e *jsonEncoder) parts(f *finding.Finding) (list []jsonPart) {
	for i := range f.Tied().Parts {
		p := &f.Tied().Parts[i]
		out := jsonPart{Role: e.text(p.Role), Value: e.text(partValue(p, e.opt)), Masked: !p.Open && !e.opt.ShowSecrets}
		if p.Rule != nil {
			out.Rule = p.Rule.ID
		}
		shown := min(len(p.Places), maxPartPlaces)
		out.More = len(p.Places) - shown
		for k := range shown {
			out.Places = append(out.Places, e.place(&p.Places[k]))
		}
		list = append(list, out)
	}
	return list
}

// alone gives an entry for each place of the parts that would be findings without
// f, so that who looks for their rules or lines finds them.
func (e *jsonEncoder) alone(f *finding.Finding) iter.Seq[jsonFinding] {
	return func(yield func(jsonFinding) bool) {
		for _, x := range alone(f) {
			again := e.finding(&x)
			again.Repeat = true
			for i := range x.Places {
				again.jsonPlace, again.InHead = e.place(&x.Places[i]), x.Places[i].InHead
				if !yield(again) {
					return
				}
			}
		}
	}
}

// alone lists the findings that the parts of f would be without it.
func alone(f *finding.Finding) []finding.Finding {
	if f.Ties == nil { // as nearly all
		return nil
	}
	return f.Alone()[1:]
}

func (e *jsonEncoder) links(f *finding.Finding) (list []jsonLink) {
	for _, l := range f.Tied().Links {
		list = append(list, jsonLink{e.text(l.Says), e.text(l.Title), e.text(l.Fingerprint)})
	}
	return list
}

// sarifParts tells the parts of a finding as properties of its result.
func (it *item) sarifParts() (list []map[string]string) {
	for _, p := range it.parts {
		out := map[string]string{"role": p.role, "value": p.value, "at": p.at.at()}
		if p.rule != "" {
			out["rule"] = p.rule
		}
		list = append(list, out)
	}
	return list
}
