package judge

import (
	"math/bits"

	"keyrake/rules"
)

// Weak secrets are weighed on a scale of points, hundredths of the logarithm of
// odds: where the judge alone would stand, and so many for each trait that
// holds. judge/train/scale learns them; they are whole numbers, so that every
// machine comes to the same sum.

// mostWeak is the most that the scale ever says: a value that anybody can make
// up is never sure to be in use.
const mostWeak = 78

// longestTyped is the length up to which people type a row of few characters.
const longestTyped = 16

// leastRevived is what takes back a verdict that a value is no secret, in
// hundredths: who asks for little confidence does not ask for every name in code.
const leastRevived = 30

// onScale are the verdicts that the scale revises: not what a value is, but how
// much it looks like what stands for a secret.
var onScale = [reasonCount]bool{
	placeholderWord: true, identifier: true, sameAsName: true, lowEntropy: true, speaksOfSecrets: true, defaultPassword: true,
	repeated: true, notRandom: true, fewCharacters: true, sameAsUser: true, humanPassword: true, plainWord: true,
	digitsOnly: true, comparedWord: true,
}

// offScale settle a matter that the scale knows nothing about.
var offScale = [reasonCount]bool{
	proofStructure: true, documentedSample: true, publicByDesign: true, integrityField: true, testVector: true, localHost: true,
}

// Weighing is how a weak secret was weighed.
type Weighing struct {
	Before int // the confidence without the scale, in hundredths
	Holds  []Trait
}

// Start is what a weighing begins with.
func (w *Weighing) Start() int { return scaleStart + 2*int(logOdds[min(90, max(10, w.Before))]) }

// Sum is what it comes to.
func (w *Weighing) Sum() int {
	sum := w.Start()
	for _, t := range w.Holds {
		sum += t.Points()
	}
	return sum
}

// Points are what a trait counts on the scale, hundredths of the logarithm of
// odds.
func (t Trait) Points() int { return int(scalePoints[t]) }

// Weigh says how the scale weighs a candidate, if it does.
func (p *Policy) Weigh(in Input) (Weighing, bool) {
	w := Weighing{Before: -1}
	p.review(in, &w)
	return w, w.Before >= 0
}

// scaled revises the confidence in a secret that is weak at best.
func (h *hearing) scaled(v []byte, confidence float64) float64 {
	why := h.weakness(v)
	if why == none || !h.dropped && h.sev >= rules.Medium && confidence >= 0.5 {
		return confidence
	}
	before := percent(confidence)
	t := h.traitsOf(v, why)
	points := (&Weighing{Before: before}).Start()
	for i, word := range t {
		for ; word != 0; word &= word - 1 {
			points += int(scalePoints[i*64+bits.TrailingZeros64(word)])
		}
	}
	if h.weighing != nil {
		*h.weighing = Weighing{Before: before, Holds: t.list()}
	}
	after := min(mostWeak, chance(points))
	if !h.dropped && before >= 50 {
		after = max(after, 50) // what the reasons alone would tell stays told
	}
	if !h.dropped || after >= leastRevived {
		h.dropped = false
		h.sev = min(h.sev, rules.Low)
	}
	return float64(after) / 100
}

// weakness is the reason for which the scale is asked, or none. What a rule
// knows by the command that takes it needs no scale: it was typed to be used.
func (h *hearing) weakness(v []byte) reason {
	if !h.rule.Generic || h.proof != NoProof || h.isTyped() {
		return none
	}
	why := none
	for _, r := range h.why[:h.n] {
		if offScale[r] {
			return none
		}
		if why == none && onScale[r] {
			why = r
		}
	}
	if why == none || !h.isWeighed(why) {
		return none
	}
	return why
}

// isWeighed says whether the scale knows anything of such a value under such a
// name. A mask and a long row of few characters are never one. Other
// secrets than passwords are issued by machines: a word there has to stand as
// values do.
func (h *hearing) isWeighed(why reason) bool {
	s := &h.shape
	rowed := why == repeated || why == fewCharacters
	switch {
	case s.mark == s.n, rowed && s.n > longestTyped:
		return false
	case h.said&saysPassword != 0:
		return true
	case h.said&saysSecret == 0, h.quote == 0 && !h.fillsLine():
		return false
	case s.lower+s.upper == s.n && h.model.find(h.name, "secret") < 0:
		return false // auth: "basic", credentials: "include"
	}
	switch why {
	case identifier, lowEntropy, notRandom, plainWord, speaksOfSecrets:
		return true
	}
	return rowed && s.distinct > 2
}

// percent rounds; the conversion keeps the product from being fused with the
// sum, which some machines do and others do not.
func percent(x float64) int { return int(float64(x*100) + 0.5) }

// chance is the share that belongs to so many points.
func chance(points int) int {
	lo, hi := 1, 99
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if int(logOdds[mid]) <= points {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}
