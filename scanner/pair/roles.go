package pair

import (
	"strings"

	"keyrake/rules"
)

// role is one sort of part.
type role struct {
	name  string
	open  bool
	value expression // the whole value
	forms []form     // forms of its own
	names *names     // part of the name that a value is assigned to; nil has none
	// fits says whether a value's name goes with the secret's; nil takes any.
	fits func(secret, name string) bool
}

// The roles of parts that have a name of their own. Ids are open: no service
// takes one for a proof.
const (
	AccountID = "account id" // of Cloudflare; also looked for in other files of a project
	keyID     = "access key id"
)

var (
	hex32   = express(`^[0-9a-f]{32}$`)
	anyID   = express(`^[A-Za-z0-9][\w.:@+/-]{2,200}$`)
	aUser   = express(`^[A-Za-z0-9_][\w.@+\\-]{0,63}$`)
	anEmail = express(`^[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+$`)
)

var accountRole = &role{
	name: AccountID, open: true, value: hex32,
	names: named(`(?i)(?:account|acct)[_.-]?(?:id|tag)`, "account", "acct"),
	forms: []form{
		written("/accounts/", `/accounts/([0-9a-f]{32})\b`),
		written("gateway.ai.cloudflare.com/", `gateway\.ai\.cloudflare\.com/v1/([0-9a-f]{32})\b`),
		written(".r2.cloudflarestorage.com", `\b([0-9a-f]{32})(?:\.eu|\.fedramp)?\.r2\.cloudflarestorage\.com`),
	},
}

var emailRole = &role{
	name: "email", value: anEmail,
	names: named(`(?i)e-?mail`, "email", "e-mail"),
}

var userRole = &role{
	name: "user", open: true, value: aUser,
	names: namedBehind(`(?i)user|login|(?:^|[^a-z])e-?mail`, []string{"user", "login"}, []string{"email", "e-mail"}),
	fits:  sameStem,
}

var clientRole = &role{
	name: "client id", open: true, value: anyID,
	names: named(`(?i)(?:client|app|application)[_.-]?id|consumer[_.-]?key`, "client", "app", "consumer"),
	fits:  sameStem,
}

// table gives roles by the ids of rules, or what they begin with.
var table = []struct {
	rules []string
	roles []*role
}{
	{[]string{"cf-user-api-token", "cf-account-api-token", "cf-api-token-", "cf-oauth-token", "cf-token-unknown-length"}, []*role{accountRole}},
	{[]string{"cf-global-api-key"}, []*role{emailRole, accountRole}},
	{[]string{"cf-access-"}, []*role{{
		name: "client id", open: true, value: express(`.`),
		forms: []form{written(".access", `\b([0-9a-f]{32}\.access(?:\.[\w-]+)*)`)},
	}}},
	{[]string{"cf-r2-secret"}, []*role{{
		name: keyID, open: true, value: hex32,
		names: named(`(?i)access[_.-]?key(?:[_.-]?id)?`, "access"),
		forms: []form{written("access-key-id=", `access-key-id=([0-9a-f]{32})\b`)},
	}, accountRole}},
	{[]string{"cf-turnstile-secret"}, []*role{{
		name: "site key", open: true, value: express(`.`),
		forms: []form{written("0x4AA", `(?:^|[^\w-])(0x4AA[\w-]{14,19})(?:$|[^\w-])`)},
	}}},
	{[]string{"cf-stream-signing-key"}, []*role{{
		name: "key id", open: true, value: hex32,
		names: named(`(?i)key[_.-]?id|\bkid\b|\bid\b`),
	}}},
	{[]string{"cf-realtime-"}, []*role{{
		name: "app id", open: true, value: hex32,
		names: named(`(?i)app[_.-]?id|turn[_.-]?(?:key|token)[_.-]?id`),
		forms: []form{written("rtc.live.cloudflare.com/", `rtc\.live\.cloudflare\.com/v1/(?:apps|turn/keys)/([0-9a-f]{32})\b`)},
	}}},
	{[]string{"twilio-auth-token"}, []*role{{
		name: "account sid", open: true, value: express(`.`),
		forms: []form{written("AC", `\b(AC[0-9a-f]{32})\b`)},
	}}},
	{[]string{"google-oauth-client-secret"}, []*role{{
		name: "client id", open: true, value: express(`.`),
		forms: []form{written(".apps.googleusercontent.com", `\b([0-9]{6,21}-[a-z0-9]{32}\.apps\.googleusercontent\.com)`)},
	}}},
}

// rolesOf gives the roles of what a secret of rule r is used with.
func rolesOf(r *rules.Rule) []*role {
	for i := range table {
		for _, id := range table[i].rules {
			if strings.HasPrefix(r.ID, id) {
				return table[i].roles
			}
		}
	}
	if strings.Contains(r.ID, "client-secret") {
		return []*role{clientRole}
	}
	return nil
}

// everywhere gives the roles that are looked for in other files, too.
func everywhere() []*role { return []*role{accountRole} }

// Abroad reports whether the account of a secret of rule r may be in another
// file of the project.
func Abroad(r *rules.Rule) bool {
	for _, ro := range rolesOf(r) {
		if ro == accountRole {
			return true
		}
	}
	return false
}

// mayHaveUser reports whether a secret of rule r may be somebody's password or an
// application's, which its name tells.
func mayHaveUser(r *rules.Rule) bool {
	return r.Provider == "generic" || strings.Contains(r.ID, "password") || strings.Contains(r.ID, "-url") || strings.Contains(r.ID, "-uri") || strings.Contains(r.ID, "hyperdrive")
}

func isPassword(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "pass") || strings.Contains(name, "pwd")
}

func isClientSecret(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "secret") && (strings.Contains(name, "client") || strings.Contains(name, "consumer") || strings.Contains(name, "app"))
}

func sameStem(secret, name string) bool { return secret != "" && stem(secret) == stem(name) }
