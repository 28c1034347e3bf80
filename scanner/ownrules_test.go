package scanner

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/rules/example"
	"keyrake/scanner/finding"
	"keyrake/scanner/match"
	"keyrake/scanner/report"
)

// ownSet is the built-in rules with some that came with the repository.
func ownSet(t *testing.T) *rules.Set {
	t.Helper()
	list, err := rules.Parse("own.yaml", []byte(`rules:
  - {id: own-token, title: Own, provider: own, remedy: none, severity: high, keywords: [acme_], pattern: 'acme_(?:[a-z]+[0-9])?[a-z0-9]{20,60}', reach: {before: 100, after: 400}}
  - {id: own-name, title: Own, provider: own, remedy: none, kind: assignment, keywords: [vault], name: '^(my|our)_?vault_?[a-z]*$', pattern: '[a-z0-9]{12,40}'}
`))
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].Foreign = true
	}
	set, err := rules.Builtin().With(list)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// ownRepository has many versions of files that own rules find something in, and
// a secret that they are not needed for.
func ownRepository(t *testing.T) (dir, secret string, change func(n int)) {
	t.Helper()
	dir = t.TempDir()
	m := fixtures.New(dir)
	run := func(args ...string) {
		t.Helper()
		if err := m.Run("git", args...); err != nil {
			t.Fatal(err)
		}
	}
	secret = ownSecret(t)
	run("init", "-q")
	change = func(n int) {
		t.Helper()
		var b strings.Builder
		for i := range 40 {
			fmt.Fprintf(&b, "line %d of %d\nour_vault_%c = \"k3%cq9x7m2p%dz\"\nkey = acme_%s%d\n", i, n, 'a'+i%26, 'a'+(n+i)%26, n%7, strings.Repeat("k3q9", 6), n)
		}
		for _, name := range []string{"one.txt", "two.txt"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()+name), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "app.env"), []byte("TOKEN="+secret+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		run("add", ".")
		run("commit", "-q", "-m", fmt.Sprint("change ", n))
	}
	for n := range 12 {
		change(n)
	}
	run("gc", "-q")
	return dir, secret, change
}

// TestOwnRules: what a repository's own rules cost is the same for any number of
// workers. One step less, and they are set aside in all modes, at any number of
// workers in the same words, with all that they found.
func TestOwnRules(t *testing.T) {
	dir, secret, _ := ownRepository(t)
	ctx, env := context.Background(), GitEnv{Path: dir}
	modes := map[string]func(context.Context, Options) (*finding.Report, error){
		"history": func(ctx context.Context, opt Options) (*finding.Report, error) { return scanHistory(ctx, opt, env) },
		"range": func(ctx context.Context, opt Options) (*finding.Report, error) {
			return scanRange(ctx, opt, env, RangeOptions{Include: []string{"HEAD"}})
		},
		"files": func(ctx context.Context, opt Options) (*finding.Report, error) {
			return scanFiles(ctx, opt, FilesOptions{Paths: []string{dir}})
		},
	}
	workers := []int{1, 2, 8, 64}
	if testing.Short() {
		workers = []int{1, 8}
	}
	for mode, scan := range modes {
		cost := int64(0)
		for _, jobs := range append(workers, 8) {
			warm := false
			allowance := match.NewAllowance(1<<60, func() {})
			opt := Options{Rules: ownSet(t), Jobs: jobs, own: ownRules{allowance: allowance, warm: &warm}}
			if _, err := scan(ctx, opt); err != nil {
				t.Fatal(err)
			}
			if got := allowance.Spent(); cost == 0 {
				cost = got
			} else if got != cost {
				t.Errorf("%s with %d workers: %d steps, not %d", mode, jobs, got, cost)
			}
		}
		if cost == 0 {
			t.Fatalf("%s: the rules cost nothing", mode)
		}
		want := map[int64]string{}
		for _, jobs := range workers {
			for _, steps := range []int64{cost, cost - 1, cost / 3, 1} {
				opt := Options{Rules: ownSet(t), Jobs: jobs, ownSteps: steps}
				r, err := opt.allow(ctx, scan)
				if err != nil {
					t.Fatal(err)
				}
				what := fmt.Sprintf("%s, %d workers, %d of %d steps", mode, jobs, steps, cost)
				held := steps == cost
				if got := finds(r, "own-"); got != held {
					t.Errorf("%s: the own rules find something: %v", what, got)
				}
				if r.Coverage.Complete() != held {
					t.Errorf("%s: complete: %v, %v", what, r.Coverage.Complete(), r.Coverage.Gaps)
				}
				text := jsonOf(t, r)
				if !strings.Contains(text, secret) {
					t.Errorf("%s: what other rules find is lost", what)
				}
				if !held {
					steps = 0 // all of these say the same
				}
				if want[steps] == "" {
					want[steps] = text
				} else if text != want[steps] {
					t.Errorf("%s: another report", what)
				}
			}
		}
		if text := want[0]; !strings.Contains(text, "own-name, own-token") {
			t.Errorf("%s: the gap does not name the rules: %s", mode, text)
		}
	}
}

