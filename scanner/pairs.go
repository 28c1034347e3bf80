package scanner

import (
	"bytes"
	"cmp"
	"path"
	"slices"

	"keyrake/scanner/finding"
	"keyrake/scanner/pair"
)

const (
	maxPaired   = 5000 // findings whose parts are looked for
	maxLookedAt = 4    // contents that are looked at for one finding
)

// partner is a rule whose findings are parts of those of another rule, if they
// stand in the same content.
type partner struct{ secret, role, part string }

func partners() []partner {
	return []partner{
		{"aws-secret-access-key", "access key id", "aws-access-key-id"},
		{"aws-secret-access-key", "session token", "aws-session-token"},
		{"alibaba-access-key-secret", "access key id", "alibaba-access-key-id"},
		{"alibaba-access-key-secret-near", "access key id", "alibaba-access-key-id"},
		{"tencent-secret-key", "secret id", "tencent-secret-id"},
		{"twilio-auth-token", "api key", "twilio-api-key"},
	}
}

// pairer finds the parts of findings. It looks at nothing but findings and the
// contents that they stand in, so that what it says does not depend on how they
// were found.
type pairer struct {
	*scan
	contents
	spots map[contentOf][]spotOf // of findings that can be parts
	roles map[string][]partner   // by the rule of the secret
	loose map[begin]int          // findings of generic rules, which may turn out to be an id, by where they stand
	// mutable: what was looked at last, and what files of a project say
	last     contentOf
	asStored bool   // as in the place that it was asked for
	lastText []byte // nil if it could not be read
	wide     bool   // it was UTF-16
	accounts map[string][]finding.Part
	claims   map[int][]int          // finding that is a part → findings that have it
	met      map[int]map[begin]bool // of those of generic rules: where they turned out to be an id
}

// begin is where a value begins in a content.
type begin struct {
	contentOf
	line, column int
}

func spotAt(p *finding.Place) begin { return begin{contentOf{p.Path, p.Object}, p.Line, p.Column} }

// contentOf names a content as places do.
type contentOf struct{ path, object string }

// spotOf is a place of the finding with this number.
type spotOf struct {
	number int
	*finding.Place
}

// pair finds what findings are used with. It changes nothing but their Parts and
// PartOf: which of them are one finding is settled when it is known which count.
func (s *scan) pair(c contents) {
	p := pairer{scan: s, contents: c, spots: map[contentOf][]spotOf{}, roles: map[string][]partner{}, accounts: map[string][]finding.Part{}, loose: map[begin]int{}, claims: map[int][]int{}, met: map[int]map[begin]bool{}}
	isPart := map[string]bool{}
	for _, x := range partners() {
		isPart[x.part] = true
		p.roles[x.secret] = append(p.roles[x.secret], x)
	}
	var order []int
	for i := range s.report.Findings {
		f := &s.report.Findings[i]
		if f.Rule.Generic {
			for k := range f.Places {
				p.loose[spotAt(&f.Places[k])] = i
			}
		}
		for k := range f.Places {
			p.hold(&f.Places[k])
		}
		if isPart[f.Rule.ID] {
			for k := range f.Places {
				at := &f.Places[k]
				c := contentOf{at.Path, at.Object}
				p.spots[c] = append(p.spots[c], spotOf{i, at})
			}
		}
		if f.Secret.Len() > 0 && len(order) < maxPaired && (pair.May(f.Rule) || len(p.roles[f.Rule.ID]) > 0) {
			order = append(order, i)
		}
	}
	// Findings in one content come one after another, so that it is read once.
	slices.SortStableFunc(order, func(a, b int) int {
		return comparePlaces(s.report.Findings[a].Places[0], s.report.Findings[b].Places[0])
	})
	for _, i := range order {
		p.finding(i)
	}
	p.own()
	link(s.report.Findings)
	arrange(s.report.Findings)
}

