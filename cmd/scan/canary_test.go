package main

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"keyrake/fixtures"
	"keyrake/rules/example"
)

// canary is a secret that must never come out again.
type canary struct {
	text string // as it stands in a file: the whole line, or lines
	core string // what of it nobody may show; a masked form shows less than what is left out
}

// sorts are what canaries are made from: where they stand, the secret's template,
// and how many bytes at its start are no secret.
var sorts = []struct {
	line, template string
	public         int
}{
	{"CLOUDFLARE_API_TOKEN=%s", `{{cf "cfut"}}`, 6},
	{"Authorization: Bearer %s", `{{cf "cfat"}}`, 6},
	{"token = %q", `{{github "ghp"}}`, 6},
	{"db_password = %q", `{{password}}`, 0},
	{"DATABASE_URL=postgres://app:%s@db.shop-prod.internal:5432/shop", `{{alnum 22}}`, 4},
	{"redis://:%s@cache.shop-prod.internal:6379/0", `{{alnum 18}}`, 0},
	{"//registry.npmjs.org/:_authToken=%s", `{{npm}}`, 6},
	{"aws_secret_access_key = %s", `{{awssecret}}`, 4},
	{"%s", `{{pem "ec"}}`, 80},
	{"CLIENT_SECRET: %s", `{{hex 40}}`, 4},
}

const canaryCount = 100

func makeCanaries(t *testing.T) (list []canary) {
	t.Helper()
	for i := range canaryCount {
		sort := sorts[i%len(sorts)]
		secret, err := example.Expand(sort.template, fmt.Sprint("canary ", i))
		if err != nil {
			t.Fatal(err)
		}
		c := canary{fmt.Sprintf(sort.line, secret), secret[sort.public:]}
		if sort.line == "%s" { // the lines of a PEM block; its end is the same in all
			c.core, _, _ = strings.Cut(c.core, "\n-----END")
		} else if len(secret) >= 20 {
			c.core = secret[max(sort.public, 4) : len(secret)-2]
		}
		list = append(list, c)
	}
	return list
}

// lookout knows every stretch of eight bytes of the canaries, and their digests.
type lookout struct {
	stretches map[string]int
	digests   map[string]int
}

const stretch = 8

func newLookout(list []canary) *lookout {
	l := &lookout{map[string]int{}, map[string]int{}}
	for i, c := range list {
		for line := range strings.Lines(c.core) {
			line = strings.TrimSpace(line)
			for at := 0; at+stretch <= len(line); at++ {
				l.stretches[line[at:at+stretch]] = i
			}
		}
		_, secret, _ := strings.Cut(c.text, "=")
		for _, text := range []string{c.core, c.text, secret} {
			a, b, d := md5.Sum([]byte(text)), sha1.Sum([]byte(text)), sha256.Sum256([]byte(text))
			for _, sum := range [][]byte{a[:], b[:], d[:]} {
				l.digests[hex.EncodeToString(sum)[:16]] = i
			}
		}
		if len(c.core) > 12 { // in base64, wherever it begins
			for skip := range 3 {
				l.digests[base64.StdEncoding.EncodeToString([]byte(c.core[skip:skip+12]))] = i
				l.digests[hex.EncodeToString([]byte(c.core[skip:skip+8]))] = i
			}
		}
	}
	return l
}

// seen gives the canaries of which something stands in data.
func (l *lookout) seen(data []byte) map[int]bool {
	found := map[int]bool{}
	for at := 0; at+stretch <= len(data); at++ {
		if i, ok := l.stretches[string(data[at:at+stretch])]; ok {
			found[i] = true
		}
		if at+16 <= len(data) {
			if i, ok := l.digests[string(data[at:at+16])]; ok {
				found[i] = true
			}
		}
	}
	return found
}

// aviary is a repository full of canaries, and the place where scans of it run.
type aviary struct {
	t        *testing.T
	root     string // holds repo, home, tmp and out
	repo     string
	canaries []canary
	lookout  *lookout
	before   map[string]string // what every file held before any scan
	env      []string
	named    string // a canary that stands in names only
	leaks    int
	calls    int
}

