package warm

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// later is a time at which all files made before have settled.
func later() time.Time { return time.Now().Add(time.Minute) }

func seal(words ...string) Seal {
	s := NewSealer()
	s.Text(words...)
	return s.Seal(later())
}

func sealOf(dir string) Seal {
	s := NewSealer()
	s.Tree(dir)
	return s.Seal(later())
}

func needIdentity(t *testing.T) {
	t.Helper()
	if info, err := os.Stat("."); err != nil {
		t.Fatal(err)
	} else if _, ok := identify(info); !ok {
		t.Skip("nothing is kept on this system")
	}
}

// TestDamage: whatever is done to a file, it is a miss, or says what was kept.
func TestDamage(t *testing.T) {
	needIdentity(t)
	path := filepath.Join(t.TempDir(), "keyrake", "file")
	kept := []byte(strings.Repeat("what was kept; ", 20))
	if err := Save(path, seal("a"), bytes.NewReader(kept)); err != nil {
		t.Fatal(err)
	}
	if got, ok := Load(path, seal("a")); !ok || !bytes.Equal(got, kept) {
		t.Fatalf("%q, %t", got, ok)
	}
	for name, state := range map[string]Seal{"another state": seal("b"), "no state": {}} {
		if _, ok := Load(path, state); ok {
			t.Errorf("%s: a hit", name)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(name string, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok := Load(path, seal("a")); ok {
			t.Errorf("%s: a hit", name)
		}
	}
	for i := range whole {
		for _, flip := range []byte{1, 0x80, 0xff} {
			data := bytes.Clone(whole)
			data[i] ^= flip
			try(fmt.Sprintf("byte %d flipped by %x", i, flip), data)
		}
		try(fmt.Sprintf("cut to %d bytes", i), whole[:i])
		try(fmt.Sprintf("byte %d left out", i), append(bytes.Clone(whole[:i]), whole[i+1:]...))
	}
	try("one byte more", append(bytes.Clone(whole), 0))
}

// TestPrivate: what somebody else may have written is a miss, and is not written to.
func TestPrivate(t *testing.T) {
	needIdentity(t)
	dir := filepath.Join(t.TempDir(), "keyrake")
	path := filepath.Join(dir, "file")
	if err := Save(path, seal("a"), bytes.NewReader([]byte("kept"))); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, dir} {
		info, err := os.Stat(p)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v, %v", p, info.Mode(), err)
		}
		for _, mode := range []os.FileMode{0o722, 0o702, 0o720} {
			if err := os.Chmod(p, mode); err != nil {
				t.Fatal(err)
			}
			if _, ok := Load(path, seal("a")); ok {
				t.Errorf("%s with mode %o: a hit", p, mode)
			}
			if err := Save(path, seal("a"), bytes.NewReader([]byte("kept"))); (err != nil) != (p == dir) {
				t.Errorf("%s with mode %o: save: %v", p, mode, err)
			}
		}
		if err := os.Chmod(p, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := os.Rename(dir, other); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, dir); err != nil {
		t.Fatal(err)
	}
	if _, ok := Load(path, seal("a")); ok {
		t.Error("through a link: a hit")
	}
	if err := Save(path, seal("a"), bytes.NewReader([]byte("kept"))); err == nil {
		t.Error("through a link: saved")
	}
}

// TestForeign: nothing is made in a folder of somebody else.
func TestForeign(t *testing.T) {
	needIdentity(t)
	parent := t.TempDir()
	if err := os.Chown(parent, os.Geteuid()+1, -1); err != nil {
		t.Skip("only root can give a folder away")
	}
	if err := Save(filepath.Join(parent, "keyrake", "file"), seal("a"), bytes.NewReader([]byte("kept"))); err == nil {
		t.Error("saved")
	}
	if _, err := os.Stat(filepath.Join(parent, "keyrake")); err == nil {
		t.Error("the folder was made")
	}
}

// TestTwoAtOnce: readers see one file or the other, whole.
func TestTwoAtOnce(t *testing.T) {
	needIdentity(t)
	path := filepath.Join(t.TempDir(), "keyrake", "file")
	var wg sync.WaitGroup
	for w := range 4 {
		text := bytes.Repeat([]byte{byte('a' + w)}, 10_000*(w+1))
		wg.Go(func() {
			for range 50 {
				if err := Save(path, seal("a"), bytes.NewReader(text)); err != nil {
					t.Error(err)
				}
				if got, ok := Load(path, seal("a")); !ok || len(got) != 10_000*int(got[0]-'a'+1) || bytes.Count(got, got[:1]) != len(got) {
					t.Errorf("%d bytes, %t", len(got), ok)
				}
			}
		})
	}
	wg.Wait()
	names, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

// TestSweep: what a scan that was killed left behind goes, later.
func TestSweep(t *testing.T) {
	needIdentity(t)
	dir := filepath.Join(t.TempDir(), "keyrake")
	path := filepath.Join(dir, "file")
	if err := Save(path, seal("a"), bytes.NewReader(nil)); err != nil {
		t.Fatal(err)
	}
	fresh, stale := filepath.Join(dir, "tmp-1"), filepath.Join(dir, "tmp-2")
	for _, p := range []string{fresh, stale} {
		if err := os.WriteFile(p, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-2 * maxStale)
	if err := os.Chtimes(stale, old, old); err != nil {
		t.Fatal(err)
	}
	if err := Save(path, seal("a"), bytes.NewReader(nil)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Error("a file that is being written was taken away")
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("a file that was left behind stays")
	}
}

// TestSeal: every change of a tree changes its seal, also one that keeps the
// size and puts the time of change back; and what changes nothing does not.
func TestSeal(t *testing.T) {
	needIdentity(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "a", "b", "file")
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(file, "one")
	was := sealOf(dir)
	if !was.Same(sealOf(dir)) {
		t.Error("the same tree has two seals")
	}
	temp := filepath.Join(dir, "a", "temporary")
	write(temp, "x")
	os.Remove(temp)
	if !was.Same(sealOf(dir)) {
		t.Error("a file that came and went changes the seal")
	}
	info, _ := os.Stat(file)
	for name, change := range map[string]func(){
		"same size, time put back": func() { write(file, "two"); os.Chtimes(file, info.ModTime(), info.ModTime()) },
		"the same bytes again":     func() { os.Remove(file); write(file, "one") },
		"another file":             func() { write(filepath.Join(dir, "a", "more"), "") },
		"another folder":           func() { os.Mkdir(filepath.Join(dir, "c"), 0o777) },
		"a file less":              func() { os.Remove(file) },
		"another mode":             func() { write(file, "one"); os.Chmod(file, 0o600) },
	} {
		before := sealOf(dir)
		time.Sleep(30 * time.Millisecond) // longer than a tick of the file's clock
		change()
		if before == sealOf(dir) {
			t.Errorf("%s: the seal stays", name)
		}
	}
	if s := NewSealer(); s.Seal(time.Now()) == (Seal{}) {
		t.Error("an empty state is no state")
	}
	now := time.Now() // however long this machine takes to look at the file
	write(file, "just now")
	s := NewSealer()
	s.Tree(dir)
	if s.Seal(now).known {
		t.Error("a file that changed just now is known")
	}
	if a, b := seal("ab", "c"), seal("a", "bc"); a == b {
		t.Error("words run together")
	}
}

// TestSealOfObjects: of an object folder what git reads there counts, and what
// else stands in it is not looked at, be it the whole disk.
func TestSealOfObjects(t *testing.T) {
	needIdentity(t)
	dir := t.TempDir()
	write := func(name string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	state := func() Seal {
		s := NewSealer()
		s.Objects(dir)
		if s.looks > 100 {
			t.Fatalf("%d files and folders were looked at", s.looks)
		}
		return s.Seal(later())
	}
	for i := range 200 {
		write(fmt.Sprintf("etc/%d", i))
	}
	for _, link := range []string{"disk", "pack/disk", "ab/disk"} {
		os.MkdirAll(filepath.Join(dir, filepath.Dir(link)), 0o777)
		if err := os.Symlink(filepath.Join(dir, "etc"), filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	before := state()
	write("etc/more")
	write("abc/file")
	if !before.Same(state()) {
		t.Error("a file that is no object changes the seal")
	}
	for _, name := range []string{"pack/p.pack", "pack/p.idx", "info/alternates", "00/1", "ff/2"} {
		before := state()
		write(name)
		if before == state() {
			t.Errorf("%s: the seal stays", name)
		}
	}
}

// FuzzLoad: a file gives back what was kept for this state, or nothing. Flip
// changes a sound file, data stands in the place of one.
func FuzzLoad(f *testing.F) {
	state := seal("a")
	f.Add([]byte("what was kept"), uint16(20), byte(1))
	f.Add([]byte(magic), uint16(0), byte(0))
	f.Add([]byte{}, uint16(60), byte(0x80))
	path := filepath.Join(f.TempDir(), "keyrake", "file")
	f.Fuzz(func(t *testing.T, data []byte, at uint16, flip byte) {
		needIdentity(t)
		if err := Save(path, state, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if int(at) < len(whole) {
			whole[at] ^= flip
		} else {
			flip = 0
		}
		for _, file := range [][]byte{whole, data} {
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			got, ok := Load(path, state)
			sound := flip == 0 && bytes.Equal(file, whole)
			if ok != sound || ok && !bytes.Equal(got, data) {
				t.Fatalf("kept %q, changed by %#x at %d: %q, %t", data, flip, at, got, ok)
			}
		}
	})
}

// huge writes itself in many parts.
type huge struct{ parts, size int }

func (h huge) WriteTo(w io.Writer) (n int64, err error) {
	part := make([]byte, h.size)
	for range h.parts {
		if _, err = w.Write(part); err != nil {
			return n, err
		}
		n += int64(len(part))
	}
	return n, nil
}

// TestTooLarge: what Load would refuse is not kept, and what is as large as it may be is.
func TestTooLarge(t *testing.T) {
	needIdentity(t)
	path := filepath.Join(t.TempDir(), "keyrake", "file")
	room := maxFile - len(magic) - 2*sha256.Size
	if err := Save(path, seal("a"), huge{1, room}); err != nil {
		t.Fatal(err)
	}
	if data, ok := Load(path, seal("a")); !ok || len(data) != room {
		t.Errorf("%d bytes, %t", len(data), ok)
	}
	if err := Save(path, seal("b"), huge{2, room/2 + 1}); !errors.Is(err, errTooLarge) {
		t.Errorf("a file that is too large: %v", err)
	}
	if _, ok := Load(path, seal("a")); !ok {
		t.Error("what was kept is lost")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "tmp-*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