// TestOwnRulesInFull: a search of each version in full sets the repository's own rules
// aside if one of what changed does, and only then, although they cost more in it.
func TestOwnRulesInFull(t *testing.T) {
	sequential(t)
	var secret string
	var env GitEnv
	ctx, cost := context.Background(), map[bool]int64{}
	// What git stores as changes is its own choice: once, under load, it was nothing.
	for try := 0; cost[true] <= cost[false]; try++ {
		if try == 5 {
			t.Fatalf("%d steps in full, %d else: the test shows nothing", cost[true], cost[false])
		}
		env.Path, secret, _ = ownRepository(t)
		for _, full := range []bool{false, true} {
			warm := false
			allowance := match.NewAllowance(1<<60, func() {})
			if _, err := scanHistory(ctx, Options{Rules: ownSet(t), FullScan: full, own: ownRules{allowance: allowance, warm: &warm}}, env); err != nil {
				t.Fatal(err)
			}
			cost[full] = allowance.Spent()
		}
	}
	for _, c := range []struct {
		steps int64
		held  bool // own rules count
		note  bool // contents were not searched in full
	}{{cost[true], true, false}, {cost[true] - 1, true, true}, {cost[false], true, true}, {cost[false] - 1, false, false}} {
		for _, jobs := range []int{1, 8} {
			var text [2]string
			for i, full := range []bool{false, true} {
				r, err := History(ctx, Options{Rules: ownSet(t), Jobs: jobs, FullScan: full, ownSteps: c.steps}, env)
				if err != nil {
					t.Fatal(err)
				}
				if finds(r, "own-") != c.held || r.Coverage.Complete() != c.held {
					t.Errorf("%d steps, in full %v: own rules found something %v, complete %v", c.steps, full, finds(r, "own-"), r.Coverage.Complete())
				}
				notes := r.Coverage.Notes[:0]
				for _, n := range r.Coverage.Notes {
					if !strings.Contains(n, "every version in full") {
						notes = append(notes, n)
					}
				}
				if len(notes) < len(r.Coverage.Notes) != (c.note && full) {
					t.Errorf("%d steps, in full %v: notes %v", c.steps, full, r.Coverage.Notes)
				}
				r.Coverage.Notes = notes
				text[i] = jsonOf(t, r)
			}
			if text[0] != text[1] || !strings.Contains(text[0], secret) {
				t.Errorf("%d steps, %d workers: in full another report: %s\nnot %s", c.steps, jobs, text[1], text[0])
			}
		}
	}
}

// TestOwnRulesKept: with what an earlier scan knows, the same is set aside as
// without it, while the history grows until it is too much.
func TestOwnRulesKept(t *testing.T) {
	sequential(t)
	dir, _, change := ownRepository(t)
	ctx, env := context.Background(), GitEnv{Path: dir}
	warm := false
	allowance := match.NewAllowance(1<<60, func() {})
	if _, err := scanHistory(ctx, Options{Rules: ownSet(t), own: ownRules{allowance: allowance, warm: &warm}}, env); err != nil {
		t.Fatal(err)
	}
	most := allowance.Spent() * 8 / 5
	aside, known := 0, 0
	for n := range 10 {
		time.Sleep(70 * time.Millisecond)
		opt := Options{Rules: ownSet(t), Jobs: 2, ownSteps: most}
		cold, err := History(ctx, opt, env)
		if err != nil {
			t.Fatal(err)
		}
		opt.Cache = &CacheOptions{Engine: "test"}
		for range 2 {
			kept, err := History(ctx, opt, env)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := jsonOf(t, cold), jsonOf(t, kept); a != b {
				t.Fatalf("after %d changes a scan that knows something says another thing: %s\nnot %s", n, b, a)
			}
			known += kept.Stats.Known
		}
		if !cold.Coverage.Complete() {
			aside++
		}
		change(100 + n)
	}
	if aside == 0 || aside == 10 || known == 0 {
		t.Errorf("set aside in %d of 10, %d objects known: the test shows nothing", aside, known)
	}
}

// TestOwnRulesAlone: a scan without any other rule is not clean.
func TestOwnRulesAlone(t *testing.T) {
	dir, _, _ := ownRepository(t)
	set, err := ownSet(t).Only(func(r *rules.Rule) bool { return r.Foreign })
	if err != nil {
		t.Fatal(err)
	}
	if r, err := History(context.Background(), Options{Rules: set, ownSteps: 1}, GitEnv{Path: dir}); err == nil {
		t.Errorf("no error, and %d gaps", len(r.Coverage.Gaps))
	}
}

// TestOwnRulesOfStream: a stream is read once, however often it is searched.
func TestOwnRulesOfStream(t *testing.T) {
	text := "TOKEN=" + ownSecret(t) + "\n" + strings.Repeat("acme_1\n", 100)
	r, err := Stream(context.Background(), Options{Rules: ownSet(t), ownSteps: 1}, "stdin", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 1 || r.Coverage.Complete() {
		t.Errorf("%d findings, gaps %v", len(r.Findings), r.Coverage.Gaps)
	}
}

func finds(r *finding.Report, prefix string) bool {
	for i := range r.Findings {
		if strings.HasPrefix(r.Findings[i].Rule.ID, prefix) {
			return true
		}
	}
	return false
}

func jsonOf(t *testing.T, r *finding.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, r, report.Options{ShowSecrets: true}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func ownSecret(t *testing.T) string {
	t.Helper()
	text, err := example.Expand(`{{cf "cfut"}}`, "own")
	if err != nil {
		t.Fatal(err)
	}
	return text
}
