package scanner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/match"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// twins are two scans with the same rules: one by what changed, one in full.
type twins struct {
	delta, full historian
	tiny        bool
}

func newTwins(t testing.TB, set *rules.Set, least float64, tiny bool) *twins {
	t.Helper()
	start := func(full bool) historian {
		s, err := newScan(Options{Rules: set, FullScan: full, MinConfidence: least}, "history")
		if err != nil {
			t.Fatal(err)
		}
		objects := store.Open(nil)
		objects.List()
		return historian{s, objects, nil}
	}
	return &twins{start(false), start(true), tiny}
}

// plainHit is a hit with all that is told of it.
type plainHit struct {
	anchor   match.Anchor
	from, to int
	rule     string
	verdict  string
}

func plainHits(hits []hit) []plainHit {
	list := make([]plainHit, len(hits))
	for i := range hits {
		h := &hits[i]
		v := h.verdict
		list[i] = plainHit{h.anchor, h.from(), h.to(), v.rule.ID,
			fmt.Sprint(v.Report, v.Confidence, v.Severity, v.Proof, strings.Join(v.Reasons, "|"))}
	}
	return list
}

func sortedHits(hits []hit) []plainHit {
	list := plainHits(hits)
	slices.SortFunc(list, func(a, b plainHit) int {
		return cmp.Or(compareAnchors(a.anchor, b.anchor), cmp.Compare(a.rule, b.rule), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.verdict, b.verdict))
	})
	return list
}

func compareAnchors(a, b match.Anchor) int {
	return cmp.Or(cmp.Compare(a.Off, b.Off), cmp.Compare(a.Lit, b.Lit))
}

func sortedAnchors(list []place) []place {
	return slices.SortedFunc(slices.Values(list), func(a, b place) int { return compareAnchors(a.anchor(), b.anchor()) })
}

// best is what of the hits is told, without the anchors: hits that say the same
// of the same bytes may stand for each other.
func (p place) anchor() match.Anchor { return match.Anchor{Off: p.off, Lit: p.lit} }

func best(hits []hit) []plainHit {
	list := plainHits(strongest(slices.Clone(hits)))
	for i := range list {
		list[i].anchor = match.Anchor{}
	}
	return list
}

// told is what the collector made of the hits, with the secrets spelled out.
func told(w *worker) []string {
	var list []string
	for _, o := range w.list {
		list = append(list, fmt.Sprintf("%d %d:%d-%d:%d %q %s", o.off, o.line, o.col, o.endLine, o.endCol, w.secrets[o.secret], o.verdict.rule.ID))
	}
	return list
}

// version is one content with what each of the twins knows about it.
type version struct {
	data        []byte
	delta, full *state
}

// tally tells what a run of random cases went through.
type tally struct{ steps, hits, anchors, carriedHits, carriedAnchors, fresh, full int }

// chain makes a content and versions of it, each from one before, and compares
// what the twins find in each.
func (w *twins) chain(t testing.TB, m *maker, depth int, sum *tally) {
	t.Helper()
	root := &version{data: m.content()}
	w.visit(t, root, nil, nil, false, sum)
	line := []*version{root}
	for range depth {
		base := line[len(line)-1]
		if m.oneIn(6) {
			base = pick(m.choices, line)
		}
		r := m.revise(base.data, edges(&w.delta.workers[0].searcher, base.full, len(base.data)))
		next := &version{data: r.data}
		leaf := m.oneIn(6)
		w.visit(t, next, base, r.copies, leaf, sum)
		if leaf {
			continue
		}
		if line = append(line, next); len(line) > 4 {
			w.release(line[0])
			line = line[1:]
		}
	}
	for _, v := range line {
		w.release(v)
	}
}

func (w *twins) release(v *version) {
	w.delta.Release(0, v.delta)
	w.full.Release(0, v.full)
}

