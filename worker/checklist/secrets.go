package checklist

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"keyrake/scanner/finding"
	"keyrake/worker"
)

// stored answers whether keys are Workers secrets.
func (c *checker) stored() (list []Evidence) {
	for _, w := range c.Project.Workers {
		list = append(list, c.vars(w)...)
		list = append(list, c.declared(w)...)
		list = append(list, c.used(w)...)
		list = append(list, c.built(w)...)
	}
	if c.several {
		list = append(list, Evidence{Status: Note, Text: "--secrets-json names the secrets of one Worker; of the several here it cannot say which, so that it proves nothing"})
	}
	list = append(list, c.deployedVars()...)
	list = append(list, c.writtenConfigs()...)
	notes := c.compiled()
	switch {
	case slices.ContainsFunc(list, func(e Evidence) bool { return e.Status != Note }):
		return append(list, notes...)
	case len(c.Project.Workers) == 0:
		return []Evidence{{Status: None, Text: "there is no wrangler configuration"}}
	}
	return append(append(list, notes...), Evidence{Status: None, Text: "the Worker's code and configuration name nothing that sounds like a secret"})
}

// compiled notes builds that put the values of .env files into the code.
func (c *checker) compiled() (list []Evidence) {
	for _, d := range c.Project.Dependencies() {
		if d.Name == "@opennextjs/cloudflare" {
			list = append(list, Evidence{Note, d.Place, "OpenNext writes all values of .env files into the Worker (.open-next/cloudflare/next-env.mjs)",
				"keep secrets in .dev.vars and in wrangler secret put; scan --no-ignore .open-next before a deploy"})
		}
	}
	return list
}

// vars finds secrets among plain-text vars.
func (c *checker) vars(w *worker.Worker) (list []Evidence) {
	for _, e := range w.Config.Environments() {
		for _, d := range e.Declared() {
			at := worker.Place{Path: w.Config.Path, Line: d.Line}
			isFound := func(p finding.Place) bool { return d.Holds(p.Line, p.Offset) }
			if d.Kind != "vars" {
				continue
			}
			if !slices.ContainsFunc(c.found[at.Path], isFound) && !(worker.IsSecretName(d.Name) && slices.ContainsFunc(d.Texts(), worker.IsLiteral)) {
				if worker.IsSecretName(d.Name) && slices.ContainsFunc(d.Texts(), worker.IsPlaceholder) {
					list = append(list, Evidence{Unknown, at, d.Name + " has its place among the plain-text vars" + of(e) + ", now with a placeholder",
						"remove the line, deploy, then " + finding.Command(e.Put(d.Name))})
				}
				continue
			}
			text := d.Name + " is a plain-text var" + of(e)
			if slices.Contains(c.Secrets, d.Name) {
				text += ", and the next deploy puts it in place of the secret of that name"
			}
			// Cloudflare refuses a secret whose name is deployed as a var (error 10053).
			remedy := "remove the line, deploy, then " + finding.Command(e.Put(d.Name)) + ", and rotate the value it held"
			if v := (worker.Var{Environment: e, Declaration: d}); v.ForBrowser() {
				remedy = v.Restrict(finding.Command(v.Put()))
			}
			list = append(list, Evidence{Fail, at, text, remedy})
		}
	}
	return list
}

func of(e worker.Environment) string {
	if e.Name == "" {
		return ""
	}
	return " in env." + e.Name
}

// declared looks at names that a configuration says are secrets.
func (c *checker) declared(w *worker.Worker) (list []Evidence) {
	for _, e := range w.Config.Environments() {
		for _, d := range e.Declared() {
			at := worker.Place{Path: w.Config.Path, Line: d.Line}
			switch {
			case d.Kind == "secrets_store_secrets":
				list = append(list, Evidence{Pass, at, d.Name + " comes from Secrets Store" + of(e), ""})
			case d.Kind != "secrets":
			case c.Secrets == nil, e.Name != "": // each environment is a Worker with secrets of its own
				list = append(list, Evidence{Pass, at, d.Name + " is declared a secret" + of(e), ""})
			case slices.Contains(c.Secrets, d.Name):
				list = append(list, Evidence{Pass, at, d.Name + " is a secret" + of(e) + ": wrangler secret list has it", ""})
			default:
				list = append(list, Evidence{Fail, at, d.Name + " is required" + of(e) + " but not in the output of wrangler secret list", finding.Command(e.Put(d.Name))})
			}
		}
	}
	return list
}

