//go:build unix

package worktree

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSpecialFiles(t *testing.T) {
	top := build(t, "a")
	t.Chdir(top)
	for _, name := range []string{"p1", "p\n2", "p3", "p4", "p5", "p6"} {
		if err := syscall.Mkfifo(filepath.Join(top, name), 0o600); err != nil {
			t.Skipf("mkfifo: %v", err)
		}
	}
	l, err := net.Listen("unix", "a-sock")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	files, res := collect(t, Options{Roots: []string{"."}})
	wantPaths(t, files, "a")
	if res.Special != 7 || len(res.Problems) != 0 {
		t.Errorf("Special = %d, problems %v", res.Special, res.Problems)
	}
	wantNote(t, res, `7 special files were not read: socket "a-sock", pipe "p\n2", pipe "p1", pipe "p3", pipe "p4" and 2 more`)

	// Named by the user, a pipe is something that was to be read.
	_, res = collect(t, Options{Roots: []string{"p1", "/dev/null"}})
	if len(res.Problems) != 2 || !strings.Contains(res.Problems[0].Reason, "it is a pipe") || !strings.Contains(res.Problems[1].Reason, "it is a device") {
		t.Errorf("problems = %v", res.Problems)
	}
}

// A file that becomes a pipe after it was listed must not block the reader.
func TestReadOfAPipeDoesNotWait(t *testing.T) {
	top := build(t, "f")
	f := one(t, Options{Roots: []string{top}})
	if err := os.Remove(filepath.Join(top, "f")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(top, "f"), 0o600); err != nil {
		t.Skipf("mkfifo: %v", err)
	}
	done := make(chan error, 1)
	go func() { _, err := f.Read(nil); done <- err }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("a pipe was read")
		}
	case <-time.After(time.Minute):
		t.Fatal("Read waits for a pipe")
	}
}

// A directory that is replaced by a link between being seen and being listed.
func TestListSwappedDirectory(t *testing.T) {
	top := build(t, "d/x", "other/y")
	at, err := openPlace(top, new(heldFolders))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(top, "d"), filepath.Join(top, "old")); err != nil {
		t.Fatal(err)
	}
	link(t, "other", filepath.Join(top, "d"))
	if entries, err := at.list("d"); !errors.Is(err, errReplaced) {
		t.Errorf("listed a link: %v, %v", entries, err)
	}
}
