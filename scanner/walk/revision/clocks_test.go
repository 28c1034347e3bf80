package revision

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"keyrake/fixtures"
)

// TestWrongClocks holds ranges of many revisions against git where clocks are
// wrong: what git lists then depends on what it read before and in what order.
func TestWrongClocks(t *testing.T) {
	seeds, ranges := fixtures.Cases(8, 100), 60
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := randomRepo(t, uint64(100+seed), true)
			rng := rand.New(rand.NewPCG(uint64(seed), 9))
			revs := strings.Fields(git(t, dir, "", "rev-list", "--all"))
			b := &bounds{dir, opened(t, dir), revs}
			for range ranges {
				var args []string
				for range 1 + rng.IntN(4) {
					rev, next := revs[rng.IntN(len(revs))], revs[rng.IntN(len(revs))]
					args = append(args, []string{rev, "^" + rev, rev + ".." + next, rev + "..." + next, "^" + rev + "..." + next, rev + "^!", rev + "^@", "^" + rev + "~2", rev + "^-"}[rng.IntN(9)])
				}
				b.compare(t, args)
			}
		})
	}
}
