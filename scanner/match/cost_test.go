package match

import (
	"cmp"
	"io/fs"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"keyrake/rules"
)

func TestCosts(t *testing.T) {
	set, err := rules.NewSet([]rules.Rule{
		{ID: "token", Title: "x", Provider: "x", Remedy: "x", Confidence: 1, Keywords: []string{"kkey_"}, Pattern: `kkey_[0-9]{4}`},
		{ID: "value", Title: "x", Provider: "x", Remedy: "x", Confidence: 1, Kind: rules.Assignment, Keywords: []string{"word", "kkey_"}, Pattern: `[0-9]{4}`},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	texts := [][]byte{[]byte("kkey_1234 kkey_x"), nil, []byte("word=1234\nkkey_=1234\nkkey_1234")}
	want := map[string]cost{
		"kkey_": {Anchors: 4, Candidates: 3, Rules: []string{"token", "value"}},
		"word":  {Anchors: 1, Candidates: 1, Rules: []string{"value"}},
	}
	for _, c := range costsOf(p, slices.Values(texts)) {
		w, ok := want[c.Keyword]
		if !ok || c.Anchors != w.Anchors || c.Candidates != w.Candidates || !slices.Equal(c.Rules, w.Rules) || c.Elapsed <= 0 {
			t.Errorf("got %+v, want %+v", c, w)
		}
		delete(want, c.Keyword)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// TestCostsOfFolder prints what the built-in rules cost in the files below
// KEYRAKE_COST_DIR, the dearest 30 keywords first.
func TestCostsOfFolder(t *testing.T) {
	dir := os.Getenv("KEYRAKE_COST_DIR")
	if dir == "" {
		t.Skip("KEYRAKE_COST_DIR names no folder")
	}
	p, err := Compile(rules.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	costs := costsOf(p, func(yield func([]byte) bool) {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			size += len(data)
			if err == nil && !yield(data) {
				return fs.SkipAll
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	var sum cost
	for _, c := range costs {
		sum.Anchors += c.Anchors
		sum.Candidates += c.Candidates
		sum.Elapsed += c.Elapsed
	}
	mb := float64(size) / 1e6
	t.Logf("%.1f MB, %.0f anchors and %.0f µs a MB, %d candidates", mb, float64(sum.Anchors)/mb, float64(sum.Elapsed.Microseconds())/mb, sum.Candidates)
	for _, c := range costs[:min(30, len(costs))] {
		t.Logf("%8v %9d anchors %6d ns each %6d candidates %q %.60v", c.Elapsed.Round(10000), c.Anchors,
			c.Elapsed.Nanoseconds()/int64(c.Anchors), c.Candidates, c.Keyword, c.Rules)
	}
}

// cost is what the anchors of one keyword cost in some texts.
type cost struct {
	Keyword    string
	Rules      []string // the ids of the rules that have it
	Anchors    int
	Candidates int // of all these rules; what the judge drops is among them
	Elapsed    time.Duration
}

// costsOf searches texts and tells what each keyword that stands in them cost,
// the dearest first. It times the anchors of a keyword in one text together, as
// the clock costs more than most of them would one by one, and takes the best
// of a few rounds, so that expressions are compiled and other programs matter
// little.
func costsOf(p *Program, texts iter.Seq[[]byte]) []cost {
	costs := make([]cost, len(p.keywords))
	m := p.NewMatcher()
	var anchors []Anchor
	var cands []Candidate
	for data := range texts {
		anchors = p.Anchors(anchors[:0], data, 0, len(data))
		anchors = slices.DeleteFunc(anchors, p.IsHidden)
		slices.SortStableFunc(anchors, func(a, b Anchor) int { return cmp.Compare(a.Lit, b.Lit) })
		for rest := anchors; len(rest) > 0; {
			c, n := &costs[rest[0].Lit], 1
			for n < len(rest) && rest[n].Lit == rest[0].Lit {
				n++
			}
			best := time.Duration(math.MaxInt64)
			for range 3 {
				cands = cands[:0]
				began := time.Now()
				for _, a := range rest[:n] {
					cands = m.At(cands, data, a)
				}
				best = min(best, time.Since(began))
			}
			c.Elapsed += best
			c.Anchors += n
			c.Candidates += len(cands)
			rest = rest[n:]
		}
	}
	for lit := range costs {
		costs[lit].Keyword = p.keywords[lit]
		for _, o := range p.tokens(uint16(lit)) {
			costs[lit].Rules = append(costs[lit].Rules, p.all[o.Rule].ID)
		}
		for _, i := range p.assigned(uint16(lit)) {
			costs[lit].Rules = append(costs[lit].Rules, p.all[i].ID)
		}
	}
	costs = slices.DeleteFunc(costs, func(c cost) bool { return c.Anchors == 0 })
	slices.SortStableFunc(costs, func(a, b cost) int { return cmp.Compare(b.Elapsed, a.Elapsed) })
	return costs
}
