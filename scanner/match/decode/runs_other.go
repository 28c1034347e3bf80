//go:build !amd64 || purego

package decode

func hasRuns() bool { return false }

func (r *runs) find([]byte, int) int {
	panic("decode: internal error: no search for runs on this machine")
}
