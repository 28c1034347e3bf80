package scanner

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

// scanned is a history's report as JSON, with secrets, and whether it was kept.
func scanned(t *testing.T, dir string, opt Options) (text string, warm bool) {
	t.Helper()
	opt.Rules = rules.Builtin()
	r, err := History(context.Background(), opt, GitEnv{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.JSON(&b, r, report.Options{ShowSecrets: true}); err != nil {
		t.Fatal(err)
	}
	return b.String(), !slices.ContainsFunc(r.Stats.Stages, func(s finding.Stage) bool { return s.Name == "read and search objects" })
}

// TestWarmIsCold changes repositories at random, and scans them with what was
// kept and without.
func TestWarmIsCold(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("nothing is kept on this system")
	}
	seeds := 6
	if testing.Short() {
		seeds = 2
	}
	var mu sync.Mutex
	hits, scans := 0, 0
	t.Run("seeds", func(t *testing.T) {
		for seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(uint64(seed), 11))
				m := &mutator{t, fixtures.New(t.TempDir()), rng, 0}
				m.git("init", "-q")
				m.commit()
				for range 14 {
					what := m.mutate()
					if rng.IntN(3) > 0 {
						time.Sleep(70 * time.Millisecond) // else files are too young for a seal to be known
					}
					opt := Options{Unreachable: rng.IntN(4) == 0}
					if rng.IntN(4) == 0 {
						opt.Publish = &PublishOptions{}
					}
					opt.Jobs = 1
					want, _ := scanned(t, m.Dir, opt)
					opt.Cache = &CacheOptions{Engine: "test"}
					for i, jobs := range []int{1, 8, 1} {
						opt.Jobs = jobs
						got, warm := scanned(t, m.Dir, opt)
						if got != want {
							t.Fatalf("after %s, scan %d with %d workers (kept: %t):\n%s\nwant\n%s", what, i, jobs, warm, got, want)
						}
						mu.Lock()
						scans++
						if warm {
							hits++
						}
						mu.Unlock()
					}
				}
			})
		}
	})
	t.Logf("%d of %d scans were warm", hits, scans)
	if hits < scans/4 || hits > scans*3/4 {
		t.Errorf("%d of %d scans were warm", hits, scans)
	}
}

// mutate changes the repository, or what was kept of it.
func (m *mutator) mutate() string {
	damage := func(path string) {
		info, err := os.Stat(path)
		if err != nil || info.Size() == 0 {
			return
		}
		m.run("flip", path, fmt.Sprint(m.rng.Int64N(info.Size())))
	}
	n := m.rng.IntN(14)
	if n < ordinary {
		return m.ordinary(n, m.commit)
	}
	switch n - ordinary {
	case 0:
		for _, p := range m.files("objects/pack/*.pack") {
			damage(p)
		}
		return "damage of packs"
	case 1:
		for _, p := range m.files("keyrake/history") {
			damage(p)
			os.Chmod(p, 0o600)
		}
		return "damage of what was kept"
	case 2:
		os.RemoveAll(filepath.Join(m.Dir, ".git", "keyrake"))
		return "nothing kept"
	case 3:
		m.git("fetch", "-q", ".", "main")
		return "fetch"
	case 4, 5:
		return "nothing"
	}
	m.commit()
	return "a commit"
}

// TestKeptAtOnce lets several scans keep one outcome at one time.
func TestKeptAtOnce(t *testing.T) {
	b := fixtures.New(t.TempDir())
	m := &mutator{t, b, rand.New(rand.NewPCG(1, 1)), 0}
	m.git("init", "-q")
	for range 5 {
		m.commit()
	}
	time.Sleep(70 * time.Millisecond)
	want, _ := scanned(t, b.Dir, Options{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 4 {
				if got, _ := scanned(t, b.Dir, Options{Cache: &CacheOptions{Engine: "test"}}); got != want {
					t.Error("another report")
				}
			}
		})
	}
	wg.Wait()
}

