package example

import (
	"slices"
	"strings"
)

func (g *generator) jsr(prefix string) string {
	t := prefix + "_" + g.pick(alnum62, 29)
	return t + base62(crc(t))
}

func (g *generator) netbird() string {
	body := g.pick(alnum62, 30)
	return "nbp_" + body + base62(crc(body))
}

func (g *generator) polar(prefix string) string {
	body := g.pick(alnum62, 37)
	return prefix + "_" + body + base62(crc(body))
}

// matrix is a token of Synapse (syt, syr), or of the authentication service,
// which writes the digits of the sum from the lowest on.
func (g *generator) matrix(prefix string) string {
	if prefix == "syt" || prefix == "syr" {
		t := prefix + "_" + strings.TrimRight(base64Of(g.word()), "=") + "_" + g.pick(lowers+uppers, 20)
		return t + "_" + base62(crc(t))
	}
	t := prefix + "_" + g.pick(alnum62, 30)
	sum := []byte(strings.TrimLeft(base62(crc(t)), "0"))
	slices.Reverse(sum)
	return t + "_" + strings.Repeat("0", 6-len(sum)) + string(sum)
}

// cratesTemporary ends in one character: all others joined by exclusive or.
func (g *generator) cratesTemporary() string {
	body := g.pick(alnum62, 31)
	all := 0
	for _, c := range []byte(body) {
		all ^= int(c)
	}
	const digits = uppers + lowers + numerals
	return "cio_tp_" + body + digits[all%len(digits):][:1]
}
