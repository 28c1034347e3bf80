package judge

import (
	"bytes"
	"slices"

	"keyrake/scanner/judge/proof"
)

// notItself tells values that stand for a secret, or are something else
// altogether, from values that could be one. Quoted values may hold anything;
// an unquoted one is also read as code.
func (m *model) notItself(v []byte, s *shape, quote byte) reason {
	if s.n == 0 {
		return emptyValue
	}
	if r := wrapped(v, quote); r != none {
		return r
	}
	if r := knownPrefix(v); r != none {
		return r
	}
	if isBaselineHash(v) {
		return hashValue
	}
	if isSize(v) {
		return expression
	}
	if s.dots == 1 && (s.digit == s.n-1 || isFloat(v)) || v[0] == '0' && s.n <= 12 && isNumeral(v) || v[0] == '-' && isNumeral(v[1:]) {
		return digitsOnly
	}
	if s.mark == 0 {
		if s.n == 56 && s.lower == 0 && proof.IsPublicNkey(v) {
			return publicKind
		}
		if s.n == 35 && s.hexDigits == 33 && s.upper == 0 && bytes.HasPrefix(v, []byte("pub")) {
			return publicKind // a client token of Datadog, which every visitor of a page gets
		}
		return none
	}
	if holdsTemplate(v) || holdsPercentName(v) {
		return template
	}
	if (bytes.Contains(v, []byte("%s")) || bytes.Contains(v, []byte("%(")) || hasBraces(v)) && !s.isMixed() {
		return template
	}
	if s.colons >= 2 && v[0] == ':' && v[len(v)-1] == ':' {
		return template
	}
	if isPattern(v) || isBytes(v) || isSign(v) || isGlyph(v) || isCheck(v) {
		return expression
	}
	if s.colons > 0 && bytes.Contains(v, []byte("://")) {
		return urlValue
	}
	if isDirectoryName(v) {
		return reference
	}
	if isTokenizationKey(v) {
		return publicKind
	}
	if isCall(v) || quote == 0 && isCode(v) {
		return expression
	}
	return m.otherThing(v, s, quote)
}

// isSID says whether v has the form of Twilio's ids of accounts and of keys: AC or SK
// and 32 hexadecimal digits.
func isSID(v []byte) bool {
	return len(v) == 34 && (bytes.HasPrefix(v, []byte("AC")) || bytes.HasPrefix(v, []byte("SK"))) &&
		!slices.ContainsFunc(v[2:], func(c byte) bool { return !isHexDigit(c) })
}

// holdsTemplate says whether v holds what a template or a shell fills in: its marks, or
// the first of them and a name, of which the rest was cut off.
func holdsTemplate(v []byte) bool {
	for _, mark := range [...][2]string{{"${", "}"}, {"{{", "}}"}, {"#{", "}"}, {"$(", ")"}, {"<%", "%>"}, {"%{", "}"}} {
		at := bytes.Index(v, []byte(mark[0]))
		if at < 0 {
			continue
		}
		inner := v[at+len(mark[0]):]
		if bytes.Contains(inner, []byte(mark[1])) || bytes.IndexFunc(inner, func(r rune) bool { return r >= '0' && r <= '9' }) < 0 {
			return true
		}
	}
	return false
}

// hasBraces says whether a name in braces is inside v.
func hasBraces(v []byte) bool {
	open := bytes.IndexByte(v, '{')
	if open < 0 {
		return false
	}
	end := bytes.IndexByte(v[open:], '}')
	return end == 1 || end > 1 && isDotted(v[open+1:open+end])
}

// otherThing knows the shapes of everyday values.
func (m *model) otherThing(v []byte, s *shape, quote byte) reason {
	if v[0] == '^' && s.digit >= 2 && s.digit+s.mark == s.n || isDateOrVersion(v, s) || s.dots > 0 && isBuild(v) || s.dots >= 2 && (isRelease(v) || s.colons == 1 && isRelease(v[bytes.IndexByte(v, ':')+1:])) {
		return dateOrVersion
	}
	if s.ats > 0 && isReleased(v) {
		return dottedName
	}
	if last := v[s.n-1]; quote == 0 && last == '*' && !s.isMixed() || v[0] == '.' && last == '.' && s.n > 2 {
		return expression // a wildcard, or code between two strings
	}
	if quote == 0 && s.dots == 1 && isDuration(v) {
		return expression
	}
	if s.ats == 1 && s.dots > 0 && isEmail(v) {
		return emailValue
	}
	if s.slashes > 0 && isPath(v, s) || isWindowsPath(v) {
		return filePath
	}
	if s.dots > 0 && s.mark == s.dots && isDotted(v) && (s.digit == 0 || s.odds < 0) {
		if s.digit == 0 && s.dots == 1 && s.n > 24 && s.odds > 8 {
			return none
		}
		return dottedName
	}
	if c := v[0]; (c == '.' || c == '#') && s.odds < 0 && s.digit*3 < s.n && s.n > 3 {
		return identifier
	}
	return none
}

