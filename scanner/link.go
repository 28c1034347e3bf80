package scanner

import (
	"crypto/sha256"
	"encoding/hex"

	"keyrake/scanner/judge"
)

// r2Reason is told of a secret key of R2 whose API token was found too.
const r2Reason = "is the SHA-256 of a Cloudflare API token that was found too: whoever rolls the token ends both"

// link proves what only shows when all secrets are known: the secret access key
// of R2 is the SHA-256 of the API token that it was made with.
func link(gs []group) {
	sums := map[string]bool{}
	for i := range gs {
		if r := gs[i].best.rule; r.Provider == "cloudflare" && len(gs[i].secret) >= 40 && len(gs[i].secret) <= 80 {
			sum := sha256.Sum256([]byte(gs[i].secret))
			sums[hex.EncodeToString(sum[:])] = true
		}
	}
	for i := range gs {
		if !sums[gs[i].secret] {
			continue
		}
		v := *gs[i].best
		v.Proof, v.Confidence = judge.Verified, 0.99
		v.Reasons = append(v.Reasons[:len(v.Reasons):len(v.Reasons)], r2Reason)
		gs[i].best = &v
	}
}
