package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeText(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

// onlyFile fails unless dir holds nothing but the named files.
func onlyFile(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(names) {
		t.Errorf("%s holds %v, want %v", dir, entries, names)
	}
}

func TestWriteOutput(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report")
	for _, text := range []string{"first", "second, longer"} {
		if err := checkOutput(path); err != nil {
			t.Fatal(err)
		}
		if err := writeOutput(path, writeText(text)); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil || string(data) != text {
			t.Errorf("%q, %v; want %q", data, err, text)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		// A file that others can read must not stay so.
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	onlyFile(t, dir, "report")
}

func TestWriteOutputKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report")
	if err := writeOutput(path, writeText("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := writeOutput(path, func(w io.Writer) error { io.WriteString(w, "half"); return broken })
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "old" {
		t.Errorf("the file holds %q", data)
	}
	onlyFile(t, dir, "report")
}

func TestWriteOutputThroughLinks(t *testing.T) {
	dir := t.TempDir()
	target, link, lost := filepath.Join(dir, "target"), filepath.Join(dir, "link"), filepath.Join(dir, "lost")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Symlink(target, link), os.Symlink("nowhere", lost)); err != nil {
		t.Skip(err)
	}
	if err := writeOutput(link, writeText("x")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if data, _ := os.ReadFile(target); string(data) != "x" {
		t.Errorf("the target holds %q", data)
	}
	for _, path := range []string{lost, dir, filepath.Join(dir, "no", "such")} {
		if err := checkOutput(path); err == nil {
			t.Errorf("checkOutput accepts %s", path)
		}
		if err := writeOutput(path, writeText("x")); err == nil {
			t.Errorf("writeOutput accepts %s", path)
		}
	}
	onlyFile(t, dir, "target", "link", "lost")
}

func TestWriteOutputLeavesDevicesAlone(t *testing.T) {
	if _, err := os.Stat(os.DevNull); err != nil {
		t.Skip(err)
	}
	if err := errors.Join(checkOutput(os.DevNull), writeOutput(os.DevNull, writeText("x"))); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Error("the device was replaced")
	}
}

// TestUnwritableNames says which file could not be written, not a temporary one.
func TestUnwritableNames(t *testing.T) {
	name := filepath.Join(t.TempDir(), "none", "report.json")
	err := writeOutput(name, func(io.Writer) error { return nil })
	if err == nil || strings.Contains(err.Error(), ".tmp") || !strings.Contains(err.Error(), name) {
		t.Errorf("the error is %v", err)
	}
}
