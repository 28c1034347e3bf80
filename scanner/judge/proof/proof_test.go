package proof

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"math/big"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	alnum  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b64url = alnum + "-_"
	hexa   = "0123456789abcdef"
)

// gen makes made-up tokens; nothing here was ever issued.
type gen struct{ r *rand.Rand }

func newGen() gen { return gen{rand.New(rand.NewSource(7))} }

func (g gen) text(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[g.r.Intn(len(alphabet))]
	}
	return string(b)
}

func (g gen) raw(n int) []byte {
	b := make([]byte, n)
	g.r.Read(b)
	return b
}

// ntlm makes an AUTHENTICATE_MESSAGE with an answer of n bytes for the user "me".
func (g gen) ntlm(n int) string {
	m := append([]byte("NTLMSSP\x00\x03\x00\x00\x00"), make([]byte, 52)...)
	field := func(at int, data []byte) {
		binary.LittleEndian.PutUint16(m[at:], uint16(len(data)))
		binary.LittleEndian.PutUint16(m[at+2:], uint16(len(data)))
		binary.LittleEndian.PutUint32(m[at+4:], uint32(len(m)))
		m = append(m, data...)
	}
	field(36, []byte("m\x00e\x00"))
	field(20, g.raw(n))
	return std(m)
}

func (g gen) uuid() string {
	h := g.text(hexa, 32)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func std(b []byte) string    { return base64.StdEncoding.EncodeToString(b) }
func rawurl(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
func sum(s string) uint32    { return crc32.ChecksumIEEE([]byte(s)) }
func little(s string) []byte { return binary.LittleEndian.AppendUint32(nil, sum(s)) }
func sixty2(v uint32) string { return fmt.Sprintf("%06s", swapCase(big.NewInt(int64(v)).Text(62))) }

// swapCase: math/big counts 0-9a-zA-Z, the tokens count 0-9A-Za-z.
func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 32
		case r >= 'A' && r <= 'Z':
			return r + 32
		}
		return r
	}, s)
}

func (g gen) jwt(header, claims string, sigLen int) string {
	return rawurl(header) + "." + rawurl(claims) + "." + base64.RawURLEncoding.EncodeToString(g.raw(sigLen))
}

func (g gen) github(prefix string, n int) string {
	b := g.text(alnum, n)
	return prefix + b + sixty2(sum(b))
}

func (g gen) cloudflare(prefix string) string {
	b := g.text(alnum, 40)
	return fmt.Sprintf("%s%s%08x", prefix, b, sum(b))
}

func (g gen) tunnelJSON(a, s, t string) string {
	return fmt.Sprintf(`{%q:%q,%q:%q,%q:%q}`, a, g.text(hexa, 32), s, std(g.raw(32)), t, g.uuid())
}

func (g gen) pypi() string {
	m := []byte{2, 1, 8}
	m = append(m, "pypi.org"...)
	m = append(m, 2, 36)
	m = append(m, g.uuid()...)
	m = append(m, 0, 2, 20)
	m = append(m, g.raw(20)...)
	m = append(m, 0, 0, 6, 32)
	m = append(m, g.raw(32)...)
	return "pypi-" + base64.RawURLEncoding.EncodeToString(m)
}

func (g gen) githubPAT() string {
	p := "github_pat_" + "1" + g.text(alnum, 21) + "_" + g.text(alnum, 43)
	h := sha256.Sum256([]byte(p))
	return p + base32.StdEncoding.EncodeToString(h[:])[:8] + g.text(alnum, 8)
}

func (g gen) gitlab() string {
	payload := rawurl("o:1\nu:" + g.text(hexa, 6) + "\n" + g.text(alnum, 20))
	t := "glpat-" + payload + ".01." + fmt.Sprintf("%02s", strconv.FormatInt(int64(len(payload)), 36))
	return t + fmt.Sprintf("%07s", strconv.FormatInt(int64(sum(t)), 36))
}

