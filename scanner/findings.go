package scanner

import (
	"cmp"
	"math"
	"slices"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/judge"
)

// group is one secret with all its occurrences.
type group struct {
	secret   string
	best     *verdict
	severity rules.Severity // the greatest of all verdicts of its rank: elsewhere the same may be a sample in a comment
	spots    []occurrence
}

// groups merges what the workers found, one group for each secret, ordered by
// secret: the order is fixed whatever worker found what.
func groups(workers []*collector) []group {
	gs, number := secretsOf(workers)
	counts := make([]int32, len(gs))
	for w, c := range workers {
		for i := range c.list {
			counts[number[w][c.list[i].secret]]++
		}
	}
	var room slab[occurrence] // groups let go of their spots one after the other
	for i, n := range counts {
		gs[i].spots = room.cut(int(n))
	}
	for w, c := range workers {
		for i := range c.list {
			g := &gs[number[w][c.list[i].secret]]
			g.spots = append(g.spots, c.list[i])
			if v := c.list[i].verdict; g.best == nil || stronger(v, g.best) < 0 {
				g.best = v
			}
		}
	}
	for i := range gs {
		gs[i].rate()
	}
	return slices.DeleteFunc(gs, func(g group) bool { return len(g.spots) == 0 })
}

// rate sets the severity. A verdict of a rule that is turned off counts only if all
// are.
func (g *group) rate() {
	for i := range g.spots {
		if v := g.spots[i].verdict; v.rank() <= g.best.rank() && v.muted == g.best.muted {
			g.severity = max(g.severity, v.Severity)
		}
	}
}

// secretsOf makes an empty group for each secret, in order, and gives the number
// of the group for each worker's numbers of secrets.
func secretsOf(workers []*collector) (gs []group, number [][]int32) {
	type numbered struct{ worker, id int32 }
	var all []numbered
	for w, c := range workers {
		number = append(number, make([]int32, len(c.secrets)))
		all = slices.Grow(all, len(c.secrets))
		for id := range c.secrets {
			all = append(all, numbered{int32(w), int32(id)})
		}
	}
	text := func(n numbered) string { return workers[n.worker].secrets[n.id] }
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(text(a), text(b)) })
	gs = make([]group, 0, len(all))
	for i, n := range all {
		if i == 0 || text(n) != gs[len(gs)-1].secret {
			gs = append(gs, group{secret: text(n)})
		}
		number[n.worker][n.id] = int32(len(gs) - 1)
	}
	return gs, number
}

// findingMaker makes findings of groups.
type findingMaker struct {
	secrets      slab[string]
	fingerprints texts
}

// finding makes the report's form of g with these places.
func (m *findingMaker) finding(g *group, places []finding.Place) finding.Finding {
	v := g.best
	name := finding.Fingerprint(v.rule, g.secret, &places[0])
	secret := append(m.secrets.cut(1), g.secret)
	f := finding.Finding{
		Places: places, Fingerprint: m.fingerprints.keep(name[:]),
		Rule: v.rule, Secret: finding.SecretAt(&secret[0]),
		Severity: max(v.Severity, g.severity), Confidence: math.Round(v.Confidence*100) / 100, Reasons: v.Reasons,
	}
	f.Proof = proofWord(v.Proof)
	for i := range places {
		f.InHead = f.InHead || places[i].InHead
	}
	soften(&f)
	return f
}

// findings appends the findings of g, made from its places, which are in order. A value
// that cannot be guessed is one secret wherever it stands. One that can
// ("hunter2") may stand in two files by chance: there each path has a finding,
// unless one is asked for.
func (m *findingMaker) findings(dst []finding.Finding, g *group, places []finding.Place, one bool) []finding.Finding {
	if one || finding.Unguessable(g.secret) {
		return append(dst, m.finding(g, places))
	}
	for _, part := range byPath(places) {
		dst = append(dst, m.finding(g, part))
	}
	return dst
}

// byPath parts places by their paths, in the order in which the paths come.
func byPath(places []finding.Place) (parts [][]finding.Place) {
	at := map[string]int{}
	var sizes []int
	for i := range places {
		n, ok := at[places[i].Path]
		if !ok {
			n = len(sizes)
			at[places[i].Path] = n
			sizes = append(sizes, 0)
		}
		sizes[n]++
	}
	if len(sizes) == 1 {
		return [][]finding.Place{places}
	}
	for _, n := range sizes {
		parts = append(parts, make([]finding.Place, 0, n))
	}
	for i := range places {
		n := at[places[i].Path]
		parts[n] = append(parts[n], places[i])
	}
	return parts
}

// arrange puts findings in the order of a report: the worst first, then by
// first place. What is large is moved but once.
func arrange(fs []finding.Finding) {
	compare := func(a, b *finding.Finding) int {
		if c := cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Confidence, a.Confidence)); c != 0 {
			return c
		}
		if c := comparePlacesAt(&a.Places[0], &b.Places[0]); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.Rule.ID, b.Rule.ID), cmp.Compare(a.Fingerprint, b.Fingerprint))
	}
	from := make([]int32, len(fs)) // for each place in the order, which finding comes there
	sorted := true
	for i := range fs {
		from[i] = int32(i)
		sorted = sorted && (i == 0 || compare(&fs[i-1], &fs[i]) <= 0)
	}
	if sorted {
		return
	}
	slices.SortFunc(from, func(a, b int32) int { return cmp.Or(compare(&fs[a], &fs[b]), cmp.Compare(a, b)) })
	for i := range from {
		first, to := fs[i], i
		for int(from[to]) != i {
			next := int(from[to])
			fs[to], from[to] = fs[next], int32(to)
			to = next
		}
		fs[to], from[to] = first, int32(to)
	}
}

func comparePlaces(a, b finding.Place) int { return comparePlacesAt(&a, &b) }

func comparePlacesAt(a, b *finding.Place) int {
	if c := cmp.Compare(a.Path, b.Path); c != 0 {
		return c
	}
	if c := cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Object, b.Object), cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Kind, b.Kind))
}

// findings makes the report's findings, each place as place says.
func (s *scan) findings(place func(*occurrence) finding.Place) {
	s.searched()
	gs := groups(s.collectors())
	for _, w := range s.workers {
		w.letGo()
	}
	var made findingMaker
	var room slab[finding.Place]
	for n := range gs {
		g := &gs[n]
		places := room.cut(len(g.spots))
		for i := range g.spots {
			places = append(places, place(&g.spots[i]))
		}
		g.spots = nil // they are places now, of which a million may come
		slices.SortFunc(places, comparePlaces)
		s.report.Findings = made.findings(s.report.Findings, g, places, false)
	}
	arrange(s.report.Findings)
}

// proofWord is how a report words what an offline check said.
func proofWord(p judge.Proof) string {
	switch p {
	case judge.Verified:
		return "verified"
	case judge.Mismatch:
		return "mismatch"
	}
	return ""
}