// finding looks for the parts of one finding, in HEAD's content first.
func (p *pairer) finding(number int) {
	f := &p.report.Findings[number]
	for _, at := range p.contentsOf(f) {
		p.partners(number, at)
		if text, start, ok := p.textOf(at); ok && pair.May(f.Rule) {
			end := endOf(text, start, at)
			for _, m := range pair.Find(f.Rule, text, start, end) {
				place := *at
				place.Mark, place.Around = nil, finding.Secret{}
				move(&place, text, start, m.Start, m.End)
				part := finding.Part{Role: m.Role, Value: finding.NewSecret(text[m.Start:m.End]), Open: m.Open, Places: []finding.Place{place}}
				if n, ok := p.loose[spotAt(&place)]; ok && n != number && p.report.Findings[n].Secret.Reveal() == part.Value.Reveal() {
					part.Rule = p.report.Findings[n].Rule
					p.claim(n, number, &place)
				}
				p.add(f, part)
			}
		}
		if pair.Abroad(f.Rule) && !hasRole(f, pair.AccountID) {
			for _, part := range p.abroad(at) {
				p.add(f, part)
			}
		}
		if len(f.Tied().Parts) > 0 {
			return
		}
	}
}

// contentsOf picks the places whose contents are looked at, each content once.
func (p *pairer) contentsOf(f *finding.Finding) (list []*finding.Place) {
	seen := map[contentOf]bool{}
	take := func(at *finding.Place) {
		c := contentOf{at.Path, at.Object}
		if !seen[c] && len(list) < maxLookedAt {
			seen[c] = true
			list = append(list, at)
		}
	}
	for i := range f.Places {
		if f.Places[i].InHead {
			take(&f.Places[i])
			break
		}
	}
	for i := range f.Places {
		take(&f.Places[i])
	}
	return list
}

// textOf gives the text round a place, and where in it the place starts.
func (p *pairer) textOf(at *finding.Place) (text []byte, start int, ok bool) {
	if c := (contentOf{at.Path, at.Object}); p.last != c || p.asStored != at.AsStored {
		text, wide, err := p.text(at)
		p.last, p.asStored = c, at.AsStored
		if p.wide, p.lastText = wide, nil; err == nil {
			p.lastText = text
		}
	}
	start = at.Offset
	if p.wide {
		start = offsetOf(p.lastText, at.Line, at.Column)
	}
	return p.lastText, start, start >= 0 && start < len(p.lastText)
}

// add notes a part, unless the finding has it already.
func (p *pairer) add(f *finding.Finding, part finding.Part) {
	if part.Value.Len() == 0 || part.Value.Reveal() == f.Secret.Reveal() {
		return
	}
	if !slices.ContainsFunc(f.Tied().Parts, func(x finding.Part) bool {
		return x.Role == part.Role && x.Value.Reveal() == part.Value.Reveal()
	}) {
		f.Tie(finding.Ties{Parts: []finding.Part{part}})
	}
}

func hasRole(f *finding.Finding, role string) bool {
	return slices.ContainsFunc(f.Tied().Parts, func(x finding.Part) bool { return x.Role == role })
}

// partners takes the nearest finding of each rule that f's rule goes with.
func (p *pairer) partners(number int, at *finding.Place) {
	f := &p.report.Findings[number]
	for _, x := range p.roles[f.Rule.ID] {
		var best *spotOf
		list := p.spots[contentOf{at.Path, at.Object}]
		for i := range list {
			o := &list[i]
			if p.report.Findings[o.number].Rule.ID == x.part && (best == nil || p.nearer(at, o.Place, best.Place)) {
				best = o
			}
		}
		if best == nil {
			continue
		}
		of := &p.report.Findings[best.number]
		p.claim(best.number, number, nil)
		places := slices.Clone(of.Places)
		for i := range places {
			if comparePlaces(places[i], *best.Place) == 0 {
				places[0], places[i] = places[i], places[0]
			}
		}
		p.add(f, finding.Part{Role: x.role, Value: of.Secret, Rule: of.Rule, Places: places})
	}
}

