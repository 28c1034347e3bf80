//go:build !amd64 || purego

package literal

func best() kernel { return portable }

func (t *vecTable) filter([]byte, int, []uint32) {
	panic("match: internal error: no vector filter on this machine")
}

func (t *wideTable) filter([]byte, int, []uint32) {
	panic("match: internal error: no vector filter on this machine")
}

func (t *Tables) siftVec([]byte, int, scratch) int {
	panic("match: internal error: no vector filter on this machine")
}
