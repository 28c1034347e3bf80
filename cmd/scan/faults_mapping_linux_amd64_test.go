package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestFailingMaps lets the Nth mapping of a file fail, in a repository of several
// packs: no crash, no clean result, and the next run is as usual. The runtime maps
// its own memory with the same call, so that the test itself is the tracer.
func TestFailingMaps(t *testing.T) {
	scanProgram(t)
	tried := 0
	commands := append(slices.Clone(faultyCommands),
		faulty{name: "history, and what no ref reaches", args: []string{"--history", "--unreachable", "--publish", "--no-cache", "--format", "json", "-o", "out.json", "-j", "1"}, wants: soundReport},
		faulty{name: "verify-gone", args: []string{"verify-gone", "list.txt"}, wants: blocked, make: func(h *hostileRepo) { h.write("list.txt", h.secret+"\n") }},
		faulty{name: "literal", args: []string{"literal", "--history"}, wants: func(*hostileRepo, ran) error { return nil }},
		faulty{name: "checklist", args: []string{"checklist"}, wants: blocked},
		faulty{name: "baseline create, history", args: []string{"baseline", "create", "--history", "--baseline", "out.json"}, wants: wholeBaseline,
			fresh: func(h *hostileRepo) { os.RemoveAll(h.path(".git/keyrake")) }}) // what a scan before it kept needs no other pack
	for _, f := range commands {
		t.Run(f.name, func(t *testing.T) { tried += f.failMaps(t) })
	}
	t.Logf("%d failing mappings", tried)
	if tried == 0 {
		t.Error("nothing was mapped")
	}
}

// failMaps lets each mapping of a file that f makes fail once, or some of them.
func (f faulty) failMaps(t *testing.T) (tried int) {
	h := hostileBase(t)
	for i := range 3 {
		h.write(fmt.Sprintf("more%d.txt", i), strings.Repeat(fmt.Sprintln("line", i), 50))
		h.git("", "add", ".")
		h.git("", "commit", "-q", "-m", fmt.Sprint("more ", i))
		h.git("", "repack", "-q", "-d")
	}
	if f.make != nil {
		f.make(h)
	}
	if f.name == "triage" {
		f.args = slices.Clone(f.args)
		f.args[2] = fmt.Sprint(h.scan(".").Findings[0]["fingerprint"])
	}
	if f.outputs != nil {
		f.holdOutputs(h)
	}
	whole := tracer{}
	usual := f.under(h, &whole)
	if err := f.wants(h, usual); err != nil {
		t.Fatalf("with all mappings: exit code %d, %v\n%s", usual.code, err, clip(usual.stderr))
	}
	step := 1
	if os.Getenv(heavyVariable) == "" {
		step = max(1, whole.maps-1) // the first and the last
	}
	for at := 1; at <= whole.maps; at += step {
		tried++
		fault := tracer{fail: at}
		r := f.under(h, &fault)
		what := fmt.Sprintf("mapping %d of %d", at, whole.maps)
		if fault.maps < at {
			t.Errorf("%s was not made", what)
		}
		if crash.MatchString(r.stdout + r.stderr) {
			t.Errorf("%s: crash: %s", what, clip(r.stderr))
		} else if err := f.wants(h, r); err != nil {
			t.Errorf("%s: exit code %d, %v\n%s", what, r.code, err, clip(r.stderr))
		}
		if r.code == exitClean && f.outputs == nil { // outputs are as ever: they depend on another pack
			t.Errorf("%s: exit code 0\n%s%s", what, clip(r.stdout), clip(r.stderr))
		}
		if f.after != nil {
			if again := runScan(t, h.dir, nil, nil, f.after...); again.code != usual.code {
				t.Errorf("%s: the run after it: exit code %d, not %d", what, again.code, usual.code)
			}
		}
	}
	again := f.under(h, &tracer{})
	if again.code != usual.code || f.wants(h, again) != nil {
		t.Errorf("the run after them: exit code %d, not %d: %s", again.code, usual.code, clip(again.stderr))
	}
	t.Logf("%d files mapped", whole.maps)
	return tried
}
