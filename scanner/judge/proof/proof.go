// Package proof checks credentials offline, each kind by its own algorithm: a
// checksum that the issuer puts into the token, or a structure that hardly
// anything else has.
//
// It refuses to know rules, windows and confidence, and it opens no connection:
// a proof says that a token is well formed, never that it is live. Its
// invariant: Check is total. On any bytes it neither panics nor allocates more
// than a small multiple of their length, and a Note holds no part of the secret.
package proof

// State is the outcome of a check.
type State uint8

// The outcomes.
const (
	NotApplicable State = iota // the check says nothing about this token
	Verified                   // the checksum fits, or the structure is complete
	Mismatch                   // the check applies and fails: altered, made up, cut off, or a newer format
)

// Marks are facts about a token that matter to whoever judges it.
type Marks uint8

// The marks.
const (
	Structure Marks = 1 << iota // verified by its structure alone, which a sample has as well
	Encrypted                   // the key material is encrypted with a passphrase
	Public                      // public by design, though it has the shape of a secret
	Sample                      // a published sample, or a shell without key material
	Local                       // usable on the same machine only
)

// Result is what a check found out.
type Result struct {
	State State
	Marks Marks
	Note  string // public facts decoded from the token, such as an account id; never a part of the secret

	// Core is the secret inside the token where it is a smaller part of it,
	// such as the password in a URL. It is for judging only: never print it.
	Core []byte

	Expires int64 // seconds since 1970 at which the token ends, or 0
}

// Has says whether all of the given marks are set.
func (r Result) Has(m Marks) bool { return r.Marks&m == m }

// maxToken bounds the work of one check. The largest honest input is a
// service account file or a PuTTY key of a few kilobytes.
const maxToken = 64 << 10

var checks = map[string]func([]byte) Result{
	"age-key":            ageKey,
	"argo-cert":          argoCert,
	"atlassian-crc32":    atlassian,
	"aws-account":        awsAccount,
	"azure-key":          azureKey,
	"azure-storage":      azureStorage,
	"base58check":        bitcoinKey,
	"basic-auth-url":     basicAuthURL,
	"bech32":             bech32Key,
	"bedrock":            bedrock,
	"bip39":              recoveryPhrase,
	"cloudflare-crc32":   cloudflare,
	"confluent-crc32":    confluent,
	"crates-temporary":   cratesTemporary,
	"db-url":             dbURL,
	"discord-bot":        discordBot,
	"docker-auth":        dockerAuth,
	"entra-secret":       entraSecret,
	"fly-macaroon":       flyMacaroon,
	"github-crc32":       github,
	"github-pat":         githubPAT,
	"gitlab-routable":    gitlabRoutable,
	"grafana-cloud":      grafanaCloud,
	"grafana-crc32":      grafana,
	"jsr-crc32":          jsr,
	"jwt":                jwt,
	"matrix-crc32":       matrix,
	"nats-nkey":          nkey,
	"netbird-crc32":      netbird,
	"npm-crc32":          npm,
	"ntlm-answer":        ntlmAnswer,
	"onepassword":        onePassword,
	"polar-crc32":        polar,
	"private-key":        privateKey,
	"private-key-der":    derKey,
	"pypi-macaroon":      pypi,
	"sentry-org":         sentryOrg,
	"service-account":    serviceAccount,
	"solana-key":         solanaKey,
	"stellar-seed":       stellarSeed,
	"stream-key":         streamKey,
	"supabase-jwt":       supabaseJWT,
	"tunnel-credentials": tunnelCredentials,
	"tunnel-token":       tunnelToken,
	"vercel-crc32":       vercel,
	"xrp-seed":           xrpSeed,
	"zuplo-crc32":        zuplo,
}

// Check runs the named check on a token. An unknown name, an empty token and
// one above 64 KiB are NotApplicable.
func Check(name string, token []byte) Result {
	check := checks[name]
	if check == nil || len(token) == 0 || len(token) > maxToken {
		return Result{}
	}
	return check(token)
}

// verified and mismatch keep the checks readable.
func verified(note string) Result { return Result{State: Verified, Note: note} }
func mismatch(note string) Result { return Result{State: Mismatch, Note: note} }

func verdict(ok bool) Result {
	if ok {
		return Result{State: Verified}
	}
	return Result{State: Mismatch}
}
