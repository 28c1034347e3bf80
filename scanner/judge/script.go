package judge

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// enclosing has the closing mark of each opening one of typesetting.
var enclosing = map[rune]rune{
	'‹': '›', '«': '»', '⟨': '⟩', '〈': '〉', '《': '》', '「': '」', '『': '』', '【': '】', '＜': '＞', '［': '］', '｛': '｝',
}

// isEnclosed says whether v stands in brackets or quotes of typesetting, as what is to be
// filled in does where a text is set with care or its script has its own. With a digit in
// it, it may be a secret that such a text quotes.
func isEnclosed(v []byte) bool {
	first, _ := utf8.DecodeRune(v)
	last, _ := utf8.DecodeLastRune(v)
	end, ok := enclosing[first]
	return ok && last == end && bytes.IndexFunc(v, unicode.IsDigit) < 0
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
