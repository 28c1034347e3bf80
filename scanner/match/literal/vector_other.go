//go:build !amd64 || purego

package literal

func hasVec() bool { return false }

func (t *vecTable) filter([]byte, int, *maskChunk) {
	panic("match: internal error: no vector filter on this machine")
}

func (g *gramIndex) siftVec([]byte, int, *scratch) int {
	panic("match: internal error: no vector filter on this machine")
}
