package decode

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Stretch is a row of groups, each of which is text: data[Lo:Hi). Groups that
// begin before Stop are to be looked at; those behind are there for what begins
// before and ends in them.
type Stretch struct {
	Lo, Hi, Stop int
	Scheme       Scheme
}

// Reach is how far behind the last group that is asked about Stretches looks,
// in bytes.
const Reach = 128

// maxStretch bounds the memory that one stretch takes.
const maxStretch = 32 << 10

// Stretches appends the stretches of base64, of hexadecimal digits and of spread text whose
// groups begin in data[lo:hi). A group belongs to a stretch if text follows from
// it on for the least length of its scheme: what comes before does not matter.
func Stretches(dst []Stretch, data []byte, lo, hi int) []Stretch {
	dst = spread(dst, data, lo, hi)
	var done [8]int // per alignment, where the last row ended
	if hi-lo >= leastBlocks && hasRuns() {
		var end int
		dst, end = blocks(dst, data, lo, hi, &done)
		lo = max(lo, end-lastHexGroup)
	}
	return steps(dst, data, lo, hi, &done)
}

// spread appends the stretches in which NUL bytes stand between the characters. In
// most contents there is no NUL. Programs are full of them, and where a stretch
// begins, eight bytes within its least length have one at each second place.
func spread(dst []Stretch, data []byte, lo, hi int) []Stretch {
	const odd = 0xff00ff00ff00ff00
	nul := -1
	if lo < hi {
		nul = bytes.IndexByte(data[lo:min(len(data), hi+1)], 0)
	}
	if nul < 0 {
		return dst
	}
	next := lo + max(nul-1, 0) // where a stretch may begin
	for q := next; q+8 <= len(data) && q-7 < hi; q += 8 {
		w := binary.LittleEndian.Uint64(data[q:])
		if w&odd != 0 && w&^odd != 0 || w == 0 {
			continue
		}
		for i := max(next, q-7); i <= q && i < hi; i++ {
			s := Spread2
			if data[i+2]|data[i+3] == 0 {
				s = Spread4
			}
			if !isText(data[i]) || !isSpread(data, i, s) {
				continue
			}
			r, ok := Row(data, i, hi, s)
			if ok {
				dst = cut(dst, r)
			}
			next = max(i+2, r.Hi-2) // the last character may begin a stretch of the other kind
			i = next - 1
		}
	}
	return dst
}

// isSpread reports whether the NULs of a stretch stand behind i for its least length.
func isSpread(data []byte, i int, s Scheme) bool {
	between := uint64(0xff00ff00ff00ff00)
	if s == Spread4 {
		between = 0xffffff00ffffff00
	}
	if i+least[s] > len(data) {
		return false
	}
	all := uint64(0)
	for end := i + least[s]; i < end; i += 8 {
		all |= binary.LittleEndian.Uint64(data[i:])
	}
	return all&between == 0
}

// leastBlocks is the length from which on blocks are faster than steps.
const leastBlocks = 96

// steps is Stretches for machines without blocks and for what is left of them.
func steps(dst []Stretch, data []byte, lo, hi int, done *[8]int) []Stretch {
	// A row that begins in the range holds a byte at the end of some step. Where
	// the bytes of a step before that end rule themselves out, the step is moved
	// behind the last of them.
	const step = 24
	end := min(len(data), hi+step-1)
	for p := lo + step - 1; p < end; {
		last := p - 7
		b := foreign(data[last:])
		if b == 0 {
			last -= 8
			if b = foreign(data[last:]); b == 0 {
				last -= 8
				b = foreign(data[last:])
			}
		}
		if b != 0 {
			p = last + (63-bits.LeadingZeros64(b))>>3 + step
			continue
		}
		dst = rows(dst, data, p-step+1, min(p+1, hi), hi, done)
		p += step
	}
	return dst
}

