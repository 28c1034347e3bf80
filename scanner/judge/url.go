package judge

import (
	"bytes"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/judge/proof"
)

// databaseURL begins the ids of the rules for URLs of databases.
const databaseURL = "database-url"

// inner judges the password inside a URL or a pair. The structure proves where
// the password is, not that it is one.
func (h *hearing) inner(v []byte, r proof.Result) float64 {
	h.proof = NoProof
	s := h.model.measure(r.Core)
	if why := h.model.notItself(r.Core, &s, '"'); why != none {
		return h.drop(why, 0.1)
	}
	if why := h.model.placeholder(r.Core, &s, false); why != none {
		return h.drop(why, 0.2)
	}
	if isInOtherScript(r.Core) {
		// RFC 3986 has a URL spell such letters with %, so that they are a person's words.
		return h.drop(placeholderWord, 0.2)
	}
	if string(r.Core) == "x-oauth-basic" {
		return h.drop(reference, 0.1) // says that the user is the secret, which other rules know
	}
	if s.n > 1 && s.distinct == 1 {
		return h.drop(repeated, 0.1)
	}
	opens := s.n >= 3 && h.opensDatabase(v, r.Core)
	if s.n < 3 || isDefaultPassword(r.Core) || holdsCredentialWord(r.Core) && s.digit == 0 {
		if opens && s.mark == 0 && (isDefaultPassword(r.Core) || !isCommonWords(r.Core)) {
			return h.weak(defaultPassword, leetAt)
		}
		return h.weak(defaultPassword, defaultAt)
	}
	if isLeet(r.Core) {
		if opens || s.digit+s.mark > 0 && s.n >= 6 && !r.Has(proof.Local) && !isDefaultInLeet(r.Core) {
			return h.weak(speaksOfSecrets, leetAt)
		}
		return h.weak(speaksOfSecrets, speakingAt)
	}
	h.proof = Verified
	h.say(proofStructure)
	if r.Has(proof.Local) {
		h.say(localHost)
		h.sev = min(h.sev, rules.Low)
		return 0.5
	}
	user, host := parties(v)
	if isInside(host) && (bytes.EqualFold(user, r.Core) || s.mark == 0 && s.odds < 4) {
		h.say(guessedInside)
		h.sev = min(h.sev, rules.Low)
	}
	if s.lower+s.upper == s.n && s.odds < 0 {
		h.say(plainWord)
		return 0.6
	}
	return max(structureAt, h.rule.Confidence)
}

// parties gives the user and the host of a URL, without a port.
func parties(url []byte) (user, host []byte) {
	_, rest, _ := bytes.Cut(url, []byte("://"))
	user, _, _ = bytes.Cut(rest, []byte(":"))
	host = rest[bytes.LastIndexByte(rest, '@')+1:]
	if end := bytes.IndexAny(host, ":/,?"); end >= 0 {
		host = host[:end]
	}
	return user, host
}

// isInside says whether a name is known in a network of one's own alone: that of
// a container, of a cluster, or of a domain that is set aside for this.
func isInside(host []byte) bool {
	name := string(bytes.ToLower(host))
	if name != "" && !strings.Contains(name, ".") {
		return true
	}
	for _, end := range [...]string{".svc", ".svc.cluster.local", ".internal", ".local", ".localhost", ".lan", ".home.arpa"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// opensDatabase says whether a URL names an account of a database on the same
// machine or on a neighbour of one name, as containers have: the same settings
// have mostly set it up with this password, weak as it is. In samples the user
// is a stand-in as well, or the password is the user's name.
func (h *hearing) opensDatabase(url, password []byte) bool {
	if !strings.HasPrefix(h.rule.ID, databaseURL) {
		return false
	}
	user, host := parties(url)
	s := h.model.measure(user)
	return (bytes.IndexByte(host, '.') < 0 || string(host) == "127.0.0.1" || string(host) == "0.0.0.0") &&
		s.n > 1 && !bytes.EqualFold(user, password) && !isStandInUser(user) &&
		h.model.notItself(user, &s, '"') == none && h.model.placeholder(user, &s, false) == none
}

// isStandInUser knows what samples call a user, my_user and user1 included.
func isStandInUser(user []byte) bool {
	for word, rest := nextWord(user); len(word) > 0; word, rest = nextWord(rest) {
		var buf [maxName]byte
		if len(word) > maxName {
			return false
		}
		switch string(letters(buf[:0], word)) {
		case "user", "username", "userid", "uid", "login", "name", "me", "my", "your", "some", "admin", "guest", "scott", "tiger", "u":
			return true
		}
	}
	return false
}
