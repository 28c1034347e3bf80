//go:build amd64 && !purego

package decode

import "golang.org/x/sys/cpu"

func hasRuns() bool { return cpu.X86.HasAVX2 }

// find returns the first of n blocks in which a row of leads is long enough, or
// n.
func (r *runs) find(data []byte, n int) int {
	if n <= 0 || len(data) < n*runBlock {
		panic("decode: internal error: blocks outside data")
	}
	return findRuns(&data[0], n, r)
}

// findRuns reads n*runBlock bytes.
//
//go:noescape
func findRuns(data *byte, n int, r *runs) int
