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
			if err := in.double(in.path("pre-commit"), "pre-commit"); err != nil {
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
		if _, err := os.Lstat(filepath.Join(in.Dir, before)); err == nil {
			t.Errorf("%s: the folder of the old hook is left", kind)
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
	if err := os.Mkdir(filepath.Join(in.Dir, before), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, in.before("pre-push"), "also mine\n")
	if _, err := in.Install("pre-push"); err == nil || read(t, in.path("pre-push")) != "mine\n" || read(t, in.before("pre-push")) != "also mine\n" {
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

// TestDanglingLink keeps a hook that is a link which leads nowhere for now.
func TestDanglingLink(t *testing.T) {
	for _, target := range []string{"later", filepath.Join(t.TempDir(), "later")} {
		in := Installer{t.TempDir(), fakeScan(t, "0")}
		if err := os.Symlink(target, in.path("pre-commit")); err != nil {
			t.Skip(err)
		}
		if s, err := in.Status("pre-commit"); err != nil || s.State != Foreign {
			t.Errorf("%v, %v", s, err)
		}
		if chained, err := in.Install("pre-commit"); err != nil || !chained {
			t.Fatalf("chained %v, %v", chained, err)
		}
		if log, code := runHook(t, in, "pre-commit"); log != "scan hook run pre-commit a b c\n" || code != 0 {
			t.Errorf("log %q, exit code %d", log, code)
		}
		if _, restored, err := in.Uninstall("pre-commit"); err != nil || !restored {
			t.Errorf("restored %v, %v", restored, err)
		}
		if got, err := os.Readlink(in.path("pre-commit")); err != nil || got != target {
			t.Errorf("the link leads to %q, %v", got, err)
		}
	}
}

// TestOldHookFindsItself runs hooks that ask for their name, and for what stands
// beside them, before and after an installation: they say the same.
func TestOldHookFindsItself(t *testing.T) {
	asks := "name=$(basename \"$0\")\nfrom=$(cd \"$(dirname \"$0\")\" && pwd)\necho \"$name in $from $*\" >>log\ncat \"$from/helper\" >>log\n"
	for kind, text := range map[string]string{
		"sh":            "#!/bin/sh\n" + asks,
		"sh -e":         "#!/bin/sh -e\n" + asks + "false\necho not reached >>log\n",
		"env bash":      "#!/usr/bin/env bash\nwords=(a b)\n" + asks + "exit ${#words[@]}\n",
		"parameters":    "#!/bin/sh\ncat \"${0%/*}/helper\" >>log\n",
		"asks bash":     "#!/bin/bash\nif [[ \"${BASH_SOURCE[0]}\" == \"$0\" ]]; then echo \"main $(dirname \"x/$0\" | wc -l)\" >>log; fi\n",
		"name alone":    "#!/bin/sh\ncase $(basename \"$0\") in pre-commit) echo mine >>log;; esac\ncat <\"$0\" >/dev/null\n",
		"follows links": "#!/bin/sh\ncat \"$(dirname \"$(readlink -f \"$0\")\")/beside\" >>log\n",
		"python":        "#!/usr/bin/env python3\nimport os, sys\nopen('log', 'a').write(os.path.basename(sys.argv[0]) + str(sys.argv[1:]))\n",
	} {
		in := Installer{t.TempDir(), fakeScan(t, "0")}
		write(t, filepath.Join(in.Dir, "helper"), "helped\n")
		place := in.path("pre-commit")
		if kind == "follows links" {
			there := t.TempDir()
			write(t, filepath.Join(there, "beside"), "found\n")
			place = filepath.Join(there, "hook")
			if err := os.Symlink(place, in.path("pre-commit")); err != nil {
				t.Skip(err)
			}
		}
		write(t, place, text)
		wantLog, wantCode := runHook(t, in, "pre-commit")
		if _, err := in.Install("pre-commit"); err != nil {
			t.Fatal(err)
		}
		if wantCode == 0 {
			wantLog += "scan hook run pre-commit a b c\n"
		}
		if log, code := runHook(t, in, "pre-commit"); log != wantLog || code != wantCode {
			t.Errorf("%s: log %q, exit code %d; without scan %q, %d", kind, log, code, wantLog, wantCode)
		}
	}
}

// TestFirstVersions brings hooks of the first versions, which renamed the hook that
// was there, up to date, or takes them out.
func TestFirstVersions(t *testing.T) {
	old := "#!/bin/sh\necho \"old $(basename \"$0\")\" >>log\n"
	for _, again := range []bool{true, false} {
		for _, chained := range []bool{true, false} {
			in := Installer{t.TempDir(), fakeScan(t, "0")}
			write(t, in.path("pre-commit"), Installer{in.Dir, "/elsewhere/scan"}.firstScript("pre-commit", chained))
			if chained {
				write(t, in.path("pre-commit")+beside, old)
			}
			if s, err := in.Status("pre-commit"); err != nil || s != (Status{Ours, chained}) {
				t.Errorf("%v, %v", s, err)
			}
			if again {
				if was, err := in.Install("pre-commit"); err != nil || was != chained {
					t.Errorf("chained %v, %v", was, err)
				}
				want := "scan hook run pre-commit a b c\n"
				if chained {
					want = "old pre-commit\n" + want
				}
				if log, _ := runHook(t, in, "pre-commit"); log != want {
					t.Errorf("log %q, want %q", log, want)
				}
			}
			if done, restored, err := in.Uninstall("pre-commit"); !done || restored != chained || err != nil {
				t.Errorf("%v, %v, %v", done, restored, err)
			}
			if chained && read(t, in.path("pre-commit")) != old {
				t.Error("the hook that was there is lost")
			}
			if left, _ := os.ReadDir(in.Dir); chained != (len(left) == 1) {
				t.Errorf("left is %v", left)
			}
		}
	}
}

// TestLostProgram says what a hook lacks whose program is gone.
func TestLostProgram(t *testing.T) {
	for _, chained := range []bool{false, true} {
		in := Installer{t.TempDir(), filepath.Join(t.TempDir(), "gone")}
		way := "or delete " + in.path("pre-commit")
		if chained {
			write(t, in.path("pre-commit"), "#!/bin/sh\n")
			way = "or put before-scan/pre-commit back in the place of"
		}
		if _, err := in.Install("pre-commit"); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(in.path("pre-commit"))
		cmd.Env = []string{"PATH=" + t.TempDir()}
		out, err := cmd.CombinedOutput()
		exit, _ := err.(*exec.ExitError)
		if exit == nil || exit.ExitCode() != 3 || !strings.Contains(string(out), "neither at "+in.Program+" nor in PATH") || !strings.Contains(string(out), way) {
			t.Errorf("%v: %s", err, out)
		}
	}
}
