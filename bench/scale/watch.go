package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// watch runs a program to its end, with its output thrown away, and notes what
// it cost.
func watch(ctx context.Context, p *point, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	done := make(chan struct{})
	peak := make(chan int64)
	go func() { peak <- anon(cmd.Process.Pid, done) }()
	_ = cmd.Wait() // its error repeats the exit code
	close(done)
	p.Anon = <-peak
	p.Wall = time.Since(start).Seconds()
	p.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	p.Exit = cmd.ProcessState.ExitCode()
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		p.RSS = int64(u.Maxrss) * 1024
		if runtime.GOOS == "darwin" {
			p.RSS = int64(u.Maxrss)
		}
	}
	return ctx.Err()
}

// anon reads, until done, the peak of a process's memory that belongs to no
// file. It knows Linux only, and says 0 elsewhere.
func anon(pid int, done <-chan struct{}) (peak int64) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return peak
		case <-tick.C:
		}
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(status)) {
			if text, ok := strings.CutPrefix(line, "RssAnon:"); ok {
				kB, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64)
				peak = max(peak, kB*1024)
			}
		}
	}
}
