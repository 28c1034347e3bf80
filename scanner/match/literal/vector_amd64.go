//go:build amd64 && !purego

package literal

import "golang.org/x/sys/cpu"

// best is the fastest kernel of this machine.
func best() kernel {
	switch x := &cpu.X86; {
	case !x.HasAVX2 || !x.HasBMI1 || !x.HasPOPCNT:
		return portable
	case x.HasAVX512BW && x.HasAVX512VBMI:
		return avx512
	}
	return avx2
}

// filter looks up 32 positions at a time. See Set.filter.
func (t *vecTable) filter(data []byte, n int, masks []uint32) {
	checkChunk(data, n, len(masks))
	filterAVX2(t, &data[0], n, &masks[0])
}

// filter looks up 64 positions at a time. See Set.filter.
func (t *wideTable) filter(data []byte, n int, masks []uint32) {
	checkChunk(data, n, len(masks))
	filterAVX512(t, &data[0], n, &masks[0])
}

// siftVec is the twin of Tables.sift. Go has no way to say TZCNT, BLSR and
// ADC for old machines; with them this step cost about 0.1 ns a byte, not 0.4, when
// the filter let 8 % through (1,375 literals, workers-sdk, 2026-11-23).
func (t *Tables) siftVec(data []byte, n int, w scratch) int {
	checkChunk(data, n, len(w.masks))
	return siftBMI(&t.Seen[0], &data[0], &w.masks[0], n, &w.list[0])
}

func checkChunk(data []byte, n, room int) {
	if n <= 0 || n > room || len(data) < n*block+overread {
		panic("match: internal error: filter range outside data")
	}
}

// filterAVX2 reads n*block+lanes-1 bytes at data and writes n masks.
//
//go:noescape
func filterAVX2(t *vecTable, data *byte, n int, masks *uint32)

// filterAVX512 is filterAVX2 for a wideTable.
//
//go:noescape
func filterAVX512(t *wideTable, data *byte, n int, masks *uint32)

// siftBMI reads n masks, rounded up to an even number, and lanes bytes at each
// position in data whose bit is set; it writes up to eight positions more to
// list than there are bits.
//
//go:noescape
func siftBMI(seen *uint64, data *byte, masks *uint32, n int, list *uint16) int
