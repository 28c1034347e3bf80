//go:build amd64

package inflate

// adlerBlocks is adlerWords in SSE2, which every amd64 machine has. On packs of
// source code it makes the whole of Zlib about a tenth faster.
//
//go:noescape
func adlerBlocks(data []byte) (sum, weighted uint32)
