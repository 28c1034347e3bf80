package rules

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// FileRule knows a file by its path alone: whatever it holds, it does not
// belong into git. Its Rule has no pattern and is in no Set; its examples are
// paths.
type FileRule struct {
	Rule
	matches func(name, base string) bool
}

// Matches reports whether the rule speaks of a path with slashes.
func (r *FileRule) Matches(name string) bool { return r.matches(name, path.Base(name)) }

// IsHarmless reports whether an environment file gives nothing away: it has no
// values, or no more than which mode to build or run in, as the
// NEXTJS_ENV=development of templates; or it is a symbolic link, whose content is
// the path that it leads to.
func IsHarmless(data []byte) bool {
	if text := string(data); len(text) < 256 && strings.Contains(text, "/") && !strings.ContainsAny(text, "\n= ") {
		return true
	}
	for line := range strings.Lines(string(data)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		name, value = strings.TrimSpace(name), strings.Trim(value, "\"' \t")
		switch {
		case !ok && (name == "" || name[0] == '#'), ok && value == "":
		case name != "NEXTJS_ENV" && name != "NODE_ENV":
			return false
		default:
			switch value {
			case "development", "production", "staging", "preview", "test":
			default:
				return false
			}
		}
	}
	return true
}

// MayBeFile reports whether a file with this name, in some folder, can be one that
// a FileRule speaks of. It is cheap.
func MayBeFile(name []byte) bool {
	switch {
	case len(name) < 4:
		return false
	case name[0] == '.':
		return strings.HasPrefix(string(name), ".env") || strings.HasPrefix(string(name), ".dev.vars")
	}
	base := string(name)
	return len(base) == uuidFile && strings.HasSuffix(base, ".json") || base == "default.json" || base == "default.toml" ||
		strings.HasPrefix(base, "wrangler-temporary-account") || base == "cert.pem" || strings.Contains(base, ".tfstate") || strings.HasSuffix(base, ".sqlite")
}

const uuidFile = 36 + len(".json")

