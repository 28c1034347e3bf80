package match

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

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
	want := map[string]Cost{
		"kkey_": {Anchors: 4, Candidates: 3, Rules: []string{"token", "value"}},
		"word":  {Anchors: 1, Candidates: 1, Rules: []string{"value"}},
	}
	for _, c := range p.Costs(slices.Values(texts)) {
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
	costs := p.Costs(func(yield func([]byte) bool) {
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
	var sum Cost
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
