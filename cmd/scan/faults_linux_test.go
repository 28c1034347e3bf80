package main

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"keyrake/fixtures"
	"keyrake/scanner/report"
)

// faulty is one command that has to stand failing system calls.
type faulty struct {
	name  string
	args  []string
	make  func(h *hostileRepo) // once
	fresh func(h *hostileRepo) // before each run
	wants func(h *hostileRepo, r ran) error
	plain bool     // the files that it reads have no checksum, so that one which ends early is a shorter file
	after []string // a run after each, which has to give what it always gives
	// outputs are files that it makes or changes: each has to be as it was, or as
	// it always comes to be. Then the command is killed too, at each call, and
	// what was left must not hinder the next run.
	outputs []string
	gaps    bool // what cannot be read makes another output
	rare    bool // few calls fail, unless all do
}

var faultyCommands = []faulty{
	{name: "history", args: []string{"--history", "--format", "json", "-o", "out.json", "-j", "1"}, wants: soundReport,
		after: []string{"--history", "--format", "json", "-j", "1"}}, // takes what the other kept
	{name: "history, kept", args: []string{"--history", "--format", "json", "-o", "out.json", "-j", "1"}, wants: soundReport, make: keepOutcome},
	{name: "range", args: []string{"--range", "HEAD", "--format", "json", "-o", "out.json", "-j", "1"}, wants: soundReport},
	{name: "staged", args: []string{"--staged", "--format", "json", "-o", "out.json", "-j", "1"}, wants: soundReport, make: func(h *hostileRepo) {
		h.write("new.txt", "TOKEN="+h.secret)
		h.git("", "add", "new.txt")
	}},
	{name: "files", plain: true, args: []string{"good.txt", "--format", "json", "-o", "out.json", "-j", "1"}, wants: soundReport},
	{name: "two reports", plain: true, args: []string{"good.txt", "--report", "html=out.html", "--report", "json=out.json", "-j", "1"}, wants: soundReport},
	{name: "stdin", plain: true, args: []string{"--stdin", "--format", "json", "-o", "out.json"}, wants: soundReport},
	{name: "baseline create", plain: true, args: []string{"baseline", "create", "--baseline", "out.json"}, wants: wholeBaseline},
	{name: "baseline update", plain: true, args: []string{"baseline", "update", "--baseline", "old.base"}, wants: keptBaseline, make: func(h *hostileRepo) {
		h.write("second.txt", h.secretText("second"))
	}, fresh: func(h *hostileRepo) {
		os.Rename(h.path("second.txt"), h.path(".git/second"))
		os.Remove(h.path("old.base"))
		if r := runScan(h, h.dir, nil, nil, "baseline", "create", "--baseline", "old.base"); r.code != exitClean {
			h.Fatalf("baseline create: %d %s", r.code, r.stderr)
		}
		os.Rename(h.path(".git/second"), h.path("second.txt"))
	}},
	{name: "triage", plain: true, args: []string{"triage", "--accept", "", "--reason", "known", "good.txt"}, wants: keptIgnore, fresh: func(h *hostileRepo) {
		h.write(".scanignore", oldIgnore)
	}},
	{name: "plan", args: []string{"plan", "--filter-repo", "../list.txt"}, wants: wholeList, fresh: func(h *hostileRepo) {
		os.RemoveAll(h.path(".git/keyrake")) // else the first run alone makes all calls
		os.Remove(h.path("../list.txt"))
	}},
	{name: "init", plain: true, rare: true, gaps: true, args: []string{"init", "--yes", "--skip", "ci", "app"}, fresh: (*hostileRepo).freshProject,
		outputs: []string{"app/wrangler.toml", "app/.gitignore", ".gitignore", ".git/hooks/pre-commit", ".git/hooks/pre-push"}},
	{name: "import", plain: true, rare: true, args: []string{"import", "gitleaks", "-o", "out"}, fresh: (*hostileRepo).freshGitleaks,
		outputs: []string{"out/.scan.yaml", "out/scan-rules.yaml", "out/.scanignore"}},
	{name: "hook install, alone", plain: true, rare: true, args: []string{"hook", "install"}, fresh: func(h *hostileRepo) { os.RemoveAll(h.path(".git/hooks")) },
		outputs: []string{".git/hooks/pre-commit", ".git/hooks/pre-push"}},
	{name: "hook install, beside another", plain: true, rare: true, args: []string{"hook", "install", "pre-commit"}, fresh: (*hostileRepo).freshHook,
		outputs: []string{".git/hooks/pre-commit"}},
	{name: "hook install", plain: true, args: []string{"hook", "install", "pre-commit"}, wants: wholeHook, fresh: (*hostileRepo).freshHook},
	{name: "hook uninstall", plain: true, args: []string{"hook", "uninstall", "pre-commit"}, wants: someHook, fresh: func(h *hostileRepo) {
		h.freshHook()
		if r := runScan(h, h.dir, nil, nil, "hook", "install", "pre-commit"); r.code != exitClean {
			h.Fatalf("hook install: %d %s", r.code, r.stderr)
		}
	}},
	{name: "hook run", args: []string{"hook", "run", "pre-commit"}, wants: blocked, make: func(h *hostileRepo) {
		h.write("new.txt", "TOKEN="+h.secret)
		h.git("", "add", "new.txt")
	}},
}