// used looks at the names that code reads from its env.
func (c *checker) used(w *worker.Worker) (list []Evidence) {
	if !w.IsMain(c.Project) {
		return nil // the code is told of once
	}
	seen := map[string]bool{}
	for _, u := range w.Uses {
		if !worker.IsSecretName(u.Name) {
			continue
		}
		if u.Fallback {
			list = append(list, Evidence{Fail, u.Place, "a literal is used where " + u.Name + " is not set", "remove the literal, and rotate it if it was ever valid"})
		}
		if seen[u.Name] {
			continue
		}
		seen[u.Name] = true
		var missing []string
		known, plain := false, false
		for _, e := range w.Config.Environments() {
			i := slices.IndexFunc(e.Declared(), func(d worker.Declaration) bool { return d.Name == u.Name })
			if i < 0 {
				missing = append(missing, strings.TrimPrefix(of(e), " in "))
				continue
			}
			known = true
			plain = plain || e.Declared()[i].Kind == "secrets"
		}
		switch {
		case known && plain && len(missing) > 0 && c.Secrets == nil:
			for i := range missing {
				if missing[i] == "" {
					missing[i] = "the top level"
				}
			}
			list = append(list, Evidence{Unknown, u.Place, u.Name + " is not listed in secrets.required of " + strings.Join(missing, ", "), "environments do not inherit it: list it in each"})
		case known:
		case slices.Contains(c.Secrets, u.Name):
			list = append(list, Evidence{Pass, u.Place, u.Name + " is a secret: wrangler secret list has it", ""})
		default:
			list = append(list, Evidence{Unknown, u.Place, u.Name + " is used and declared nowhere" + c.putBy(w, u.Name),
				toDeclare(w, u.Name)})
		}
	}
	for _, x := range w.Examples(c.Project) {
		if !seen[x.Name] && worker.IsSecretName(x.Name) && !c.declares(w, x.Name) {
			list = append(list, Evidence{Unknown, x.Place, x.Name + " is asked for here and declared nowhere" + c.putBy(w, x.Name), "if the Worker needs it, list it in secrets.required of " + w.Config.Path + ", or give --secrets-json"})
		}
	}
	return list
}

// built looks at names that the build writes into the code.
func (c *checker) built(w *worker.Worker) (list []Evidence) {
	if !w.IsMain(c.Project) {
		return nil
	}
	seen := map[string]bool{}
	top := w.Config.Environments()[0]
	for _, b := range w.Built() {
		if seen[b.Name] || !worker.IsSecretName(b.Name) {
			continue
		}
		seen[b.Name] = true
		if b.Sure {
			list = append(list, Evidence{Fail, b.Place, b.Name + " is written into the code by the build (" + b.Where + ")", "read it at run time, from $env/dynamic/private or platform.env, and " + finding.Command(top.Put(b.Name))})
		} else {
			list = append(list, Evidence{Unknown, b.Place, b.Name + " is taken from the build (" + b.Where + "), which may write it into the code", "read it from the Worker's env, and " + finding.Command(top.Put(b.Name))})
		}
	}
	return list
}

// declares reports whether a name is accounted for.
func (c *checker) declares(w *worker.Worker, name string) bool {
	for _, e := range w.Config.Environments() {
		if slices.ContainsFunc(e.Declared(), func(d worker.Declaration) bool { return d.Name == name }) {
			return true
		}
	}
	return slices.Contains(c.Secrets, name) || strings.HasPrefix(name, "CLOUDFLARE_")
}

// putBy names the place that puts a secret, if there is one.
func (c *checker) putBy(w *worker.Worker, name string) string {
	put := regexp.MustCompile(`wrangler\s+(?:versions\s+)?secret(?:\s+|:)put\s+["']?` + regexp.QuoteMeta(name) + `\b`)
	for _, x := range c.commands() {
		if put.MatchString(x.Text) {
			return fmt.Sprintf("; %s:%d puts it as a secret", x.Path, x.Line)
		}
	}
	for _, p := range c.pipelines {
		for _, s := range p.Steps {
			if in, ok := s.Input("secrets"); ok && s.IsWranglerAction() && slices.Contains(strings.Fields(in.Value), name) {
				return fmt.Sprintf("; %s:%d puts it as a secret", in.Path, in.Line)
			}
		}
	}
	for i := range c.Project.Files {
		f := &c.Project.Files[i]
		if m := put.FindIndex(f.Data); m != nil && isProse(path.Base(f.Path)) && c.Project.Owns(w, f.Path) {
			at := placeAt(f, m[0])
			return fmt.Sprintf("; %s:%d says to store it as a secret", at.Path, at.Line)
		}
	}
	return ""
}

var writesConfig = worker.Expression(`>\s*["']?[\w./-]*\bwrangler[\w.-]*\.(?:toml|jsonc?)\b`)

// writtenConfigs finds jobs that make a configuration out of a secret: what is
// deployed cannot be seen then.
func (c *checker) writtenConfigs() (list []Evidence) {
	for _, p := range c.pipelines {
		for _, s := range p.Steps {
			secret := slices.ContainsFunc(s.Commands, func(x worker.Command) bool { return pasted().MatchString(x.Text) }) ||
				slices.ContainsFunc(s.Settings, func(x worker.Setting) bool {
					return byName().MatchString(x.Value) && !strings.HasPrefix(x.Name, "CLOUDFLARE_") && !strings.HasPrefix(x.Name, "CF_")
				})
			for _, x := range s.Commands {
				if secret && writesConfig().MatchString(x.Text) {
					list = append(list, Evidence{Unknown, x.Place, "the configuration that is deployed is written here, from a secret: nobody can see whether its vars hold keys",
						"keep the configuration in the repository, and keys in wrangler secret put or --secrets-file"})
				}
			}
		}
	}
	return list
}

