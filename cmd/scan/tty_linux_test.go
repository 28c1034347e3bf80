package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ptyTest is a pseudo terminal: what a program writes to it, and what is typed.
type ptyTest struct {
	*testing.T
	control *os.File
	done    chan struct{}

	mu  sync.Mutex
	out bytes.Buffer // guarded by mu
}

// openPTY opens a pseudo terminal; program is the side that a program is given.
func openPTY(t *testing.T) (p *ptyTest, program *os.File) {
	t.Helper()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { control.Close() })
	fd := int(control.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p = &ptyTest{T: t, control: control, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		var b [4096]byte
		for {
			n, err := control.Read(b[:])
			p.mu.Lock()
			p.out.Write(b[:n])
			p.mu.Unlock()
			if err != nil { // EIO once the program has gone
				return
			}
		}
	}()
	return p, program
}

func (p *ptyTest) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.ReplaceAll(p.out.String(), "\r\n", "\n")
}

// scanAt runs scan at a terminal in dir and types answer once it asks. It gives
// what the terminal showed and the exit code.
func scanAt(t *testing.T, dir, prompt, answer string, args ...string) (string, int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, program := openPTY(t)
	cmd := exec.Command(self)
	cmd.Args = append([]string{"scan"}, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "GIT_CONFIG_NOSYSTEM=1", "HOME="+t.TempDir())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()
	timer := time.AfterFunc(5*time.Minute, func() { cmd.Process.Kill() })
	defer timer.Stop()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for asked := false; ; {
		if !asked && strings.Contains(p.text(), prompt) {
			asked = true
			if _, err := p.control.WriteString(answer); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case err := <-ended:
			<-p.done
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if !asked {
				t.Errorf("it never asked %q:\n%s", prompt, p.text())
			}
			return p.text(), cmd.ProcessState.ExitCode()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestInitAsks runs scan init at a terminal: it shows the diff, and writes on
// "y" alone.
func TestInitAsks(t *testing.T) {
	const config = "name = \"shop\"\nmain = \"src/index.ts\"\n"
	for _, test := range []struct {
		name, answer string
		writes       bool
		code         int
	}{
		{"yes", "y\n", true, 0},
		{"the whole word", "Yes\n", true, 0},
		{"no", "n\n", false, 0},
		{"nothing", "\n", false, 0},
		{"another word", "yesterday\n", false, 0},
		{"end of input", "\x04", false, 0},
		{"interrupted", "\x03", false, 130},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{"wrangler.toml": config, "src/index.ts": "export default { fetch: (r, env) => fetch(u, { headers: { a: env.API_TOKEN } }) };\n"} {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			out, code := scanAt(t, dir, "write this? [y/N]", test.answer, "init", "--skip", "hook,ci")
			diff, _, _ := strings.Cut(out, "write this?")
			if !strings.Contains(diff, "+++ b/wrangler.toml") || !strings.Contains(diff, "+required = [\"API_TOKEN\"]") {
				t.Errorf("the diff is not shown before it asks:\n%s", out)
			}
			if code != test.code {
				t.Errorf("exit code %d, want %d:\n%s", code, test.code, out)
			}
			now, err := os.ReadFile(filepath.Join(dir, "wrangler.toml"))
			if err != nil {
				t.Fatal(err)
			}
			if wrote := string(now) != config; wrote != test.writes || strings.Contains(out, "wrote wrangler.toml") != test.writes {
				t.Errorf("written: %v, want %v:\n%s", wrote, test.writes, out)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".scan-init-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if !test.writes && code == 0 && !strings.Contains(out, "nothing was written") {
				t.Errorf("it does not say that nothing was written:\n%s", out)
			}
		})
	}
}
