package scanner

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"keyrake/rules"
	"keyrake/scanner/match"
	"keyrake/scanner/walk/pack"
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

// TestDense: of a content with more anchors than are held, none is, and what is made from
// it is found as in a search of the whole; so is what is new in a large content.
func TestDense(t *testing.T) {
	w := newTwins(t, rules.Builtin(), 0, false)
	f := &w.delta.workers[0].searcher
	secret := ownSecret(t)
	text := func(n int) []byte { return append([]byte("TOKEN="+secret+"\n"), bytes.Repeat([]byte("key=\n"), n)...) }
	most := leastAnchors + leastAnchors/3 // text has one for five bytes, and may have one for sixteen more
	sparse, dense := text(most-100), text(2*most)
	var base, got, want state
	f.whole(&base, sparse)
	if base.dense || len(base.anchors) < most-100 {
		t.Fatalf("dense: %v, %d anchors held", base.dense, len(base.anchors))
	}
	// A copy of all, and all of it again.
	copies := []pack.Copy{{Pos: 0, From: 0, Len: len(sparse)}, {Pos: len(sparse), From: 0, Len: len(sparse)}}
	doubled := slices.Concat(sparse, sparse)
	f.derive(&got, &base, doubled, copies, len(sparse), true)
	f.whole(&want, doubled)
	if !want.dense || !got.dense || len(got.anchors) > 0 || len(best(got.hits)) != 2 || !slices.Equal(sortedHits(got.hits), sortedHits(want.hits)) {
		t.Errorf("a derived content: dense %v, %d anchors, hits %v, want %v", got.dense, len(got.anchors), sortedHits(got.hits), sortedHits(want.hits))
	}
	// From a dense one.
	f.whole(&base, dense)
	changed := append([]byte("TOKEN="+secret+"\n"), dense...)
	f.derive(&got, &base, changed, []pack.Copy{{Pos: len(changed) - len(dense), From: 0, Len: len(dense)}}, len(dense), true)
	f.whole(&want, changed)
	if !base.dense || len(best(want.hits)) != 2 || !slices.Equal(sortedHits(got.hits), sortedHits(want.hits)) {
		t.Errorf("from a dense content: hits %v, want %v", sortedHits(got.hits), sortedHits(want.hits))
	}
	// Much that is new, over several searches, with a secret across each border.
	large := bytes.Repeat([]byte{'x', '\n'}, oneFind)
	for at := oneFind; at < len(large); at += oneFind {
		copy(large[at-20:], "\nTOKEN="+secret+"\n")
	}
	f.whole(&base, sparse)
	f.derive(&got, &base, large, nil, len(sparse), true)
	if len(best(got.hits)) != 1 || got.dense {
		t.Errorf("a large content: hits %v", sortedHits(got.hits))
	}
}

// TestBound: more hits of a content than are held are dropped, and that is told.
func TestBound(t *testing.T) {
	s := state{most: 1}
	s.hits = slices.Repeat([]hit{{}}, maxHits)
	if s.bound(); s.cut || s.dense {
		t.Error("as many as are held are too many")
	}
	s.hits = append(s.hits, hit{})
	s.note(place{})
	if s.bound(); !s.cut || !s.dense || len(s.hits) != maxHits || len(s.anchors) > 0 {
		t.Errorf("cut %v, dense %v, %d hits, %d anchors", s.cut, s.dense, len(s.hits), len(s.anchors))
	}
}
