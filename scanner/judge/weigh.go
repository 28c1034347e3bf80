package judge

import (
	"bytes"
	"strings"

	"keyrake/rules"
)

// specific judges a value with the issuer's own mark. A wrong drop is worse
// here than a low confidence, so only plain placeholders and a lack of entropy
// count.
func (h *hearing) specific(v []byte) float64 {
	s := &h.shape
	if bytes.HasSuffix(v, []byte("EXAMPLE")) || bytes.HasSuffix(v, []byte("EXAMPLEKEY")) {
		return h.drop(documentedSample, 0.05)
	}
	body := h.bare(v)
	inner := *s
	if len(body) < len(v) {
		inner = h.model.measure(body)
	}
	if r := h.model.placeholder(body, &inner, true); r != none && len(body) > 0 {
		return h.drop(r, 0.1)
	}
	if h.rule.Entropy > 0 && s.entropy < h.rule.Entropy {
		return h.drop(lowEntropy, 0.2)
	}
	h.say(shapeFits)
	return base(h.rule.Confidence, specificBase)
}

// bare cuts off the part of a value that the rule's keyword covers, so that
// sk_test_ is not taken for a test.
func (h *hearing) bare(v []byte) []byte {
	for _, k := range h.rule.Keywords {
		if at := h.model.find(v[:min(len(v), 32)], k); at >= 0 && at+len(k) < len(v) {
			return v[at+len(k):]
		}
	}
	return v
}

func base(of, otherwise float64) float64 {
	if of > 0 {
		return of
	}
	return otherwise
}

// contextual judges a value that is nothing by itself, under a rule whose name
// or neighbourhood says whose it is.
func (h *hearing) contextual(v []byte) float64 {
	s := &h.shape
	if confidence, done := h.common(v); done {
		return confidence
	}
	switch {
	case h.said&saysHash != 0 && s.isHex():
		return h.drop(hashName, 0.2)
	case h.said&saysOther != 0 && h.rule.Kind == rules.Assignment && h.said&saysSecret == 0 && !h.asksForName():
		h.say(nameNegative)
		return 0.3
	}
	if h.isLegacyCloudflare() && (s.lower == 0 || s.upper == 0) {
		if s.isHex() {
			return h.drop(hexObject, 0.1)
		}
		return h.drop(oneCase, 0.1)
	}
	if h.rule.Entropy > 0 && s.entropy < h.rule.Entropy {
		return h.drop(lowEntropy, 0.2)
	}
	confidence := base(h.rule.Confidence, contextBase)
	odds := s.odds
	if odds < 8 && s.mark > 0 {
		odds = max(odds, h.bodyOdds(v))
	}
	switch {
	case s.isHex() || s.n < 12 || isUUID(v, s):
		h.say(shapeFits)
	case odds < 0:
		return h.drop(notRandom, 0.2)
	case odds < 8:
		h.say(maybeRandom)
		confidence *= 0.8
	default:
		h.say(looksRandom)
	}
	return confidence
}

// asksForName says whether the rule itself names the word that makes h.name the
// name of something else: a cert_id, a routing_key.
func (h *hearing) asksForName() bool {
	if h.rule.Name == "" {
		return true // its keywords are the whole name
	}
	var buf [maxName]byte
	name := bytes.TrimRight(h.name[max(0, len(h.name)-maxName):], "-_. ")
	word, rest := lastWord(name)
	if len(word) == 3 && string(letters(buf[:0], word)) == "key" {
		word, _ = lastWord(bytes.TrimRight(rest, "-_. "))
	}
	return strings.Contains(h.rule.Name, string(letters(buf[:0], word)))
}

// lastWord cuts the last word of a name off: Id of certId, id of cert_id.
func lastWord(name []byte) (word, rest []byte) {
	i := len(name)
	for i > 0 && isLetter(name[i-1]) && !(i < len(name) && isUpper(name[i]) && isLower(name[i-1])) {
		i--
	}
	return name[i:], name[:i]
}

