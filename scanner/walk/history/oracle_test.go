package history

import (
	"context"
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/fixtures"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// TestOracle holds the walk against git, on repositories made here and on those
// that KEYRAKE_TEST_REPOS names, paths of bare repositories separated by colons.
// The set of objects must be that of "git rev-list --objects --all", what else
// the repository holds must be told unreachable, and the bytes must hash to the
// names. Every other repository made here is held against the plain oracle of
// attribution too.
func TestOracle(t *testing.T) {
	seeds := 8
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("random ", seed), func(t *testing.T) {
			t.Parallel()
			dir := randomRepo(t, uint64(seed))
			v := againstGit(t, dir)
			for _, name := range v.odd {
				t.Errorf("content of %s does not hash to its name", name)
			}
			if seed%2 == 0 {
				attributed(t, dir)
			}
		})
	}
	for _, dir := range filepath.SplitList(os.Getenv("KEYRAKE_TEST_REPOS")) {
		t.Run(filepath.Base(dir), func(t *testing.T) { againstGit(t, dir) })
	}
}

// hashes is a Visitor that names each object by its content.
type hashes struct {
	mu   sync.Mutex
	seen map[plumbing.Hash]int // name → number
	odd  []string
	size int64
}

func (v *hashes) Visit(_, n int, o *pack.Object, _ int) int {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", o.Type, len(o.Data))
	h.Write(o.Data)
	v.mu.Lock()
	defer v.mu.Unlock()
	if plumbing.Hash(h.Sum(nil)) != o.Name {
		v.odd = append(v.odd, o.Name.String())
	}
	if _, ok := v.seen[o.Name]; !ok {
		v.size += int64(len(o.Data))
	}
	v.seen[o.Name] = n
	return 0
}

func (*hashes) Release(int, int) {}

func againstGit(t *testing.T, dir string) *hashes {
	t.Helper()
	s := store.Open([]string{filepath.Join(dir, "objects")})
	defer s.Close()
	for _, p := range s.Problems {
		t.Errorf("%s: %s", p.What, p.Reason)
	}
	var tips []plumbing.Hash
	for _, line := range append(gitLines(t, dir, "for-each-ref", "--format=%(objectname)"), gitLines(t, dir, "rev-parse", "HEAD")...) {
		tips = append(tips, plumbing.NewHash(line))
	}
	v := &hashes{seen: map[plumbing.Hash]int{}}
	r, err := Walk(context.Background(), Options{Store: s, Tips: tips, Jobs: 3, Memory: 64 << 20}, v)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range r.Gaps {
		t.Errorf("gap: %s %s: %v", g.Type, g.Name, g.Err)
	}
	want := map[plumbing.Hash]plumbing.ObjectType{}
	objects := gitLines(t, dir, "rev-list", "--objects", "--no-object-names", "--all", "HEAD")
	types := gitIn(t, dir, strings.Join(objects, "\n")+"\n", "cat-file", "--batch-check=%(objectname) %(objecttype)", "--buffer")
	for _, line := range types {
		name, typ, _ := strings.Cut(line, " ")
		kind, err := plumbing.ParseObjectType(typ)
		if err != nil {
			t.Fatalf("git says %q", line)
		}
		want[plumbing.NewHash(name)] = kind
	}
	compare(t, r, v, want)
	stored := map[plumbing.Hash]bool{}
	for _, name := range gitLines(t, dir, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered") {
		h := plumbing.NewHash(name)
		stored[h] = true
		n, ok := s.Number(h)
		if _, reached := want[h]; !ok || r.Reachable(n) != reached {
			t.Errorf("%s is numbered: %t; is told reachable: %t", h, ok, !reached)
		}
	}
	reached := 0
	for h := range want {
		if stored[h] {
			reached++
		}
	}
	if r.Unreachable != len(stored)-reached {
		t.Errorf("%d objects are told unreachable, git says %d", r.Unreachable, len(stored)-reached)
	}
	return v
}

func compare(t *testing.T, r *Result, v *hashes, want map[plumbing.Hash]plumbing.ObjectType) {
	t.Helper()
	planted := 0
	for _, name := range v.odd {
		planted++
		t.Logf("content of %s does not hash to its name", name)
	}
	count := map[plumbing.ObjectType]int{}
	for h, typ := range want {
		n, ok := r.opt.Store.Number(h)
		if h == emptyTree && !ok {
			continue // git knows it without its being stored
		}
		count[typ]++
		if typ != plumbing.TreeObject {
			n, ok = v.seen[h]
		}
		if typ == plumbing.TreeObject {
			n, ok = r.opt.Store.Number(h)
			ok = ok && r.types[n] == uint8(typ)
		}
		if !ok {
			t.Errorf("%s %s was not read", typ, h)
		} else if !r.Reachable(n) {
			t.Errorf("%s %s is told unreachable and is not", typ, h)
		}
	}
	for h, n := range v.seen {
		if _, ok := want[h]; !ok && r.Reachable(n) {
			t.Errorf("%s is told reachable and is not", h)
		}
	}
	got := map[plumbing.ObjectType]int{
		plumbing.CommitObject: r.Commits.Read, plumbing.TreeObject: r.Trees.Read,
		plumbing.BlobObject: r.Blobs.Read, plumbing.TagObject: r.Tags.Read,
	}
	for typ, n := range got {
		if n != count[typ] {
			t.Errorf("%ss read: %d, git lists %d", typ, n, count[typ])
		}
	}
	t.Logf("%d commits, %d trees, %d blobs, %d tags; %d unreachable; %d stand-ins", got[plumbing.CommitObject], got[plumbing.TreeObject],
		got[plumbing.BlobObject], got[plumbing.TagObject], r.Unreachable, planted)
}

// gitLines runs git in dir and returns the lines of its output.
func gitLines(t *testing.T, dir string, args ...string) []string {
	t.Helper()
	return gitIn(t, dir, "", args...)
}

func gitIn(t *testing.T, dir, stdin string, args ...string) []string {
	t.Helper()
	out, err := fixtures.Git(dir, stdin, []string{"GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1"}, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}
