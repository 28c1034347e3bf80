package scanner

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/judge"
	"keyrake/scanner/known"
	"keyrake/scanner/match"
	"keyrake/scanner/match/decode"
	"keyrake/scanner/window"
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
	anchor    match.Anchor // that it was found at; of UTF-16, in the decoded text, unless stored
	stored    bool         // it was found in the bytes of UTF-16 as they stand
	nth       uint16       // which of the hits there it is
	inner     string       // path in the archive that the content is, or ""
	verdict   *verdict
	mark      *finding.Mark
	around    finding.Secret
	origin    *window.Origin // what off, line and columns count from; nil is the content's start
}

// collector gathers what one worker finds.
type collector struct {
	ids     map[string]int32
	secrets []string
	kept    texts // of secrets
	list    []occurrence
	gaps    []finding.Gap
	best    []hit          // scratch: the hits that were taken over last
	told    []extent       // scratch: what the text of UTF-16 tells
	listed  *verdict       // of what is looked for as it is; see Gone
	inner   string         // path in an archive of the content at hand
	room    *room          // for how many places there is memory; nil is no bound
	lines   bool           // keep the text round each secret
	origin  *window.Origin // of the window at hand; nil is a whole content
}

// add takes over the hits of one content.
func (c *collector) add(where int, data []byte, s *state) {
	if s.plain || !s.found() {
		c.addTo(where, data, s.hits)
		return
	}
	text, _ := decode.UTF16(data)
	_, begin, _ := decode.UTF16Order(data)
	first := len(c.list)
	c.addTo(where, text, s.hits)
	c.told = c.wide(c.told[:0], first, text, begin)
	middle := len(c.list)
	c.addTo(where, data, s.stored)
	c.unsaid(middle, c.told)
}

// addTo takes over hits in a text. Where hits overlap, it takes the one that says
// most about the secret.
func (c *collector) addTo(where int, text []byte, hits []hit) {
	c.best = strongest(append(c.best[:0], hits...))
	c.best = c.room.take(c.best)
	c.list = roomFor(c.list, len(c.best))
	r := ruler{text: text}
	for i := range c.best {
		h := &c.best[i]
		from, to := h.from(), h.to()
		o := r.occurrence(from, to)
		o.where, o.verdict, o.anchor, o.nth, o.inner, o.origin = int32(where), h.verdict, h.anchor, nth(hits, h), c.inner, c.origin
		if secret := h.verdict.secret; secret != "" {
			o.secret = c.id([]byte(secret))
		} else {
			o.secret = c.id(text[from:to])
		}
		o.mark = known.MarkAt(text, from, to, int(o.line)+c.origin.Lines(), h.verdict.rule.ID)
		if c.lines {
			o.around = finding.NewSecret(known.Around(text, from))
		}
		c.list = append(c.list, o)
	}
}

// extent is where in a content, as it is stored, a secret stands that was found in its text.
type extent struct {
	from, to int
	secret   int32
}

// wide turns the offsets of what addTo made last, which is the list from first on, from those in
// a text into those in the UTF-16 that it was, whose text begins at off. It appends the extents.
func (c *collector) wide(dst []extent, first int, text []byte, off int) []extent {
	at, start := 0, c.origin.Offset()
	for i := range c.best {
		from, to := c.best[i].from(), c.best[i].to()
		off += decode.UTF16Length(text[at:from])
		at = from
		o := &c.list[first+i]
		o.off = int32(off)
		dst = append(dst, extent{start + off, start + off + decode.UTF16Length(text[from:to]), o.secret})
	}
	return dst
}

// unsaid drops, from the list from first on, what was found in UTF-16 as it stands and is told
// of its text already. Both, the list and what is told, come in rising order.
func (c *collector) unsaid(first int, told []extent) {
	kept := c.list[:first]
	for _, o := range c.list[first:] {
		for len(told) > 0 && told[0].to <= o.offset() {
			told = told[1:]
		}
		if len(told) == 0 || o.offset() < told[0].from || !strings.Contains(c.secrets[told[0].secret], c.secrets[o.secret]) {
			o.stored = true
			kept = append(kept, o)
		}
	}
	c.list = kept
}

// roomFor makes room for n more occurrences. While there are few, twice as much as
// there was: less is copied too often. Of many, that would be the most that a scan
// holds.
func roomFor(list []occurrence, n int) []occurrence {
	const (
		few   = 1 << 16
		least = 16
	)
	if n <= cap(list)-len(list) {
		return list
	}
	more := max(len(list), least)
	if len(list) > few {
		more = len(list) / 4
	}
	return slices.Grow(list, max(n, more))
}

// letGo drops what was gathered once it was merged: of a million secrets one copy
// is enough.
func (w *worker) letGo() {
	w.list, w.secrets, w.ids, w.best, w.free = nil, nil, nil, nil, nil
}

// nth tells which of the hits at its anchor h is.
func nth(hits []hit, h *hit) uint16 {
	i := sort.Search(len(hits), func(i int) bool { return hits[i].anchor.Off >= h.anchor.Off })
	n := uint16(0)
	for ; i < len(hits) && hits[i] != *h; i++ {
		if hits[i].anchor == h.anchor {
			n++
		}
	}
	return n
}

// ruler tells where occurrences stand in a text. Those that come in rising order take no
// longer than to go through the text once: a line may hold a hundred thousand.
type ruler struct {
	text  []byte
	at    int
	line  int32 // newlines before at
	start int   // where its line starts
	wide  int32 // of what stands in the line before at
}

