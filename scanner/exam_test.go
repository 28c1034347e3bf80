package scanner

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"keyrake/rules"
)

// examiner searches texts with all built-in rules, as a scan does. It takes
// them from the files, so that a new rule is examined before it is compiled in.
type examiner struct {
	*searcher
	list  []rules.Rule
	t     *testing.T
	seeds int
	told  map[string]bool
}

// sequential leaves out, with -short, what runs in one goroutine, or in several only as it does
// in another test: the race detector finds nothing more there, and takes ten times as long.
func sequential(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("nothing in it runs side by side that does not in another test")
	}
}

func newExaminer(t *testing.T) *examiner {
	list := exampleRules(t)
	set, err := rules.NewSet(list)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newScan(Options{Rules: set}, "files")
	if err != nil {
		t.Fatal(err)
	}
	e := &examiner{searcher: &s.workers[0].searcher, list: list, t: t, seeds: 2, told: map[string]bool{}}
	return e
}

// fault is told once for each rule, template and kind: other seeds and
// positions mostly say the same.
func (e *examiner) fault(what, format string, args ...any) {
	e.t.Helper()
	if !e.told[what] {
		e.told[what] = true
		e.t.Errorf("%s: %s", what, fmt.Sprintf(format, args...))
	}
}

func (e *examiner) hits(text string) []hit {
	var s state
	e.whole(&s, []byte(text))
	return s.hits
}

// has tells whether rule id has a hit in text[from:to).
func has(hits []hit, id string, from, to int) bool {
	return slices.ContainsFunc(hits, func(h hit) bool {
		return h.verdict.rule.ID == id && h.from() >= from && h.to() <= to
	})
}

// outdone tells whether a place of text where the rule's shape fits is reported
// under another rule.
func (e *examiner) outdone(hits []hit, id, text string, from, to int) bool {
	for _, a := range e.prog.Anchors(nil, []byte(text), from, to) {
		for _, c := range e.matcher.At(nil, []byte(text), a) {
			if c.Rule.ID == id && slices.ContainsFunc(hits, func(h hit) bool { return h.from() < c.End && c.Start < h.to() }) {
				return true
			}
		}
	}
	return false
}

// why tells how far the rule came in text.
func (e *examiner) why(r *rules.Rule, text string) string {
	data := []byte(text)
	anchors := 0
	said := ""
	for _, a := range e.prog.Anchors(nil, data, 0, len(data)) {
		for _, k := range r.Keywords {
			if !e.prog.IsHidden(a) && strings.HasPrefix(k, e.prog.Word(a)) {
				anchors++
				break
			}
		}
		for _, c := range e.matcher.At(nil, data, a) {
			if c.Rule.ID == r.ID {
				v := e.policy.Review(input(data, &c))
				said = fmt.Sprintf("the judge says %.2f: %s", v.Confidence, strings.Join(v.Reasons, "; "))
			}
		}
	}
	switch {
	case said != "":
		return said
	case anchors > 0:
		return "a keyword, but no match"
	}
	return "no keyword"
}

// position is a text with something round it.
type position struct {
	name, before, after string
	crlf                bool
}

func positions() []position {
	noise := "The quick brown fox jumps over it; 12 lazy dogs (of 34) sleep.\n\n"
	if len(noise) != 64 {
		panic("the noise is to be 64 bytes long")
	}
	long := strings.Repeat("some lines of text that say nothing\n", 60)
	return []position{
		{name: "alone"},
		{name: "start", after: "\n" + noise},
		{name: "end", before: long},
		{name: "middle", before: long, after: "\n" + long},
		{name: "after 64 bytes", before: noise},
		{name: "after CRLF", before: "first line\r\n", after: "\r\nlast line\r\n"},
		{name: "with CRLF", crlf: true, before: "first line\r\n", after: "\r\n"},
		{name: "beside NUL", before: "\x00", after: "\x00"},
	}
}

