package top_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"keyrake/fixtures"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/top"
)

// build makes a repository of a few commands, one a line.
func build(t *testing.T, lines ...string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := fixtures.New(dir)
	for _, line := range append([]string{"git init -q"}, lines...) {
		args := strings.Split(line, " ")
		if err := b.Run(args[0], args[1:]...); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return dir
}

func open(t *testing.T, path string) *top.Top {
	t.Helper()
	r, err := repo.Open(repo.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	to, err := top.Open(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { to.Close() })
	return to
}

// TestRead reads the same files from a work tree and from the bare clone of it.
func TestRead(t *testing.T) {
	dir := build(t, "write a.yaml one", "write sub/b.yaml two", "commit start", "git clone -q --bare . bare.git")
	trees := map[string]*top.Top{"work tree": open(t, filepath.Join(dir, "sub")), "bare": open(t, filepath.Join(dir, "bare.git"))}
	for name, to := range trees {
		for file, want := range map[string]string{
			"a.yaml": "one\n", "sub/b.yaml": "two\n",
			"none": "not there", "sub/none": "not there", "none/a.yaml": "not there", "a.yaml/b": "not there",
			"sub": "it is not a regular file", "": "it is not below the top", "/a.yaml": "it is not below the top",
			"../a.yaml": "it is not below the top", "sub/../a.yaml": "it is not below the top",
		} {
			data, err := to.Read(file, 4)
			got := string(data)
			if err != nil {
				got = err.Error()
			}
			if errors.Is(err, fs.ErrNotExist) {
				got = "not there"
			}
			if file == "a.yaml/b" && err != nil && name == "work tree" {
				got = "not there" // the system may say that a.yaml is no folder
			}
			if !strings.Contains(got, want) {
				t.Errorf("%s, %q: %q, want %q", name, file, got, want)
			}
		}
		if _, err := to.Read("a.yaml", 3); err == nil || !strings.Contains(err.Error(), "read a.yaml: it has more than 3 bytes") {
			t.Errorf("%s: above the limit: %v", name, err)
		}
	}
}

// TestBareIsHead: only what HEAD holds counts, and nothing before its first commit.
func TestBareIsHead(t *testing.T) {
	dir := build(t, "write a one", "commit start", "git clone -q --bare . bare.git", "git switch -q -c other", "write b two", "commit more", "git push -q bare.git other")
	to := open(t, filepath.Join(dir, "bare.git"))
	if _, err := to.Read("b", 9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file of another branch: %v", err)
	}
	empty := build(t, "git init -q --bare empty.git")
	if _, err := open(t, filepath.Join(empty, "empty.git")).Read("a", 9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a commit: %v", err)
	}
}

// TestLinks: no link is followed to a file, in a work tree or in HEAD.
func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs symbolic links")
	}
	dir := build(t, "write a one", "write out/secret two")
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "x"), []byte("outside"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"inner": "a", "abs": filepath.Join(outside, "x"), "folder": outside} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	b := fixtures.New(dir)
	for _, args := range [][]string{{"commit", "start"}, {"git", "clone", "-q", "--bare", ".", "bare.git"}} {
		if err := b.Run(args[0], args[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "bare.git")} {
		to := open(t, path)
		for _, name := range []string{"inner", "abs", "folder", "folder/x"} {
			if data, err := to.Read(name, 99); err == nil {
				t.Errorf("%s: %s is read: %q", path, name, data)
			}
		}
	}
}

func TestWithin(t *testing.T) {
	dir := build(t, "write sub/a one", "commit start", "git clone -q --bare . bare.git")
	to := open(t, dir)
	t.Chdir(filepath.Join(dir, "sub"))
	for file, want := range map[string]string{
		"a": "sub/a", "./a": "sub/a", "../sub/a": "sub/a", "../new/none": "new/none", filepath.Join(dir, "sub/a"): "sub/a",
		"../../a": "", "/": "", filepath.Dir(dir): "",
	} {
		got, ok := to.Within(file)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%s is %q, %v, want %q", file, got, ok, want)
		}
	}
	if runtime.GOOS != "windows" {
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(dir, link); err != nil {
			t.Fatal(err)
		}
		if got, ok := to.Within(filepath.Join(link, "sub/a")); !ok || got != "sub/a" {
			t.Errorf("through a link: %q, %v", got, ok)
		}
	}
	if _, ok := open(t, filepath.Join(dir, "bare.git")).Within("a"); ok {
		t.Error("a bare repository has files on disk")
	}
}
