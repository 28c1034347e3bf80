package inflate

// readTables reads the head of a dynamic block and builds its two tables.
func (d *Decoder) readTables(c *cursor) error {
	numL := c.take(5) + 257
	numD := c.take(5) + 1
	numP := c.take(4) + 4
	if numL > maxLit || numD > maxDist {
		return errCorrupt
	}
	if !d.readPre(c, numP) {
		return errCorrupt
	}
	lit := code{symbols: litSymbols[:]}
	dist := code{symbols: distSymbols[:], first: uint16(numL)}
	split, ok := d.readLengths(c, numL+numD, &lit.count)
	if !ok {
		return errCorrupt
	}
	if c.overrun() {
		return errTruncated
	}
	list := d.list[:split]
	for split > 0 && uint(list[split-1]>>4) >= numL {
		split--
		length := list[split] & 15
		dist.count[length]++
		lit.count[length]--
	}
	lit.list, dist.list = list[:split], list[split:]
	if d.dynamic.litMask, ok = d.build(&lit, d.dynamic.lit[:], litBits); !ok {
		return errCorrupt
	}
	if d.dynamic.distMask, ok = d.build(&dist, d.dynamic.dist[:], distBits); !ok {
		return errCorrupt
	}
	return nil
}

// readPre reads the code that code lengths are written in. An entry of its
// table holds symbol<<3 | code length. A code with words to spare is refused:
// no block that uses one can be valid.
func (d *Decoder) readPre(c *cursor, n uint) bool {
	var lengths [numPre]uint8
	var count [8]uint8
	c.refill()
	for i, sym := range preOrder[:n] {
		if i == 16 {
			c.refill()
		}
		v := uint8(c.take(3))
		lengths[sym] = v
		count[v&7]++
	}
	var next [8]uint8
	code := uint(0)
	for length := 1; length < 8; length++ {
		code <<= 1
		next[length] = uint8(code)
		code += uint(count[length])
		if code > 1<<length {
			return false
		}
	}
	if code != 1<<preBits {
		return false
	}
	for sym, length := range lengths {
		if length == 0 {
			continue
		}
		word := reverse(uint(next[length&7]), uint(length))
		next[length&7]++
		e := uint8(sym)<<3 | length
		for i := word; i < 1<<preBits; i += 1 << (length & 7) {
			d.pre[i&(1<<preBits-1)] = e
		}
	}
	return true
}

// readLengths reads the lengths of n codes into the list, counts them, and
// returns how many are in use.
func (d *Decoder) readLengths(c *cursor, n uint, count *[16]uint16) (used int, ok bool) {
	list := &d.list
	src := c.src[:len(c.src):len(c.src)]
	in, acc, have := c.in, c.acc, c.have
	prev := uint(0)
	for i := uint(0); i < n; {
		if have < 14 {
			acc |= load(src, in) << (have & 63)
			in += int((63 - have) >> 3)
			have |= 56
		}
		e := uint(d.pre[acc&(1<<preBits-1)])
		acc >>= e & 7
		have -= e & 7
		sym := e >> 3
		if sym < 16 {
			list[used] = uint16(i<<4 | sym)
			// One more if sym is not zero.
			used += int((sym + 15) >> 4)
			count[sym]++
			prev = sym
			i++
			continue
		}
		var repeat uint
		switch sym {
		case 16:
			if i == 0 {
				return 0, false
			}
			repeat = 3 + uint(acc)&3
			acc >>= 2
			have -= 2
			if prev != 0 {
				if i+repeat > n {
					return 0, false
				}
				count[prev&15] += uint16(repeat)
				for end := i + repeat; i < end; i++ {
					list[used] = uint16(i<<4 | prev)
					used++
				}
				continue
			}
		case 17:
			repeat = 3 + uint(acc)&7
			acc >>= 3
			have -= 3
			prev = 0
		default:
			repeat = 11 + uint(acc)&127
			acc >>= 7
			have -= 7
			prev = 0
		}
		i += repeat
		if i > n {
			return 0, false
		}
	}
	c.in, c.acc, c.have = in, acc, have
	return used, true
}
