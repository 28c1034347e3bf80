//go:build !amd64 || purego

package literal

const hasVec = false

func (t *vecTable) filter([]byte, int, *maskChunk) {
	panic("match: internal error: no vector filter on this machine")
}
