package pack

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/fixtures"
)

// git runs git in dir and returns its output.
func git(t testing.TB, dir, stdin string, args ...string) []byte {
	t.Helper()
	out, err := fixtures.Git(dir, stdin, []string{"GIT_DIR=."}, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// edited makes a bare repository in which random files go through random edits.
func edited(t testing.TB, seed uint64, commits int) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	word := func() string { return fmt.Sprintf("%x\n", rng.Uint64()>>rng.IntN(60)) }
	files := make([][]string, 8)
	for f := range files {
		for range 1 << (2 * f / 2) * 20 {
			files[f] = append(files[f], word())
		}
	}
	var s strings.Builder
	for c := range commits {
		fmt.Fprintf(&s, "commit refs/heads/main\ncommitter A <a@example.com> %d +0000\ndata 2\nc\n", c)
		for range 1 + rng.IntN(3) {
			f := rng.IntN(len(files))
			lines := files[f]
			a := rng.IntN(len(lines))
			b := min(len(lines), a+rng.IntN(6))
			switch rng.IntN(4) {
			case 0:
				lines = append(lines[:a:a], lines[b:]...)
			case 1: // moves a block
				lines = append(append(lines[b:len(lines):len(lines)], lines[:a]...), lines[a:b]...)
			default:
				lines = append(append(lines[:a:a], word(), word()), lines[b:]...)
			}
			if len(lines) == 0 {
				lines = []string{word()}
			}
			files[f] = lines
			text := strings.Join(lines, "")
			fmt.Fprintf(&s, "M 100644 inline d%d/f%d\ndata %d\n%s\n", f%3, f, len(text), text)
		}
	}
	fmt.Fprintf(&s, "M 100644 inline empty\ndata 0\n\ntag v1\nfrom refs/heads/main\ntagger A <a@example.com> 1 +0000\ndata 2\nv\n")
	dir := t.TempDir()
	git(t, dir, "", "init", "-q", "--bare", ".")
	git(t, dir, s.String(), "fast-import", "--quiet")
	return dir
}

// truth is what git makes of a repository's objects.
type truth map[plumbing.Hash]object

type object struct {
	typ  plumbing.ObjectType
	data []byte
}

func contents(t testing.TB, dir string) truth {
	t.Helper()
	all := truth{}
	r := bufio.NewReader(bytes.NewReader(git(t, dir, "", "cat-file", "--batch-all-objects", "--batch", "--buffer")))
	for {
		var name, typ string
		var size int
		if _, err := fmt.Fscanf(r, "%s %s %d\n", &name, &typ, &size); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		o := object{data: make([]byte, size)}
		o.typ, _ = plumbing.ParseObjectType(typ)
		if _, err := io.ReadFull(r, o.data); err != nil {
			t.Fatal(err)
		}
		r.Discard(1)
		all[plumbing.NewHash(name)] = o
	}
}

// onlyPack is the one pack of a repository.
func onlyPack(t testing.TB, dir string) string {
	t.Helper()
	list, _ := filepath.Glob(filepath.Join(dir, "objects", "pack", "*.pack"))
	if len(list) != 1 {
		t.Fatalf("%d packs", len(list))
	}
	return list[0]
}

// TestGit compares walks of packs that git made with what git reads from them.
func TestGit(t *testing.T) {
	commits := 150
	if testing.Short() {
		commits = 40
	}
	dir := edited(t, 7, commits)
	index := func(arg string) func() {
		return func() {
			path := onlyPack(t, dir)
			os.Remove(strings.TrimSuffix(path, "pack") + "idx")
			os.Remove(strings.TrimSuffix(path, "pack") + "rev")
			git(t, dir, "", "index-pack", arg, path)
		}
	}
	repack := func(args ...string) func() { return func() { git(t, dir, "", args...) } }
	for _, form := range []struct {
		name string
		make func()
	}{
		{"depth 50", repack("repack", "-adfq", "--depth=50", "--window=50")},
		{"index 1", index("--index-version=1")},
		{"large offsets", index("--index-version=2,0x10")},
		{"depth 4095", repack("-c", "pack.depth=4095", "repack", "-adfq", "--depth=4095", "--window=10")},
		{"ref-deltas", repack("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--window=20")},
		{"whole", repack("-c", "core.compression=0", "repack", "-adfFq", "--depth=0")},
	} {
		form.make()
		t.Run(form.name, func(t *testing.T) { againstGit(t, dir) })
	}
}

func againstGit(t *testing.T, dir string) {
	want := contents(t, dir)
	p, err := Open(onlyPack(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, err := range p.Damage() {
		t.Error(err)
	}
	if p.Len() != len(want) {
		t.Fatalf("%d entries, git lists %d objects", p.Len(), len(want))
	}
	deltas := 0
	for _, memory := range []int64{1, 1 << 20, 0} {
		for _, jobs := range []int{1, 2, 8} {
			v := run(t, p, Options{Jobs: jobs, Memory: memory})
			if len(v.problems) > 0 {
				t.Fatalf("problems: %v", v.problems)
			}
			for i, typ := range v.types {
				if want[p.Name(i)].typ != typ {
					t.Fatalf("%s is a %s, git says %s", p.Name(i), typ, want[p.Name(i)].typ)
				}
			}
			deltas = 0
			for _, s := range v.seen {
				deltas += s.children
			}
		}
	}
	for h, o := range want {
		typ, data, ok, err := p.Get(h, nil)
		if !ok || err != nil || typ != o.typ || !bytes.Equal(data, o.data) {
			t.Fatalf("get %s: %s, %d bytes, %t, %v; git says %s, %d bytes", h, typ, len(data), ok, err, o.typ, len(o.data))
		}
		i, ok := p.Find(h)
		if !ok || p.Name(i) != h || !p.Has(h) {
			t.Fatalf("find %s: %d, %t", h, i, ok)
		}
		for b := range h { // near misses
			odd := h
			odd[b] ^= 1
			if _, there := want[odd]; there != p.Has(odd) {
				t.Fatalf("has %s: %t", odd, !there)
			}
			if _, _, ok, _ := p.Get(odd, nil); ok {
				t.Fatalf("get finds %s", odd)
			}
		}
	}
	t.Logf("%d objects, %d deltas", p.Len(), deltas)
}

// TestTypes checks that a walk of one type leaves the others alone.
func TestTypes(t *testing.T) {
	dir := edited(t, 8, 30)
	git(t, dir, "", "repack", "-adfq")
	p, err := Open(onlyPack(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, typ := range []plumbing.ObjectType{plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject} {
		v := newWatch(p)
		err := Walk(t.Context(), p, Options{Jobs: 2, Types: func(x plumbing.ObjectType) bool { return x == typ }, Problem: v.problem}, v)
		if err != nil || len(v.problems)+len(v.faults) > 0 {
			t.Fatal(err, v.problems, v.faults)
		}
		for h, o := range contents(t, dir) {
			if i, _ := p.Find(h); (v.seen[i] != nil) != (o.typ == typ) {
				t.Fatalf("walk of %ss: %s %s visited: %t", typ, o.typ, h, v.seen[i] != nil)
			}
		}
	}
}