// nearer tells whether a goes with the secret at s rather than b: fewer ends of
// blocks stand between, or fewer bytes.
func (p *pairer) nearer(s, a, b *finding.Place) bool {
	between := func(x *finding.Place) (lo, hi int) {
		if lo, hi = s.Offset, x.Offset; lo > hi {
			lo, hi = hi, lo
		}
		return lo, hi
	}
	aLo, aHi := between(a)
	bLo, bHi := between(b)
	breaks := 0
	if text, _, ok := p.textOf(s); ok && !p.wide && max(aHi, bHi) <= len(text) {
		breaks = cmp.Compare(pair.Breaks(text[aLo:aHi]), pair.Breaks(text[bLo:bHi]))
	}
	return cmp.Or(breaks, cmp.Compare(aHi-aLo, bHi-bLo), cmp.Compare(a.Offset, b.Offset)) < 0
}

// projectFiles are where a project says which account it belongs to.
func projectFiles() []string {
	return []string{"wrangler.jsonc", "wrangler.json", "wrangler.toml", ".dev.vars", ".env"}
}

// abroad looks for the account in the project's own files, in the nearest folder
// above the place that tells one.
func (p *pairer) abroad(at *finding.Place) []finding.Part {
	if p.beside == nil || at.Path == "" {
		return nil
	}
	for _, dir := range upward(at.Path) {
		for _, name := range projectFiles() {
			full := path.Join(dir, name)
			if full == at.Path {
				continue
			}
			place, ok := p.beside(at, full)
			if !ok {
				continue
			}
			if parts := p.account(place); len(parts) > 0 {
				return parts
			}
		}
	}
	return nil
}

// account gives the accounts that a file tells.
func (p *pairer) account(place finding.Place) []finding.Part {
	key := place.Path + "\x00" + place.Object
	values, ok := p.accounts[key]
	if !ok {
		if data, err := p.content(&place); err == nil {
			for _, m := range pair.InFile(pair.AccountID, data) {
				at := finding.Place{Line: 1, Column: 1}
				move(&at, data, 0, m.Start, m.End)
				values = append(values, finding.Part{Role: pair.AccountID, Value: finding.NewSecret(data[m.Start:m.End]), Open: m.Open, Places: []finding.Place{at}})
			}
		}
		p.accounts[key] = values
	}
	list := slices.Clone(values)
	for i := range list {
		at := place
		v := &values[i].Places[0]
		at.Offset, at.Line, at.Column, at.EndLine, at.EndColumn = v.Offset, v.Line, v.Column, v.EndLine, v.EndColumn
		at.Wide, at.EndWide = v.Wide, v.EndWide
		list[i].Places = []finding.Place{at}
	}
	return list
}

// endOf gives the end of what stands at p in text.
func endOf(text []byte, start int, p *finding.Place) int {
	end := start
	for line := p.Line; line < p.EndLine; line++ {
		nl := bytes.IndexByte(text[end:], '\n')
		if nl < 0 {
			return len(text)
		}
		end += nl + 1
	}
	if p.EndLine > p.Line {
		return min(len(text), end+p.EndColumn)
	}
	return min(len(text), end+max(1, p.EndColumn-p.Column+1))
}

// move sets p, which starts at offset at of text, to text[start:end).
func move(p *finding.Place, text []byte, at, start, end int) {
	if start >= at {
		p.Line += bytes.Count(text[at:start], []byte{'\n'})
	} else {
		p.Line -= bytes.Count(text[start:at], []byte{'\n'})
	}
	column := func(off int) int { return off - bytes.LastIndexByte(text[:off], '\n') }
	wide := func(off, end int) int32 { return finding.Wideness(text[off+1-column(off) : end]) }
	p.Offset, p.Column = start, column(start)
	p.Wide, p.EndWide = wide(start, start), wide(end-1, end)
	p.EndLine, p.EndColumn = p.Line+bytes.Count(text[start:end-1], []byte{'\n'}), column(end-1)
}
