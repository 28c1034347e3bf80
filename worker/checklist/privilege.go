package checklist

import (
	"strings"

	"keyrake/scanner/finding"
	"keyrake/worker"
)

var (
	authKey     = worker.Expression(`(?i)["']X-Auth-Key["']\s*[:,]|\bX-Auth-Key\s*:`)
	allAccounts = worker.Expression(`com\.cloudflare\.api\.account\.\*|com\.cloudflare\.api\.account\.zone\.\*`)
	ofUser      = worker.Expression(`com\.cloudflare\.api\.user`)
	tokenBlock  = worker.Expression(`resource\s+"cloudflare_(?:api|account)_token"\s+"[^"]*"\s*\{`)
)

// privilege answers what can be denied: what a token may do cannot be read from
// it, so that this row never passes.
func (c *checker) privilege() (list []Evidence) {
	list = append(list, c.masterKeys()...)
	for i := range c.pipelines {
		for j := range c.pipelines[i].Steps {
			list = append(list, shared(&c.pipelines[i].Steps[j])...)
		}
	}
	for _, f := range c.Project.Files {
		if strings.HasSuffix(f.Path, ".tf") {
			list = append(list, policies(&f)...)
		}
	}
	for _, w := range c.Project.Workers {
		for _, f := range w.Source {
			if m := authKey().FindIndex(f.Data); m != nil {
				list = append(list, Evidence{Fail, placeAt(&f, m[0]), "code signs in with the global key, which may do everything in every account", "use a token with the permissions that it needs"})
			}
		}
	}
	if !c.hasCredentials() {
		return append(list, Evidence{Status: None, Text: "nothing here uses a token"})
	}
	return append(list, Evidence{Status: Unknown, Text: "what a token may do cannot be read from a repository",
		Remedy: "look at its permissions in the dashboard: for calls of Workers AI from outside, Workers AI Read and Edit are enough; prefer an account-owned token that expires"})
}

// masterKeys finds keys that have no scope at all.
func (c *checker) masterKeys() (list []Evidence) {
	for _, r := range []*finding.Report{c.History, c.Files} {
		if r == nil {
			continue
		}
		for i := range r.Findings {
			f := &r.Findings[i]
			if strings.HasPrefix(f.Rule.ID, "cf-global-api-key") || f.Rule.ID == "cf-origin-ca-key" {
				e := hardCodedKey(f, r == c.History)
				list = append(list, Evidence{Fail, e.Place, f.Rule.Title + ": it has no scope that could be narrowed", "use a scoped token instead"})
			}
		}
	}
	for _, p := range c.pipelines {
		for _, s := range p.Steps {
			var key, email *worker.Setting
			for i := range s.Settings {
				switch s.Settings[i].Name {
				case "CLOUDFLARE_API_KEY", "CF_API_KEY", "apiKey":
					key = &s.Settings[i]
				case "CLOUDFLARE_EMAIL", "CF_EMAIL", "email":
					email = &s.Settings[i]
				}
			}
			if key != nil && email != nil {
				list = append(list, Evidence{Fail, key.Place, "CI signs in with the global key and an e-mail address", "use a scoped token in CLOUDFLARE_API_TOKEN"})
			}
		}
	}
	return list
}

// shared finds the token that deploys where it becomes the Worker's own.
func shared(s *worker.Step) (list []Evidence) {
	const text, remedy = "the token that deploys becomes the Worker's own secret: whoever reads the Worker's env can replace it", "make a second token with only the permissions that the Worker needs"
	for _, x := range s.Commands {
		if piped().MatchString(x.Text) {
			list = append(list, Evidence{Fail, x.Place, text, remedy})
		}
	}
	in, ok := s.Input("secrets")
	if !ok || !s.IsWranglerAction() {
		return list
	}
	token, _ := s.Input("apiToken")
	store := byName().FindStringSubmatch(token.Value)
	for _, name := range strings.Fields(in.Value) {
		for _, x := range s.Settings {
			m := byName().FindStringSubmatch(x.Value)
			if name == "CLOUDFLARE_API_TOKEN" || !x.Input && x.Name == name && m != nil && store != nil && m[1] == store[1] {
				list = append(list, Evidence{Fail, in.Place, text, remedy})
				break
			}
		}
	}
	return list
}

// policies reads what Terraform lets tokens do.
func policies(f *worker.File) (list []Evidence) {
	text := string(f.Data)
	if m := allAccounts().FindStringIndex(text); m != nil {
		list = append(list, Evidence{Fail, placeAt(f, m[0]), "a policy reaches every account or zone", "name the account or zone"})
	}
	if m := ofUser().FindStringIndex(text); m != nil && tokenBlock().MatchString(text) {
		list = append(list, Evidence{Fail, placeAt(f, m[0]), "a policy reaches the user itself", "leave it out"})
	}
	for _, m := range tokenBlock().FindAllStringIndex(text, -1) {
		body := block(text[m[1]:])
		if !strings.Contains(body, "expires_on") {
			list = append(list, Evidence{Fail, placeAt(f, m[0]), "the token never expires", "give it expires_on"})
		}
		if !strings.Contains(body, "request_ip") && !strings.Contains(body, "request.ip") {
			list = append(list, Evidence{Note, placeAt(f, m[0]), "the token may be used from everywhere", "give it a condition with request_ip"})
		}
	}
	return list
}

// block is the text up to the brace that closes what was opened before it.
func block(text string) string {
	depth := 1
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return text[:i]
			}
		}
	}
	return text
}
