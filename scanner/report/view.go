package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// view is a report as most writers want it: flat, in order, and with every text
// masked and clean. It holds no time of the run.
type view struct {
	source     string
	complete   bool
	findings   []item
	suppressed []item
	gaps       []finding.Gap
	notes      []string
	status     string // "clean: no secret found", "3 findings: …"
	coverage   string // what was read and what was not
}

// item is a finding. Its texts are clean; Finding itself is there for numbers
// and dates only.
type item struct {
	*finding.Finding
	rule, title, provider, remedy string
	secret, proof, fingerprint    string
	reasons                       []string
	severity                      rules.Severity
	confidence                    float64
	spots                         []spot              // as Places, but one that is still in HEAD comes first
	facts                         []fact              // what it is used with and, of a history, where it has been
	refs                          map[string][]string // that reach it, by kind
	steps                         []string            // the commands that take out what nobody else has
	parts                         []part
	links                         []string
	alone                         []item // of parts that would be findings without it
	by, why                       string // suppressed by what, and the reason given
	inSource                      bool   // suppressed by a mark beside it
	passes                        bool   // it does not fail the scan
}

// spot is a place. Its texts are clean but for path.
type spot struct {
	*finding.Place
	path   string // masked only: of the file, or a made-up one for what is no file
	name   string // for people: "src/a.js", "message of commit 1a2b3c4d5e"
	commit string
	author string
	date   string // day in UTC
}

// flatten makes the view of a report.
func flatten(r *finding.Report, opt Options) *view {
	f := flattener{opt, redactor(r, opt)}
	v := &view{
		source:   f.clean(r.Coverage.Source),
		complete: r.Coverage.Complete(),
		status:   status(r),
		coverage: coverage(&r.Coverage),
	}
	for i := range r.Findings {
		v.findings = append(v.findings, f.item(&r.Findings[i]))
		alone := r.Findings[i].Alone()[1:]
		for k := range alone {
			v.findings[i].alone = append(v.findings[i].alone, f.item(&alone[k]))
		}
	}
	for i := range r.Suppressed {
		s := &r.Suppressed[i]
		hidden := f.item(&s.Finding)
		hidden.by, hidden.why, hidden.inSource = f.clean(s.By), f.clean(s.Reason), s.InSource
		v.suppressed = append(v.suppressed, hidden)
	}
	for _, g := range r.Coverage.Gaps {
		v.gaps = append(v.gaps, finding.Gap{What: f.clean(g.What), Reason: f.clean(g.Reason)})
	}
	for _, n := range r.Coverage.Notes {
		v.notes = append(v.notes, f.clean(n))
	}
	return v
}

// failing counts the findings that fail the scan.
func (v *view) failing() (n int) {
	for i := range v.findings {
		if !v.findings[i].passes {
			n++
		}
	}
	return n
}

// hasPast says that places are in commits and not in files alone.
func (v *view) hasPast() bool { return hasPast(v.source) }

func hasPast(source string) bool { return source == "history" || source == "range" }

type flattener struct {
	opt    Options
	redact *Mask
}

func (f flattener) clean(text string) string { return Clean(f.redact.Replace(text)) }

func (f flattener) item(in *finding.Finding) item {
	out := item{
		Finding: in,
		rule:    f.clean(in.Rule.ID), title: f.clean(in.Rule.Title), provider: f.clean(in.Rule.Provider), remedy: f.clean(in.Rule.Remedy),
		secret: Clean(in.Secret.String()), proof: f.clean(in.Proof), fingerprint: f.clean(in.Fingerprint),
		severity:   min(in.Severity, rules.Critical),
		confidence: math.Round(in.Confidence*1e4) / 1e4,
		passes:     f.opt.passes(in),
	}
	if f.opt.ShowSecrets {
		out.secret = Clean(in.Secret.Reveal())
	}
	if fix := in.Tied().Fix; fix != "" {
		out.remedy = f.clean(fix) + " " + out.remedy
	}
	for i := range in.Tied().Parts {
		out.parts = append(out.parts, f.part(&in.Tied().Parts[i]))
	}
	for i := range in.Tied().Links {
		out.links = append(out.links, f.clean(linkText(&in.Tied().Links[i])))
	}
	out.facts = append(out.related(), f.facts(in.Exposure, in.InHead)...)
	if x := in.Exposure; x != nil {
		out.refs = f.refs(x)
		for _, step := range x.Steps {
			out.steps = append(out.steps, f.clean(step))
		}
	}
	for _, reason := range in.Reasons {
		out.reasons = append(out.reasons, f.clean(reason))
	}
	first := 0
	for i := range in.Places {
		if in.Places[i].InHead && in.Places[i].Path != "" {
			first = i // the one that a person can open
			break
		}
	}
	for i := range in.Places {
		at := i
		if i == 0 {
			at = first
		} else if i <= first {
			at = i - 1
		}
		out.spots = append(out.spots, f.spot(&in.Places[at]))
	}
	return out
}

