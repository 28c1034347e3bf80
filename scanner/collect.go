package scanner

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"sort"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/judge"
	"keyrake/scanner/known"
	"keyrake/scanner/match"
)

// occurrence is one secret at one spot of one content.
type occurrence struct {
	where     int32 // the content: number of an object, or of a file
	off       int32
	line, col int32
	endLine   int32
	endCol    int32
	wide      int32 // as in finding.Place
	endWide   int32
	secret    int32        // in collector.secrets
	anchor    match.Anchor // that it was found at; of UTF-16, in the decoded text
	nth       uint16       // which of the hits there it is
	inner     string       // path in the archive that the content is, or ""
	verdict   *verdict
	mark      *finding.Mark
	around    finding.Secret
	origin    *origin // what off, line and columns count from; nil is the content's start
}

// collector gathers what one worker finds.
type collector struct {
	ids     map[string]int32
	secrets []string
	kept    texts // of secrets
	list    []occurrence
	gaps    []finding.Gap
	best    []hit    // scratch
	listed  *verdict // of what is looked for as it is; see Gone
	inner   string   // path in an archive of the content at hand
	lines   bool     // keep the text round each secret
	origin  *origin  // of the window at hand; nil is a whole content
}

// add takes the hits of one content over, one for each secret: where hits
// overlap, the one that says most stays.
func (c *collector) add(where int, data []byte, s *state) {
	if len(s.hits) == 0 {
		return
	}
	text := data
	if !s.plain {
		text, _ = decodeUTF16(data)
	}
	c.best = strongest(append(c.best[:0], s.hits...))
	// Where there are many hits, one look at the whole is cheaper.
	marked := len(text) > len(c.best)*known.MarkWindow || known.HasMark(text)
	at, line, start := 0, int32(1), 0 // line that at stands in, and where it starts
	wide := int32(0)                  // of what stands in the line before at
	for i := range c.best {
		h := &c.best[i]
		from, to := h.from(), h.to()
		before := line
		if line, start = advance(text, at, from, line, start); line > before {
			at, wide = start, 0
		}
		wide += wideness(text[at:from])
		at = from
		o := occurrence{where: int32(where), off: int32(from), line: line, col: int32(from-start) + 1, wide: wide, verdict: h.verdict, anchor: h.anchor, nth: s.nth(h), inner: c.inner, origin: c.origin}
		endLine, endStart := advance(text, from, to-1, line, start)
		o.endLine, o.endCol = endLine, int32(to-1-endStart)+1
		if o.endWide = wide + wideness(text[from:to]); endLine > line {
			o.endWide = wideness(text[endStart:to])
		}
		if !s.plain {
			o.off = int32(utf16Offset(data, from))
		}
		if secret := h.verdict.secret; secret != "" {
			o.secret = c.id([]byte(secret))
		} else {
			o.secret = c.id(text[from:to])
		}
		if marked {
			o.mark = known.MarkAt(text, from, to, int(line)+c.origin.lines(), h.verdict.rule.ID)
		}
		if c.lines {
			o.around = finding.NewSecret(known.Around(text, from))
		}
		if len(c.list) == cap(c.list) { // by half as much is copied too often
			c.list = slices.Grow(c.list, max(len(c.list), 16))
		}
		c.list = append(c.list, o)
	}
}

// nth tells which of the hits at its anchor h is.
func (s *state) nth(h *hit) uint16 {
	i := sort.Search(len(s.hits), func(i int) bool { return s.hits[i].anchor.Off >= h.anchor.Off })
	n := uint16(0)
	for ; i < len(s.hits) && s.hits[i] != *h; i++ {
		if s.hits[i].anchor == h.anchor {
			n++
		}
	}
	return n
}

// advance counts the lines from offset at to offset to.
func advance(text []byte, at, to int, line int32, start int) (int32, int) {
	lines := bytes.Count(text[at:to], []byte{'\n'})
	if lines == 0 {
		return line, start
	}
	return line + int32(lines), at + bytes.LastIndexByte(text[at:to], '\n') + 1
}

// wideness is how many bytes more than UTF-16 code units some UTF-8 has. It adds
// up wherever text is cut; of what is no UTF-8 it is a guess.
func wideness[T string | []byte](text T) (n int32) {
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 0xF0: // a pair of units
			n--
		case c >= 0x80 && c < 0xC0: // not the first byte of a character
			n++
		}
	}
	return n
}

func (c *collector) id(secret []byte) int32 {
	if id, ok := c.ids[string(secret)]; ok {
		return id
	}
	if c.ids == nil {
		c.ids = map[string]int32{}
	}
	id := int32(len(c.secrets))
	c.secrets = append(c.secrets, c.kept.keep(secret))
	c.ids[c.secrets[id]] = id
	return id
}

