package judge

import (
	"bytes"
	"strings"

	"keyrake/rules"
)

// The confidences of passwords by what they are made of. Weak ones are real
// about as often as not, and opening them is no work for anybody: they are
// reported below the default gate and with severity low.
const (
	strongAt    = 0.85 // looks generated
	mixedAt     = 0.65 // letters with digits or marks
	humanAt     = 0.55
	envWordAt   = 0.55 // one word in an environment file
	wordAt      = 0.45 // one word elsewhere
	leetAt      = 0.5  // speaks of secrets, with digits as passwords have them: s3cr3tw0rd
	speakingAt  = 0.4  // speaks of secrets itself: s3cr3t, app-password
	defaultAt   = 0.3  // what images and tutorials set
	sameAsAt    = 0.25 // nothing but its own name
	otherNameAt = 0.75 // factor: the name only mentions passwords
)

// password judges a value that its rule takes for a password. People make
// passwords, so neither entropy nor the look of words speaks against one; only
// what stands in place of a password does.
func (h *hearing) password(v []byte) float64 {
	s := &h.shape
	if confidence, done := h.noPassword(v); done {
		return confidence
	}
	if h.call && len(h.after) > 0 && h.after[0] == ',' {
		return h.weak(callArgument, defaultAt) // of several, and the name is that of the function
	}
	if text, ok := plainText(v); ok {
		if confidence, done := h.encoded(text); done {
			return confidence
		}
	}
	factor := 1.0
	if h.said&(saysPassword|saysSecret) == 0 && len(h.name) > 0 {
		h.say(nameWeak)
		factor = otherNameAt
	}
	switch {
	case h.repeatsName(v):
		return factor * h.weak(sameAsName, sameAsAt)
	case isDefaultPassword(v):
		return factor * h.weak(defaultPassword, defaultAt)
	case isHashLike(s) && s.n >= 32 && h.isTyped():
		h.say(strongPassword) // a key in the place of a password; nobody logs in with a digest
		return factor * mixedAt
	case isHashLike(s) && s.n >= 32, isSalted(v):
		h.say(hashValue)
		return factor * speakingAt
	case h.repeatsUser(v):
		return factor * h.weak(sameAsUser, defaultAt)
	case isGenerated(s) && !holdsCredentialWord(v) && !isLeet(v):
		h.say(strongPassword)
		return factor * strongAt
	}
	return factor * h.weighPassword(v)
}

func isGenerated(s *shape) bool { return s.n >= 12 && s.odds > 10 && s.entropy >= 3 }

// noPassword holds what speaks against a password: its name, or that the value
// is something else.
func (h *hearing) noPassword(v []byte) (confidence float64, done bool) {
	s := &h.shape
	if s.n < 4 || s.control {
		return h.drop(tooShort, 0.1), true
	}
	if h.said&(saysOther|saysHash) != 0 && h.said&saysPassword == 0 || string(h.name) == "PWD" || string(h.name) == "OLDPWD" || string(h.name) == "PASS" && !h.equals {
		return h.drop(nameNegative, 0.1), true
	}
	if h.quote == 0 && (isCommand(h.after) || v[s.n-1] == ':') {
		return h.drop(expression, 0.1), true
	}
	if r := h.model.notItself(v, s, h.quote); r != none {
		return h.drop(r, 0.1), true
	}
	if isEncoding(v) {
		return h.drop(identifier, 0.1), true
	}
	if isProse(v, s) || s.spaces > 0 && !h.isPassphrase() {
		return h.drop(sentence, 0.2), true
	}
	if r := h.model.placeholder(v, s, false); r != none {
		if (r == sequence || r == fewCharacters) && isKeyedIn(v) {
			return h.weak(r, defaultAt), true
		}
		return h.drop(r, 0.2), true
	}
	if h.said&saysText != 0 && !isGenerated(s) {
		return h.drop(nameText, 0.1), true
	}
	if h.isCodeWord(v) {
		return h.drop(unquotedWord, 0.2), true
	}
	return 0, false
}

// weak ends a hearing with a password that anybody could guess.
func (h *hearing) weak(r reason, confidence float64) float64 {
	h.say(r)
	h.sev = min(h.sev, rules.Low)
	return confidence
}

