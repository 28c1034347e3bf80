// Package known decides which findings are known and accepted: by a baseline,
// by the lines of a .scanignore, by the entries of a configuration, or by a
// mark beside the secret.
//
// It refuses to know where its texts are read from, how anything was found, and
// what day it is: it is given bytes and dates. Its invariants: a finding is
// never dropped, it stays a finding or becomes a finding.Suppressed; an entry
// without a reason or past its date suppresses nothing and is reported; a
// baseline gives away nothing that would let a guessable secret be found out
// cheaply.
package known

import (
	"fmt"
	"slices"

	"keyrake/scanner/finding"
)

// markSort is the Sort of what a mark in the source suppressed.
const markSort = "scan:allow"

// Policy is all that is known and accepted in one scan. Its zero value accepts
// nothing. It is not changed by a scan.
type Policy struct {
	Lists    []*List   // .scanignore and the entries of configurations, the strongest first
	Baseline *Baseline // nil if there is none
	Marks    bool      // marks in the source count

	// Within turns the path of a file on disk, as a report shows it, into the
	// path from the top of the repository that the lists are from. It is false for
	// a file elsewhere. Nil means lists of no repository: they go by the top
	// or root that each file lies below.
	Within func(shown string) (string, bool)

	// Muted gives the rules that a configuration file turns off, each with the
	// line that says so. They are searched all the same, so that what is hidden
	// can be counted.
	Muted map[string]Origin
	// Floor is the least confidence by a configuration file.
	Floor Floor
}

// Origin is a line of a file.
type Origin struct {
	File string
	Line int
}

