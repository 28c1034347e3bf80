package judge

import "bytes"

// naming is what the name of a value says about it.
type naming uint8

const (
	saysSecret   naming = 1 << iota // it holds the secret
	saysPassword                    // it holds a password
	saysOther                       // it holds something about a secret, or no secret at all
	saysHash                        // it holds a digest
	saysPublic                      // it is shipped to browsers or otherwise public
	saysExample                     // it is an example
	saysTest                        // it belongs to a test
	saysText                        // it is shown to people
)

// maxParts and maxName bound the work on one name; real names are far shorter.
const (
	maxParts = 12
	maxName  = 96
)

// meaning is what one part of a name says.
type meaning uint8

const (
	mUnknown meaning = iota
	mSecret
	mPassword
	mToken
	mKey
	mAuth
	mNeutral // says nothing about the kind: value, string, prod
	mOther   // the thing is not the secret: name, path, length
	mHash
	mHashed // the value is a digest of what comes behind: hashed_secret
	mPublic
	mExample
	mTest
	mCount   // counts tokens, or says what sort of marker one is
	mStrong  // makes a key a secret one: api, private
	mPlain   // makes a key a lookup key: primary, cache
	mWrapped // the secret is encrypted
	mField   // as mOther, and as mPlain before a key
	mText    // a text for people, or what a screen does: tooltip, forgot
)

// readName splits a name into its parts (camelCase, snake_case, kebab-case,
// dots) and reads them from the end, where English puts the noun that counts:
// a password_field is a field.
func readName(name []byte) naming {
	if len(name) > maxName {
		name = name[len(name)-maxName:]
	}
	var r nameReader
	for i, c := range name {
		upper := isUpper(c)
		switch {
		case !isLetter(c) && !isNumber(c):
			r.flush()
			switch c {
			case ' ':
				r.blanks++
			case '.':
				r.dotted = r.count
			}
			continue
		case upper && i > 0 && (isLower(name[i-1]) || isNumber(name[i-1])),
			upper && i > 0 && isUpper(name[i-1]) && i+1 < len(name) && isLower(name[i+1]):
			r.flush()
		}
		r.buf[r.n] = lowerOf(c)
		r.n++
	}
	r.flush()
	if n := len(name); n > 0 && (r.blanks >= 4 || name[n-1] == '.' || name[n-1] == '?' || name[n-1] == '!') {
		r.said |= saysText // the key of a translation
	}
	r.refine(name)
	parts := r.parts[:r.count]
	if r.dotted > 0 && r.dotted < r.count-1 {
		parts = parts[r.dotted:] // config.acme_key is no config key
	}
	return r.said | weigh(parts)
}

// refine sees to two ends that say another thing than their words: the value of a
// header is what it holds, and a secret_text is a secret of Terraform's providers.
func (r *nameReader) refine(name []byte) {
	if r.count < 2 {
		return
	}
	last := &r.parts[r.count-1]
	switch before := &r.parts[r.count-2]; {
	case *last == mNeutral && *before == mOther && endsInWords(name, "header", "value"):
		*before = mNeutral
	case *last == mOther && *before == mSecret && endsInWords(name, "secret", "text"):
		*last = mNeutral
	}
}

// endsInWords says whether a name ends in these two words, which are in lower case.
func endsInWords(name []byte, first, second string) bool {
	var buf [maxName]byte
	text := letters(buf[:0], name[max(0, len(name)-maxName):])
	rest, ok := bytes.CutSuffix(text, []byte(second))
	return ok && bytes.HasSuffix(rest, []byte(first))
}

// nameReader gathers the parts of one name.
type nameReader struct {
	buf   [maxName]byte // the current part in lower case
	n     int
	parts [maxParts]meaning
	count int
	said  naming

	blanks int
	dotted int // parts before the last dot
}

// flush ends a part. Of a name with too many parts the last ones stay.
func (r *nameReader) flush() {
	if r.n == 0 {
		return
	}
	m := meaningOf(bareDigits(r.buf[:r.n]))
	r.n = 0
	switch m {
	case mExample:
		r.said |= saysExample
	case mTest:
		r.said |= saysTest
	case mPublic:
		r.said |= saysPublic
	case mText:
		r.said |= saysText
		m = mOther
	case mWrapped:
		r.said |= saysOther
	case mHashed:
		r.said |= saysHash
		m = mHash
	}
	if r.count == maxParts {
		copy(r.parts[:], r.parts[1:])
		r.count--
		r.dotted = max(0, r.dotted-1)
	}
	r.parts[r.count] = m
	r.count++
}

