//go:build amd64 && !purego

package literal

const hasVec = true

// filter is the vector twin of plainTable.filter. See Set.filter.
func (t *vecTable) filter(data []byte, n int, masks *maskChunk) {
	if n <= 0 || n > chunkBlocks || len(data) < n*block+overread {
		panic("match: internal error: filter range outside data")
	}
	filterAVX2(t, &data[0], n, &masks[0])
}

// filterAVX2 reads n*block+overread bytes at data and writes n masks.
//
//go:noescape
func filterAVX2(t *vecTable, data *byte, n int, masks *uint32)