// bodyOdds measures what stands behind the last mark: a prefix of words in
// another case says nothing about the body.
func (h *hearing) bodyOdds(v []byte) float64 {
	body := v[bytes.LastIndexAny(v, "_-.:/")+1:]
	if len(body) < 16 {
		return -1
	}
	s := h.model.measure(body)
	return s.odds
}

// isLegacyCloudflare knows the rule for API tokens from before 2026, which
// have no mark of their own: 40 characters in which both cases always occur.
func (h *hearing) isLegacyCloudflare() bool {
	return h.rule.Provider == "cloudflare" && h.rule.Entropy >= 4.1 && h.shape.n == 40
}

// common holds what speaks against a value under any name.
func (h *hearing) common(v []byte) (confidence float64, done bool) {
	s := &h.shape
	if s.n < 6 {
		return h.drop(tooShort, 0.1), true
	}
	if r := h.model.notItself(v, s, h.quote); r != none {
		return h.drop(r, 0.1), true
	}
	if s.spaces >= 2 && s.digit*4 < s.n {
		return h.drop(sentence, 0.1), true
	}
	if s.mark >= 2 && s.n <= 40 && isLabel(v) {
		return h.drop(identifier, 0.1), true
	}
	if r := h.model.placeholder(v, s, false); r != none {
		return h.drop(r, 0.1), true
	}
	if s.digit == s.n && !(h.said&saysSecret != 0 && s.n >= 32) {
		return h.drop(digitsOnly, 0.1), true
	}
	return 0, false
}

// generic judges a value of which nothing is known but its name: it has to
// look random, and the name must not explain it away.
func (h *hearing) generic(v []byte) float64 {
	s := &h.shape
	if s.n < 8 {
		return h.drop(tooShort, 0.1)
	}
	if confidence, done := h.common(v); done {
		return confidence
	}
	if isSID(v) {
		return h.drop(publicKind, 0.1)
	}
	strong := h.said&saysSecret != 0 || h.bearer
	if r := h.explained(v, strong); r != none {
		confidence := 0.2
		switch r {
		case identifier, sameAsName, integrityField, publicKind, nameNegative, hashName:
			confidence = 0.1
		}
		return h.drop(r, confidence)
	}
	if text, ok := plainText(v); ok {
		if confidence, done := h.encoded(text); done {
			return confidence
		}
	} else if h.basic {
		user, pass, ok := foreignPair(v)
		if !ok {
			return h.drop(notBasic, 0.2)
		}
		confidence, _ := h.pair(user, pass)
		return confidence
	}
	if strong && s.odds < leastOdds(s) && s.mark > 0 && s.mark <= 4 {
		h.takeBody(v)
	}
	if strong && h.quote != 0 && s.isMixed() && !hasForeign(v, false) && !bytes.ContainsAny(v, "|\\\"'`") {
		h.say(strongPassword)
		return h.weighGeneric(v, strong)
	}
	if s.entropy < h.leastEntropy() || s.odds < leastOdds(s) || s.spaces > 0 || hasForeign(v, s.n < 32) {
		return h.notRandom(v)
	}
	if !s.isHex() && isMashed(v) {
		return h.drop(sequence, 0.2)
	}
	return h.weighGeneric(v, strong)
}

// takeBody goes on with the shape of what stands behind the last mark, if that
// is long and random: words before it say nothing about it.
func (h *hearing) takeBody(v []byte) {
	body := v[bytes.LastIndexAny(v, "_-.:")+1:]
	if len(body) < 24 {
		return
	}
	if s := h.model.measure(body); s.odds >= leastOdds(&s) && s.entropy >= 2.8 {
		h.shape = s
	}
}

// isMashed says whether hands on the middle row of a keyboard made a value. A
// random one has about a third of its letters there.
func isMashed(v []byte) bool {
	letters, home := 0, 0
	for _, c := range v {
		if isUpper(c) || c >= 0x80 {
			return false
		}
		if !isLower(c) {
			continue
		}
		letters++
		if bytes.IndexByte([]byte("asdfghjkl"), c) >= 0 {
			home++
		}
	}
	return letters >= 10 && home >= letters-1 || letters >= 15 && home*5 >= letters*4
}