// commands are those of pipelines and scripts.
func (c *checker) commands() (list []worker.Command) {
	for _, p := range c.pipelines {
		for _, s := range p.Steps {
			list = append(list, s.Commands...)
		}
	}
	return append(list, c.scripts...)
}

var deploysVar = worker.Expression(`\bwrangler\b.*\b(?:deploy|publish|upload)\b.*\s--var[ =]["']?([A-Za-z_]\w*):`)

// deployedVars finds secrets that a deploy is told to make plain text.
func (c *checker) deployedVars() (list []Evidence) {
	for _, x := range c.commands() {
		if m := deploysVar().FindStringSubmatch(x.Text); m != nil && worker.IsSecretName(m[1]) {
			list = append(list, Evidence{Fail, x.Place, m[1] + " is deployed as a plain-text var by --var", "remove --var, deploy, then npx wrangler secret put " + m[1]})
		}
	}
	for _, p := range c.pipelines {
		for _, s := range p.Steps {
			in, ok := s.Input("vars")
			if !ok || !s.IsWranglerAction() {
				continue
			}
			for _, name := range strings.Fields(in.Value) {
				if worker.IsSecretName(name) {
					list = append(list, Evidence{Fail, in.Place, name + " is deployed as a plain-text var by wrangler-action", `name it under "secrets:" of the action instead of "vars:"`})
				}
			}
		}
	}
	return list
}

// toDeclare says how a secret that code reads is declared.
func toDeclare(w *worker.Worker, name string) string {
	if w.Config.IsPages() { // wrangler refuses the list there
		return finding.Command(w.Config.Environments()[0].Put(name)) + ", and give --secrets-json"
	}
	return fmt.Sprintf(`add "secrets": {"required": ["%s"]} to %s, so that a deploy without it fails; or give --secrets-json`, name, w.Config.Path)
}

var (
	restAI  = worker.Expression(`api\.cloudflare\.com/client/v4/accounts/[^\s"'` + "`" + `]*/ai/(?:run|v1)|createWorkersAI\(\s*\{\s*(?:accountId|apiKey)[^}]*|cloudflareApiToken\s*:|CloudflareWorkersAI\([^)]*api_token`)
	keyOfAI = worker.Expression(`apiKey\s*:\s*(?:["'` + "`" + `]([^"'` + "`" + `]*)["'` + "`" + `]|((?:\w+\.)*req(?:uest)?\b))`)
)

// binding answers whether Workers AI is called without any key.
func (c *checker) binding() (list []Evidence) {
	for _, w := range c.Project.Workers {
		var bound []Evidence
		for _, e := range w.Config.Environments() {
			if n := e.Get("ai").Get("binding"); n != nil {
				bound = append(bound, Evidence{Pass, worker.Place{Path: w.Config.Path, Line: n.Line}, "Workers AI is bound as " + n.Text + of(e) + ": calls need no key", ""})
			}
		}
		rest := false
		for _, f := range w.Source {
			for _, m := range restAI().FindAllIndex(f.Data, -1) {
				if f.InComment(m[0]) {
					continue
				}
				call := f.Data[m[0]:m[1]]
				if key := keyOfAI().FindSubmatch(call); key != nil && len(key[2]) > 0 {
					list = append(list, Evidence{Note, placeAt(&f, m[0]), "Workers AI is called over REST with a key that the caller brings", ""})
					continue
				} else if key != nil && len(key[1]) < leastKey {
					continue // a made-up key: something else answers the call
				}
				rest = true
				list = append(list, Evidence{Fail, placeAt(&f, m[0]), "Workers AI is called over REST with a token, inside a Worker",
					`bind it: "ai": {"binding": "AI"} in ` + w.Config.Path + ", and call env.AI.run(); then delete the token"})
			}
		}
		if !rest {
			list = append(list, bound...)
		}
		if i := slices.IndexFunc(w.Uses, func(u worker.Use) bool { return u.Name == "AI" }); i >= 0 && len(bound) == 0 && w.IsMain(c.Project) {
			list = append(list, Evidence{Unknown, w.Uses[i].Place, "env.AI is used, and " + w.Config.Path + " binds no AI", `add "ai": {"binding": "AI"}`})
		}
	}
	switch {
	case len(list) == 0:
		return []Evidence{{Status: None, Text: "no Worker here uses Workers AI"}}
	case !slices.ContainsFunc(list, func(e Evidence) bool { return e.Status != Note }):
		list = append(list, Evidence{Status: None, Text: "no Worker here has a key for Workers AI"})
	}
	return list
}

// leastKey is how long a key of Cloudflare is at least.
const leastKey = 37

// placeAt is the line of an offset.
func placeAt(f *worker.File, off int) worker.Place {
	return worker.Place{Path: f.Path, Line: strings.Count(string(f.Data[:off]), "\n") + 1}
}
