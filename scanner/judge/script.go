package judge

import (
	"unicode"
	"unicode/utf8"
)

// isEnclosed says whether v stands in brackets or quotes of typesetting, as what is to be
// filled in does where a text is set with care or its script has its own.
func isEnclosed(v []byte) bool {
	first, _ := utf8.DecodeRune(v)
	last, _ := utf8.DecodeLastRune(v)
	switch first {
	case '‹':
		return last == '›'
	case '«':
		return last == '»'
	case '⟨':
		return last == '⟩'
	case '〈':
		return last == '〉'
	case '《':
		return last == '》'
	case '「':
		return last == '」'
	case '『':
		return last == '』'
	case '【':
		return last == '】'
	case '＜':
		return last == '＞'
	case '［':
		return last == '］'
	case '｛':
		return last == '｝'
	}
	return false
}

// isInOtherScript says whether v is words in another script than Latin: it has such letters,
// none of Latin script and no digit.
func isInOtherScript(v []byte) bool {
	other := false
	for len(v) > 0 {
		r, n := utf8.DecodeRune(v)
		v = v[n:]
		switch {
		case r == utf8.RuneError && n == 1, unicode.IsDigit(r), unicode.Is(unicode.Latin, r):
			return false
		case unicode.IsLetter(r):
			other = true
		}
	}
	return other
}