func (f flattener) spot(p *finding.Place) spot {
	out := spot{Place: p, path: f.redact.Replace(p.Path)}
	out.name = nameOf(p, Clean(out.path))
	switch {
	case p.Kind == finding.CommitMessage:
		out.path = "commit/" + p.Object + "/message"
	case p.Kind == finding.TagMessage:
		out.path = "tag/" + p.Object + "/message"
	case p.Path == "" && p.Object != "":
		out.path = objectNoun(p) + "/" + p.Object
	case p.Path == "":
		out.path = "stdin"
	}
	if c := p.Commit; c != nil {
		out.commit, out.author = f.clean(c.ID), f.clean(c.Author)
		if !c.Date.IsZero() {
			out.date = day(c.Date)
		}
	}
	return out
}

// nameOf names what a place is in, for a person. path is its path, made safe.
func nameOf(p *finding.Place, path string) string {
	short := Clean(p.Object[:min(len(p.Object), shortID)])
	switch {
	case p.Kind == finding.CommitMessage:
		return "message of commit " + short
	case p.Kind == finding.TagMessage:
		return "message of tag " + short
	case p.Kind == finding.TreeNames:
		return "name in tree " + short
	case path == "" && p.Object != "":
		return objectNoun(p) + " " + short
	case path == "":
		return "stdin"
	}
	return path
}

// objectNoun says what sort of object a place without a path is in.
func objectNoun(p *finding.Place) string {
	if p.Kind == finding.File || p.Kind == finding.Staged {
		return "blob"
	}
	return Clean(p.Kind.String())
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// at gives a spot as path:line:column.
func (s *spot) at() string { return fmt.Sprintf("%s:%d:%d", s.name, s.Line, s.Column) }

// unit and endUnit give the columns of the secret's first and last character in
// UTF-16 code units, which is how editors and SARIF count.
func (s *spot) unit() int { return max(s.Column-int(s.Wide), 1) }

func (s *spot) endUnit() int {
	end := max(s.EndColumn-int(s.EndWide), 1)
	if s.EndLine <= s.Line {
		return max(end, s.unit())
	}
	return end
}

func (s *spot) isFile() bool { return s.Path != "" && s.Kind != finding.Stream }

// file gives the path of a file, or "" for what is none.
func (s *spot) file() string {
	if !s.isFile() {
		return ""
	}
	return s.path
}

// distinct gives the spots that differ in more than the version of the file.
func (it *item) distinct() []spot {
	type key struct {
		path                             string
		line, column, endLine, endColumn int
	}
	seen := map[key]bool{}
	var list []spot
	for _, s := range it.spots {
		k := key{s.path, s.Line, s.Column, s.EndLine, s.EndColumn}
		if !seen[k] {
			seen[k] = true
			list = append(list, s)
		}
	}
	return list
}

// says describes a finding in one clean sentence for formats that have a place
// of their own for where it stands.
func (it *item) says() string {
	text := it.title
	if it.secret != "" {
		text += ": " + it.secret
	}
	for _, p := range it.parts {
		text += ", with " + p.role + " " + cut(p.value, maxShownID)
	}
	switch it.proof {
	case "":
	case "verified":
		text += ", verified by its own structure"
	default:
		text += ", proof: " + it.proof
	}
	if it.Unreachable {
		text += "; no ref reaches it, but it is still in the object store"
	}
	return text
}

// title gives a severity as a heading has it: "Critical".
func titled(s rules.Severity) string {
	name := s.String()
	return strings.ToUpper(name[:1]) + name[1:]
}

// writeJSON writes a value as indented JSON, safe for a terminal and a log.
func writeJSON(w io.Writer, what string, value any) error {
	var doc strings.Builder
	enc := json.NewEncoder(&doc)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return fmt.Errorf("encode %s: %w", what, err)
	}
	_, err := w.Write(escapeInvisible([]byte(doc.String())))
	return err
}

// cut shortens text to at most n characters.
func cut(text string, n int) string {
	count := 0
	for i := range text {
		if count == n {
			return text[:i]
		}
		count++
	}
	return text
}
