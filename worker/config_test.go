package worker

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/tailscale/hujson"
)

const shopTOML = `name = "shop" # comment
main = "src/index.ts"
compatibility_date = "2026-10-01"
logpush = true
vars = { LEVEL = "debug", ADMIN_TOKEN = "top" }

[observability]
enabled = true
head_sampling_rate = 0.1

[[kv_namespaces]]
binding = "CACHE"
id = "x"

[[kv_namespaces]]
binding = "TOKENS"
id = "y"

[env.staging]
name = "shop-staging"
[env.staging.vars]
API_KEY = '''
multi
line'''
"QUOTED.TOKEN" = "z"
[env.production]
tail_consumers = [
  {service = "audit"},
  {service = "second"},
]
[env.production.secrets]
required = [
  "API_KEY",
  "TURNSTILE_SECRET",
]
`

const shopJSONC = `{
  // the name
  "name": "shop", /* a
  comment */ "main": "src/index.ts",
  "vars": {
    "API_KEY": "http://not-a-comment",
    "NESTED": {"a": [1, true, null, "x",],},
  },
  "env": {"prod": {
    "vars": {"API_KEY": "\u0061b"},
    "ai": {"binding": "AI"},
  }},
}
`

// plain turns a node into what decoders give.
func plain(n *Node) any {
	switch n.Shape {
	case Table:
		m := map[string]any{}
		for k, v := range n.Members() {
			m[k] = plain(v)
		}
		return m
	case List:
		l := []any{}
		for _, v := range n.Items() {
			l = append(l, plain(v))
		}
		return l
	case Other:
		return nil
	}
	return n.Text
}

// worded turns what a decoder gives into the same form.
func worded(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, x := range v {
			m[k] = worded(x)
		}
		return m
	case []any:
		l := []any{}
		for _, x := range v {
			l = append(l, worded(x))
		}
		return l
	case nil:
		return nil
	}
	return fmt.Sprint(v)
}

// TestParseAgainstDecoders holds our trees against those of the libraries' own
// decoders.
func TestParseAgainstDecoders(t *testing.T) {
	for name, text := range map[string]string{"wrangler.toml": shopTOML, "wrangler.jsonc": shopJSONC} {
		root, err := parseNode(name, []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := decode(t, name, []byte(text))
		if got := fmt.Sprint(plain(root)); got != fmt.Sprint(worded(want)) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, fmt.Sprint(worded(want)))
		}
	}
}

