package proof

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// jwt: a signed token in three parts, or an encrypted one in five.
func jwt(token []byte) Result {
	r, claims := parseJWT(token)
	if r.State == Verified && text(claims, "role") == "anon" && strings.HasPrefix(text(claims, "iss"), "supabase") {
		r.Marks |= Public // of Supabase, for every visitor of a page
	}
	return r
}

func parseJWT(token []byte) (Result, map[string]json.RawMessage) {
	for _, mark := range []string{"glcbt-", "nf-", "sk-ant-si-", "sk-ant-cc-"} {
		token = bytes.TrimPrefix(token, []byte(mark))
	}
	// A stateless GitHub token is a number and a JWT.
	if rest, ok := bytes.CutPrefix(token, []byte("ghs_")); ok {
		_, token, _ = bytes.Cut(rest, []byte("_"))
	}
	parts := bytes.Split(token, []byte("."))
	if len(parts) != 3 && len(parts) != 5 {
		return Result{}, nil
	}
	raw, ok := decode64(parts[0])
	header, isObject := object(raw)
	alg := text(header, "alg")
	if !ok || !isObject || alg == "" {
		return mismatch(""), nil
	}
	note := "alg " + public(alg)
	if len(parts) == 5 {
		return Result{State: Verified, Marks: Structure | Encrypted, Note: note + ", encrypted"}, nil
	}
	raw, ok = decode64(parts[1])
	if !ok || !fitsSignature(alg, parts[2]) {
		return mismatch(""), nil
	}
	claims, ok := object(raw)
	if !ok {
		if text(header, "zip") == "" {
			return mismatch(""), nil
		}
		return Result{State: Verified, Marks: Structure, Note: note}, nil
	}
	r := describe(claims, note)
	if strings.HasPrefix(alg, "ed25519") && isNATS(claims) {
		r.Marks |= Public
		r.Note += ", NATS claims, which are worth nothing without the seed"
	}
	return r, claims
}

// isNATS knows the claims of a NATS operator, account or user. Whoever shows
// them has to sign with the seed as well, except where they say otherwise.
func isNATS(claims map[string]json.RawMessage) bool {
	nats, ok := object(claims["nats"])
	return ok && !bytes.Equal(bytes.TrimSpace(nats["bearer_token"]), []byte("true"))
}

func describe(claims map[string]json.RawMessage, note string) Result {
	r := Result{State: Verified, Marks: Structure}
	if iss := text(claims, "iss"); iss != "" {
		note += ", iss " + public(iss)
	}
	var exp float64
	if json.Unmarshal(claims["exp"], &exp) == nil && exp > 0 && exp < 1<<40 {
		r.Expires = int64(exp)
		note += ", exp " + time.Unix(r.Expires, 0).UTC().Format(time.DateOnly)
	}
	// The subject of the sample on jwt.io, which fills tutorials and tests.
	if text(claims, "sub") == "1234567890" || text(claims, "name") == "John Doe" {
		r.Marks |= Sample
	}
	r.Note = note
	return r
}

// fitsSignature compares the length of the signature with what alg yields. An
// unknown algorithm fits with any length.
func fitsSignature(alg string, part []byte) bool {
	if strings.EqualFold(alg, "none") {
		return true
	}
	sig, ok := decode64(part)
	if !ok {
		return false
	}
	switch alg {
	case "HS256":
		return len(sig) == 32
	case "HS384":
		return len(sig) == 48
	case "HS512", "ES256", "ES256K", "EdDSA":
		return len(sig) == 64 || alg == "EdDSA" && len(sig) == 114
	case "ES384":
		return len(sig) == 96
	case "ES512":
		return len(sig) == 132
	case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512":
		return len(sig) >= 128
	}
	return true
}

// supabaseJWT: a project key whose role says whether it is secret.
func supabaseJWT(token []byte) Result {
	r, claims := parseJWT(token)
	if r.State != Verified {
		return r
	}
	iss := text(claims, "iss")
	role := text(claims, "role")
	if !strings.HasPrefix(iss, "supabase") || role == "" {
		return Result{Note: r.Note}
	}
	r.Note += ", role " + public(role)
	if role == "anon" {
		r.Marks |= Public
	}
	if iss == "supabase-demo" {
		r.Marks |= Sample
	}
	if ref := text(claims, "ref"); ref != "" {
		r.Note += ", project " + public(ref)
	}
	return r
}
