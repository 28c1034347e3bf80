package checklist

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"keyrake/worker"
)

var (
	runsDeploy = worker.Expression(`\bwrangler(?:@\S+)?\s+(?:--?\S+\s+)*(?:deploy|publish|versions\s+upload|pages\s+(?:deploy|publish))\b|\bopennextjs-cloudflare\s+(?:deploy|upload)\b`)
	runsScript = worker.Expression(`\b(?:npm|pnpm|yarn|bun)\s+(?:--?\S+\s+)*(?:run(?:-script)?\s+)?(?:--?\S+\s+)*([A-Za-z][\w:.-]*)`)
	deployName = worker.Expression(`^deploy(?:$|[:._-])`)
	fromStore  = worker.Expression(`^\$\{\{\s*secrets\.\w+(?:\s*\|\|\s*secrets\.\w+)*\s*\}\}$|^\$[({]?\w+[)}]?$`)
	byName     = worker.Expression(`\$\{\{\s*secrets\.(\w+)\s*\}\}`)
	hereString = worker.Expression(`wrangler\s+(?:versions\s+)?secret(?:\s+|:)put\s+\S+[^|]*<<<\s*["']?[A-Za-z0-9]`)
	piped      = worker.Expression(`\$\{?(CLOUDFLARE_API_TOKEN|CF_API_TOKEN)\}?["']?\s*\|\s*(?:npx\s+|pnpm\s+|yarn\s+)?wrangler\S*\s+(?:versions\s+)?secret`)
	pasted     = worker.Expression(`\$\{\{[^}]*\bsecrets(?:\.\w+|\[)`)
	byHash     = worker.Expression(`@[0-9a-f]{40}$`)
	shows      = worker.Expression(`\bset\s+-\w*x`)
)

// deploys reports whether a step publishes a Worker: by the action, by wrangler, or
// by a script of package.json that says so or is named for it.
func (c *checker) deploys(s *worker.Step) bool {
	if s.IsWranglerAction() {
		return true
	}
	for _, x := range s.Commands {
		if strings.Contains(x.Text, "--dry-run") {
			continue
		}
		if runsDeploy().MatchString(x.Text) {
			return true
		}
		for _, m := range runsScript().FindAllStringSubmatch(x.Text, -1) {
			if deployName().MatchString(m[1]) || slices.ContainsFunc(c.scripts, func(y worker.Command) bool {
				return y.Name == m[1] && runsDeploy().MatchString(y.Text) && !strings.Contains(y.Text, "--dry-run")
			}) {
				return true
			}
		}
	}
	return false
}

// injection answers whether CI hands keys over from its own store.
func (c *checker) injection() (list []Evidence) {
	for i := range c.pipelines {
		p := &c.pipelines[i]
		for j := range p.Steps {
			s := &p.Steps[j]
			if c.deploys(s) {
				list = append(list, c.token(s)...)
			}
			list = append(list, careless(s)...)
		}
		list = append(list, untrusted(p)...)
	}
	list = append(list, c.outdated()...)
	for _, e := range list {
		if e.Status != Note {
			return list
		}
	}
	if len(c.Project.Workers) == 0 {
		return append(list, Evidence{Status: None, Text: "no CI file deploys a Worker"})
	}
	return append(list, Evidence{Status: Unknown, Text: "no CI file here deploys the Worker", Remedy: "if Workers Builds does, its token is kept in the dashboard; if a person does, a workflow with wrangler-action needs no token on a laptop"})
}

// token looks where a step that deploys has its token from.
func (c *checker) token(s *worker.Step) (list []Evidence) {
	account := false
	var token *worker.Setting
	for i := range s.Settings {
		x := &s.Settings[i]
		switch {
		case x.Input && strings.EqualFold(x.Name, "apiToken"), !x.Input && (x.Name == "CLOUDFLARE_API_TOKEN" || x.Name == "CF_API_TOKEN"):
			token = x
		case x.Input && strings.EqualFold(x.Name, "accountId"), x.Name == "CLOUDFLARE_ACCOUNT_ID", x.Name == "CF_ACCOUNT_ID":
			account = true
		}
	}
	switch {
	case token == nil:
		list = append(list, Evidence{Unknown, s.Place, "this step deploys, and its token is not named here", "if the CI system sets CLOUDFLARE_API_TOKEN by itself, all is well"})
	case fromStore().MatchString(token.Value):
		list = append(list, Evidence{Pass, token.Place, token.Name + " comes from the CI's store of secrets", ""})
	case token.Value == "":
		list = append(list, Evidence{Unknown, token.Place, token.Name + " is empty here", ""})
	case strings.Contains(token.Value, "$"):
		list = append(list, Evidence{Unknown, token.Place, "the source of " + token.Name + " is unknown", ""})
	default:
		list = append(list, Evidence{Fail, token.Place, token.Name + " is written into the file", "rotate it, and keep it as a secret of the CI system"})
	}
	if token != nil && !account && !c.namesAccount() {
		list = append(list, Evidence{Note, s.Place, "CLOUDFLARE_ACCOUNT_ID is not given: wrangler asks the API for it, and stops if the token reaches several accounts", ""})
	}
	if s.IsWranglerAction() && !byHash().MatchString(s.Action) {
		list = append(list, Evidence{Note, s.Place, "wrangler-action is named by a tag, which can move", "name it by the hash of a commit"})
	}
	return list
}

func (c *checker) namesAccount() bool {
	for _, w := range c.Project.Workers {
		if w.Config.Root.Get("account_id") != nil {
			return true
		}
	}
	return false
}

