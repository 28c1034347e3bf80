package report

import (
	"fmt"
	"iter"
	"math"
	"strings"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// view is a report as most writers want it: flat, in order, and with every text
// masked and clean. It holds no time of the run, and no finding: items are made
// one by one, as a report may have a million.
type view struct {
	flattener
	report   *finding.Report
	source   string
	complete bool
	gaps     []finding.Gap
	notes    []string
	status   string // "clean: no secret found", "3 findings: …"
	coverage string // what was read and what was not
}

// item is a finding. Its texts are clean; Finding itself is there for numbers
// and dates only.
type item struct {
	*finding.Finding
	ruleText
	from                       *flattener
	secret, proof, fingerprint string
	severity                   rules.Severity
	confidence                 float64
	first                      int // of Places: one that is still in HEAD comes first
	parts                      []part
	links                      []string
	by, why                    string // suppressed by what, and the reason given
	inSource                   bool   // suppressed by a mark beside it
	passes                     bool   // it does not fail the scan
}

// ruleText is what a finding says of its rule.
type ruleText struct{ rule, title, provider, remedy string }

// spot is a place. Its texts are clean but for path.
type spot struct {
	*finding.Place
	path   string // masked only: of the file, or a made-up one for what is no file
	opened string // the same, but of an archive the archive: what a tool can open
	name   string // for people: "src/a.js", "message of commit 1a2b3c4d5e"
	commit string
	author string
	date   string // day in UTC
	number int    // of the place, among those of its finding
}

// flatten makes the view of a report.
func flatten(r *finding.Report, opt Options) *view {
	v := &view{
		flattener: flattener{opt, redactor(r, opt), map[*rules.Rule]ruleText{}},
		report:    r,
		complete:  r.Coverage.Complete(),
		status:    status(r),
		coverage:  coverage(&r.Coverage),
	}
	v.source = v.clean(r.Coverage.Source)
	for _, g := range r.Coverage.Gaps {
		v.gaps = append(v.gaps, finding.Gap{What: v.clean(g.What), Reason: v.clean(g.Reason)})
	}
	for _, n := range r.Coverage.Notes {
		v.notes = append(v.notes, v.clean(n))
	}
	return v
}

// count gives the number of findings.
func (v *view) count() int { return len(v.report.Findings) }

// at makes the item of a finding.
func (v *view) at(i int) item { return v.item(&v.report.Findings[i]) }

// findings makes the items of all findings, one after the other.
func (v *view) findings() iter.Seq2[int, *item] {
	return func(yield func(int, *item) bool) {
		for i := range v.report.Findings {
			it := v.at(i)
			if !yield(i, &it) {
				return
			}
		}
	}
}

// hidden makes the item of a suppressed finding.
func (v *view) hidden(i int) item {
	s := &v.report.Suppressed[i]
	it := v.item(&s.Finding)
	it.by, it.why, it.inSource = v.clean(s.By), v.clean(s.Reason), s.InSource
	return it
}

// suppressed makes the items of all suppressed findings, one after the other.
func (v *view) suppressed() iter.Seq2[int, *item] {
	return func(yield func(int, *item) bool) {
		for i := range v.report.Suppressed {
			it := v.hidden(i)
			if !yield(i, &it) {
				return
			}
		}
	}
}

// failing counts the findings that fail the scan.
func (v *view) failing() int { return v.opt.failing(v.report) }

// hasPast says that places are in commits and not in files alone.
func (v *view) hasPast() bool { return hasPast(v.source) }

func hasPast(source string) bool { return source == "history" || source == "range" }

type flattener struct {
	opt    Options
	redact *Mask
	rules  map[*rules.Rule]ruleText // that many findings share
}

func (f *flattener) clean(text string) string { return Clean(f.redact.Replace(text)) }

func (f *flattener) cleanAll(texts []string) (list []string) {
	for _, text := range texts {
		list = append(list, f.clean(text))
	}
	return list
}

func (f *flattener) rule(r *rules.Rule) ruleText {
	text, ok := f.rules[r]
	if !ok {
		text = ruleText{f.clean(r.ID), f.clean(r.Title), f.clean(r.Provider), f.clean(r.Remedy)}
		f.rules[r] = text
	}
	return text
}

func (f *flattener) item(in *finding.Finding) item {
	out := item{
		Finding: in, ruleText: f.rule(in.Rule), from: f,
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
	for i := range in.Places {
		if in.Places[i].InHead && in.Places[i].Path != "" {
			out.first = i // the one that a person can open
			break
		}
	}
	return out
}

// reasons lists why it is a finding.
func (it *item) reasons() []string { return it.from.cleanAll(it.Finding.Reasons) }

// steps lists the commands that take out what nobody else has.
func (it *item) steps() []string {
	if it.Exposure == nil {
		return nil
	}
	return it.from.cleanAll(it.Exposure.Steps)
}

// facts says what it is used with and, of a history, where it has been.
func (it *item) facts() []fact {
	return append(it.related(), it.from.facts(it.Exposure, it.InHead)...)
}

// alone makes the items of parts that would be findings without it.
func (it *item) alone() (list []item) {
	for _, x := range alone(it.Finding) {
		list = append(list, it.from.item(&x))
	}
	return list
}

// place gives the number of a place in Places: in that order, but one that is
// still in HEAD comes first.
func (it *item) place(i int) int {
	switch {
	case i == 0:
		return it.first
	case i <= it.first:
		return i - 1
	}
	return i
}

// spot gives a place of the finding.
func (it *item) spot(i int) spot {
	s := it.from.spot(&it.Places[it.place(i)])
	s.number = it.place(i)
	return s
}

// spots gives all places, one after the other.
func (it *item) spots() iter.Seq2[int, *spot] {
	return func(yield func(int, *spot) bool) {
		for i := range it.Places {
			s := it.spot(i)
			if !yield(i, &s) {
				return
			}
		}
	}
}

func (f *flattener) spot(p *finding.Place) spot {
	path := f.pathOf(p)
	out := spot{Place: p, path: f.redact.Replace(path), opened: f.redact.Replace(path[:len(path)-int(p.Inner)])}
	out.name = nameOf(p, Clean(out.path))
	switch {
	case p.Kind == finding.CommitMessage:
		out.path = "commit/" + p.Object + "/message"
	case p.Kind == finding.TagMessage:
		out.path = "tag/" + p.Object + "/message"
	case p.File() == "" && p.Object != "":
		out.path = objectNoun(p) + "/" + p.Object + out.path
	case p.File() == "":
		out.path = "stdin" + out.path
	}
	if out.opened == "" {
		out.opened = out.path
	}
	if c := p.Commit; c != nil {
		out.commit, out.author = f.clean(c.ID), f.clean(c.Author)
		if !c.Date.IsZero() {
			out.date = day(c.Date)
		}
	}
	return out
}

// pathOf is the path that the format tells of a place.
func (f *flattener) pathOf(p *finding.Place) string {
	if f.opt.fromTop {
		return p.Shared()
	}
	return p.Path
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
	case p.File() == "" && p.Object != "":
		return objectNoun(p) + " " + short + path // what is in an archive goes on with "!"
	case p.File() == "":
		return "stdin" + path
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

func (s *spot) isFile() bool { return s.Place.File() != "" && s.Kind != finding.Stream }

// isPlain reports whether it is a file that shows the place at its lines and columns, as no
// archive does.
func (s *spot) isPlain() bool { return s.isFile() && s.Inner == 0 }

// file gives the path of a file that a tool can open, or "" for what is none.
func (s *spot) file() string {
	if !s.isFile() {
		return ""
	}
	return s.opened
}

// lines gives the first and last line in the file that a tool opens.
func (s *spot) lines() (first, last int) {
	if s.Inner > 0 {
		return 1, 1
	}
	return max(s.Line, 1), max(s.EndLine, s.Line, 1)
}

// inside says where in an archive a place is, as the end of a message; "" if it is in none.
func (s *spot) inside() string {
	if s.Inner == 0 {
		return ""
	}
	return ", in " + s.at()
}

// distinct gives the spots that differ in more than the version of the file, each
// with its number among them.
func (it *item) distinct() iter.Seq2[int, *spot] {
	type key struct{ path, line, column, endLine, endColumn int32 }
	return func(yield func(int, *spot) bool) {
		paths, seen := map[string]int32{}, map[key]bool{}
		for _, s := range it.spots() {
			path, ok := paths[s.path]
			if !ok {
				path = int32(len(paths))
				paths[s.path] = path
			}
			k := key{path, int32(s.Line), int32(s.Column), int32(s.EndLine), int32(s.EndColumn)}
			if seen[k] {
				continue
			}
			seen[k] = true
			if !yield(len(seen)-1, s) {
				return
			}
		}
	}
}

// places counts what distinct gives.
func (it *item) places() (n int) {
	for range it.distinct() {
		n++
	}
	return n
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
