package scanner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyrake/rules"
)

// TestExplainAgrees holds that what explain calls a finding is what a scan
// finds, for the first example and the first negative of every rule.
func TestExplainAgrees(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	lines := 0
	for i := range e.list {
		r := &e.list[i]
		for _, template := range []string{r.Examples[0], r.Negatives[0]} {
			text := expand(t, template, r.ID)
			found := map[string]bool{}
			for _, h := range strongest(e.hits(text)) {
				found[h.verdict.rule.ID] = true
			}
			told := map[string]bool{}
			for line := range strings.Count(text, "\n") + 1 {
				for _, trial := range e.explain([]byte(text), line+1) {
					if trial.Reported && trial.Outdone == nil {
						told[trial.Rule.ID] = true
					}
				}
				lines++
			}
			for id := range found {
				if !told[id] {
					t.Errorf("%s: a scan finds %s in an example, explain does not", r.ID, id)
				}
			}
			for id := range told {
				if !found[id] {
					t.Errorf("%s: explain finds %s in an example, a scan does not", r.ID, id)
				}
			}
		}
	}
	if lines < 2*len(e.list) {
		t.Errorf("only %d lines were explained", lines)
	}
}

func TestCensus(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte(strings.Repeat("AcmeTok_ ", 2)+strings.Repeat("-", 982)), 0o600); err != nil {
		t.Fatal(err)
	}
	list := exampleRules(t)[:1]
	list[0].Keywords, list[0].Pattern, list[0].Name, list[0].Near = []string{"acmetok_", "other_key"}, "acmetok_x|other_keyx", "", nil
	list[0].Kind, list[0].Secret, list[0].Before, list[0].After = 0, 0, 0, 0
	set := mustSet(t, list)
	c, err := CountKeywords(t.Context(), set, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.PerMegabyte("acmetok_"); got != 2000 {
		t.Errorf("acmetok_ stands %v times in a megabyte, want 2000", got)
	}
	if got := c.PerMegabyte("other_key"); got != 0 {
		t.Errorf("other_key stands %v times in a megabyte", got)
	}
	if _, err := CountKeywords(t.Context(), set, t.TempDir()); err == nil {
		t.Error("an empty directory is counted")
	}
}

func mustSet(t *testing.T, list []rules.Rule) *rules.Set {
	t.Helper()
	set, err := rules.NewSet(list)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
