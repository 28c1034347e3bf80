package scanner

import (
	"bytes"
	"reflect"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/match"
	"keyrake/scanner/match/decode"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/store"
)

// decided says how to come to a verdict once more: look at this anchor in the content
// of this object, or of a file in it if the object is an archive, and take the hit with
// this number, which has to be of this rule.
type decided struct {
	Object plumbing.Hash
	Inner  string // path in the archive that the object is, or ""
	Anchor match.Anchor
	Stored bool // the anchor is one in the bytes of UTF-16 as they stand
	Nth    int
	Rule   string
}

// decision is a verdict that was made once more, with the secret that it is about and
// the shape of that secret's text.
type decision struct {
	verdict *verdict
	secret  string
	shape   ends
}

// decideAgain makes verdicts anew from the bytes that they were about. It is
// false if one is not as it was.
func (s *scan) decideAgain(objects *store.Store, list []decided) ([]decision, bool) {
	made := make([]decision, len(list))
	left := len(list)
	s.again(objects, list, func(i int, hits []hit, text []byte) {
		if d := &list[i]; made[i].verdict == nil && d.Nth >= 0 && d.Nth < len(hits) && hits[d.Nth].verdict.rule.ID == d.Rule {
			made[i] = hits[d.Nth].decision(text)
			left--
		}
	})
	return made, left == 0
}

func (h *hit) decision(text []byte) decision {
	return decision{h.verdict, secretOf(h, text), shapeOf(string(text[h.from():h.to()]))}
}

// again decides once more about the anchors in list. For each it calls tell with the
// hits there and the text that they are in. Anchors in objects that cannot be read, or
// at which a rule runs out of time, are left out.
func (s *scan) again(objects *store.Store, list []decided, tell func(i int, hits []hit, text []byte)) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	store.SortByPlace(objects, order, func(i int) plumbing.Hash { return list[i].Object })
	from := objects.NewReader(s.readerMemory())
	for len(order) > 0 {
		n := 1
		for n < len(order) && list[order[n]].Object == list[order[0]].Object {
			n++
		}
		of := order[:n]
		order = order[n:]
		_, data, err := from.GetProven(list[of[0]].Object)
		if err != nil {
			continue
		}
		decide := func(path string, data []byte) {
			for _, i := range of {
				if list[i].Inner == path {
					s.decideAt(data, &list[i], func(hits []hit, text []byte) { tell(i, hits, text) })
				}
			}
		}
		decide("", data)
		if slices.ContainsFunc(of, func(i int) bool { return list[i].Inner != "" }) {
			name := list[of[0]].Object.String()
			archive.Walk(data, s.archiveLimits(), func(path string, data []byte) {
				decide(path, data)
				if at := (contentOf{path, name}); s.wanted[at] || slices.ContainsFunc(of, func(i int) bool { return list[i].Inner == path }) {
					s.see(at, data)
				}
			})
		}
	}
}

// see keeps a file of an archive, which is asked for again when the parts of findings
// are looked for.
func (s *scan) see(at contentOf, data []byte) {
	if _, ok := s.seen[at]; ok || s.seenBytes+len(data) > maxReread {
		return
	}
	if s.seen == nil {
		s.seen = seenInner{}
	}
	s.seen[at] = bytes.Clone(data)
	s.seenBytes += len(data)
}

// decideAt decides once more about the anchor of d in a content.
func (s *scan) decideAt(data []byte, d *decided, tell func(hits []hit, text []byte)) {
	text, ok := decode.UTF16(data)
	if !ok || d.Stored {
		text = data
	}
	w, a := s.workers[0], d.Anchor
	if a.Off < 0 || int64(a.Off)+int64(w.prog.Len(a)) > int64(len(text)) {
		return
	}
	if w.prog.IsHidden(a) && !slices.Contains(w.prog.Anchors(nil, text, int(a.Off), int(a.Off)+1), a) {
		return // its number says what stands there
	}
	w.matcher.Content(len(text))
	hits := w.decide(nil, text, a)
	if len(w.expired) > 0 {
		w.expired = w.expired[:0]
		return
	}
	tell(hits, text)
}

