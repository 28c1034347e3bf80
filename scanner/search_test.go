package scanner

import (
	"math/rand/v2"
	"sort"
	"testing"

	"keyrake/scanner/match"
)

// TestAnchorFrom holds the searches that begin at the last answer to one that
// begins anew.
func TestAnchorFrom(t *testing.T) {
	rng := rand.New(rand.NewPCG(101, 102))
	for range 2000 {
		var s state
		off := int32(0)
		for range rng.IntN(40) {
			off += rng.Int32N(3)
			s.anchors = append(s.anchors, place{off: off})
			if rng.IntN(3) == 0 {
				s.hits = append(s.hits, hit{anchor: match.Anchor{Off: off}})
			}
		}
		k, h := rng.IntN(len(s.anchors)+1), rng.IntN(len(s.hits)+1)
		for range 20 {
			from := rng.Int32N(off + 3)
			wantK := sort.Search(len(s.anchors), func(i int) bool { return s.anchors[i].off >= from })
			wantH := sort.Search(len(s.hits), func(i int) bool { return s.hits[i].anchor.Off >= from })
			gotK, gotH := s.anchorFrom(from, k), s.hitFrom(from, h)
			if gotK != wantK || gotH != wantH {
				t.Fatalf("from %d in %v: anchor %d, want %d; hit %d, want %d; the last were %d and %d", from, s.anchors, gotK, wantK, gotH, wantH, k, h)
			}
			k, h = min(gotK+rng.IntN(3), len(s.anchors)), min(gotH+rng.IntN(3), len(s.hits))
		}
	}
}