// wrapped knows marks that enclose or lead a whole value.
func wrapped(v []byte, quote byte) reason {
	last := v[len(v)-1]
	switch v[0] {
	case '$':
		if len(v) > 5 && v[4] == ':' && isIdent(v[5:]) && isIdent(v[1:4]) { // $env:NAME of PowerShell
			return reference
		}
		if len(v) > 1 && (v[1] == '{' || v[1] == '(') || isIdent(v[1:]) && !isHashPrefix(v) {
			return reference
		}
	case '\'', '"':
		// A quote in a quote: the shell's way to put a variable into a quoted text.
		if last == v[0] && len(v) > 3 && v[1] == '$' && (v[2] == '{' || isIdent(v[2:len(v)-1])) {
			return reference
		}
		if len(v) > 3 && v[1] == '.' && v[2] == '$' {
			return expression // the end of one string of PHP, joined with a variable
		}
		if quote == 0 && last == v[0] && len(v) > 2 && isLetters(v[1:len(v)-1]) {
			return sentence // of Android's texts, which stand in quotes inside of an element
		}
	case '%':
		if last == '%' && len(v) > 2 || len(v) <= 3 || v[1] == '(' || v[1] == '{' {
			return reference
		}
	case '{':
		if last == '}' {
			return template
		}
	case '<':
		if last == '>' {
			return template
		}
	case '[':
		if last == ']' {
			return template
		}
	case '(':
		if last == ')' || quote == 0 {
			return expression
		}
	case '@':
		if last == '@' && len(v) > 2 || bytes.HasPrefix(v, []byte("@Microsoft.KeyVault")) || quote == 0 && isIdent(v[1:]) {
			return reference
		}
	case '!':
		if isBatch(v) {
			return reference
		}
		if quote == 0 && len(v) > 3 && isLetter(v[1]) && (bytes.IndexByte(v, ' ') > 0 || isIdent(v[1:])) {
			return reference
		}
	case '&', '*':
		if quote == 0 && isIdent(v[1:]) {
			return expression
		}
	default:
		if isEnclosed(v) {
			return template
		}
	}
	return none
}

// prefixed says what a value is that starts in a certain way.
type prefixed struct {
	text string
	why  reason
}

var byPrefix = map[byte][]prefixed{
	'o': {{"op://", reference}, {"os.environ", reference}, {"os.getenv", reference}, {"os.Getenv", reference}},
	'v': {{"vault:v", encryptedValue}, {"vault:", reference}, {"vault://", reference}, {"var.", reference}, {"vars.", reference}},
	's': {{"secrets.", reference}, {"secretsmanager:", reference}, {"secret://", reference}, {"ssm:", reference}, {"sm://", reference},
		{"self.", expression}, {"settings.", expression}, {"sha256", hashValue}, {"sha512", hashValue}, {"sha384", hashValue}, {"sha1-", hashValue}, {"sha1:", hashValue},
		{"ssh-rsa ", publicKind}, {"ssh-ed25519 ", publicKind}, {"sb_publishable_", publicKind}, {"sub-c-", publicKind}, {"secure:", encryptedValue}},
	'p': {{"process.env", reference}, {"params.", expression}, {"props.", expression}, {"pk_live", publicKind}, {"pk_test", publicKind}, {"pk-lf-", publicKind}, {"phc_", publicKind}, {"pk.eyJ", publicKind},
		{"pbkdf2", hashValue}, {"projects/", reference}, {"pub-", publicKind}},
	'a': {{"arn:", reference}, {"aws-ssm", reference}, {"awskms:", reference}, {"argon2", hashValue}, {"age1", publicKind}, {"args.", expression}, {"akv:", reference}},
	'A': {{"AgB", encryptedValue}, {"AQICAH", encryptedValue}, {"AQECAH", encryptedValue}, {"AAAAB3NzaC1", publicKind}, {"AAAAC3NzaC1", publicKind}, {"AAAAE2VjZHNh", publicKind}},
	'e': {{"env.", reference}, {"env:", reference}, {"env(", reference}, {"env[", reference}, {"enc:", encryptedValue}, {"ecdsa-sha2-", publicKind}},
	'E': {{"ENC[", encryptedValue}, {"ENC(", encryptedValue}, {"ENV[", reference}, {"ENV.", reference}},
	'i': {{"import.meta.env", reference}, {"inputs.", reference}},
	'D': {{"Deno.env", reference}},
	'S': {{"System.getenv", reference}, {"SHA256:", hashValue}},
	'g': {{"gAAAAAB", encryptedValue}, {"getenv", reference}, {"github.", reference}, {"gcp-sm:", reference}, {"gcpsecretmanager", reference}},
	'f': {{"file:", reference}},
	'k': {{"kms:", reference}, {"keyring:", reference}, {"keychain:", reference}, {"keyvault:", reference}},
	'r': {{"ref+", reference}, {"ref:", reference}, {"req.", expression}, {"request.", expression}},
	'c': {{"config.", expression}, {"ctx.", expression}, {"context.", expression}, {"conf.", expression}, {"cfg.", expression}},
	't': {{"this.", expression}},
	'u': {{"urn:", reference}},
	'n': {{"npm:", reference}},
	'w': {{"workspace:", reference}},
	'm': {{"md5:", hashValue}, {"md5-", hashValue}},
	'M': {{"MIIBIjANBgkqhkiG9w0BAQEF", publicKind}, {"MFkwEwYHKoZIzj0", publicKind}, {"MCowBQYDK2Vw", publicKind}},
	'-': {{"-----BEGIN PUBLIC", publicKind}, {"-----BEGIN CERT", publicKind}, {"-----BEGIN RSA PUBLIC", publicKind}, {"-----BEGIN PGP MESSAGE", encryptedValue}, {"-----BEGIN PGP PUBLIC", publicKind}, {"-----BEGIN AGE", encryptedValue}},
	'$': {{"$ANSIBLE_VAULT", encryptedValue}},
	'{': {{"{cipher}", encryptedValue}, {"{SSHA", hashValue}, {"{SHA", hashValue}, {"{CRYPT}", hashValue}, {"{bcrypt}", hashValue}, {"{MD5}", hashValue}},
}

