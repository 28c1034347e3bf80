package inflate

import (
	"math/rand/v2"
	"testing"
)

// bitWriter writes deflate data by hand, to reach what no compressor writes.
type bitWriter struct {
	out  []byte
	used uint
}

func (w *bitWriter) bits(v, n uint) {
	for i := range n {
		if w.used%8 == 0 {
			w.out = append(w.out, 0)
		}
		w.out[len(w.out)-1] |= byte(v>>i&1) << (w.used % 8)
		w.used++
	}
}

// word writes symbol sym of the code with the given lengths, by the definition
// in RFC 1951.
func (w *bitWriter) word(lengths []uint, sym int) {
	code := uint(0)
	for other, l := range lengths {
		if l != 0 && (l < lengths[sym] || l == lengths[sym] && other < sym) {
			code += 1 << (lengths[sym] - l)
		}
	}
	for i := lengths[sym]; i > 0; i-- {
		w.bits(code>>(i-1), 1)
	}
}

// dynamicHead starts a final block with the given code lengths. The lengths
// are written in a code of four bits each, without repeats.
func (w *bitWriter) dynamicHead(lit, dist []uint) {
	w.bits(1, 1)
	w.bits(2, 2)
	w.bits(uint(len(lit)-257), 5)
	w.bits(uint(len(dist)-1), 5)
	w.bits(numPre-4, 4)
	pre := make([]uint, numPre)
	for i := range 16 {
		pre[i] = 4
	}
	for _, sym := range preOrder {
		w.bits(pre[sym], 3)
	}
	for _, l := range append(lit[:len(lit):len(lit)], dist...) {
		w.word(pre, int(l))
	}
}

func newZlib() *bitWriter {
	return &bitWriter{out: []byte{0x78, 0x9c}, used: 16}
}

// randomCode returns lengths of n codes, of which used make up a complete code.
func randomCode(rng *rand.Rand, n, used int) []uint {
	deep := 2 + rng.IntN(6)
	leaves := []uint{0}
	for len(leaves) < used {
		i := rng.IntN(len(leaves))
		// Often split the newest leaf, for the sake of long words.
		if rng.IntN(deep) != 0 {
			i = len(leaves) - 1
		}
		if leaves[i] < maxCodeBits {
			leaves[i]++
			leaves = append(leaves, leaves[i])
		}
	}
	lengths := make([]uint, n)
	for i, sym := range rng.Perm(n)[:used] {
		lengths[sym] = leaves[i]
	}
	return lengths
}

// ensure makes sym one of the symbols in use.
func ensure(rng *rand.Rand, lengths []uint, sym int) {
	for lengths[sym] == 0 {
		other := rng.IntN(len(lengths))
		lengths[sym], lengths[other] = lengths[other], lengths[sym]
	}
}

// Random complete codes, with long words and every symbol, used at random.
func TestRandomCodes(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	var d Decoder
	longLit, longDist, accepted := 0, 0, 0
	for range 3000 {
		nLit, nDist := 257+rng.IntN(30), 2+rng.IntN(29)
		lit := randomCode(rng, nLit, 2+rng.IntN(nLit-1))
		dist := randomCode(rng, nDist, 2+rng.IntN(nDist-1))
		ensure(rng, lit, 256)
		w := newZlib()
		w.dynamicHead(lit, dist)
		size := 0
		for range rng.IntN(300) {
			sym := rng.IntN(nLit)
			if lit[sym] == 0 || sym == 256 {
				continue
			}
			if sym < 256 {
				w.word(lit, sym)
				size++
				longLit += int(lit[sym] / (litBits + 1))
				continue
			}
			far := rng.IntN(nDist)
			e := distSymbols[far]
			back := int(e>>16) + rng.IntN(1<<(e&15))
			// Now and then a match that begins before the data.
			if dist[far] == 0 || back > size && rng.IntN(200) != 0 {
				continue
			}
			extra := rng.IntN(1 << (litSymbols[sym] & 15))
			w.word(lit, sym)
			w.bits(uint(extra), uint(litSymbols[sym]&15))
			w.word(dist, far)
			w.bits(uint(back)-uint(e>>16), uint(e&15))
			size += int(litSymbols[sym]>>16) + extra
			longDist += int(dist[far] / (distBits + 1))
		}
		w.word(lit, 256)
		src := withChecksum(&d, size, append(w.out, 0, 0, 0, 0))
		agree(t, &d, size, src)
		if _, err := d.Zlib(make([]byte, size), src); err == nil {
			accepted++
		}
	}
	if longLit < 1000 || longDist < 300 || accepted < 2000 {
		t.Errorf("test too weak: %d long literals, %d long distances, %d streams accepted", longLit, longDist, accepted)
	}
}