func (g gen) awsID(account uint64) string {
	n := account<<7 | 1<<47 | uint64(g.r.Intn(128))
	raw := binary.BigEndian.AppendUint64(nil, n)[2:]
	raw = append(raw, g.raw(4)...)
	return "AS" + "IA" + base32.StdEncoding.EncodeToString(raw)
}

func (g gen) bedrock() string {
	return "AB" + "SK" + std([]byte("BedrockAPIKey-"+g.text(alnum, 4)+"-at-123456789012:"+std(g.raw(40))))
}

// bech32 is written from the specification of BIP 173, apart from the code.
func bech32(hrp string, data []byte) string {
	const cs = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	var five []int
	acc, bits := 0, 0
	for _, b := range data {
		acc, bits = acc<<8|int(b), bits+8
		for bits >= 5 {
			bits -= 5
			five = append(five, acc>>bits&31)
			acc &= 1<<bits - 1
		}
	}
	if bits > 0 {
		five = append(five, acc<<(5-bits)&31)
	}
	var all []int
	for _, c := range hrp {
		all = append(all, int(c)/32)
	}
	all = append(all, 0)
	for _, c := range hrp {
		all = append(all, int(c)%32)
	}
	all = append(append(all, five...), 0, 0, 0, 0, 0, 0)
	chk := 1
	for _, v := range all {
		b := chk >> 25
		chk = chk&0x1ffffff<<5 ^ v
		for i, gv := range []int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if b>>i&1 != 0 {
				chk ^= gv
			}
		}
	}
	chk ^= 1
	for i := range 6 {
		five = append(five, chk>>(5*(5-i))&31)
	}
	out := hrp + "1"
	for _, v := range five {
		out += cs[v : v+1]
	}
	return strings.ToUpper(out)
}

// alter changes one character to another of the same kind.
func alter(s string, at int) string {
	b := []byte(s)
	switch c := b[at]; {
	case c == '9':
		b[at] = '0'
	case c >= '0' && c < '9', c >= 'a' && c < 'f', c >= 'A' && c < 'F':
		b[at] = c + 1
	case c >= 'f' && c <= 'z':
		b[at] = 'a'
	default:
		b[at] = 'A'
		if c == 'A' {
			b[at] = 'B'
		}
	}
	return string(b)
}

