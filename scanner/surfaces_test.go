package scanner

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// surface writes a value the way some kind of file does.
type surface struct {
	name string
	of   func(name, value string) string
}

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

func std(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func each(format, s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func halves(s string) (a, b string) { return s[:len(s)/2], s[len(s)/2:] }

// lined is a surface of one format with the name and the value in it, in this
// order.
func lined(name, format string) surface {
	return surface{name, func(n, v string) string { return fmt.Sprintf(format, n, v) }}
}

// surfaces are the kinds of files that values are read out of. %s is the name,
// then the value.
func surfaces() []surface {
	return []surface{
		lined("dotenv", "A=1\n%s=%s\nB=2\n"), lined("dotenv, quoted", "export %s='%s' # of ours\n"),
		lined("TOML", "[vars]\n%s = \"%s\"\n"), lined("YAML", "env:\n  %s: %s\n  other: 1\n"),
		lined("YAML, flow", "variables: { %s: \"%s\", A: b }\n"), lined("YAML, list", "environment: [ %s=%s, A=b ]\n"),
		lined("JSON", "{\n  \"%s\": \"%s\",\n  \"a\": 1\n}\n"), lined("JSONC comment", "{ // \"vars\": { \"%s\": \"%s\" }\n}\n"),
		lined("JS const", "const %s = \"%s\";\n"), lined("JS template", "const %s = `%s`;\n"),
		lined("JS fallback ||", "const t = env.%s || \"%s\";\n"), lined("JS fallback ??", "const t = env.%s ?? '%s';\n"),
		lined("JS property", "new Client({ region: \"eu\", %s: \"%s\" });\n"), lined("TS type", "interface Env {\n  %s: \"%s\";\n}\n"),
		lined("minified", "var a=1;function b(c){return c}e={x:1,%s:\"%s\"},f=b(e);"),
		lined("Python", "%s = \"%s\"\n"), lined("Python environ", "os.environ[\"%s\"] = \"%s\"\n"), lined("Python getenv", "t = os.getenv(\"%s\", \"%s\")\n"),
		lined("Go", "%s := \"%s\"\n"), lined("shell", "export %s=\"%s\"\n"), lined("shell default", "curl -u ${%s:-%s} host\n"),
		lined("shell here-doc", "cat > .env <<EOF\n%s=%s\nEOF\n"), lined("HCL", "provider \"x\" {\n  %s = \"%s\"\n}\n"),
		lined("HCL variable", "variable \"%s\" { default = \"%s\" }\n"), lined("tfvars", "%s   = \"%s\"\n"),
		lined("tfstate", "{ \"resources\": [ { \"instances\": [ { \"attributes\": { \"%s\": \"%s\" } } ] } ] }\n"),
		lined("HTTP file", "@%s = %s\n"), lined("XML element", "<config><%[1]s>%[2]s</%[1]s></config>\n"),
		lined("XML attribute", "<add key=\"%s\" value=\"%s\" />\n"), lined("plist", "<key>%s</key>\n\t<string>%s</string>\n"),
		lined("INI", "[main]\n%s = %s\n"), lined("properties", "app.%s=%s\n"), lined("SQL", "UPDATE settings SET %s = '%s';\n"),
		lined("Dockerfile ENV", "FROM x\nENV %s=%s\n"), lined("Dockerfile ARG", "ARG %s=%s\n"), lined("Dockerfile ENV, blank", "ENV %s %s\n"),
		lined("Postman", "{ \"values\": [ { \"key\": \"%s\", \"value\": \"%s\", \"type\": \"secret\" } ] }\n"),
		lined("HAR", "{ \"headers\": [ { \"name\": \"%s\", \"value\": \"%s\" } ] }\n"), lined("Bruno", "vars {\n  %s: %s\n}\n"),
		lined("header", "curl -H \"%s: %s\" https://host.acme.dev\n"), lined("PHP define", "define('%s', '%s');\n"),
		lined("Ruby", "config.%s = '%s'\n"), lined("prose", "The new %s: %s (keep it).\n"),
		{"notebook", func(n, v string) string {
			return "{ \"cells\": [ { \"source\": [ " + quoted(n+" = \""+v+"\"\n") + " ] } ] }\n"
		}},
		{"notebook output", func(n, v string) string {
			return "{ \"outputs\": [ { \"text\": [ " + quoted(n+"="+v+"\n") + " ] } ] }\n"
		}},
		{"source map", func(n, v string) string {
			return "{\"version\":3,\"sourcesContent\":[" + quoted("const x = {\n  "+n+": \""+v+"\",\n};\n") + "]}"
		}},
		{"JSON in JSON", func(n, v string) string {
			return "{\"body\":" + quoted("{\"outer\":"+quoted("{\""+n+"\":\""+v+"\"}")+"}") + "}\n"
		}},
		{"HTML entities", func(n, v string) string {
			return "<div data-x=\"" + html.EscapeString("{\""+n+"\":\""+v+"\"}") + "\">"
		}},
		{"percent", func(n, v string) string {
			return "https://host.acme.dev/cb?next=" + url.QueryEscape(n+"="+v+"&a=1") + "\n"
		}},
		{"unicode escapes", func(n, v string) string { return "x = \"" + n + `\u003d` + v + `\u0026a=1";` + "\n" }},
		{"concatenated", func(n, v string) string {
			a, b := halves(v)
			return "const " + n + " = \"" + a + "\" + \"" + b + "\";\n"
		}},
		{"concatenated, PHP", func(n, v string) string { a, b := halves(v); return "$" + n + " = '" + a + "' . '" + b + "';\n" }},
		{"concatenated lines", func(n, v string) string {
			a, b := halves(v)
			return n + " = (\n    \"" + a + "\"\n    \"" + b + "\"\n)\n"
		}},
		{"joined", func(n, v string) string {
			a, b := halves(v)
			return n + " = [\"" + a + "\", \"" + b + "\"].join(\"\");\n"
		}},
		{"joined, Python", func(n, v string) string {
			a, b := halves(v)
			return n + " = \"\".join([\"" + a + "\", \"" + b + "\"])\n"
		}},
		{"atob", func(n, v string) string { return "const " + n + " = atob(\"" + std(v) + "\");\n" }},
		{"Buffer, base64", func(n, v string) string { return n + " = Buffer.from('" + std(v) + "', 'base64').toString();\n" }},
		{"Buffer, hex", func(n, v string) string {
			return n + " = Buffer.from('" + hex.EncodeToString([]byte(v)) + "', 'hex');\n"
		}},
		{"k8s secret", func(n, v string) string { return "kind: Secret\ndata:\n  " + n + ": " + std(v) + "\n" }},
		{"dotenv in base64", func(n, v string) string {
			return "files: " + std("# settings of ours\n"+n+"="+v+"\nMODE=production\n") + "\n"
		}},
		{"dotenv in base64, URL", func(n, v string) string {
			return "files: " + base64.RawURLEncoding.EncodeToString([]byte("#  settings of ours\n"+n+"="+v+"\nMODE=production\n")) + "\n"
		}},
		{"base64 twice", func(n, v string) string {
			return "x: " + std(std("A settings file\n"+n+"="+v+"\nMODE=production\n")) + "\n"
		}},
		{"dotenv in hex", func(n, v string) string {
			return "x'" + hex.EncodeToString([]byte("MODE=production\n"+n+"="+v+"\nMODE=production\n")) + "'\n"
		}},
		{`\x escapes`, func(n, v string) string { return "x=\"" + each(`\x%02x`, n+"="+v+"\nMODE=production") + "\"\n" }},
		{`\u escapes`, func(n, v string) string { return "x=\"" + each(`\u%04x`, n+"="+v+"\nMODE=production") + "\"\n" }},
		{"entities", func(n, v string) string { return "<p>" + each("&#%d;", n+"="+v+"\nMODE=production") + "</p>\n" }},
	}
}

// nameless are the surfaces of values that stand without a name.
func nameless() []surface {
	return []surface{
		{"bare", func(_, v string) string { return "It is " + v + ", I think.\n" }},
		{"Bearer", func(_, v string) string { return "  -H \"Authorization: Bearer " + v + "\" \\\n" }},
		{"argument", func(_, v string) string { return "npx wrangler deploy --var AI:" + v + "\n" }},
		{"piped", func(_, v string) string { return "echo \"" + v + "\" | npx wrangler secret put AI\n" }},
		{"Caddyfile", func(_, v string) string { return "tls { dns cloudflare " + v + " }\n" }},
		{"split at the prefix", func(_, v string) string {
			i := strings.LastIndexByte(v[:min(len(v), 12)], '_') + 1
			if i == 0 {
				i = min(len(v)-1, 24)
			}
			return "const t4 = \"" + v[:i] + "\" + \"" + v[i:] + "\";\n"
		}},
		{"base64, first alignment", func(_, v string) string { return "const t6 = atob(\"" + std(v) + "\");\n" }},
		{"base64, second alignment", func(_, v string) string { return "blob: " + std("=> x "+v+" and more") + "\n" }},
		{"base64, third alignment", func(_, v string) string { return "blob: " + std("=> xy "+v+" and more") + "\n" }},
		{"hex", func(_, v string) string {
			return "const t7 = Buffer.from(\"" + hex.EncodeToString([]byte(v)) + "\",\"hex\");\n"
		}},
		{"log in base64", func(_, v string) string { return "data:text/plain;base64," + std("started with "+v+" today\n") + "\n" }},
		{"base64 three times", func(_, v string) string { return "x: " + std(std(std("started with "+v+" today\n"))) + "\n" }},
	}
}

// kinds are the secrets of the exam: a template, the name it is given, and the
// rules that may report it.
func kinds(e *examiner) (list []struct{ id, name, template string }) {
	add := func(id, name, template string) {
		list = append(list, struct{ id, name, template string }{id, name, template})
	}
	for kind, template := range map[string]string{
		"cf-user-api-token": `{{cf "cfut"}}`, "cf-account-api-token": `{{cf "cfat"}}`, "cf-global-api-key": `{{cf "cfk"}}`,
		"cf-access-service-token": `{{cf "cfast"}}`, "cf-oauth-token": `{{cfoat}}`, "cf-origin-ca-key": `{{originca}}`,
		"cf-api-token-legacy": `{{cflegacy}}`, "cf-global-api-key-legacy": `{{hex 37}}`,
	} {
		add(kind, "CLOUDFLARE_API_KEY", template)
	}
	for _, t := range []struct{ name, template string }{
		{"GITHUB_TOKEN", `{{github "ghp"}}`}, {"NPM_TOKEN", `{{npm}}`}, {"API_KEY", `sk_live_{{alnum 32}}`}, {"SLACK_TOKEN", `xoxb-{{digits 12}}-{{digits 12}}-{{alnum 24}}`},
		{"SENDGRID_API_KEY", `SG.{{b64url 22}}.{{b64url 43}}`}, {"AWS_ACCESS_KEY_ID", `{{awskey "AKIA"}}`}, {"GITLAB_TOKEN", `{{gitlab}}`},
		{"PYPI_TOKEN", `{{pypi}}`}, {"DO_TOKEN", `dop_v1_{{hex 64}}`}, {"SHOPIFY_TOKEN", `shpat_{{hex 32}}`}, {"GRAFANA_TOKEN", `{{grafana}}`},
		{"ANTHROPIC_API_KEY", `sk-ant-api03-{{b64url 93}}AA`},
	} {
		add("", t.name, t.template)
	}
	add("generic", "API_SECRET", `{{alnum 40}}`)
	add("generic", "DB_PASSWORD", `{{password}}`)
	slices.SortFunc(list, func(a, b struct{ id, name, template string }) int { return strings.Compare(a.template, b.template) })
	return list
}

// said are the secrets that are reported of text.
func (e *examiner) said(text string) (list []string) {
	for _, h := range strongest(e.hits(text)) {
		if h.verdict.secret != "" {
			list = append(list, h.verdict.secret)
		} else {
			list = append(list, text[h.from():h.to()])
		}
	}
	return list
}

// TestSurfaces holds the search to finding every kind of secret on every
// surface, whole and decoded.
func TestSurfaces(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	found, asked := map[string]int{}, map[string]int{}
	exam := func(list []surface, kind struct{ id, name, template string }) {
		secret := expand(t, kind.template, "surfaces/"+kind.template)
		for _, s := range list {
			asked[s.name]++
			text := s.of(kind.name, secret)
			if slices.Contains(e.said(text), secret) {
				found[s.name]++
			} else {
				t.Errorf("%s on %s: not found, but %q in %q", kind.template, s.name, e.said(text), text)
			}
		}
	}
	for _, kind := range kinds(e) {
		exam(surfaces(), kind)
		if !strings.Contains(kind.id, "legacy") && kind.id != "generic" {
			exam(nameless(), kind)
		}
	}
	total, all := 0, 0
	for _, s := range slices.Concat(surfaces(), nameless()) {
		t.Logf("%-26s %d of %d", s.name, found[s.name], asked[s.name])
		total, all = total+found[s.name], all+asked[s.name]
	}
	t.Logf("%d surfaces, %d of %d", len(asked), total, all)
}

// TestSurfacesClean: placeholders and references are found on none of them.
func TestSurfacesClean(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	n := 0
	for _, value := range []string{
		"cfut_...", "cfut_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "<your-api-token>", "YOUR_API_KEY_HERE", "changeme-changeme", "${API_TOKEN}",
		"${{ secrets.API_TOKEN }}", "process.env.API_TOKEN", "{{ .Values.token }}", "$(cat /run/secrets/token)", "REPLACE_WITH_YOUR_TOKEN", "xxxxxxxxxxxxxxxxxxxxxxxx",
		"****************", "example-token-value", "var.cf_token", "AKIAIOSFODNN7EXAMPLE",
	} {
		for _, s := range slices.Concat(surfaces(), nameless()) {
			n++
			if said := e.said(s.of("API_TOKEN", value)); len(said) > 0 {
				t.Errorf("%s on %s: %q is found in %q", value, s.name, said, s.of("API_TOKEN", value))
			}
		}
	}
	t.Logf("%d cases", n)
}
