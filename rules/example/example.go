// Package example turns the example templates of rules.yaml into text that
// looks like real leaks, so that no file of the project holds anything shaped
// like a secret.
//
// It refuses to know rules: a template and a seed go in, a text comes out. Its
// invariant: the same template and seed always give the same text, and nothing
// in it was ever issued by anybody.
//
// A template is Go's text/template without data. Everything outside {{ }} is
// taken as it is. Each call draws fresh random bytes, so keep a value in a
// variable to use it twice: {{$t := cf "cfut"}}{{$t}} {{$t}}. The functions:
//
//	alnum N, lower N, upper N, digits N       letters and digits, lower case and digits, upper case and digits, digits
//	letters N, low N, hex N, HEX N            letters, lower-case letters, hexadecimal
//	base32 N, b32lower N                      A-Z2-7, a-z2-7
//	b64 N, b64url N                           N characters of base64's alphabets
//	word, uuid, repeat N S                    a word, a version 4 UUID, S repeated
//	base64 S, base64url S, hexof S, percent S a text encoded (base64url without padding)
//	escape S                                  a text as it stands inside a JSON string
//	bad S, short S, long S                    one character changed, taken off the end, added
//	head N S, tail N S                        the first N characters, and all but these
//	cf PREFIX                                 a Cloudflare token: cfut, cfat, cfk, cfast, with its CRC-32
//	cflegacy, cfoat, originca                 other Cloudflare credentials
//	tunnel, tunnelcreds, argocert             cloudflared's token, credentials file and cert.pem
//	turnstile, sitekey                        Turnstile's secret and its public key
//	streampem, streamjwk                      a Stream signing key
//	github PREFIX, githubpat, ghsjwt          ghp, gho, ghu, ghs, ghr; fine-grained; installation token
//	npm, vercel PREFIX, grafana, grafanacloud tokens with their checksum or structure
//	confluent, atlassian, zuplo, gitlab       gitlab is a routable token
//	jsr PREFIX, matrix PREFIX, polar PREFIX   jsrp, jsrd, jsrw; syt, syr, mat, mar, mct, mcr; polar_oat and so on
//	netbird, cratestp                         tokens with their checksum
//	gitlabtoken PREFIX                        a routable token with this prefix
//	onepassword                               a 1Password service account token
//	nkey KIND                                 a NATS seed: A, C, N, O, U or X
//	sentry, pypi, discord, docker             docker is base64 of user:password
//	awskey PREFIX, awssecret                  AKIA, ASIA: a key id that holds an account; a secret key
//	bedrock, bedrockshort                     Amazon Bedrock keys
//	azurestorage, serviceaccount, age         base64 of 64 bytes; Google's JSON key file; an age key
//	jwt CLAIMS                                an HS256 token with these claims (JSON)
//	pem KIND                                  a key that parses: rsa, pkcs8, ec, ed25519, openssh, encrypted, pgp, public
//	der KIND                                  the same in base64 on one line, without its first and last line
//	putty                                     a PuTTY key file
//	django, wpsalt                            keys as Django and WordPress make them
//	password, weak                            a random password, and one that a person chose
package example

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"text/template"
	"unicode"
)

// Expand fills a template in. seed names the text; use the rule's id and the
// template's place in it, so that no two templates share their values.
func Expand(text, seed string) (string, error) {
	g := &generator{rng: rand.New(rand.NewChaCha8(sha256.Sum256([]byte("invented/" + seed))))}
	t, err := template.New("example").Funcs(g.functions()).Parse(text)
	if err != nil {
		return "", fmt.Errorf("example template %q: %w", seed, err)
	}
	var out strings.Builder
	if err := t.Execute(&out, nil); err != nil {
		return "", fmt.Errorf("example template %q: %w", seed, err)
	}
	return out.String(), nil
}

const (
	lowers   = "abcdefghijklmnopqrstuvwxyz"
	uppers   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	numerals = "0123456789"
	alnum62  = numerals + uppers + lowers
	b64chars = uppers + lowers + numerals + "+/"
	b64urls  = uppers + lowers + numerals + "-_"
	base32s  = uppers + "234567"
)