// TestNowhereToKeep: where nothing can be kept, a scan is as without.
func TestNowhereToKeep(t *testing.T) {
	b := fixtures.New(t.TempDir())
	m := &mutator{t, b, rand.New(rand.NewPCG(1, 1)), 0}
	m.git("init", "-q")
	m.commit()
	time.Sleep(70 * time.Millisecond)
	if err := os.WriteFile(filepath.Join(b.Dir, ".git", "keyrake"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want, _ := scanned(t, b.Dir, Options{})
	for range 2 {
		if got, warm := scanned(t, b.Dir, Options{Cache: &CacheOptions{Engine: "test"}}); got != want || warm {
			t.Errorf("kept: %t, the same report: %t", warm, got == want)
		}
	}
}

// TestNoSecretKept: what is kept holds no secret and no length of one, and
// nothing is kept where a path is named for a secret.
func TestNoSecretKept(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("nothing is kept on this system")
	}
	b := fixtures.New(t.TempDir())
	m := &mutator{t, b, rand.New(rand.NewPCG(1, 1)), 0}
	m.git("init", "-q")
	token := m.token()
	m.run("write", "a.txt", "TOKEN="+token)
	m.run("commit", "one")
	time.Sleep(70 * time.Millisecond)
	file := filepath.Join(b.Dir, ".git", "keyrake", "history")
	text, _ := scanned(t, b.Dir, Options{Cache: &CacheOptions{Engine: "test"}})
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, token) {
		t.Fatal("the secret was not found")
	}
	for i := range len(token) - 8 {
		if bytes.Contains(data, []byte(token[i:i+8])) {
			t.Errorf("what is kept holds a part of the secret")
			break
		}
	}
	os.RemoveAll(filepath.Dir(file))
	m.run("write", "named-"+token+".txt", "text")
	m.run("write", "named-"+token+"/a.txt", "TOKEN="+token)
	m.run("commit", "two")
	time.Sleep(70 * time.Millisecond)
	scanned(t, b.Dir, Options{Cache: &CacheOptions{Engine: "test"}})
	if _, err := os.Stat(file); err == nil {
		t.Error("a path that holds a secret was kept")
	}
}

// TestEveryFieldIsSettled holds that whoever adds a field to what a report is
// made of says what it means for what is kept.
func TestEveryFieldIsSettled(t *testing.T) {
	settled := map[reflect.Type][]string{
		reflect.TypeFor[Options](): { // see words
			"Rules", "Jobs", "MemoryLimit", "FullScan", "Prove", "MaxFileBytes", "Unreachable", "Publish", "Cache", "MinConfidence", "ArchiveDepth", "Progress", "Searched", "Known", "Severities", "FileRules", "own", "ownSteps", "full", "places",
		},
		reflect.TypeFor[finding.Finding](): { // see kept and group.finding
			"Rule", "Secret", "Severity", "Confidence", "Proof", "Reasons", "Fingerprint", "Places", "InHead", "Unreachable", "Exposure", "Fate",
			"Ties", // made anew from what is read again
		},
		reflect.TypeFor[finding.Report](): {"Findings", "Suppressed", "Coverage", "Publish", "Named", "Stats"},
		reflect.TypeFor[PublishOptions](): {"Remote"},
	}
	for typ, names := range settled {
		for i := range typ.NumField() {
			if name := typ.Field(i).Name; !slices.Contains(names, name) {
				t.Errorf("%s.%s: say in cache.go what it means for what is kept, and then here", typ, name)
			}
		}
	}
	for _, opt := range []Options{{}, {Cache: &CacheOptions{}}, {Cache: &CacheOptions{Engine: "x"}, FullScan: true}} {
		opt.Rules = rules.Builtin()
		if _, _, ok := opt.words(); ok {
			t.Errorf("%+v may be kept", opt)
		}
	}
}
