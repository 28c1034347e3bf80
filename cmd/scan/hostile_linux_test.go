package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"keyrake/fixtures"
	"keyrake/fixtures/peak"
	"keyrake/rules/example"
)

// What one scan of a hostile repository may cost. Pages of mapped files are
// left out: the system takes them back when it needs them.
const (
	hostileMemory = 512 << 20
	hostileTime   = 60 * time.Second // of CPU; on a busy machine the clock tells little
	hostileWait   = 5 * time.Minute  // a hang
)

// heavyVariable runs the hostile repositories that take minutes or gigabytes of
// disk to make, too.
const heavyVariable = "KEYRAKE_HEAVY"

// hostile is one repository that was made to hurt.
type hostile struct {
	name  string
	heavy bool // made in many seconds
	alone bool // it changes the folder of the process while it is made
	make  func(h *hostileRepo)
	args  []string // default: --history
	stdin func(h *hostileRepo) *os.File
	// want are the exit codes that are right. If 1 is among them, the planted
	// secret has to be found.
	want []exitCode
	// whole: a report that calls itself complete is right.
	whole  bool
	hidden bool  // what was planted is suppressed
	memory int64 // bytes that it may take; 0 is hostileMemory
}

// hostileRepo is the repository at hand: it has one commit with one secret in
// good.txt, in one pack, and what a case makes of it.
type hostileRepo struct {
	testing.TB
	dir    string
	secret string
}

func (h *hostileRepo) path(name string) string { return filepath.Join(h.dir, filepath.FromSlash(name)) }

func (h *hostileRepo) write(name, content string) {
	h.Helper()
	if err := os.MkdirAll(filepath.Dir(h.path(name)), 0o755); err != nil {
		h.Fatal(err)
	}
	os.Remove(h.path(name))
	if err := os.WriteFile(h.path(name), []byte(content), 0o644); err != nil {
		h.Fatal(err)
	}
}

func (h *hostileRepo) read(name string) []byte {
	h.Helper()
	data, err := os.ReadFile(h.path(name))
	if err != nil {
		h.Fatal(err)
	}
	return data
}

func (h *hostileRepo) git(stdin string, args ...string) string {
	h.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = h.dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), fixtures.Environ()...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		h.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// fifo puts a pipe that nobody writes to in the place of a file.
func (h *hostileRepo) fifo(name string) {
	h.Helper()
	if err := os.MkdirAll(filepath.Dir(h.path(name)), 0o755); err != nil {
		h.Fatal(err)
	}
	os.Remove(h.path(name))
	if err := syscall.Mkfifo(h.path(name), 0o644); err != nil {
		h.Fatal(err)
	}
}

func (h *hostileRepo) link(target, name string) {
	h.Helper()
	os.RemoveAll(h.path(name))
	if err := os.MkdirAll(filepath.Dir(h.path(name)), 0o755); err != nil {
		h.Fatal(err)
	}
	if err := os.Symlink(target, h.path(name)); err != nil {
		h.Fatal(err)
	}
}

// hostileStamp is the repository that every case starts from.
var hostileStamp stamp

// hostileBase makes the repository that every case starts from.
func hostileBase(t testing.TB) *hostileRepo {
	t.Helper()
	h := &hostileRepo{TB: t, dir: t.TempDir()}
	secret, err := example.Expand(`{{cf "cfut"}}`, "hostile")
	if err != nil {
		t.Fatal(err)
	}
	h.secret = secret
	hostileStamp.copy(t, h.dir, func(h *hostileRepo) {
		h.git("", "init", "-q")
		h.write("good.txt", "TOKEN="+secret+"\n")
		h.write("other.txt", "nothing\n")
		h.git("", "add", ".")
		h.git("", "commit", "-q", "-m", "base")
		h.git("", "repack", "-q", "-a", "-d")
		h.git("", "prune-packed", "-q")
	})
	return h
}

// builtScan builds the command once.
var builtScan = sync.OnceValues(func() (string, error) {
	path := filepath.Join(shared, "scan")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as released: the calls that are made to fail are its own
	out, err := build.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, err
})

func scanProgram(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("the built program is run without -short only")
	}
	path, err := builtScan()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// ran is what came of one run of the command.
type ran struct {
	code           exitCode
	stdout, stderr string
	peak           int64 // bytes that are not pages of files
	took, cpu      time.Duration
	timedOut       bool
}

