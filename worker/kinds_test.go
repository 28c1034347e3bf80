package worker_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"keyrake/rules"
	"keyrake/rules/example"
	"keyrake/scanner"
)

var update = flag.Bool("update", false, "write docs/cloudflare.md anew")

// kind is one sort of credential of Cloudflare: the name that people give it,
// how its value is made, and a form of its own with the value as $V, if it has one.
type kind struct{ title, name, value, own string }

func kinds() []kind {
	return []kind{
		{"user API token", "CLOUDFLARE_API_TOKEN", `{{cf "cfut"}}`, "curl -H 'Authorization: Bearer $V' https://api.cloudflare.com/client/v4/user"},
		{"account API token", "CF_API_TOKEN", `{{cf "cfat"}}`, "curl -H 'Authorization: Bearer $V' https://api.cloudflare.com/client/v4/accounts"},
		{"Global API key", "CLOUDFLARE_API_KEY", `{{cf "cfk"}}`, "curl -H 'X-Auth-Email: a@acme.dev' -H 'X-Auth-Key: $V' https://api.cloudflare.com/client/v4/zones"},
		{"Access service token", "CF_ACCESS_CLIENT_SECRET", `{{cf "cfast"}}`, "curl -H 'CF-Access-Client-Secret: $V' https://app.acme.dev"},
		{"OAuth access token", "oauth_token", `{{cfoat}}`, "oauth_token = \"$V\"\nexpiration_time = \"2026-11-25T00:00:00.000Z\"\n"},
		{"OAuth refresh token", "refresh_token", `{{b64url 43}}.{{b64url 43}}`, "oauth_token = \"\"\nrefresh_token = \"$V\"\nscopes = [\"workers:write\"]\n"},
		{"API token before 2026", "CLOUDFLARE_API_TOKEN", `{{cflegacy}}`, "createWorkersAI({ accountId: a, apiKey: \"$V\" })"},
		{"Global API key before 2026", "CLOUDFLARE_API_KEY", `{{hex 37}}`, "curl -H 'X-Auth-Email: a@acme.dev' -H 'X-Auth-Key: $V' https://api.cloudflare.com/client/v4/zones"},
		{"Origin CA key", "CLOUDFLARE_API_USER_SERVICE_KEY", `{{originca}}`, "curl -H 'X-Auth-User-Service-Key: $V' https://api.cloudflare.com/client/v4/certificates"},
		{"Access secret before 2026", "CF_ACCESS_CLIENT_SECRET", `{{hex 64}}`, "curl -H 'CF-Access-Client-Id: {{hex 32}}.access' -H 'CF-Access-Client-Secret: $V' https://app.acme.dev"},
		{"tunnel token", "TUNNEL_TOKEN", `{{tunnel}}`, "cloudflared tunnel run --token $V"},
		{"tunnel credentials", "", `{{tunnelcreds}}`, "$V"},
		{"cloudflared cert.pem", "", `{{argocert}}`, "$V"},
		{"R2 secret access key", "R2_SECRET_ACCESS_KEY", `{{hex 64}}`, "new S3Client({ endpoint: \"https://{{hex 32}}.r2.cloudflarestorage.com\", credentials: { accessKeyId: \"{{hex 32}}\", secretAccessKey: \"$V\" } })"},
		{"R2 key pair", "", `{{hex 64}}`, "R2_ACCESS_KEY_ID={{hex 32}}\nR2_SECRET_ACCESS_KEY=$V\n"},
		{"Turnstile secret", "TURNSTILE_SECRET_KEY", `{{turnstile}}`, "fetch(verify, { body: { secret: \"$V\" } })"},
		{"Workers Builds hook", "", `{{uuid}}`, "curl -X POST https://api.cloudflare.com/client/v4/workers/builds/deploy_hooks/$V"},
		{"Pages hook", "", `{{uuid}}`, "curl -X POST https://api.cloudflare.com/client/v4/pages/webhooks/deploy_hooks/$V"},
		{"Stream signing key", "STREAM_SIGNING_JWK", `{{streamjwk}}`, "const jwk = \"$V\";"},
		{"Stream live key", "STREAM_KEY", `{{hex 32}}k{{hex 32}}`, "ffmpeg -f flv rtmps://live.cloudflare.com:443/live/$V"},
		{"Images key", "CLOUDFLARE_IMAGES_KEY", `{{alnum 40}}`, "const KEY = '$V';\nconst url = new URL(`https://imagedelivery.net/${hash}/x/public`);\n"},
		{"Realtime secret", "CALLS_APP_SECRET", `{{hex 64}}`, "curl https://rtc.live.cloudflare.com/v1/apps/{{hex 32}}/sessions/new -H 'Authorization: Bearer $V'"},
		{"Logpush destination", "", `{{hex 64}}`, "destination_conf = \"r2://logs/x?account-id={{hex 32}}&access-key-id={{hex 32}}&secret-access-key=$V\""},
		{"Hyperdrive connection", "", `{{password}}`, "localConnectionString = \"postgres://app:$V@db.acme-internal.net:5432/app\""},
		{"WARP client secret", "", `{{hex 64}}`, "<key>auth_client_secret</key>\n<string>$V</string>\n"},
		{"webhook secret", "CF_WEBHOOK_AUTH", `{{alnum 32}}`, "if (request.headers.get(\"cf-webhook-auth\") !== \"$V\") return new Response(null, { status: 401 });"},
		{"mTLS key", "", `{{pem "ec"}}`, "$V"},
		{"wrangler's login", "", `{{b64url 43}}.{{b64url 43}}`, "oauth_token = \"\"\nrefresh_token = \"$V\"\nexpiration_time = \"2026-11-25T00:00:00.000Z\"\n"},
		{"temporary account", "", `{{cf "cfut"}}`, "[account]\napiToken = \"$V\"\n[claim]\nurl = \"https://dash.cloudflare.com/claim\"\n"},
		{"workers-oauth-provider token", "", `{{alnum 8}}:{{b64url 16}}:{{b64url 32}}`, "curl -H 'Authorization: Bearer $V' https://mcp.acme.dev/sse"},
		{"Access JWT", "WRANGLER_CF_AUTHORIZATION_TOKEN", `{{jwt "{\"iss\":\"https://acme.cloudflareaccess.com\",\"exp\":4102444800,\"type\":\"app\"}"}}`, "curl -H 'cookie: CF_Authorization=$V' https://app.acme.dev"},
		{"clearance cookie", "cf_clearance", `{{b64url 43}}-1764000000-1.2.1.1-{{b64url 80}}`, "curl -H 'cookie: cf_clearance=$V' https://acme.dev"},
	}
}