// keepOutcome scans the history once its files are old enough to be kept.
func keepOutcome(h *hostileRepo) {
	time.Sleep(100 * time.Millisecond)
	runScan(h, h.dir, nil, nil, "--history")
	if _, err := os.Stat(h.path(".git/keyrake/history")); err != nil {
		h.Fatal(err)
	}
}

// injections are the ways in which a call fails; "retval=0" is the end of a file
// before its end.
var injections = []struct {
	inject string
	calls  []string
	whole  bool // the outcome is the usual one, or an error
}{
	{inject: "error=EIO", calls: []string{"openat", "read", "pread64", "write", "renameat", "rename", "fsync", "newfstatat", "fstat", "getdents64", "close", "unlinkat", "mkdirat", "fchmodat", "readlinkat"}},
	{inject: "error=ENOSPC", calls: []string{"write", "fsync", "openat", "renameat", "mkdirat"}},
	{inject: "error=EINTR", calls: []string{"openat", "read", "pread64", "write", "newfstatat", "fstat", "getdents64", "fsync"}, whole: true},
	{inject: "retval=0", calls: []string{"read", "pread64", "getdents64"}},
}

// TestFailingCalls lets the Nth call of a kind fail: no crash, no clean result
// without the secret, no file that is cut short, and the next run is as usual.
func TestFailingCalls(t *testing.T) {
	straceProgram(t)
	commands := slices.Clone(faultyCommands)
	for _, format := range report.Formats() {
		if format.Name != "sarif" && os.Getenv(heavyVariable) == "" {
			continue // they go the same way
		}
		commands = append(commands, faulty{name: "as " + format.Name, plain: true, rare: true, gaps: true,
			args: []string{"good.txt", "--format", format.Name, "-o", "out.txt", "-j", "1"}, outputs: []string{"out.txt"},
			fresh: func(h *hostileRepo) { os.Remove(h.path("out.txt")) }})
	}
	for _, f := range commands {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.run(t)
		})
	}
}

