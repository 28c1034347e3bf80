package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"keyrake/fixtures/peak"
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
	most := make(chan int64)
	go func() { most <- peak.Watch(cmd.Process.Pid, cmd.Path, done) }()
	_ = cmd.Wait() // its error repeats the exit code
	close(done)
	p.Anon = <-most
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
