package judge

import "bytes"

// keyName returns the name that ends in "key" before the value at start, with
// only an operator and quotes between, or nil. If wide, the rule has found out
// what stands between, and that may be more. lone is true if the name is
// nothing but "key", and nobody says whose: neither a word before it, nor what
// it is inside of, nor a URL that hands it over.
func keyName(window []byte, start int, wide bool) (name []byte, lone bool) {
	end := start
	for end > 0 && bytes.IndexByte([]byte("\"'`\\=:> \t"), window[end-1]) >= 0 {
		end--
	}
	if wide && !endsInKey(window[:end]) {
		end = lastKey(window[:start])
	}
	from := end
	for from > 0 && end-from < maxName && isNameByte(window[from-1]) {
		from--
	}
	name = window[from:end]
	if !endsInKey(name) {
		return nil, false
	}
	if len(name) > 3 {
		return name, false
	}
	if from > 1 && window[from-1] == ':' && isWordByte(window[from-2]) {
		return name, false // Acme:Key
	}
	line := lineBefore(window[:from])
	for _, word := range [...]string{"api ", "access ", "secret ", "private ", "license ", "signing ", "encryption "} {
		if n := len(line) - len(word); n >= 0 && foldsTo(line[n:], word) && (n == 0 || !isWordByte(line[n-1])) {
			return window[from-len(word) : end], false
		}
	}
	if n := len(line); n > 0 && (line[n-1] == '?' || line[n-1] == '&') {
		return name, !holdsAny(line, "://", "api", "GET /", "POST /")
	}
	return name, !followsProperName(line) && !holdsAny(line, "curl ") && !isInService(window[:from]) && !isBesideAccount(window[:from], name)
}

// isBesideAccount says whether a KEY in capitals is one of several constants, of
// which one before it has the id of an account at a service.
func isBesideAccount(text, name []byte) bool {
	return isShouted(name) && holdsAny(text[max(0, len(text)-insideReach):], "APPID", "APP_ID", "MCHID", "MCH_ID", "MERCHANT_ID", "CLIENT_ID")
}

func holdsAny(text []byte, words ...string) bool {
	for _, w := range words {
		if bytes.Contains(text, []byte(w)) {
			return true
		}
	}
	return false
}

// endsInKey says whether text ends in "key", whatever the case.
func endsInKey(text []byte) bool {
	return len(text) >= 3 && foldsTo(text[len(text)-3:], "key")
}

// keyReach is how far before a value the word "key" may stand.
const keyReach = 64

// lastKey returns where the last name that ends in "key" ends, or 0. A closing
// tag, as in <key>acmeKey</key>, is none.
func lastKey(text []byte) int {
	for end := len(text); end > max(3, len(text)-keyReach); end-- {
		if endsInKey(text[:end]) && (end == len(text) || !isWordByte(text[end])) && text[end-4] != '/' {
			return end
		}
	}
	return 0
}

// foldsTo says whether text is word, which is in lower case.
func foldsTo(text []byte, word string) bool {
	for i := range word {
		if lowerOf(text[i]) != word[i] {
			return false
		}
	}
	return len(text) == len(word)
}

func isNameByte(c byte) bool { return isWordByte(c) || c == '.' || c == '$' }

// followsProperName says whether line ends in a word with a capital and a
// blank, as in "Using Acme key=".
func followsProperName(line []byte) bool {
	if len(line) < 4 || line[len(line)-1] != ' ' {
		return false
	}
	word := line[:len(line)-1]
	if i := bytes.LastIndexByte(word, ' '); i >= 0 {
		word = word[i+1:]
	}
	return len(word) >= 3 && isUpper(word[0]) && isIdent(word)
}

// isCutOff says whether a value of a key goes on behind the characters that keys
// are made of: then it is a part of something else. The next parameter of a URL
// is none.
func (h *hearing) isCutOff() bool {
	after := h.after
	if len(after) < 2 || isSpaceByte(after[1]) {
		return false
	}
	if after[0] == '&' && len(h.before) > 0 && bytes.IndexByte([]byte("?&;\"'"), h.before[len(h.before)-1]) >= 0 {
		return false
	}
	return bytes.IndexByte([]byte("/+.%(&:"), after[0]) >= 0
}

func isSpaceByte(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