// generator draws everything that one template asks for from one stream.
type generator struct{ rng *rand.Rand }

func (g *generator) functions() template.FuncMap {
	from := func(alphabet string) func(int) string {
		return func(n int) string { return g.pick(alphabet, n) }
	}
	return template.FuncMap{
		"alnum": from(alnum62), "lower": from(lowers + numerals), "upper": from(uppers + numerals),
		"digits": from(numerals), "letters": from(lowers + uppers), "hex": from("0123456789abcdef"),
		"HEX": from("0123456789ABCDEF"), "low": from(lowers), "b32lower": from(lowers + "234567"), "base32": from(base32s), "b64": from(b64chars), "b64url": from(b64urls),
		"word": g.word, "uuid": g.uuid, "repeat": func(n int, s string) string { return strings.Repeat(s, n) },
		"base64": base64Of, "base64url": base64URLOf, "hexof": hexOf, "percent": percentOf, "escape": escapeOf,
		"bad": bad, "short": short, "long": g.long, "head": head, "tail": tail,
		"cf": g.cf, "cflegacy": g.cfLegacy, "cfoat": g.cfoat, "originca": g.originCA,
		"tunnel": g.tunnel, "tunnelcreds": g.tunnelCredentials, "argocert": g.argoCert,
		"turnstile": g.turnstile, "sitekey": g.sitekey, "streampem": g.streamPEM, "streamjwk": g.streamJWK,
		"github": g.github, "githubpat": g.githubPAT, "ghsjwt": g.githubJWT, "npm": g.npm, "vercel": g.vercel,
		"grafana": g.grafana, "grafanacloud": g.grafanaCloud, "confluent": g.confluent, "atlassian": g.atlassian,
		"jsr": g.jsr, "matrix": g.matrix, "polar": g.polar, "netbird": g.netbird, "cratestp": g.cratesTemporary,
		"zuplo": g.zuplo, "gitlab": g.gitlab, "gitlabtoken": g.gitlabToken, "sentry": g.sentry, "pypi": g.pypi, "discord": g.discord,
		"docker": g.docker, "awskey": g.awsKey, "awssecret": g.awsSecret, "bedrock": g.bedrock,
		"bedrockshort": g.bedrockShort, "azurestorage": g.azureStorage, "serviceaccount": g.serviceAccount,
		"django": g.django, "wpsalt": g.wpSalt, "age": g.age, "onepassword": g.onePassword, "nkey": g.nkey, "jwt": g.jwt, "pem": g.pem, "putty": g.putty, "der": g.der, "password": g.password, "weak": g.weak,
	}
}

// pick draws n characters. Long texts hold at least one upper-case letter, one
// lower-case letter and one digit, as far as the alphabet has them: the few
// real tokens that lack one are no good examples.
func (g *generator) pick(alphabet string, n int) string {
	b := make([]byte, max(n, 0))
	for {
		for i := range b {
			b[i] = alphabet[g.rng.IntN(len(alphabet))]
		}
		if n < 16 || varied(alphabet, string(b)) {
			return string(b)
		}
	}
}

func varied(alphabet, s string) bool {
	for _, class := range []func(rune) bool{unicode.IsUpper, unicode.IsLower, unicode.IsDigit} {
		if strings.IndexFunc(alphabet, class) >= 0 && strings.IndexFunc(s, class) < 0 {
			return false
		}
	}
	return true
}

func (g *generator) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.rng.UintN(256))
	}
	return b
}

func (g *generator) word() string {
	words := [...]string{"billing", "harbor", "lantern", "meadow", "orchard", "pelican", "quarry", "saddle", "thicket", "willow"}
	return words[g.rng.IntN(len(words))]
}

func (g *generator) uuid() string {
	b := g.bytes(16)
	b[6], b[8] = b[6]&15|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (g *generator) password() string {
	return g.pick(lowers+uppers, 4) + g.pick(alnum62+"!%*+-_", 12) + g.pick(numerals, 2) + g.pick(uppers, 2)
}

// weak is a word and a number, as people choose them.
func (g *generator) weak() string {
	w := g.word()
	return strings.ToUpper(w[:1]) + w[1:] + g.pick("123456789", 4)
}
