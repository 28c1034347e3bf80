package scanner

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

// TestRangeIsHistory: the range of all that a repository's refs reach finds what
// a history scan finds, place for place, and counts what it counts; and a range
// gives the same report at any number of workers.
func TestRangeIsHistory(t *testing.T) {
	found := 0
	for seed := range 4 {
		m := &mutator{t, fixtures.New(t.TempDir()), rand.New(rand.NewPCG(uint64(seed), 21)), 0}
		m.git("init", "-q")
		m.commit()
		for range 12 {
			if m.rng.IntN(3) == 0 {
				m.mutateSoundly()
			} else {
				m.commit()
			}
		}
		// What follows reaches all that a history scan starts from.
		rg := RangeOptions{Include: []string{"HEAD"}}
		r, err := GitEnv{Path: m.Dir}.open()
		if err != nil {
			t.Fatal(err)
		}
		refs, _ := r.Refs()
		for i := range refs {
			if isTip(&refs[i]) {
				rg.Include = append(rg.Include, refs[i].Target.String())
			}
		}
		opt := Options{Rules: rules.Builtin(), Jobs: 2}
		whole, err := History(context.Background(), opt, GitEnv{Path: m.Dir})
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, jobs := range []int{1, 8} {
			opt.Jobs, opt.MemoryLimit = jobs, int64(1<<24/jobs)
			part, err := Range(context.Background(), opt, GitEnv{Path: m.Dir}, rg)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := bare(part.Findings), bare(whole.Findings); !slices.Equal(got, want) {
				t.Errorf("seed %d: a range of all finds\n%q\na history\n%q", seed, got, want)
			}
			c, w := part.Coverage, whole.Coverage
			if c.Commits != w.Commits || c.Trees != w.Trees || c.Blobs != w.Blobs || c.Tags != w.Tags || !c.Complete() {
				t.Errorf("seed %d: a range counts %+v, a history %+v", seed, c, w)
			}
			var b bytes.Buffer
			if err := report.JSON(&b, part, report.Options{ShowSecrets: true}); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, b.String())
			found += len(part.Findings)
		}
		if texts[0] != texts[1] {
			t.Errorf("seed %d: 1 and 8 workers give two reports", seed)
		}
	}
	if found < 20 {
		t.Errorf("only %d findings", found)
	}
}

// bare tells findings without what only a history knows of them.
func bare(list []finding.Finding) (texts []string) {
	for _, f := range list {
		text := fmt.Sprintln(f.Rule.ID, f.Fingerprint, f.Secret.Reveal(), f.Severity, f.Confidence, f.Proof, f.Reasons, f.InHead)
		for _, p := range f.Places {
			commit := ""
			if p.Commit != nil {
				commit = p.Commit.ID
			}
			text += fmt.Sprintln(p.Kind, p.Path, p.Object, p.Offset, p.Line, p.Column, p.EndLine, p.EndColumn, commit, p.InHead)
		}
		texts = append(texts, text)
	}
	return texts
}

// mutateSoundly changes the repository and damages nothing.
func (m *mutator) mutateSoundly() {
	m.n++
	switch m.rng.IntN(5) {
	case 0:
		m.git("gc", "-q")
	case 1:
		m.git("checkout", "-q", "-b", fmt.Sprint("b", m.n))
	case 2:
		m.git("checkout", "-q", "main")
	case 3:
		m.git("tag", "-a", "-m", "tagged "+m.token(), fmt.Sprint("t", m.n))
	case 4:
		m.run("append", "a.txt", "TOKEN="+m.token())
		m.git("stash", "push", "-q")
	}
}

// TestRangeOfZeros: the name of zeros, as hooks have it, is nothing on both sides.
func TestRangeOfZeros(t *testing.T) {
	m := &mutator{t, fixtures.New(t.TempDir()), rand.New(rand.NewPCG(1, 22)), 0}
	m.git("init", "-q")
	m.commit()
	zeros := fmt.Sprintf("%040d", 0)
	for _, test := range []struct {
		rg      RangeOptions
		commits int
	}{
		{RangeOptions{}, 1},
		{RangeOptions{Include: []string{zeros}}, 0},
		{RangeOptions{Include: []string{zeros, zeros + ".." + zeros}}, 0},
		{RangeOptions{Include: []string{"HEAD"}, Exclude: []string{zeros}}, 1},
		{RangeOptions{Include: []string{zeros + "..HEAD"}}, 1},
		{RangeOptions{Include: []string{"HEAD.." + zeros}}, 0},
		{RangeOptions{Include: []string{"HEAD..." + zeros}}, 1},
		{RangeOptions{Include: []string{"HEAD"}, Exclude: []string{"HEAD"}}, 0},
		{RangeOptions{Include: []string{"^HEAD", "HEAD"}}, 0},
	} {
		r, err := Range(context.Background(), Options{Rules: rules.Builtin()}, GitEnv{Path: m.Dir}, test.rg)
		if err != nil || r.Coverage.Commits.Read != test.commits || !r.Coverage.Complete() || (r.Coverage.Nothing == "") != (test.commits > 0) {
			t.Errorf("%+v: %v, %+v", test.rg, err, r.Coverage)
		}
	}
}