// referrer finds, for each verdict that is to be kept, one place at which it can be
// made once more.
type referrer struct {
	*scan
	objects *store.Store
	at      map[reference]int
	list    []decided
	made    []decision
	ok      []bool
	open    []int // numbers of those that are to be found
}

// reference is what needs a place of its own: a verdict about a secret of a certain
// shape, in a certain file if the content is an archive.
type reference struct {
	decision
	inner string
}

// newReferrer makes a referrer that knows the places which an earlier scan kept, of
// which p is what was read; p may be nil.
func newReferrer(s *scan, objects *store.Store, p *past) *referrer {
	r := &referrer{scan: s, objects: objects, at: map[reference]int{}}
	if p != nil {
		for i, d := range p.decisions {
			if d.verdict == nil {
				continue // its object is gone
			}
			r.at[reference{d, p.Decided[i].Inner}] = len(r.list)
			r.add(p.Decided[i], d, true)
		}
	}
	return r
}

func (r *referrer) add(at decided, d decision, ok bool) {
	r.list, r.made, r.ok = append(r.list, at), append(r.made, d), append(r.ok, ok)
}

// ask asks for a place for the verdict about o, whose secret is given, and returns the
// number under which it will be found.
func (r *referrer) ask(o *occurrence, secret string) int {
	k := reference{decision{o.verdict, secret, o.shape()}, o.inner}
	i, ok := r.at[k]
	if !ok {
		i = len(r.list)
		r.at[k] = i
		at := decided{r.objects.Name(int(o.where)), o.inner, o.anchor, o.stored, int(o.nth), o.verdict.rule.ID}
		r.add(at, k.decision, o.inner != "") // an archive is not opened twice
		if o.inner == "" {
			r.open = append(r.open, i)
		}
	}
	return i
}

// find tries all places that were asked for. Those at which the verdict turns out
// another are not ok.
func (r *referrer) find() {
	list := make([]decided, len(r.open))
	for i, n := range r.open {
		list[i] = r.list[n]
	}
	r.again(r.objects, list, func(i int, hits []hit, text []byte) {
		n := r.open[i]
		if nth, d := r.list[n].Nth, &r.made[n]; nth < len(hits) {
			got := hits[nth].decision(text)
			r.ok[n] = got.secret == d.secret && got.shape == d.shape && got.verdict.same(d.verdict)
		}
	})
}

// same tells whether two verdicts say the same.
func (v *verdict) same(other *verdict) bool {
	return v.rule == other.rule && v.muted == other.muted && v.secret == other.secret && reflect.DeepEqual(v.Verdict, other.Verdict)
}

// secretOf is what a hit in a text is about.
func secretOf(h *hit, text []byte) string {
	if h.verdict.secret != "" {
		return h.verdict.secret
	}
	return string(text[h.from():h.to()])
}

// ends is a line and a column at which something ends, and how wide that is. As
// a shape, it is how many lines lie between, and the column, or how many columns
// if none does.
type ends struct{ line, col, wide int }

// shape is where the secret of o ends, seen from where it begins.
func (o *occurrence) shape() ends {
	e := ends{int(o.endLine - o.line), int(o.endCol), int(o.endWide)}
	if e.line == 0 {
		e.col -= int(o.col)
		e.wide -= int(o.wide)
	}
	return e
}

// shapeOf is the shape of a text.
func shapeOf(text string) ends {
	body := text[:max(0, len(text)-1)]
	if nl := strings.LastIndexByte(body, '\n'); nl >= 0 {
		return ends{strings.Count(body, "\n"), len(body) - nl, int(finding.Wideness(text[nl+1:]))}
	}
	return ends{0, len(body), int(finding.Wideness(text))}
}

// end puts in where a text of this shape ends that starts at p.
func (e ends) end(p *finding.Place) {
	p.EndLine, p.EndColumn, p.EndWide = p.Line+e.line, e.col, int32(e.wide)
	if e.line == 0 {
		p.EndColumn += p.Column
		p.EndWide += p.Wide
	}
}