func (p *position) of(text string) (whole string, at, end int) {
	if p.crlf {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return p.before + text + p.after, len(p.before), len(p.before) + len(text)
}

// TestExam holds each built-in rule to its own examples: it has to find every
// one, wherever that stands, unless another rule reports the same bytes.
func TestExam(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	for i := range e.list {
		r := &e.list[i]
		for n, template := range r.Examples {
			for seed := range e.seeds {
				text := expand(t, template, fmt.Sprintf("%s/example/%d/%d", r.ID, n, seed))
				for _, p := range positions() {
					e.find(r, n, p, text)
				}
				e.findTwice(r, n, text)
			}
		}
	}
}

func (e *examiner) find(r *rules.Rule, n int, p position, text string) {
	e.t.Helper()
	whole, from, to := p.of(text)
	hits := e.hits(whole)
	if !has(hits, r.ID, from, to) && !e.outdone(hits, r.ID, whole, from, to) {
		e.fault(fmt.Sprintf("%s example %d", r.ID, n), "is not found (%s): %s", p.name, e.why(r, whole))
	}
	for _, h := range strongest(slices.Clone(hits)) {
		if h.from() < from || h.to() > to {
			e.fault(fmt.Sprintf("%s example %d", r.ID, n), "(%s) something is found in the noise: %s", p.name, h.verdict.rule.ID)
		}
	}
}

func (e *examiner) findTwice(r *rules.Rule, n int, text string) {
	e.t.Helper()
	twice := text + "\n" + text
	hits := e.hits(twice)
	for _, from := range []int{0, len(text) + 1} {
		if !has(hits, r.ID, from, from+len(text)) && !e.outdone(hits, r.ID, twice, from, from+len(text)) {
			e.fault(fmt.Sprintf("%s example %d", r.ID, n), "is not found at offset %d when it stands twice: %s", from, e.why(r, twice))
		}
	}
}

// TestExamNegatives holds each rule to what it must not report.
func TestExamNegatives(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	for i := range e.list {
		r := &e.list[i]
		for n, template := range r.Negatives {
			for seed := range e.seeds {
				text := expand(t, template, fmt.Sprintf("%s/negative/%d/%d", r.ID, n, seed))
				for _, p := range positions() {
					whole, from, to := p.of(text)
					if hits := e.hits(whole); has(hits, r.ID, 0, len(whole)) {
						e.fault(fmt.Sprintf("%s negative %d", r.ID, n), "is found (%s, %d to %d): %s", p.name, from, to, e.why(r, whole))
					}
				}
			}
		}
	}
}

// TestExamLength takes a character from tokens of fixed length, and adds one.
func TestExamLength(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	tried := 0
	for i := range e.list {
		r := &e.list[i]
		if r.Kind != rules.Token || r.Backtrack || r.Secret != 0 || r.Boundary == rules.BoundaryNone || r.Boundary == rules.BoundaryLeft {
			continue
		}
		re, err := syntax.Parse(r.Pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if least, most := lengths(re); least != most {
			continue
		}
		for n, template := range r.Examples {
			for seed := range e.seeds {
				tried++
				e.lengthen(r, n, expand(t, template, fmt.Sprintf("%s/length/%d/%d", r.ID, n, seed)))
			}
		}
	}
	if tried < 50 {
		t.Errorf("only %d examples of fixed length", tried)
	}
}

func (e *examiner) lengthen(r *rules.Rule, n int, text string) {
	e.t.Helper()
	for _, h := range e.hits(text) {
		if h.verdict.rule.ID != r.ID {
			continue
		}
		from, to := h.from(), h.to()
		for what, other := range map[string]string{
			"one short": text[:to-1] + text[to:],
			"one long":  text[:to] + "a" + text[to:],
		} {
			for _, h2 := range e.hits(other) {
				if h2.verdict.rule.ID == r.ID && h2.from() == from {
					e.fault(fmt.Sprintf("%s example %d, %s", r.ID, n, what), "is still found: %s", e.why(r, other))
				}
			}
		}
	}
}

// lengths are those of the shortest and the longest match, -1 for no end.
func lengths(re *syntax.Regexp) (least, most int) {
	add := func(a, b int) int {
		if a < 0 || b < 0 {
			return -1
		}
		return a + b
	}
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune), len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1, 1
	case syntax.OpStar, syntax.OpPlus:
		return 0, -1
	case syntax.OpQuest:
		_, most = lengths(re.Sub[0])
		return 0, most
	case syntax.OpRepeat:
		a, b := lengths(re.Sub[0])
		if re.Max < 0 || b < 0 {
			return a * re.Min, -1
		}
		return a * re.Min, b * re.Max
	case syntax.OpAlternate:
		least, most = lengths(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			a, b := lengths(sub)
			least = min(least, a)
			if most < 0 || b < 0 {
				most = -1
			} else {
				most = max(most, b)
			}
		}
		return least, most
	}
	for _, sub := range re.Sub {
		a, b := lengths(sub)
		least, most = least+a, add(most, b)
	}
	return least, most
}