func (g gen) valid() map[string][]string {
	aws := g.awsID(29608264753)
	hs := `{"alg":"HS256","typ":"JWT"}`
	confluent := g.text(alnum, 54)
	glsa := "glsa_" + g.text(alnum, 32)
	atl := "ATATT3xFfGF0" + g.text(b64url, 120) + "="
	zup := g.text(alnum[10:36], 32)
	vc := g.text(b64url, 50)
	list := map[string][]string{
		"cloudflare-crc32":   {g.cloudflare("cfut_"), g.cloudflare("cfat_"), g.cloudflare("cfk_"), g.cloudflare("cfast_")},
		"github-crc32":       {g.github("ghp_", 30), g.github("gho_", 30), g.github("ghs_", 30), g.github("ghr_", 70)},
		"github-pat":         {g.githubPAT()},
		"nats-nkey":          {string(makeNkey(rand.New(rand.NewSource(3)), 'U', true))},
		"npm-crc32":          {g.github("npm_", 30)},
		"vercel-crc32":       {"vcp_" + vc + sixty2(sum(vc))},
		"grafana-crc32":      {fmt.Sprintf("%s_%x", glsa, little(glsa))},
		"confluent-crc32":    {"cflt" + confluent + std(little(confluent))[:6]},
		"atlassian-crc32":    {fmt.Sprintf("%s%08X", atl, sum(atl))},
		"zuplo-crc32":        {fmt.Sprintf("zpka_%s_%08x", zup, sum(zup))},
		"gitlab-routable":    {g.gitlab()},
		"jwt":                {g.jwt(hs, `{"iss":"https://team.example","exp":1700000000}`, 32), "sk-ant-si-" + g.jwt(hs, `{"sub":"session"}`, 32), "ghs_123_" + g.jwt(`{"alg":"RS256"}`, `{}`, 256)},
		"supabase-jwt":       {g.jwt(hs, `{"iss":"supabase","ref":"abcd","role":"service_role"}`, 32)},
		"tunnel-token":       {std([]byte(g.tunnelJSON("a", "s", "t")))},
		"tunnel-credentials": {g.tunnelJSON("AccountTag", "TunnelSecret", "TunnelID"), std(g.raw(32))},
		"argo-cert":          {pemText("ARGO TUNNEL TOKEN", []byte(`{"zoneID":"z","accountID":"a","apiToken":"`+g.text(b64url, 40)+`"}`))},
		"pypi-macaroon":      {g.pypi()},
		"sentry-org":         {"sntrys_" + std([]byte(`{"iat":1.5,"url":"https://sentry.io","org":"acme"}`)) + "_" + g.text(b64url, 43)},
		"onepassword":        {"ops_" + rawurl(`{"signInAddress":"my.1password.com","secretKey":"x","muk":{}}`)},
		"grafana-cloud":      {"glc_" + std([]byte(`{"o":"12345","n":"ci","k":"`+g.text(alnum, 20)+`","m":{"r":"eu"}}`))},
		"ntlm-answer":        {g.ntlm(24), g.ntlm(200)},
		"docker-auth":        {std([]byte("robot:" + g.text(alnum, 16)))},
		"discord-bot":        {rawurl("123456789012345678") + "." + g.text(b64url, 6) + "." + g.text(b64url, 38)},
		"bedrock":            {g.bedrock(), "bedrock-api-key-" + std([]byte("bedrock.amazonaws.com/?Action=CallWithBearerToken"))},
		"azure-storage":      {std(g.raw(64)), "AccountName=x;AccountKey=" + std(g.raw(64)) + ";EndpointSuffix=core.windows.net"},
		"age-key":            {bech32("age-secret-key-", g.raw(32))},
		"db-url":             {"postgres://app:" + g.text(alnum, 12) + "@db.internal:5432/app"},
		"basic-auth-url":     {"https://bot:" + g.text(alnum, 12) + "@git.internal/x"},
		"service-account":    {serviceAccountJSON(), std([]byte(serviceAccountJSON()))},
		"stream-key":         {std([]byte(pemText("RSA PRIVATE KEY", rsaDER))), std([]byte(`{"use":"sig","kty":"RSA","kid":"k1","n":"` + rawurl("nnn") + `","e":"AQAB","d":"` + rawurl("ddd") + `"}`))},
		"private-key":        privateKeys(g),
		"aws-account":        {aws},
		"private-key-der":    {std(rsaDER)},
		"bip39":              {g.phrase(12), g.phrase(24)},
		"fly-macaroon":       {"fm2_" + std(append([]byte{0x94, 0x93, 0xc4, 0x10}, g.raw(80)...))},
	}
	for name, token := range g.wallets() {
		list[name] = []string{token}
	}
	maps.Copy(list, g.registries())
	return list
}

func TestValidTokensAreVerified(t *testing.T) {
	valid := newGen().valid()
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		if len(valid[name]) == 0 {
			t.Errorf("%s: no valid token in this test", name)
		}
		for i, token := range valid[name] {
			want := Verified
			if name == "aws-account" || name == "crates-temporary" {
				want = NotApplicable
			}
			if r := Check(name, []byte(token)); r.State != want {
				t.Errorf("%s %d: state %d, note %q", name, i, r.State, r.Note)
			}
		}
	}
}

