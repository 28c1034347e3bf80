package history

import (
	"encoding/binary"
	"math/bits"

	"keyrake/scanner/walk/pack"
)

// digests finds numbers by their digests: of several with one, the first.
type digests struct {
	list  []pack.Digest
	shift int
	slots []int32 // numbers plus one, from the slot that the digest's head says on
}

func newDigests(list []pack.Digest) *digests {
	width := bits.Len(uint(2*len(list) + 1))
	d := &digests{list, 64 - width, make([]int32, 1<<width)}
	for n, h := range list {
		if h != (pack.Digest{}) {
			at := d.slot(h)
			for ; d.slots[at] != 0; at = (at + 1) % len(d.slots) {
			}
			d.slots[at] = int32(n) + 1
		}
	}
	return d
}

func (d *digests) slot(h pack.Digest) int {
	return int(binary.LittleEndian.Uint64(h[:]) >> d.shift)
}

// find is the number with this digest, or none.
func (d *digests) find(h pack.Digest) int32 {
	if h == (pack.Digest{}) {
		return none
	}
	for at := d.slot(h); d.slots[at] != 0; at = (at + 1) % len(d.slots) {
		if n := d.slots[at] - 1; d.list[n] == h {
			return n
		}
	}
	return none
}
