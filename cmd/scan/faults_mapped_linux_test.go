package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCutWhileMapped cuts a pack or its index after the scan has mapped it, or
// has the mapping itself fail: an incomplete report, and no crash.
func TestCutWhileMapped(t *testing.T) {
	straceProgram(t)
	h := hostileBase(t)
	for i := range 300 { // more than a page of each file
		h.write(fmt.Sprintf("d%d/f%d.txt", i%9, i), strings.Repeat(fmt.Sprint(i*i*i, "\n"), 20))
	}
	h.git("", "add", ".")
	h.git("", "commit", "-q", "-m", "more")
	h.git("", "repack", "-q", "-a", "-d", "-f")
	h.write("good.txt", "TOKEN="+h.secret+"\n# more\n")
	h.write("list.txt", h.secret+"\n")
	h.git("", "add", "good.txt")
	head := h.git("", "rev-parse", "HEAD")
	push := "refs/heads/main " + head + " refs/heads/main " + noObject + "\n"
	for _, args := range [][]string{
		{"--history"}, {"--history", "--publish", "--unreachable"}, {"--range", "HEAD"}, {"--staged"}, {"plan"}, {"verify-gone", "list.txt"}, {"literal", "--history"},
		{"hook", "run", "pre-commit"}, {"hook", "run", "pre-push", "origin", "x"}, {"checklist"}, {"baseline", "create", "--history", "--baseline", "../b"},
	} {
		for _, ending := range []string{".pack", ".idx"} {
			file := h.path(h.packFile(ending))
			whole := readFile(t, file)
			for _, how := range []string{"cut", "error=ENOMEM"} {
				os.Remove(h.path("../b"))
				code, out := cutWhileMapped(h, file, how, push, args)
				if code == exitClean || code < 0 || crash.MatchString(out) {
					t.Errorf("%v, %s of %s: exit code %d: %s", args, how, ending, code, clip(out))
				}
				os.Remove(file) // the mapped one may be another's
				if err := os.WriteFile(file, whole, 0o444); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// cutWhileMapped runs scan and holds it still as soon as it has mapped file, for as
// long as it takes to cut that.
func cutWhileMapped(h *hostileRepo, file, how, stdin string, args []string) (exitCode, string) {
	h.Helper()
	inject := how
	if how == "cut" {
		inject = "signal=STOP"
	}
	cmd := exec.CommandContext(h.Context(), "strace", slices.Concat([]string{"-f", "-qq", "-o", os.DevNull, "-P", file, "-e", "trace=mmap", "-e", "inject=mmap:" + inject, scanProgram(h)}, args)...)
	var out strings.Builder
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr, cmd.Stdin = h.dir, hostileEnviron(), &out, &out, strings.NewReader(stdin)
	if err := cmd.Start(); err != nil {
		h.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		cmd.Wait()
		close(done)
	}()
	if how == "cut" && !cutOnceMapped(h, cmd.Process.Pid, file, done) {
		h.Errorf("%v never mapped %s: %s", args, file, clip(out.String()))
	}
	<-done
	return exitCode(cmd.ProcessState.ExitCode()), out.String()
}

// cutOnceMapped empties file when a child of process pid has mapped it, and lets the
// child go on, each time that it is held.
func cutOnceMapped(h *hostileRepo, pid int, file string, done <-chan struct{}) (cut bool) {
	h.Helper()
	for {
		select {
		case <-done:
			return cut
		case <-time.After(5 * time.Millisecond):
		}
		children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		for child := range strings.FieldsSeq(string(children)) {
			if maps, _ := os.ReadFile("/proc/" + child + "/maps"); !cut && strings.Contains(string(maps), file) {
				os.Chmod(file, 0o600)
				if err := os.Truncate(file, 0); err != nil {
					h.Error(err)
				}
				cut = true
			}
			if id, err := strconv.Atoi(child); err == nil && cut {
				syscall.Kill(id, syscall.SIGCONT)
			}
		}
	}
}

// TestShortReads gives a stream one byte at a time: the report is the same.
func TestShortReads(t *testing.T) {
	h := hostileBase(t)
	text := "# a stream\nTOKEN=" + h.secret + "\n"
	report := func(step int) string {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for part := range slices.Chunk([]byte(text), step) {
				out.Write(part)
				time.Sleep(time.Millisecond / 4)
			}
			out.Close()
		}()
		defer in.Close()
		r := runScan(t, h.dir, nil, in, "--stdin", "--format", "json")
		if r.code != exitFindings {
			t.Errorf("%d bytes at a time: exit code %d: %s", step, r.code, r.stderr)
		}
		return r.stdout
	}
	if one, all := report(1), report(len(text)); one != all {
		t.Error(difference(all, one))
	}
}