// occurrence is what stands at text[from:to], with its place alone.
func (r *ruler) occurrence(from, to int) occurrence {
	if from < r.at {
		*r = ruler{text: r.text}
	}
	before := r.line
	if r.line, r.start = advance(r.text, r.at, from, r.line, r.start); r.line > before {
		r.at, r.wide = r.start, 0
	}
	r.wide += finding.Wideness(r.text[r.at:from])
	r.at = from
	o := occurrence{off: int32(from), line: r.line + 1, col: int32(from-r.start) + 1, wide: r.wide}
	line, start := advance(r.text, from, to-1, r.line, r.start)
	o.endLine, o.endCol = line+1, int32(to-1-start)+1
	if o.endWide = r.wide + finding.Wideness(r.text[from:to]); line > r.line {
		o.endWide = finding.Wideness(r.text[start:to])
	}
	return o
}

// windowRuler is the ruler of the window at hand.
type windowRuler struct {
	ruler
	origin window.Origin
}

func (r *windowRuler) of(v *window.Windows) *ruler {
	if r.text == nil || r.origin != v.Origin {
		r.ruler, r.origin = ruler{text: v.Data}, v.Origin
	}
	return &r.ruler
}

// advance counts the lines from offset at to offset to.
func advance(text []byte, at, to int, line int32, start int) (int32, int) {
	lines := bytes.Count(text[at:to], []byte{'\n'})
	if lines == 0 {
		return line, start
	}
	return line + int32(lines), at + bytes.LastIndexByte(text[at:to], '\n') + 1
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
	sortHits(hits)
	kept := hits[:0]
	for len(hits) > 0 {
		n, end := 1, hits[0].to()
		for n < len(hits) && n < maxChain && hits[n].from() < end {
			end = max(end, hits[n].to())
			n++
		}
		kept = appendStrongest(kept, hits[:n])
		hits = hits[n:]
	}
	return kept
}

// sortHits puts hits in the order in which strongest goes through them.
func sortHits(hits []hit) {
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.from(), b.from()), cmp.Compare(b.to(), a.to()), stronger(a.verdict, b.verdict))
	})
}

// maxChain bounds the hits of which each overlaps another that are weighed against
// each other at once.
const maxChain = 32

// appendStrongest appends of some hits in a chain the strongest one, then the
// strongest of those that do not overlap it, and so on, in rising order. It may write
// over the chain.
func appendStrongest(kept, chain []hit) []hit {
	if len(chain) == 1 {
		return appendFree(kept, chain[0])
	}
	var room [maxChain]hit
	order := append(room[:0], chain...)
	slices.SortStableFunc(order, func(a, b hit) int {
		return cmp.Or(stronger(a.verdict, b.verdict), cmp.Compare(b.to()-b.from(), a.to()-a.from()))
	})
	var chosen []hit
	for _, h := range order {
		if !slices.ContainsFunc(chosen, func(o hit) bool { return h.from() < o.to() && o.from() < h.to() }) {
			chosen = append(chosen, h)
		}
	}
	slices.SortFunc(chosen, func(a, b hit) int { return cmp.Compare(a.from(), b.from()) })
	for _, h := range chosen {
		kept = appendFree(kept, h)
	}
	return kept
}

// appendFree appends a hit, or keeps the stronger of it and the last one if they
// overlap: a longer chain than is weighed at once was parted between them.
func appendFree(kept []hit, h hit) []hit {
	if len(kept) == 0 || h.from() >= kept[len(kept)-1].to() {
		return append(kept, h)
	}
	last := &kept[len(kept)-1]
	if d := stronger(h.verdict, last.verdict); d < 0 || d == 0 && h.to()-h.from() > last.to()-last.from() {
		*last = h
	}
	return kept
}

// stronger orders verdicts: the one that is to be told comes first. A token that a
// service has issued comes before what it is used in, such as a URL with a password:
// that is lowered where it leads to the machine itself, or stands in a test.
func stronger(a, b *verdict) int {
	return cmp.Or(compareBools(a.muted, b.muted), cmp.Compare(a.rank(), b.rank()), compareBools(!a.isIssued(), !b.isIssued()),
		compareBools(a.Proof != judge.Verified, b.Proof != judge.Verified), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.rule.ID, b.rule.ID), slices.Compare(a.Reasons, b.Reasons),
		cmp.Compare(a.Proof, b.Proof), cmp.Compare(a.secret, b.secret))
}

// rank orders verdicts by what their rules know. Rules that a scanned repository
// brings along can take the place of those for any secret, and only if they do not
// make less of it than those: else a repository could hide what is found in it.
func (v *verdict) rank() int {
	switch {
	case v.rule.Foreign && v.Severity < rules.Medium:
		return 3
	case v.rule.Foreign:
		return 1
	case v.rule.Generic && v.Proof != judge.Verified:
		return 2
	}
	return 0
}

// isIssued tells whether the rule knows what a certain service issues.
func (v *verdict) isIssued() bool {
	r := v.rule
	return !r.Generic && r.Provider != "generic" && !r.Homemade
}

// offset is where o stands in its content.
func (o *occurrence) offset() int {
	return o.origin.Offset() + int(o.off)
}

// place is where o stands, in a content of this kind and path.
func (o *occurrence) place(kind finding.Kind, path, object string) finding.Place {
	inner := 0
	if o.inner != "" {
		path += "!" + o.inner
		inner = 1 + len(o.inner)
	}
	p := finding.Place{
		Kind: kind, Path: path, Object: object, Offset: int(o.off),
		Line: int(o.line), Column: int(o.col), EndLine: int(o.endLine), EndColumn: int(o.endCol), Wide: o.wide, EndWide: o.endWide,
		Mark: o.mark, Around: o.around, AsStored: o.stored, Inner: int32(inner),
	}
	o.origin.Move(&p)
	return p
}
