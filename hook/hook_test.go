package hook

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fakeScan is a program that writes down how it is called.
func fakeScan(t *testing.T, code string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "it's scan")
	write(t, path, "#!/bin/sh\necho \"scan $*\" >>log\n[ \"$3\" = pre-commit ] || cat >>log\nexit "+code+"\n")
	return path
}

func TestInstallRunsAndUninstalls(t *testing.T) {
	for _, name := range Names() {
		in := Installer{filepath.Join(t.TempDir(), "hooks"), fakeScan(t, "7")}
		if s, err := in.Status(name); err != nil || s.State != Absent {
			t.Fatalf("%s: %v, %v", name, s, err)
		}
		for range 2 { // installing twice is installing once
			if chained, err := in.Install(name); err != nil || chained {
				t.Fatalf("%s: chained %v, %v", name, chained, err)
			}
		}
		if s, _ := in.Status(name); s != (Status{State: Ours}) {
			t.Errorf("%s: %v", name, s)
		}
		log, code := runHook(t, in, name)
		if want := "scan hook run " + name + " a b c\n"; !strings.HasPrefix(log, want) || code != 7 {
			t.Errorf("%s: log %q, exit code %d", name, log, code)
		}
		if done, restored, err := in.Uninstall(name); !done || restored || err != nil {
			t.Errorf("%s: %v, %v, %v", name, done, restored, err)
		}
		if done, _, err := in.Uninstall(name); done || err != nil {
			t.Errorf("%s: taken out twice, %v", name, err)
		}
	}
}

// runHook runs an installed hook as git does, and gives what its programs wrote
// down and its exit code.
func runHook(t *testing.T, in Installer, name string) (log string, code int) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(in.path(name), "a", "b c")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader("line 1\nline 2\n")
	if err := cmd.Run(); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			t.Fatal(err)
		}
		code = exit.ExitCode()
	}
	return read(t, filepath.Join(dir, "log")), code
}

func TestChain(t *testing.T) {
	for _, name := range Names() {
		in := Installer{t.TempDir(), fakeScan(t, "0")}
		old := "#!/bin/sh\necho old >>log\n"
		if name == "pre-push" || name == "pre-receive" {
			old += "cat >>log\n"
		}
		write(t, in.path(name), old)
		if chained, err := in.Install(name); err != nil || !chained {
			t.Fatalf("%s: chained %v, %v", name, chained, err)
		}
		if chained, err := in.Install(name); err != nil || !chained {
			t.Fatalf("%s again: chained %v, %v", name, chained, err)
		}
		log, code := runHook(t, in, name)
		want := "old\nscan hook run " + name + " a b c\n"
		if strings.Contains(old, "cat") {
			want = "old\nline 1\nline 2\nscan hook run " + name + " a b c\nline 1\nline 2\n"
		} else if name != "pre-commit" {
			want += "line 1\nline 2\n"
		}
		if log != want || code != 0 {
			t.Errorf("%s: log %q, want %q; exit code %d", name, log, want, code)
		}
		if done, restored, err := in.Uninstall(name); !done || !restored || err != nil || read(t, in.path(name)) != old {
			t.Errorf("%s: %v, %v, %v", name, done, restored, err)
		}

		// The hook that was there before still decides.
		write(t, in.path(name), "#!/bin/sh\necho old >>log\nexit 3\n")
		if _, err := in.Install(name); err != nil {
			t.Fatal(err)
		}
		if log, code := runHook(t, in, name); log != "old\n" || code != 3 {
			t.Errorf("%s: log %q, exit code %d", name, log, code)
		}
	}
}

// TestBrokenOff stops an installation between its steps: the old hook is still
// the one that git runs, and installing again and taking out work as ever.
func TestBrokenOff(t *testing.T) {
	for _, kind := range []string{"file", "link"} {
		in := Installer{t.TempDir(), fakeScan(t, "0")}
		place := in.path("pre-commit")
		if kind == "link" {
			place = filepath.Join(in.Dir, "mine")
			if err := os.Symlink("mine", in.path("pre-commit")); err != nil {
				t.Skip(err)
			}
		}
		old := "#!/bin/sh\necho old >>log\n"
		write(t, place, old)
		for range 2 {
			if err := in.double("pre-commit"); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			if got := read(t, in.path("pre-commit")); got != old {
				t.Fatalf("%s: git would run %q", kind, got)
			}
		}
		if chained, err := in.Install("pre-commit"); err != nil || !chained {
			t.Fatalf("%s: chained %v, %v", kind, chained, err)
		}
		if log, code := runHook(t, in, "pre-commit"); log != "old\nscan hook run pre-commit a b c\n" || code != 0 {
			t.Errorf("%s: log %q, exit code %d", kind, log, code)
		}
		if _, restored, err := in.Uninstall("pre-commit"); err != nil || !restored || read(t, in.path("pre-commit")) != old {
			t.Errorf("%s: restored %v, %v", kind, restored, err)
		}
		if left, _ := filepath.Glob(in.path("pre-commit") + ".*"); len(left) > 0 {
			t.Errorf("%s: it left %v", kind, left)
		}
	}
}

func TestNothingIsLost(t *testing.T) {
	in := Installer{t.TempDir(), "/usr/bin/scan"}
	if _, err := in.Install("pre-commit"); err != nil {
		t.Fatal(err)
	}
	changed := read(t, in.path("pre-commit")) + "echo more\n"
	write(t, in.path("pre-commit"), changed)
	if s, _ := in.Status("pre-commit"); s.State != Changed {
		t.Errorf("%v", s)
	}
	if _, err := in.Install("pre-commit"); err == nil || !strings.Contains(err.Error(), "changed since") {
		t.Errorf("a changed hook is overwritten: %v", err)
	}
	if _, _, err := in.Uninstall("pre-commit"); err == nil || read(t, in.path("pre-commit")) != changed {
		t.Errorf("a changed hook is taken out: %v", err)
	}

	write(t, in.path("pre-push"), "mine\n")
	write(t, in.path("pre-push")+before, "also mine\n")
	if _, err := in.Install("pre-push"); err == nil || read(t, in.path("pre-push")) != "mine\n" || read(t, in.path("pre-push")+before) != "also mine\n" {
		t.Errorf("one of two hooks is lost: %v", err)
	}
	if done, _, err := in.Uninstall("pre-push"); done || err != nil {
		t.Errorf("somebody else's hook is taken out: %v", err)
	}
	if _, err := in.Install("post-merge"); err == nil {
		t.Error("an unknown hook is installed")
	}

	// A moved program is no change.
	in.Program = "/opt/scan"
	if _, err := (Installer{in.Dir, "/old/scan"}).Install("commit-msg"); err != nil {
		t.Fatal(err)
	}
	if s, _ := in.Status("commit-msg"); s.State != Ours {
		t.Errorf("%v", s)
	}
	if _, err := in.Install("commit-msg"); err != nil || !strings.Contains(read(t, in.path("commit-msg")), "/opt/scan") {
		t.Errorf("the path is not brought up to date: %v", err)
	}
}