// Every altered character of a token with a checksum shows; the checks that
// only speak for a token fall silent.
func TestAlteredTokens(t *testing.T) {
	valid := newGen().valid()
	for _, name := range []string{"cloudflare-crc32", "github-crc32", "npm-crc32", "vercel-crc32", "grafana-crc32",
		"confluent-crc32", "atlassian-crc32", "zuplo-crc32", "age-key", "github-pat", "gitlab-routable",
		"jsr-crc32", "netbird-crc32", "polar-crc32"} {
		want := Mismatch
		if name == "github-pat" || name == "gitlab-routable" {
			want = NotApplicable
		}
		for _, token := range valid[name] {
			from := strings.LastIndexByte(token[:16], '_') + 1
			if name == "age-key" || name == "atlassian-crc32" {
				from = 16
			}
			for at := max(from, 6); at < len(token); at++ {
				if name == "github-pat" && at >= len(token)-8 {
					break
				}
				bad := alter(token, at)
				if token[at] == '_' || token[at] == '=' || token[at] == '.' || bad == token {
					continue
				}
				if r := Check(name, []byte(bad)); r.State != want {
					t.Errorf("%s altered at %d: state %d, want %d", name, at, r.State, want)
				}
			}
		}
	}
}

func TestStates(t *testing.T) {
	g := newGen()
	tun := g.tunnelJSON("a", "s", "t")
	hs := `{"alg":"HS256"}`
	seq := make([]byte, 64)
	for i := range seq {
		seq[i] = byte(i % 8)
	}
	tests := []struct {
		name, token string
		state       State
		marks       Marks
		note        string
	}{
		{"unknown", "x", NotApplicable, 0, ""},
		{"jwt", "", NotApplicable, 0, ""},
		{"jwt", "a.b.c", Mismatch, 0, ""},
		{"jwt", "plain", NotApplicable, 0, ""},
		{"jwt", g.jwt(hs, `{"iss":"x"}`, 31), Mismatch, 0, ""},
		{"jwt", g.jwt(hs, `{"sub":"1234567890","name":"John Doe"}`, 32), Verified, Structure | Sample, "alg HS256"},
		{"jwt", g.jwt(`{"alg":"ed25519-nkey"}`, `{"iss":"x","nats":{"type":"user"}}`, 64), Verified, Structure | Public, "alg ed25519-nkey, iss x, NATS claims, which are worth nothing without the seed"},
		{"jwt", g.jwt(`{"alg":"ed25519-nkey"}`, `{"iss":"x","nats":{"type":"user","bearer_token":true}}`, 64), Verified, Structure, "alg ed25519-nkey, iss x"},
		{"jwt", g.jwt(hs, `{"iss":"https://t.example","exp":1700000000}`, 32), Verified, Structure, "alg HS256, iss https://t.example, exp 2023-11-14"},
		{"supabase-jwt", g.jwt(hs, `{"iss":"supabase","ref":"r","role":"anon"}`, 32), Verified, Structure | Public, "alg HS256, iss supabase, role anon, project r"},
		{"supabase-jwt", g.jwt(hs, `{"iss":"supabase-demo","role":"service_role"}`, 32), Verified, Structure | Sample, "alg HS256, iss supabase-demo, role service_role"},
		{"supabase-jwt", g.jwt(hs, `{"iss":"other"}`, 32), NotApplicable, 0, "alg HS256, iss other"},
		{"tunnel-token", std([]byte(tun[:len(tun)-4])), Mismatch, 0, ""},
		{"tunnel-token", std([]byte(strings.Replace(tun, `"t"`, `"x"`, 1))), NotApplicable, 0, ""},
		{"tunnel-credentials", std(seq[:32]), Mismatch, Sample, ""},
		{"tunnel-credentials", "short", NotApplicable, 0, ""},
		{"azure-storage", std(seq), Mismatch, 0, ""},
		{"aws-account", g.awsID(29608264753), NotApplicable, 0, "AWS account 029608264753"},
		{"aws-account", "AK" + "IA" + "I" + g.text(alnum[10:36], 15), NotApplicable, 0, ""},
		{"aws-account", g.awsID(1099511627775), Mismatch, 0, ""},
		{"db-url", "postgres://user:pw@localhost/db", Verified, Structure | Local, "host localhost"},
		{"db-url", "postgres://user:pw@example.com/db", Verified, Structure | Sample, "host example.com"},
		{"db-url", "postgres://db.internal:5432/app", NotApplicable, 0, ""},
		{"db-url", "postgres://app@db.internal/app", NotApplicable, 0, ""},
		{"basic-auth-url", "https://host:8080/a@b", NotApplicable, 0, ""},
		{"basic-auth-url", "https://registry.internal/@scope/a", NotApplicable, 0, ""},
		{"ntlm-answer", g.ntlm(16), NotApplicable, 0, ""},
		{"ntlm-answer", g.ntlm(24)[:88], NotApplicable, 0, ""},
		{"docker-auth", std([]byte{0, 1, 2, ':', 3}), NotApplicable, 0, ""},
		{"stream-key", std([]byte(`{"kty":"RSA","n":"AQAB","e":"AQAB"}`)), NotApplicable, Public, "public half of a key"},
		{"pypi-macaroon", "pypi-" + g.text(b64url, 100), Mismatch, 0, ""},
		{"discord-bot", rawurl("notanumber1234567") + "." + g.text(alnum, 6) + "." + g.text(alnum, 27), Mismatch, 0, ""},
		{"sentry-org", "sntrys_" + g.text(alnum, 60) + "_" + g.text(alnum, 43), Mismatch, 0, ""},
		{"bedrock", "AB" + "SK" + g.text(alnum, 128), Mismatch, 0, ""},
	}
	for i, tt := range tests {
		r := Check(tt.name, []byte(tt.token))
		if r.State != tt.state || r.Marks != tt.marks || r.Note != tt.note {
			t.Errorf("%d %s: got state %d marks %b note %q", i, tt.name, r.State, r.Marks, r.Note)
		}
	}
}

