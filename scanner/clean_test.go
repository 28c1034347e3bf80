package scanner

import (
	"math/rand/v2"
	"strings"
	"testing"

	"keyrake/rules"
)

// placeholders are what people write in place of a secret.
var placeholders = strings.Fields(`your_password your-password yourpassword YOUR_PASSWORD your-api-key your_api_key_here YOUR_API_KEY
	YOUR-TOKEN-HERE <password> <your-password> <API_KEY> <token> {password} {{password}} ${PASSWORD} $PASSWORD $(PASSWORD) %PASSWORD%
	#{password} [password] [YOUR_KEY] changeme change_me CHANGE_ME change-this changeit ChangeMe123 changeme123 password Password PASSWORD
	passw0rd password123 secret SECRET s3cr3t! mysecret my_secret my-secret-key mypassword my_password my-password user_password db_password
	db-password database_password app-password admin_password test_password test-password testpassword test123 test dummy dummy_key
	dummy-token fake fake_password fake-token-123 example example_key example-secret sample sample_token sample-password foo bar foobar
	foo-bar xxx xxxxxxxx XXXXXXXXXXXXXXXX xxxx-xxxx-xxxx **** ******** ...... ........ … TODO FIXME TBD none null nil undefined empty N/A n/a
	insert-your-key-here insert_token_here REPLACE_ME replace-me replace_with_your_key replace-with-real-password placeholder PLACEHOLDER
	some-password some_secret some-token sometoken the-password thepassword a-secret-value secret-value secret_value super-secret
	supersecret super_secret_key top-secret top_secret redacted REDACTED [REDACTED] hidden masked not-a-real-key not_a_secret notreal
	invalid wrong-password wrong_password new_password newpassword old-password oldpass abc abc123 abcd1234 12345 123456 12345678
	1234567890 0000000000 1111111111 aaaaaaaaaa deadbeef qwerty asdf asdfasdf letmein root admin user username guest string String str text
	value VALUE key KEY token TOKEN api_key API_KEY apikey access_token secret_key SECRET_KEY private_key client_secret auth_token bearer
	password_here secret_here token_here key_here enter-password-here enter_your_token type-your-password put-your-key-here
	add_your_key_here my-token my_token my-api-key MY_API_KEY env.PASSWORD process.env.PASSWORD os.environ["PASSWORD"]
	os.getenv("PASSWORD") config.password settings.PASSWORD self.password req.body.password secrets.PASSWORD var.password
	vault:secret/data/app#password op://vault/item/password !secret ref+vault://x getPassword() get_password() readSecret("x") lorem-ipsum`)

var placesOfSecrets = []string{
	"password: ‹V›", `password = "‹V›"`, "password: '‹V›',", "DB_PASSWORD=‹V›", "export API_TOKEN=‹V›", `API_KEY="‹V›"`, "api_key: ‹V›",
	`"secret": "‹V›"`, `"password": "‹V›",`, `token = "‹V›"`, "client_secret=‹V›", `const apiKey = "‹V›";`, "<password>‹V›</password>",
	"--password ‹V›", "post" + "gres://user:‹V›@db.acme.dev/app", "curl -u user:‹V› https://x.acme.dev", "Authorization: Bearer ‹V›",
	"spring.datasource.password=‹V›", "PASSWORD '‹V›'", "  password: ‹V›  # set me",
}

// TestPlaceholders: next to none of what only stands for a secret is told.
func TestPlaceholders(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	told, total := 0, 0
	for _, v := range placeholders {
		for _, place := range placesOfSecrets {
			total++
			for _, h := range strongest(e.hits("first line\n" + strings.ReplaceAll(place, "‹V›", v) + "\nlast line\n")) {
				told++
				t.Logf("%s: %s at %.2f", strings.ReplaceAll(place, "‹V›", v), h.verdict.rule.ID, h.verdict.Confidence)
				break
			}
		}
	}
	t.Logf("%d of %d told", told, total)
	if told*1000 > total {
		t.Errorf("%d of %d told, want at most one in a thousand", told, total)
	}
}

// lookAlikes are values of services that are no secrets.
var lookAlikes = []string{
	"‹U›_ACCOUNT_ID=‹V›", `‹U›_PROJECT_ID="‹V›"`, "‹P›_app_id: ‹V›", `‹P›_commit = "‹V›"`, "‹P›_sha256: ‹V›", "‹U›_DIGEST=‹V›", "‹U›_PUBLIC_KEY=‹V›",
	`"‹P›Checksum": "‹V›"`, "‹P›_version_hash = ‹V›", "https://‹P›.com/items/‹V›", "image: ‹P›/app@sha256:‹V›", `‹P›_token_hash = "‹V›"`,
	`‹P›_key_id = "‹V›"`, "‹U›_CLIENT_ID=‹V›", `"‹P›_user_id": "‹V›",`, "‹P›_webhook_id: ‹V›", "# ‹P›\nrevision = \"‹V›\"", `‹P›_etag = "‹V›"`,
	`‹P›_token_name = "‹V›"`, `‹P›_secret_arn = "arn:aws:x:‹V›"`, "‹P›_session_id=‹V›", "‹P›_request_id=‹V›", "‹P›_fingerprint: ‹V›", "‹P› build ‹V›",
}

// TestLookAlikes: ids, digests and the like under the names of services that
// have rules of their own are hardly ever told.
func TestLookAlikes(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	rng := rand.New(rand.NewPCG(3, 5))
	told, total := 0, 0
	seen := map[string]bool{"generic": true}
	for _, r := range rules.Builtin().All() {
		p := r.Provider
		if seen[p] || strings.Contains(p, "-") {
			continue
		}
		seen[p] = true
		for _, text := range lookAlikes {
			total++
			text = strings.NewReplacer("‹P›", p, "‹U›", strings.ToUpper(p), "‹V›", plainID(rng)).Replace(text)
			for _, h := range strongest(e.hits("first line\n" + text + "\nlast line\n")) {
				told++
				t.Logf("%s: %s at %.2f: %q", text, h.verdict.rule.ID, h.verdict.Confidence, h.verdict.Reasons)
				break
			}
		}
	}
	t.Logf("%d of %d told", told, total)
	if told*200 > total {
		t.Errorf("%d of %d told, want at most one in two hundred", told, total)
	}
}

// plainID makes a digest, a UUID or a row of letters and digits.
func plainID(rng *rand.Rand) string {
	const hex = "0123456789abcdef"
	draw := func(alphabet string, n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	switch rng.IntN(7) {
	case 0:
		return draw(hex, 32)
	case 1:
		return draw(hex, 40)
	case 2:
		return draw(hex, 64)
	case 3:
		return draw(letterSet, 24)
	case 4:
		return draw(letterSet, 32)
	case 5:
		return draw(letterSet, 40)
	}
	return draw(hex, 8) + "-" + draw(hex, 4) + "-" + draw(hex, 4) + "-" + draw(hex, 4) + "-" + draw(hex, 12)
}