// weighPassword looks at what the value is made of.
func (h *hearing) weighPassword(v []byte) float64 {
	s := &h.shape
	letters := s.lower + s.upper
	env := h.quote == 0 && h.shouted
	switch {
	case s.digit == s.n && h.quote == 0 && !h.tight:
		return h.drop(digitsOnly, 0.2) // a number in code
	case s.digit == s.n:
		return h.weak(digitsOnly, speakingAt)
	case holdsCredentialWord(v) && s.odds < 4 && s.digit == 0:
		// db-password, newPassword, reset_token: the name of a thing.
		if env && h.tight || h.quote == 0 && h.fillsLine() && !isIdent(v) {
			return h.weak(speaksOfSecrets, speakingAt)
		}
		if h.isTyped() && !isName(v) {
			return h.weak(speaksOfSecrets, leetAt)
		}
		return h.weak(identifier, defaultAt+0.05)
	case isLeet(v), holdsCredentialWord(v) && s.odds < 10:
		if (s.digit+s.mark > 0 && s.n >= 6 && h.isPlainly() || h.isTyped() && !isName(v)) && !isDefaultInLeet(v) {
			return h.weak(speaksOfSecrets, leetAt)
		}
		return h.weak(speaksOfSecrets, speakingAt)
	case letters == s.n && (s.odds < 4 || s.odds < 8 && (s.upper < 2 || s.lower < 2)):
		if env || h.isPlainly() && !isState(v) {
			return h.weak(plainWord, envWordAt)
		}
		return h.weak(plainWord, wordAt)
	case s.digit == 0 && s.odds < 4 && (isIdent(v) || s.mark > 0 && isKebab(v)):
		switch {
		case env && s.mark != 1:
			return h.weak(humanPassword, wordAt)
		case h.isPlainly() && s.mark == 1 && s.n >= 8 && isLetter(v[0]) && isLetter(v[s.n-1]) && !h.tellsName(v):
			return h.weak(humanPassword, leetAt)
		}
		return h.weak(identifier, speakingAt)
	}
	h.say(humanPassword)
	if h.compared && (s.digit == 0 || s.n < 8) {
		return h.weak(comparedWord, wordAt)
	}
	confidence := humanAt
	if s.digit > 0 && s.mark > 0 || s.odds > 4 && s.digit > 0 {
		h.say(mixedPassword)
		confidence = mixedAt
	} else {
		h.sev = min(h.sev, rules.Low) // a word with a number is soon guessed
	}
	switch {
	case s.n < 5:
		confidence -= 0.1
	case h.quote != 0 && s.n >= 8, env:
		confidence += 0.05
	}
	return confidence
}

// isTyped says whether the rule knows a password by the command that takes it:
// what is spelt out there is used as it is, whatever words it is made of.
func (h *hearing) isTyped() bool {
	return h.rule.Kind == rules.Token && strings.HasSuffix(h.rule.ID, "password")
}

// isName says whether a value is written as names of things are: words in lower
// or in upper case, with marks between.
func isName(v []byte) bool {
	lower, upper := 0, 0
	for _, c := range v {
		switch {
		case isLower(c):
			lower++
		case isUpper(c):
			upper++
		case c != '-' && c != '_' && c != '.':
			return false
		}
	}
	return lower == 0 || upper == 0
}

// isCodeWord says whether an unquoted value reads as a name in code rather than
// as text in a file of settings.
func (h *hearing) isCodeWord(v []byte) bool {
	if h.quote != 0 || !isIdent(v) || h.rule.Kind == rules.Token || h.isField() {
		return false
	}
	if len(h.after) > 0 {
		switch h.after[0] {
		case ';', ')', '(', '.', '[':
			return true
		case ',':
			return h.shape.digit == 0
		}
	}
	if h.shouted {
		return false
	}
	return h.shape.digit == 0 && !(h.tight && h.fillsLine()) || isShouted(v) && bytes.IndexByte(v, '_') > 0
}

// isPlainly says whether the name is that of a password and the value stands as
// values of settings do, so that a word there is the password.
func (h *hearing) isPlainly() bool {
	return h.said&saysPassword != 0 && !h.call && !h.compared && (h.quote != 0 || h.tight && h.fillsLine()) && h.quote != '`' && !h.isAmongWords() && !isDeed(h.name)
}

// isAmongWords says whether the value is one of a list of words in which the
// name is another: ["password", "hashing"].
func (h *hearing) isAmongWords() bool {
	line := bytes.TrimRight(lineBefore(h.before), " \t")
	return len(line) >= 2 && (line[len(line)-1] == '"' || line[len(line)-1] == '\'') && bytes.IndexByte([]byte("[,("), line[len(line)-2]) >= 0
}

// isDeed says whether a name tells what to do with a password: update_password.
func isDeed(name []byte) bool {
	n := 0
	for n < len(name) && (isLower(name[n]) || n == 0 && isLetter(name[n])) {
		n++
	}
	if n == len(name) {
		return false
	}
	var buf [maxName]byte
	switch string(letters(buf[:0], name[:min(n, maxName)])) {
	case "update", "change", "verify", "check", "validate", "require", "ask", "prompt", "use", "enable", "allow", "has", "is", "no", "get", "set", "with", "authenticate", "run", "reset":
		return true
	}
	return false
}

// tellsName says whether one of the two words of a value is a word for what
// passwords are, or for their state: wrong_pass, auth-basic.
func (h *hearing) tellsName(v []byte) bool {
	i := bytes.IndexAny(v, "-_.")
	return i >= 0 && (isState(v[:i]) || isState(v[i+1:]) || isDefaultPassword(v[:i]) || isDefaultPassword(v[i+1:]))
}

