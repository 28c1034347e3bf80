package pack

import (
	"errors"
)

// Copy is one range that a delta takes over unchanged from its base: the bytes
// base[From:From+Len] are at [Pos, Pos+Len) in the result. What lies between
// the copies was inserted.
type Copy struct{ Pos, From, Len int }

var (
	errDeltaShort = errors.New("delta ends in the middle of an instruction")
	errDeltaBase  = errors.New("delta was made for a base of another size")
	errDeltaRange = errors.New("delta copies from outside its base")
	errDeltaSize  = errors.New("delta makes a result of another size than it declares")
	errDeltaOp    = errors.New("delta holds the reserved instruction 0")
)

// checkDelta reads the head of a delta and returns the size of its result and
// its instructions. A large size that these do not make is refused before
// memory is set aside for it.
func checkDelta(delta []byte, base int) (size uint64, ops []byte, err error) {
	want, rest, err := deltaVarint(delta)
	if err != nil {
		return 0, nil, err
	}
	if size, ops, err = deltaVarint(rest); err != nil {
		return 0, nil, err
	}
	if want != uint64(base) {
		return 0, nil, errDeltaBase
	}
	if size > maxTrusted && size != resultSize(ops) {
		return 0, nil, errDeltaSize
	}
	return size, ops, nil
}

// maxTrusted is the size of a result for which memory is set aside before the
// instructions were looked through. Few objects are larger.
const maxTrusted = 4 << 20

// resultSize is how many bytes the instructions ops make.
func resultSize(ops []byte) (size uint64) {
	for len(ops) > 0 {
		op := ops[0]
		ops = ops[1:]
		n, ok := int(op), int(op) <= len(ops)
		if op < 0x80 && ok {
			ops = ops[n:]
		} else if op >= 0x80 {
			_, n, ops, ok = copyArgs(op, ops)
		}
		if !ok {
			return 0
		}
		size += uint64(n)
	}
	return size
}

func deltaVarint(b []byte) (uint64, []byte, error) {
	v := uint64(0)
	for i := 0; i < len(b) && i < 9; i++ {
		v |= uint64(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			return v, b[i+1:], nil
		}
	}
	return 0, nil, errDeltaShort
}

// applyDelta writes what the instructions ops make of base into dst, whose
// length is the declared size of the result, and appends the copied ranges to
// copies; ranges that are neighbours in base and result become one. What is copied
// beyond maxCopies ranges is not told, and so counts as inserted: a hostile delta takes
// two bytes for a range, a record of it twelve times as many.
func applyDelta(dst, base, ops []byte, copies []Copy) ([]Copy, error) {
	pos := 0
	for len(ops) > 0 {
		op := ops[0]
		ops = ops[1:]
		if op < 0x80 { // insert
			n := int(op)
			if n == 0 {
				return copies, errDeltaOp
			}
			if n > len(ops) {
				return copies, errDeltaShort
			}
			if n > len(dst)-pos {
				return copies, errDeltaSize
			}
			copy(dst[pos:], ops[:n])
			ops, pos = ops[n:], pos+n
			continue
		}
		from, n := 0, 0
		var ok bool
		if from, n, ops, ok = copyArgs(op, ops); !ok {
			return copies, errDeltaShort
		}
		if from > len(base) || n > len(base)-from {
			return copies, errDeltaRange
		}
		if n > len(dst)-pos {
			return copies, errDeltaSize
		}
		copy(dst[pos:pos+n], base[from:])
		if k := len(copies) - 1; k >= 0 && copies[k].Pos+copies[k].Len == pos && copies[k].From+copies[k].Len == from {
			copies[k].Len += n
		} else if len(copies) < maxCopies {
			copies = append(copies, Copy{pos, from, n})
		}
		pos += n
	}
	if pos != len(dst) {
		return copies, errDeltaSize
	}
	return copies, nil
}

// maxCopies bounds the ranges of one object that are told, of which each worker holds a
// list.
const maxCopies = 1 << 17

// copyArgs reads the offset and size bytes that the flags of a copy
// instruction announce (gitformat-pack, "Instruction to copy from base object").
func copyArgs(op byte, ops []byte) (from, n int, rest []byte, ok bool) {
	i := 0
	for bit := range 4 {
		if op&(1<<bit) != 0 {
			if i >= len(ops) {
				return 0, 0, nil, false
			}
			from |= int(ops[i]) << (8 * bit)
			i++
		}
	}
	for bit := range 3 {
		if op&(0x10<<bit) != 0 {
			if i >= len(ops) {
				return 0, 0, nil, false
			}
			n |= int(ops[i]) << (8 * bit)
			i++
		}
	}
	if n == 0 {
		n = 0x10000
	}
	return from, n, ops[i:], true
}
