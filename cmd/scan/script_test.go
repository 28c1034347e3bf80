package main

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"keyrake/fixtures"
)

var update = flag.Bool("update", false, "write what the scripts' cmp commands compare with")

func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){"scan": main})
}

// shared is a folder for what many tests use.
var shared string

// tidy runs all tests, and takes away what they share and what scripts leave: a
// script may write beside its own folder.
type tidy struct{ *testing.M }

func (m tidy) Run() int {
	dir, err := os.MkdirTemp("", "scan-tests-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	shared = dir
	os.Setenv("GOTMPDIR", dir) // where testscript makes its folders
	return m.M.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Condition: func(name string) (bool, error) {
			if name != "root" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return os.Geteuid() == 0, nil
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                commands(),
		Setup: func(env *testscript.Env) error {
			root, err := filepath.Abs("../..")
			if err != nil {
				return err
			}
			env.Setenv("ROOT", root)
			for _, entry := range fixtures.Environ() {
				name, value, _ := strings.Cut(entry, "=")
				env.Setenv(name, value)
			}
			return nil
		},
	})
}

// commands are the script commands that the scripts have beside testscript's
// own: those below, and the ones that build files and repositories.
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	all := map[string]func(*testscript.TestScript, bool, []string){
		"exits":       exits,
		"exposed":     exposed,
		"history":     history,
		"found":       found,
		"count":       count,
		"hides":       hides,
		"fingerprint": fingerprint,
		"replay":      replay,
		"sha1":        sha1Of,
	}
	for _, name := range fixtures.Commands() {
		if name == "git" {
			continue // scripts say: exec git
		}
		all[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg {
				ts.Fatalf("! %s means nothing", name)
			}
			ts.Check(builder(ts).Run(name, args...))
		}
	}
	return all
}

func builder(ts *testscript.TestScript) *fixtures.Builder {
	return &fixtures.Builder{Dir: ts.MkAbs("."), Getenv: ts.Getenv, Setenv: ts.Setenv}
}

// sha1Of sets SHA1 to the SHA-1 of a file without the newline at its end.
func sha1Of(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sha1 FILE")
	}
	sum := sha1.Sum([]byte(strings.TrimSuffix(ts.ReadFile(args[0]), "\n")))
	ts.Setenv("SHA1", hex.EncodeToString(sum[:]))
}

// replay builds a shared description in the current folder: replay worker.
func replay(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: replay DESCRIPTION")
	}
	description, err := fixtures.Load(args[0])
	ts.Check(err)
	ts.Check(builder(ts).Replay(description))
}

// exits runs a program and demands an exit code: exits 2 scan --bogus.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// history scans a history as JSON with secrets shown: by what changed and in
// full, with one worker and with eight. All must give the same bytes, which stay
// behind as stdout: history 1 [REPO]. In full with one worker is for the long tests.
func history(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: history CODE [ARG...]")
	}
	scan := func(flags ...string) string {
		flags = append(flags, "--history", "--format", "json", "--show-secrets")
		exits(ts, false, append(append([]string{args[0], "scan"}, flags...), args[1:]...))
		return ts.ReadFile("stdout")
	}
	first := scan("-j", "1")
	more := [][]string{{"-j", "8"}, {"-j", "8", "--full-scan"}, {"-j", "1", "--full-scan"}}
	for _, flags := range more[:fixtures.Cases(2, 3)] {
		if next := scan(flags...); next != first {
			ts.Fatalf("%s gives another report:\n%s\nand -j 1\n%s", strings.Join(flags, " "), next, first)
		}
	}
}
