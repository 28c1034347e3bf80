package judge

// Measure is what is counted of a value before it is judged: the numbers behind
// the words of a verdict. Only the first 512 bytes count.
type Measure struct {
	Length                      int // bytes that were looked at
	Lower, Upper, Digits, Marks int
	Distinct                    int     // different characters
	Entropy                     float64 // Shannon, bits per character
	Odds                        float64 // bits in favour of a random string over a name or a word, by the character model
}

// Measure counts the characters of a value.
func (p *Policy) Measure(value []byte) Measure {
	s := p.model.measure(value)
	return Measure{
		Length: s.n, Lower: s.lower, Upper: s.upper, Digits: s.digit, Marks: s.mark,
		Distinct: s.distinct, Entropy: s.entropy, Odds: s.odds,
	}
}

// Gate is the least confidence that is reported.
func (p *Policy) Gate() float64 { return p.opt.MinConfidence }
