package judge

import (
	"bytes"
	"slices"
)

// traitsOf gathers what the scale asks of a value of which the judge would say
// why.
func (h *hearing) traitsOf(v []byte, why reason) (t traits) {
	t.add(nameOther, h.said&saysPassword == 0)
	h.addName(&t)
	h.addValue(&t, v)
	h.addPlace(&t)
	h.addNear(&t, v)
	h.addSurround(&t)
	h.addMixed(&t, v)
	switch why {
	case plainWord, humanPassword, speaksOfSecrets, defaultPassword:
		t.add(unquotedLine, h.quote == 0 && h.fillsLine())
	}
	switch why {
	case identifier:
		t.add(readsName, true)
	case notRandom:
		t.add(readsWords, true)
	case humanPassword:
		t.add(readsHuman, true)
	case plainWord:
		t.add(readsWord, true)
	case speaksOfSecrets:
		t.add(readsSecrets, true)
	case defaultPassword:
		t.add(readsDefault, true)
	}
	return t
}

func (h *hearing) addName(t *traits) {
	name := h.name[max(0, len(h.name)-maxName):]
	words := 0
	for word, rest := nextWord(name); len(word) > 0; word, rest = nextWord(rest) {
		words++
		var buf [maxName]byte
		switch string(letters(buf[:0], word)) {
		case "old", "new", "current", "default", "wrong", "invalid", "valid", "confirm", "confirmation", "repeat", "initial", "temp", "temporary", "original", "expected", "bad", "correct", "incorrect":
			t.add(nameState, true)
		case "key", "apikey":
			t.add(nameKey, true)
		case "token":
			t.add(nameToken, true)
		case "auth", "oauth", "authorization":
			t.add(nameAuth, true)
		}
	}
	t.add(nameOf, words > 1)
	t.add(nameAuthTok, t.has(nameAuth) && t.has(nameToken))
	t.add(nameDotted, bytes.IndexByte(name, '.') >= 0)
	t.add(nameCamel, !h.shouted && len(name) > 1 && bytes.IndexFunc(name[1:], func(r rune) bool { return r >= 'A' && r <= 'Z' }) >= 0)
}

// nextWord cuts the first word off a name: user of userName, DB of DB_PASS.
func nextWord(name []byte) (word, rest []byte) {
	from := 0
	for from < len(name) && !isLetter(name[from]) {
		from++
	}
	end := from
	for end < len(name) && isLetter(name[end]) {
		if end > from && isUpper(name[end]) && (isLower(name[end-1]) || end+1 < len(name) && isLower(name[end+1])) {
			break
		}
		end++
	}
	return name[from:end], name[end:]
}

func (h *hearing) addValue(t *traits, v []byte) {
	s := h.shape
	if s.n != min(len(v), maxLook) { // of the value's body alone
		s = h.model.measure(v)
	}
	switch {
	case s.n <= 5:
		t.add(upTo5, true)
	case s.n <= 7:
		t.add(upTo7, true)
	case s.n <= 9:
		t.add(upTo9, true)
	case s.n <= 12:
		t.add(upTo12, true)
	case s.n <= 16:
		t.add(upTo16, true)
	case s.n <= 24:
		t.add(upTo24, true)
	default:
		t.add(beyond24, true)
	}
	end := s.n
	for end > 0 && isNumber(v[end-1]) {
		end--
	}
	t.add(noDigit, s.digit == 0)
	t.add(onlyDigits, s.digit == s.n)
	t.add(threeDigits, s.digit >= 3)
	t.add(digitsInside, s.digit > 0 && s.n-end != s.digit)
	t.add(onlyLower, s.lower > 0 && s.upper == 0)
	t.add(capital, s.upper == 1 && isUpper(v[0]) && s.lower > 0)
	joints, special := 0, 0
	for _, c := range v[:s.n] {
		switch c {
		case '-', '_', '.':
			joints++
		case '!', '@', '#', '$', '%', '^', '&', '*', '?', '+', '=', '~':
			special++
		}
	}
	t.add(noMark, s.mark == 0)
	t.add(oneJoint, joints == 1)
	t.add(twoJoints, joints >= 2)
	t.add(specialMark, special > 0)
	switch per := s.odds / float64(max(1, s.n)); {
	case per < 0:
		t.add(oddsBelow, true)
	case per < 0.4:
		t.add(oddsLow, true)
	case per < 0.9:
		t.add(oddsMiddle, true)
	default:
		t.add(oddsHigh, true)
	}
	t.add(countsUp, s.n >= 4 && s.steps*10 >= (s.n-1)*5)
	t.add(repeats, s.maxRun >= 4)
	t.add(fewKinds, s.distinct <= 3 || s.n >= 12 && s.distinct <= 5)
	t.add(aboutSecrets, holdsCredentialWord(v))
	t.add(inLeet, s.digit+s.mark > 0 && isLeet(v))
	t.add(inLeetWhole, s.digit > 0 && !isDefaultPassword(v) && isDefaultInLeet(v))
	t.add(commonValue, isDefaultPassword(v))
	t.add(exampleWord, h.model.hasWord(v[:s.n], false, false))
	t.add(stateWord, isState(v))
	t.add(partOfName, h.holdsPartOfName(v))
}

