package match

import "bytes"

// WholeAnchor stands in for the number of a keyword at what a whole content was
// searched for; no keyword has it.
const WholeAnchor = ^uint16(0)

// HasWhole tells whether some rules are tried on whole contents.
func (p *Program) HasWhole() bool { return len(p.wholes) > 0 }

// Whole appends the candidates of the rules that are tried on whole contents,
// rule by rule and each from left to right. They depend on all of data.
func (m *Matcher) Whole(dst []Candidate, data []byte) []Candidate {
	m.lowAt = [2]int{-1, -1}
	var low []byte
	for _, number := range m.prog.wholes {
		r := &m.prog.rules[number]
		if len(r.Keywords) > 0 && low == nil {
			low = appendLower(m.wholeLow[:0], data)
			m.wholeLow = low
		}
		if !holdsOne(low, r.Keywords) {
			continue
		}
		shape, err := r.shaped()
		var all [][]int
		if err == nil {
			all, err = shape.all(data)
		}
		if err != nil {
			m.expired = append(m.expired, r.Rule)
			continue
		}
		for _, spans := range all {
			c := Candidate{Rule: r.Rule, WindowLo: max(0, spans[0]-r.Before), WindowHi: min(len(data), spans[1]+r.After)}
			if c.take(spans, r.Secret, 0) && c.bounded(data) && m.context(r.Rule, data, &c) {
				dst = append(dst, c)
			}
		}
	}
	return dst
}

// holdsOne tells whether one of the words stands in low; true if there are none.
func holdsOne(low []byte, words []string) bool {
	for _, w := range words {
		if bytes.Contains(low, []byte(w)) {
			return true
		}
	}
	return len(words) == 0
}