// String gives "FILE:LINE", or the file alone for what has no lines.
func (o Origin) String() string {
	if o.Line == 0 {
		return o.File
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// Floor is a least confidence and who asks for it. Its zero value asks nothing.
type Floor struct {
	Confidence float64
	From       Origin
}

// hides says whether a finding lies below the floor. The judge halves the
// confidence of a value whose checksum is wrong, and what it asks of it.
func (l Floor) hides(f *finding.Finding) bool {
	least := l.Confidence
	if f.Proof == "mismatch" {
		least /= 2
	}
	return f.Confidence < least
}

// cause says what suppresses a place or a finding.
type cause struct {
	by, sort, reason string
	inSource         bool
	version          string // the object by whose name the finding is accepted
}

// Split separates findings from what is known and accepted. Both keep the order
// of fs. Secrets of which a baseline cannot decide cheaply whether it knows them
// are derived by jobs workers. Notes say what was to suppress and did not.
func (p *Policy) Split(fs []finding.Finding, jobs int) (left []finding.Finding, out []finding.Suppressed, notes []string) {
	notes = p.expired()
	in, limit := p.Baseline.lookup(fs, jobs)
	if limit != "" {
		notes = append(notes, limit)
	}
	var idle idleMarks
	versions := p.versions(fs)
	memos := make([]map[string]*Entry, len(p.Lists))
	for i := range memos {
		memos[i] = map[string]*Entry{}
	}
	for i := range fs {
		f := &fs[i]
		if c := p.whole(f, in, versions); c != nil {
			left = before(left, fs[:i], out)
			out = append(out, c.suppress(f, f.Places))
			continue
		}
		var parts []finding.Suppressed
		rest := f.Places
		if p.speaks(f) {
			rest, parts = p.parts(f, memos)
			p.idle(&idle, f.Rule, rest)
			f.InHead = with(f, f.Places).InHead
		}
		if len(parts) > 0 {
			left = before(left, fs[:i], out)
			out = append(out, parts...)
		}
		if len(rest) > 0 && len(out) > 0 {
			left = append(left, with(f, rest))
		}
	}
	if len(out) == 0 {
		left = fs // very many need no copy
	}
	return left, out, append(notes, idle.notes()...)
}

// before is the start of what is left, once the first finding is suppressed.
func before(left, start []finding.Finding, out []finding.Suppressed) []finding.Finding {
	if len(out) > 0 {
		return left
	}
	return append(make([]finding.Finding, 0, len(start)), start...)
}

// whole says what suppresses all of f, if anything does.
func (p *Policy) whole(f *finding.Finding, in map[string]*entry, versions map[string]named) *cause {
	if o, ok := p.Muted[f.Rule.ID]; ok {
		return &cause{by: o.String(), sort: o.File, reason: "the rule is turned off there"}
	}
	if p.Floor.hides(f) {
		return &cause{by: p.Floor.From.String(), sort: p.Floor.From.File, reason: fmt.Sprintf("the confidence is below %g", p.Floor.Confidence)}
	}
	prints := append([]string{f.Fingerprint}, f.Tied().PartOf...) // a secret is accepted with what belongs to it alone
	for _, l := range p.Lists {
		for _, print := range prints {
			if e := l.fingerprint(print); e != nil {
				return e.cause()
			}
		}
	}
	for _, print := range prints {
		if v, ok := versions[print]; ok {
			c := v.entry.cause()
			c.version = v.object
			return c
		}
	}
	if e := in[f.Identity()]; e != nil {
		o := Origin{p.Baseline.Name, e.line}
		return &cause{by: o.String(), sort: p.Baseline.Name, reason: e.reason}
	}
	return nil
}

// named is an entry that names one version of a file with a finding.
type named struct {
	entry  *Entry
	object string
}

// versions gives, by their fingerprints, the findings that some entry knows by a version of a file that
// holds them. What stands at the same place in another version is not in question: the entry
// holds in every mode of a scan, and for that content alone.
func (p *Policy) versions(fs []finding.Finding) map[string]named {
	lists := slices.DeleteFunc(slices.Clone(p.Lists), func(l *List) bool { return len(l.prints) == 0 })
	if len(lists) == 0 {
		return nil
	}
	found := map[string]named{}
	for i := range fs {
		fs[i].Versions(func(v finding.Version) bool {
			for _, l := range lists {
				if e := l.fingerprint(v.Fingerprint); e != nil {
					found[fs[i].Fingerprint] = named{e, v.Place.Object}
					return false
				}
			}
			return true
		})
	}
	return found
}

// speaks says whether anything might suppress a place of f.
func (p *Policy) speaks(f *finding.Finding) bool {
	return len(p.Lists) > 0 || p.Marks && slices.ContainsFunc(f.Places, func(at finding.Place) bool { return at.Mark != nil })
}

// parts splits the places of f: those that count, and the others by what
// suppresses them, in the order in which they come.
func (p *Policy) parts(f *finding.Finding, memos []map[string]*Entry) (rest []finding.Place, out []finding.Suppressed) {
	var causes []cause
	var places [][]finding.Place
	for i := range f.Places {
		c := p.place(f, &f.Places[i], memos)
		if c == nil {
			rest = append(rest, f.Places[i])
			continue
		}
		at := 0
		for at < len(causes) && causes[at] != *c {
			at++
		}
		if at == len(causes) {
			causes, places = append(causes, *c), append(places, nil)
		}
		places[at] = append(places[at], f.Places[i])
	}
	for i := range causes {
		out = append(out, causes[i].suppress(f, places[i]))
	}
	return rest, out
}

// place says what suppresses one place, if anything does.
func (p *Policy) place(f *finding.Finding, at *finding.Place, memos []map[string]*Entry) *cause {
	if p.Marks && at.Mark != nil && at.Mark.Reason != "" && fits(at.Mark, f.Rule) {
		o := Origin{at.Path, at.Mark.Line}
		if o.File == "" {
			o.File = at.Object
		}
		return &cause{by: o.String(), sort: markSort, reason: at.Mark.Reason, inSource: true}
	}
	if len(p.Lists) == 0 {
		return nil
	}
	path := p.pathOf(at)
	x := candidate{f.Rule, f.Secret.Reveal(), path, at}
	for i, l := range p.Lists {
		if path != "" {
			if e := l.path(path, len(x.file()), memos[i]); e != nil {
				return e.cause()
			}
		}
		if e := l.condition(&x); e != nil {
			return e.cause()
		}
	}
	return nil
}

// Accepts reports whether an entry or a mark accepts the first place of f: this may
// depend on where that is.
func (p *Policy) Accepts(f *finding.Finding) bool {
	for _, l := range p.Lists {
		if l.fingerprint(f.Fingerprint) != nil {
			return true
		}
	}
	memos := make([]map[string]*Entry, len(p.Lists))
	for i := range memos {
		memos[i] = map[string]*Entry{}
	}
	return p.place(f, &f.Places[0], memos) != nil
}

// pathOf gives the path of a place from the repository's top, or "" for what is
// no file there.
func (p *Policy) pathOf(at *finding.Place) string {
	switch at.Kind {
	case finding.File:
		if p.Within == nil {
			return at.FromTop()
		}
		path, ok := p.Within(at.File())
		if !ok {
			return ""
		}
		return path + at.Path[len(at.File()):] // whatever an archive has: its names lead nowhere
	case finding.Stream, finding.CommitMessage, finding.TagMessage:
		return ""
	}
	return at.Path
}

// NeedsLines says that some entry asks for the text round a secret, so that a
// scan has to keep it.
func (p *Policy) NeedsLines() bool {
	for _, l := range p.Lists {
		for _, i := range l.when {
			if l.entries[i].When.needsLines() {
				return true
			}
		}
	}
	return false
}

func (c *cause) suppress(f *finding.Finding, places []finding.Place) finding.Suppressed {
	return finding.Suppressed{Finding: with(f, places), By: c.by, Sort: c.sort, InSource: c.inSource, Reason: c.reason, Version: c.version}
}

// with gives f with some of its places.
func with(f *finding.Finding, places []finding.Place) finding.Finding {
	g := *f
	g.Places, g.InHead = places, false
	for i := range places {
		g.InHead = g.InHead || places[i].InHead
	}
	return g
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
