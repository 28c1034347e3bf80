package finding

// Wideness is by how much the bytes of some UTF-8 exceed its UTF-16 code units; see
// Place. The sum of the parts is that of the whole, wherever a text is cut. Of what is
// no UTF-8 it is a guess.
func Wideness[T string | []byte](text T) (n int32) {
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 0xF0: // a pair of units
			n--
		case c >= 0x80 && c < 0xC0: // not the first byte of a character
			n++
		}
	}
	return n
}
