package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// decode64 reads standard and URL-safe base64, with and without padding. It
// does not accept line breaks or any other foreign byte.
func decode64(text []byte) ([]byte, bool) {
	text = bytes.TrimRight(text, "=")
	if len(text) == 0 || len(text)%4 == 1 {
		return nil, false
	}
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(text, "-_") {
		enc = base64.RawURLEncoding
	}
	if bytes.ContainsAny(text, "\r\n") {
		return nil, false
	}
	out := make([]byte, enc.DecodedLen(len(text)))
	n, err := enc.Decode(out, text)
	return out[:n], err == nil
}

// object reads a JSON object whose keys are compared exactly.
func object(data []byte) (map[string]json.RawMessage, bool) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '{' {
		return nil, false
	}
	var m map[string]json.RawMessage
	if json.Unmarshal(data, &m) != nil {
		return nil, false
	}
	return m, true
}

// text returns a string member, or "".
func text(m map[string]json.RawMessage, key string) string {
	var s string
	if json.Unmarshal(m[key], &s) != nil {
		return ""
	}
	return s
}

// public makes a decoded fact fit for a note: short and printable.
func public(s string) string {
	if len(s) > 80 {
		s = s[:80]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

func isHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		isHex(s[:8]+s[9:13]+s[14:18]+s[19:23]+s[24:], 32)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func allDigits(s []byte) bool {
	for _, c := range s {
		if !isDigit(c) {
			return false
		}
	}
	return len(s) > 0
}

// varied says whether key material differs from a pattern that a person typed:
// counting bytes, one byte over and over. A random key of 16 bytes or more has
// fewer than 9 distinct ones about never.
func varied(key []byte) bool {
	var seen [256]bool
	distinct, step := 0, 0
	for i, c := range key {
		if !seen[c] {
			seen[c] = true
			distinct++
		}
		if i > 0 && c == key[i-1]+1 {
			step++
		}
	}
	return distinct >= 9 && step*2 < len(key)
}

// sentryOrg: sntrys_ + base64 of a JSON object + _ + 43 characters.
func sentryOrg(token []byte) Result {
	b, ok := bytes.CutPrefix(token, []byte("sntrys_"))
	if !ok {
		return Result{}
	}
	cut := bytes.LastIndexByte(b, '_')
	if cut < 0 {
		return mismatch("")
	}
	raw, ok := decode64(b[:cut])
	m, isObject := object(raw)
	if !ok || !isObject || len(b)-cut-1 < 40 || text(m, "org") == "" {
		return mismatch("")
	}
	return verified("Sentry organisation " + public(text(m, "org")))
}

// onePassword: ops_ + base64 of the service account's JSON.
func onePassword(token []byte) Result {
	b, ok := bytes.CutPrefix(token, []byte("ops_"))
	if !ok {
		return Result{}
	}
	raw, ok := decode64(b)
	m, isObject := object(raw)
	if !ok || !isObject || m["secretKey"] == nil && m["srpX"] == nil && m["muk"] == nil {
		return mismatch("")
	}
	return verified("1Password sign-in address " + public(text(m, "signInAddress")))
}

// grafanaCloud: glc_ + base64 of {"o": organisation, "n": name, "k": key}.
func grafanaCloud(token []byte) Result {
	b, ok := bytes.CutPrefix(token, []byte("glc_"))
	if !ok {
		return Result{}
	}
	raw, ok := decode64(b)
	m, isObject := object(raw)
	if !ok || !isObject || m["o"] == nil || text(m, "k") == "" {
		return mismatch("")
	}
	return verified("Grafana Cloud organisation " + public(strings.Trim(string(m["o"]), `"`)))
}

// dockerAuth: base64 of user:password.
func dockerAuth(token []byte) Result {
	raw, ok := decode64(token)
	if !ok {
		return Result{}
	}
	user, pass, ok := bytes.Cut(raw, []byte(":"))
	if !ok || len(user) == 0 || len(pass) == 0 || !printable(raw) {
		return Result{}
	}
	return Result{State: Verified, Marks: Structure, Core: pass, Note: "base64 of user and password"}
}

func printable(data []byte) bool {
	return !slices.ContainsFunc(data, func(c byte) bool { return c < ' ' || c > '~' })
}

// discordBot: the first part is base64 of the bot's numeric user id.
func discordBot(token []byte) Result {
	parts := bytes.Split(token, []byte("."))
	if len(parts) != 3 || len(parts[1]) != 6 || len(parts[2]) < 27 {
		return Result{}
	}
	id, ok := decode64(parts[0])
	if !ok || !allDigits(id) || len(id) < 17 || len(id) > 20 {
		return mismatch("")
	}
	return verified("Discord user id " + string(id))
}

// serviceAccount: the JSON key file of a Google service account, plain or in
// base64, or its private_key value alone.
func serviceAccount(token []byte) Result {
	m, ok := object(token)
	if !ok {
		if raw, decoded := decode64(token); decoded {
			m, ok = object(raw)
		}
	}
	if !ok {
		if bytes.Contains(token, []byte("-----BEGIN ")) {
			return privateKey(token)
		}
		return Result{}
	}
	if text(m, "type") != "service_account" || m["private_key"] == nil {
		return Result{}
	}
	key := privateKey([]byte(text(m, "private_key")))
	if key.State != Verified {
		key.State = Mismatch
		return key
	}
	return verified("service account of project " + public(text(m, "project_id")))
}