// newAviary spreads canaries over files, messages, names and states of a
// repository: each stands in at least one file too.
func newAviary(t *testing.T) *aviary {
	t.Helper()
	a := &aviary{t: t, root: t.TempDir(), canaries: makeCanaries(t)}
	a.repo = filepath.Join(a.root, "repo")
	named, err := example.Expand(`{{github "ghp"}}`, "named")
	if err != nil {
		t.Fatal(err)
	}
	a.named = named
	a.lookout = newLookout(append(a.canaries[:canaryCount:canaryCount], canary{named, named[6 : len(named)-2]}))
	for _, dir := range []string{"repo", "home", "tmp", "out"} {
		if err := os.Mkdir(filepath.Join(a.root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	a.env = append(fixtures.Environ(), "PATH="+os.Getenv("PATH"), "HOME="+filepath.Join(a.root, "home"), "XDG_CACHE_HOME="+filepath.Join(a.root, "home"), "TMPDIR="+filepath.Join(a.root, "tmp"))
	b := fixtures.New(a.repo)
	do := func(name string, args ...string) {
		t.Helper()
		if err := b.Run(name, args...); err != nil {
			t.Fatal(err)
		}
	}
	do("git", "init", "-q")
	for i, c := range a.canaries {
		do("write", fmt.Sprintf("d%d/f%d.conf", i%7, i), "# a file", c.text)
		if i%10 == 9 {
			message := fmt.Sprint("commit ", i)
			if i < 40 {
				message += "\n\nwith " + a.canaries[i-9].text + " and " + a.canaries[i-6].text
			}
			do("commit", message)
		}
	}
	token := strings.TrimPrefix(a.canaries[0].text, "CLOUDFLARE_API_TOKEN=")
	do("write", token+".txt", "the file is named for it")
	do("git", "branch", "b-"+token)
	do("git", "rm", "-q", "d0/f0.conf", "d1/f1.conf")
	do("commit", "take some out", "--author", token+" <"+token+"@example.org>")
	do("git", "tag", "-a", "-m", "tagged "+a.canaries[2].text, "v1")
	do("write", a.named+".conf", a.canaries[7].text)
	do("git", "branch", "n-"+a.named, "HEAD~3")
	do("write", "mixed.txt", a.text())
	do("git", "add", "-A")
	a.before = a.files()
	return a
}

// text is all canaries in one text.
func (a *aviary) text() string {
	var b strings.Builder
	for _, c := range a.canaries {
		b.WriteString(c.text + "\n\n")
	}
	return b.String()
}

// files reads all that lies below the root.
func (a *aviary) files() map[string]string {
	all := map[string]string{}
	err := filepath.WalkDir(a.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		all[path] = string(data)
		return err
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return all
}

// look fails the test if something of a canary stands in what a call left.
func (a *aviary) look(what string, data []byte) {
	a.t.Helper()
	for i := range a.lookout.seen(data) {
		a.leaks++
		if i == canaryCount {
			a.t.Errorf("%s gives away the one that stands in names only", what)
			continue
		}
		a.t.Errorf("%s gives away canary %d, a %s", what, i, sorts[i%len(sorts)].template)
	}
}

// scan runs the program in the repository, looks at what it says, and gives the
// exit code.
func (a *aviary) scan(stdin string, args ...string) (stdout, stderr []byte, code int) {
	a.t.Helper()
	cmd := exec.Command("scan", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = a.repo, a.env, strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // the exit code says it
	a.calls++
	return out.Bytes(), errs.Bytes(), cmd.ProcessState.ExitCode()
}

// quiet demands an exit code, and that nothing of a canary is said.
func (a *aviary) quiet(stdin string, want int, args ...string) {
	a.t.Helper()
	out, errs, code := a.scan(stdin, args...)
	what := "scan " + strings.Join(args, " ")
	if code != want {
		a.t.Errorf("%s: exit code %d, want %d: %.300s", what, code, want, errs)
	}
	a.look(what+" on stdout", out)
	a.look(what+" on stderr", errs)
}

// leftovers looks at every file that was not there, or was another, before.
func (a *aviary) leftovers(what string) {
	a.t.Helper()
	for path, data := range a.files() {
		if was, ok := a.before[path]; !ok || was != data {
			name, _ := filepath.Rel(a.root, path)
			a.look(fmt.Sprintf("%s: the file %s", what, name), []byte(data))
			a.look(fmt.Sprintf("%s: the name of the file %s", what, name), []byte(filepath.Base(path)))
			a.before[path] = data
		}
	}
}

// TestNoCanaryLeaves scans a hundred secrets in every mode, format and failure.
func TestNoCanaryLeaves(t *testing.T) {
	a := newAviary(t)
	out, _, _ := a.scan("", "--history", "--show-secrets", "--format", "json", "--no-cache")
	if n := len(a.lookout.seen(out)); n <= canaryCount {
		t.Errorf("only %d of %d canaries are shown when they are asked for", n, canaryCount+1)
	}
	a.modes()
	a.verbs()
	a.hooks()
	a.leftovers("after all modes")
	a.badSettings()
	a.badOutput()
	a.signals()
	a.badRepository()
	a.leftovers("after all failures")
	t.Logf("%d calls, %d leaks", a.calls, a.leaks)
}

func (a *aviary) modes() {
	formats := []string{"text", "json", "jsonl", "html", "markdown", "csv", "sarif", "github-sarif", "github", "gitlab", "codequality", "junit"}
	kinds := [][]string{{"."}, {"--staged"}, {"--history"}, {"--history", "--publish", "--unreachable"}, {"--range", "HEAD~5..HEAD"}, {"--stdin"}}
	for i, kind := range kinds {
		all := []string{"--stats", "-j", "8"}
		for j, format := range formats { // two or three kinds of each, and each of all kinds in a file
			all = append(all, "--report", format+"="+filepath.Join(a.root, "out", fmt.Sprintf("%d.%s", i, format)))
			if testing.Short() || (i+j)%3 != 0 && os.Getenv("KEYRAKE_HEAVY") == "" {
				continue
			}
			a.quiet(a.text(), 1, append([]string{"--format", format, "--show-suppressed"}, kind...)...)
		}
		a.quiet(a.text(), 1, append(all, kind...)...)
		for _, flags := range [][]string{{"-q"}, {"--stats", "--color=always"}, {"--max-file-size", "60"}, {"--min-confidence", "0"}} {
			out, errs, _ := a.scan(a.text(), append(flags, kind...)...)
			a.look(fmt.Sprint(flags, kind), append(out, errs...))
		}
	}
}

func (a *aviary) verbs() {
	places := []string{"mixed.txt"}
	for i := range a.canaries {
		if i > 1 && (i < 5 || !testing.Short() && i < 12) { // one of each line
			places = append(places, fmt.Sprintf("d%d/f%d.conf", i%7, i))
		}
	}
	for _, place := range places {
		for _, flags := range [][]string{{place + ":2"}, {"--all", place + ":2"}, {"--min-confidence", "1", place + ":2"}} {
			out, errs, _ := a.scan("", append([]string{"explain"}, flags...)...)
			a.look("explain "+place, append(out, errs...))
		}
	}
	list := filepath.Join(a.root, "list.txt")
	a.quiet("", 1, "plan")
	a.quiet("", 1, "plan", "--filter-repo", list)
	for _, format := range []string{"text", "json"} {
		a.quiet("", 1, "verify-gone", "--format", format, list)
	}
	if err := os.Remove(list); err != nil { // it holds them because it was asked to
		a.t.Error(err)
	}
	for _, args := range [][]string{{"create"}, {"update", "--history"}, {"show"}, {"prune", "--dry-run"}} {
		out, errs, _ := a.scan("", append([]string{"baseline"}, args...)...)
		a.look("baseline "+args[0], append(out, errs...))
	}
	a.leftovers("with a baseline")
	for _, args := range [][]string{{"."}, {"--show-suppressed", "."}, {"--history", "--show-suppressed", "--format", "json"}, {"literal", "--history"}, {"config", "show"}} {
		out, errs, _ := a.scan("", args...)
		a.look(strings.Join(args, " "), append(out, errs...))
	}
	a.remove(".scan-baseline")
	a.projects()
}

// projects runs the commands for a Workers project and those that take over from
// other scanners: they quote files in which canaries stand.
func (a *aviary) projects() {
	p := func(i int) string {
		line, _, _ := strings.Cut(a.canaries[i].text, "\n")
		for _, sep := range []string{"=", ": ", " "} {
			if _, rest, ok := strings.Cut(line, sep); ok {
				line = strings.Trim(rest, `"' `)
			}
		}
		return line
	}
	files := map[string]string{
		"wrangler.toml":                "name = \"x\"\nmain = \"src/index.ts\"\n[vars]\nAPI_TOKEN = \"" + p(0) + "\"\nDB = 'x'\n# " + p(9) + "\n[[kv_namespaces]]\nbinding = \"KV\"\nid = \"" + p(19) + "\" # " + p(3) + "\n",
		"bare/wrangler.toml":           "name = \"x\"\n" + p(9) + " " + p(3) + "\n",
		".gitignore":                   "*.log\n" + p(9) + "\n" + p(13) + "\n",
		"bad/wrangler.toml":            "name = \"x\"\n[vars]\n" + p(0) + "\n",
		"package.json":                 `{"scripts": {"deploy": "CLOUDFLARE_API_TOKEN=` + p(0) + ` wrangler deploy"}, "x": "` + p(9) + `"}`,
		"src/index.ts":                 "const a = env.API_TOKEN ?? '" + p(1) + "';\nconsole.log('" + p(7) + "');\n",
		".dev.vars":                    a.text(),
		"docs/rotation.md":             "rotate " + p(0) + " every 90 days\n",
		"secrets.json":                 `[{"name": "` + p(0) + `", "type": "secret_text"}]`,
		".gitleaks.toml":               "title = '" + p(0) + "'\n[[rules]]\nid = '" + p(1) + "'\nregex = '" + p(0) + "('\n[allowlist]\npaths = ['" + p(0) + "', '" + p(9) + "', '(" + p(13) + "']\nregexes = ['" + p(29) + "(?!x)']\n",
		".gitleaksignore":              p(0) + ":x:1\n" + p(1) + "\n" + p(9) + ":a.txt:x:1\na.txt:" + p(13) + ":1\n",
		".secrets.baseline":            `{"version": "1.4.0", "results": {"` + p(0) + `": [{"type": "` + p(1) + `", "hashed_secret": "` + p(1) + `", "line_number": 2}], "` + p(9) + `": [{"type": "` + p(13) + `", "hashed_secret": "` + p(19) + `", "line_number": 2}]}}`,
		".github/workflows/deploy.yml": "on: push\njobs:\n  d:\n    steps:\n      - run: wrangler deploy\n        env:\n          CLOUDFLARE_API_TOKEN: " + p(0) + "\n      - uses: cloudflare/wrangler-action@v3\n        with: {apiToken: " + p(1) + "}\n",
	}
	for name, text := range files {
		path := filepath.Join(a.repo, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			a.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			a.t.Fatal(err)
		}
		a.before[path] = text
	}
	a.each([][]string{
		{"checklist"}, {"checklist", "--most", "0", "--format", "json"}, {"checklist", "--most", "0", "--format", "markdown"},
		{"checklist", "--secrets-json", "secrets.json"}, {"checklist", "bad"}, {"init", "bad"}, {"init", "bare"}, {"init"},
		{"literal", "--most", "0"}, {"literal", "--history", "--json"}, {"literal", "token"},
		{"triage"}, {"triage", "--accept", "0", "--reason", "x"}, {"triage", "--to", "baseline", "--accept", "1", "--reason", "x"},
		{"import", "gitleaks"}, {"import", "detect-secrets"}, {"import", "gitleaks", "-o", "src"}, {"import", "detect-secrets", "--marks", "-o", "src"},
		{"rules", "lint", ".gitleaks.toml"}, {"rules", "test", "wrangler.toml"}, {"--agent", "."}, {"git"}, {"dir"}, {"hook", "install"}, {"hook", "uninstall"},
	})
	for _, name := range []string{".scan.yaml", "src/.scan.yaml"} { // what .gitleaks.toml allows, in its words
		path := filepath.Join(a.repo, name)
		if data, err := os.ReadFile(path); err == nil {
			a.before[path] = string(data)
		}
	}
	a.leftovers("after checklist, literal, triage and import")
	a.each([][]string{{"init", "--yes", "--skip", "hook"}}) // keeps what the files say
	for name := range files {
		if err := os.Remove(filepath.Join(a.repo, filepath.FromSlash(name))); err != nil {
			a.t.Error(err)
		}
	}
	for _, name := range []string{".scanignore", ".scan-baseline", ".scan.yaml", "scan-rules.yaml", ".gitignore", ".github", "src", "bad", "bare", "docs"} {
		os.RemoveAll(filepath.Join(a.repo, name))
	}
	a.before = a.files()
}

// each runs commands and looks at what they say.
func (a *aviary) each(list [][]string) {
	for _, args := range list {
		out, errs, code := a.scan("", args...)
		a.look(strings.Join(args, " "), append(out, errs...))
		if bytes.Contains(errs, []byte("unknown")) && code == int(exitUsage) {
			a.t.Errorf("%v is no command line: %s", args, errs)
		}
	}
}

func (a *aviary) hooks() {
	message := filepath.Join(a.root, "message.txt")
	if err := os.WriteFile(message, []byte(a.text()), 0o600); err != nil {
		a.t.Fatal(err)
	}
	head, err := exec.Command("git", "-C", a.repo, "rev-parse", "HEAD").Output()
	if err != nil {
		a.t.Fatal(err)
	}
	tip := strings.TrimSpace(string(head))
	name := "refs/heads/" + a.canaries[0].text
	a.quiet("", 1, "hook", "run", "pre-commit")
	a.quiet("", 1, "hook", "run", "commit-msg", message)
	a.quiet(name+" "+tip+" "+name+" "+noObject+"\n", 1, "hook", "run", "pre-push", "origin", "https://example.org/x.git")
	a.quiet(noObject+" "+tip+" "+name+"\n", 0, "hook", "run", "pre-receive") // refs reach it already
	a.quiet(name+" "+tip+"\n", 2, "hook", "run", "pre-push", "origin", "https://example.org/x.git")
	a.quiet(tip+" "+name+" x\n", 2, "hook", "run", "pre-receive")
	a.remove("../message.txt")
}

// badSettings puts canaries where settings are read, in forms that cannot be.
func (a *aviary) badSettings() {
	secret := func(i int) string { return a.canaries[i].text }
	for _, c := range []struct {
		file, text string
		args       []string
	}{
		{".scan.yaml", secret(0) + "\n", nil},
		{".scan.yaml", "password: " + secret(3) + "\n", nil},
		{".scan.yaml", "min-confidence: " + secret(0) + "\n", nil},
		{".scan.yaml", "disable-rule: [\"" + secret(0) + "\"]\n", nil},
		{".scan.yaml", "baseline: {a: " + secret(0) + "\n", nil},
		{".scanignore", secret(0) + "\n", nil},
		{".scanignore", "fingerprint:" + secret(9) + " -- x\n", nil},
		{".scanignore", "a until " + secret(0) + " -- x\n", nil},
		{".scan-baseline", secret(0) + "\n" + secret(3) + "\n", nil},
		{"rules.txt", "rules:\n  - id: " + secret(0) + "\n", []string{"--rules", "rules.txt"}},
		{"rules.txt", secret(3) + "\n\t- x", []string{"--rules", "rules.txt"}},
		{"list.txt", "ab\n", []string{"verify-gone", "list.txt"}},
		{"list.txt", "regex:(" + secret(0) + "\n", []string{"verify-gone", "list.txt"}},
		{".git/config", "[core]\n\tbare = false\n[remote \"origin\"\n\turl = https://x:" + secret(0) + "@example.org\n", []string{"--history"}},
		{".git/config", "[core]\n\tbare = " + secret(0) + "\n", []string{"--history"}},
		{".git/config", "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tx" + strings.ReplaceAll(secret(9), "_", "-")[:12] + " = " + secret(0) + "\n", []string{"--history"}},
	} {
		path := filepath.Join(a.repo, c.file)
		was, existed := a.before[path]
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			a.t.Fatal(err)
		}
		a.before[path] = c.text
		args := c.args
		if args == nil {
			args = []string{"."}
		}
		out, errs, code := a.scan("", args...)
		if a.look(fmt.Sprintf("%s with %.20q…: %v", c.file, c.text, args), append(out, errs...)); code == int(exitClean) {
			a.t.Errorf("%s with %.20q…: exit code 0: %s", c.file, c.text, errs)
		}
		if existed {
			if err := os.WriteFile(path, []byte(was), 0o600); err != nil {
				a.t.Fatal(err)
			}
			a.before[path] = was
		} else {
			a.remove(c.file)
		}
	}
}

func (a *aviary) remove(name string) {
	a.t.Helper()
	path := filepath.Join(a.repo, name)
	if err := os.Remove(path); err != nil {
		a.t.Error(err)
	}
	delete(a.before, path)
}

// slow is a rule that runs out of its time on canaries.
const slow = `rules:
  - id: slow
    title: a slow rule
    provider: none
    remedy: none
    confidence: 0.9
    keywords: [cloudflare_api]
    backtrack: true
    reach: {before: 200, after: 2000}
    pattern: '(?i:cloudflare_api)\w*[^-]?[\w=]*[^-]?[\w=]*[^-]?[\w=]*[^-]?[\w=]*[^-]?[\w=]*[^-]?[\w=]*[^-]?(?=-)'
`

// badOutput writes to where nothing can be written, and lets a rule time out.
func (a *aviary) badOutput() {
	rules := filepath.Join(a.root, "slow.yaml")
	if err := os.WriteFile(rules, []byte(slow), 0o600); err != nil {
		a.t.Fatal(err)
	}
	out, errs, _ := a.scan("", "--rules", rules, "d0/f70.conf")
	a.look("a rule's time-out", append(out, errs...))
	if !bytes.Contains(out, []byte("rule slow ran out of time in it")) {
		a.t.Errorf("the rule did not run out of time: %s%s", out, errs)
	}
	for _, file := range []string{filepath.Join(a.root, "none", "report"), a.root, "/dev/full"} {
		for _, format := range []string{"text", "json", "html"} {
			out, errs, code := a.scan("", "--history", "--format", format, "-o", file)
			a.look("a report to "+file, append(out, errs...))
			if code == int(exitClean) {
				a.t.Errorf("a report to %s: exit code 0", file)
			}
		}
	}
	if full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0); err == nil {
		defer full.Close()
		cmd := exec.Command("scan", "--history")
		cmd.Dir, cmd.Env, cmd.Stdout = a.repo, a.env, full
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Run(); err == nil {
			a.t.Error("a full disk: exit code 0")
		}
		a.look("a full disk", stderr.Bytes())
	}
}

// signals ends scans in their midst: by Ctrl-C, by a request for a stack trace,
// and without a chance to tidy up.
func (a *aviary) signals() {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGKILL} {
		for _, args := range [][]string{{"-"}, {"-", "-o", filepath.Join(a.root, "out", "cut.json"), "--format", "json"}} {
			cmd := exec.Command("scan", args...)
			cmd.Dir, cmd.Env = a.repo, a.env
			stdin, err := cmd.StdinPipe()
			if err != nil {
				a.t.Fatal(err)
			}
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				a.t.Fatal(err)
			}
			if _, err := io.WriteString(stdin, strings.Repeat(a.text(), 40)); err != nil {
				a.t.Error(err)
			}
			time.Sleep(200 * time.Millisecond)
			if err := cmd.Process.Signal(sig); err != nil {
				a.t.Error(err)
			}
			_ = cmd.Wait() // it was ended
			stdin.Close()
			a.calls++
			a.look(fmt.Sprintf("%v of scan %v", sig, args), out.Bytes())
			a.leftovers(fmt.Sprintf("after %v", sig))
		}
	}
}

// badRepository damages the pack, a loose object and refs, which have canaries in
// their content and names.
func (a *aviary) badRepository() {
	b := fixtures.New(a.repo)
	token := strings.TrimPrefix(a.canaries[0].text, "CLOUDFLARE_API_TOKEN=")
	for _, step := range [][]string{
		{"git", "commit", "-q", "-m", "last"}, {"git", "repack", "-adq"}, {"write", "late.txt", a.canaries[10].text}, {"commit", "late"},
	} {
		if err := b.Run(step[0], step[1:]...); err != nil {
			a.t.Fatal(err)
		}
	}
	blob, err := exec.Command("git", "-C", a.repo, "rev-parse", "HEAD:late.txt").Output()
	if err != nil {
		a.t.Fatal(err)
	}
	id := strings.TrimSpace(string(blob))
	packs, _ := filepath.Glob(filepath.Join(a.repo, ".git/objects/pack/*.pack"))
	damages := map[string][]string{
		"a loose object": {"flip", ".git/objects/" + id[:2] + "/" + id[2:], "-3"},
		"a ref":          {"write", ".git/refs/heads/b-" + token, "ref: refs/heads/" + token},
		"packed refs":    {"write", ".git/packed-refs", a.canaries[0].text + " refs/heads/" + token},
		"HEAD":           {"write", ".git/HEAD", "ref: refs/heads/" + token},
	}
	for _, path := range packs {
		name, _ := filepath.Rel(a.repo, path)
		damages["a pack"] = []string{"flip", name, "900"}
	}
	for what, step := range damages {
		if err := b.Run(step[0], step[1:]...); err != nil {
			a.t.Fatal(err)
		}
		for _, args := range [][]string{{"--history"}, {"--history", "--format", "json", "--stats"}, {"--range", "HEAD~1..HEAD"}, {"--staged"}, {"plan"}} {
			out, errs, code := a.scan("", args...)
			a.look(fmt.Sprintf("damage of %s: %v", what, args), append(out, errs...))
			if code == int(exitClean) && args[0] == "--history" {
				a.t.Errorf("damage of %s: %v: exit code 0", what, args)
			}
		}
	}
	a.before = a.files()
}