// foreign marks, with the highest bit of each, bytes of the first eight of b that
// are no characters of base64: those below '+', which are most of what stands
// between words, and those above 'z'.
func foreign(b []byte) uint64 {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	x := binary.LittleEndian.Uint64(b)
	return (^((x | high) - '+'*ones) | (x&^high + (0x7f-'z')*ones) | x) & high
}

// rows appends the stretches that begin in data[from:to).
func rows(dst []Stretch, data []byte, from, to, hi int, done *[8]int) []Stretch {
	limit := min(len(data), hi+Reach)
	dst = base64Rows(dst, data, from, to, hi, limit, done)
	return hexRows(dst, data, from, to, hi, limit, done)
}

func base64Rows(dst []Stretch, data []byte, from, to, hi, limit int, done *[8]int) []Stretch {
	for i := range 4 {
		if p := max(from+i, done[(from+i)&3]); p < to {
			dst, done[(from+i)&3] = aligned(dst, data, p, to, hi, limit, Base64)
		}
	}
	return dst
}

func hexRows(dst []Stretch, data []byte, from, to, hi, limit int, done *[8]int) []Stretch {
	for i := range 2 {
		if p := max(from+i, done[4+(from+i)&1]); p < to {
			dst, done[4+(from+i)&1] = aligned(dst, data, p, to, hi, limit, Hex)
		}
	}
	return dst
}

// aligned appends the stretches of one alignment that begin in data[p:to), and
// returns where the next may begin. A row that is long enough is looked for from
// its end on: a group that does not fit rules out all rows that hold it. The
// first characters of the groups rule out most.
func aligned(dst []Stretch, data []byte, p, to, hi, limit int, s Scheme) ([]Stretch, int) {
	n, width, first := least[s], 4, &lead
	if s == Hex {
		width, first = 2, &hexLead
	}
	for p < to && p+n <= limit {
		k := n - width
		for k >= 0 && first[data[p+k]] {
			k -= width
		}
		if k < 0 {
			k = n - width
			for k >= 0 && complete(data, p+k, limit, s) {
				k -= width
			}
		}
		if k >= 0 {
			p += k + width
			continue
		}
		end := p + n
		for end+width <= limit && complete(data, end, limit, s) {
			end += width
		}
		dst = cut(dst, Stretch{p, end, min(hi, end-n+1), s})
		p = end + width
	}
	return dst, p
}

// lead says which characters of base64 a group of text begins with.
var lead = func() (m [256]bool) {
	for c, v := range value {
		for low := range byte(4) {
			m[c] = m[c] || v < 64 && isText(v<<2|low)
		}
	}
	return m
}()

// hexLead says which hexadecimal digits a byte of text begins with.
var hexLead = func() (m [256]bool) {
	for c, v := range digit {
		for low := range byte(16) {
			m[c] = m[c] || v < 16 && isText(v<<4|low)
		}
	}
	return m
}()

// cut appends s in pieces of bounded length.
func cut(dst []Stretch, s Stretch) []Stretch {
	for s.Stop-s.Lo > maxStretch {
		next := s.Lo + maxStretch
		dst = append(dst, Stretch{s.Lo, min(s.Hi, next+Reach), next, s.Scheme})
		s.Lo = next
	}
	return append(dst, s)
}

// Row is the stretch of groups of a scheme that begins at i, if text follows
// for the least length of the scheme.
func Row(data []byte, i, hi int, s Scheme) (Stretch, bool) {
	end := i
	for end < min(len(data), hi+Reach) {
		u := at(data, end, len(data), s)
		if u.width == 0 {
			break
		}
		end += u.width
	}
	return Stretch{i, end, min(hi, end-least[s]+1), s}, end-i >= least[s]
}

// Forward appends the text of the groups from i on that end before limit.
func (t *Text) Forward(data []byte, i, limit int, s Scheme) {
	if s == Base64 {
		i = t.quads(data, i, limit)
	}
	for i < limit {
		u := at(data, i, limit, s)
		if u.width == 0 {
			return
		}
		t.add(u, i, s)
		i += u.width
		if s == Base64 && u.n < 3 {
			return
		}
	}
}

