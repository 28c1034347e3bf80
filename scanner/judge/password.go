package judge

import "bytes"

// password judges a value that its rule takes for a password. People make
// passwords, so neither entropy nor the look of words speaks against one; only
// what stands in place of a password does.
func (h *hearing) password(v []byte) float64 {
	s := &h.shape
	if s.n < 4 || s.control {
		return h.drop(tooShort, 0.1)
	}
	if h.said&(saysOther|saysHash) != 0 && h.said&saysPassword == 0 {
		return h.drop(nameNegative, 0.1)
	}
	if r := h.model.notItself(v, s, h.quote); r != none {
		return h.drop(r, 0.1)
	}
	if r := h.model.placeholder(v, s, false); r != none {
		return h.drop(r, 0.2)
	}
	if s.spaces > 0 && !h.isPassphrase() {
		return h.drop(sentence, 0.2)
	}
	if h.repeatsName(v) {
		return h.drop(sameAsName, 0.1)
	}
	if isDefaultPassword(v) {
		return h.drop(defaultPassword, 0.3)
	}
	if isHashLike(s) && s.n >= 32 {
		h.say(hashValue)
		return 0.4
	}
	return h.weighPassword(v)
}

// weighPassword looks at what the value is made of.
func (h *hearing) weighPassword(v []byte) float64 {
	s := &h.shape
	letters := s.lower + s.upper
	bare := h.quote == 0 && !h.shouted
	switch {
	case s.digit == s.n:
		h.say(digitsOnly)
		return 0.4
	case holdsCredentialWord(v) && s.odds < 4:
		// db-password, newPassword, reset_token: the name of a thing.
		if s.mark > 0 && s.digit == 0 || s.digit == 0 && letters == s.n {
			return h.drop(identifier, 0.1)
		}
		h.say(plainWord)
		return 0.45
	case letters == s.n && bare:
		return h.drop(unquotedWord, 0.2)
	case letters == s.n && (s.odds < 4 || s.odds < 8 && (s.upper < 2 || s.lower < 2)):
		return h.drop(plainWord, 0.45)
	case isIdent(v) && s.digit == 0 && s.odds < 4, s.mark > 0 && s.digit == 0 && isKebab(v) && s.odds < 4:
		return h.drop(identifier, 0.2)
	case s.n >= 12 && s.odds > 10 && s.entropy >= 3:
		h.say(strongPassword)
		return 0.8
	case bare && isIdent(v):
		h.say(unquotedWord)
		return 0.5
	}
	h.say(humanPassword)
	conf := 0.55
	if s.digit > 0 && s.mark > 0 || s.odds > 4 && s.digit > 0 {
		h.say(mixedPassword)
		conf = 0.65
	}
	if h.quote != 0 && s.n >= 8 {
		conf += 0.05
	}
	return conf
}

// isPassphrase says whether the name allows for several words.
func (h *hearing) isPassphrase() bool {
	return bytes.Contains(bytes.ToLower(h.name), []byte("phrase"))
}

// repeatsName says whether the value is nothing but its name, or a part of it.
func (h *hearing) repeatsName(v []byte) bool {
	if len(h.name) == 0 || len(h.name) > maxName || len(v) > maxName || len(v) < 4 {
		return false
	}
	var a, b [maxName]byte
	name, value := letters(a[:0], h.name), letters(b[:0], v)
	return len(value) >= 4 && bytes.Contains(name, value)
}

// letters appends the letters and digits of v in lower case.
func letters(dst, v []byte) []byte {
	for _, c := range v {
		if isLetter(c) {
			dst = append(dst, c|0x20)
		} else if isNumber(c) {
			dst = append(dst, c)
		}
	}
	return dst
}

func isHashLike(s *shape) bool {
	return s.isHex() && (s.n == 32 || s.n == 40 || s.n == 64 || s.n == 128)
}

func isKebab(v []byte) bool {
	for _, c := range v {
		if !isLetter(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// holdsCredentialWord says whether the value speaks of credentials itself.
func holdsCredentialWord(v []byte) bool {
	if len(v) > maxName {
		return false
	}
	var buf [maxName]byte
	text := letters(buf[:0], v)
	for _, w := range [...]string{"password", "passwd", "passphrase", "secret", "credential", "token", "apikey"} {
		if bytes.Contains(text, []byte(w)) {
			return true
		}
	}
	return false
}

// isDefaultPassword knows values that images, tutorials and type systems put
// there. Some open a door, but a report would cry wolf in every compose file.
func isDefaultPassword(v []byte) bool {
	var buf [24]byte
	if len(v) > len(buf) {
		return false
	}
	switch string(bytes.TrimRight(letters(buf[:0], v), "0123456789")) {
	case "password", "passwd", "pass", "pwd", "secret", "token", "key", "admin", "administrator", "root", "user",
		"username", "test", "testing", "tester", "guest", "postgres", "postgresql", "mysql", "mariadb", "redis", "rabbitmq",
		"mongo", "mongodb", "default", "none", "null", "nil", "undefined", "true", "false", "string", "text", "varchar",
		"required", "optional", "hidden", "unknown", "empty", "void", "object", "bool", "boolean", "number", "int",
		"example", "sample", "value", "input", "prompt", "basic", "bearer", "plain", "letmein", "qwerty", "changeme",
		"welcome", "abc", "hello", "foo", "bar", "demo", "temp", "oauth", "auth", "login", "enabled", "disabled", "mypassword",
		"mypass", "passw", "docker", "local", "dev", "develop", "development", "ignore", "ignored", "nopassword", "encrypted":
		return true
	}
	return false
}
