package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// signalsAt are the calls at which a history scan is signalled: those that read a
// repository, and those that keep what was found out.
var signalsAt = []string{"openat", "read", "newfstatat", "getdents64", "mmap", "mkdirat", "write", "fsync", "fchmod", "close", "renameat", "unlinkat"}

// at runs f with a signal at the Nth call, for all N or, without the variable for
// heavy tests, for some, and hands each outcome to judge.
func (f faulty) at(h *hostileRepo, signal string, judge func(what string, r traced)) (tried int) {
	h.Helper()
	usual := f.trace(h)
	for _, call := range signalsAt {
		n, step := usual.count[call], 1
		if os.Getenv(heavyVariable) == "" {
			step = max(1, (n+1)/2)
		}
		for at := n; at >= 1; at -= step { // the last ones keep what was found out
			tried++
			r := f.trace(h, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=%s:when=%d", call, signal, at))
			judge(fmt.Sprintf("%s %d of %d", call, at, n), r)
		}
	}
	return tried
}

// TestKilledWhileKept kills a scan at calls that read, and at those that write what
// is kept: the next one, which takes what is there, says what it always says.
func TestKilledWhileKept(t *testing.T) {
	straceProgram(t)
	h := hostileBase(t)
	f := faultyCommands[0]
	if f.after == nil {
		t.Fatal("not the scan that keeps something")
	}
	want := runScan(t, h.dir, nil, nil, f.after...)
	died := 0
	tried := f.at(h, "KILL", func(what string, r traced) {
		if r.code < 0 || r.code == 137 {
			died++
		}
		for range 2 {
			if got := runScan(t, h.dir, nil, nil, f.after...); got.code != want.code || got.stdout != want.stdout {
				t.Errorf("killed at %s, the run after it: exit code %d: %s", what, got.code, difference(want.stdout, got.stdout))
			}
		}
	})
	t.Logf("killed %d times of %d", died, tried)
	if died < tried/2 {
		t.Errorf("%d of %d died", died, tried)
	}
}

// TestInterruptedAt presses Ctrl-C at calls: exit code 130 with a report that calls
// itself incomplete, or none; or, if the scan was at its end, what it always says.
func TestInterruptedAt(t *testing.T) {
	straceProgram(t)
	h := hostileBase(t)
	h.chain(50_000) // one processor has to come to see the signal before the end
	all := 0
	for _, f := range faultyCommands[:4] {
		if f.name == "history, kept" && os.Getenv(heavyVariable) == "" {
			continue // it is over at once
		}
		if f.make != nil {
			f.make(h)
		}
		usual := f.trace(h)
		stopped, partial := 0, 0
		tried := f.at(h, "INT", func(what string, r traced) {
			var d document
			data, err := os.ReadFile(h.path("out.json"))
			if err == nil {
				err = json.Unmarshal(data, &d)
			}
			switch {
			case crash.MatchString(r.stdout + r.stderr):
				t.Errorf("%s at %s: crash: %s", f.name, what, clip(r.stderr))
			case r.code == exitInterrupted:
				stopped++
				if err == nil {
					partial++
				}
				if err == nil && d.Complete || err != nil && !os.IsNotExist(err) {
					t.Errorf("%s at %s: complete %v, %v", f.name, what, d.Complete, err)
				}
				if !strings.Contains(r.stderr, "interrupted") {
					t.Errorf("%s at %s: nothing is said: %s", f.name, what, clip(r.stderr))
				}
			case r.code < 0 && (os.IsNotExist(err) || err == nil && d.Complete && len(d.Findings) > 0):
				// before anything listens to signals, or when the report is there
			case r.code != usual.code || f.wants(h, r.ran) != nil:
				t.Errorf("%s at %s: exit code %d, %v: %s", f.name, what, r.code, f.wants(h, r.ran), clip(r.stderr))
			}
		})
		t.Logf("%s: %d signals, exit code 130 %d times, with a report %d times", f.name, tried, stopped, partial)
		all += stopped
	}
	if all == 0 { // a range or what is kept may be over before a signal is seen
		t.Error("never interrupted")
	}
}
