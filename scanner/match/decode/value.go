package decode

// What a value has to be so that it is decoded on its own: a value of fewer
// characters is a word more often than an encoded text.
const (
	minBase64Value = 12
	minHexValue    = 16
	maxValue       = 4096
)

// Value decodes a value that is encoded as a whole, and says how.
func Value(v []byte) ([]byte, Scheme, bool) {
	if len(v) > maxValue {
		return nil, 0, false
	}
	if len(v) >= minHexValue && len(v)%2 == 0 {
		if text := whole(v, Hex); text != nil {
			return text, Hex, true
		}
	}
	n := len(v)
	for n > 0 && n > len(v)-2 && v[n-1] == '=' {
		n--
	}
	if len(v) >= minBase64Value && n%4 != 1 && (n == len(v) || len(v)%4 == 0) {
		if text := whole(v, Base64); text != nil {
			return text, Base64, true
		}
	}
	return nil, 0, false
}

// whole decodes v if all of it is text.
func whole(v []byte, s Scheme) []byte {
	var t Text
	t.Forward(v, 0, len(v), s)
	if n := len(t.Bytes); n == 0 || int(t.Sources[n-1].To) < len(v)-2 {
		return nil
	}
	for _, c := range v[t.Sources[len(t.Bytes)-1].To:] {
		if c != '=' {
			return nil
		}
	}
	return t.Bytes
}
