package scanner

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/judge"
	"keyrake/scanner/match"
	"keyrake/scanner/match/decode"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/store"
)

// Trial is one rule at one keyword: what it saw there and what came of it.
type Trial struct {
	Rule         *rules.Rule
	Keyword      string // in lower case, as the rule has it; "" of a rule that is tried on the whole content
	Line, Column int    // of the keyword, or else of the match, from 1, in bytes

	Matched bool // the rule's shape fits; only then does the rest say anything

	Place      finding.Place // lines and columns of the value
	Value      finding.Secret
	Named      string // the name that the value is assigned to, if one was read
	Measure    judge.Measure
	Confidence float64
	Gate       float64 // least confidence that is reported
	Severity   rules.Severity
	Proof      string // "verified", "mismatch" or ""
	Reasons    []string
	Scale      *Scale      // how a weak secret was weighed, or nil
	Reported   bool        // the judge takes it for a secret
	Outdone    *rules.Rule // reported, but told under this rule, which says more of the same bytes
}

// Scale is how the traits of a weak secret add up, in hundredths of the
// logarithm of odds.
type Scale struct {
	Before     float64 // the confidence that the reasons give alone
	Start, Sum int
	Parts      []Part // those that count, the heaviest first
}

// Part is a trait that holds.
type Part struct {
	Points int
	Text   string
}

func scaleOf(w *judge.Weighing) *Scale {
	s := &Scale{Before: float64(w.Before) / 100, Start: w.Start(), Sum: w.Sum()}
	for _, t := range w.Holds {
		if t.Points() != 0 {
			s.Parts = append(s.Parts, Part{t.Points(), t.String()})
		}
	}
	slices.SortStableFunc(s.Parts, func(a, b Part) int {
		return cmp.Compare(max(b.Points, -b.Points), max(a.Points, -a.Points))
	})
	return s
}

// Explainer tells what rules make of lines. It is for one goroutine.
type Explainer struct{ searcher *searcher }

// NewExplainer compiles the rules of the options, once for all lines.
func NewExplainer(opt Options) (*Explainer, error) {
	opt.Progress = nil
	s, err := newScan(opt, "explain")
	if err != nil {
		return nil, err
	}
	return &Explainer{&s.workers[0].searcher}, nil
}

// Explain tells what every rule made of a line of data, counted from 1: of each
// keyword that stands in it, and of each value that reaches into it.
func (e *Explainer) Explain(data []byte, line int) []Trial { return e.searcher.explain(data, line) }

func (f *searcher) explain(data []byte, line int) []Trial {
	text, ok := decode.UTF16(data)
	if !ok {
		return f.trials(data, line)
	}
	list := f.trials(text, line)
	for _, t := range f.trials(data, line) { // other text that stands in it
		if t.Reported && !slices.ContainsFunc(list, func(x Trial) bool { return x.Reported && x.Value.Reveal() == t.Value.Reveal() }) {
			list = append(list, t)
		}
	}
	return list
}

// trials does what explain does, for a text.
func (f *searcher) trials(data []byte, line int) []Trial {
	f.matcher.Content(len(data))
	e := tries{searcher: f, data: data}
	for at, b := range data {
		if b == '\n' {
			e.ends = append(e.ends, at)
		}
	}
	for _, a := range e.prog.Anchors(nil, data, 0, len(data)) {
		e.anchor(a)
	}
	cands := e.matcher.Whole(nil, data)
	for i := range cands {
		c := &cands[i]
		line, column := e.position(c.MatchStart)
		e.candidate(c, match.Anchor{Off: int32(c.MatchStart), Lit: match.WholeAnchor}, Trial{Line: line, Column: column, Gate: e.policy.Gate()}, true)
	}
	e.settle()
	trials := slices.DeleteFunc(e.trials, func(t Trial) bool {
		return t.Line != line && (!t.Matched || line < t.Place.Line || line > t.Place.EndLine)
	})
	slices.SortStableFunc(trials, func(a, b Trial) int {
		return cmp.Or(-compareBools(a.Matched, b.Matched), -compareBools(a.Reported, b.Reported),
			cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule.ID, b.Rule.ID))
	})
	return trials
}

// compareBools puts false before true.
func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// tries gathers the trials of one content.
type tries struct {
	*searcher
	data   []byte
	trials []Trial
	hits   []hit // of the reported trials, to find which of them a report shows
	ends   []int // offsets of the lines' ends
}

// anchor tries the rules at one anchor as a search does, and keeps what a
// search throws away.
func (e *tries) anchor(a match.Anchor) {
	line, column := e.position(int(a.Off))
	base := Trial{Keyword: e.prog.Word(a), Line: line, Column: column, Gate: e.policy.Gate()}
	defer e.decoded(a, base)
	if e.prog.IsHidden(a) {
		return
	}
	kept := e.decide(nil, e.data, a)
	cands := e.matcher.At(nil, e.data, a)
	for _, r := range e.prog.Owners(a) {
		if !slices.ContainsFunc(cands, func(c match.Candidate) bool { return c.Rule == r }) {
			t := base
			t.Rule = r
			e.trials = append(e.trials, t)
		}
	}
	for i := range cands {
		c := &cands[i]
		told := slices.ContainsFunc(kept, func(h hit) bool {
			return h.verdict.rule == c.Rule && h.from() == c.Start && h.to() == c.End && h.verdict.secret == ""
		})
		e.candidate(c, a, base, told)
	}
}

