package judge

import (
	"bytes"

	"keyrake/scanner/judge/proof"
)

// isReleased says whether v is a package with its version, as lock files have
// it: jsonwebtoken@9.0.2, @octokit/auth-token@6.0.0, @acme/auth@workspace:auth.
func isReleased(v []byte) bool {
	at := bytes.LastIndexByte(v, '@')
	if at < 2 || at+4 > len(v) || !isNumber(v[at+1]) && !isSource(v[at+1:]) {
		return false
	}
	for _, c := range v[:at] {
		if !isLower(c) && !isNumber(c) && bytes.IndexByte([]byte("@/-_."), c) < 0 {
			return false
		}
	}
	return isSource(v[at+1:]) || isRelease(v[at+1:])
}

// isSource says whether v tells where a package comes from if it has no number.
func isSource(v []byte) bool {
	for _, from := range [...]string{"workspace:", "npm:", "file:", "link:", "patch:", "github:", "git+"} {
		if bytes.HasPrefix(v, []byte(from)) {
			return true
		}
	}
	return false
}

// isBuild says whether v is how MinIO and Jenkins number their releases:
// RELEASE.2025-04-22T22-12-26Z, 3345.v03dee9b_f88fc-6.
func isBuild(v []byte) bool {
	if date, ok := bytes.CutPrefix(v, []byte("RELEASE.")); ok {
		return len(date) >= 10 && isNumber(date[0]) && date[4] == '-'
	}
	number, commit, ok := bytes.Cut(v, []byte(".v"))
	if !ok || !isDigits(number) || len(commit) < 8 {
		return false
	}
	for _, c := range commit {
		if !isHexDigit(c) && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// isDirectoryName says whether v begins with an attribute of LDAP's names: cn=admin.
func isDirectoryName(v []byte) bool {
	attribute, value, ok := bytes.Cut(v, []byte("="))
	if !ok || len(value) == 0 || !isLetter(value[0]) {
		return false
	}
	switch string(attribute) {
	case "cn", "CN", "ou", "OU", "dc", "DC", "uid", "UID":
		return true
	}
	return false
}

// isTokenizationKey knows Braintree's keys for pages, which every visitor gets.
func isTokenizationKey(v []byte) bool {
	for _, of := range [...]string{"production_", "sandbox_"} {
		if rest, ok := bytes.CutPrefix(v, []byte(of)); ok && len(rest) == 8+1+16 && rest[8] == '_' {
			return true
		}
	}
	return false
}

// isSize says whether v is a number with a unit of style sheets: 1.5rem.
func isSize(v []byte) bool {
	i := 0
	for i < len(v) && (isNumber(v[i]) || v[i] == '.') {
		i++
	}
	switch string(v[i:]) {
	case "px", "rem", "em", "vh", "vw", "pt", "ms", "deg":
		return i > 0
	}
	return false
}

// isCheck says whether v lists what a form asks of a field, as Laravel has it:
// required|confirmed|min:8.
func isCheck(v []byte) bool {
	parts := 0
	for part := range bytes.SplitSeq(v, []byte("|")) {
		name, _, _ := bytes.Cut(part, []byte(":"))
		if len(name) < 3 || bytes.IndexFunc(name, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) >= 0 {
			return false
		}
		parts++
	}
	return parts >= 2
}

// isCamel says whether v is many letters in which capitals stand alone, as they
// do in names. Of random letters half are capitals.
func isCamel(v []byte) bool {
	if len(v) < 24 || !isLower(v[0]) {
		return false
	}
	for i, c := range v {
		if !isLetter(c) || isUpper(c) && (i+1 == len(v) || !isLower(v[i-1]) || !isLower(v[i+1])) {
			return false
		}
	}
	return true
}

// isChained says whether an unquoted value goes on with further assignments of
// code: a.token=a.name=b, a.token=u:a.name=u. A host and its key are one link alone.
func isChained(v []byte) bool {
	links := 0
	for len(v) > 0 {
		end := bytes.IndexAny(v, "=:")
		if end < 0 {
			end = len(v)
		}
		link := v[:end]
		switch {
		case bytes.IndexByte(link, '.') > 0 && isDotted(link):
			links++
		case len(link) > 2 || !isIdent(link): // what code made small calls its variables
			return links >= 2
		}
		v = v[min(end+1, len(v)):]
	}
	return links >= 2
}

// isUnion says whether v is types of which a value has one: ArrayLike|ArrayBufferView.
func isUnion(v []byte) bool {
	types := 0
	for part := range bytes.SplitSeq(v, []byte("|")) {
		switch string(part) {
		case "string", "null", "undefined", "number", "boolean", "None", "str", "bytes", "int":
		default:
			if !isTypeName(part) {
				return false
			}
		}
		types++
	}
	return types >= 2
}

// isBatch says whether v refers to a variable of a Windows script, whole or in
// part: !token! or !line:~10!.
func isBatch(v []byte) bool {
	if len(v) < 3 || v[0] != '!' || v[len(v)-1] != '!' {
		return false
	}
	name, part, cut := bytes.Cut(v[1:len(v)-1], []byte(":"))
	return isIdent(name) && bytes.IndexFunc(name, func(r rune) bool { return r >= '0' && r <= '9' }) < 0 &&
		(!cut || len(part) > 0 && (part[0] == '~' || bytes.IndexByte(part, '=') > 0))
}

// isTypeOf says whether an unquoted value is the type of a parameter or of a
// variable: token: WebAppToken) and token: AccessToken;
func (h *hearing) isTypeOf(v []byte) bool {
	if h.quote != 0 || len(h.after) == 0 || !isTypeName(v) {
		return false
	}
	switch h.after[0] {
	case ';', ')', ',', ']', '>', '|', '?', '[', '<':
		return true
	}
	return false
}

// isAddress says whether v is an address on a chain or a public key of one, to
// which everybody may send. What decodes to 32 bytes may be a secret as well, so
// there the name has to speak of such things.
func (h *hearing) isAddress(v []byte) bool {
	if chain := bytes.TrimPrefix(v, []byte("solana:")); len(chain) == 32 {
		line := lineBefore(h.before)
		return len(v) > len(chain) || bytes.HasSuffix(line, []byte("solana:")) || string(h.name) == "solana" // the id of a chain, after CAIP-2
	}
	if len(v) != 43 && len(v) != 44 {
		return proof.IsAddress(v)
	}
	if h.said&saysSecret != 0 || !proof.IsBase58Key(v) {
		return false
	}
	for _, w := range [...]string{"account", "program", "mint", "pool", "address", "pubkey", "solana", "wallet", "vault", "contract", "authority"} {
		if h.model.holdsFolded(h.name, w) {
			return true
		}
	}
	return false
}

// saysFile says whether a name is the path of a file of code: a report about
// files has such names.
func saysFile(name []byte) bool {
	if bytes.IndexByte(name, '/') < 0 {
		return false
	}
	dot := bytes.LastIndexByte(name, '.')
	if dot < 0 || len(name)-dot > 6 {
		return false
	}
	switch string(name[dot+1:]) {
	case "js", "ts", "jsx", "tsx", "mjs", "cjs", "py", "go", "rb", "java", "kt", "php", "rs", "cs", "c", "h", "cpp", "css", "scss", "html", "md", "json", "yml", "yaml", "vue", "png", "svg", "jpg", "webp", "ico", "wasm", "map", "ttf", "otf", "woff", "woff2", "dart", "swift", "xml", "txt":
		return true
	}
	return false
}

// isBelowFolder says whether v is the key of an object in a store: a folder's name, a
// slash, and the rest.
func isBelowFolder(v []byte) bool {
	folder, _, ok := bytes.Cut(v, []byte("/"))
	if !ok || len(folder) < 3 {
		return false
	}
	for _, c := range folder {
		if !isLower(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// isAttribute says whether the name stands in a tag that is open, where a key tells
// elements of a list apart: <li key="x">.
func (h *hearing) isAttribute() bool {
	line := bytes.TrimRight(lineBefore(h.before), " \t")
	open := bytes.LastIndexByte(line, '<')
	return open >= 0 && open+1 < len(line) && isLetter(line[open+1]) && bytes.IndexByte(line[open:], '>') < 0
}

// isSearchKey says whether the value is a key of Algolia's that may search and no
// more, by its name or by the index that stands beside it, as in the settings of pages.
func (h *hearing) isSearchKey() bool {
	if len(h.name) == 0 || h.shape.n != 32 || !h.shape.isHex() {
		return false
	}
	if h.nameHolds("searchonly", "search-only", "searchapikey", "search-api-key") {
		return true
	}
	near := func(w string) bool {
		return bytes.Contains(h.before[max(0, len(h.before)-nearReach):], []byte(w)) || bytes.Contains(h.after[:min(len(h.after), nearReach)], []byte(w))
	}
	return near("indexName") && (near("appId") || near("applicationId"))
}

// nameHolds says whether the name holds one of some words, which are folded.
func (h *hearing) nameHolds(words ...string) bool {
	for _, w := range words {
		if h.model.holdsFolded(h.name, w) {
			return true
		}
	}
	return false
}

// isFingerprint says whether v is the fingerprint of an OpenPGP key: 40 digits
// in upper case where the line or the name speaks of such keys.
func (h *hearing) isFingerprint() bool {
	if s := &h.shape; s.n != 40 || !s.isHex() || s.lower > 0 {
		return false
	}
	line := lineBefore(h.before)
	for _, w := range [...]string{"gpg", "pgp", "keyserver", "recv-key", "rpm-import", "apt-key", "repository-key", "fingerprint"} {
		if h.model.holdsFolded(line, w) || h.model.holdsFolded(h.name, w) {
			return true
		}
	}
	return false
}

// isListedSum says whether the value is one of the checksums of a list that
// CocoaPods keeps: as long a row of hex digits on the line before or on the next,
// or on both if the name does not begin with a capital.
func (h *hearing) isListedSum() bool {
	n := h.shape.n
	if h.quote != 0 || !h.shape.isHex() || n != 40 || len(h.name) == 0 || isShouted(h.name) {
		return false
	}
	before := bytes.TrimRight(h.before, " \t")
	if len(before) > 0 && before[len(before)-1] == '\n' {
		before = before[:len(before)-1]
	}
	next := bytes.TrimLeft(h.after, "\r\n")
	if i := bytes.IndexByte(next, '\n'); i >= 0 {
		next = next[:i]
	}
	above, below := endsInSum(lineBefore(before), n), endsInSum(next, n)
	return above && below || isUpper(h.name[0]) && (above || below)
}

// endsInSum says whether a line is a name, a colon and n hex digits.
func endsInSum(line []byte, n int) bool {
	line = bytes.TrimRight(line, "\r")
	if len(line) < n+3 || string(line[len(line)-n-2:len(line)-n]) != ": " {
		return false
	}
	for _, c := range line[len(line)-n:] {
		if !isNumber(c) && !(c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

// isSalted says whether v is a hash with its salt, as programs keep it in one
// field: 1:100000:salt:hash, salt:hash. Two parts or more are long rows of hex
// digits.
func isSalted(v []byte) bool {
	long, from := 0, 0
	for i := 0; i <= len(v); i++ {
		if i < len(v) && v[i] != ':' && v[i] != '$' && v[i] != '.' {
			continue
		}
		digits := true
		for _, c := range v[from:i] {
			digits = digits && (isNumber(c) || c >= 'a' && c <= 'f')
		}
		if digits && i-from >= 16 {
			long++
		}
		from = i + 1
	}
	return long >= 2
}