// surface writes a named value as some sort of file does.
type surface struct{ title, format string }

func surfaces() []surface {
	return []surface{
		{".env", "A=1\n%s=%s\nB=2\n"},
		{"vars (TOML)", "[vars]\nA = \"b\"\n%s = \"%s\"\n"},
		{"vars (JSON)", "{ \"vars\": { \"A\": \"b\", \"%s\": \"%s\" } }\n"},
		{"CI (YAML)", "env:\n  %s: %s\n"},
		{"fallback", "const t = env.%s || \"%s\";\n"},
		{"wrangler types", "interface Env {\n\t%s: \"%s\";\n}\n"},
		{"notebook", "{ \"source\": [\"%s = \\\"%s\\\"\\n\"] }\n"},
		{"MCP", "{ \"mcpServers\": { \"x\": { \"env\": { \"%s\": \"%s\" } } } }\n"},
	}
}

// TestKinds makes the table of what is found where, and lets no cell get worse
// than in docs/cloudflare.md.
func TestKinds(t *testing.T) {
	var b strings.Builder
	b.WriteString("# What is found where\n\nMade by `go test ./worker -run Kinds -update`: every sort of credential of Cloudflare, in a form of its own and as files of a Workers\nproject name it. `yes` is found, `no` is not, and `–` means that the value is not written so. Files that are findings by their\npaths (wrangler's login, cloudflared's credentials) are found besides.\n\n| credential | own form |")
	for _, s := range surfaces() {
		b.WriteString(" " + s.title + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(surfaces())+1) + "\n")
	for i, k := range kinds() {
		fmt.Fprintf(&b, "| %s |", k.title)
		seed := fmt.Sprintf("kind/%d", i)
		value, err := example.Expand(k.value, seed)
		if err != nil {
			t.Fatal(err)
		}
		own, err := example.Expand(k.own, seed+"/own")
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(" " + cell(t, strings.ReplaceAll(own, "$V", value), value) + " |")
		for _, s := range surfaces() {
			if k.name == "" {
				b.WriteString(" – |")
				continue
			}
			b.WriteString(" " + cell(t, fmt.Sprintf(s.format, k.name, value), value) + " |")
		}
		b.WriteString("\n")
	}
	const file = "../docs/cloudflare.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(b.String(), "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(got) || strings.Count(line, "|") != strings.Count(got[i], "|") {
			t.Fatalf("line %d of %s is another table; run with -update", i+1, file)
		}
		cells := strings.Split(got[i], "|")
		for j, old := range strings.Split(line, "|") {
			if strings.TrimSpace(old) == "yes" && strings.TrimSpace(cells[j]) != "yes" {
				t.Errorf("%s: column %d was found before and is not any more", strings.TrimSpace(cells[1]), j)
			}
		}
	}
}

