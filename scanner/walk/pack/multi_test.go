package pack

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// multiRepository has two packs and git's index of both.
func multiRepository(t testing.TB) (path string, packs map[string]*Pack, names []plumbing.Hash) {
	t.Helper()
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v %s", args, err, out)
		}
	}
	git("init", "-q")
	for _, text := range []string{"one", "two"} {
		if err := os.WriteFile(filepath.Join(dir, text), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		git("add", ".")
		git("commit", "-q", "-m", text)
		git("repack", "-q", "-d")
	}
	git("multi-pack-index", "write")
	folder := filepath.Join(dir, ".git", "objects", "pack")
	files, err := filepath.Glob(filepath.Join(folder, "*.pack"))
	if err != nil || len(files) != 2 {
		t.Fatalf("packs: %v, %v", files, err)
	}
	packs = map[string]*Pack{}
	for _, file := range files {
		p, err := Open(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		base := filepath.Base(file)
		packs[base[:len(base)-len(".pack")]] = p
		for i := range p.Len() {
			names = append(names, p.Name(i))
		}
	}
	return filepath.Join(folder, "multi-pack-index"), packs, names
}

// checkMulti opens and checks a copy of data.
func checkMulti(t testing.TB, data []byte, packs map[string]*Pack, names []plumbing.Hash) (all error, one error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "multi-pack-index")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := OpenMulti(path)
	if err != nil {
		return err, err
	}
	defer m.Close()
	by := func(name string) *Pack { return packs[name] }
	for _, h := range names {
		one = errors.Join(one, m.CheckOne(h, by))
	}
	return m.Check(by), one
}

// TestMultiIndex: git's own index is right, and each place in it that names
// another object or pack is not.
func TestMultiIndex(t *testing.T) {
	path, packs, names := multiRepository(t)
	if _, err := OpenMulti(path + ".none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is not there: %v", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if all, one := checkMulti(t, data, packs, names); all != nil || one != nil {
		t.Fatalf("git's own: %v, %v", all, one)
	}
	m := &MultiIndex{}
	if err := m.parse(data); err != nil {
		t.Fatal(err)
	}
	if m.n != len(names) {
		t.Fatalf("%d names, of %d", m.n, len(names))
	}
	at := -1
	for i := range len(data) {
		if &data[i] == &m.offs[0] {
			at = i
		}
	}
	for i := range m.n {
		for _, b := range []int{3, 7} { // of the pack, and of the offset
			bad := append([]byte{}, data...)
			bad[at+8*i+b] ^= 1
			if all, one := checkMulti(t, bad, packs, names); all == nil || one == nil {
				t.Errorf("entry %d, byte %d: %v, %v", i, b, all, one)
			}
		}
	}
	for i := range data { // whatever it says, nothing breaks
		bad := append([]byte{}, data...)
		bad[i] ^= 0x80
		checkMulti(t, bad, packs, names)
		if all, _ := checkMulti(t, data[:i], packs, names); all == nil && i < len(data)-hashLen { // nobody looks at its checksum
			t.Errorf("cut to %d of %d bytes, and right", i, len(data))
		}
	}
	// A pack that is gone is one that git does not use.
	for name := range packs {
		delete(packs, name)
		break
	}
	if all, _ := checkMulti(t, data, packs, names); all != nil {
		t.Errorf("without a pack: %v", all)
	}
}

// FuzzMultiIndex: no file is too odd, and one name at a time finds no lie that all
// together do not.
func FuzzMultiIndex(f *testing.F) {
	path, packs, names := multiRepository(f)
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &MultiIndex{}
		if m.parse(data) != nil {
			return
		}
		by := func(name string) *Pack { return packs[name] }
		all := m.Check(by)
		for _, h := range names {
			if err := m.CheckOne(h, by); err != nil && all == nil && len(m.fan) == 1024 && m.sound() {
				t.Errorf("%v, and all is right", err)
			}
		}
	})
}

// sound reports whether the fan-out says no more than there is.
func (m *MultiIndex) sound() bool {
	for i := range 256 {
		if n := int(uint32(m.fan[4*i])<<24 | uint32(m.fan[4*i+1])<<16 | uint32(m.fan[4*i+2])<<8 | uint32(m.fan[4*i+3])); n > m.n {
			return false
		}
	}
	return true
}
