package revision

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// TestAttribution holds the spots of blobs against "git ls-tree" of every commit
// of a range: a spot's first commit has the blob there, none of its ancestors in
// the range does, and no spot is left out.
func TestAttribution(t *testing.T) {
	spots := 0
	for seed := range uint64(5) {
		dir := randomRepo(t, 200+seed, false)
		p := opened(t, dir)
		var sel Selection
		for _, rev := range []string{"b0", "b1", "^light3", "outer"} {
			if err := p.Add(&sel, rev, false); err != nil {
				t.Fatal(err)
			}
		}
		r, err := List(t.Context(), p.Objects, sel, nil, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		var blobs []plumbing.Hash
		for _, o := range r.Objects {
			if o.Type == plumbing.BlobObject {
				blobs = append(blobs, o.Name)
			}
		}
		got, err := r.Attribute(t.Context(), blobs)
		if err != nil || got.Cut {
			t.Fatal(err, got.Cut)
		}
		spots += checkSpots(t, dir, r, got)
	}
	if spots < 50 {
		t.Errorf("only %d spots", spots)
	}
}

func checkSpots(t *testing.T, dir string, r *Range, got *Attribution) (n int) {
	has := map[string]map[string]bool{} // commit → "blob path"
	var order []string
	for _, node := range r.commits {
		c := node.name.String()
		order = append(order, c)
		has[c] = map[string]bool{}
		for _, line := range strings.Split(git(t, dir, "", "ls-tree", "-r", c), "\n") {
			if info, path, ok := strings.Cut(line, "\t"); ok {
				has[c][strings.Fields(info)[2]+" "+path] = true
			}
		}
	}
	listed := map[string]bool{}
	ancestors := map[string][]string{}
	for blob, list := range got.Spots {
		for _, s := range list {
			n++
			key, first := blob.String()+" "+s.Path, s.First.String()
			listed[key] = true
			if !has[first][key] {
				t.Errorf("%s is not in %s", key, first)
			}
			if ancestors[first] == nil {
				ancestors[first] = strings.Fields(git(t, dir, "", "rev-list", first))
			}
			for _, a := range ancestors[first] {
				if a != first && has[a][key] {
					t.Errorf("%s is in %s, an ancestor of %s", key, a, first)
				}
			}
		}
	}
	for _, c := range order {
		for key := range has[c] {
			blob, _, _ := strings.Cut(key, " ")
			if _, ok := r.index[plumbing.NewHash(blob)]; ok && !listed[key] {
				t.Errorf("%s is not told", key)
			}
		}
	}
	for _, node := range r.commits { // ancestors come first
		for _, q := range node.parents {
			if slices.Contains(order, q.name.String()) && got.Rank(q.name) >= got.Rank(node.name) {
				t.Errorf("%s has rank %d, its child %d", q.name, got.Rank(q.name), got.Rank(node.name))
			}
		}
	}
	return n
}

// TestCut: what is beyond the bound on visits is told.
func TestCut(t *testing.T) {
	dir := randomRepo(t, 9, false)
	p := opened(t, dir)
	var sel Selection
	if err := p.Add(&sel, "b0", false); err != nil {
		t.Fatal(err)
	}
	r, err := List(t.Context(), p.Objects, sel, nil, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	r.visits = 1
	var blobs []plumbing.Hash
	for _, o := range r.Objects {
		blobs = append(blobs, o.Name)
	}
	if got, err := r.Attribute(t.Context(), blobs); err != nil || !got.Cut {
		t.Error(fmt.Sprint("cut: ", got.Cut, err))
	}
}
