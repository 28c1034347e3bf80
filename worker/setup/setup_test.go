package setup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keyrake/worker"
)

// TestExtendKeeps adds to configurations of many forms, and demands that each
// parses and says what it said before.
func TestExtendKeeps(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"wrangler.json", `{"name": "a"}`, `{"name": "a", "build": { "command": "npx --no -- scan --history --wrangler" }}`},
		{"wrangler.json", "{\n\t\"name\": \"a\"\n}\n", "{\n\t\"name\": \"a\",\n\t\"build\": { \"command\": \"npx --no -- scan --history --wrangler\" }\n}\n"},
		{"wrangler.jsonc", "{\r\n  \"name\": \"a\", // x\r\n}\r\n", "{\r\n  \"name\": \"a\", // x\r\n  \"build\": { \"command\": \"npx --no -- scan --history --wrangler\" },\r\n}\r\n"},
		{"wrangler.jsonc", "{\n  \"a\": {\n    \"b\": 1,\n  } // end\n}", "{\n  \"a\": {\n    \"b\": 1,\n  }, // end\n  \"build\": { \"command\": \"npx --no -- scan --history --wrangler\" }\n}"},
		{"wrangler.jsonc", "{}", ""},
		{"wrangler.toml", "name = \"a\"", "name = \"a\"\n\n[build]\ncommand = \"npx --no -- scan --history --wrangler\"\n"},
		{"wrangler.toml", "[[x]]\r\ny = 1\r\n", "[[x]]\r\ny = 1\r\n\r\n[build]\r\ncommand = \"npx --no -- scan --history --wrangler\"\r\n"},
		{"wrangler.toml", "build.command = \"mine\"\n", ""},
		{"wrangler.toml", "build = {}\n", ""},
	} {
		p := worker.Read([]worker.File{{Path: test.name, Data: []byte(test.text)}})
		changes, hints := Propose(p, nil, []string{"ci"})
		got := ""
		if len(changes) == 1 {
			got = string(changes[0].New)
		}
		if got != test.want || test.want == "" && len(hints) == 0 {
			t.Errorf("%q: %q, want %q; hints %v", test.text, got, test.want, hints)
		}
	}
}