// careless finds steps that put keys into logs.
func careless(s *worker.Step) (list []Evidence) {
	secret := false
	for _, x := range s.Settings {
		secret = secret || byName().MatchString(x.Value)
		if x.Name == "WRANGLER_LOG_SANITIZE" && x.Value == "false" {
			list = append(list, Evidence{Fail, x.Place, "wrangler is set to log requests unsanitized, with their tokens", "remove WRANGLER_LOG_SANITIZE"})
		}
	}
	for _, x := range s.Commands {
		switch {
		case pasted().MatchString(x.Text) && !strings.HasPrefix(x.Text, "#"):
			list = append(list, Evidence{Fail, x.Place, "a secret is pasted into the text of a command, where it can be logged and its characters are obeyed", "hand it over with env: and write \"$NAME\""})
		case hereString().MatchString(x.Text):
			list = append(list, Evidence{Fail, x.Place, "a literal is put as a secret", "take it from the CI's store of secrets"})
		case strings.Contains(x.Text, "wrangler auth token"):
			list = append(list, Evidence{Fail, x.Place, "a token of wrangler is printed", "remove the command"})
		case secret && shows().MatchString(x.Text):
			list = append(list, Evidence{Fail, x.Place, "set -x shows every command, in a step that has secrets", "remove it"})
		}
	}
	return list
}

// untrusted finds workflows that run code of strangers beside secrets.
func untrusted(p *worker.Pipeline) (list []Evidence) {
	target := false
	for _, t := range p.Triggers {
		target = target || t == "pull_request_target"
	}
	if !target {
		return nil
	}
	var checkout *worker.Setting
	secret := false
	for i := range p.Steps {
		s := &p.Steps[i]
		for j := range s.Settings {
			secret = secret || byName().MatchString(s.Settings[j].Value) && !strings.Contains(s.Settings[j].Value, "secrets.GITHUB_TOKEN")
		}
		if in, ok := s.Input("ref"); ok && strings.HasPrefix(s.Action, "actions/checkout@") && strings.Contains(in.Value, "github.event.pull_request.head") {
			checkout = &in
		}
	}
	if checkout != nil && secret {
		list = append(list, Evidence{Fail, checkout.Place, "pull_request_target checks out a stranger's code in a workflow that has secrets", "use pull_request, or keep the secrets out of this workflow"})
	}
	return list
}

// replacement is an old word of wrangler and what took its place.
type replacement struct {
	old  func() *regexp.Regexp
	text string
	now  string
	gone bool // wrangler 4 does not know it
}

const wrangler = `\bwrangler\s+`

var replacements = []replacement{
	{worker.Expression(wrangler + `pages\s+publish\b`), "wrangler pages publish", "wrangler pages deploy", true},
	{worker.Expression(wrangler + `publish\b`), "wrangler publish", "wrangler deploy", true},
	{worker.Expression(wrangler + `secret:(?:put|bulk|list|delete)\b`), "wrangler secret:put and its like", "wrangler secret put", true},
	{worker.Expression(wrangler + `kv:\w+`), "wrangler kv:*", "wrangler kv key|namespace|bulk", true},
	{worker.Expression(wrangler + `config(?:\s|$)`), "wrangler config", "CLOUDFLARE_API_TOKEN in the environment", true},
	{worker.Expression(`@cloudflare/wrangler\b`), "the package @cloudflare/wrangler (wrangler 1)", "wrangler, as a dev dependency", true},
	{worker.Expression(`\bCF_API_TOKEN\b`), "CF_API_TOKEN", "CLOUDFLARE_API_TOKEN", false},
	{worker.Expression(`\bCF_ACCOUNT_ID\b`), "CF_ACCOUNT_ID", "CLOUDFLARE_ACCOUNT_ID", false},
	{worker.Expression(`\bCF_API_KEY\b`), "CF_API_KEY", "a scoped token in CLOUDFLARE_API_TOKEN", false},
	{worker.Expression(`\bCF_EMAIL\b`), "CF_EMAIL", "a scoped token in CLOUDFLARE_API_TOKEN", false},
}

// outdated names commands, packages and variables of old versions.
func (c *checker) outdated() (list []Evidence) {
	old := c.oldWrangler()
	look := func(at worker.Place, text string) {
		for _, r := range replacements {
			if !r.old().MatchString(text) {
				continue
			}
			e := Evidence{Note, at, r.text + " is an old name", r.now}
			if r.gone {
				e.Text = r.text + " is gone from wrangler 4"
				if !old {
					e.Status = Fail
				}
			}
			list = append(list, e)
			if r.gone {
				return
			}
		}
	}
	for _, x := range c.commands() {
		if t := strings.TrimSpace(x.Text); !strings.HasPrefix(t, "echo ") || strings.Contains(t, "|") { // what is said calls nothing
			look(x.Place, x.Text)
		}
	}
	for _, p := range c.pipelines {
		for _, s := range p.Steps {
			if c.deploys(&s) {
				for _, x := range s.Settings {
					look(x.Place, x.Name)
				}
			}
		}
	}
	for _, d := range c.Project.Dependencies() {
		if d.Name == "@cloudflare/wrangler" {
			look(d.Place, d.Name)
		}
	}
	return list
}

var major = worker.Expression(`^[~^>=v ]*(\d+)`)

// oldWrangler reports whether every package.json that asks for wrangler means one
// before version 4.
func (c *checker) oldWrangler() bool {
	asked := false
	for _, d := range c.Project.Dependencies() {
		if d.Name != "wrangler" {
			continue
		}
		m := major().FindStringSubmatch(d.Version)
		if m == nil {
			return false
		}
		if n, err := strconv.Atoi(m[1]); err != nil || n >= 4 {
			return false
		}
		asked = true
	}
	return asked
}
