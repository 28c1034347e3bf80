package history

import (
	"maps"
	slashed "path"
	"strings"
	"testing"

	"keyrake/scanner/walk/store"
)

// TestGone compares Gone with git's list of deletions, between all commits of some
// repositories.
func TestGone(t *testing.T) {
	found, several := 0, 0
	for seed := range 3 {
		dir := randomRepo(t, uint64(seed+1))
		objects := store.Open([]string{dir + "/objects"})
		defer objects.Close()
		files := NewLookup(objects)
		commits := strings.Fields(gitOut(t, dir, "", "rev-list", "--all"))
		for _, from := range commits {
			for _, to := range commits {
				want := map[string]Spot{}
				fields := strings.Split(gitOut(t, dir, "", "diff-tree", "-r", "-z", "--no-renames", "--diff-filter=D", from, to), "\x00")
				for i := 0; i+1 < len(fields); i += 2 {
					name := slashed.Base(fields[i+1])
					if strings.HasPrefix(fields[i], ":160000 ") {
						continue
					}
					if _, other := want[name]; other {
						want[name], several = Spot{}, several+1
						continue
					}
					want[name], found = Spot{Path: fields[i+1], Blob: hashOf(strings.Fields(fields[i])[2])}, found+1
				}
				if got := files.Gone(hashOf(from), hashOf(to)); !maps.Equal(got, want) {
					t.Fatalf("%s to %s: %v, want %v", from, to, got, want)
				}
			}
		}
	}
	if found < 100 || several < 5 {
		t.Errorf("%d files gone, %d of one name: too few", found, several)
	}
}