// notRandom ends the hearing of a value that is no random string. In a file of
// environment variables it still is what the name says, if a weak one.
func (h *hearing) notRandom(v []byte) float64 {
	s := &h.shape
	if h.shouted && h.quote == 0 && h.tight && h.said&saysSecret != 0 && s.spaces == 0 && h.fillsLine() && !hasForeign(v, true) {
		return h.weak(notRandom, speakingAt)
	}
	if s.entropy < h.leastEntropy() {
		return h.drop(lowEntropy, 0.2)
	}
	return h.drop(notRandom, 0.2)
}

func (h *hearing) weighGeneric(v []byte, strong bool) float64 {
	s := &h.shape
	confidence := base(h.rule.Confidence, genericBase)
	switch {
	case isUUID(v, s):
		h.say(uuidValue)
		if !h.isSetting() {
			confidence *= h.uuidFactor(strong)
		}
	case s.odds < 10:
		h.say(maybeRandom)
		confidence *= 0.85
	default:
		h.say(looksRandom)
	}
	switch {
	case strong:
		h.say(nameStrong)
	case h.isPlaced(v):
		h.say(shapeFits)
	default:
		h.say(nameWeak)
		confidence *= 0.75
		if h.lone {
			confidence *= 0.93
		}
	}
	if h.said&saysPublic != 0 {
		h.say(namePublic)
		confidence *= 0.7
		if !h.nameHolds("secret", "private", "password") {
			h.sev = min(h.sev, rules.Low)
		}
	}
	if h.said&saysTest != 0 {
		h.say(nameTest)
		confidence *= 0.8
	}
	if h.call {
		h.say(callArgument)
		confidence *= 0.9
	}
	return confidence
}

// uuidFactor is what is left of a UUID's confidence. Under the name of a key of
// a service, which costs some by itself, it is as good a key as any.
func (h *hearing) uuidFactor(strong bool) float64 {
	if h.keyed && !strong && len(h.name) > 0 {
		return 0.9
	}
	return 0.75
}

// isSetting says whether a value stands as those of environment files and of
// HTTP headers do, where a UUID under the name of a key is one.
func (h *hearing) isSetting() bool {
	if len(h.name) > 2 && lowerOf(h.name[0]) == 'x' && h.name[1] == '-' {
		return h.colon || h.tight
	}
	return h.shouted && h.tight && h.quote == 0 && h.fillsLine()
}

// isPlaced says whether the rule knows a key by the place that takes keys and
// nothing else, so that no name has to say so.
func (h *hearing) isPlaced(v []byte) bool {
	return h.rule.Kind == rules.Token && len(h.name) == 0 && h.rule.Entropy > 0 && h.keyed && !h.isMarked(v)
}

// leastOdds is what a random value of that length and alphabet reaches in all
// but one case in a thousand. Short values have to be clearer, because
// more short names look odd; without a digit they have to be clearer still.
func leastOdds(s *shape) float64 {
	switch {
	case s.isHex():
		return 0
	case s.n >= 24:
		return 0.5 * float64(s.n)
	case s.digit == 0 && s.n < 10:
		return 2 * float64(s.n)
	case s.digit == 0:
		return float64(s.n)
	}
	return 0.8 * float64(s.n)
}

// hasForeign says whether a value holds what tokens do without: letters beyond
// ASCII and, unless it is long, marks that belong to text and code.
func hasForeign(v []byte, short bool) bool {
	for _, c := range v {
		if c >= 0x80 {
			return true
		}
	}
	return short && bytes.ContainsAny(v, "()[]{}<>,;|\"'`\\?") || bytes.Contains(v, []byte("(?"))
}

// leastEntropy is below what a random string of that length has. A rule may ask
// for more, but not of hex digits, of which there are only 16.
func (h *hearing) leastEntropy() float64 {
	s := &h.shape
	least := 2.8
	if s.n < 16 || s.n == 16 && s.isHex() {
		least = 2.3
	}
	if s.isHex() {
		return least
	}
	return base(h.rule.Entropy, least)
}