// holdsPartOfName says whether the value holds one of the longer words of its
// name.
func (h *hearing) holdsPartOfName(v []byte) bool {
	if len(v) > maxName {
		return false
	}
	var a, b [maxName]byte
	value := letters(a[:0], v)
	for word, rest := nextWord(h.name[max(0, len(h.name)-maxName):]); len(word) > 0; word, rest = nextWord(rest) {
		if len(word) >= 4 && bytes.Contains(value, letters(b[:0], word)) {
			return true
		}
	}
	return false
}

func (h *hearing) addPlace(t *traits) {
	t.add(unquoted, h.quote == 0)
	t.add(singleQuote, h.quote == '\'')
	op := bytes.Trim(h.op, "\"'`\\")
	switch {
	case h.call || h.compared:
	case len(op) > 0 && op[0] == ':' && (len(op) == 1 || op[1] != '='):
	case string(op) == "=":
		t.add(equalsSign, true)
	case bytes.Contains(op, []byte("=>")):
	case bytes.IndexByte(op, '=') >= 0:
		t.add(equalsBlank, true)
	default:
		t.add(otherSign, true)
	}
	if len(h.after) == 0 {
		t.add(unquotedEnd, h.quote == 0)
	} else {
		switch h.after[0] {
		case '\n', '\r':
			t.add(unquotedEnd, h.quote == 0)
		case ',':
			t.add(afterComma, true)
		case ';':
			t.add(afterSemicolon, true)
		case ')':
			t.add(afterParen, true)
		case '}', ']':
			t.add(afterBrace, true)
		case '&':
			t.add(afterAmpersand, true)
		case ' ':
			brace := len(h.after) > 1 && h.after[1] == '}'
			t.add(afterBrace, brace)
			t.add(afterBlank, !brace)
		}
	}
	line := lineBefore(h.before)
	if n := len(line); n > 0 {
		switch line[n-1] {
		case '"', '\'', '`':
			t.add(quotedName, true)
		case '.', '>':
			t.add(memberName, true)
		case '&', '?':
			t.add(queryName, true)
		case '$', '@', ':':
			t.add(sigilName, true)
		}
	}
	t.add(firstOnLine, len(bytes.Trim(line, " \t-#/'\"")) == 0)
	t.add(callOnLine, bytes.IndexByte(line, '(') >= 0)
}

// nearReach bounds how far the scale looks round a value.
const nearReach = 160

func (h *hearing) addNear(t *traits, v []byte) {
	before, after := h.before[max(0, len(h.before)-nearReach):], h.after[:min(len(h.after), nearReach)]
	h.addWords(t, before)
	h.addWords(t, after)
	if len(v) < 4 {
		return
	}
	t.add(nearSame, bytes.Contains(before, v) || bytes.Contains(after, v))
	for i := 0; i < len(v); {
		end := i
		for end < len(v) && isLetter(v[end]) {
			end++
		}
		if end-i >= 4 && end-i < len(v) && bytes.Contains(before, v[i:end]) {
			t.add(nearPart, true)
		}
		i = end + 1
	}
}

// addWords looks for words that tell of users, hosts and settings.
func (h *hearing) addWords(t *traits, text []byte) {
	for word, rest := nextWord(text); len(word) > 0; word, rest = nextWord(rest) {
		var buf [16]byte
		if len(word) < 2 || len(word) > len(buf) {
			continue
		}
		switch lowerOf(word[0]) {
		case 'u', 'l', 'e', 'a', 'h', 'p', 'd', 'j', 's', 'm', 'i', 'v', 'c': // how they all begin
		default:
			continue
		}
		switch string(letters(buf[:0], word)) {
		case "user", "username", "login", "email", "account", "uid", "userid":
			t.add(nearUser, true)
		case "host", "hostname", "port", "database", "dbname", "db", "jdbc", "url", "server", "localhost", "smtp", "mysql", "postgres":
			t.add(nearHost, true)
		case "environment", "env", "export", "image", "volumes", "ports", "config":
			t.add(nearSetting, true)
		}
	}
}

