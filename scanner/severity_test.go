package scanner

import (
	"testing"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

func TestSoften(t *testing.T) {
	for _, c := range []struct {
		provider string
		paths    []string
		want     rules.Severity
	}{
		{"generic", []string{"server/config/key.pem"}, rules.Critical},
		{"generic", []string{"server/testdata/key.pem"}, rules.Low},
		{"generic", []string{"pkg/auth/auth_test.go"}, rules.Low},
		{"generic", []string{"src/AuthTest.java"}, rules.Low},
		{"generic", []string{"src/latest/contest.go"}, rules.Critical},
		{"generic", []string{"src/attestation/key.pem", "protest.txt"}, rules.Critical},
		{"generic", []string{"tests/key.pem", "deploy/key.pem"}, rules.Critical},
		{"generic", []string{"README.md", "docs/key.txt"}, rules.Low},
		{"generic", []string{""}, rules.Critical},
		{"generic", []string{"src/dockerTest/resources/server.key"}, rules.Low},
		{"generic", []string{"t/unit/security/keys.py"}, rules.Low},
		{"generic", []string{"vendor/github.com/acme/fernet/spec.json"}, rules.Low},
		{"generic", []string{"vendor/keys/deploy.pem"}, rules.Critical},
		{"generic", []string{"integrations/acme/key.pem", "units.pem"}, rules.Critical},
		{"generic", []string{"api/swagger.yaml"}, rules.Low},
		{"generic", []string{"src/lang/hu.json", "locales/pt-BR/common.json", "app/i18n/messages_de.properties"}, rules.Low},
		{"generic", []string{"app/src/main/res/values-zh-rTW/strings.xml", "App/en.lproj/Localizable.strings"}, rules.Low},
		{"generic", []string{"src/lang/config.json"}, rules.Critical},
		{"generic", []string{"packages/i18n/src/config.ts", "languages/go/main.go", "locale/api/client.js", "lang/app.ts", "translations/get.py", "i18n/de/client.js"}, rules.Critical},
		{"generic", []string{"de/deploy.pem", "app/src/main/res/values/strings.xml", "values-prod/key.yaml"}, rules.Critical},
		{"github", []string{"tests/token.txt"}, rules.Critical},
		{"github", []string{"locales/de.json"}, rules.Critical},
	} {
		f := finding.Finding{Rule: &rules.Rule{Provider: c.provider, Generic: true}, Severity: rules.Critical, Secret: finding.NewSecret([]byte("TitkosKulcs"))}
		for _, p := range c.paths {
			f.Places = append(f.Places, finding.Place{Path: p})
		}
		if key := (finding.Finding{Rule: &rules.Rule{Provider: c.provider}, Severity: rules.Critical, Places: f.Places[:1]}); isTranslation(c.paths[0]) {
			if soften(&key); key.Severity != rules.Critical {
				t.Errorf("a key in %q: severity %d", c.paths[0], key.Severity)
			}
		}
		if soften(&f); f.Severity != c.want {
			t.Errorf("%s in %q: severity %d, want %d", c.provider, c.paths, f.Severity, c.want)
		}
		if told := len(f.Reasons) > 0; told != (c.want == rules.Low) {
			t.Errorf("%s in %q: %d reasons", c.provider, c.paths, len(f.Reasons))
		}
	}
}
