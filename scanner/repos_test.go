package scanner

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/store"
)

// TestRealRepositories compares both ways of searching on whole histories:
// KEYRAKE_TEST_REPOS names them, bare repositories separated by colons.
func TestRealRepositories(t *testing.T) {
	list := os.Getenv("KEYRAKE_TEST_REPOS")
	if list == "" {
		t.Skip("KEYRAKE_TEST_REPOS names no repositories")
	}
	for _, path := range filepath.SplitList(list) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			compareOccurrences(t, path)
			compareReports(t, path)
		})
	}
}

// spotted is an occurrence as it is before findings are merged and objects that
// no ref reaches are set aside.
type spotted struct {
	object, rule, verdict, secret string
	off, line, col, endLine       int32
	endCol                        int32
}

// occurrences searches every object of a repository. It keeps what the judge
// doubts too, so that there is more to compare.
func occurrences(t *testing.T, path string, full bool) (map[spotted]int, *scan, *history.Result) {
	t.Helper()
	r, err := GitEnv{Path: path}.open()
	if err != nil {
		t.Fatal(err)
	}
	s, err := newScan(Options{Rules: rules.Builtin(), Jobs: 2, MemoryLimit: 256 << 20, FullScan: full, MinConfidence: 0.02}, "history")
	if err != nil {
		t.Fatal(err)
	}
	objects := store.Open(r.ObjectDirs)
	defer objects.Close()
	objects.List()
	res, err := history.Walk(context.Background(), history.Options{
		Store: objects, Tips: s.tips(r), Shallow: r.Shallow, Jobs: s.opt.Jobs, Memory: s.opt.MemoryLimit, MaxObject: s.opt.MaxFileBytes,
	}, historian{s, objects, nil})
	if err != nil {
		t.Fatal(err)
	}
	all := map[spotted]int{}
	for _, w := range s.workers {
		for i := range w.list {
			o := &w.list[i]
			v := o.verdict
			all[spotted{
				objects.Name(int(o.where)).String(), v.rule.ID, fmt.Sprint(v.Confidence, v.Severity, v.Proof, v.Reasons),
				w.secrets[o.secret], o.off, o.line, o.col, o.endLine, o.endCol,
			}]++
		}
	}
	return all, s, res
}

func compareOccurrences(t *testing.T, path string) {
	t.Helper()
	began := time.Now()
	delta, ds, res := occurrences(t, path, false)
	middle := time.Now()
	full, fs, _ := occurrences(t, path, true)
	ended := time.Now()
	differ := 0
	for _, k := range slices.SortedFunc(maps.Keys(full), compareSpotted) {
		if delta[k] != full[k] {
			differ++
			t.Errorf("%s: rule %s at %d: %d times by what changed, %d times in full", k.object, k.rule, k.off, delta[k], full[k])
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(delta), compareSpotted) {
		if full[k] == 0 {
			differ++
			t.Errorf("%s: rule %s at %d: only by what changed", k.object, k.rule, k.off)
		}
	}
	searched := func(s *scan) (n int64) {
		for _, w := range s.workers {
			n += w.searched
		}
		return n
	}
	t.Logf("%d blobs, %d commits, %d tags, %d unreachable objects; %d occurrences, %d differences; %d MB decoded, %d MB searched by what changed, %d MB in full; %v and %v",
		res.Blobs.Read, res.Commits.Read, res.Tags.Read, res.Unreachable, total(full), differ, res.Decoded>>20, searched(ds)>>20, searched(fs)>>20,
		middle.Sub(began).Round(time.Millisecond), ended.Sub(middle).Round(time.Millisecond))
}

func compareSpotted(a, b spotted) int {
	return cmp.Or(cmp.Compare(a.object, b.object), cmp.Compare(a.off, b.off), cmp.Compare(a.rule, b.rule))
}

func total(m map[spotted]int) (n int) {
	for _, k := range m {
		n += k
	}
	return n
}

// compareReports compares what a user gets, at several numbers of workers too.
func compareReports(t *testing.T, path string) {
	t.Helper()
	var want string
	for i, opt := range []Options{
		{Jobs: 2, FullScan: true, MemoryLimit: 256 << 20, MaxFileBytes: maxContent},
		{Jobs: 1, MemoryLimit: 256 << 20, MaxFileBytes: maxContent},
		{Jobs: 3, MemoryLimit: 1 << 20, MaxFileBytes: maxContent},
	} {
		opt.Rules = rules.Builtin()
		report, err := History(context.Background(), opt, GitEnv{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		got := wholeReport(report)
		if i == 0 {
			want = got
			t.Logf("%d findings, %d gaps", len(report.Findings), len(report.Coverage.Gaps))
		} else if got != want {
			t.Errorf("%d workers, full scan %v: another report:\n%s", opt.Jobs, opt.FullScan, firstDifference(got, want))
		}
	}
}

func wholeReport(r *finding.Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintln(&b, f.Rule.ID, f.Fingerprint, f.Secret.Reveal(), f.Severity, f.Confidence, f.Proof, f.Reasons, f.InHead, f.Unreachable)
		for _, p := range f.Places {
			commit := ""
			if p.Commit != nil {
				commit = fmt.Sprint(*p.Commit)
			}
			p.Commit = nil
			fmt.Fprintln(&b, "  ", p, commit)
		}
	}
	fmt.Fprintf(&b, "%+v\n", r.Coverage)
	return b.String()
}

// firstDifference tells where texts part, without the line itself, which may
// hold a secret.
func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			rule, _, _ := strings.Cut(strings.TrimSpace(a[i]), " ")
			return fmt.Sprintf("line %d of %d and %d differs (%s)", i+1, len(a), len(b), rule)
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}