// addMixed adds what only says something together.
func (h *hearing) addMixed(t *traits, v []byte) {
	own := !t.has(commonValue) && !t.has(aboutSecrets)
	t.add(mixedFreely, t.has(digitsInside) && !t.has(inLeet) && !t.has(aboutSecrets))
	t.add(commonOther, t.has(commonValue) && t.has(nameOther))
	t.add(longSecret, len(v) > 16 && t.has(nameOther) && t.has(noMark))
	t.add(specialWord, t.has(specialMark) && !t.has(aboutSecrets))
	t.add(nearHostOwn, t.has(nearHost) && own)
	t.add(nearUserOwn, t.has(nearUser) && own && !t.has(exampleWord))
	t.add(nearUserShort, t.has(nearUser) && len(v) <= 7)
	t.add(unquotedHost, t.has(unquoted) && t.has(nearHost))
	ends := len(h.after) == 0 || h.after[0] == '\n' || h.after[0] == '\r'
	if t.has(nearSetting) && !ends {
		t[nearSetting/64] &^= 1 << (nearSetting % 64)
	}
	t.add(commonWords, isCommonWords(v))
	if hasOwnWord(v) {
		t.add(ownWord, true)
		t.add(ownWordPass, h.said&saysPassword != 0)
	}
}

// secretWords and commonBeside make names of secrets: my-password, newtoken. The
// longer of two that begin alike comes first.
var (
	secretWords  = [...]string{"password", "passwd", "passphrase", "pass", "pwd", "pw", "secrets", "secret", "tokens", "token", "apikey", "key", "credentials", "credential", "word"}
	commonBeside = [...]string{
		"my", "your", "the", "some", "new", "old", "users", "username", "user", "db", "database", "app", "admin", "root", "testing", "test", "reset", "update", "forgot", "change", "confirm",
		"current", "client", "api", "access", "auth", "wrong", "bad", "invalid", "incorrect", "correct", "valid", "example", "sample", "dummy", "fake", "mock", "super", "top",
		"default", "value", "id", "name", "hash", "csrf", "refresh", "bearer", "session", "this", "that", "is", "not", "no", "field", "text", "here", "enter", "insert",
		"hashed", "encrypted", "set", "get", "type", "initial", "temporary", "temp", "strong", "weak", "plain", "generated", "random", "first", "second", "other", "another",
		"same", "different", "existing", "original", "email", "login", "account", "service", "server", "real", "repeat", "web", "with", "for", "of", "in", "to", "personal",
		"private", "public", "secure", "very", "long", "replace", "put", "add", "goes", "string", "a",
	}
)

// isCommonWords says whether the letters of a value are nothing but such words,
// one of them for a secret at least, however they are joined.
func isCommonWords(v []byte) bool {
	var a [40]byte
	if len(v) > len(a) {
		return false
	}
	text := a[:0]
	for _, c := range v {
		if isLetter(c) {
			text = append(text, c|0x20)
		}
	}
	if len(text) < 4 {
		return false
	}
	// reach holds what words can lead to each letter: 1 any, 2 one for a secret.
	var reach [len(a) + 1]uint8
	reach[0] = 1
	for i := range text {
		if reach[i] == 0 {
			continue
		}
		for _, w := range secretWords {
			if hasWordAt(text, i, w) {
				reach[i+len(w)] = 2
			}
		}
		for _, w := range commonBeside {
			if hasWordAt(text, i, w) {
				reach[i+len(w)] = max(reach[i+len(w)], reach[i])
			}
		}
	}
	return reach[len(text)] == 2
}

func hasWordAt(text []byte, i int, w string) bool {
	return text[i] == w[0] && len(text)-i >= len(w) && string(text[i:i+len(w)]) == w
}

// hasOwnWord says whether a value is two words, one for a secret and the other
// one no common one: harbor_pass, but not my_pass.
func hasOwnWord(v []byte) bool {
	words, about, own := 0, 0, 0
	for word, rest := nextWord(v); len(word) > 0; word, rest = nextWord(rest) {
		var buf [32]byte
		words++
		if len(word) > len(buf) || words > 2 {
			return false
		}
		switch text := string(letters(buf[:0], word)); {
		case slices.Contains(secretWords[:], text):
			about++
		case len(text) >= 3 && !slices.Contains(commonBeside[:], text):
			own++
		}
	}
	return about == 1 && own == 1
}
