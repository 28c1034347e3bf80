package judge

import (
	"bytes"

	"keyrake/rules"
)

// context reads the line before the value. It lowers the confidence of what
// would be reported, and drops only values without a mark of their own.
func (h *hearing) context() float64 {
	line := lineBefore(h.before)
	factor := 1.0
	if isComment(line) {
		h.say(commentContext)
		factor *= 0.95
	}
	if h.rule.Provider == "generic" && h.isDocumented(line) {
		h.say(documentedCode)
		h.sev = min(h.sev, rules.Low)
	}
	if h.speaksOfExamples(line) {
		h.say(exampleContext)
		factor *= 0.75
	}
	if h.rule.Generic && bytes.HasSuffix(line, []byte("alt=media&")) {
		h.say(publicByDesign) // of one file in Firebase's storage, and a part of its address
		h.sev = min(h.sev, rules.Low)
	}
	if h.rule.Generic && bytes.Contains(line, []byte("keyContainerName=")) {
		return factor * h.drop(encryptedValue, 0.2) // of IIS, by the key container's key
	}
	line = line[bytes.LastIndexAny(line, ",;}")+1:] // what a field before says is not said of this one
	if h.rule.Generic && isShownToAll(line) {
		return factor * h.drop(publicByDesign, 0.2)
	}
	if h.rule.Generic && h.rule.ID != signingKey && h.shape.isHex() && speaksOfDigests(line) {
		return factor * h.drop(integrityField, 0.2)
	}
	if h.rule.Generic && h.shape.isHex() && h.amongVectors() {
		h.say(testVector)
		factor *= 0.5
	}
	return factor
}

// lineBefore returns what stands before on the same line, 120 bytes at most.
func lineBefore(before []byte) []byte {
	if i := bytes.LastIndexByte(before, '\n'); i >= 0 {
		before = before[i+1:]
	}
	return before[max(0, len(before)-120):]
}

func isComment(line []byte) bool {
	line = bytes.TrimLeft(line, " \t\"'")
	for _, mark := range [...]string{"#", "//", "/*", "* ", "--", "<!--", ";", "REM ", "rem "} {
		if len(line) >= len(mark) && string(line[:len(mark)]) == mark {
			return true
		}
	}
	return false
}

// isDocumented knows samples of code in comments that make documentation: of
// Javadoc and the like, and code (not settings, which people comment out) that
// is set off by blanks behind the mark, as RDoc and Markdown have it.
func (h *hearing) isDocumented(line []byte) bool {
	line = bytes.TrimLeft(line, " \t")
	switch {
	case bytes.HasPrefix(line, []byte("* ")), bytes.HasPrefix(line, []byte("/// ")), bytes.HasPrefix(line, []byte("//! ")):
		return true
	case bytes.HasPrefix(line, []byte("#  ")):
		code := bytes.TrimLeft(line[1:], " ")
		if len(code) == 0 {
			return !h.tight && bytes.IndexByte(h.name, '.') > 0
		}
		return bytes.IndexByte(code, '(') > 0 || code[0] == '#' || bytes.HasSuffix(code, []byte("."))
	}
	return false
}

// speaksOfExamples looks for whole words, so that "latest" is no test.
func (h *hearing) speaksOfExamples(line []byte) bool {
	for i := 0; i < len(line); i++ {
		if !isLetter(line[i]) {
			continue
		}
		end := i
		for end < len(line) && isLetter(line[end]) {
			end++
		}
		var buf [12]byte
		if end-i <= len(buf) {
			switch string(letters(buf[:0], line[i:end])) {
			case "example", "examples", "sample", "dummy", "fake", "mock", "test", "tests", "placeholder", "eg", "fixture":
				return true
			}
		}
		i = end
	}
	return false
}

// isShownToAll knows the tokens of status badges and page counters, which every
// visitor reads.
func isShownToAll(line []byte) bool {
	return bytes.Contains(line, []byte("badge")) || bytes.Contains(line, []byte("cf-beacon")) || bytes.Contains(line, []byte("WebAnalytics"))
}

func speaksOfDigests(line []byte) bool {
	for _, w := range [...]string{"integrity", "checksum", "sha256", "sha512", "sha1", "md5", "digest", "resolved"} {
		if bytes.Contains(line, []byte(w)) {
			return true
		}
	}
	return false
}
