package judge

import "math"

// shape is what one pass over a value finds out.
type shape struct {
	n                         int // bytes that were looked at
	lower, upper, digit, mark int
	distinct                  int
	dots, slashes, spaces     int
	colons, ats               int
	hexDigits                 int
	maxRun                    int // longest run of one character
	steps                     int // pairs that count up or down or neighbour on a keyboard row
	control                   bool
	entropy                   float64 // Shannon, bits per character
	odds                      float64 // bits in favour of random over name, whole value
}

// maxLook bounds the pass; the start of a longer value speaks for the rest.
const maxLook = 512

// model holds the tables that Review reads; New fills them once.
type model struct {
	symbol [256]uint8           // row and column of bigramCost
	class  [256]uint8           // see the class constants
	fold   [256]byte            // lower case; every separator is '-'
	row    [256]uint8           // place on a keyboard row, 0 for none
	nlogn  [maxLook + 1]float64 // n * log2(n)
	gain   [maxLook + 1]float64 // nlogn[n] - nlogn[n-1]
	pair   [32][32]bool         // the first two characters of some placeholder word, folded, modulo 32
	words  [27][]word           // placeholder words by their first letter; the last list is for the rest
}

// The classes of characters. From classLower on up to classUpperHex a
// character is a letter.
const (
	classMark = iota
	classControl
	classDigit
	classLower
	classLowerHex
	classUpper
	classUpperHex
	numClasses
)

func newModel() *model {
	m := &model{}
	for c := range 256 {
		m.symbol[c] = symbolOf(byte(c))
		m.fold[c] = byte(c)
		switch {
		case c < ' ' || c == 0x7f:
			m.class[c] = classControl
		case c >= 'a' && c <= 'f':
			m.class[c] = classLowerHex
		case c >= 'g' && c <= 'z':
			m.class[c] = classLower
		case c >= 'A' && c <= 'F':
			m.class[c] = classUpperHex
			m.fold[c] = byte(c | 0x20)
		case c >= 'G' && c <= 'Z':
			m.class[c] = classUpper
			m.fold[c] = byte(c | 0x20)
		case c >= '0' && c <= '9':
			m.class[c] = classDigit
		case c == '_' || c == '.' || c == ' ':
			m.fold[c] = '-'
		}
	}
	for r, keys := range []string{"qwertyuiop", "asdfghjkl", "zxcvbnm"} {
		for i, c := range []byte(keys) {
			m.row[c] = uint8(r*20 + i + 1)
		}
	}
	for n := 1; n < len(m.nlogn); n++ {
		m.nlogn[n] = float64(n) * math.Log2(float64(n))
		m.gain[n] = m.nlogn[n] - m.nlogn[n-1]
	}
	for _, w := range placeholderWords {
		m.pair[w.text[0]&31][w.text[1]&31] = true
		at := 26
		if c := w.text[0]; c >= 'a' && c <= 'z' {
			at = int(c - 'a')
		}
		m.words[at] = append(m.words[at], w)
	}
	return m
}

// symbolOf numbers the characters as judge/train does.
func symbolOf(c byte) uint8 {
	switch {
	case c >= 'a' && c <= 'z':
		return c - 'a'
	case c >= 'A' && c <= 'Z':
		return c - 'A' + 26
	case c >= '0' && c <= '9':
		return c - '0' + 52
	}
	for i, mark := range []byte("_-./+") {
		if c == mark {
			return uint8(62 + i)
		}
	}
	return 67
}

// measure makes the one pass over a value.
func (m *model) measure(v []byte) (s shape) {
	if len(v) > maxLook {
		v = v[:maxLook]
	}
	s.n = len(v)
	var count [256]uint16
	var classes [numClasses]int
	const start = 68
	symbol := uint8(start)
	var prev, prevFold byte
	cost, run, sum := 0, 0, 0.0
	for i, c := range v {
		// Adding the differences saves a pass over all 256 counters.
		k := count[c] + 1
		count[c] = k
		sum += m.gain[k]
		if k == 1 {
			s.distinct++
		}
		classes[m.class[c]]++
		next := m.symbol[c]
		cost += int(bigramCost[symbol][next])
		symbol = next
		f := m.fold[c]
		if i > 0 && c == prev && c != ' ' { // indentation is no sign of a placeholder
			run++
			s.maxRun = max(s.maxRun, run)
		} else {
			run = 1
			if i > 0 && m.isStep(prevFold, f) {
				s.steps++
			}
		}
		prev, prevFold = c, f
	}
	s.maxRun = max(s.maxRun, min(1, s.n))
	s.lower = classes[classLower] + classes[classLowerHex]
	s.upper = classes[classUpper] + classes[classUpperHex]
	s.digit = classes[classDigit]
	s.mark = classes[classMark] + classes[classControl]
	s.hexDigits = s.digit + classes[classLowerHex] + classes[classUpperHex]
	s.control = classes[classControl] > 0
	s.dots, s.slashes, s.spaces = int(count['.']), int(count['/']), int(count[' '])
	s.colons, s.ats = int(count[':']), int(count['@'])
	if s.n > 0 {
		s.entropy = (m.nlogn[s.n] - sum) / float64(s.n)
		s.odds = float64(cost)/16 - float64(s.n)*s.alphabetBits()
	}
	return s
}

// isStep says whether two folded characters follow each other in the alphabet,
// among the digits or on a keyboard row.
func (m *model) isStep(a, b byte) bool {
	if m.class[a] <= classControl || m.class[b] <= classControl {
		return false
	}
	if b == a+1 || b == a-1 || a == '9' && (b == '0' || b == 'a') {
		return true
	}
	return m.row[a] > 0 && m.row[b] == m.row[a]+1
}

// isHex says whether the value is hex digits in one case.
func (s *shape) isHex() bool {
	return s.hexDigits == s.n && s.n > 0 && (s.lower == 0 || s.upper == 0)
}

// alphabetBits is the entropy of one character of a random string over the
// alphabet that the value seems to use.
func (s *shape) alphabetBits() float64 {
	if s.isHex() && s.digit > 0 && s.lower != s.upper {
		return 4
	}
	const lower, upper, digit, mark = 1, 2, 4, 8
	set := 0
	if s.lower > 0 {
		set |= lower
	}
	if s.upper > 0 {
		set |= upper
	}
	if s.digit > 0 {
		set |= digit
	}
	if s.mark > 0 {
		set |= mark
	}
	return alphabetBits[set]
}

// alphabetBits is log2 of the size of each mix of lower case (26), upper case
// (26), digits (10) and marks (2), indexed by the set's bits.
var alphabetBits = [16]float64{
	1, 4.700, 4.700, 5.700, 3.322, 5.170, 5.170, 5.954,
	1, 4.807, 4.807, 5.755, 3.585, 5.248, 5.248, 6,
}
