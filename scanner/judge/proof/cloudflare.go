package proof

import (
	"bytes"
	"encoding/json"
)

// tunnelToken: base64 of {"a": account, "s": base64 secret, "t": tunnel id} and
// an optional "e", the endpoint.
func tunnelToken(token []byte) Result {
	if !bytes.HasPrefix(token, []byte("eyJ")) || bytes.IndexByte(token, '.') >= 0 {
		return Result{}
	}
	raw, ok := decode64(token)
	if !ok {
		return mismatch("")
	}
	m, ok := object(raw)
	if !ok {
		return mismatch("")
	}
	for key := range m {
		if key != "a" && key != "s" && key != "t" && key != "e" {
			return Result{}
		}
	}
	return tunnel(text(m, "a"), text(m, "s"), text(m, "t"))
}

func tunnel(account, secret, id string) Result {
	key, ok := decode64([]byte(secret))
	if !isHex(account, 32) || !isUUID(id) || !ok || len(key) < 32 {
		return mismatch("")
	}
	if !varied(key) {
		return Result{State: Mismatch, Marks: Sample}
	}
	return verified("tunnel " + id + " of account " + account)
}

// tunnelCredentials: the credentials file of cloudflared, or its TunnelSecret
// value alone.
func tunnelCredentials(token []byte) Result {
	if m, ok := object(token); ok {
		if m["TunnelSecret"] == nil {
			return Result{}
		}
		return tunnel(text(m, "AccountTag"), text(m, "TunnelSecret"), text(m, "TunnelID"))
	}
	key, ok := decode64(token)
	switch {
	case !ok || len(key) < 32:
		return Result{}
	case !varied(key):
		return Result{State: Mismatch, Marks: Sample}
	}
	return Result{State: Verified, Marks: Structure, Note: "base64 of a tunnel secret"}
}

// argoCert: cloudflared's cert.pem, whose token block is base64 of a JSON
// object with an API token.
func argoCert(token []byte) Result {
	const label = "ARGO TUNNEL TOKEN"
	block, ok := findPEM(token, label)
	if !ok {
		if bytes.Contains(token, []byte(label)) {
			return mismatch("")
		}
		return Result{}
	}
	m, ok := object(block.data)
	if !ok || text(m, "apiToken") == "" && text(m, "serviceKey") == "" {
		return mismatch("")
	}
	return verified("account " + public(text(m, "accountID")) + ", zone " + public(text(m, "zoneID")))
}

// streamKey: a Stream signing key, base64 of a PEM block or of a JWK.
func streamKey(token []byte) Result {
	raw, ok := decode64(token)
	if !ok {
		return Result{}
	}
	if bytes.HasPrefix(raw, []byte("-----BEGIN ")) {
		return privateKey(raw)
	}
	m, ok := object(raw)
	if !ok || m["kty"] == nil {
		return Result{}
	}
	if m["d"] == nil {
		return Result{Marks: Public, Note: "public half of a key"}
	}
	for _, member := range []string{"n", "e", "d"} {
		if !isNumber(m[member]) {
			return mismatch("")
		}
	}
	return verified("key id " + public(text(m, "kid")))
}

func isNumber(raw json.RawMessage) bool {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return false
	}
	_, ok := decode64([]byte(s))
	return ok
}
