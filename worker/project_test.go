package worker

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMaxGap(t *testing.T) {
	for text, want := range map[string]int{
		"0 0 1 */3 *": 92, "0 0 1 */2 *": 62, "0 0 1 * *": 31, "0 3 * * 1": 7, "* * * * *": 1, "0 0 * * MON-FRI": 3,
		"0 0 1 JAN,jul *": 184, "0 0 31 * *": 61, "0 0 1,15 * *": 17, "@yearly": 366, "@weekly": 7, "0 0 29 2 *": 1461,
		"0 0 13 * 5": 7, "30 5 */30 * *": 30, "0 0 1 2/3 *": 92, "0 0 * * 7": 7,
	} {
		got, err := MaxGap(text)
		if err != nil || got != want {
			t.Errorf("%q: %d days, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0 0 * *", "0 0 32 * *", "0 0 31 2 *", "61 0 * * *", "0 0 */0 * *", "a b c d e", "0 0 5-99 * *"} {
		if got, err := MaxGap(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}

func TestUses(t *testing.T) {
	src := `import { env } from "cloudflare:workers";
const { API_KEY, OTHER: renamed } = c.env;
fetch(env.A_TOKEN || "hardcoded-value", this.env.B, platform?.env?.C_KEY, env["D_SECRET"]);
// env.COMMENTED
import.meta.env.VITE_KEY; Deno.env.get("X"); process.env.P_TOKEN;
env.E_KEY ?? "";
`
	for _, test := range []struct{ config, want string }{
		{`{}`, "A_TOKEN:3! B:3 C_KEY:3 D_SECRET:3 E_KEY:6 API_KEY:2 OTHER:2"},
		{`{"compatibility_flags": ["nodejs_compat"], "compatibility_date": "2025-04-01"}`, "A_TOKEN:3! B:3 C_KEY:3 D_SECRET:3 P_TOKEN:5 E_KEY:6 API_KEY:2 OTHER:2"},
		{`{"compatibility_flags": ["nodejs_compat"], "compatibility_date": "2025-03-01"}`, "A_TOKEN:3! B:3 C_KEY:3 D_SECRET:3 E_KEY:6 API_KEY:2 OTHER:2"},
	} {
		c, err := ParseConfig("wrangler.json", []byte(test.config))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range uses(&File{Path: "src/a.ts", Data: []byte(src)}, c) {
			mark := ""
			if u.Fallback {
				mark = "!"
			}
			got = append(got, fmt.Sprintf("%s:%d%s", u.Name, u.Line, mark))
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%s: got %s\nwant %s", test.config, text, test.want)
		}
	}
}

func TestReadOwnsSourceByFolder(t *testing.T) {
	p := Read([]File{
		{Path: "b/src/x.ts", Data: []byte("env.TOKEN")},
		{Path: "wrangler.toml", Data: []byte("name='top'")},
		{Path: "b/wrangler.jsonc", Data: []byte("{}")},
		{Path: "src/y.ts", Data: []byte("env.KEY")},
		{Path: "dist/worker.js", Data: []byte("env.BUILT")},
		{Path: "src/y.test.ts", Data: []byte("env.TESTED")},
		{Path: "c/wrangler.toml", Data: []byte("[broken")},
	})
	var got []string
	for _, w := range p.Workers {
		for _, u := range w.Uses {
			got = append(got, w.Config.Path+" "+u.Name)
		}
	}
	if !slices.Equal(got, []string{"b/wrangler.jsonc TOKEN", "wrangler.toml KEY"}) {
		t.Errorf("uses %q", got)
	}
	if len(p.Problems) != 1 || p.Problems[0].Path != "c/wrangler.toml" {
		t.Errorf("problems %v", p.Problems)
	}
}

func TestPipelines(t *testing.T) {
	p := Read([]File{
		{Path: ".github/workflows/a.yml", Data: []byte(`on:
  push:
  schedule:
    - cron: "0 0 1 */3 *"
env:
  ACCOUNT: x
jobs:
  d:
    env: {JOB: y}
    steps:
      - uses: cloudflare/wrangler-action@v3
        with:
          apiToken: ${{ secrets.T }}
      - name: z
        run: |
          first
          second
        env:
          STEP: z
`)},
		{Path: ".gitlab-ci.yml", Data: []byte(`deploy:
  variables: {CF_API_TOKEN: v}
  script:
    - npx wrangler deploy
    - |
      one
      two
`)},
		{Path: ".circleci/config.yml", Data: []byte("jobs:\n  b:\n    steps:\n      - run:\n          command: npx wrangler publish\n")},
	})
	var got []string
	for _, pl := range p.Pipelines() {
		for _, c := range pl.Crons {
			got = append(got, fmt.Sprintf("cron:%d", c.Line))
		}
		for _, s := range pl.Steps {
			text := s.Action
			for _, c := range s.Commands {
				text += fmt.Sprintf("%s:%d;", c.Text, c.Line)
			}
			for _, x := range s.Settings {
				text += fmt.Sprintf(" %s:%d", x.Name, x.Line)
			}
			got = append(got, text)
		}
	}
	want := []string{"npx wrangler publish:5;", "cron:4", "cloudflare/wrangler-action@v3 ACCOUNT:6 JOB:9 apiToken:13", "first:16;second:17; ACCOUNT:6 JOB:9 STEP:19", "npx wrangler deploy:4;one:6;two:7; CF_API_TOKEN:2"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