var tunnelFile = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(^|/)\.?cloudflared/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json|cert\.pem)$`)
})

// EnvMode is the id of the rule for environment files of a mode (.env.production),
// which build tools mean to be in git and wrangler does not.
const EnvMode = "file-env-mode"

// Files gives the rules that know a file by its path.
func Files() []FileRule {
	const once = "Every version in git stays readable: rotate each value that it ever held, then take it out with \"git rm --cached\" and name it in .gitignore"
	return []FileRule{
		{Rule{
			ID: "file-dev-vars", Title: "Local secrets of a Worker (.dev.vars) in git", Provider: "cloudflare", Severity: High, Confidence: 0.9,
			Remedy: once + " (.dev.vars* and !.dev.vars.example, as wrangler writes it).",
			Source: "workers-sdk source, the files that wrangler dev reads", Examples: []string{".dev.vars", "apps/shop/.dev.vars.production", "dist/shop/.dev.vars"}, Negatives: []string{".dev.vars.example", "scripts/dev.vars"},
		}, func(_, base string) bool { return isLocal(base, ".dev.vars") }},
		{Rule{
			ID: "file-env", Title: "Environment file (.env) in git", Provider: "generic", Severity: Medium, Confidence: 0.6,
			Remedy: once + " (.env* and !.env.example). If it holds settings alone, give them another name or accept the file in .scanignore.",
			Source: "the files that dotenv and wrangler dev read", Examples: []string{".env", "apps/web/.env.production.local"}, Negatives: []string{".env.example", ".env.d.ts", ".envrc"},
		}, func(_, base string) bool { return isLocal(base, ".env") && !isMode(base) }},
		{Rule{
			ID: EnvMode, Title: "Environment file of a mode (such as .env.production) in git", Provider: "generic", Severity: Low, Confidence: 0.6,
			Remedy: "Vite, Next.js, Create React App and Vue CLI mean it to be in git, for settings that are no secret: move each secret to a .env.local that git ignores, and rotate it.",
			Source: "the documentation of these tools on modes", Examples: []string{".env.production", "apps/web/.env.development"}, Negatives: []string{".env", ".env.production.local", ".env.prod"},
		}, func(_, base string) bool { return isMode(base) }},
		{Rule{
			ID: "file-wrangler-auth", Title: "Login of wrangler in git", Provider: "cloudflare", Severity: Critical, Confidence: 0.9,
			Remedy: "Run \"npx wrangler logout\" on the machine that it is from, which ends the session; then take the file out of git.",
			Source: "workers-sdk source, where wrangler and cf keep a login", Examples: []string{"home/.config/.wrangler/config/default.toml", ".config/cloudflare/config/default.json", "wrangler-temporary-account.staging.toml"}, Negatives: []string{"config/default.toml", "wrangler.toml"},
		}, isLogin},
		{Rule{
			ID: "file-wrangler-secrets", Title: "Local Secrets Store of wrangler in git", Provider: "cloudflare", Severity: High, Confidence: 0.8,
			Remedy: once + " (.wrangler).",
			Source: "workers-sdk source, the local simulation of the Secrets Store", Examples: []string{".wrangler/state/v3/secrets-store/miniflare/a.sqlite"}, Negatives: []string{".wrangler/state/v3/kv/a.sqlite"},
		}, func(name, _ string) bool {
			const store = "/.wrangler/state/v3/secrets-store/"
			return strings.Contains(name, store) || strings.HasPrefix(name, store[1:])
		}},
		{Rule{
			ID: "file-tunnel-credentials", Title: "Credentials of cloudflared in git", Provider: "cloudflare", Severity: Critical, Confidence: 0.9,
			Remedy: "Rotate the tunnel's secret (Zero Trust > Networks > Tunnels, Refresh token) or delete the tunnel, and run \"cloudflared tunnel login\" anew for cert.pem; then take the file out of git.",
			Source: "cloudflared source, the credentials file and the origin certificate", Examples: []string{".cloudflared/6ff42ae2-765d-4adf-8112-31c55c1551ef.json", "cloudflared/cert.pem"}, Negatives: []string{"certs/cert.pem"},
		}, func(name, base string) bool {
			return (len(base) == uuidFile || base == "cert.pem") && tunnelFile().MatchString(name)
		}},
		{Rule{
			ID: "file-terraform-state", Title: "Terraform state in git", Provider: "hashicorp", Severity: Critical, Confidence: 0.9,
			Remedy: "It holds every secret of the resources in plain text: rotate them, keep state in a remote backend, and take the file out of git.",
			Source: "Terraform docs, state and its backups", Examples: []string{"terraform.tfstate", "infra/terraform.tfstate.backup"}, Negatives: []string{"docs/tfstate.md"},
		}, func(_, base string) bool {
			return strings.HasSuffix(base, ".tfstate") || strings.Contains(base, ".tfstate.")
		}},
	}
}

// isLogin reports whether a path is that of a file in which wrangler or cf keep a login.
func isLogin(name, base string) bool {
	switch base {
	case "default.toml":
		return strings.HasSuffix("/"+name, "/.wrangler/config/default.toml")
	case "default.json":
		return strings.HasSuffix("/"+name, "/.config/cloudflare/config/default.json")
	}
	return strings.HasPrefix(base, "wrangler-temporary-account") && strings.HasSuffix(base, ".toml")
}

// isMode reports whether a name is that of the environment file of a mode, which
// build tools want to find in git.
func isMode(base string) bool {
	switch base {
	case ".env.development", ".env.production", ".env.staging", ".env.test":
		return true
	}
	return false
}

// isLocal reports whether a name is stem or stem.SOMETHING, and says of itself
// that it is neither an example nor encrypted.
func isLocal(base, stem string) bool {
	rest, ok := strings.CutPrefix(base, stem)
	if !ok || rest != "" && rest[0] != '.' {
		return false
	}
	harmless := []string{"example", "examples", "sample", "template", "tmpl", "tpl", "ejs", "hbs", "mustache", "njk", "j2", "erb", "dist", "default", "defaults", "schema", "ts", "vault", "enc", "encrypted", "age", "gpg", "sops"}
	for part := range strings.SplitSeq(rest, ".") {
		if slices.Contains(harmless, strings.ToLower(part)) {
			return false
		}
	}
	return true
}
