package pack

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// smallItems has every kind of entry, within a few hundred bytes.
func smallItems() []item {
	var long strings.Builder
	for i := range 60 {
		fmt.Fprintf(&long, "line %d of a longer file\n", i*i)
	}
	text := long.String()
	whole, short := blob(text), blob("short")
	up := change(text[:200]+"new"+text[300:], whole.name, deltaOf(len(text), len(text)-97, opCopy(0, 200), opInsert("new"), opCopy(300, len(text)-300)))
	down := change("new"+text[:100], up.name, deltaOf(len(text)-97, 103, opCopy(200, 3), opCopy(0, 100)))
	down.typ, down.base = plumbing.OFSDeltaObject, 2
	side := change("tail"+text[250:260], whole.name, deltaOf(len(text), 14, opInsert("tail"), opCopy(250, 10)))
	tree := []byte("100644 file\x00" + string(whole.name[:]))
	commit := []byte("tree " + nameOf(plumbing.TreeObject, tree).String() + "\n\nmessage")
	tag := []byte("object " + whole.name.String() + "\ntype blob\ntag t\n\nmessage")
	return []item{
		whole, short, up, down, side, blob(""),
		{name: nameOf(plumbing.TreeObject, tree), typ: plumbing.TreeObject, data: tree},
		{name: nameOf(plumbing.CommitObject, commit), typ: plumbing.CommitObject, data: commit},
		{name: nameOf(plumbing.TagObject, tag), typ: plumbing.TagObject, data: tag},
	}
}

// plain is a Visitor that hashes contents.
type plain struct {
	mu    sync.Mutex
	right map[plumbing.Hash]bool
	wrong []plumbing.Hash
}

func (v *plain) Visit(_ int, o *Object, _ int) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	if nameOf(o.Type, o.Data) == o.Name {
		v.right[o.Name] = true
	} else {
		v.wrong = append(v.wrong, o.Name)
	}
	return 0
}

func (*plain) Release(int, int) {}

// silent says what a walk of p gets wrong without a word; "" if nothing.
func silent(t *testing.T, p *Pack, items []item) string {
	t.Helper()
	said := len(p.Damage()) > 0
	v := &plain{right: map[plumbing.Hash]bool{}}
	if err := Walk(t.Context(), p, Options{Problem: func(Problem) { said = true }}, v); err != nil {
		said = true
	}
	for i := range items {
		p.Get(items[i].name, nil) // must not panic
	}
	switch {
	case said:
		return ""
	case len(v.wrong) > 0:
		return fmt.Sprintf("wrong content of %v", v.wrong)
	case len(v.right) != len(items):
		return fmt.Sprintf("%d of %d objects", len(v.right), len(items))
	}
	return ""
}

// TestFlippedBits flips every single bit of a small pack and of its index.
func TestFlippedBits(t *testing.T) {
	items := smallItems()
	for _, version := range []int{1, 2} {
		pack, idx := writePack(version, items)
		for _, file := range []struct {
			name string
			data []byte
			step int
		}{{"pack", pack, 1}, {"index", idx, 3}} {
			step := 1
			if testing.Short() {
				step = 5
			}
			for bit := 0; bit < 8*len(file.data); bit += step * file.step {
				file.data[bit/8] ^= 1 << (bit % 8)
				if p, err := openBytes(pack, idx); err == nil {
					if s := silent(t, p, items); s != "" {
						t.Errorf("index %d, bit %d of byte %d of %d of the %s: %s, and nothing is said", version, bit%8, bit/8, len(file.data), file.name, s)
					}
				}
				file.data[bit/8] ^= 1 << (bit % 8)
			}
		}
	}
}

// TestTruncated cuts a small pack and its index at every length.
func TestTruncated(t *testing.T) {
	items := smallItems()
	for _, version := range []int{1, 2} {
		pack, idx := writePack(version, items)
		for n := range pack {
			if p, err := openBytes(pack[:n:n], idx); err == nil && len(p.Damage()) == 0 {
				t.Errorf("nothing is said of a pack cut at %d of %d bytes", n, len(pack))
			} else if err == nil {
				silent(t, p, items)
			}
		}
		for n := range idx {
			if p, err := openBytes(pack, idx[:n:n]); err == nil {
				if s := silent(t, p, items); s != "" {
					t.Errorf("index cut at %d of %d bytes: %s, and nothing is said", n, len(idx), s)
				}
			}
		}
	}
}

// TestOpenErrors has files that cannot be opened as a pack.
func TestOpenErrors(t *testing.T) {
	pack, idx := writePack(2, smallItems())
	odd := bytes.Clone(pack)
	odd[7] = 4
	v3 := bytes.Clone(idx)
	v3[7] = 3
	for _, c := range []struct {
		name      string
		pack, idx []byte
		want      string
	}{
		{"empty pack", []byte{}, idx, "does not start as a packfile"},
		{"empty index", pack, []byte{}, "truncated at 0 bytes"},
		{"no pack", nil, idx, "no such file"},
		{"no index", pack, nil, "no such file"},
		{"version 4", odd, idx, "version 4"},
		{"index version 3", pack, v3, "version 3"},
		{"no signature", idx, idx, "does not start as a packfile"},
		{"no index at all", pack, pack, "index"},
	} {
		path := filepath.Join(t.TempDir(), "x.pack")
		if c.pack != nil {
			os.WriteFile(path, c.pack, 0o600)
		}
		if c.idx != nil {
			os.WriteFile(strings.TrimSuffix(path, "pack")+"idx", c.idx, 0o600)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	path := filepath.Join(t.TempDir(), "x.pack")
	os.Mkdir(path, 0o700)
	os.WriteFile(strings.TrimSuffix(path, "pack")+"idx", idx, 0o600)
	if _, err := Open(path); err == nil {
		t.Error("a directory was opened as a pack")
	}
}