// The entry counts of random codes must stay within the tables; the worst
// complete codes come from splitting as deep as possible.
func TestWorstTable(t *testing.T) {
	var d Decoder
	for used := 2; used <= maxLit; used++ {
		lit := make([]uint, maxLit)
		leaves := []uint{0}
		for len(leaves) < used {
			last := len(leaves) - 1
			if leaves[last] == maxCodeBits {
				for last > 0 && leaves[last] == maxCodeBits {
					last--
				}
			}
			leaves[last]++
			leaves = append(leaves[:last+1], append([]uint{leaves[last]}, leaves[last+1:]...)...)
		}
		copy(lit[maxLit-used:], leaves)
		if lit[256] == 0 {
			lit[256], lit[maxLit-used] = lit[maxLit-used], 0
		}
		w := newZlib()
		w.dynamicHead(lit, []uint{1})
		w.word(lit, 256)
		agree(t, &d, 0, append(w.out, 0, 0, 0, 1))
	}
}

func TestOddCodes(t *testing.T) {
	with := func(n int, lengths map[int]uint) []uint {
		s := make([]uint, n)
		for sym, l := range lengths {
			s[sym] = l
		}
		return s
	}
	normal := with(258, map[int]uint{'a': 1, 256: 2, 257: 2})
	for _, test := range []struct {
		name      string
		lit, dist []uint
		body      func(w *bitWriter)
		size      int
		ok        bool
	}{
		{"end only", with(257, map[int]uint{256: 1}), []uint{0}, func(w *bitWriter) { w.bits(0, 1) }, 0, true},
		{"end only, other word", with(257, map[int]uint{256: 1}), []uint{0}, func(w *bitWriter) { w.bits(1, 2) }, 0, false},
		{"one word of two bits", with(257, map[int]uint{256: 2}), []uint{0}, func(w *bitWriter) { w.bits(0, 2) }, 0, false},
		{"no end", with(257, map[int]uint{'a': 1, 'b': 1}), []uint{0}, func(w *bitWriter) { w.bits(0, 2) }, 2, false},
		{"no literals", make([]uint, 257), []uint{1}, func(w *bitWriter) { w.bits(0, 2) }, 0, false},
		{"words to spare", with(257, map[int]uint{'a': 1, 256: 2}), []uint{0}, func(w *bitWriter) { w.bits(1, 2) }, 0, false},
		{"too many words", with(257, map[int]uint{'a': 1, 'b': 1, 256: 2}), []uint{0}, func(w *bitWriter) { w.bits(3, 2) }, 0, false},
		{"no distance, unused", normal, []uint{0}, func(w *bitWriter) { w.bits(0b010, 3) }, 1, true},
		{"no distance, used", normal, []uint{0}, func(w *bitWriter) { w.bits(0b01_0_11_0, 6) }, 4, false},
		{"one distance", normal, []uint{1}, func(w *bitWriter) { w.bits(0b01_0_11_0, 6) }, 4, true},
		{"one distance, other word", normal, []uint{1}, func(w *bitWriter) { w.bits(0b01_1_11_0, 6) }, 4, false},
		{"one distance of two bits", normal, []uint{2}, func(w *bitWriter) { w.bits(0b01_00_11_0, 7) }, 4, false},
		{"distances to spare", normal, []uint{1, 2}, func(w *bitWriter) { w.bits(0b010, 3) }, 1, false},
		{"too many distances", normal, []uint{1, 1, 1}, func(w *bitWriter) { w.bits(0b010, 3) }, 1, false},
		{"before the data", normal, []uint{1, 1}, func(w *bitWriter) { w.bits(0b01_1_11_0, 6) }, 4, false},
		{"287 literals", with(287, map[int]uint{'a': 1, 256: 1}), []uint{0}, func(w *bitWriter) { w.bits(0b10, 2) }, 1, false},
		{"31 distances", normal, with(31, map[int]uint{0: 1}), func(w *bitWriter) { w.bits(0b010, 3) }, 1, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var d Decoder
			w := newZlib()
			w.dynamicHead(test.lit, test.dist)
			test.body(w)
			src := withChecksum(&d, test.size, append(w.out, 0, 0, 0, 0))
			agree(t, &d, test.size, src)
			if _, err := d.Zlib(make([]byte, test.size), src); (err == nil) != test.ok {
				t.Errorf("got error %v, want success %t", err, test.ok)
			}
		})
	}
}
