package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"keyrake/fixtures"
)

// faulty is one command that has to stand failing system calls.
type faulty struct {
	name  string
	args  []string
	wants func(h *hostileRepo, r ran) error
}

// TestFailingCalls lets the Nth call of a kind fail: no crash, no clean result
// without the secret, no file that is cut short, and the next run is as usual.
func TestFailingCalls(t *testing.T) {
	strace := straceProgram(t)
	for _, f := range []faulty{
		{"history", []string{"--history", "--format", "json", "-o", "out.json"}, soundReport},
		{"staged", []string{"--staged", "--format", "json", "-o", "out.json"}, soundReport},
		{"files", []string{"good.txt", "--format", "json", "-o", "out.json"}, soundReport},
		{"baseline", []string{"baseline", "create", "--baseline", "out.json"}, wholeBaseline},
		{"hook", []string{"hook", "install", "pre-commit"}, wholeHook},
	} {
		t.Run(f.name, func(t *testing.T) {
			h := hostileBase(t)
			if f.name == "staged" {
				h.write("new.txt", "TOKEN="+h.secret)
				h.git("", "add", "new.txt")
			}
			log := filepath.Join(t.TempDir(), "log")
			trace := func(extra ...string) ran {
				args := slices.Concat([]string{"-f", "-qq", "-o", log}, extra, []string{scanProgram(t)}, f.args, []string{"-j", "1"}[:2*boolInt(f.name != "baseline" && f.name != "hook")])
				var stdout, stderr strings.Builder
				cmd := exec.CommandContext(t.Context(), strace, args...)
				cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = h.dir, append(hostileEnviron(), "GOMAXPROCS=1"), &stdout, &stderr
				start := time.Now()
				cmd.Run()
				return ran{code: exitCode(cmd.ProcessState.ExitCode()), stdout: stdout.String(), stderr: stderr.String(), took: time.Since(start)}
			}
			h.freshHook()
			trace("-e", "trace=openat,read,pread64,mmap,write,renameat,rename,fsync,newfstatat,fstat,getdents64,close,unlinkat")
			count := map[string]int{}
			for _, m := range regexp.MustCompile(`(?m)^\d+ +(\w+)\(`).FindAllStringSubmatch(string(readFile(t, log)), -1) {
				count[m[1]]++
			}
			tried := 0
			for call, n := range count {
				if call == "mmap" {
					continue // most are the runtime's own, which cannot do without
				}
				step := 1
				if os.Getenv(heavyVariable) == "" {
					step = max(1, n/8)
				}
				for at := 1; at <= n; at += step {
					for _, e := range []string{"EIO", "ENOSPC"} {
						if e == "ENOSPC" && call != "write" && call != "fsync" && call != "openat" {
							continue
						}
						os.Remove(h.path("out.json"))
						h.freshHook()
						r := trace("-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:error=%s:when=%d", call, e, at))
						tried++
						if strings.Contains(r.stderr, "runtime: netpoll") {
							continue // the runtime's own pipe
						}
						if crash.MatchString(r.stdout + r.stderr) {
							t.Errorf("%s %d fails with %s: crash: %s", call, at, e, clip(r.stderr))
						} else if err := f.wants(h, r); err != nil {
							t.Errorf("%s %d fails with %s: exit code %d: %v\n%s", call, at, e, r.code, err, clip(r.stderr))
						}
					}
				}
			}
			os.Remove(h.path("out.json"))
			h.freshHook()
			if r := runScan(t, h.dir, nil, nil, f.args...); f.wants(h, r) != nil || r.code == exitIncomplete {
				t.Errorf("the run after them: exit code %d, %v", r.code, f.wants(h, r))
			}
			t.Logf("%d failing calls", tried)
		})
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// soundReport wants a report that has the secret or says that it is incomplete,
// or none at all and an exit code that says so.
func soundReport(h *hostileRepo, r ran) error {
	data, err := os.ReadFile(h.path("out.json"))
	if err != nil {
		if r.code != exitUsage && r.code != exitIncomplete {
			return fmt.Errorf("no report")
		}
		return nil
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return fmt.Errorf("a broken report: %w", err)
	}
	switch {
	case d.Complete && len(d.Findings) == 0:
		return fmt.Errorf("a clean report")
	case len(d.Findings) == 0 && r.code != exitIncomplete, len(d.Findings) > 0 && r.code != exitFindings && r.code != exitIncomplete:
		return fmt.Errorf("%d findings", len(d.Findings))
	}
	return nil
}

// wholeBaseline wants a baseline that is whole, or none and an exit code.
func wholeBaseline(h *hostileRepo, r ran) error {
	data, err := os.ReadFile(h.path("out.json"))
	if err != nil && r.code == exitClean {
		return fmt.Errorf("no baseline")
	}
	if err == nil && !strings.HasSuffix(string(data), "\n") {
		return fmt.Errorf("a baseline that is cut short")
	}
	if err == nil && strings.Count(string(data), "\n") < 2 {
		return fmt.Errorf("a baseline without lines")
	}
	if left, _ := filepath.Glob(h.path(".scan-*.tmp")); len(left) > 0 && r.code == exitClean {
		return fmt.Errorf("it left %v", left)
	}
	return nil
}

const oldHook = "#!/bin/sh\n# somebody's own\n"

// freshHook puts somebody's own hook back in its place.
func (h *hostileRepo) freshHook() {
	h.Helper()
	os.RemoveAll(h.path(".git/hooks"))
	h.write(".git/hooks/pre-commit", oldHook)
	os.Chmod(h.path(".git/hooks/pre-commit"), 0o755)
}

// wholeHook wants somebody's own hook where it was, or behind a whole one of
// ours.
func wholeHook(h *hostileRepo, r ran) error {
	now, err := os.ReadFile(h.path(".git/hooks/pre-commit"))
	if err != nil {
		return fmt.Errorf("no hook: %w", err)
	}
	if string(now) == oldHook {
		if r.code == exitClean {
			return fmt.Errorf("nothing was installed")
		}
		return nil
	}
	if !strings.HasSuffix(string(now), "\"$@\"\n") {
		return fmt.Errorf("a hook that is cut short")
	}
	if old, err := os.ReadFile(h.path(".git/hooks/pre-commit.before-scan")); err != nil || string(old) != oldHook {
		return fmt.Errorf("the hook that was there is lost")
	}
	return nil
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
	codes := map[exitCode]int{}
	for range 25 {
		r := runScan(t, h.dir, nil, nil, "--history", "--format", "json", "--no-cache")
		r.calm(t)
		h.judge(hostile{want: either, whole: true}, r, false)
		codes[r.code]++
	}
	close(stop)
	<-done
	t.Logf("exit codes: %v", codes)
}

// TestSignalled ends a scan with Ctrl-C: code 130, and a report that says so.
func TestSignalled(t *testing.T) {
	h := hostileBase(t)
	h.chain(200_000)
	cmd := exec.CommandContext(t.Context(), scanProgram(t), "--history", "--format", "json", "-o", "out.json", "-j", "1")
	var stderr strings.Builder
	cmd.Dir, cmd.Env, cmd.Stderr = h.dir, append(hostileEnviron(), "GOMAXPROCS=1"), &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(150 * time.Millisecond)
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code == int(exitFindings) {
		t.Skip("the scan was faster than the signal")
	} else if code != 130 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	var d document
	data, err := os.ReadFile(h.path("out.json"))
	if err != nil && strings.Contains(stderr.String(), "interrupted") {
		return // before anything was read
	}
	if err := json.Unmarshal(data, &d); err != nil || d.Complete {
		t.Errorf("complete %v, %v", d.Complete, err)
	}
}
