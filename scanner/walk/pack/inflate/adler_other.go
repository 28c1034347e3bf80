//go:build !amd64

package inflate

func adlerBlocks(data []byte) (sum, weighted uint32) {
	return adlerWords(data)
}
