package judge

import "bytes"

// keyName returns the name that ends in "key" before the value at start, with
// only an operator and quotes between, or nil. lone is true if the name is
// nothing but "key", and nobody says whose: neither a word before it nor a URL
// that hands it over.
func keyName(window []byte, start int) (name []byte, lone bool) {
	end := start
	for end > 0 && bytes.IndexByte([]byte("\"'`\\=:> \t"), window[end-1]) >= 0 {
		end--
	}
	from := end
	for from > 0 && end-from < maxName && isNameByte(window[from-1]) {
		from--
	}
	name = window[from:end]
	if len(name) < 3 || lowerOf(name[len(name)-3]) != 'k' || lowerOf(name[len(name)-2]) != 'e' || lowerOf(name[len(name)-1]) != 'y' {
		return nil, false
	}
	if len(name) > 3 {
		return name, false
	}
	line := lineBefore(window[:from])
	for _, word := range [...]string{"api ", "access ", "secret ", "private ", "license ", "signing ", "encryption "} {
		if n := len(line) - len(word); n >= 0 && foldsTo(line[n:], word) && (n == 0 || !isWordByte(line[n-1])) {
			return window[from-len(word) : end], false
		}
	}
	if n := len(line); n > 0 && (line[n-1] == '?' || line[n-1] == '&') {
		return name, !bytes.Contains(line, []byte("://")) && !bytes.Contains(line, []byte("api"))
	}
	return name, !followsProperName(line)
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
// are made of: then it is a part of something else.
func isCutOff(after []byte) bool {
	return len(after) > 0 && (bytes.IndexByte([]byte("/+.%(&:"), after[0]) >= 0 && len(after) > 1 && !isSpaceByte(after[1]))
}

func isSpaceByte(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
