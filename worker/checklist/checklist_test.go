package checklist

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/worker"
)

var today = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

// inputs makes a project of files given as "path", "content" pairs, without
// findings.
func inputs(files ...string) Inputs {
	var list []worker.File
	for i := 0; i < len(files); i += 2 {
		list = append(list, worker.File{Path: files[i], Tracked: true, Data: []byte(files[i+1])})
	}
	return Inputs{Project: worker.Read(list), Files: &finding.Report{}, History: &finding.Report{}, Today: today}
}

func row(t *testing.T, in Inputs, id string) Row {
	t.Helper()
	for _, r := range rows(in) {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no row %s", id)
	return Row{}
}

// step is a GitHub workflow of one job with these steps.
func workflow(steps string) []string {
	return []string{".github/workflows/deploy.yml", "on: push\njobs:\n  d:\n    steps:\n" + steps}
}

func TestRows(t *testing.T) {
	const toml = "wrangler.toml"
	main := "main = \"src/index.ts\"\n"
	for _, test := range []struct {
		name, id string
		files    []string
		want     Status
		says     string // of the first evidence: "path:line text"
	}{
		{"literal in vars", "workers-secret", []string{toml, main + "[vars]\nAPI_TOKEN = \"abcdefgh12345\"\n"}, Fail, "wrangler.toml:3 API_TOKEN is a plain-text var"},
		{"literal in vars of an environment", "workers-secret", []string{"wrangler.jsonc", `{"env": {"prod": {"vars": {"STRIPE_KEY": "abcdefgh12345"}}}}`}, Fail, "in env.prod"},
		{"placeholder in vars", "workers-secret", []string{toml, main + "[vars]\nAPI_TOKEN = \"<your token>\"\n"}, Unknown, "wrangler.toml:3 API_TOKEN has its place among the plain-text vars"},
		{"place kept in vars of a template", "workers-secret", []string{"wrangler.toml.template", main + "[vars]\nJWT_SECRET = \"xxx\"\nMODEL = \"xxx\"\n"}, Unknown, "wrangler.toml.template:3 JWT_SECRET has its place"},
		{"literals in a list", "workers-secret", []string{toml, main + "[vars]\nADMIN_PASSWORDS = [\"abcdefgh12345\"]\n"}, Fail, "wrangler.toml:3 ADMIN_PASSWORDS is a plain-text var"},
		{"a fallback in Python", "workers-secret", []string{toml, "main = \"src/entry.py\"\n", "src/entry.py", "k = self.env.API_TOKEN or \"abcdefgh12345\""}, Fail, "a literal is used"},
		{"by name in Python", "workers-secret", []string{toml, "main = \"src/entry.py\"\n", "src/entry.py", "k = getattr(self.env, \"API_TOKEN\", None)"}, Unknown, "API_TOKEN is used"},
		{"by name with a literal in Python", "workers-secret", []string{toml, "main = \"src/entry.py\"\n", "src/entry.py", "k = getattr(self.env, \"API_TOKEN\", \"abcdefgh12345\")"}, Fail, "a literal is used"},
		{"OpenNext", "workers-secret", []string{toml, main, "package.json", "{\n\"dependencies\": {\"@opennextjs/cloudflare\": \"1\"}}"}, None, "package.json:2 OpenNext writes all values"},
		{"built into the code", "workers-secret", []string{toml, main, "src/routes/+page.server.ts", "import {\n  PUBLIC_URL,\n  CMS_SECRET as secret,\n} from '$env/static/private';"}, Fail, "src/routes/+page.server.ts:3 CMS_SECRET is written into the code"},
		{"may be built into the code", "workers-secret", []string{toml, main, "src/pages/index.astro", "const k = import.meta.env.CMS_TOKEN; // import.meta.env.PUBLIC_TOKEN"}, Unknown, "CMS_TOKEN is taken from the build"},
		{"unpacked from another env", "workers-secret", []string{toml, main, "src/index.ts", "const { REDIS_TOKEN = '' } = process.env;\nconst { VITE_SECRET } = import.meta.env;\nimport.meta.env.VITE_TOKEN"}, None, "nothing that sounds like a secret"},
		{"unpacked from the process's env, which is filled", "workers-secret", []string{toml, "compatibility_date = \"2025-05-01\"\ncompatibility_flags = [\"nodejs_compat\"]\n" + main, "src/index.ts", "const { REDIS_TOKEN } = process.env"}, Unknown, "REDIS_TOKEN is used"},
		{"unpacked with a literal", "workers-secret", []string{toml, main, "src/index.ts", "const { API_TOKEN = \"abcdefgh12345\" } = env;"}, Fail, "a literal is used"},
		{"code that is shown", "workers-secret", []string{toml, main, "src/demo.ts", "const code = `export default {\n  fetch(r, env) { return f(env.GITHUB_SECRET) }\n}`;\n"}, None, ""},
		{"code in an insertion", "workers-secret", []string{toml, main, "src/demo.ts", "const q = `a\n${f(env.GITHUB_SECRET)}\n`;\n"}, Unknown, "src/demo.ts:2 GITHUB_SECRET"},
		{"a mark of a regular expression", "workers-secret", []string{toml, main, "src/demo.ts", "const a = s.replace(/`/g, \"\");\nf(env.GITHUB_SECRET);\nconst b = `x\ny`;\n"}, Unknown, "src/demo.ts:2 GITHUB_SECRET"},
		{"a name of the build", "workers-secret", []string{toml, main, "src/index.ts", "env.__NEXT_PRIVATE_STANDALONE_CONFIG"}, None, ""},
		{"a configuration made of a secret", "workers-secret", append(workflow("      - run: |\n          cat << 'EOF' > wrangler.toml\n          ${{secrets.WRANGLER_TOML}}\n          EOF\n          npx wrangler deploy\n"), toml, main), Unknown, "deploy.yml:6 the configuration that is deployed is written here"},
		{"a document of another Worker", "workers-secret", []string{"a/wrangler.toml", main, "a/src/index.ts", "env.API_TOKEN", "b/wrangler.toml", main, "b/README.md", "npx wrangler secret put API_TOKEN\n"}, Unknown, "API_TOKEN is used and declared nowhere\n"},
		{"a document that tells how", "workers-secret", []string{toml, main, "src/index.ts", "env.API_TOKEN", "docs/x.md", "\nnpx wrangler secret put API_TOKEN\n"}, Unknown, "docs/x.md:2 says to store it"},
		{"action's command with --var", "workers-secret", append(workflow("      - uses: cloudflare/wrangler-action@v3\n        with:\n          command: deploy --var API_TOKEN:${{ secrets.T }}\n"), toml, main), Fail, "deploy.yml:7 API_TOKEN is deployed as a plain-text var by --var"},
		{"a script's --var", "workers-secret", []string{toml, main, "package.json", `{"scripts": {"deploy": "wrangler deploy --var API_TOKEN:$T"}}`}, Fail, "plain-text var by --var"},
		{"--var of a public name", "workers-secret", []string{toml, main, "package.json", `{"scripts": {"deploy": "wrangler deploy --var LEVEL:$T", "dev": "wrangler dev --var API_TOKEN:x"}}`}, None, ""},
		{"public key in vars", "workers-secret", []string{toml, main + "[vars]\nTURNSTILE_SITE_KEY = \"0x4AAAAAAAabcdef\"\n"}, None, ""},
		{"declared", "workers-secret", []string{toml, main + "[secrets]\nrequired = [\"API_TOKEN\"]\n", "src/index.ts", "env.API_TOKEN"}, Pass, "wrangler.toml:3 API_TOKEN is declared"},
		{"declared at the top level only", "workers-secret", []string{toml, main + "[secrets]\nrequired = [\"API_TOKEN\"]\n[env.prod]\nname = \"x\"\n", "src/index.ts", "env.API_TOKEN"}, Unknown, "env.prod"},
		{"used only, in Pages", "workers-secret", []string{toml, "pages_build_output_dir = \"public\"\n", "functions/a.ts", "\nenv.API_TOKEN"}, Unknown, "API_TOKEN is used and declared nowhere"},
		{"used only", "workers-secret", []string{toml, main, "src/index.ts", "\nenv.API_TOKEN"}, Unknown, "src/index.ts:2 API_TOKEN is used and declared nowhere"},
		{"put by CI", "workers-secret", append(workflow("      - run: npx wrangler secret put API_TOKEN\n"), toml, main, "src/index.ts", "env.API_TOKEN"), Unknown, ".github/workflows/deploy.yml:5 puts it"},
		{"fallback", "workers-secret", []string{toml, main, "src/index.ts", `env.API_TOKEN ?? "abcdefgh12345"`}, Fail, "a literal is used"},
		{"action's vars", "workers-secret", append(workflow("      - uses: cloudflare/wrangler-action@v3\n        with:\n          vars: |\n            API_TOKEN\n"), toml, main), Fail, "plain-text var by wrangler-action"},
		{"Secrets Store", "workers-secret", []string{toml, main + "[[secrets_store_secrets]]\nbinding = \"API_TOKEN\"\n", "src/index.ts", "env.API_TOKEN.get()"}, Pass, "Secrets Store"},
		{"a KV namespace of that name", "workers-secret", []string{toml, main + "[[kv_namespaces]]\nbinding = \"TOKENS\"\n", "src/index.ts", "env.TOKENS.get()"}, None, ""},

		{"nothing to rotate", "rotation", []string{toml, main}, None, ""},
		{"not documented", "rotation", []string{toml, main, "src/index.ts", "env.API_TOKEN"}, Fail, "nothing in the repository"},
		{"documented", "rotation", []string{"SECURITY.md", "# Keys\nAPI tokens are rotated every 60 days.\n"}, Pass, "SECURITY.md:2 rotation is documented, every 60 days"},
		{"documented, too rarely", "rotation", []string{"SECURITY.md", "We rotate keys every 6 months.\n"}, Fail, "every 184 days"},
		{"documented by the quarter", "rotation", []string{"SECURITY.md", "Secrets are rotated quarterly.\n"}, Unknown, "92 days"},
		{"rotation of logs", "rotation", []string{"README.md", "Logs are rotated every 7 days.\n"}, None, ""},
		{"rotation of logs, beside keys", "rotation", []string{toml, main, "src/index.ts", "env.API_TOKEN", "README.md", "Logs are rotated every 7 days.\nAPI keys are kept in a vault.\n"}, Fail, "nothing in the repository"},
		{"rotation that is not done", "rotation", []string{toml, main, "src/index.ts", "env.API_TOKEN", "README.md", "TODO: rotate keys every 30 days\n- tokens are not rotated monthly\n"}, Fail, "nothing in the repository"},
		{"rotation in a list about other things", "rotation", []string{toml, main, "src/index.ts", "env.API_TOKEN", "README.md", "- keys are kept in a vault\n- images rotate every 7 days\n"}, Fail, "nothing in the repository"},
		{"documented in a table", "rotation", []string{"SECURITY.md", "| key | when |\n|---|---|\n| API token | rotated every 30 days |\n"}, Pass, "SECURITY.md:3"},
		{"documented under a heading", "rotation", []string{"SECURITY.md", "## Key rotation\n\nEvery 60 days, by the one on duty.\n"}, Pass, "SECURITY.md:1 rotation is documented, every 60 days"},
		{"documented across lines", "rotation", []string{"SECURITY.md", "We keep two API tokens, which are\nrotated every 60 days.\n"}, Pass, "SECURITY.md:2"},
		{"cron by the quarter", "rotation", []string{".github/workflows/r.yml", "on:\n  schedule:\n    - cron: '0 0 1 */3 *'\njobs:\n  r:\n    steps:\n      - run: curl -X PUT $API/tokens/$ID/value\n"}, Fail, ".github/workflows/r.yml:3 the job that rotates has gaps of 92 days"},
		{"cron every other month", "rotation", []string{".github/workflows/r.yml", "on:\n  schedule:\n    - cron: '0 0 1 */2 *'\njobs:\n  r:\n    steps:\n      - run: npx wrangler secret put K < k\n"}, Pass, "62 days"},
		{"a schedule that rotates nothing", "rotation", []string{".github/workflows/r.yml", "on:\n  schedule:\n    - cron: '0 0 * * *'\njobs:\n  r:\n    steps:\n      - run: npm test\n"}, None, ""},
		{"Terraform rotates", "rotation", []string{"main.tf", "provider \"cloudflare\" {}\nresource \"time_rotating\" \"r\" {\n  rotation_days = 30\n}\n"}, Pass, "main.tf:3 Terraform rotates every 30 days"},
		{"Terraform expires late", "rotation", []string{"main.tf", "# cloudflare\nexpires_on = \"2028-01-01T00:00:00Z\"\n"}, Fail, "the token ends in 402 days"},
		{"manifest", "rotation", []string{".secrets-rotation.yml", "- {name: A, last_rotated: 2026-11-01}\n"}, Pass, "A was rotated 24 days ago"},
		{"manifest, a day to come", "rotation", []string{".secrets-rotation.yml", "- {name: A, last_rotated: 2027-11-01}\n"}, Unknown, "A is said to be rotated on a day to come"},
		{"manifest, too old", "rotation", []string{".secrets-rotation.yml", "secrets:\n  - {name: A, last_rotated: 2026-10-01, max_age_days: 30}\n"}, Fail, "A was rotated 55 days ago"},

		{"no logs", "access-logs", []string{toml, main}, Fail, "no logs are configured"},
		{"logs off", "access-logs", []string{toml, main + "[observability]\nenabled = false\n"}, Fail, "wrangler.toml:2 logs are not enabled"},
		{"Workers Logs", "access-logs", []string{toml, main + "[observability]\nenabled = true\n"}, Unknown, "seven days"},
		{"sampled", "access-logs", []string{toml, main + "[observability]\nenabled = true\nhead_sampling_rate = 0.1\n"}, Fail, "wrangler.toml:4 only a part"},
		{"observability without logs", "access-logs", []string{toml, main + "[observability]\nenabled = true\n[observability.logs]\nenabled = false\n"}, Fail, "wrangler.toml:5 observability is on, but its logs are not"},
		{"not persisted", "access-logs", []string{toml, main + "[observability.logs]\nenabled = true\npersist = false\n"}, Fail, "persist is off"},
		{"exported", "access-logs", []string{toml, main + "[observability.logs]\nenabled = true\ndestinations = [\"x\"]\n"}, Pass, "exported"},
		{"tail consumer, not inherited", "access-logs", []string{toml, main + "tail_consumers = [{service = \"t\"}]\n[env.prod]\nname = \"p\"\n"}, Fail, "in env.prod"},
		{"no tail consumer after all", "access-logs", []string{toml, main + "tail_consumers = []\n"}, Fail, ""},
		{"logpush without a job", "access-logs", []string{toml, "logpush = true\n" + main}, Unknown, "wrangler.toml:1 Logpush is on, but no job"},
		{"logpush with a job", "access-logs", []string{toml, "logpush = true\n" + main, "l.tf", "resource \"cloudflare_logpush_job\" \"j\" {\n dataset = \"workers_trace_events\"\n}\n"}, Pass, "l.tf:1"},
		{"env in logs", "access-logs", []string{toml, "logpush = true\n" + main, "src/index.ts", "console.log(\"env\", env);"}, Fail, "src/index.ts:1 the whole env"},
		{"a token in logs", "access-logs", []string{toml, main + "tail_consumers = [{service = \"t\"}]\n", "src/index.ts", "console.log(`t ${env.API_TOKEN}`)"}, Fail, "API_TOKEN is written to the logs"},
		{"a token in logs, in Python", "access-logs", []string{toml, "main = \"src/entry.py\"\n", "src/entry.py", "print(f\"key {self.env.API_TOKEN}\")"}, Fail, "API_TOKEN is written to the logs"},
		{"whether a token is set in logs", "access-logs", []string{toml, main + "[observability.logs]\nenabled = true\ndestinations = [\"x\"]\n", "src/index.ts", "console.log(\"a\", { has: !!env.API_TOKEN });\nconsole.log(Boolean(env.API_TOKEN));"}, Pass, "exported"},
		{"a header in logs", "access-logs", []string{toml, main, "src/index.ts", "console.log(\"a\", c.req.header(\"authorization\"));"}, Fail, "src/index.ts:1 headers of requests"},
		{"files only, in an environment too", "access-logs", []string{toml, "[assets]\ndirectory = \"public\"\n[env.prod]\nname = \"p\"\n"}, None, ""},
		{"files only", "access-logs", []string{toml, "[assets]\ndirectory = \"public\"\n"}, None, ""},

		{"a header that browsers may send", "least-privilege", []string{toml, main, "src/index.ts", "const h = { \"Access-Control-Allow-Headers\": \"Content-Type, X-Auth-Key, X-B\" };"}, None, ""},
		{"the global key in code", "least-privilege", []string{toml, main, "src/index.ts", "const h = { 'X-Auth-Key': k };"}, Fail, "code signs in with the global key"},
		{"global key", "least-privilege", workflow("      - run: npx wrangler deploy\n        env:\n          CLOUDFLARE_API_KEY: ${{ secrets.K }}\n          CLOUDFLARE_EMAIL: a@example.com\n"), Fail, "global key"},
		{"the same token on both sides", "least-privilege", workflow("      - run: echo \"$CF_API_TOKEN\" | wrangler secret put AI_KEY\n"), Fail, "the token that deploys"},
		{"the same secret on both sides", "least-privilege", workflow("      - uses: cloudflare/wrangler-action@v3\n        with:\n          apiToken: ${{ secrets.T }}\n          secrets: AI\n        env:\n          AI: ${{ secrets.T }}\n"), Fail, "the token that deploys"},
		{"another secret", "least-privilege", workflow("      - uses: cloudflare/wrangler-action@v3\n        with:\n          apiToken: ${{ secrets.T }}\n          secrets: AI\n        env:\n          AI: ${{ secrets.U }}\n"), Unknown, ""},
		{"every account", "least-privilege", []string{"m.tf", "resource \"cloudflare_api_token\" \"t\" {\n  policies = [{ resources = { \"com.cloudflare.api.account.*\" = \"*\" } }]\n  expires_on = \"2026-12-01T00:00:00Z\"\n}\n"}, Fail, "m.tf:2 a policy reaches every account"},
		{"no end", "least-privilege", []string{"m.tf", "resource \"cloudflare_api_token\" \"t\" {\n}\n"}, Fail, "never expires"},
		{"no token", "least-privilege", []string{toml, main}, None, ""},

		{"secrets from the store", "ci-injection", workflow("      - uses: cloudflare/wrangler-action@v3\n        with:\n          apiToken: ${{ secrets.T }}\n"), Pass, ".github/workflows/deploy.yml:7 apiToken comes from"},
		{"one secret or another", "ci-injection", workflow("      - uses: cloudflare/wrangler-action@v3\n        with:\n          apiToken: ${{ secrets.T || secrets.U }}\n"), Pass, ".github/workflows/deploy.yml:7 apiToken comes from"},
		{"a secret or a literal", "ci-injection", workflow("      - uses: cloudflare/wrangler-action@v3\n        with:\n          apiToken: ${{ secrets.T || 'abcdef' }}\n"), Unknown, "is unknown"},
		{"literal", "ci-injection", workflow("      - run: npx wrangler deploy\n        env: {CLOUDFLARE_API_TOKEN: abcdef}\n"), Fail, "written into the file"},
		{"unseen", "ci-injection", []string{".gitlab-ci.yml", "d:\n  script: [npx wrangler deploy]\n"}, Unknown, "not named here"},
		{"pasted", "ci-injection", workflow("      - run: echo ${{ secrets.T }} | npx wrangler secret put T\n"), Fail, "pasted into the text"},
		{"pasted into an assignment", "ci-injection", workflow("      - run: |\n          export mode=${{ secrets.MODE }}\n          npx wrangler deploy\n        env:\n          CLOUDFLARE_API_TOKEN: ${{ secrets.T }}\n"), Fail, "deploy.yml:6 a secret is pasted"},
		{"pasted into a file", "ci-injection", workflow("      - run: |\n          cat << EOF > wrangler.toml\n          ${{secrets.WRANGLER_TOML}}\n          EOF\n"), Fail, "deploy.yml:7 a secret is pasted"},
		{"deployed by a script", "ci-injection", append(workflow("      - run: pnpm -w deploy-live-demos\n        env: {CLOUDFLARE_API_TOKEN: '${{ secrets.T }}', CLOUDFLARE_ACCOUNT_ID: '${{ secrets.A }}'}\n"), toml, main), Pass, "deploy.yml:6 CLOUDFLARE_API_TOKEN comes from"},
		{"deployed by a script of another name", "ci-injection", append(workflow("      - run: yarn ship\n"), toml, main, "package.json", `{"scripts": {"ship": "wrangler deploy --minify"}}`), Unknown, "this step deploys"},
		{"shown", "ci-injection", workflow("      - run: |\n          set -ex\n          npx wrangler deploy\n        env:\n          CLOUDFLARE_API_TOKEN: ${{ secrets.T }}\n"), Fail, "deploy.yml:6 set -x"},
		{"pasted before an action", "ci-injection", workflow("      - uses: cloudflare/wrangler-action@v3\n        with:\n          apiToken: ${{ secrets.T }}\n          preCommands: |\n            npm ci\n            echo ${{ secrets.K }} > k\n"), Fail, "deploy.yml:10 a secret is pasted"},
		{"strangers", "ci-injection", []string{".github/workflows/p.yml", "on: pull_request_target\njobs:\n  d:\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n      - uses: cloudflare/wrangler-action@v3\n        with: {apiToken: '${{ secrets.T }}'}\n"}, Fail, "p.yml:7 pull_request_target"},
		{"old command", "ci-injection", workflow("      - run: wrangler publish\n        env: {CF_API_TOKEN: '${{ secrets.T }}'}\n"), Fail, "gone from wrangler 4"},
		{"old command that is said", "ci-injection", workflow("      - run: |\n          echo \"Writing wrangler config for you\"\n          npx wrangler deploy\n        env: {CLOUDFLARE_API_TOKEN: '${{ secrets.T }}'}\n"), Pass, ""},
		{"old command, old wrangler", "ci-injection", append(workflow("      - run: wrangler publish\n        env: {CF_API_TOKEN: '${{ secrets.T }}'}\n"), "package.json", `{"devDependencies": {"wrangler": "^2.0.0"}}`), Pass, ""},
		{"old package", "ci-injection", workflow("      - run: npm i -g @cloudflare/wrangler\n"), Fail, "wrangler 1"},
		{"a dry run", "ci-injection", append(workflow("      - run: npx wrangler deploy --dry-run\n"), toml, main), Unknown, "no CI file here deploys"},

		{"bound", "no-key-needed", []string{"wrangler.jsonc", "{\n\"ai\": {\"binding\": \"AI\"}}"}, Pass, "wrangler.jsonc:2 Workers AI is bound as AI"},
		{"over REST", "no-key-needed", []string{toml, main, "src/index.ts", "\nfetch(`https://api.cloudflare.com/client/v4/accounts/${a}/ai/run/@cf/x`)"}, Fail, "src/index.ts:2"},
		{"over REST in a comment", "no-key-needed", []string{toml, main + "[ai]\nbinding = \"AI\"\n", "src/index.ts", "// was https://api.cloudflare.com/client/v4/accounts/x/ai/run/@cf/y\n"}, Pass, ""},
		{"over REST although bound", "no-key-needed", []string{toml, main + "[ai]\nbinding = \"AI\"\n", "src/index.ts", "createWorkersAI({ accountId, apiKey })"}, Fail, ""},
		{"bound provider", "no-key-needed", []string{toml, main + "[ai]\nbinding = \"AI\"\n", "src/index.ts", "createWorkersAI({ binding: env.AI })"}, Pass, ""},
		{"a made-up key", "no-key-needed", []string{toml, main + "[ai]\nbinding = \"AI\"\n", "src/index.ts", "createWorkersAI({ accountId: \"replay\", apiKey: \"replay\", fetch })"}, Pass, "bound as AI"},
		{"a key of the caller", "no-key-needed", []string{toml, main, "src/index.ts", "createWorkersAI({\n accountId: request.headers.get(\"X-Id\")!,\n apiKey: request.headers.get(\"X-Key\")!,\n})"}, None, "that the caller brings"},
		{"used and not bound", "no-key-needed", []string{toml, main, "src/index.ts", "await env.AI.run(m, {})"}, Unknown, "src/index.ts:1 env.AI is used"},
		{"no AI", "no-key-needed", []string{toml, main}, None, ""},
	} {
		r := row(t, inputs(test.files...), test.id)
		says := ""
		for _, e := range r.Evidence {
			says += (&Sheet{redact: func(s string) string { return s }}).where(&e) + " " + e.Text + "\n"
		}
		if r.Status != test.want || !strings.Contains(says, test.says) {
			t.Errorf("%s: %s, want %s with %q; evidence:\n%s", test.name, r.Status, test.want, test.says, says)
		}
		if r.Status == Pass && (len(r.Evidence) == 0 || r.Evidence[0].Text == "") {
			t.Errorf("%s: passes without evidence", test.name)
		}
	}
}

func TestSecretsFromWrangler(t *testing.T) {
	in := inputs("wrangler.toml", "[secrets]\nrequired = [\"A_TOKEN\", \"B_TOKEN\"]\n", "src/i.ts", "env.C_TOKEN")
	in.Secrets = []string{"A_TOKEN", "C_TOKEN"}
	r := row(t, in, "workers-secret")
	if r.Status != Fail || !strings.Contains(r.Evidence[0].Text, "B_TOKEN is required") {
		t.Errorf("%+v", r)
	}
	in.Secrets = []string{"A_TOKEN", "B_TOKEN", "C_TOKEN"}
	if r := row(t, in, "workers-secret"); r.Status != Pass {
		t.Errorf("%+v", r)
	}
	in = inputs("wrangler.toml", "[env.prod.secrets]\nrequired = [\"B_TOKEN\"]\n")
	in.Secrets = []string{"A_TOKEN"} // of another environment
	if r := row(t, in, "workers-secret"); r.Status != Pass || !strings.Contains(r.Evidence[0].Text, "declared") {
		t.Errorf("%+v", r)
	}
	in = inputs("a/wrangler.toml", "", "a/src/i.ts", "env.C_TOKEN", "b/wrangler.toml", "", "c/wrangler.toml.example", "")
	in.Secrets = []string{"C_TOKEN"}
	if r := row(t, in, "workers-secret"); r.Status != Unknown || !strings.Contains(r.Evidence[1].Text, "cannot say which") {
		t.Errorf("%+v", r)
	}
	in = inputs("wrangler.toml", "[vars]\nA_TOKEN = \"abcdefgh1234\"\n")
	in.Secrets = []string{"A_TOKEN"}
	if r := row(t, in, "workers-secret"); !strings.Contains(r.Evidence[0].Text, "in place of the secret") {
		t.Errorf("%+v", r)
	}
}

// TestNoKeyIsWritten: a secret that a scan knows is in no form of the sheet,
// even where a file or a name is made of it.
func TestNoKeyIsWritten(t *testing.T) {
	secret := strings.Repeat("Kx02Vt7R", 3) // made up
	in := inputs("wrangler.toml", "main = \"x\"\n[vars]\n"+secret+"_TOKEN = \"abcdefgh1234\"\n", "src/"+secret+".ts", "env.API_TOKEN")
	rule := &rules.Rule{ID: "made-up", Title: "Made up", Remedy: "Rotate " + secret}
	in.Files.Findings = []finding.Finding{{Rule: rule, Secret: finding.NewSecret([]byte(secret)), Places: []finding.Place{{Path: secret + ".txt", Line: 3}}, Fingerprint: "1"}}
	s := NewSheet("p", in)
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text":     func(b *bytes.Buffer) error { return s.WriteText(b, func(_ Status, w string) string { return w }) },
		"markdown": func(b *bytes.Buffer) error { return s.WriteMarkdown(b) },
		"json":     func(b *bytes.Buffer) error { return s.WriteJSON(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), secret) || !strings.Contains(b.String(), "Made up") {
			t.Errorf("%s:\n%s", name, b.String())
		}
		if name == "json" && !json.Valid(b.Bytes()) {
			t.Error("no JSON")
		}
	}
}

func TestGapsKeepFromPassing(t *testing.T) {
	in := inputs("wrangler.toml", "main = \"x\"\n")
	in.History.Coverage = finding.Coverage{Source: "history", Blobs: finding.Count{Reached: 2, Read: 1}, Gaps: []finding.Gap{{What: "blob 1", Reason: "it is missing"}}}
	if r := row(t, in, "no-hard-coded-keys"); r.Status != Unknown {
		t.Errorf("%+v", r)
	}
	if list := in.unread(); len(list) != 1 {
		t.Errorf("unread %q", list)
	}
	in.History = nil
	if r := row(t, in, "no-hard-coded-keys"); r.Status != Unknown {
		t.Errorf("without git: %+v", r)
	}
}