func (f faulty) run(t *testing.T) {
	h := hostileBase(t)
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
	usual := f.trace(h)
	if err := f.wants(h, usual.ran); err != nil {
		t.Fatalf("without a fault: exit code %d: %v\n%s", usual.code, err, clip(usual.stderr))
	}
	after := ""
	if f.after != nil {
		after = runScan(t, h.dir, nil, nil, f.after...).stdout
	}
	tried, faults := 0, 0
	light := os.Getenv(heavyVariable) == ""
	for _, in := range injections {
		if in.inject == "retval=0" && f.plain || light && f.rare && in.inject != "error=ENOSPC" {
			continue
		}
		for _, call := range in.calls {
			n := usual.count[call]
			first, step := 1, 1
			if light && n > 0 { // one, another in each command
				first, step = 1+position(f.name, in.inject, call)%n, n
			}
			for at := first; at <= n; at += step {
				tried++
				what := fmt.Sprintf("%s %d with %s", call, at, in.inject)
				r := f.trace(h, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", call, in.inject, at))
				faults += min(1, r.faults)
				if strings.Contains(r.stderr, "runtime: netpoll") {
					continue // the runtime's own pipe
				}
				if crash.MatchString(r.stdout + r.stderr) {
					t.Errorf("%s: crash: %s", what, clip(r.stderr))
				} else if err := f.wants(h, r.ran); err != nil {
					t.Errorf("%s: exit code %d: %v\n%s", what, r.code, err, clip(r.stderr))
				}
				if in.whole && r.code != usual.code && r.code != exitUsage && r.code != exitIncomplete {
					t.Errorf("%s: exit code %d, not %d\n%s", what, r.code, usual.code, clip(r.stderr))
				}
				if f.after != nil {
					if got := runScan(t, h.dir, nil, nil, f.after...).stdout; got != after {
						t.Errorf("%s: the run after it says another thing: %s", what, difference(after, got))
					}
				}
			}
		}
	}
	if faults < tried/2 { // a run may make fewer calls than the usual one
		t.Errorf("%d of %d calls failed", faults, tried)
	}
	if f.outputs != nil {
		tried += f.kill(h, usual)
	}
	if r := f.trace(h); r.code != usual.code || f.wants(h, r.ran) != nil {
		t.Errorf("the run after them: exit code %d, %v: %s", r.code, f.wants(h, r.ran), clip(r.stderr))
	}
	t.Logf("%d failing calls", tried)
}

// position is a number that depends on words alone, and is another for other words.
func position(words ...string) int {
	return int(crc32.ChecksumIEEE([]byte(strings.Join(words, " "))) >> 1)
}

// difference is the first line in which two texts differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d: %q, not %q", i+1, y[i], x[i])
		}
	}
	return fmt.Sprintf("%d lines, not %d", len(y), len(x))
}

// traced is a run with how often each call was made, and how many of them failed
// because they were told to.
type traced struct {
	ran
	count  map[string]int
	faults int
}

var tracedCall = regexp.MustCompile(`(?m)^\d+ +(\w+)\(`)