// weigh decides by the last part that says anything.
func weigh(parts []meaning) naming {
	i := len(parts) - 1
	for i >= 0 && (parts[i] == mNeutral || parts[i] == mTest || parts[i] == mExample) {
		i--
	}
	if i < 0 {
		return 0
	}
	head, before := parts[i], parts[:i]
	switch head {
	case mOther, mCount, mPlain, mField:
		return saysOther
	case mHash:
		return saysOther | saysHash
	case mPassword:
		return saysSecret | saysPassword
	case mSecret:
		return saysSecret
	case mAuth:
		return saysSecret
	case mToken:
		// publicKeyToken names the signer of a .NET assembly.
		if has(before, mCount) || has(before, mPublic) && has(before, mKey) {
			return saysOther
		}
		return saysSecret
	case mKey:
		return weighKey(before)
	case mPublic:
		return saysOther
	}
	return 0
}

func weighKey(before []meaning) naming {
	for i := len(before) - 1; i >= 0; i-- {
		switch before[i] {
		case mStrong, mSecret, mAuth, mPassword, mToken:
			return saysSecret
		case mPlain, mField, mPublic, mHash:
			return saysOther
		}
	}
	return 0
}

func has(parts []meaning, m meaning) bool {
	for _, p := range parts {
		if p == m {
			return true
		}
	}
	return false
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// bareDigits cuts a number off: token2 is a token, but sha256 stays.
func bareDigits(part []byte) []byte {
	switch string(part) {
	case "sha1", "sha256", "sha512", "sha384", "md5", "crc32", "base64", "b64":
		return part
	}
	end := len(part)
	for end > 1 && isNumber(part[end-1]) {
		end--
	}
	return part[:end]
}

func meaningOf(part []byte) meaning {
	m := wordMeaning(part)
	switch {
	case m != mUnknown:
		return m
	case isNumber(part[0]):
		return mNeutral
	case len(part) < 4:
		return mUnknown
	}
	if part[len(part)-1] == 's' {
		if m = wordMeaning(part[:len(part)-1]); m != mUnknown {
			return m
		}
	}
	return runTogether(part)
}

// runTogether reads words that were joined without a mark: dbpassword, apikey.
func runTogether(part []byte) meaning {
	for _, end := range [...]struct {
		text string
		m    meaning
	}{
		{"password", mPassword}, {"passwd", mPassword}, {"passwort", mPassword}, {"pwd", mPassword}, {"passphrase", mPassword},
		{"userpass", mPassword}, {"dbpass", mPassword}, {"rootpass", mPassword}, {"mypass", mPassword},
		{"apikey", mSecret}, {"secretkey", mSecret}, {"privatekey", mSecret}, {"accesskey", mSecret}, {"authkey", mSecret},
		{"encryptionkey", mSecret}, {"signingkey", mSecret}, {"masterkey", mSecret}, {"accountkey", mSecret},
		{"publickey", mOther}, {"pubkey", mOther}, {"primarykey", mOther}, {"foreignkey", mOther}, {"cachekey", mOther},
		{"token", mToken}, {"secret", mSecret}, {"credential", mSecret}, {"credentials", mSecret},
		{"hash", mHash}, {"name", mOther}, {"file", mOther}, {"path", mOther},
	} {
		if len(part) > len(end.text) && string(part[len(part)-len(end.text):]) == end.text {
			return end.m
		}
	}
	return mUnknown
}

// wordMeaning is one flat table.
func wordMeaning(part []byte) meaning {
	switch string(part) {
	case "secret", "credential", "cred", "creds", "apikey", "pat", "dsn", "privkey", "seed", "mnemonic", "cookie", "jwt", "bearer", "psk", "salt", "pepper", "sas", "webhook", "kubeconfig", "otp", "totp", "secretkey", "accesskey", "authkey", "licensekey":
		return mSecret
	case "password", "passwd", "passwort", "pwd", "pass", "pw", "passphrase", "passcode", "pword", "contrasena", "senha", "motdepasse", "wachtwoord", "haslo", "pin":
		return mPassword
	case "token", "tok":
		return mToken
	case "key":
		return mKey
	case "auth", "authorization", "authentication":
		return mAuth
	case "value", "val", "string", "str", "raw", "plain", "plaintext", "cleartext", "data", "prod", "production", "dev", "development", "staging", "stage", "qa", "live", "new", "old", "current", "base64", "b64", "encoded", "default", "me", "bytes", "const", "constant", "literal", "base", "v", "repeat", "again", "confirm", "retype":
		return mNeutral
	case "secretsmanager", "nkey", "name", "names", "id", "ids", "uid", "path", "file", "filename", "dir", "folder", "directory", "url", "uri", "endpoint", "host", "port", "length", "len", "size", "count", "limit", "regexp", "re", "header", "prefix", "suffix", "format", "input", "placeholder", "text", "description", "desc", "policy", "expiration", "expire", "expires", "at", "date", "time", "timestamp", "age", "version", "verification", "enabled", "disabled", "required", "valid", "strength", "arg", "argument", "prop", "attr", "variable", "var", "env", "ref", "reference", "arn", "location", "provider", "manager", "class", "selector", "css", "button", "form", "page", "screen", "view", "component", "icon", "link", "route", "rule", "algorithm", "algo", "alg", "scheme", "method", "function", "func", "fn", "callback", "handler", "generator", "factory", "builder", "parser", "spec", "rotation", "idx", "issuer", "iss", "audience", "aud", "scope", "cost", "price", "operation", "action", "event", "reset", "change", "confirmation", "engine", "backend", "store", "source", "service", "namespace", "group", "owner", "address", "user", "username", "email", "domain", "subdomain", "hostname", "region", "code", "charset", "alphabet", "characters", "keyboard", "keyword", "keyframe", "keycode", "keymap", "author", "table", "model", "schema", "template", "tag", "symbol",
		"allowlist", "whitelist", "denylist", "blocklist", "blacklist", "dn", "orgid", "userid", "appid", "accountid", "accountsid", "clientid", "projectid", "tenantid", "teamid", "groupid", "customerid", "merchantid", "zoneid":
		return mOther
	case "timeout", "ttl", "expiry", "status", "state", "mode", "type", "kind", "index", "column", "regex", "pattern", "field", "property", "attribute", "param", "parameter", "style", "color":
		return mField
	case "encrypted", "wrapped", "sealed", "ciphered", "existing":
		return mWrapped // or the name of a secret that is kept elsewhere
	case "label", "title", "tooltip", "hint", "help", "message", "msg", "error", "err", "advice", "forgot", "forgotten", "show", "hide", "invalid", "incorrect", "wrong", "mandatory", "bad":
		return mText
	case "hashed":
		return mHashed
	case "hash", "sha", "sha1", "sha256", "sha384", "sha512", "md5", "crc", "crc32", "digest", "checksum", "integrity", "fingerprint", "thumbprint", "etag", "sum", "commit", "revision", "signature", "sig":
		return mHash
	case "public", "pub", "publishable", "anon", "beacon", "sitekey", "instrumentation", "instrumentationkey":
		return mPublic
	case "example", "sample", "dummy", "fake", "mock":
		return mExample
	case "test", "testing", "demo", "tests", "fixture":
		return mTest
	case "authenticity", "max", "min", "total", "num", "number", "prompt", "completion", "used", "remaining", "per", "pad", "eos", "bos", "unk", "mask", "sep", "cls", "special", "next", "continuation", "cursor", "pagination", "cancel", "cancellation", "output", "design", "syntax", "lexer", "parse", "stop", "vocab", "start", "end", "budget", "usage", "ratio", "rate", "bucket":
		return mCount
	case "api", "access", "private", "priv", "signing", "sign", "encryption", "encrypt", "master", "account", "app", "application", "admin", "client", "subscription", "license", "hmac", "aes", "ssh", "gpg", "rsa", "deploy", "session", "crypto", "cipher", "consumer", "shared", "root", "server", "functions", "security", "stream", "push", "write", "ingest", "project", "integration", "tls", "ssl", "wallet":
		return mStrong
	case "identifier", "download", "site", "primary", "foreign", "cache", "sort", "partition", "range", "i18n", "translation", "object", "row", "map", "query", "idempotency", "registry", "config", "react", "hot", "shortcut", "meta", "lookup", "unique", "composite", "routing", "dedupe", "feature", "storage", "local", "item", "entity", "search", "filter", "arrow", "enter", "escape", "tab", "modifier", "legend", "metric", "dict", "json", "setting", "option", "preference", "pref", "first", "second", "third", "ctx", "context":
		return mPlain
	}
	return mUnknown
}
