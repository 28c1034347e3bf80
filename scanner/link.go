package scanner

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"keyrake/scanner/finding"
)

// r2Reason is told of a secret key of R2 whose API token was found too.
const r2Reason = "is the SHA-256 of a Cloudflare API token that was found too: whoever rolls the token ends both"

// link says of findings which others stand or fall with them: a secret key of R2
// with its API token, the token of a tunnel with the tunnel's credentials, a
// certificate of cloudflared with the API token in it. Each of the two names the
// other. The key of R2 is proven by its token: it is the token's SHA-256.
func link(list []finding.Finding) {
	at := linkable(list)
	name := func(from, to int, says string) {
		if from != to {
			list[from].Tie(finding.Ties{Links: []finding.Link{{Says: says, Title: list[to].Rule.Title, Fingerprint: list[to].Fingerprint}}})
		}
	}
	tunnels := map[string]int{}
	for i := range list {
		f := &list[i]
		if f.Rule.Provider != "cloudflare" {
			continue
		}
		secret := f.Secret.Reveal()
		if n, ok := madeFrom(secret, at); ok {
			name(i, n, "made from this token: rolling the token ends both")
			name(n, i, "the token that this key is the SHA-256 of: rolling it ends both")
			key := &list[n]
			key.Proof, key.Confidence = "verified", max(key.Confidence, 0.99)
			key.Reasons = append(key.Reasons[:len(key.Reasons):len(key.Reasons)], r2Reason)
		}
		if inner := innerToken(secret); inner != "" {
			if n, ok := at[inner]; ok {
				name(i, n, "the API token that this certificate holds")
				name(n, i, "a certificate that holds this token")
			}
		}
		if key := tunnelOf(secret); key != "" {
			if n, ok := tunnels[key]; ok {
				name(i, n, "the same tunnel and secret in another form: one rotation ends both")
				name(n, i, "the same tunnel and secret in another form: one rotation ends both")
			} else {
				tunnels[key] = i
			}
		}
	}
}

// madeFrom gives the number of the finding whose secret is the SHA-256 of this one.
func madeFrom(secret string, at map[string]int) (n int, ok bool) {
	if len(at) == 0 { // as nearly always
		return 0, false
	}
	sum := sha256.Sum256([]byte(secret))
	n, ok = at[hex.EncodeToString(sum[:])]
	return n, ok
}

// linkable numbers the findings whose secret is as long as a SHA-256 in
// hexadecimal digits, or stands in the certificate of another: of a million
// findings few are.
func linkable(list []finding.Finding) map[string]int {
	inner := map[string]bool{}
	for i := range list {
		if token := innerToken(list[i].Secret.Reveal()); token != "" {
			inner[token] = true
		}
	}
	at := map[string]int{}
	for i := range list {
		if secret := list[i].Secret.Reveal(); len(secret) == 2*sha256.Size || inner[secret] {
			at[secret] = i
		}
	}
	return at
}

// tunnelOf names the tunnel and secret that a token or a credentials file of
// cloudflared holds; "" if it is neither.
func tunnelOf(secret string) string {
	const least, most = 60, 2000
	if len(secret) < least || len(secret) > most {
		return ""
	}
	text := []byte(secret)
	if secret[0] != '{' {
		var err error
		if text, err = base64.StdEncoding.DecodeString(secret); err != nil {
			return ""
		}
	}
	var t struct {
		T, S         string
		TunnelSecret string
		TunnelID     string
	}
	if json.Unmarshal([]byte(strings.ReplaceAll(string(text), `\"`, `"`)), &t) != nil {
		return ""
	}
	if t.TunnelID != "" {
		t.T, t.S = t.TunnelID, t.TunnelSecret
	}
	if t.T == "" || t.S == "" {
		return ""
	}
	return t.T + " " + t.S
}

// innerToken gives the API token in a certificate of cloudflared; "" if the
// secret is none.
func innerToken(secret string) string {
	body, ok := strings.CutPrefix(secret, "-----BEGIN ARGO TUNNEL TOKEN-----")
	if !ok {
		return ""
	}
	body, _, _ = strings.Cut(body, "-----END")
	text, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\n", "", "\r", "", `\n`, "", " ", "").Replace(body))
	if err != nil {
		return ""
	}
	var cert struct{ APIToken string }
	if json.Unmarshal(text, &cert) != nil {
		return ""
	}
	return cert.APIToken
}
