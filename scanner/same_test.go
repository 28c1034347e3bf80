package scanner

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

// TestSameDigest scans repositories again and again: with one worker and with
// many, with an outcome that was kept and without, in each mode. All reports of
// one mode have one digest. KEYRAKE_TEST_REPOS adds repositories, and KEYRAKE_TEST_LONG
// runs and numbers of workers.
func TestSameDigest(t *testing.T) {
	runs := fixtures.Cases(2, 5) // at each number of workers, without a cache and twice with one
	if testing.Short() {
		runs = 1
	}
	long := runs > 2
	for _, name := range []string{"worker", "versions"} {
		description, err := fixtures.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		b := fixtures.New(dir)
		if err := b.Replay(description); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { sameDigest(t, dir, runs, long) })
		if err := b.Run("git", "gc", "-q"); err != nil {
			t.Fatal(err)
		}
		t.Run(name+" packed", func(t *testing.T) { sameDigest(t, dir, runs, long) })
	}
	for _, dir := range filepath.SplitList(os.Getenv("KEYRAKE_TEST_REPOS")) {
		t.Run(filepath.Base(filepath.Dir(dir)), func(t *testing.T) {
			// A clone of its own may keep an outcome, and shares the objects.
			clone := filepath.Join(t.TempDir(), "clone.git")
			if err := fixtures.New(t.TempDir()).Run("git", "clone", "-q", "--mirror", "--shared", dir, clone); err != nil {
				t.Fatal(err)
			}
			sameDigest(t, clone, 5, true)
		})
	}
}

// sameDigest scans in each mode; the last run holds little in memory, and if not all is
// asked for, with two numbers of workers alone.
func sameDigest(t *testing.T, dir string, runs int, long bool) {
	ctx, env := context.Background(), GitEnv{Path: dir}
	bare := strings.HasSuffix(dir, ".git")
	time.Sleep(100 * time.Millisecond) // so that the outcome is kept
	modes := map[string]func(Options) (*finding.Report, error){
		"history": func(opt Options) (*finding.Report, error) { return History(ctx, opt, env) },
		"publish": func(opt Options) (*finding.Report, error) {
			opt.Publish, opt.Unreachable = &PublishOptions{}, true
			return History(ctx, opt, env)
		},
	}
	if bare {
		delete(modes, "publish")
	} else {
		modes["files"] = func(opt Options) (*finding.Report, error) { return Files(ctx, opt, FilesOptions{Paths: []string{dir}}) }
		modes["range"] = func(opt Options) (*finding.Report, error) {
			return Range(ctx, opt, env, RangeOptions{Include: []string{"HEAD"}})
		}
		modes["staged"] = func(opt Options) (*finding.Report, error) { return Staged(ctx, opt, env) }
	}
	for mode, scan := range modes {
		digests := map[string][]string{}
		n, warm := 0, 0
		for run := range runs {
			list := []int{1, 2, 8, 64}
			little := run == runs-1 && !bare
			if little && runs > 1 && !long || testing.Short() {
				list = []int{1, 8}
			}
			for _, jobs := range list {
				for _, cache := range []*CacheOptions{nil, {Engine: "one"}, {Engine: "one"}} {
					opt := Options{Rules: rules.Builtin(), Jobs: jobs, Cache: cache, MemoryLimit: 64 << 20, MaxFileBytes: maxContent}
					if little {
						opt.MemoryLimit = 1 << 10
					}
					r, err := scan(opt)
					if err != nil {
						t.Fatalf("%s: %v", mode, err)
					}
					stages := r.Stats.Stages
					d := digestOf(t, r)
					digests[d] = append(digests[d], fmt.Sprintf("run %d, %d workers, cache %t", run, jobs, cache != nil))
					n++
					if kept := mode == "history" && !slices.ContainsFunc(stages, func(s finding.Stage) bool { return s.Name == "read and search objects" }); kept {
						warm++
					}
				}
			}
		}
		if len(digests) != 1 {
			t.Errorf("%s has %d reports: %v", mode, len(digests), digests)
		}
		for d := range digests {
			t.Logf("%s: %d scans, %d of them warm, SHA-256 %.16s", mode, n, warm, d)
		}
	}
}

// digestOf is one digest over the report in all formats that hold no time.
func digestOf(t *testing.T, r *finding.Report) string {
	t.Helper()
	sum := sha256.New()
	for _, f := range report.Formats() {
		var b bytes.Buffer
		r.Stats = finding.Stats{}
		if err := f.Write(&b, r, report.Options{ShowSecrets: true, ShowSuppressed: true}); err != nil {
			t.Fatal(err)
		}
		sum.Write(b.Bytes())
	}
	return hex.EncodeToString(sum.Sum(nil))
}
