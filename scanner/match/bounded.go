package match

import (
	"bytes"

	"keyrake/rules"
)

// bounded reports whether a token ends where its match win[start:end) ends: the
// neighbouring bytes of the window must not continue it.
func bounded(win []byte, start, end int, b rules.Boundary) bool {
	left := (b == rules.BoundaryBoth || b == rules.BoundaryLeft) && start > 0 && continues(win[start-1])
	right := (b == rules.BoundaryBoth || b == rules.BoundaryRight) && end < len(win) && continues(win[end])
	switch {
	case !left && !right:
		return true
	case emphasized(win[:start], win[end:]):
		return true
	}
	return !right && escaped(win[:start])
}

func continues(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '_'
}

// emphasized reports whether a token stands between underscores as Markdown sets it
// off, _token_ or __token__.
func emphasized(before, behind []byte) bool {
	n := 0
	for n < len(before) && n < len(behind) && before[len(before)-1-n] == '_' && behind[n] == '_' {
		n++
	}
	return 1 <= n && n <= 3 && (n == len(before) || !continues(before[len(before)-1-n])) && (n == len(behind) || !continues(behind[n]))
}

// escaped reports whether the last bytes of before spell an escape, so that the
// letter or digit before a token is not part of it: \n, \t, \r, \b, \f, \v, \a, \e, %3D,
// \x3d, \u003d, \075, =3D in mail, or what sets the colours of a terminal.
func escaped(before []byte) bool {
	n := len(before)
	at := func(i int) byte {
		if i < 0 {
			return 0
		}
		return before[i]
	}
	digits := func(from int, most byte) bool {
		for _, b := range before[max(0, from):] {
			if v := hexValue(b); v > most {
				return false
			}
		}
		return true
	}
	switch {
	case at(n-2) == '\\':
		return bytes.IndexByte([]byte("ntrbfvae0"), at(n-1)) >= 0
	case at(n-3) == '%':
		return digits(n-2, 15)
	case at(n-3) == '=' && digits(n-2, 15):
		c := hexValue(at(n-2))<<4 | hexValue(at(n-1)) // mail escapes no letter and no digit
		return at(n-1) < 'a' && c < 0x80 && !continues(c)
	case at(n-4) == '\\' && at(n-3) == 'x':
		return digits(n-2, 15)
	case at(n-4) == '\\':
		return digits(n-3, 7)
	case at(n-6) == '\\' && at(n-5) == 'u':
		return digits(n-4, 15)
	}
	return coloured(before)
}

// maxColour is how many digits and the like a sequence for a terminal may hold.
const maxColour = 24

// coloured reports whether before ends in a sequence that tells a terminal how to
// show what follows, as logs hold it: ESC [ 31 m, with the ESC as it is, spelled or lost.
func coloured(before []byte) bool {
	n := len(before)
	if n < 3 || !('A' <= before[n-1]&^0x20 && before[n-1]&^0x20 <= 'Z') {
		return false
	}
	i := n - 2
	for i > 0 && n-i < maxColour && ('0' <= before[i] && before[i] <= ';' || before[i] == '?') {
		i--
	}
	switch c, begun := before[i], spellsEscape(before[:i]); {
	case c == '[':
		return begun || i < n-2
	case c == 0x9b: // ESC and [ in one
		return true
	default: // ESC ( B
		return i == n-2 && (c == '(' || c == ')') && begun
	}
}

// spellsEscape reports whether before ends in ESC, or in one of the ways to write it.
func spellsEscape(before []byte) bool {
	for _, s := range [...]string{"\x1b", `\x1b`, `\x1B`, `\033`, `\e`, `\E`, `\u001b`, `\u001B`, `\u{1b}`, `\27`, "^[", "%1B", "\u241b"} {
		if bytes.HasSuffix(before, []byte(s)) {
			return true
		}
	}
	return false
}

// hexValue is what a hexadecimal digit stands for, and more than 15 for others.
func hexValue(b byte) byte {
	switch {
	case '0' <= b && b <= '9':
		return b - '0'
	case 'a' <= b|0x20 && b|0x20 <= 'f':
		return b | 0x20 - 'a' + 10
	}
	return 0xff
}