// trace runs the command under strace from its starting point.
func (f faulty) trace(h *hostileRepo, extra ...string) traced {
	h.Helper()
	f.ready(h)
	log := filepath.Join(h.TempDir(), "log")
	if extra == nil {
		extra = []string{"-e", "trace=file,desc"}
	}
	how := []string{"-f", "-qq", "-o", log}
	if !slices.ContainsFunc(extra, func(e string) bool { return strings.Contains(e, "signal=") }) {
		how = append(how, "--seccomp-bpf") // it stops at no other calls; at these no signal can be put in
	}
	args := slices.Concat(how, extra, []string{scanProgram(h)}, f.args)
	var stdout, stderr strings.Builder
	cmd := exec.CommandContext(h.Context(), "strace", args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = h.dir, append(hostileEnviron(), "GOMAXPROCS=1"), &stdout, &stderr
	cmd.Stdin = strings.NewReader("TOKEN=" + h.secret + "\n")
	start := time.Now()
	cmd.Run()
	r := traced{ran{code: exitCode(cmd.ProcessState.ExitCode()), stdout: stdout.String(), stderr: stderr.String(), took: time.Since(start)}, map[string]int{}, 0}
	data, err := os.ReadFile(log)
	if err != nil {
		h.Fatal(err)
	}
	r.faults = strings.Count(string(data), "(INJECTED)")
	for _, m := range tracedCall.FindAllStringSubmatch(string(data), -1) {
		r.count[m[1]]++
	}
	return r
}

// ready brings what f works on to its starting point.
func (f faulty) ready(h *hostileRepo) {
	h.Helper()
	for _, name := range []string{"out.json", "out.html"} {
		os.Remove(h.path(name))
	}
	if f.fresh != nil {
		f.fresh(h)
	}
	if f.after != nil {
		os.RemoveAll(h.path(".git/keyrake"))
	}
}

// TestKilled kills scans at all moments. What they leave hurts no later run.
func TestKilled(t *testing.T) {
	h := hostileBase(t)
	args := []string{"--history", "--format", "json", "-o", "out.json"}
	whole := runScan(t, h.dir, nil, nil, args...)
	want := string(readFile(t, h.path("out.json")))
	for i := range 12 {
		os.RemoveAll(h.path(".git/keyrake"))
		cmd := exec.CommandContext(t.Context(), scanProgram(t), args...)
		cmd.Dir, cmd.Env = h.dir, hostileEnviron()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(whole.took * time.Duration(i) / 10)
		cmd.Process.Kill()
		cmd.Wait()
		if got := string(readFile(t, h.path("out.json"))); got != want {
			t.Errorf("killed after %d tenths: another report stands there", i)
		}
	}
	if r := runScan(t, h.dir, nil, nil, args...); r.code != whole.code || string(readFile(t, h.path("out.json"))) != want {
		t.Errorf("the run after them: exit code %d, %s", r.code, r.stderr)
	}
}

// TestBesideGit scans while git takes packs away and brings new ones. Each scan
// finds the secret, or says that it did not read everything.
func TestBesideGit(t *testing.T) {
	scanProgram(t)
	h := hostileBase(t)
	for i := range 30 {
		h.write("file.txt", strings.Repeat(fmt.Sprintln("line", i), 100))
		h.git("", "add", ".")
		h.git("", "commit", "-q", "-m", fmt.Sprint(i))
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			for _, args := range [][]string{
				{"gc", "-q", "--prune=now"}, {"commit", "-q", "--allow-empty", "-m", "x"}, {"repack", "-q", "-a", "-d", "-f"},
				{"reset", "-q", "--hard", "HEAD~1"}, {"repack", "-q", "-A", "-d", "--unpack-unreachable=now"}, {"pack-refs", "--all"}, {"fetch", "-q", ".", "HEAD:refs/heads/f"},
				{"worktree", "add", "-q", "--detach", "../beside"}, {"multi-pack-index", "write"}, {"commit", "-q", "--allow-empty", "-m", "y"}, {"repack", "-q", "-d"},
				{"maintenance", "run", "--quiet", "--task=loose-objects", "--task=incremental-repack", "--task=commit-graph", "--task=pack-refs"},
				{"worktree", "remove", "--force", "../beside"}, {"worktree", "prune"}, {"multi-pack-index", "repack"}, {"multi-pack-index", "expire"}, {"prune", "--expire=now"},
			} {
				select {
				case <-stop:
					return
				default:
				}
				cmd := exec.Command("git", args...)
				cmd.Dir, cmd.Env = h.dir, append(os.Environ(), fixtures.Environ()...)
				cmd.Run()
			}
		}
	}()
	codes := map[string]int{}
	rounds := 8
	if os.Getenv(heavyVariable) != "" {
		rounds = 120
	}
	for range rounds {
		for _, args := range [][]string{{"--history", "--no-cache"}, {"--history"}, {"--range", "HEAD"}} {
			r := runScan(t, h.dir, nil, nil, append([]string{"--format", "json"}, args...)...)
			r.calm(t)
			h.judge(hostile{want: either, whole: true}, r, false)
			codes[fmt.Sprint(args, r.code)]++
		}
	}
	close(stop)
	<-done
	t.Logf("exit codes: %v", codes)
}

// TestSignalled ends a scan with Ctrl-C: code 130, and a report that says so.
func TestSignalled(t *testing.T) {
	h := hostileBase(t)
	h.chain(200_000)
	code, stderr := exitCode(0), ""
	// On a slow machine the signal may come before anything listens to it.
	for wait := 150 * time.Millisecond; code <= 0 && wait < 20*time.Second; wait *= 2 {
		code, stderr = signalled(h, wait)
	}
	if code == exitFindings {
		t.Skip("the scan was faster than the signal")
	} else if code != exitInterrupted {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var d document
	data, err := os.ReadFile(h.path("out.json"))
	if err != nil && strings.Contains(stderr, "interrupted") {
		return // before anything was read
	}
	if err := json.Unmarshal(data, &d); err != nil || d.Complete {
		t.Errorf("complete %v, %v", d.Complete, err)
	}
}

// signalled scans a history, and sends Ctrl-C after some time.
func signalled(h *hostileRepo, after time.Duration) (exitCode, string) {
	h.Helper()
	cmd := exec.CommandContext(h.Context(), scanProgram(h), "--history", "--format", "json", "-o", "out.json", "-j", "1")
	var stderr strings.Builder
	cmd.Dir, cmd.Env, cmd.Stderr = h.dir, append(hostileEnviron(), "GOMAXPROCS=1"), &stderr
	if err := cmd.Start(); err != nil {
		h.Fatal(err)
	}
	time.Sleep(after)
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	return exitCode(cmd.ProcessState.ExitCode()), stderr.String()
}
