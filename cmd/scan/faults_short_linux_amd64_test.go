package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// TestShortCalls lets each read and write take some bytes only, as the kernel may
// at any time: all is as ever. strace cannot do that, so that the test itself is
// the tracer.
func TestShortCalls(t *testing.T) {
	for _, f := range slices.Clone(faultyCommands) {
		if f.name == "triage" {
			continue // its arguments come from a scan; see TestFailingCalls
		}
		t.Run(f.name, func(t *testing.T) {
			h := hostileBase(t)
			if f.make != nil {
				f.make(h)
			}
			if f.outputs != nil {
				f.holdOutputs(h)
			}
			usual, _ := f.short(h, 1<<40)
			want, _ := os.ReadFile(h.path("out.json"))
			if err := f.wants(h, usual); err != nil {
				t.Fatalf("with whole calls: exit code %d, %v\n%s", usual.code, err, clip(usual.stderr))
			}
			sizes := []uint64{40}
			if os.Getenv(heavyVariable) != "" {
				sizes = []uint64{1, 40, 100, 1000}
			}
			for _, most := range sizes {
				r, cut := f.short(h, most)
				if cut == 0 && most < 100 {
					t.Errorf("%d bytes a call: none was shortened", most)
				}
				if err := f.wants(h, r); err != nil || r.code != usual.code {
					t.Errorf("%d bytes a call: exit code %d, %v\n%s", most, r.code, err, clip(r.stderr))
				}
				if got, _ := os.ReadFile(h.path("out.json")); f.name != "baseline create" && string(got) != string(want) {
					t.Errorf("%d bytes a call: %s", most, difference(string(want), string(got)))
				}
			}
		})
	}
}

// short runs f with at most so many bytes for each read and write. Those of a few
// bytes are the runtime's own, which have to be whole.
func (f faulty) short(h *hostileRepo, most uint64) (r ran, cut int) {
	h.Helper()
	t := tracer{most: most}
	r = f.under(h, &t)
	return r, t.cut
}

// under runs f under a tracer.
func (f faulty) under(h *hostileRepo, t *tracer) ran {
	h.Helper()
	f.ready(h)
	runtime.LockOSThread() // the thread that starts a process is its tracer
	defer runtime.UnlockOSThread()
	dir := h.TempDir()
	file := func(name, text string) *os.File {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			h.Fatal(err)
		}
		out, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			h.Fatal(err)
		}
		h.Cleanup(func() { out.Close() })
		return out
	}
	cmd := exec.Command(scanProgram(h), f.args...)
	cmd.Dir, cmd.Env = h.dir, append(hostileEnviron(), "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = file("in", "TOKEN="+h.secret+"\n"), file("out", ""), file("err", "")
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		h.Skipf("ptrace: %v", err)
	}
	code, err := t.follow(cmd.Process.Pid)
	if err != nil {
		cmd.Process.Kill()
		h.Skipf("ptrace: %v", err)
	}
	return ran{code: exitCode(code), stdout: string(readFile(h, filepath.Join(dir, "out"))), stderr: string(readFile(h, filepath.Join(dir, "err"))), took: time.Since(start)}
}

// tracer meddles with the system calls of a process and of all its threads.
type tracer struct {
	most uint64 // bytes of a read or write; 0 is no bound
	fail int    // which mapping of a file fails, the first is 1; 0 is none
	// mutable
	cut    int          // reads and writes that were shortened
	maps   int          // files that were mapped; the runtime's own memory is none
	inside map[int]bool // threads in a call
	failed map[int]bool // of them, those whose call is not made
}

// follow follows a process that stopped at its start until it ends, and returns
// its exit code, -1 after a signal.
func (t *tracer) follow(pid int) (code int, err error) {
	const (
		sysGood   = 0x80       // marks stops at calls
		exitKill  = 0x100000   // PTRACE_O_EXITKILL
		ownThread = 0x20000000 // __WNOTHREAD: other tests have children too
	)
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil {
		return 0, err
	}
	if err := syscall.PtraceSetOptions(pid, syscall.PTRACE_O_TRACECLONE|syscall.PTRACE_O_TRACESYSGOOD|exitKill); err != nil {
		return 0, err
	}
	if err := syscall.PtraceSyscall(pid, 0); err != nil {
		return 0, err
	}
	t.inside, t.failed = map[int]bool{}, map[int]bool{}
	for {
		thread, err := syscall.Wait4(-1, &status, syscall.WALL|ownThread, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("wait: %w", err)
		}
		if status.Exited() || status.Signaled() {
			if thread == pid {
				return status.ExitStatus(), nil
			}
			continue
		}
		signal := status.StopSignal()
		switch signal {
		case syscall.SIGTRAP | sysGood:
			signal = 0
			t.atCall(thread)
		case syscall.SIGTRAP, syscall.SIGSTOP:
			signal = 0 // a new thread
		}
		_ = syscall.PtraceSyscall(thread, int(signal)) // it may be gone
	}
}

// atCall changes a call as it begins, or what it returns as it ends.
func (t *tracer) atCall(thread int) {
	const itsOwn = 8 // bytes that the runtime wakes itself with
	t.inside[thread] = !t.inside[thread]
	begins := t.inside[thread]
	if !begins && !t.failed[thread] {
		return
	}
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(thread, &regs); err != nil {
		return
	}
	switch {
	case !begins:
		t.failed[thread] = false
		noMemory := -int64(syscall.ENOMEM)
		regs.Rax = uint64(noMemory)
	case regs.Orig_rax == syscall.SYS_MMAP:
		if regs.R10&syscall.MAP_ANON != 0 || int32(regs.R8) < 0 {
			return
		}
		if t.maps++; t.maps != t.fail {
			return
		}
		t.failed[thread] = true
		regs.Orig_rax = ^uint64(0) // no such call
	case regs.Orig_rax == syscall.SYS_READ, regs.Orig_rax == syscall.SYS_PREAD64, regs.Orig_rax == syscall.SYS_WRITE:
		if t.most == 0 || regs.Rdx <= max(t.most, itsOwn) {
			return
		}
		regs.Rdx = t.most
		t.cut++
	default:
		return
	}
	_ = syscall.PtraceSetRegs(thread, &regs)
}
