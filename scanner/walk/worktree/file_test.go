package worktree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func one(t *testing.T, opt Options) File {
	t.Helper()
	files, _ := collect(t, opt)
	if len(files) != 1 {
		t.Fatalf("found %q, want one file", paths(files))
	}
	return files[0]
}

func TestReadGrownAndShrunk(t *testing.T) {
	top := build(t)
	put(t, top, "f", strings.Repeat("a", 100))
	f := one(t, Options{Roots: []string{top}})
	buf := make([]byte, 0, 10)
	for _, size := range []int{100, 100000, 3, 0, 4096} {
		put(t, top, "f", strings.Repeat("b", size))
		data, err := f.Read(buf)
		if err != nil || len(data) != size || bytes.Count(data, []byte("b")) != size {
			t.Errorf("size %d: read %d bytes, %v", size, len(data), err)
		}
		buf = data
	}
	big := make([]byte, 0, 8192)
	if data, err := f.Read(big); err != nil || &data[:1][0] != &big[:1][0] {
		t.Errorf("the caller's buffer was not used (%v)", err)
	}
}

// TestReadAll: the size that a file is said to have is no more than a hint. Some that the
// system makes say 0, or a page.
func TestReadAll(t *testing.T) {
	for _, n := range []int{0, 1, 511, 512, 4096, 70_000} {
		content := strings.Repeat("x", n)
		for _, size := range []int64{0, int64(n), int64(n) + 1, 4096, 100_000} {
			if 0 < size && size < int64(n) {
				continue // it has grown, and what it had then is enough
			}
			data, err := readAll(iotest.HalfReader(strings.NewReader(content)), size, nil, 100_000)
			if err != nil || string(data) != content {
				t.Errorf("%d bytes said to be %d: %d, %v", n, size, len(data), err)
			}
			if data, err := readAll(strings.NewReader(content), size, nil, int64(n)-1); !errors.Is(err, ErrTooLarge) && n > 0 {
				t.Errorf("%d bytes said to be %d, beyond the limit: %d, %v", n, size, len(data), err)
			}
		}
	}
}

func TestReadLimit(t *testing.T) {
	top := build(t)
	put(t, top, "f", strings.Repeat("a", 11))
	for _, root := range []string{top, filepath.Join(top, "f")} {
		f := one(t, Options{Roots: []string{root}, MaxFileBytes: 10})
		_, err := f.Read(nil)
		var p Problem
		if !errors.As(err, &p) || p.What != f.Path || !strings.Contains(p.Reason, "limit of 10 bytes") {
			t.Errorf("err = %v", err)
		}
		put(t, top, "f", strings.Repeat("a", 10))
		if data, err := f.Read(nil); err != nil || len(data) != 10 {
			t.Errorf("at the limit: %d bytes, %v", len(data), err)
		}
		put(t, top, "f", strings.Repeat("a", 11))
	}
}

func TestReadRemoved(t *testing.T) {
	top := build(t, "f")
	f := one(t, Options{Roots: []string{top}})
	if err := os.Remove(filepath.Join(top, "f")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err = %v, want one that is fs.ErrNotExist", err)
	}
}

// Between listing and reading, parts of the tree become links.
func TestReadSwapped(t *testing.T) {
	outside := build(t, "d/f")
	put(t, outside, "d/f", "outside")
	top := build(t, "d/f", "other")
	files, _ := collect(t, Options{Roots: []string{top}})
	f := files[0]
	replace := func(name, target string) {
		t.Helper()
		if err := os.RemoveAll(filepath.Join(top, name)); err != nil {
			t.Fatal(err)
		}
		link(t, target, filepath.Join(top, name))
	}
	replace("d/f", "../other")
	if data, err := f.Read(nil); err == nil {
		t.Errorf("followed a link inside the root: %q", data)
	}
	replace("d/f", filepath.Join(outside, "d/f"))
	if data, err := f.Read(nil); err == nil {
		t.Errorf("followed a link out of the root: %q", data)
	}
	replace("d", filepath.Join(outside, "d"))
	if data, err := f.Read(nil); err == nil {
		t.Errorf("followed a directory link out of the root: %q", data)
	}
	put(t, top, "new", "new")
	if err := os.Remove(filepath.Join(top, "d")); err != nil {
		t.Fatal(err)
	}
	put(t, top, "d/f", "again")
	if data, err := f.Read(nil); err != nil || string(data) != "again" {
		t.Errorf("a file that an editor replaced: %q, %v", data, err)
	}
}

// More directories than a place keeps open, read from many goroutines.
func TestParallelReads(t *testing.T) {
	var names []string
	for i := range 60 {
		for j := range 3 {
			names = append(names, fmt.Sprintf("d%d/e%d/f%d", i%20, i, j))
		}
	}
	top := build(t, names...)
	t.Chdir(top)
	files, _ := collect(t, Options{Roots: []string{"."}})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			var buf []byte
			for i := range files {
				f := files[(i*(w+1)+w*40)%len(files)]
				data, err := f.Read(buf)
				if err != nil || string(data) != f.Path {
					t.Errorf("Read(%q) = %q, %v", f.Path, data, err)
				}
				buf = data
			}
		})
	}
	wg.Wait()
	if len(files) != len(names) {
		t.Errorf("%d files, want %d", len(files), len(names))
	}
}

// TestStream reads a file of any size in pieces; one that is nearly all holes, and
// one that grows without end, is a problem.
func TestStream(t *testing.T) {
	top := build(t)
	put(t, top, "f", strings.Repeat("a", 100_000))
	f := one(t, Options{Roots: []string{top}, MaxFileBytes: 10})
	if _, err := f.Read(nil); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	n := 0
	read := func(r io.Reader) error {
		data, err := io.ReadAll(r)
		n = len(data)
		return err
	}
	if err := f.Stream(read); err != nil || n != 100_000 {
		t.Errorf("%d bytes, %v", n, err)
	}
	err := f.At(func(at io.ReaderAt, size int64) error {
		b := make([]byte, 3)
		_, err := at.ReadAt(b, size-3)
		if string(b) != "aaa" || size != 100_000 {
			t.Errorf("%q at the end of %d bytes", b, size)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	var p Problem
	if err := f.Stream(func(io.Reader) error { return io.ErrNoProgress }); !errors.As(err, &p) || p.What != f.Path || !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
	if _, err := io.ReadAll(&growing{endless{}, 1000}); err != errGrows {
		t.Error(err)
	}
	path := filepath.Join(top, "f")
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Skip(err)
	}
	if err := f.Stream(read); runtime.GOOS != "windows" && (err == nil || !strings.Contains(err.Error(), "holes")) {
		t.Error(err)
	}
	os.Remove(path)
	if err := f.Stream(read); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// endless is a file that goes on for ever.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return min(len(b), 100), nil }
