package lex

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// forms is every plain form; N stands for the name, V for the value. In the
// last list the value has to be a literal in quotes.
var anyForms = []string{
	"N=V\n", "A=1\nN=V\nB=2\n", "export N=V\n", "N='V'\n", "N=\"V\" # x\n", "set N=V\r\n", "setenv N V\n", "ARG N=V\n",
	"N: V\n", "  - N: V\n", "N: 'V'\n", "N: \"V\"\n", "N: |\n  V\n", "- name: N\n  value: V\n", "N = \"V\"\n",
	"{\"N\": \"V\"}", "{\"N\":\"V\",\"x\":\"y\"}", "{\n  \"key\": \"N\",\n  \"value\": \"V\"\n}", "{\"name\":\"N\",\"value\":\"V\"}",
	`"{\"N\": \"V\"}"`, `"{\\\"N\\\": \\\"V\\\"}"`, `"A=1\nN=V\nB=2"`, `["N = \"V\"\n"]`,
	"--N V\n", "--N=V\n", "--N \"V\"\n", "[\"--N\", \"V\"]", "-H \"N: V\" u", "-H 'N: V' u", "-H 'N: Bearer V' u",
	"?N=V&x=y", "?x=y&N=V\n", "<N>V</N>", "<add key=\"N\" value=\"V\"/>", "<entry key=\"N\">V</entry>", "<key>N</key>\n<string>V</string>",
	"echo ${N:-V}\n",
}

var literalForms = []string{
	"const N = \"V\";", "const N = 'V';", "const N = `V`;", "let N: string = \"V\";", "const N: &str = \"V\";", "N := \"V\"\n", "N=\"V\"",
	"$N = 'V';", "'N' => 'V',", ":N => \"V\",", "N: \"V\",", "define('N', 'V');", "x.set(\"N\", \"V\")", "x[\"N\"] = \"V\"", "os.environ['N'] = 'V'\n",
	"putenv(\"N=V\");", "f(N=\"V\")", "N(\"V\")", "char *N[] = \"V\";", "N = b\"V\"\n", "string N = @\"V\";", "const N = env.X || \"V\";",
	"const N = process.env.X ?? 'V';", "N = os.getenv(\"X\", \"V\")\n", "x = os.getenv(\"N\", \"V\")\n", "N = c ? d.e : \"V\";", "header(\"N: V\");",
	"var N string = \"V\"\n", "N =\n  \"V\";", "{:N \"V\"}", "N <- \"V\"\n", "#define N \"V\"\n", "a={b:\"c\",N:\"V\",d:\"e\"}", "N = [\"V\"]\n", "N <- 'V'\n",
}

var randomNames = []struct{ before, anchor, after string }{
	{"", "token", ""}, {"API_", "TOKEN", ""}, {"", "secret", "_access_key"}, {"cf", "Token", "Prod"}, {"a_", "passw", "ord2"},
}

// TestAtReadsRandomValues writes random values of the usual alphabets into
// every form; At has to return each of them whole.
func TestAtReadsRandomValues(t *testing.T) {
	const alnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	r := rand.New(rand.NewPCG(1, 2))
	random := func(alphabet string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	values := func() []string {
		return []string{
			random("0123456789abcdef", 32), random(alnum, 40), random(alnum+"+/", 43) + "=", random(alnum+"_-", 37),
			random(alnum, 1) + random(alnum+"_-", 35) + "." + random(alnum+"_-", 90) + "." + random(alnum+"_-", 43),
			"v1.0-" + random("0123456789abcdef", 24) + "-" + random("0123456789abcdef", 146),
		}
	}
	failed := map[string]int{}
	for i, form := range append(append([]string{}, anyForms...), literalForms...) {
		for _, name := range randomNames {
			full := name.before + name.anchor + name.after
			for range 20 {
				for kind, v := range values() {
					if i < len(anyForms) && (v[0] == '/' || v[0] == '-') || strings.HasPrefix(form, "?") && strings.ContainsAny(v, "&") {
						continue
					}
					text := strings.Replace(strings.ReplaceAll(form, "N", full), "V", v, 1)
					start := strings.Index(text, full) + len(name.before)
					win := []byte(text)
					a, ok := At(win, start, start+len(name.anchor))
					if !ok || string(win[a.ValueStart:a.ValueEnd]) != v || string(win[a.NameStart:a.NameEnd]) != full {
						k := fmt.Sprintf("%q, value kind %d", form, kind)
						if failed[k] == 0 {
							t.Logf("%q: %s", text, describe(win, a, ok))
						}
						failed[k]++
					}
				}
			}
		}
	}
	for k, n := range failed {
		t.Errorf("%s: %d times", k, n)
	}
}
