package repo

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// plainRefs lists refs as they were listed before packed ones had a list of their
// own: all in one map, where what comes first stays.
func plainRefs(r *Repo, packed []byte) []Ref {
	rd := &refReader{repo: r, shared: refTable{}}
	rd.loose(r.CommonDir, "refs", rd.shared, true)
	more := map[string][]plumbing.Hash{} // what a name that is there twice is as well
	loose := maps.Clone(rd.shared)
	last := map[string]plumbing.Hash{}
	parsePackedRefs(packed, func(name []byte, id plumbing.Hash) {
		n := string(name)
		if _, ok := loose[n]; ok || last[n] == id {
			return
		}
		if _, ok := rd.shared[n]; ok {
			more[n] = append(more[n], id)
		} else {
			rd.shared[n] = refValue{id: id}
		}
		last[n] = id
	})
	for name := range rd.shared {
		rd.emit(name, &worktree{refs: rd.shared}, !validRefName(name))
	}
	for name, ids := range more {
		for _, id := range ids {
			rd.refs = append(rd.refs, Ref{Name: name, Target: id, Kind: kindOf(name)})
		}
	}
	slices.SortFunc(rd.refs, func(a, b Ref) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), bytes.Compare(a.Target[:], b.Target[:]))
	})
	return rd.refs
}

// TestPackedRefsAsMap: loose refs and symbolic ones over packed refs that come in any
// order, twice, and with broken lines between them.
func TestPackedRefsAsMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	dir := t.TempDir()
	r := &Repo{GitDir: dir, CommonDir: dir}
	for range 40 {
		os.RemoveAll(filepath.Join(dir, "refs"))
		if err := os.MkdirAll(filepath.Join(dir, "refs", "heads"), 0o755); err != nil {
			t.Fatal(err)
		}
		name := func() string { return fmt.Sprintf("refs/heads/b%d", rng.IntN(12)) }
		var packed bytes.Buffer
		for range rng.IntN(20) {
			fmt.Fprintf(&packed, "%040x %s\n", rng.IntN(3), name())
			if rng.IntN(8) == 0 {
				packed.WriteString("no ref\n")
			}
		}
		for range rng.IntN(6) {
			content := fmt.Sprintf("%040x\n", 1+rng.IntN(3))
			if rng.IntN(2) == 0 {
				content = "ref: " + name() + "\n"
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name())), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "packed-refs"), packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		got, _ := r.Refs()
		if want := plainRefs(r, packed.Bytes()); !slices.Equal(got, want) {
			t.Fatalf("%v\nwant %v\nof %s", got, want, packed.Bytes())
		}
	}
}

// TestPlainName: a name that is taken at a glance is one that git could have written.
func TestPlainName(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	pieces := []string{"a", "l", "lock", ".lock", ".", "/", "@", "{", "-", "+", "_", "Z", "0", "~", "\x7f", "é", "\x00", "*", "refs/", "[", "`", "|"}
	plain := 0
	for range 200_000 {
		name := "refs/"
		for range rng.IntN(6) {
			name += pieces[rng.IntN(len(pieces))]
		}
		if isPlainName([]byte(name)) {
			plain++
			if !isPackedName(name) {
				t.Fatalf("%q", name)
			}
		}
	}
	for _, name := range []string{"refs/heads/main", "refs/tags/@scope/tool@1.2.3-rc_4+5", "refs/remotes/origin/a.b/c-d"} {
		if !isPlainName([]byte(name)) {
			t.Errorf("%q is plain", name)
		}
	}
	if plain < 1000 {
		t.Errorf("%d plain names", plain)
	}
}

// TestPackedRefsMemory: many packed refs are held once.
func TestPackedRefsMemory(t *testing.T) {
	const refs, most = 50_000, 256 // bytes for a ref: its line, its name, and 80 for the rest
	dir := t.TempDir()
	var packed bytes.Buffer
	for i := range refs {
		fmt.Fprintf(&packed, "%040x refs/heads/b%07d\n", i+1, i)
	}
	if err := os.WriteFile(filepath.Join(dir, "packed-refs"), packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, _ := (&Repo{GitDir: dir, CommonDir: dir}).Refs()
	runtime.ReadMemStats(&after)
	if len(got) != refs {
		t.Fatalf("%d refs", len(got))
	}
	if used := (after.TotalAlloc - before.TotalAlloc) / refs; used > most {
		t.Errorf("%d bytes for a ref, want %d at most", used, most)
	} else {
		t.Logf("%d bytes for a ref", used)
	}
}