// strongest keeps, of hits that overlap, the one that says most, in rising
// order of their place.
func strongest(hits []hit) []hit {
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.from(), b.from()), cmp.Compare(b.to(), a.to()), stronger(a.verdict, b.verdict))
	})
	kept := hits[:0]
	for _, h := range hits {
		clash := len(kept) > 0 && h.from() < kept[len(kept)-1].to()
		if !clash {
			kept = append(kept, h)
			continue
		}
		last := &kept[len(kept)-1]
		if d := stronger(h.verdict, last.verdict); d < 0 || d == 0 && h.to()-h.from() > last.to()-last.from() {
			*last = h
		}
	}
	return kept
}

// stronger orders verdicts: the one that is to be told comes first.
func stronger(a, b *verdict) int {
	proven := func(v *verdict) int {
		if v.Proof == judge.Verified {
			return 0
		}
		return 1
	}
	general := func(v *verdict) int {
		if v.rule.Generic {
			return 1
		}
		return 0
	}
	muted := func(v *verdict) int {
		if v.muted {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(muted(a), muted(b)), cmp.Compare(proven(a), proven(b)), cmp.Compare(general(a), general(b)),
		cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.rule.ID, b.rule.ID), slices.Compare(a.Reasons, b.Reasons),
		cmp.Compare(a.Proof, b.Proof), cmp.Compare(a.secret, b.secret))
}

// group is one secret with all its occurrences.
type group struct {
	secret string
	best   *verdict
	spots  []occurrence
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
	return slices.DeleteFunc(gs, func(g group) bool { return len(g.spots) == 0 })
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
	name := fingerprint(v.rule, g.secret, &places[0])
	secret := append(m.secrets.cut(1), g.secret)
	f := finding.Finding{
		Places: places, Fingerprint: m.fingerprints.keep(name[:]),
		Rule: v.rule, Secret: finding.SecretAt(&secret[0]),
		Severity: v.Severity, Confidence: math.Round(v.Confidence*100) / 100, Reasons: v.Reasons,
	}
	f.Proof = proofWord(v.Proof)
	for i := range places {
		f.InHead = f.InHead || places[i].InHead
	}
	soften(&f)
	return f
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

// findings appends the findings of g, made from its places, which are in order. A value
// that cannot be guessed is one secret wherever it stands. One that can
// ("hunter2") may stand in two files by chance: there each path has a finding,
// unless one is asked for.
func (m *findingMaker) findings(dst []finding.Finding, g *group, places []finding.Place, one bool) []finding.Finding {
	if one || unguessable(g.secret) {
		return append(dst, m.finding(g, places))
	}
	at := map[string]int{}
	var parts [][]finding.Place
	for _, p := range places {
		i, ok := at[p.Path]
		if !ok {
			i = len(parts)
			at[p.Path] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], p)
	}
	for _, part := range parts {
		dst = append(dst, m.finding(g, part))
	}
	return dst
}

// offset is where o stands in its content.
func (o *occurrence) offset() int {
	if o.origin == nil {
		return int(o.off)
	}
	return o.origin.off + int(o.off)
}

// place is where o stands, in a content of this kind and path.
func (o *occurrence) place(kind finding.Kind, path, object string) finding.Place {
	if o.inner != "" {
		path += "!" + o.inner
	}
	p := finding.Place{
		Kind: kind, Path: path, Object: object, Offset: int(o.off),
		Line: int(o.line), Column: int(o.col), EndLine: int(o.endLine), EndColumn: int(o.endCol), Wide: o.wide, EndWide: o.endWide,
		Mark: o.mark, Around: o.around,
	}
	o.origin.place(&p)
	return p
}

// fingerprint names a finding for good. A secret that cannot be guessed is
// named by its digest, so that it keeps its name wherever it moves; of one that
// can, no digest may be published, so that one is named by its first place.
func fingerprint(r *rules.Rule, secret string, first *finding.Place) (name [32]byte) {
	text := make([]byte, 0, 256)
	if unguessable(secret) {
		text = append(append(text, "keyrake/1/secret\x00"...), secret...)
	} else {
		text = append(text, "keyrake/1/place\x00"+r.ID+"\x00"+first.Path+"\x00"+first.Object...)
		text = append(text, 0, byte(first.Offset), byte(first.Offset>>8), byte(first.Offset>>16), byte(first.Offset>>24))
		if high := first.Offset >> 32; high > 0 {
			text = append(text, byte(high), byte(high>>8), byte(high>>16))
		}
	}
	sum := sha256.Sum256(text)
	hex.Encode(name[:], sum[:16])
	return name
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
