package store

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/fixtures"
)

// git runs git in the bare repository dir and returns what it prints, trimmed.
func git(t testing.TB, dir, stdin string, args ...string) string {
	t.Helper()
	vars := append(fixtures.Author(), "GIT_DIR=.", "GIT_AUTHOR_DATE=1750000000 +0000", "GIT_COMMITTER_DATE=1750000000 +0000") // the same names of objects each time
	out, err := fixtures.Git(dir, stdin, vars, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func bare(t testing.TB) string {
	dir := t.TempDir()
	git(t, dir, "", "init", "-q", "--bare", ".")
	return dir
}

func put(t testing.TB, dir, text string) plumbing.Hash {
	return plumbing.NewHash(git(t, dir, text, "hash-object", "-w", "--stdin"))
}

// allTypes makes one loose object of each type, an empty and a big blob.
func allTypes(t testing.TB, dir string) []plumbing.Hash {
	rng := rand.New(rand.NewPCG(1, 2))
	big := make([]byte, 300_000)
	for i := range big {
		big[i] = "0123456789abcdef"[rng.IntN(16)]
	}
	a, empty, large := put(t, dir, "a blob"), put(t, dir, ""), put(t, dir, string(big))
	tree := git(t, dir, fmt.Sprintf("100644 blob %s\ta\n120000 blob %s\te\n", a, empty), "mktree")
	commit := git(t, dir, "a message", "commit-tree", tree)
	tag := git(t, dir, "object "+commit+"\ntype commit\ntag t\ntagger A <a@example.com> 1 +0000\n\nm\n", "mktag")
	return []plumbing.Hash{a, empty, large, plumbing.NewHash(tree), plumbing.NewHash(commit), plumbing.NewHash(tag)}
}

func nameOf(typ plumbing.ObjectType, data []byte) plumbing.Hash {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", typ, len(data))
	h.Write(data)
	return plumbing.Hash(h.Sum(nil))
}

func open(t testing.TB, dirs ...string) *Store {
	t.Helper()
	for i := range dirs {
		dirs[i] = filepath.Join(dirs[i], "objects")
	}
	s := Open(dirs)
	t.Cleanup(func() { s.Close() })
	s.List()
	s.List() // has no effect
	return s
}

// holds checks that s reads each object, and numbers it.
func holds(t testing.TB, s *Store, names ...plumbing.Hash) {
	t.Helper()
	for _, h := range names {
		if typ, data, err := s.Get(h); err != nil || nameOf(typ, data) != h {
			t.Errorf("get %s: %s, %d bytes, %v", h, typ, len(data), err)
		}
		if n, ok := s.Number(h); !ok || s.Name(n) != h {
			t.Errorf("number of %s: %d, %t", h, n, ok)
		}
	}
	for n := range s.Len() {
		h := s.Name(n)
		if m, ok := s.Number(h); !ok || m > n || s.Name(m) != h {
			t.Errorf("number %d is %s, which has number %d, %t", n, h, m, ok)
		}
	}
	numbered(t, s, names)
}

// numbered holds Numbers to Number, its plain twin, also for names that nothing has.
func numbered(t testing.TB, s *Store, names []plumbing.Hash) {
	t.Helper()
	for n := range s.Len() {
		names = append(names, s.Name(n))
	}
	for _, h := range names {
		h[19] ^= 1
		names = append(names, h)
		h[0] ^= 0x55
		names = append(names, h)
	}
	names = append(names, plumbing.Hash{}, plumbing.NewHash("ffffffffffffffffffffffffffffffffffffffff"))
	for i, got := range s.Numbers([]int32{7}, names)[1:] {
		want := -1
		if n, ok := s.Number(names[i]); ok {
			want = n
		}
		if int(got) != want {
			t.Errorf("number of %s: %d, want %d", names[i], got, want)
		}
	}
}

func calm(t testing.TB, s *Store) {
	t.Helper()
	for _, p := range s.Problems {
		t.Errorf("problem: %s: %s", p.What, p.Reason)
	}
}

func loosePath(dir string, h plumbing.Hash) string {
	return filepath.Join(dir, "objects", h.String()[:2], h.String()[2:])
}

func TestLooseAndPacked(t *testing.T) {
	dir := bare(t)
	names := allTypes(t, dir)
	check := func(packs, loose int) {
		t.Helper()
		s := open(t, dir)
		calm(t, s)
		holds(t, s, names...)
		if len(s.Packs()) != packs || len(s.LooseObjects()) != loose || s.Len() != s.LooseBase()+loose {
			t.Errorf("%d packs, %d loose objects, %d in all; want %d and %d", len(s.Packs()), len(s.LooseObjects()), s.Len(), packs, loose)
		}
		for _, l := range s.LooseObjects() {
			if typ, data, err := s.ReadLoose(l.Path, 0); err != nil || nameOf(typ, data) != l.Name {
				t.Errorf("%s: %v", l.Path, err)
			}
		}
		absent := names[0]
		absent[19] ^= 1
		if _, _, err := s.Get(absent); !errors.Is(err, ErrNotFound) {
			t.Errorf("get of what is absent: %v", err)
		}
		if _, ok := s.Number(absent); ok {
			t.Error("what is absent has a number")
		}
	}
	check(0, 6)
	list := ""
	for _, h := range names[:4] {
		list += h.String() + "\n"
	}
	git(t, dir, list, "pack-objects", "-q", "objects/pack/pack")
	check(1, 6) // four of them twice
	git(t, dir, "", "prune-packed")
	check(1, 2)
	git(t, dir, names[0].String()+"\n"+names[5].String()+"\n", "pack-objects", "-q", "objects/pack/pack")
	check(2, 2)
	git(t, dir, "", "prune-packed")
	check(2, 1)
}

func TestAlternates(t *testing.T) {
	a, b := bare(t), bare(t)
	names := allTypes(t, a)
	git(t, a, names[0].String()+"\n"+names[1].String()+"\n", "pack-objects", "-q", "objects/pack/pack")
	git(t, a, "", "prune-packed")
	own := put(t, b, "in the first directory only")
	both := put(t, b, "a blob")
	s := open(t, b, a, filepath.Join(a, "nowhere"))
	calm(t, s)
	holds(t, s, append(names, own, both)...)
	if n, _ := s.Number(both); n >= s.LooseBase() {
		t.Error("the loose copy comes before the packed one")
	}
	again := open(t, a, a) // the same objects twice
	calm(t, again)
	holds(t, again, names...)
}

// TestOddFiles has files beside the objects that are none.
func TestOddFiles(t *testing.T) {
	dir := bare(t)
	names := allTypes(t, dir)
	list := names[0].String() + "\n"
	git(t, dir, list, "pack-objects", "-q", "objects/pack/pack")
	write := func(name string) {
		path := filepath.Join(dir, "objects", name)
		os.MkdirAll(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []string{
		"pack/tmp_pack_abc", "pack/tmp_idx_abc", "pack/pack-1.keep", "pack/pack-1.promisor", "pack/pack-1.bitmap", "pack/.tmp-12-pack-ab.pack", "pack/.tmp-12-pack-cd.idx",
		"info/packs", "00/tmp_obj_abc", "00/" + strings.Repeat("z", 38), "00/" + strings.Repeat("0", 37), "README", "zz/" + strings.Repeat("0", 38),
	} {
		write(n)
	}
	s := open(t, dir)
	calm(t, s)
	holds(t, s, names...)
	if s.Len() != 7 {
		t.Errorf("%d objects", s.Len())
	}
	write("pack/pack-2.idx")
	write("pack/pack-3.pack")
	write("pack/pack-4.pack")
	write("pack/pack-4.idx")
	write("pack/multi-pack-index")
	write("pack/multi-pack-index.d/multi-pack-index-chain")
	write("fe") // not a directory
	s = open(t, dir)
	holds(t, s, names...)
	if len(s.Problems) != 6 {
		t.Errorf("problems: %v", s.Problems)
	}
	for i, want := range []string{"pack-2.idx", "pack-3.pack", "pack-4.pack", "multi-pack-index", "multi-pack-index-chain", "fe"} {
		if i < len(s.Problems) && (filepath.Base(s.Problems[i].What) != want || s.Problems[i].Reason == "") {
			t.Errorf("problem %v, want one with %s", s.Problems[i], want)
		}
	}
}

// TestDamagedPack checks that a frame that does not fit is a problem, and that
// a good copy stands in for a broken one.
func TestDamagedPack(t *testing.T) {
	dir := bare(t)
	names := allTypes(t, dir)
	git(t, dir, names[2].String()+"\n", "pack-objects", "-q", "objects/pack/pack")
	list, _ := filepath.Glob(filepath.Join(dir, "objects", "pack", "*.pack"))
	data, err := os.ReadFile(list[0])
	if err != nil {
		t.Fatal(err)
	}
	os.Chmod(list[0], 0o600)
	data[len(data)/2] ^= 4
	data[len(data)-1] ^= 4
	os.WriteFile(list[0], data, 0o600)
	s := open(t, dir)
	if len(s.Problems) != 1 {
		t.Errorf("problems: %v", s.Problems)
	}
	holds(t, s, names...)
	stream := func() (data []byte, err error) {
		err = s.Stream(t.Context(), names[2], func(_ plumbing.ObjectType, _ int64, content io.Reader) (err error) {
			data, err = io.ReadAll(content)
			return err
		})
		return data, err
	}
	if data, err := stream(); err != nil || nameOf(plumbing.BlobObject, data) != names[2] {
		t.Errorf("in pieces, the copy that is sound: %d bytes, %v", len(data), err)
	}
	os.Remove(loosePath(dir, names[2]))
	s = open(t, dir)
	if _, err := stream(); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("a broken object in pieces: %v", err)
	}
	if _, _, err := s.Get(names[2]); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("get of a broken object: %v", err)
	}
}

// TestFarBases has deltas whose bases stand in other packs: each pack holds one
// copy of an object as a delta of the next object, none of which leads to an end.
// With two copies of each there are 2^k ways to follow.
func TestFarBases(t *testing.T) {
	dir := bare(t)
	const k = 24
	names := make([]plumbing.Hash, k)
	for i := range names {
		names[i] = nameOf(plumbing.BlobObject, fmt.Append(nil, i))
	}
	for i := range names {
		for copy := range 2 {
			writeFar(t, filepath.Join(dir, "objects", "pack", fmt.Sprintf("pack-%d-%d", i, copy)), names[i], names[(i+1)%k])
		}
	}
	s := open(t, dir)
	if len(s.Packs()) != 2*k {
		t.Fatalf("%d packs: %v", len(s.Packs()), s.Problems)
	}
	if _, _, err := s.Get(names[0]); err == nil || len(err.Error()) > 100_000 {
		t.Errorf("get of a delta without end: %d bytes of error", len(fmt.Sprint(err)))
	}
}

func TestReadLooseLimit(t *testing.T) {
	dir := bare(t)
	names := allTypes(t, dir)
	for limit, ok := range map[int64]bool{0: true, 300_000: true, 299_999: false, 1: false} {
		typ, data, err := new(Store).ReadLoose(loosePath(dir, names[2]), limit)
		if (err == nil) != ok || typ != plumbing.BlobObject || ok != (len(data) == 300_000) {
			t.Errorf("limit %d: %s, %d bytes, %v", limit, typ, len(data), err)
		}
	}
	if _, _, err := new(Store).ReadLoose(filepath.Join(dir, "absent"), 0); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestLayers: an index of several packs in layers is held to those of the packs as
// one in a file is: numbers of packs count within a layer.
func TestLayers(t *testing.T) {
	dir := bare(t)
	names := allTypes(t, dir)
	folder := filepath.Join(dir, "objects", "pack")
	list := ""
	for i, part := range [][]plumbing.Hash{names[:2], names[2:]} {
		text := ""
		for _, h := range part {
			text += h.String() + "\n"
		}
		id := git(t, dir, text, "pack-objects", "-q", "objects/pack/pack")
		git(t, dir, "pack-"+id+".idx\n", "multi-pack-index", "write", "--stdin-packs")
		layer := strings.Repeat(fmt.Sprint(i), 40)
		os.Mkdir(filepath.Join(folder, multiChain), 0o700)
		if err := os.Rename(filepath.Join(folder, multiFile), filepath.Join(folder, multiChain, multiFile+"-"+layer+".midx")); err != nil {
			t.Fatal(err)
		}
		list += layer + "\n"
	}
	chain := filepath.Join(folder, multiChain, multiFile+"-chain")
	write := func(path, text string) {
		t.Helper()
		os.Chmod(path, 0o600)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(chain, list)
	s := open(t, dir)
	calm(t, s)
	holds(t, s, names...)
	if len(s.multi) != 2 {
		t.Errorf("%d layers", len(s.multi))
	}
	layer := filepath.Join(folder, multiChain, multiFile+"-"+list[41:81]+".midx")
	data, err := os.ReadFile(layer)
	if err != nil {
		t.Fatal(err)
	}
	// The offset of the last object, the chunk before the checksum.
	bad := bytes.Clone(data)
	bad[len(bad)-21] ^= 1
	write(layer, string(bad))
	s = open(t, dir)
	if len(s.Problems) != 1 || s.Problems[0].What != layer {
		t.Errorf("a layer that lies: %v", s.Problems)
	}
	write(layer, string(data))
	for _, text := range []string{list + strings.Repeat("7", 40) + "\n", "x\n", list[:50]} {
		write(chain, text)
		if s := open(t, dir); len(s.Problems) != 1 || s.Problems[0].What != chain {
			t.Errorf("list %q: %v", text, s.Problems)
		}
	}
	write(chain, "")
	calm(t, open(t, dir))
}
