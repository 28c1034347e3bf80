package scanner

import (
	"runtime"
	"strings"
	"testing"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/judge"
	"keyrake/scanner/match"
)

// TestManyPlacesMemory: of one secret in very many places, each place is held once as
// an occurrence, once while it is merged, and once as a place of the report.
func TestManyPlacesMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector, which runs with -short, takes memory of its own")
	}
	const places, most = 200_000, 400 // bytes for a place
	line := "x=" + strings.Repeat("s", 20) + "\n"
	text := []byte(strings.Repeat(line, places))
	v := &verdict{rule: &rules.Rule{ID: "x"}, Verdict: judge.Verdict{Report: true}}
	st := &state{plain: true}
	for i := range places {
		st.hits = append(st.hits, hit{match.Anchor{Off: int32(i * len(line))}, 2, int32(len(line)) - 1, v})
	}
	told := 0
	s := &scan{workers: []*worker{{}}, report: &finding.Report{}, opt: Options{Searched: func(n int) { told = n }}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.workers[0].add(0, text, st)
	s.findings(func(o *occurrence) finding.Place { return o.place(finding.File, "x.txt", "") })
	runtime.ReadMemStats(&after)
	if fs := s.report.Findings; len(fs) != 1 || len(fs[0].Places) != places || told != places {
		t.Fatalf("%d findings, %d told", len(fs), told)
	}
	if used := (after.TotalAlloc - before.TotalAlloc) / places; used > most {
		t.Errorf("%d bytes for a place, want %d at most", used, most)
	} else {
		t.Logf("%d bytes for a place", used)
	}
	if w := s.workers[0]; w.list != nil || w.best != nil {
		t.Error("what was merged is still held")
	}
}
