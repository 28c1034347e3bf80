package revision

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
)

// TestAddReleased holds the files that leave some paths against "git ls-tree" of every commit of
// a range and of its parents.
func TestAddReleased(t *testing.T) {
	from := func(path string) bool { return strings.Contains(path, "dir") }
	to := func(path string) bool { return !from(path) }
	total := 0
	for seed := range uint64(10) {
		dir := repoOf(t, 300+seed, false, 3)
		p := opened(t, dir)
		var sel Selection
		for _, rev := range []string{"b0", "b1", "b2", "b3", fmt.Sprint("^light", seed%6)} {
			if err := p.Add(&sel, rev, false); err != nil {
				t.Fatal(err)
			}
		}
		r, err := List(t.Context(), p.Objects, sel, nil, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		files := map[plumbing.Hash]map[string]bool{} // commit → "blob path"
		in := func(commit plumbing.Hash) map[string]bool {
			if files[commit] == nil {
				files[commit] = map[string]bool{}
				for _, line := range strings.Split(git(t, dir, "", "ls-tree", "-r", commit.String()), "\n") {
					if info, path, ok := strings.Cut(line, "\t"); ok && strings.Fields(info)[1] == "blob" {
						files[commit][strings.Fields(info)[2]+" "+path] = true
					}
				}
			}
			return files[commit]
		}
		held := map[string]bool{}
		for _, n := range r.commits {
			for _, p := range n.parents {
				if !r.Has(p.name) {
					for key := range in(p.name) {
						if blob, path, _ := strings.Cut(key, " "); from(path) {
							held[blob] = true
						}
					}
				}
			}
		}
		want := map[plumbing.Hash]bool{}
		for _, n := range r.commits {
			for key := range in(n.name) {
				blob, path, _ := strings.Cut(key, " ")
				if held[blob] && to(path) && !slices.ContainsFunc(n.parents, func(p *node) bool { return in(p.name)[key] }) {
					want[plumbing.NewHash(blob)] = true
				}
			}
		}
		if all, err := r.AddReleased(t.Context(), from, to); !all || err != nil {
			t.Fatal(all, err)
		}
		if !maps.Equal(r.released, want) {
			t.Errorf("seed %d: %v, want %v", seed, r.released, want)
		}
		total += len(want)
		for blob := range want {
			if !r.Has(blob) || r.IsNew(blob) {
				t.Errorf("%s is in the range: %v, and new: %v", blob, r.Has(blob), r.IsNew(blob))
			}
		}
		where, err := r.Attribute(t.Context(), slices.Collect(maps.Keys(want)))
		if err != nil {
			t.Fatal(err)
		}
		for blob := range want {
			if !slices.ContainsFunc(where.Spots[blob], func(s history.Spot) bool { return to(s.Path) }) {
				t.Errorf("%s: no path that it came to is told", blob)
			}
		}
	}
	if total < 5 {
		t.Errorf("only %d files left a path", total)
	}
}
