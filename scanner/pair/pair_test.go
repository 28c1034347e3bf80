package pair

import (
	"strings"
	"testing"

	"keyrake/rules"
)

const (
	idA = "0123456789abcdef0123456789abcdef"
	idB = "fedcba9876543210fedcba9876543210"
)

// TestFind looks for parts round a secret, which texts have a lone S for.
func TestFind(t *testing.T) {
	for _, test := range []struct{ name, rule, provider, text, want string }{
		{"account in TOML", "cf-user-api-token", "cloudflare", "account_id = \"" + idA + "\"\n[vars]\nT = \"S\"\n", "account id=" + idA},
		{"account in a call", "cf-user-api-token", "cloudflare", "createWorkersAI({ accountId: \"" + idA + "\", apiKey: \"S\" })", "account id=" + idA},
		{"account in a URL", "cf-api-token-legacy-near", "cloudflare", "curl https://api.cloudflare.com/client/v4/accounts/" + idA + "/ai/run -H 'Authorization: Bearer S'", "account id=" + idA},
		{"account of a gateway", "cf-user-api-token", "cloudflare", "https://gateway.ai.cloudflare.com/v1/" + idA + "/gw S", "account id=" + idA},
		{"reference", "cf-user-api-token", "cloudflare", "accountId: env.ACCOUNT_ID, apiKey: \"S\"", ""},
		{"account of another service", "cf-user-api-token", "cloudflare", "AWS_ACCOUNT_ID=123456789012\nT=S\n", ""},
		{"fewer breaks win over nearness", "cf-user-api-token", "cloudflare", "a: { account_id: \"" + idA + "\",                                       t: \"S\" }, b: { account_id: \"" + idB + "\" }", "account id=" + idA},
		{"the nearer one", "cf-user-api-token", "cloudflare", "account_id = \"" + idA + "\"\nx = 1\ny = 2\nt = \"S\"\naccount_id = \"" + idB + "\"", "account id=" + idB},
		{"email of a global key", "cf-global-api-key", "cloudflare", "-H 'X-Auth-Email: ada@acme.dev' -H 'X-Auth-Key: S'", "email=ada@acme.dev"},
		{"Access", "cf-access-secret-legacy", "cloudflare", "CF-Access-Client-Id: " + idA + ".access\nCF-Access-Client-Secret: S", "client id=" + idA + ".access"},
		{"R2", "cf-r2-secret-near", "cloudflare", "endpoint: \"https://" + idB + ".r2.cloudflarestorage.com\", accessKeyId: \"" + idA + "\", secretAccessKey: \"S\"", "access key id=" + idA + " account id=" + idB},
		{"Turnstile", "cf-turnstile-secret", "cloudflare", "SITE=0x4AAAAAAA12345678901234\nSECRET=S", "site key=0x4AAAAAAA12345678901234"},
		{"Twilio", "twilio-auth-token", "twilio", "sid = 'AC" + idA + "'\ntoken = 'S'", "account sid=AC" + idA},
		{"client", "spotify-client-secret", "spotify", "SPOTIFY_CLIENT_ID=abc123def\nGITHUB_CLIENT_ID=other\nSPOTIFY_CLIENT_SECRET=S", "client id=abc123def"},
		{"client of nobody", "generic-secret", "generic", "{ clientId: \"abc123def\", clientSecret: \"S\" }", "client id=abc123def"},
		{"user", "generic-password", "generic", "db:\n  username: harbor\n  password: S\n", "user=harbor"},
		{"user after it", "generic-password", "generic", "{\"password\": \"S\", \"user\": \"harbor\"}", "user=harbor"},
		{"user of the same stem", "generic-password", "generic", "DB_USER=harbor\nSMTP_USER=postman\nDB_PASSWORD=S\n", "user=harbor"},
		{"user of another block", "generic-password", "generic", "username: harbor\n\npassword: S\n", ""},
		{"user that is read", "generic-password", "generic", "user: process.env.DB_USER, password: \"S\"", ""},
		{"user in a URL", "basic-auth-url", "generic", "https://harbor:S@repo.acme.dev/", "user=harbor"},
		{"no user of a token", "generic-secret", "generic", "username: harbor\ntoken: S\n", ""},
		{"no name at all", "generic-password", "generic", "S", ""},
		{"a rule without parts", "github-token", "github", "user: x\ntoken: S", ""},
	} {
		secret := strings.Repeat("q8Zr", 4)
		at := lastAlone(test.text)
		text := test.text[:at] + secret + test.text[at+1:]
		r := &rules.Rule{ID: test.rule, Provider: test.provider}
		var got []string
		if May(r) {
			for _, m := range Find(r, []byte(text), at, at+len(secret)) {
				got = append(got, m.Role+"="+text[m.Start:m.End])
			}
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: %q, want %q", test.name, s, test.want)
		}
	}
}

// lastAlone gives where the last "S" without a letter beside it stands.
func lastAlone(text string) int {
	for i := len(text) - 1; i >= 0; i-- {
		letter := func(k int) bool {
			return k >= 0 && k < len(text) && (text[k] >= 'A' && text[k] <= 'Z' || text[k] >= 'a' && text[k] <= 'z' || text[k] == '_')
		}
		if text[i] == 'S' && !letter(i-1) && !letter(i+1) {
			return i
		}
	}
	return -1
}

func TestInFile(t *testing.T) {
	text := "# /accounts/" + idB + "/workers\naccount_id = \"" + idA + "\"\n[env.x]\naccount_id = \"" + idA + "\"\n"
	var got []string
	for _, m := range InFile(AccountID, []byte(text)) {
		got = append(got, text[m.Start:m.End])
	}
	if strings.Join(got, " ") != idB+" "+idA {
		t.Errorf("%q", got)
	}
	if InFile("user", []byte("user = x")) != nil {
		t.Error("a user is looked for in other files")
	}
}

func FuzzFind(f *testing.F) {
	f.Add("account_id = \""+idA+"\"\nT = \"x\"", 10, 3)
	f.Add("username: a\npassword: b", 23, 1)
	f.Add("\xff MyPassWord=", 0, 1)
	f.Add("x.clientSecret: \"", 0, 1)
	f.Add("DB_PWD := ", 0, 1)
	f.Fuzz(func(t *testing.T, text string, start, n int) {
		if m := nameBefore().FindSubmatch([]byte(text)); m != nil && (isPassword(string(m[1])) || isClientSecret(string(m[1]))) && !tellsUse([]byte(text)) {
			t.Fatalf("the name %q is not seen", m[1])
		}
		for _, id := range []string{"cf-r2-secret", "cf-global-api-key", "generic-password", "x-client-secret"} {
			for _, m := range Find(&rules.Rule{ID: id, Provider: "generic"}, []byte(text), start, start+n) {
				if m.Start < 0 || m.Start >= m.End || m.End > len(text) || m.Start < start+n && start < m.End {
					t.Fatalf("%s: %+v", id, m)
				}
			}
		}
	})
}