// candidate keeps what the judge says of one candidate; t says where it was found,
// told whether a search tells of it as it stands.
func (e *tries) candidate(c *match.Candidate, a match.Anchor, t Trial, told bool) {
	v := e.policy.Review(input(e.data, c))
	t.Rule, t.Matched = c.Rule, true
	t.Place = finding.Place{Offset: c.Start}
	t.Place.Line, t.Place.Column = e.position(c.Start)
	t.Place.EndLine, t.Place.EndColumn = e.position(c.End - 1)
	value := e.data[c.Start:c.End]
	t.Value, t.Measure = finding.NewSecret(value), e.policy.Measure(value)
	t.Named = string(e.data[c.NameStart:c.NameEnd])
	t.Confidence, t.Severity, t.Reasons, t.Reported = v.Confidence, v.Severity, v.Reasons, v.Report
	t.Proof = proofWord(v.Proof)
	if w, ok := e.policy.Weigh(input(e.data, c)); ok {
		t.Scale = scaleOf(&w)
	}
	if v.Report && !told {
		v.Report, t.Reported = false, false
		t.Reasons = append(slices.Clone(t.Reasons), "it is told as what it says in plain, or left out for that")
	}
	e.trials = append(e.trials, t)
	if v.Report {
		e.hits = append(e.hits, hit{a, int32(c.Start) - a.Off, int32(c.End) - a.Off, &verdict{rule: c.Rule, Verdict: v}})
	}
}

// decoded keeps what is found at an anchor in text that stands in another form.
func (e *tries) decoded(a match.Anchor, base Trial) {
	for _, h := range e.decide(nil, e.data, a) {
		v := h.verdict
		if v.secret == "" {
			continue
		}
		t := base
		t.Rule, t.Matched, t.Reported = v.rule, true, true
		t.Place = finding.Place{Offset: h.from()}
		t.Place.Line, t.Place.Column = e.position(h.from())
		t.Place.EndLine, t.Place.EndColumn = e.position(h.to() - 1)
		t.Value, t.Measure = finding.NewSecret([]byte(v.secret)), e.policy.Measure([]byte(v.secret))
		t.Confidence, t.Severity, t.Reasons = v.Confidence, v.Severity, v.Reasons
		t.Proof = proofWord(v.Proof)
		e.trials, e.hits = append(e.trials, t), append(e.hits, h)
	}
}

// settle finds, of reported trials on the same bytes, the one that is told.
func (e *tries) settle() {
	kept := strongest(e.hits)
	for i := range e.trials {
		t := &e.trials[i]
		if !t.Reported {
			continue
		}
		end := t.Place.Offset + t.Value.Len()
		first := sort.Search(len(kept), func(k int) bool { return kept[k].to() > t.Place.Offset }) // none overlaps another
		for _, k := range kept[first:] {
			if k.from() >= end {
				break
			}
			if k.verdict.rule != t.Rule {
				t.Outdone = k.verdict.rule
			}
		}
	}
}

// position gives the line and column of an offset.
func (e *tries) position(at int) (line, column int) {
	before := sort.SearchInts(e.ends, at)
	if before == 0 {
		return 1, at + 1
	}
	return before + 1, at - e.ends[before-1]
}

// maxExplained bounds what Content reads, in bytes.
const maxExplained = 256 << 20

// Content reads the object named name, in hexadecimal, of a repository: what a
// place of kind Blob, Staged, CommitMessage or TagMessage stands in. The message of a commit or
// tag, in which reports count lines, begins at message.
func Content(env GitEnv, name string) (data []byte, message int, err error) {
	if !plumbing.IsHash(name) {
		return nil, 0, fmt.Errorf("%q is not the full name of an object", name)
	}
	r, err := env.open()
	if err != nil {
		return nil, 0, err
	}
	objects := store.Open(r.ObjectDirs)
	defer objects.Close()
	objects.Bound(maxExplained)
	typ, data, err := objects.Get(plumbing.NewHash(name))
	if typ == plumbing.CommitObject || typ == plumbing.TagObject {
		message = headerOf(data).size
	}
	return bytes.Clone(data), message, err
}

// Inside gives the content of a file in an archive, which data is, by the path that a place in
// it tells after the "!"; false if data is no archive, or has no such file that a scan opens.
func Inside(data []byte, path string) (content []byte, ok bool) {
	limits := archive.Default()
	limits.Depth = 1 + strings.Count(path, "!")
	archive.Walk(data, limits, func(name string, inner []byte) {
		if !ok && name == path {
			content, ok = bytes.Clone(inner), true
		}
	})
	return content, ok
}
