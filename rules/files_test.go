package rules_test

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"keyrake/rules"
)

func TestIsHarmless(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "NEXTJS_ENV=development": true, "# a\r\n\r\nNODE_ENV='test'\r\n": true,
		"NEXTJS_ENV=kingfisher": false, "NODE_ENV": false, "A=development": false, "# A=b": false,
		"NODE_ENV=test\nTOKEN=x": false, "{}": false, "A = \"\"\nB=\n": true, "../../.env": true, "a/b\nc": false, "A=../.env": false,
	} {
		if got := rules.IsHarmless([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestFiles(t *testing.T) {
	for name, want := range map[string]string{
		".dev.vars": "file-dev-vars", "a/.dev.vars.production": "file-dev-vars", "dist/shop/.dev.vars": "file-dev-vars",
		".env": "file-env", "apps/web/.env.production.local": "file-env", ".env.test": "file-env-mode", ".env.production": "file-env-mode",
		"home/.config/.wrangler/config/default.toml": "file-wrangler-auth", "x/.wrangler/config/default.toml": "file-wrangler-auth",
		"wrangler-temporary-account.staging.toml": "file-wrangler-auth", ".config/cloudflare/config/default.json": "file-wrangler-auth",
		".cloudflared/6ff42ae2-765d-4adf-8112-31c55c1551ef.json": "file-tunnel-credentials", "cloudflared/cert.pem": "file-tunnel-credentials",
		"terraform.tfstate": "file-terraform-state", "infra/terraform.tfstate.backup": "file-terraform-state", "x.tfstate.1700000000.backup": "file-terraform-state",
		".wrangler/state/v3/secrets-store/miniflare/a.sqlite": "file-wrangler-secrets",

		".dev.vars.example": "", ".env.example": "", ".env.local.example": "", ".env.sample": "", ".env.template": "", ".env.d.ts": "", ".envrc": "",
		".environment": "", "env": "", "src/env.ts": "", ".env.vault": "", "scripts/.dev.vars.ejs": "", "wrangler.toml": "", "certs/cert.pem": "", "data/6ff42ae2-765d-4adf-8112-31c55c1551ef.json": "",
		"docs/tfstate.md": "", ".wrangler/state/v3/kv/a.sqlite": "", "config/default.toml": "",
	} {
		got := ""
		list := rules.Files()
		for i := range list {
			if list[i].Matches(name) {
				got += list[i].ID
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if want != "" && !rules.MayBeFile([]byte(path.Base(name))) {
			t.Errorf("%s: MayBeFile says no", name)
		}
	}
}

// TestFilesLikeExpressions holds the rules that compare texts against expressions that say the same.
func TestFilesLikeExpressions(t *testing.T) {
	twins := map[string]*regexp.Regexp{
		"file-wrangler-auth":      regexp.MustCompile(`(^|/)\.wrangler/config/default\.toml$|(^|/)\.config/cloudflare/config/default\.json$|(^|/)wrangler-temporary-account[^/]*\.toml$`),
		"file-wrangler-secrets":   regexp.MustCompile(`(^|/)\.wrangler/state/v3/secrets-store/`),
		"file-tunnel-credentials": regexp.MustCompile(`(^|/)\.?cloudflared/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json|cert\.pem)$`),
		"file-terraform-state":    regexp.MustCompile(`\.tfstate(\.[^/]*)?$`),
	}
	pieces := []string{"", "a", "/", ".", ".wrangler", "config", "default.toml", ".config", "cloudflare", "default.json", "wrangler-temporary-account", ".toml",
		"state/v3/secrets-store", ".cloudflared", "cloudflared", "6ff42ae2-765d-4adf-8112-31c55c1551ef.json", "cert.pem", "terraform.tfstate", ".tfstate"}
	list, matched := rules.Files(), map[string]int{}
	check := func(name string) {
		for i := range list {
			r := &list[i]
			twin := twins[r.ID]
			if twin == nil || strings.HasSuffix(name, "/") {
				continue
			}
			want := twin.MatchString(name)
			if r.Matches(name) != want {
				t.Errorf("%s: %q, want %v", r.ID, name, want)
			}
			if want {
				matched[r.ID]++
			}
		}
	}
	for _, a := range pieces {
		for _, b := range pieces {
			for _, c := range pieces {
				for _, join := range []string{"", "/"} {
					check(a + join + b + join + c)
					check(a + "/" + b + join + c + join + "x")
					check("x" + join + a + "/" + b + "/" + c)
				}
			}
		}
	}
	if len(matched) != len(twins) {
		t.Errorf("only these matched: %v", matched)
	}
}

func TestFilesAreComplete(t *testing.T) {
	for _, r := range rules.Files() {
		if r.Title == "" || r.Remedy == "" || r.Provider == "" || r.Confidence == 0 || rules.Builtin().Get(r.ID) != nil {
			t.Errorf("%s lacks something, or its id is taken", r.ID)
		}
	}
}
