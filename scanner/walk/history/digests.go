package history

import (
	"encoding/binary"
	"math/bits"

	"keyrake/scanner/walk/pack"
)

// digestList has a digest for each number, one after the other.
type digestList []byte

func (l digestList) len() int { return len(l) / len(pack.Digest{}) }

func (l digestList) of(n int) pack.Digest { return pack.Digest(l[n*len(pack.Digest{}):]) }

func (l digestList) put(n int, d pack.Digest) { copy(l[n*len(d):], d[:]) }

// digests finds numbers by their digests: of several with one, the first.
type digests struct {
	list  digestList
	shift int
	slots []int32 // numbers plus one, from the slot that the digest's head says on
}

func newDigests(list digestList) *digests {
	width := bits.Len(uint(2*list.len() + 1))
	d := &digests{list, 64 - width, make([]int32, 1<<width)}
	for n := range list.len() {
		if h := list.of(n); h != (pack.Digest{}) {
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
		if n := d.slots[at] - 1; d.list.of(int(n)) == h {
			return n
		}
	}
	return none
}
