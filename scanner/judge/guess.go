package judge

import (
	"bytes"
)

// isLeet says whether a value is little more than words for secrets, perhaps
// with digits and marks in place of letters, which is how people write a
// password in a sample.
func isLeet(v []byte) bool {
	if len(v) > 32 {
		return false
	}
	var buf [32]byte
	text := buf[:len(v)]
	for i, c := range v {
		text[i] = unleet(c)
	}
	rest, found := len(text), false
	for i := 0; i < len(text); i++ {
		for _, w := range [...]string{"password", "passwort", "passwd", "secret", "letmein", "admin", "passcode", "super", "pass", "word", "top"} {
			if len(text)-i >= len(w) && string(text[i:i+len(w)]) == w {
				found = found || len(w) >= 5 && w != "super"
				rest -= len(w)
				i += len(w) - 1
				break
			}
		}
	}
	return found && rest <= 3
}

// isDefaultInLeet knows one common default that hides behind digits and marks:
// s3cr3t!, passw0rd.
func isDefaultInLeet(v []byte) bool {
	var buf [16]byte
	v = bytes.TrimRight(v, "!?.*#")
	if len(v) > len(buf) {
		return false
	}
	for i, c := range v {
		buf[i] = unleet(c)
	}
	return isDefaultPassword(buf[:len(v)])
}

func unleet(c byte) byte {
	switch c {
	case '0':
		return 'o'
	case '1', '!':
		return 'i'
	case '3':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '7':
		return 't'
	}
	return lowerOf(c)
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
	return len(value) >= 4 && (bytes.Contains(name, value) || len(name) > 8 && bytes.Contains(value, name))
}

// isNamesake says whether the value is its name in another spelling. Without
// quotes it may be the name of a member, and a word may stand before it:
// apiKey: that.apiKey, apiKey: fullApiKey.
func (h *hearing) isNamesake(v []byte) bool {
	if len(h.name) == 0 || len(h.name) > maxName || len(v) > maxName {
		return false
	}
	var a, b [maxName]byte
	name := letters(a[:0], h.name)
	if h.quote != 0 {
		return bytes.Equal(name, letters(b[:0], v))
	}
	member := v[bytes.LastIndexByte(v, '.')+1:]
	value := letters(b[:0], member)
	return isDotted(v) && isIdent(member) && (bytes.Equal(name, value) || h.shape.digit == 0 && h.shape.upper > 0 && h.shape.lower > 0 && bytes.HasSuffix(value, name))
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
	for _, w := range [...]string{"password", "passwd", "passphrase", "passw", "pwd", "secret", "credential", "token", "apikey", "privatekey", "accesskey", "authkey"} {
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
		"mypass", "passw", "passwort", "heslo", "kodeord", "parole", "parola", "wachtwoord", "contrasenya", "salasana", "haslo", "docker", "local", "dev", "develop", "development", "ignore", "ignored", "nopassword", "encrypted", "masked", "oldpass", "newpass", "na", "str", "apikey", "accesstoken", "authtoken", "privatekey", "secretkey", "clientsecret", "accesskey":
		return true
	}
	return false
}