// runScan runs the built command and watches its memory.
func runScan(t testing.TB, dir string, env []string, stdin *os.File, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hostileWait)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, scanProgram(t), args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(hostileEnviron(), env...), &stdout, &stderr
	if stdin != nil {
		cmd.Stdin = stdin
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	most := make(chan int64)
	go func() { most <- peak.Watch(cmd.Process.Pid, cmd.Path, done) }()
	err := cmd.Wait()
	close(done)
	r := ran{stdout: stdout.String(), stderr: stderr.String(), took: time.Since(start), timedOut: ctx.Err() != nil}
	r.peak = <-most
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r.code = exitCode(cmd.ProcessState.ExitCode())
	return r
}

func hostileEnviron() []string {
	return append(slices.DeleteFunc(os.Environ(), func(e string) bool {
		return strings.HasPrefix(e, "GIT_") || strings.HasPrefix(e, "SCAN_")
	}), fixtures.Environ()...)
}

// crash is what a Go program, or the system, says of a crash.
var crash = regexp.MustCompile(`(?m)^(panic: |fatal error: |goroutine \d+ |unexpected fault|SIG[A-Z]+: )`)

// calm fails the test if r is a crash, a hang, or a waste of memory.
func (r ran) calm(t testing.TB) {
	t.Helper()
	if r.timedOut {
		t.Errorf("not done after %v\n%s", hostileWait, clip(r.stderr))
		return
	}
	if text := r.stdout + r.stderr; crash.MatchString(text) || r.code < 0 {
		t.Errorf("crashed, exit code %d:\n%s", r.code, clip(r.stderr))
	}
	if r.cpu > hostileTime {
		t.Errorf("%v of CPU", r.cpu)
	}
	if r.peak > hostileMemory {
		t.Errorf("peak of %d MB", r.peak>>20)
	}
}

func clip(s string) string { return s[:min(len(s), 2000)] }

func TestHostile(t *testing.T) {
	cases := slices.Concat(hostilePacks(), hostileObjects(), hostileBig(), hostileStores(), hostileRefs(), hostileFiles(), hostileTexts(), hostileArchives())
	if len(cases) < 40 {
		t.Errorf("only %d hostile repositories", len(cases))
	}
	var mu sync.Mutex // guards table
	var table bytes.Buffer
	t.Run("repositories", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if !c.alone {
					t.Parallel()
				}
				r := c.run(t)
				mu.Lock()
				defer mu.Unlock()
				fmt.Fprintf(&table, "%-44s %5d MB %6.1f s of CPU  exit %d\n", c.name, r.peak>>20, r.cpu.Seconds(), r.code)
			})
		}
	})
	t.Logf("\n%s", table.String())
}

// run makes the repository, scans it and judges what came of it.
func (c hostile) run(t *testing.T) ran {
	if c.heavy && os.Getenv(heavyVariable) == "" {
		t.Skipf("%s is not set", heavyVariable)
	}
	scanProgram(t) // skips with -short, before a repository is made
	h := hostileBase(t)
	c.make(h)
	args := c.args
	if args == nil {
		args = []string{"--history"}
	}
	var in *os.File
	if c.stdin != nil {
		in = c.stdin(h)
		defer in.Close()
	}
	verb := slices.Contains([]string{"hook", "explain", "plan", "verify-gone"}, args[0])
	if !verb {
		args = append([]string{"--format", "json"}, args...)
	}
	r := runScan(t, h.dir, nil, in, args...)
	r.calm(t)
	if c.memory > 0 && r.peak > c.memory {
		t.Errorf("peak of %d MB, where %d may be held", r.peak>>20, c.memory>>20)
	}
	h.judge(c, r, verb)
	return r
}

// judge holds the outcome of a scan against what is right.
func (h *hostileRepo) judge(c hostile, r ran, verb bool) {
	h.Helper()
	if !slices.Contains(c.want, r.code) {
		h.Errorf("exit code %d, want one of %v\n%s%s", r.code, c.want, clip(r.stdout), clip(r.stderr))
		return
	}
	if r.code == exitUsage && len(strings.TrimSpace(r.stderr)) < 10 {
		h.Error("refused without a cause")
	}
	if r.code == exitUsage || r.timedOut || verb || r.code == exitIncomplete && r.stdout == "" && r.stderr != "" {
		return
	}
	var d struct { // what is asked of it; a report may have a hundred thousand places
		Complete bool
		Findings []struct{ Provider string }
	}
	if err := json.Unmarshal([]byte(r.stdout), &d); err != nil {
		h.Fatalf("%v\n%s", err, clip(r.stdout))
	}
	if d.Complete && !c.whole {
		h.Error("nothing is said of what was not read")
	}
	if d.Complete && r.code == exitIncomplete {
		h.Error("exit code 3 for a complete report")
	}
	for _, f := range d.Findings {
		if f.Provider == "cloudflare" {
			return
		}
	}
	if r.code == exitFindings && !c.hidden {
		h.Errorf("the planted secret was not found: %s", clip(r.stdout))
	}
}
