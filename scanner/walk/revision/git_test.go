package revision

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
)

// TestAgainstGit holds ranges against "git rev-list --objects", on repositories
// made here and on those that KEYRAKE_TEST_REPOS names.
func TestAgainstGit(t *testing.T) {
	seeds := 10
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("random ", seed), func(t *testing.T) {
			dir := randomRepo(t, uint64(seed), seed%3 == 2)
			rng := rand.New(rand.NewPCG(uint64(seed), 1))
			compareRanges(t, dir, rng, 25, append(strings.Fields(git(t, dir, "", "rev-list", "--all")),
				"b0", "HEAD", "@", "outer", "inner", "tree", "blob", "light3", "tags/light4", "heads/b0~1", "origin", "b0@{u}", "outer^{}", "tree^{tree}", "light5^{tree}"))
		})
	}
	for _, dir := range filepath.SplitList(os.Getenv("KEYRAKE_TEST_REPOS")) {
		t.Run(filepath.Base(filepath.Dir(dir)), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			compareRanges(t, dir, rng, 150, strings.Fields(git(t, dir, "", "rev-list", "--all", "--max-count=3000")))
		})
	}
}

// compareRanges makes up ranges of the revisions and compares what they hold.
func compareRanges(t *testing.T, dir string, rng *rand.Rand, n int, revs []string) {
	p := opened(t, dir)
	listed, objects := 0, 0
	for range n {
		pick := func() string { return revs[rng.IntN(len(revs))] }
		var args []string
		switch rng.IntN(7) {
		case 0, 1:
			args = []string{pick() + ".." + pick()}
		case 2:
			args = []string{pick() + "..." + pick()}
		case 3:
			args = []string{pick(), pick(), "^" + pick(), "^" + pick()}
		case 4:
			args = []string{pick() + "^!"}
		case 5:
			args = []string{pick(), "^" + pick() + "~3"}
		default:
			args = []string{pick() + "^-", pick() + "^@", "^" + pick()}
		}
		want, gitErr := try(dir, "", append(append([]string{"rev-list", "--objects", "--no-object-names"}, args...), "--")...)
		var sel Selection
		var err error
		for _, a := range args {
			if err = p.Add(&sel, a, false); err != nil {
				break
			}
		}
		if (err != nil) != (gitErr != nil) {
			t.Errorf("%v: %v, but git says %v", args, err, gitErr)
		}
		if err != nil || gitErr != nil {
			continue
		}
		r, err := List(context.Background(), p.Objects, sel, p.Repo.Shallow, 1<<20)
		if err != nil || len(r.Gaps) > 0 {
			t.Errorf("%v: %v, %d gaps", args, err, len(r.Gaps))
			continue
		}
		listed++
		objects += len(r.Objects)
		if diff := differ(r, want); diff != "" {
			t.Errorf("%v: %s", args, diff)
		}
	}
	t.Logf("%d ranges, %d objects", listed, objects)
	if listed < n/2 {
		t.Errorf("only %d of %d ranges were compared", listed, n)
	}
}

// differ says how a range differs from a list of names, "" if it does not.
func differ(r *Range, want string) string {
	var got []string
	for _, o := range r.Objects {
		got = append(got, o.Name.String())
	}
	list := strings.Fields(want)
	if !r.store.Has(history.EmptyTree()) { // git knows it without its being stored
		list = slices.DeleteFunc(list, func(s string) bool { return s == history.EmptyTree().String() })
	}
	slices.Sort(got)
	slices.Sort(list)
	if slices.Equal(got, list) {
		return ""
	}
	var b strings.Builder
	for _, h := range list {
		if !slices.Contains(got, h) {
			fmt.Fprintf(&b, "lacks %s; ", h)
		}
	}
	for _, h := range got {
		if !slices.Contains(list, h) {
			fmt.Fprintf(&b, "has %s; ", h)
		}
	}
	return fmt.Sprintf("%d objects, git lists %d: %.400s", len(got), len(list), b.String())
}

// TestTypes: a range knows the types of its objects.
func TestTypes(t *testing.T) {
	dir := randomRepo(t, 77, false)
	p := opened(t, dir)
	var sel Selection
	for _, rev := range []string{"b0", "outer", "tree", "blob"} {
		if err := p.Add(&sel, rev, false); err != nil {
			t.Fatal(err)
		}
	}
	r, err := List(context.Background(), p.Objects, sel, nil, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[plumbing.ObjectType]int{}
	for _, o := range r.Objects {
		typ, _, err := p.Objects.Get(o.Name)
		if err != nil || typ != o.Type {
			t.Errorf("%s is a %s and told to be a %s: %v", o.Name, typ, o.Type, err)
		}
		seen[typ]++
	}
	for _, typ := range []plumbing.ObjectType{plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject} {
		if seen[typ] < 3 {
			t.Errorf("%d of type %s", seen[typ], typ)
		}
	}
}
