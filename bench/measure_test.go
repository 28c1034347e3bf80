package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func fakeCommand(t *testing.T, kind, script string) command {
	return command{suite: suiteHistory, label: kind + " x", kind: kind, path: fakeTool(t, script), dir: t.TempDir()}
}

func TestMeasureExit(t *testing.T) {
	c := fakeCommand(t, "scan", "echo one repository is broken >&2; exit 3\n")
	s, err := measure(t.Context(), c, limits{timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if s.Exit != 3 || s.TimedOut || s.Wall <= 0 || s.CPU <= 0 || s.MaxRSS <= 0 || s.Stderr != "one repository is broken" {
		t.Errorf("measure = %+v", s)
	}
	c = fakeCommand(t, "scan", "echo found >&2; exit 1\n")
	if s, err := measure(t.Context(), c, limits{timeout: time.Minute}); err != nil || s.Exit != 1 || s.Stderr != "" {
		t.Errorf("measure = %+v, %v; findings are no trouble", s, err)
	}
}

// TestMeasureChildren holds that the CPU of what a tool starts counts.
func TestMeasureChildren(t *testing.T) {
	c := fakeCommand(t, "scan", "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'\n")
	s, err := measure(t.Context(), c, limits{timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if s.CPU < 0.02 {
		t.Errorf("CPU = %v s: the child's share is missing", s.CPU)
	}
}

func TestMeasureTimeout(t *testing.T) {
	c := fakeCommand(t, "scan", "sleep 60 & sleep 60\n")
	start := time.Now()
	s, err := measure(t.Context(), c, limits{timeout: 100 * time.Millisecond, anon: true})
	if err != nil || !s.TimedOut || s.Exit != -1 {
		t.Errorf("measure = %+v, %v", s, err)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("a timeout of 0.1 s took %v", d)
	}
}

func TestMeasureInterrupt(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := measure(ctx, fakeCommand(t, "scan", "sleep 60\n"), limits{timeout: time.Minute}); err == nil {
		t.Error("an interrupted run gave figures")
	}
	c := fakeCommand(t, "scan", "")
	c.path += "-missing"
	if _, err := measure(t.Context(), c, limits{timeout: time.Minute}); err == nil {
		t.Error("a missing program gave figures")
	}
}

func TestAnonIsRead(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	s, err := measure(t.Context(), fakeCommand(t, "scan", "sleep 0.3\n"), limits{timeout: time.Minute, anon: true})
	if err != nil || s.Anon <= 0 || s.Anon > s.MaxRSS {
		t.Errorf("measure = %+v, %v", s, err)
	}
}

func TestStatusBytes(t *testing.T) {
	status := "Name:\tgit\nVmHWM:\t  300 kB\nRssAnon:\t    1024 kB\nRssFile:\t    7 kB\nThreads:\tmany\n"
	for field, want := range map[string]int64{"RssAnon": 1 << 20, "VmHWM": 300 << 10, "Rss": 0, "Threads": 0} {
		if got := statusBytes(status, field); got != want {
			t.Errorf("statusBytes(%s) = %d, want %d", field, got, want)
		}
	}
}

func TestPlainEnv(t *testing.T) {
	got := plainEnv([]string{"HOME=/h", "GIT_DIR=/x", "GITLEAKS_CONFIG=/y", "BETTERLEAKS_CONFIG=/z", "LEGIT=1"})
	if want := []string{"HOME=/h", "LEGIT=1"}; !slices.Equal(got, want) {
		t.Errorf("plainEnv = %v, want %v", got, want)
	}
}

// TestTakeTurns holds the order: one warm-up each, then in rounds.
func TestTakeTurns(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	mark := func(name, rest string) command {
		c := fakeCommand(t, "scan", "echo "+name+" >> '"+log+"'; "+rest+"\n")
		c.label = "scan " + name
		return c
	}
	cmds := []command{mark("A", "exit 1"), mark("B", ""), mark("C", "sleep 0.3"), mark("D", "exit 2")}
	b := &bench{log: io.Discard, opts: &options{runs: 3, timeout: time.Minute, slowAfter: 300 * time.Millisecond, slowRuns: 2}}
	// A and B must not be slow on a loaded machine, too.
	recs, err := b.takeTurns(t.Context(), "repo", cmds)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(strings.Fields(string(out)), ""), "ABCDABCABAB"; got != want {
		t.Errorf("order %s, want %s", got, want)
	}
	for i, want := range []int{3, 3, 2, 1} {
		if got := len(recs[i].Samples); got != want {
			t.Errorf("%s has %d samples, want %d", recs[i].Label, got, want)
		}
	}
}