// cell says whether a scan of text finds the value.
func cell(t *testing.T, text, value string) string {
	t.Helper()
	r, err := scanner.Stream(context.Background(), scanner.Options{Rules: rules.Builtin()}, "x", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Findings {
		secret := r.Findings[i].Secret.Reveal()
		if strings.Contains(secret, strings.TrimSpace(value)) || 2*len(secret) > len(value) && strings.Contains(value, secret) {
			return "yes"
		}
	}
	return "no"
}

// TestLookAlikes: what stands in every Workers project and is no secret stays
// silent, whatever it looks like.
func TestLookAlikes(t *testing.T) {
	for i, template := range []string{
		"account_id = \"{{hex 32}}\"\nzone_id = \"{{hex 32}}\"\n",
		"CLOUDFLARE_ACCOUNT_ID={{hex 32}}\nCF_ZONE_ID={{hex 32}}\nCLOUDFLARE_ZONE_ID={{hex 32}}\n",
		"[[kv_namespaces]]\nbinding = \"TOKENS\"\nid = \"{{hex 32}}\"\npreview_id = \"{{hex 32}}\"\n",
		"\"hyperdrive\": [{ \"binding\": \"DB\", \"id\": \"{{hex 32}}\" }], \"d1_databases\": [{ \"binding\": \"D\", \"database_id\": \"{{uuid}}\" }]\n",
		"\"secrets_store_secrets\": [{ \"binding\": \"KEY\", \"store_id\": \"{{hex 32}}\", \"secret_name\": \"openai\" }]\n",
		"\"mtls_certificates\": [{ \"binding\": \"CERT\", \"certificate_id\": \"{{uuid}}\" }]\n",
		"CF_ACCESS_AUD={{hex 64}}\nPOLICY_AUD = \"{{hex 64}}\"\n\"access\": { \"dev\": { \"aud\": \"{{hex 64}}\" } }\n",
		"CF-Access-Client-Id: {{hex 32}}.access\nCF_ACCESS_CLIENT_ID={{hex 32}}.access\n",
		"NEXT_PUBLIC_TURNSTILE_SITE_KEY={{sitekey}}\n<div class=\"cf-turnstile\" data-sitekey=\"{{sitekey}}\"></div>\n",
		"TURNSTILE_SECRET_KEY=1x0000000000000000000000000000000AA\nTURNSTILE_SITE_KEY=1x00000000000000000000AA\n",
		"<script defer src='https://static.cloudflareinsights.com/beacon.min.js' data-cf-beacon='{\"token\": \"{{hex 32}}\"}'></script>\n",
		"https://imagedelivery.net/{{b64url 22}}/{{uuid}}/public\nCLOUDFLARE_IMAGES_ACCOUNT_HASH={{b64url 22}}\n",
		"CLOUDFLARE_STREAM_SUBDOMAIN = \"customer-{{alnum 16}}\"\nCLOUDFLARE_STREAM_VIDEO_UID = \"{{hex 32}}\"\nhttps://customer-{{hex 16}}.cloudflarestream.com/{{hex 32}}/manifest/video.m3u8\n",
		"https://customer-{{hex 16}}.cloudflarestream.com/{{hex 32}}/webRTC/play\nR2_PUBLIC_URL=https://pub-{{hex 32}}.r2.dev\n",
		"R2_ACCESS_KEY_ID={{hex 32}}\n",
		"cf-ray: {{hex 16}}-AMS\ncompatibility_date = \"2026-10-01\"\nMODEL = \"@cf/meta/llama-3.1-8b-instruct\"\n",
		"CLOUDFLARE_API_TOKEN: ${{`{{`}} secrets.CLOUDFLARE_API_TOKEN {{`}}`}}\nCF_API_TOKEN=$CLOUDFLARE_API_TOKEN\ntls { dns cloudflare {env.CF_API_TOKEN} }\n",
		"if (t.startsWith(\"cfut_\") || t.startsWith(\"cfat_\")) return;\nCLOUDFLARE_API_TOKEN=cfut_...\nCLOUDFLARE_API_TOKEN=YOUR_API_TOKEN\nCLOUDFLARE_API_TOKEN=<API_TOKEN>\n",
		"const clientId = \"54d11594-84e4-41aa-b438-e81b8fa78ee7\";\n",
		"CF_PAGES_COMMIT_SHA={{hex 40}}\n\"integrity\": \"sha512-{{base64 (alnum 64)}}\"\n",
		"cloudflare:apiToken: { secure: AAAB{{b64 60}} }\nCF_API_TOKEN=op://vault/cloudflare/token\n",
	} {
		text, err := example.Expand(template, fmt.Sprintf("like/%d", i))
		if err != nil {
			t.Fatal(err)
		}
		r, err := scanner.Stream(context.Background(), scanner.Options{Rules: rules.Builtin()}, "x", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for k := range r.Findings {
			f := &r.Findings[k]
			t.Errorf("%s finds %s at line %d of\n%s", f.Rule.ID, f.Secret, f.Places[0].Line, text)
		}
	}
}
