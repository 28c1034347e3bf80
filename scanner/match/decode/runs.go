package decode

// runBlock is how many bytes are classed at once.
const runBlock = 32

// runs is what goes from one block to the next, and what was seen in the last
// one: bit i stands for byte i of the block.
type runs struct {
	lead, hexLead uint32 // bytes that a group may begin with; kept by the assembly
	base64, hex   uint32 // where rows of them end that are long enough
}

// How far behind the start of a row of the least length its last group begins.
const (
	lastGroup    = 24 - 4
	lastHexGroup = 32 - 2
)

// blocks appends the stretches whose least length ends in whole blocks of
// data[lo:], and returns how far these go. A row begins each of its groups with
// a byte that a group of text may begin with; few other places do.
func blocks(dst []Stretch, data []byte, lo, hi int, done *[8]int) ([]Stretch, int) {
	end := min(len(data), hi+lastHexGroup)
	limit := min(len(data), hi+Reach)
	var r runs
	at := lo
	for n := (end - at) / runBlock; n > 0; n = (end - at) / runBlock {
		i := r.find(data[at:], n)
		at += i * runBlock
		if i == n {
			break
		}
		if r.base64 != 0 {
			dst = base64Rows(dst, data, max(lo, at-lastGroup), min(hi, at+runBlock-lastGroup), hi, limit, done)
		}
		if r.hex != 0 {
			dst = hexRows(dst, data, max(lo, at-lastHexGroup), min(hi, at+runBlock-lastHexGroup), hi, limit, done)
		}
		at += runBlock
	}
	return dst, at
}