// knownPrefix knows references, encrypted material, hashes and public keys by
// how they start. AgB starts a sealed secret only if the value is long.
func knownPrefix(v []byte) reason {
	if v[0] == '$' && isHashPrefix(v) {
		return hashValue
	}
	for _, p := range byPrefix[v[0]] {
		if len(v) < len(p.text) || string(v[:len(p.text)]) != p.text {
			continue
		}
		if p.why == encryptedValue && v[0] == 'A' && len(v) < 100 || p.text == "age1" && len(v) != 62 {
			continue
		}
		if p.text == "sha256" || p.text == "sha512" || p.text == "sha384" {
			if len(v) == len(p.text) || v[6] != '-' && v[6] != ':' && v[6] != '=' {
				continue
			}
		}
		return p.why
	}
	return none
}

// isHashPrefix knows the $id$ of crypt(3).
func isHashPrefix(v []byte) bool {
	if len(v) < 7 || v[0] != '$' {
		return false
	}
	i := bytes.IndexByte(v[1:], '$')
	if i < 1 || i > 14 {
		return false
	}
	switch string(v[1 : i+1]) {
	case "1", "2", "2a", "2b", "2x", "2y", "5", "6", "7", "y", "gy", "md5", "sha1", "apr1", "argon2i", "argon2d", "argon2id", "scrypt", "pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512", "bcrypt-sha256":
		return true
	}
	return false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isNumber(c byte) bool { return c >= '0' && c <= '9' }

// isIdent says whether v is a name in some programming language.
func isIdent(v []byte) bool {
	if len(v) == 0 || isNumber(v[0]) {
		return false
	}
	for _, c := range v {
		if !isLetter(c) && !isNumber(c) && c != '_' {
			return false
		}
	}
	return true
}

// isTypeName says whether v is words with capitals run together, as the names of
// types are: JsonWebKey.
func isTypeName(v []byte) bool {
	words, run := 0, 0 // run is the length of the word at hand
	for _, c := range v {
		switch {
		case isUpper(c) && (words == 0 || run >= 3):
			words, run = words+1, 1
		case words > 0 && 'a' <= c && c <= 'z':
			run++
		default:
			return false
		}
	}
	return words >= 2 && run >= 2
}

// isLetters says whether v is letters alone, of any language.
func isLetters(v []byte) bool {
	for _, c := range v {
		if !isLetter(c) && c < 0x80 {
			return false
		}
	}
	return len(v) > 0
}

// isCall says whether v is name(...) as a whole.
func isCall(v []byte) bool {
	open := bytes.IndexByte(v, '(')
	return open > 1 && v[len(v)-1] == ')' && isDotted(v[:open])
}

// isCode says whether an unquoted value can only be an expression.
func isCode(v []byte) bool {
	if i := bytes.IndexAny(v, "(["); i > 0 && isDotted(bytes.TrimLeft(v[:i], "!-~&*")) {
		return true
	}
	return isChained(v) || isUnion(v) || bytes.Contains(v, []byte("->")) || bytes.Contains(v, []byte("=>")) || bytes.Contains(v, []byte("::")) || bytes.Contains(v, []byte("!=="))
}

// isDotted says whether v is names joined by dots.
func isDotted(v []byte) bool {
	for part := range bytes.SplitSeq(v, []byte(".")) {
		if len(part) == 0 || isNumber(part[0]) {
			return false
		}
		for _, c := range part {
			if !isLetter(c) && !isNumber(c) && c != '_' && c != '-' {
				return false
			}
		}
	}
	return len(v) > 0
}
