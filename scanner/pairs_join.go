package scanner

import (
	"slices"

	"keyrake/scanner/finding"
)

// claim notes that a finding is a part of another; place is given where only the
// place says so.
func (p *pairer) claim(part, owner int, place *finding.Place) {
	if !slices.Contains(p.claims[part], owner) {
		p.claims[part] = append(p.claims[part], owner)
	}
	if place != nil {
		if p.met[part] == nil {
			p.met[part] = map[begin]bool{}
		}
		p.met[part][spotAt(place)] = true
	}
}

// own says of findings that are parts whose they are: those that stand at no
// path where their secret does not stand too. What only its place makes an id has
// to be one at every place: the same word may be a password at another.
func (p *pairer) own() {
	for part, owners := range p.claims {
		f := &p.report.Findings[part]
		paths := map[contentOf]bool{}
		for _, n := range owners {
			for k := range p.report.Findings[n].Places {
				paths[pathOf(&p.report.Findings[n].Places[k])] = true
			}
		}
		met := p.met[part]
		if slices.ContainsFunc(f.Places, func(at finding.Place) bool { return !paths[pathOf(&at)] || met != nil && !met[spotAt(&at)] }) {
			continue
		}
		for _, n := range owners {
			f.Tie(finding.Ties{PartOf: []string{p.report.Findings[n].Fingerprint}})
		}
	}
}

// pathOf names where a place is, whatever version: the path, or the object of
// what has none.
func pathOf(p *finding.Place) contentOf {
	if p.Path != "" {
		return contentOf{path: p.Path}
	}
	return contentOf{object: p.Object}
}

// join makes one finding of a secret and its parts, of those that count. The pair
// is as loud and as sure as the louder and surer of both. A part stays a finding
// by itself if its secret is accepted or is a part too, or if more people can have
// the part.
func (s *scan) join() {
	if !slices.ContainsFunc(s.report.Findings, func(f finding.Finding) bool { return f.Ties != nil && len(f.Ties.PartOf) > 0 }) {
		return
	}
	at := map[string]int{}
	for i := range s.report.Findings {
		at[s.report.Findings[i].Fingerprint] = i
	}
	joined := map[int]bool{}
	for i := range s.report.Findings {
		f := &s.report.Findings[i]
		if len(f.Tied().PartOf) == 0 || slices.ContainsFunc(f.Tied().PartOf, func(of string) bool {
			n, ok := at[of]
			return !ok || len(s.report.Findings[n].Tied().PartOf) > 0 || exposed(f) > exposed(&s.report.Findings[n])
		}) {
			continue
		}
		for _, of := range f.Tied().PartOf {
			owner := &s.report.Findings[at[of]]
			owner.Severity, owner.Confidence = max(owner.Severity, f.Severity), max(owner.Confidence, f.Confidence)
		}
		joined[i] = true
	}
	if len(joined) == 0 {
		return
	}
	kept := s.report.Findings[:0:0]
	for i := range s.report.Findings {
		if !joined[i] {
			kept = append(kept, s.report.Findings[i])
		}
	}
	s.report.Findings = kept
	arrange(s.report.Findings)
}

// exposed puts a number on who can have a finding, and how easily.
func exposed(f *finding.Finding) (n int) {
	if !f.Unreachable {
		n++
	}
	if f.InHead {
		n += 2
	}
	if x := f.Exposure; x != nil && !x.Local {
		n += 4
	}
	if f.Fate == finding.FatePublic || f.Fate == finding.FateAlready {
		n += 8
	}
	return n
}