func TestCoreIsThePassword(t *testing.T) {
	for token, want := range map[string]string{
		"postgres" + "://app:s3:c@t@db.internal/app":    "s3:c@t",
		"mysql" + "://app:a%40b%2Fc@10.0.0.1:3306/x":    "a@b/c",
		"redis" + "://:only@cache.internal:6379":        "only",
		"mongodb+srv" + "://u:p/w@cluster0.mongodb.net": "p/w",
	} {
		if r := Check("db-url", []byte(token)); string(r.Core) != want {
			t.Errorf("%s: core %q", token, r.Core)
		}
	}
}

// TestLinearTime holds the promise of bounded work on the largest input.
func TestLinearTime(t *testing.T) {
	begin := "-----BEGIN " + "RSA PRIVATE KEY-----"
	for _, piece := range []string{begin, "{\"a\":", "eyJ", "a.", "[", "\\n+", "://a:b@", "-----BEGIN ", "PRIVATE KEY"} {
		token := []byte(strings.Repeat(piece, maxToken/len(piece)))
		for _, name := range slices.Sorted(maps.Keys(checks)) {
			best := time.Hour
			for range 3 { // other programs may be at work
				from := time.Now()
				Check(name, token)
				if best = min(best, time.Since(from)); best < time.Second {
					break
				}
			}
			if best > 2*time.Second {
				t.Errorf("%s on %q: %v", name, piece, best)
			}
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, tokens := range newGen().valid() {
		for _, t := range tokens {
			f.Add([]byte(t))
		}
	}
	names := slices.Sorted(maps.Keys(checks))
	f.Fuzz(func(t *testing.T, token []byte) {
		before := slices.Clone(token)
		for _, n := range names {
			r := Check(n, token)
			if r.Core == nil && len(r.Note) > 400 {
				t.Fatalf("%s: note of %d bytes", n, len(r.Note))
			}
		}
		if !slices.Equal(before, token) {
			t.Fatal("the token was changed")
		}
	})
}