// quads appends the text of the groups of four characters of base64 from i on, and
// returns where the first one begins that is none, or no text. It is what the loop
// in Forward does, at a third of the time.
func (t *Text) quads(data []byte, i, limit int) int {
	for ; i+4 <= limit; i += 4 {
		a, b, c, d := value[data[i]], value[data[i+1]], value[data[i+2]], value[data[i+3]]
		x, y, z := a<<2|b>>4, b<<4|c>>2, c<<6|d
		if a|b|c|d >= 64 || !isText(x) || !isText(y) || !isText(z) {
			break
		}
		at := int32(i)
		t.Bytes = append(t.Bytes, x, y, z)
		t.Sources = append(t.Sources, Source{at, at + 2}, Source{at + 1, at + 3}, Source{at + 2, at + 4})
	}
	return i
}

// Around appends the text round the group at i to t, which is empty, as far as it is
// text and lies in data[lo:hi), and returns where in it that group begins.
func Around(t Text, data []byte, i, lo, hi int, s Scheme) (_ Text, at0 int) {
	from := i
	for {
		next := before(data, from, lo, s)
		if next < 0 {
			break
		}
		from = next
	}
	t.Forward(data, from, i, s)
	at0 = len(t.Bytes)
	t.Forward(data, i, hi, s)
	return t, at0
}

// Last appends to t the last character of big-endian UTF-16 or UTF-32, if there may be one.
// It has no NUL bytes behind it: those of the others, which make them groups, are the next
// one's. t is what Around gave of data up to hi. What is there may as well be other text
// behind little-endian text, and nothing shows which, as the byte before big-endian text is
// taken for its first character: so t is worth reading without it too.
func (t *Text) Last(data []byte, hi int, s Scheme) {
	if s != Spread2 && s != Spread4 || len(t.Sources) == 0 {
		return
	}
	i := int(t.Sources[len(t.Sources)-1].To)
	if seen := i+width[s] <= hi || hi == len(data); i < hi && seen && isText(data[i]) && !complete(data, i, hi, s) {
		t.Add(data[i], i, i+1)
	}
}

// width is how many bytes a group has, of the schemes whose groups are alike.
var width = [Schemes]int{Base64: 4, Hex: 2, ByteEscape: 4, UnitEscape: 6, Spread2: 2, Spread4: 4}

// before returns where the group that ends at i begins, or -1.
func before(data []byte, i, lo int, s Scheme) int {
	n := width[s]
	if s == Entity {
		for n = 4; n <= maxEntity; n++ {
			if i-n >= lo && at(data, i-n, i, s).width == n {
				return i - n
			}
		}
		return -1
	}
	if i-n < lo || !complete(data, i-n, i, s) {
		return -1
	}
	return i - n
}

// Before returns from where on encoded text may lead up to end: the start of
// the row of bytes before it that may be a part of encoded text, at most Reach
// bytes back.
func Before(data []byte, end int) int {
	i := end
	for i > 0 && end-i < Reach && mayEncode[data[i-1]] {
		i--
	}
	j := end
	for j > 0 && end-j < Reach && maySpread(data, j-1) {
		j--
	}
	return min(i, j)
}

// maySpread reports whether the byte at i may be a part of spread text: it is NUL, or
// stands beside one.
func maySpread(data []byte, i int) bool {
	return data[i] == 0 || i > 0 && data[i-1] == 0 || i+1 < len(data) && data[i+1] == 0
}

// mayEncode says which bytes encoded text consists of.
var mayEncode = func() (m [256]bool) {
	for c, v := range value {
		m[c] = v < 64
	}
	for _, c := range []byte(`\&#;`) {
		m[c] = true
	}
	return m
}()
