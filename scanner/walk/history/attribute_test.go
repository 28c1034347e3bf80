package history

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/store"
)

// place is a blob at a path.
type place struct {
	blob plumbing.Hash
	path string
}

// past is the whole history as git tells it.
type past struct {
	order   []plumbing.Hash // parents last
	parents map[plumbing.Hash][]plumbing.Hash
	holds   map[plumbing.Hash]map[place]bool // per commit, what stands in its tree
	before  map[plumbing.Hash]map[place]bool // per commit, what stood in any ancestor's
}

func tell(t *testing.T, dir string) *past {
	p := &past{parents: map[plumbing.Hash][]plumbing.Hash{}, holds: map[plumbing.Hash]map[place]bool{}, before: map[plumbing.Hash]map[place]bool{}}
	byTree := map[string]map[place]bool{}
	for _, line := range gitLines(t, dir, "log", "--all", "--topo-order", "--format=%H %T %P", "HEAD") {
		f := strings.Fields(line)
		c := plumbing.NewHash(f[0])
		p.order = append(p.order, c)
		for _, h := range f[2:] {
			p.parents[c] = append(p.parents[c], plumbing.NewHash(h))
		}
		if byTree[f[1]] == nil {
			byTree[f[1]] = listTree(t, dir, f[1])
		}
		p.holds[c] = byTree[f[1]]
	}
	for i := len(p.order) - 1; i >= 0; i-- {
		c := p.order[i]
		p.before[c] = map[place]bool{}
		for _, h := range p.parents[c] {
			for _, m := range []map[place]bool{p.holds[h], p.before[h]} {
				for k := range m {
					p.before[c][k] = true
				}
			}
		}
	}
	return p
}

func listTree(t *testing.T, dir, tree string) map[place]bool {
	list := map[place]bool{}
	for _, line := range strings.Split(gitOut(t, dir, "", "ls-tree", "-r", "-z", "--full-tree", tree), "\x00") {
		head, path, _ := strings.Cut(line, "\t")
		if f := strings.Fields(head); len(f) == 3 && f[1] == "blob" {
			list[place{plumbing.NewHash(f[2]), path}] = true
		}
	}
	return list
}

// attributed holds every spot of a repository against git.
func attributed(t *testing.T, dir string) {
	head := plumbing.NewHash(gitOut(t, dir, "", "rev-parse", "HEAD"))
	r, v := walked(t, dir, func(o *Options) { o.Tips = append(o.Tips, head) })
	var blobs []plumbing.Hash
	for h, n := range v.seen {
		if r.Type(n) == plumbing.BlobObject {
			blobs = append(blobs, h)
		}
	}
	p := tell(t, dir)
	a, err := r.Attribute(t.Context(), blobs, head)
	if err != nil {
		t.Fatal(err)
	}
	got := map[place]Spot{}
	for blob, spots := range a.Spots {
		for i, s := range spots {
			k := place{blob, s.Path}
			if _, twice := got[k]; twice || s.Blob != blob {
				t.Errorf("spot %+v of %s stands twice, or elsewhere", s, blob)
			}
			got[k] = s
			if i > 0 && a.Rank(spots[i-1].First) > a.Rank(s.First) {
				t.Errorf("spots of %s are out of order", blob)
			}
			if !p.holds[s.First][k] || p.before[s.First][k] {
				t.Errorf("%s is not the first commit with %v", s.First, k)
			}
			if s.InHead != p.holds[head][k] {
				t.Errorf("%v in HEAD: %t", k, s.InHead)
			}
		}
	}
	want := 0
	seen := map[place]bool{}
	for _, c := range p.order {
		for k := range p.holds[c] {
			if _, ok := got[k]; !ok {
				t.Errorf("%s has %v, which is no spot", c, k)
			}
			if !seen[k] {
				seen[k] = true
				want++
			}
		}
	}
	if len(got) != want {
		t.Errorf("%d spots, want %d", len(got), want)
	}
	ranked(t, a, p)
	some, err := r.Attribute(t.Context(), blobs[:1], head) // one blob alone gives the same
	if err != nil || fmt.Sprint(some.Spots[blobs[0]]) != fmt.Sprint(a.Spots[blobs[0]]) {
		t.Errorf("%v, %v, want %v", err, some.Spots[blobs[0]], a.Spots[blobs[0]])
	}
	t.Logf("%d commits, %d spots of %d blobs", len(p.order), len(got), len(blobs))
}

// ranked checks that parents come before their children, and no two together.
func ranked(t *testing.T, a *Attribution, p *past) {
	t.Helper()
	taken := map[int]plumbing.Hash{}
	for _, c := range p.order {
		n := a.Rank(c)
		if other, ok := taken[n]; ok || n < 0 || n >= len(p.order) {
			t.Errorf("%s has rank %d, as has %s", c, n, other)
		}
		taken[n] = c
		for _, h := range p.parents[c] {
			if a.Rank(h) >= n {
				t.Errorf("parent %s of %s comes after it", h, c)
			}
		}
	}
	if a.Rank(plumbing.ZeroHash) < len(p.order) {
		t.Error("what is no commit has the rank of one")
	}
}

func TestDescribe(t *testing.T) {
	dir, names := simple(t)
	r, _ := walked(t, dir)
	info, err := Describe(r.opt.Store.NewReader(0), hashOf(names["commit"]))
	if want := gitOut(t, dir, "", "log", "-1", "--format=%an %ae %at", names["commit"]); err != nil || fmt.Sprint(info.Author, " ", info.Email, " ", info.When.Unix()) != want {
		t.Errorf("%+v, %v; want %s", info, err, want)
	}
	for _, what := range []string{"tree", "blob", "tag"} {
		if _, err := Describe(r.opt.Store.NewReader(0), hashOf(names[what])); err == nil || !strings.Contains(err.Error(), names[what]) {
			t.Errorf("describe %s: %v", what, err)
		}
	}
	if _, err := Describe(r.opt.Store.NewReader(0), plumbing.ZeroHash); err == nil {
		t.Error("what is absent was described")
	}
}

// TestManyPathsAreCut: a tree that holds one subtree ten times, eight levels
// deep, has a hundred million paths; the attribution says that it left some out.
func TestManyPathsAreCut(t *testing.T) {
	dir := t.TempDir()
	gitLines(t, dir, "init", "-q", "--bare", ".")
	hash := func(stdin string, args ...string) string { return gitIn(t, dir, stdin, args...)[0] }
	blob := hash("needle", "hash-object", "-w", "--stdin")
	tree := hash("100644 blob "+blob+"\tf\n", "mktree")
	for range 8 {
		var list strings.Builder
		for i := range 10 {
			fmt.Fprintf(&list, "040000 tree %s\td%d\n", tree, i)
		}
		tree = hash(list.String(), "mktree")
	}
	commit := hash("", "-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", "-m", "x", tree)
	s := store.Open([]string{filepath.Join(dir, "objects")})
	defer s.Close()
	tip := plumbing.NewHash(commit)
	r, err := Walk(context.Background(), Options{Store: s, Tips: []plumbing.Hash{tip}, Jobs: 1}, &hashes{seen: map[plumbing.Hash]int{}})
	if err != nil {
		t.Fatal(err)
	}
	r.visits = 5000
	a, err := r.Attribute(context.Background(), []plumbing.Hash{plumbing.NewHash(blob)}, tip)
	if err != nil || !a.Cut || len(a.Spots) == 0 {
		t.Errorf("err %v, cut %v, %d blobs with spots", err, a.Cut, len(a.Spots))
	}
}
