package judge

import (
	"slices"
	"testing"
)

// TestSampleHashes keeps the list in order, so that none is entered twice.
func TestSampleHashes(t *testing.T) {
	for i := 1; i < len(sampleHashes); i++ {
		if sampleHashes[i-1] >= sampleHashes[i] {
			t.Errorf("%#x stands before %#x", sampleHashes[i-1], sampleHashes[i])
		}
	}
	if _, found := slices.BinarySearch(sampleHashes[:], 0); found {
		t.Error("an empty entry")
	}
}