func decode(t testing.TB, name string, text []byte) (v any) {
	t.Helper()
	if strings.HasSuffix(name, ".toml") {
		m := map[string]any{}
		if err := toml.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	std, err := hujson.Standardize(text)
	if err == nil {
		err = json.Unmarshal(std, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// lineOf is the first line that holds text.
func lineOf(text, part string) int {
	i := strings.Index(text, part)
	if i < 0 {
		return -1
	}
	return strings.Count(text[:i], "\n") + 1
}

func TestLines(t *testing.T) {
	for _, test := range []struct {
		name, text, part string
		keys             []string
	}{
		{"w.toml", shopTOML, "name =", []string{"name"}},
		{"w.toml", shopTOML, "ADMIN_TOKEN", []string{"vars", "ADMIN_TOKEN"}},
		{"w.toml", shopTOML, "head_sampling", []string{"observability", "head_sampling_rate"}},
		{"w.toml", shopTOML, "API_KEY", []string{"env", "staging", "vars", "API_KEY"}},
		{"w.toml", shopTOML, "QUOTED", []string{"env", "staging", "vars", "QUOTED.TOKEN"}},
		{"w.toml", shopTOML, "required", []string{"env", "production", "secrets", "required"}},
		{"w.jsonc", shopJSONC, `"main"`, []string{"main"}},
		{"w.jsonc", shopJSONC, `"NESTED"`, []string{"vars", "NESTED"}},
		{"w.jsonc", shopJSONC, `"API_KEY": "\u`, []string{"env", "prod", "vars", "API_KEY"}},
	} {
		root, err := parseNode(test.name, []byte(test.text))
		if err != nil {
			t.Fatal(err)
		}
		n := root.Get(test.keys...)
		if n == nil || n.Line != lineOf(test.text, test.part) {
			t.Errorf("%s %v: got %+v, want line %d", test.name, test.keys, n, lineOf(test.text, test.part))
		}
	}
	root, _ := parseNode("w.toml", []byte(shopTOML))
	items := root.Get("env", "production", "secrets", "required").Items()
	if len(items) != 2 || items[1].Line != lineOf(shopTOML, `"TURNSTILE_SECRET"`) {
		t.Errorf("elements of a list: %+v", items)
	}
}

func TestInheritance(t *testing.T) {
	c, err := ParseConfig("wrangler.toml", []byte(shopTOML))
	if err != nil {
		t.Fatal(err)
	}
	envs := c.Environments()
	var names []string
	for _, e := range envs {
		names = append(names, e.Name)
	}
	if !slices.Equal(names, []string{"", "staging", "production"}) {
		t.Fatalf("environments %q", names)
	}
	production := envs[2]
	if !production.Get("logpush").Is(true) || !production.Get("observability").Get("enabled").Is(true) || production.Get("main") == nil {
		t.Error("logpush, observability and main are inherited")
	}
	if production.Get("vars") != nil || production.Get("kv_namespaces") != nil {
		t.Error("vars and bindings are not inherited")
	}
	if envs[0].Get("tail_consumers") != nil || production.Get("tail_consumers").Len() != 2 {
		t.Error("tail_consumers belong to the environment that lists them")
	}
	got := map[string]string{}
	for _, d := range envs[0].Declared() {
		got[d.Name] = d.Kind
	}
	want := map[string]string{"LEVEL": "vars", "ADMIN_TOKEN": "vars", "CACHE": "kv_namespaces", "TOKENS": "kv_namespaces"}
	if !maps.Equal(got, want) {
		t.Errorf("declared %v, want %v", got, want)
	}
	v, ok := c.VarAt(lineOf(shopTOML, "API_KEY"), strings.Index(shopTOML, "multi"))
	if put := strings.Join(v.Put(), " "); !ok || put != "npx wrangler secret put API_KEY --env staging" {
		t.Errorf("command %q, %v", put, ok)
	}
}

// TestPut: the command finds the Worker from the top of the project.
func TestPut(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"wrangler.jsonc", "{}", "npx wrangler secret put K"},
		{"wrangler.toml.example", "", "npx wrangler secret put K"},
		{"wrangler.staging.toml", "", "npx wrangler secret put K --config wrangler.staging.toml"},
		{"apps/api/wrangler.toml", "", "npx wrangler secret put K --config apps/api/wrangler.toml"},
		{"apps/api/wrangler.toml.template", "", "npx wrangler secret put K --config apps/api/wrangler.toml"},
		{"site/wrangler.toml", `pages_build_output_dir = "dist"`, "npx wrangler pages secret put K --cwd site"},
	} {
		c, err := ParseConfig(test.name, []byte(test.text))
		if err != nil {
			t.Fatal(test.name, err)
		}
		if got := strings.Join(c.Environments()[0].Put("K"), " "); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"wrangler.toml", "name = \"a\"\n[vars\n", "line 2"},
		{"wrangler.json", "{\"a\": }", "JSON"},
		{"wrangler.json", "[1]", "no table"},
		{"wrangler.json", strings.Repeat("[", 100_000), "nested"},
		{"wrangler.toml", "a = " + strings.Repeat("[", 100_000), "nested"},
	} {
		_, err := ParseConfig(test.name, []byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %.20q: %v, want %q", test.name, test.text, err, test.want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, name := range []string{"CLOUDFLARE_API_TOKEN", "API_KEY", "openaiApiKey", "JWT_SECRET", "DB_PASSWORD", "STRIPE_KEY", "PRIVATE_KEY", "DATABASE_DSN"} {
		if !IsSecretName(name) {
			t.Errorf("%s is a secret's name", name)
		}
	}
	for _, name := range []string{"TURNSTILE_SITE_KEY", "MAX_TOKENS", "TOKEN_LIMIT", "STRIPE_PUBLISHABLE_KEY", "NEXT_PUBLIC_API_KEY", "MODEL", "AI", "PUBLIC_KEY",
		"AWS_ACCESS_KEY_ID", "TOKEN_URL", "VITE_API_KEY", "TOKENIZER", "API_KEY_HEADER"} {
		if IsSecretName(name) {
			t.Errorf("%s is no secret's name", name)
		}
	}
	for _, value := range []string{"", "true", "42", "${TOKEN}", "<YOUR_TOKEN>", "your-token-here", "changeme", "https://example.com/x", "$API_KEY"} {
		if IsLiteral(value) {
			t.Errorf("%q is no literal", value)
		}
	}
	if !IsLiteral("hunter2hunter2") {
		t.Error("a password is a literal")
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add("wrangler.toml", shopTOML)
	f.Add("wrangler.jsonc", shopJSONC)
	f.Add("wrangler.toml", "a.b.c = {d = [1, {e = 'f'}]}\n[[x.y]]\n[x.y.z]\nq = 1979-05-27\n")
	f.Fuzz(func(t *testing.T, name, text string) {
		c, err := ParseConfig(name, []byte(text))
		if err != nil {
			return
		}
		for _, e := range c.Environments() {
			for _, d := range e.Declared() {
				if n := strings.Count(text, "\n") + 1; d.Line < 1 || d.Line > n {
					t.Fatalf("%q at line %d of %d", d.Name, d.Line, n)
				}
			}
		}
	})
}

// TestInheritanceOfWrangler holds what wrangler 4.86 passes to inheritable and to
// notInheritable when it reads a configuration.
func TestInheritanceOfWrangler(t *testing.T) {
	for want, names := range map[bool]string{
		true: "account_id assets base_dir build cache compatibility_date compatibility_flags compliance_region find_additional_modules first_party_worker " +
			"limits logfwdr logpush main migrations minify name no_bundle observability placement preview_urls previews route routes rules triggers upload_source_maps workers_dev",
		false: "ai ai_search ai_search_namespaces analytics_engine_datasets artifacts browser cloudchamber containers define dispatch_namespaces durable_objects flagship " +
			"hyperdrive images kv_namespaces media mtls_certificates pipelines queues ratelimits secrets secrets_store_secrets send_email services stream " +
			"streaming_tail_consumers tail_consumers unsafe unsafe_hello_world vars vectorize version_metadata vpc_networks vpc_services worker_loaders workflows d1_databases r2_buckets",
	} {
		for _, name := range strings.Fields(names) {
			if inherits(name) != want {
				t.Errorf("%s: inherited %v, want %v", name, !want, want)
			}
		}
	}
}