// isState knows words that tests use for a password in a certain state.
func isState(v []byte) bool {
	var buf [24]byte
	if len(v) > len(buf) {
		return false
	}
	switch string(letters(buf[:0], v)) {
	case "wrong", "incorrect", "invalid", "bad", "good", "valid", "correct", "right", "notright", "other", "another", "different", "short", "long", "tooshort", "weak",
		"strong", "old", "new", "oldpass", "newpass", "existing", "expired", "updated", "changed", "unchanged", "blank", "whatever", "something", "anything",
		"nope", "oops", "blah", "hashed", "plaintext", "cleartext", "ciphertext", "users", "email", "name", "reset", "forgot", "generated", "random":
		return true
	}
	return false
}

// isField says whether the value is a field of a connection string or the
// argument of a flag, where no code can stand: Uid=sa;Pwd=x;  --password x
func (h *hearing) isField() bool {
	n := len(h.before)
	if n < 2 {
		return false
	}
	if h.before[n-1] == '-' {
		return h.before[n-2] == '-' && h.shape.digit > 0
	}
	line := bytes.TrimRight(lineBefore(h.before), " ")
	return h.tight && len(line) > 0 && line[len(line)-1] == ';' && bytes.IndexByte(line, '=') > 0
}

// isCommand says whether options follow a value, which then is the name of a
// command: Get-Password -Name x.
func isCommand(after []byte) bool {
	return len(after) > 2 && after[0] == ' ' && after[1] == '-' && isUpper(after[2])
}

// fillsLine says whether name and value are all that their line holds, but for
// indentation, a list mark, a comment mark or a word that exports.
func (h *hearing) fillsLine() bool {
	if len(h.after) > 0 && h.after[0] != '\n' && h.after[0] != '\r' && !bytes.HasPrefix(h.after, []byte(" #")) {
		return false
	}
	line := bytes.Trim(lineBefore(h.before), " \t-#/'\"")
	switch string(line) {
	case "", "export", "ENV", "ARG", "set", "SET", "e":
		return true
	}
	return false
}

// isProse says whether a value is text for people: letters beyond ASCII, which
// may be escaped (\xf1), or line ends as escapes. Of passwords with such letters
// nearly all hold a digit.
func isProse(v []byte, s *shape) bool {
	beyond, digits := 0, s.digit
	for i, c := range v {
		if c >= 0x80 {
			beyond++
		}
		if c != '\\' || i+1 == len(v) || i > 0 && v[i-1] == '\\' {
			continue
		}
		switch v[i+1] {
		case 'n', 'r':
			if i > 0 {
				return true
			}
		case 'x', 'u':
			if code := escapedLetter(v[i+1:]); code != nil {
				beyond++
				for _, c := range code {
					if isNumber(c) {
						digits--
					}
				}
			}
		}
	}
	return beyond > 0 && (digits == 0 || beyond*2 > s.n)
}

// escapedLetter gives the digits of an escape that v begins with behind its backslash,
// xf1 or u00f1, if it is that of a character beyond ASCII; else nil.
func escapedLetter(v []byte) []byte {
	n := 2
	if v[0] == 'u' {
		n = 4
	}
	if len(v) <= n {
		return nil
	}
	code := v[1 : n+1]
	for _, c := range code {
		if !isHexDigit(c) {
			return nil
		}
	}
	if high := code[n-2]; n == 4 && (code[0] != '0' || code[1] != '0') || high >= '8' {
		return code
	}
	return nil
}

// isEncoding knows what a method called encode or decode is given.
func isEncoding(v []byte) bool {
	switch string(v) {
	case "utf-8", "UTF-8", "utf8", "UTF8", "utf-16", "utf-16le", "UTF-16LE", "latin1", "latin-1", "iso-8859-1", "ISO-8859-1", "ascii", "us-ascii", "US-ASCII", "cp1252", "base64", "binary":
		return true
	}
	return false
}

// isKeyedIn says whether a counting or repeating value is what people type as a
// password, and not a mask.
func isKeyedIn(v []byte) bool {
	if len(v) > 16 {
		return false
	}
	for _, c := range v {
		if !isNumber(c) && !isLetter(c) || c|0x20 == 'x' {
			return false
		}
	}
	return true
}

// repeatsUser says whether the value stands on the same line before its name,
// as a word: user: svc, password: svc.
func (h *hearing) repeatsUser(v []byte) bool {
	line := lineBefore(h.before)
	for {
		i := bytes.Index(line, v)
		if i < 0 {
			return false
		}
		end := i + len(v)
		if (i == 0 || !isWordByte(line[i-1])) && end < len(line) && !isWordByte(line[end]) {
			return true
		}
		line = line[end:]
	}
}

func isWordByte(c byte) bool { return isLetter(c) || isNumber(c) || c == '_' || c == '-' }
