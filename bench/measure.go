package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// sample is what one finished process cost. CPU is that of the process and of
// all children it waited for, so the git that a scanner starts counts.
type sample struct {
	Wall float64 `json:"wall"` // seconds
	CPU  float64 `json:"cpu"`  // user and system, seconds

	// MaxRSS is the kernel's peak of resident bytes, the largest of the process
	// and its children. Pages of memory-mapped packs count in it, although the
	// kernel can drop them at any time.
	MaxRSS int64 `json:"max_rss"`
	// Floor is the least MaxRSS that could have been seen; see rssFloor.
	Floor int64 `json:"floor,omitempty"`
	// Anon is the peak of resident bytes that belong to no file, of the process
	// alone, read every 20 ms; 0 if it ended before the first reading.
	Anon int64 `json:"anon,omitempty"`

	Exit     int    `json:"exit"` // -1 after a signal
	TimedOut bool   `json:"timed_out,omitempty"`
	Stderr   string `json:"stderr,omitempty"` // its end, only if the exit code is a bad one
}

// limits says how one process is measured.
type limits struct {
	timeout time.Duration
	anon    bool // read Anon; off for short runs, which the reading would disturb
}

const anonInterval = 20 * time.Millisecond

// measure runs c once, with its output thrown away. An error means that the
// process could not be started or that ctx is done; a bad exit is not an error.
func measure(ctx context.Context, c command, lim limits) (sample, error) {
	stderr, err := os.CreateTemp("", "bench-stderr-*")
	if err != nil {
		return sample{}, fmt.Errorf("measure %s: %w", c.label, err)
	}
	defer os.Remove(stderr.Name())
	defer stderr.Close()

	cmd := exec.Command(c.path, c.args...)
	cmd.Dir = c.dir
	cmd.Env = plainEnv(os.Environ())
	cmd.Stderr = stderr
	// A group of its own, so that a timeout ends its children, too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}

	start := time.Now()
	if err := cmd.Start(); err != nil {
		return sample{}, fmt.Errorf("start %s: %w", c.label, err)
	}
	done := make(chan struct{})
	watched := make(chan watch, 1)
	go func() { watched <- watchProcess(ctx, cmd.Process.Pid, lim, done) }()
	// Wait's error repeats the exit code, which is recorded.
	_ = cmd.Wait()
	wall := time.Since(start)
	close(done)
	w := <-watched
	if err := ctx.Err(); err != nil {
		return sample{}, fmt.Errorf("measure %s: %w", c.label, err)
	}

	state := cmd.ProcessState
	s := sample{
		Wall: wall.Seconds(), CPU: (state.UserTime() + state.SystemTime()).Seconds(),
		Floor: rssFloor(), Anon: w.anon, Exit: state.ExitCode(), TimedOut: w.timedOut,
	}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		s.MaxRSS = maxRSS(usage)
	}
	if !goodExit(c.kind, s.Exit) {
		s.Stderr = lastBytes(stderr, 400)
	}
	return s, nil
}

// watch is what was seen of a process while it ran.
type watch struct {
	anon     int64
	timedOut bool
}

// watchProcess reads the memory of a running process and kills its group when
// its time is up.
func watchProcess(ctx context.Context, pid int, lim limits, done <-chan struct{}) watch {
	var w watch
	timeout := time.NewTimer(lim.timeout)
	defer timeout.Stop()
	var tick <-chan time.Time
	if lim.anon {
		ticker := time.NewTicker(anonInterval)
		defer ticker.Stop()
		tick = ticker.C
	}
	interrupted := ctx.Done()
	for {
		select {
		case <-done:
			return w
		case <-tick:
			if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
				w.anon = max(w.anon, statusBytes(string(status), "RssAnon"))
			}
		case <-timeout.C:
			w.timedOut = true
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		case <-interrupted:
			interrupted = nil
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		}
	}
}

// statusBytes finds a field such as "RssAnon:   123 kB" in a /proc status file
// and returns it in bytes, or 0.
func statusBytes(status, field string) int64 {
	for l := range strings.Lines(status) {
		rest, ok := strings.CutPrefix(l, field+":")
		if !ok {
			continue
		}
		var kb int64
		if _, err := fmt.Sscanf(rest, "%d kB", &kb); err != nil {
			return 0
		}
		return kb << 10
	}
	return 0
}

// maxRSS returns the peak in bytes; only Darwin's kernel reports bytes.
func maxRSS(u *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) << 10
}

// rssFloor is the smallest MaxRSS that can be seen here. On Linux a child takes
// over the peak of the address space that it was forked from, which is ours.
func rssFloor() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	return statusBytes(string(status), "VmHWM")
}

// plainEnv drops what would point git, or a scanner, somewhere else.
func plainEnv(env []string) []string {
	var kept []string
	for _, e := range env {
		if !strings.HasPrefix(e, "GIT_") && !strings.HasPrefix(e, "GITLEAKS_") && !strings.HasPrefix(e, "BETTERLEAKS_") {
			kept = append(kept, e)
		}
	}
	return kept
}

// lastBytes returns the end of a file as one line.
func lastBytes(f *os.File, n int64) string {
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	buf := make([]byte, min(n, info.Size()))
	if _, err := f.ReadAt(buf, info.Size()-int64(len(buf))); err != nil && err != io.EOF {
		return ""
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(string(buf), "")), " ")
}
