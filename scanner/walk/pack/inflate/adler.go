package inflate

import "encoding/binary"

const (
	adlerMod = 65521
	// adlerRun is how many bytes are summed between two reductions. It suits
	// the vector code, whose lanes of 16 bits are read as signed in the end:
	// 128 rounds of at most 255 each.
	adlerRun = 128 * 16
)

// adler32 returns the Adler-32 checksum of data.
func adler32(data []byte) uint32 {
	a, b := uint64(1), uint64(0)
	for len(data) > 0 {
		run := data[:min(len(data), adlerRun)]
		data = data[len(run):]
		if n := len(run) &^ 15; n > 0 {
			sum, weighted := adlerBlocks(run[:n])
			b += a*uint64(n) + uint64(weighted)
			a += uint64(sum)
			run = run[n:]
		}
		for _, v := range run {
			a += uint64(v)
			b += a
		}
		a %= adlerMod
		b %= adlerMod
	}
	return uint32(b<<16 | a)
}

// adlerWords returns the sum of the bytes of data, and their sum weighted by
// their distance from its end, where the last byte weighs 1. The length of data
// must be a multiple of 16 and at most adlerRun. It takes a word at a time:
// even and odd bytes lie in four lanes of 16 bits each, and a multiplication
// sums the lanes, weighted, in the highest one.
func adlerWords(data []byte) (sum, weighted uint32) {
	const (
		lanes = 0x00ff00ff00ff00ff
		ones  = 0x0001000100010001
		even  = 0x0008000600040002
		odd   = 0x0007000500030001
	)
	a, b := uint64(0), uint64(0)
	for i := 0; i+8 <= len(data); i += 8 {
		w := binary.LittleEndian.Uint64(data[i : i+8])
		lo, hi := w&lanes, w>>8&lanes
		b += a<<3 + (lo*even+hi*odd)>>48
		a += (lo + hi) * ones >> 48
	}
	return uint32(a), uint32(b)
}