// TestDiffAppliesInGit holds our diffs against git apply.
func TestDiffAppliesInGit(t *testing.T) {
	for _, test := range []Change{
		{Path: "a.txt", New: []byte("x\ny\n")},
		{Path: "a.txt", Old: []byte("1\n2\n3\n4\n5\n"), New: []byte("1\n2\n3\n4\n5\n\nx\n")},
		{Path: "a.txt", Old: []byte("1\n2\n3\n4\n5\n6\n7\n8\n"), New: []byte("1\n2\n3\n4!\n4b\n5\n6\n7\n8\n")},
		{Path: "a.txt", Old: []byte("1"), New: []byte("1\n2\n")},
		{Path: "a.txt", Old: []byte("a\na\na\n"), New: []byte("a\na\na\na\n")},
	} {
		dir := t.TempDir()
		if test.Old != nil {
			if err := os.WriteFile(filepath.Join(dir, test.Path), test.Old, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("git", "apply", "-")
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(test.Diff())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s%s", err, out, test.Diff())
			continue
		}
		if got, _ := os.ReadFile(filepath.Join(dir, test.Path)); string(got) != string(test.New) {
			t.Errorf("git makes %q of\n%s", got, test.Diff())
		}
	}
}

// TestRedirected: where another tool leaves wrangler a configuration of its own,
// a build command would never run, so none is proposed.
func TestRedirected(t *testing.T) {
	files := []worker.File{
		{Path: "a/wrangler.jsonc", Data: []byte(`{"name": "a"}`)},
		{Path: "a/package.json", Data: []byte(`{"devDependencies": {"@cloudflare/vite-plugin": "^1.0.0"}}`)},
		{Path: "b/wrangler.jsonc", Data: []byte(`{"name": "b"}`)},
	}
	changes, hints := Propose(worker.Read(files), nil, []string{"ci"})
	if len(changes) != 1 || changes[0].Path != "b/wrangler.jsonc" {
		t.Errorf("changes %+v", changes)
	}
	if len(hints) == 0 || !strings.Contains(hints[0].Text, "predeploy") {
		t.Errorf("hints %+v", hints)
	}
}

// TestWorkflowFitsProject proposes a job for each package manager, with the
// action pinned as in this project's own workflows.
func TestWorkflowFitsProject(t *testing.T) {
	own, err := os.ReadFile("../../.github/workflows/scan.yml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(own), "uses: "+checkout+"\n") {
		t.Errorf("our own workflow does not use %q", checkout)
	}
	for _, test := range []struct{ files, install, run, add string }{
		{"", "npm ci", "npx --no -- scan --history", "npm install --save-dev"},
		{"package-lock.json", "npm ci", "npx --no -- scan --history", "npm install --save-dev"},
		{"pnpm-lock.yaml", "pnpm install --frozen-lockfile", "pnpm exec scan --history", "pnpm add --save-dev"},
		{"pnpm-lock.yaml pnpm-workspace.yaml", "pnpm install --frozen-lockfile", "pnpm exec scan --history", "pnpm add --save-dev --workspace-root"},
		{"yarn.lock package.json", "yarn install --frozen-lockfile", "npx --no -- scan --history", "yarn add --dev --ignore-workspace-root-check"},
		{"yarn.lock", "yarn install --frozen-lockfile", "npx --no -- scan --history", "yarn add --dev"},
		{"yarn.lock .yarnrc.yml", "yarn install --immutable", "yarn run scan --history", "yarn add --dev"},
		{"bun.lock", "", "bun run scan --history", "bun add --dev"},
	} {
		files := []worker.File{{Path: "wrangler.toml", Data: []byte("name = \"a\"\n")}}
		for _, name := range strings.Fields(test.files) {
			files = append(files, worker.File{Path: name, Data: []byte("{\"workspaces\": [\"a\"]}")})
		}
		changes, hints := Propose(worker.Read(files), nil, []string{"gitignore", "secrets"})
		text := ""
		for _, c := range changes {
			text += string(c.New)
		}
		if got := strings.Contains(text, "uses: "+checkout); got != (test.install != "") || !strings.Contains(text, test.install) {
			t.Errorf("%s: proposes\n%s", test.files, text)
		}
		for _, h := range hints {
			text += h.Text + "\n"
		}
		if !strings.Contains(text, test.run) || !strings.Contains(text, test.add+" keyrake") {
			t.Errorf("%s: proposes and says\n%s", test.files, text)
		}
	}
}

// TestRequiredSaysWhatItDoes: named environments have no list then, and wrangler dev reads no more
// than the list.
func TestRequiredSaysWhatItDoes(t *testing.T) {
	p := worker.Read([]worker.File{
		{Path: "wrangler.toml", Data: []byte("name = \"a\"\n[env.prod]\nname = \"b\"\n")},
		{Path: "src/a.js", Data: []byte("fetch(env.API_TOKEN)\n")},
	})
	changes, hints := Propose(p, nil, []string{"ci", "gitignore", "build"})
	if len(changes) != 1 || !strings.Contains(string(changes[0].New), `required = ["API_TOKEN"]`) {
		t.Fatalf("%s", changes)
	}
	if len(hints) != 2 || !strings.Contains(hints[0].Text, "wrangler dev") || !strings.Contains(hints[1].Text, "env.prod does not inherit") {
		t.Errorf("%+v", hints)
	}
}

// TestPagesHasNoListOfSecrets: wrangler refuses the configuration of a Pages project that has one.
func TestPagesHasNoListOfSecrets(t *testing.T) {
	p := worker.Read([]worker.File{
		{Path: "wrangler.toml", Data: []byte("name = \"a\"\npages_build_output_dir = \"public\"\n")},
		{Path: "functions/a.js", Data: []byte("export const onRequest = ({ env }) => fetch(env.API_TOKEN)\n")},
	})
	changes, hints := Propose(p, nil, []string{"ci", "gitignore", "hook"})
	for _, c := range changes {
		if strings.Contains(string(c.New), "required") {
			t.Errorf("%s: %s", c.Path, c.New)
		}
	}
	told := false
	for _, h := range hints {
		told = told || strings.Contains(h.Text, "wrangler pages secret put") && strings.Contains(h.Text, "API_TOKEN")
	}
	if !told {
		t.Errorf("%+v", hints)
	}
}