// visit shows v to both twins and compares what they find.
func (w *twins) visit(t testing.TB, v, base *version, copies []pack.Copy, leaf bool, sum *tally) {
	t.Helper()
	for _, h := range []historian{w.delta, w.full} {
		k := h.workers[0]
		k.collector, k.searched, k.carried = collector{}, 0, counts{}
	}
	o := &pack.Object{Type: plumbing.BlobObject, Data: v.data, Leaf: leaf}
	var deltaBase, fullBase *state
	if base != nil {
		o.Delta, o.Copies, o.BaseLen = true, copies, len(base.data)
		deltaBase, fullBase = base.delta, base.full
	}
	v.delta, v.full = w.delta.Visit(0, 0, o, deltaBase), w.full.Visit(0, 0, o, fullBase)
	d, f := w.delta.workers[0], w.full.workers[0]
	got, want := v.delta, v.full
	if leaf {
		got, want = d.free[len(d.free)-1], f.free[len(f.free)-1]
	}
	fail := func(what string, got, want any) {
		t.Helper()
		var was []byte
		if base != nil {
			was = base.data
		}
		t.Fatalf("%s differ:\n got %v\nwant %v\nbase %q\ncopies %v\ndata %q", what, got, want, was, copies, v.data)
	}
	if a, b := sortedAnchors(got.anchors), sortedAnchors(want.anchors); !leaf && !slices.Equal(a, b) {
		fail("anchors", a, b)
	}
	if a, b := sortedHits(got.hits), sortedHits(want.hits); !slices.Equal(a, b) {
		fail("hits", a, b)
	}
	if a, b := best(got.hits), best(want.hits); !slices.Equal(a, b) {
		fail("strongest hits", a, b)
	}
	if a, b := told(d), told(f); !slices.Equal(a, b) {
		fail("occurrences", a, b)
	}
	if a, b := got.plain, want.plain; a != b {
		fail("encodings", a, b)
	}
	if !slices.IsSortedFunc(got.anchors, func(a, b place) int { return cmp.Compare(a.off, b.off) }) {
		fail("orders of anchors", got.anchors, want.anchors)
	}
	sum.steps++
	sum.hits += len(want.hits)
	sum.anchors += len(want.anchors)
	sum.carriedHits += int(d.carried.verdicts)
	sum.carriedAnchors += int(d.carried.anchors)
	sum.fresh += int(d.searched)
	sum.full += int(f.searched)
}

// TestDeriveEqualsWhole runs random chains of versions; the same seed gives the
// same cases.
func TestDeriveEqualsWhole(t *testing.T) {
	sequential(t)
	stock, sets := newStock(t), ruleSets(t, 60)
	steps := fixtures.Cases(6_000, 200_000)
	var sum tally
	for seed := uint64(0); sum.steps < steps; seed++ {
		w := sets[int(seed)%len(sets)]
		if seed%4 == 0 {
			w = sets[0]
		}
		m := &maker{newChoices(nil, seed), stock, w.delta.workers[0].prog, w.tiny}
		depth := m.between(1, 8)
		if m.oneIn(20) {
			depth = 50
		}
		w.chain(t, m, depth, &sum)
	}
	t.Logf("%+v", sum)
	// How many verdicts can be carried depends on the rules that the seeds draw.
	if sum.hits < steps || sum.carriedHits < steps/4 || sum.carriedAnchors < steps || sum.fresh*10 > sum.full*9 {
		t.Errorf("the cases try too little: %+v", sum)
	}
}

// FuzzDerive is TestDeriveEqualsWhole with a fuzzer's choices.
func FuzzDerive(f *testing.F) {
	sequential(f)
	stock, sets := newStock(f), ruleSets(f, 30)
	for i := range 40 {
		c := newChoices(nil, uint64(i))
		data := make([]byte, 8*i)
		for j := range data {
			data[j] = byte(c.below(256))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := newChoices(data, 0)
		w := pick(c, sets)
		m := &maker{c, stock, w.delta.workers[0].prog, w.tiny}
		w.chain(t, m, m.between(1, 6), new(tally))
	})
}
