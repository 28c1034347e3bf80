package inflate

// symbols decodes literals and matches up to the end of a block. It is the
// loop where the time goes, hence one long function that keeps its state in
// locals. A refill makes 56 bits ready: enough for three literals, of which the
// first may come from a subtable, or for two and a match length (40 bits).
//
// The bits of have above the low six are waste, which saves a mask for each
// symbol. The entry after a match is looked up before the match is copied; that
// made large blobs 4 % faster.
func (c *cursor) symbols(t *tables) error {
	dst, src := c.dst, c.src[:len(c.src):len(c.src)]
	in, out, acc, have := c.in, c.out, c.acc, c.have
	acc |= load(src, in) << (have & 63)
	in += int((63 &^ have) >> 3)
	have |= 56
	e := t.lit[acc&t.litMask]
	for {
		if int32(e) < 0 {
			if uint(out) >= uint(len(dst)) {
				return errLong
			}
			dst[out] = byte(e >> 16)
			out++
			acc >>= e & 63
			have -= uint(e)
			e = t.lit[acc&t.litMask]
			if int32(e) < 0 {
				if uint(out) >= uint(len(dst)) {
					return errLong
				}
				dst[out] = byte(e >> 16)
				out++
				acc >>= e & 63
				have -= uint(e)
				e = t.lit[acc&t.litMask]
				if int32(e) < 0 {
					if uint(out) >= uint(len(dst)) {
						return errLong
					}
					dst[out] = byte(e >> 16)
					out++
					acc >>= e & 63
					have -= uint(e)
					acc |= load(src, in) << (have & 63)
					in += int((63 &^ have) >> 3)
					have |= 56
					e = t.lit[acc&t.litMask]
					continue
				}
			}
		}
		if e&special != 0 {
			if e&subtable != 0 {
				acc >>= e & 63
				have -= uint(e)
				e = t.lit[uint64(e>>16)+acc&(1<<(e>>8&15)-1)]
				if int32(e) < 0 {
					acc |= load(src, in) << (have & 63)
					in += int((63 &^ have) >> 3)
					have |= 56
					continue
				}
			}
			if e&endOfBlock != 0 {
				c.in, c.out, c.acc, c.have = in, out, acc>>(e&63), (have-uint(e))&63
				return nil
			}
			if e&special != 0 {
				return errCorrupt
			}
		}
		length := int(e>>16) + int(acc&(1<<(e&63)-1)>>(e>>8&15))
		acc >>= e & 63
		have -= uint(e)
		if have&63 < maxDistBits {
			acc |= load(src, in) << (have & 63)
			in += int((63 &^ have) >> 3)
			have |= 56
		}
		far := t.dist[acc&t.distMask]
		if far&special != 0 {
			if far&subtable == 0 {
				return errCorrupt
			}
			acc >>= far & 63
			have -= uint(far)
			far = t.dist[uint64(far>>16)+acc&(1<<(far>>8&15)-1)]
			if far&special != 0 {
				return errCorrupt
			}
		}
		back := int(far>>16) + int(acc&(1<<(far&63)-1)>>(far>>8&15))
		acc >>= far & 63
		have -= uint(far)
		acc |= load(src, in) << (have & 63)
		in += int((63 &^ have) >> 3)
		have |= 56
		e = t.lit[acc&t.litMask]

		if back > out {
			return errCorrupt
		}
		if length > len(dst)-out {
			return errLong
		}
		if back >= 16 && length <= 32 && out+32 <= len(dst) {
			// Bytes past the match are overwritten by what follows it.
			from := out - back
			*(*[16]byte)(dst[out : out+16]) = *(*[16]byte)(dst[from : from+16])
			if length > 16 {
				*(*[16]byte)(dst[out+16 : out+32]) = *(*[16]byte)(dst[from+16 : from+32])
			}
		} else {
			copyMatch(dst, out, back, length)
		}
		out += length
	}
}

// copyMatch repeats length bytes from back bytes before out. The ranges may
// overlap, and then the copy repeats what it has just written.
func copyMatch(dst []byte, out, back, length int) {
	from, end := out-back, out+length
	for out < end {
		// Each round doubles the stretch that may be copied at once.
		out += copy(dst[out:end], dst[from:out])
	}
}
