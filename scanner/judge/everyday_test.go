package judge

import (
	"strings"
	"testing"

	"keyrake/rules"
)

// TestEverydayValues: what stands in lock files, web pages, scripts and
// reports, under names that promise a secret. The last column says whether it
// is one.
func TestEverydayValues(t *testing.T) {
	const hex = "0123456789abcdef"
	sum := func(seed int) string { // as long as a SHA-1
		b := make([]byte, 40)
		for i := range b {
			b[i] = hex[(i*7+seed*i*i+seed)%16]
		}
		return string(b)
	}
	generic := &rules.Rule{ID: "generic-secret", Provider: "generic", Generic: true, Severity: rules.Medium, Kind: rules.Assignment, Confidence: 0.75, Entropy: 3}
	password := &rules.Rule{ID: "generic-password", Provider: "generic", Generic: true, Severity: rules.Medium, Kind: rules.Assignment, Confidence: 0.5}
	for _, c := range []struct {
		rule *rules.Rule
		text string // «name» and ‹value›
		want bool
	}{
		{generic, `"«jsonwebtoken»": ["‹jsonwebtoken@9.0.2›", "", {}]`, false},
		{generic, `"«auth-token»": ["‹@octokit/auth-token@6.0.0›", "", {}]`, false},
		{generic, "  «FirebaseAuth»: ‹" + sum(3) + "›\n  FirebaseCore: " + sum(5) + "\n", false},
		{generic, "  FirebaseAnalytics: " + sum(5) + "\n  «FirebaseAuth»: ‹" + sum(3) + "›\n", false},
		{generic, "  «auth_token»: ‹" + sum(3) + "›\n  other: " + sum(5) + "\n", true},
		{generic, "«gpg_auth»: ‹" + strings.ToUpper(sum(3)) + "›\n", false},
		{generic, "«auth_token»: ‹" + strings.ToUpper(sum(3)) + "›\n", true},
		{generic, `const «token» = "‹0x` + sum(3) + `›";`, false},
		{generic, `const «token» = "‹` + sum(3) + `›";`, true},
		{generic, "<groupId>«io.jsonwebtoken»</groupId>\n<artifactId>‹jjwt-jackson›</artifactId>", false},
		{generic, "def f(results, «token»: ‹WebAppToken›) -> None:", false},
		{generic, "n.«createToken»=‹Zk.createTokenMatch=Zk.tokenName=Zk.tokenLabel=void› 0", false},
		{generic, "set «token»=‹!line:~10!›\n", false},
		{generic, `"/home/me/src/«auth/token.js»": "‹` + sum(9)[:32] + `›"`, false},
		{generic, "#   «api_key»: ‹z1Y2x3W4v5U6›\n", true},
		{generic, `<add keyContainerName="c" «sessionKey»="‹` + sum(9) + sum(11) + `›" />`, false},
		{password, `"«password»": "‹v1:100000:` + sum(9)[:32] + ":" + sum(13) + `›"`, false},
		{password, `paddingRight={«isPassword» ? '‹1.5rem›' : '3rem'}`, false},
		{password, `«pwd»="‹a@123123›"`, true},
		{password, `'«password»' => '‹required|confirmed|min:8›',`, false},
		{password, `'«password»' => '‹Hx9|confirmed|min:8›',`, true},
		{generic, `«secrets»: ["‹[A-Za-z0-9_-]{40}›"]`, false},
		{generic, `client_«secret»: ‹aK7%wQz2Vn9TbX4mRc8d›` + "\n", true},
		{generic, `«SECRET_KEY» = "‹tR7(kQ2]vZ9<mX4{bL8cW1›"`, true},
		{generic, `{"badges":true,"api«Secret»":"‹aK7xwQz2Vn9TbX4mRc8dL1pQ›"}`, true},
		{generic, `"https://acme.dev/badge.svg?«token»=‹aK7xwQz2Vn9TbX4mRc8dL1pQ›"`, false},
		{generic, `{"resolved":false,"api_«token»":"‹` + sum(3) + `›"}`, true},
		{generic, `resolved "https://acme.dev/x.tgz?«token»=‹` + sum(3) + `›"`, false},
		{password, `DB_«PASSWORD»="‹aB3#{k7wQz2Vn9TbX4mRc8dL1›"`, true},
		{password, `DB_«PASSWORD»="‹aB3#{name}›"`, false},
		{password, `DB_«PASSWORD»="‹aB3${name›"`, false},
		{generic, `SWAP_ETH_FOR_«TOKENS» = "‹7ff36ab5›"`, false},
		{generic, `"«@acme/auth»": ["‹@acme/auth@workspace:packages/auth›"],`, false},
		{generic, "  Other: " + sum(5) + "\n  «acme_auth»: ‹" + sum(3) + "›\n  other_auth: " + sum(7) + "\n", false},
		{generic, `{ type: "CONNECTED", «apiKey»: ‹fullApiKey› }`, false},
		{generic, `__glue_«get_token»_` + sum(3)[:16] + `:‹a.__glue_get_token›,b:1`, false},
		{generic, `$config['«xsrf-token»'] ?? '‹XSRF-TOKEN›',`, false},
		{generic, `$config['«xsrf-token»'] ?? '‹XSRF-TOKEN-kQ7zWv3bTn9R›',`, true},
		{generic, "    org_«api_key»: ‹OrgApiKeyId›,\n", false},
		{generic, "x11vnc -localhost -«auth» ‹/var/run/lightdm/root/:0›\n", false},
		{generic, `<meta name="«acme-token-verification»" content="‹` + sum(3)[:16] + `›" />`, false},
		{generic, `«braintreeKey»:"‹production_qfb` + "xq8kc_njj4zjtyngtj" + `mbjd›"`, false},
		{generic, `"«maxTokens»": ‹9.223372036854776e+18›,`, false},
		{generic, `«solana»: "‹solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp›",`, false},
		{generic, `«searchOnlyApiKey»: '‹` + sum(3)[:32] + `›'`, false},
		{generic, `algolia: { appId: 'Q7', «apiKey»: '‹` + sum(3)[:32] + `›', indexName: 'docs' }`, false},
		{generic, `{ appId: 'Q7', «apiKey»: '‹` + sum(3)[:32] + `›', region: 'eu' }`, true},
		{password, "ADMIN_«PASSWORD»=‹tR7^k2Qv&Z9mX-bL4w*›\n", true},
		{password, "ADMIN_«PASSWORD»=‹secrets/*›\n", false},
		{password, `'«password»': '‹\e033›',`, false},
		{password, `'«password»': '‹\\e033›',`, false},
		{password, `'«password»': '‹\e033-kQ7›',`, true},
		{password, `c.«pass» ? "‹&#x2713;›" : "&#x2717;"`, false},
		{password, `function check(«password»: ‹ArrayLike|ArrayBufferView›, salt: ArrayLike)`, false},
		{password, "user«Password»: ‹cn=expirein10›,ou=policies,dc=acme\n", false},
		{password, `this->comment("Route::controller('«password»', '‹".$this->argument›('name').");")`, false},
		{password, `"«password»":"‹Contrase\xf1a›","language"`, false},
		{password, `"«password»":"‹Contrase\xf1a94›","language"`, true},
		{password, `"«password»":"‹\u09aa\u09be\u09b8\u0993\u09af\u09bc\u09be\u09b0\u09cd\u09a1›","language"`, false},
		{password, `"«password»":"‹tR7\u0041kQ2vZ9m›","language"`, true},
		{password, `<string name="TYPE_«PASSWORD»">‹"Adgangskode"›</string>`, false},
		{password, `i.«password»=‹u:i.login.username=u:i.login.uri=s›(u)`, false},
		{password, `message:()=>m,«pass»:‹c!==-1›}`, false},
		{password, `#define TEMPLATE_«PASS»1   "‹..\\temp\\pass1.tmp›"`, false},
	} {
		name := strings.Index(c.text, "«")
		text := strings.ReplaceAll(c.text, "«", "")
		nameEnd := strings.Index(text, "»")
		text = strings.ReplaceAll(text, "»", "")
		start := strings.Index(text, "‹")
		text = strings.ReplaceAll(text, "‹", "")
		end := strings.Index(text, "›")
		text = strings.ReplaceAll(text, "›", "")
		in := Input{Rule: c.rule, Window: []byte(text), Start: start, End: end, NameStart: name, NameEnd: nameEnd}
		if start > 0 && end < len(text) && isQuote(text[end]) {
			in.Quote = text[end]
		}
		if v := New(Options{}).Review(in); v.Report != c.want {
			t.Errorf("%s: %v at %.2f %q, want %v", text, v.Report, v.Confidence, v.Reasons, c.want)
		}
	}
}

// TestBesideAccount: KEY alone says nothing, unless an account's id stands beside it.
func TestBesideAccount(t *testing.T) {
	wide := &rules.Rule{ID: wideKey, Provider: "generic", Generic: true, Severity: rules.Medium, Kind: rules.Token, Confidence: 0.75, Entropy: 3}
	const value = "7f3a91c07d254be8946a1d0c53e9b7f2"
	for text, want := range map[string]bool{
		"const APPID = 'wx01';\nconst MCHID = '1900';\nconst KEY = '" + value + "';": true,
		"const NAME = 'wx01';\nconst KEY = '" + value + "';":                         false,
		"const APPID = 'wx01';\nconst key = '" + value + "';":                        false,
	} {
		at := strings.Index(text, value)
		v := New(Options{}).Review(Input{Rule: wide, Window: []byte(text), Start: at, End: at + len(value), Quote: '\''})
		if v.Report != want {
			t.Errorf("%s: %v at %.2f %q, want %v", text, v.Report, v.Confidence, v.Reasons, want)
		}
	}
}

// TestLoneKey: a key in a store, or of an element in a list, is none; nor is one that
// pages are shipped with.
func TestLoneKey(t *testing.T) {
	wide := &rules.Rule{ID: wideKey, Provider: "generic", Generic: true, Severity: rules.Medium, Kind: rules.Token, Confidence: 0.75, Entropy: 3}
	client := &rules.Rule{ID: calledKey, Provider: "generic", Generic: true, Severity: rules.Medium, Kind: rules.Token, Confidence: 0.8, Entropy: 3}
	const id, key = "3d566518-0675-430c-93ab-9a26c0d976fc", "7f3a91c07d254be8946a1d0c53e9b7f2"
	for _, c := range []struct {
		rule  *rules.Rule
		text  string
		value string
		want  bool
	}{
		{wide, `{"Key":"uploads/` + id + `"}`, "uploads/" + id, false},
		{wide, `{"key":"photos-` + id + `.png"}`, "photos-" + id, false},
		{wide, `<img key="img-` + id + `" src={x} />`, "img-" + id, false},
		{wide, `<acme key="img-` + id + `" />`, "img-" + id, true},
		{client, `amplitude.init('` + key + `')`, key, false},
		{client, `weather.init('` + key + `')`, key, true},
	} {
		at := strings.Index(c.text, c.value)
		v := New(Options{}).Review(Input{Rule: c.rule, Window: []byte(c.text), Start: at, End: at + len(c.value)})
		if v.Report != c.want {
			t.Errorf("%s: %v at %.2f %q, want %v", c.text, v.Report, v.Confidence, v.Reasons, c.want)
		}
	}
}

// TestAmongVectors: words that code holds anyway make no test of a key.
func TestAmongVectors(t *testing.T) {
	generic := &rules.Rule{ID: "generic-secret", Provider: "generic", Generic: true, Severity: rules.Medium, Kind: rules.Assignment, Confidence: 0.75, Entropy: 3}
	const value = "7f3a91c07d254be8946a1d0c53e9b7f2"
	for text, want := range map[string]bool{
		"expected_period = 2\nconfig.public_key = x\nconfig.token = \"" + value + "\"": true,
		"public_key = x\nnonce = y\ntoken = \"" + value + "\"":                         false,
	} {
		at, name := strings.Index(text, value), strings.Index(text, "token")
		v := New(Options{}).Review(Input{Rule: generic, Window: []byte(text), Start: at, End: at + len(value), NameStart: name, NameEnd: name + 5, Quote: '"'})
		if v.Report != want {
			t.Errorf("%s: %v at %.2f %q, want %v", text, v.Report, v.Confidence, v.Reasons, want)
		}
	}
}

// TestCamel: capitals that stand alone make a name, others do not.
func TestCamel(t *testing.T) {
	for v, want := range map[string]bool{
		"whatIsTheClientThatYouRepresent": true, "areYouSureThatThisIsRightOrNot": true,
		"kQzWvXbTnRmLpGhJdFsKcYxBtVwQzR": false, "whatIsTheClientThatYouRep1": false, "shortCamelName": false,
	} {
		if got := isCamel([]byte(v)); got != want {
			t.Errorf("%s: %v, want %v", v, got, want)
		}
	}
}

// TestLoweredByPlace: what is lowered, and what is no secret, by what stands beside it.
func TestLoweredByPlace(t *testing.T) {
	generic := &rules.Rule{ID: "generic-secret", Provider: "generic", Generic: true, Severity: rules.Medium, Kind: rules.Assignment, Confidence: 0.75, Entropy: 3}
	id := "7f3a91c0-7d25-4be8-946a-1d0c53e9b7f2"
	text := `"https://firebasestorage.googleapis.com/v0/b/shop/o/a.png?alt=media&token=` + id + `"`
	at, name := strings.Index(text, id), strings.Index(text, "token")
	v := New(Options{}).Review(Input{Rule: generic, Window: []byte(text), Start: at, End: at + len(id), NameStart: name, NameEnd: name + 5})
	if !v.Report || v.Severity != rules.Low {
		t.Errorf("a file's address: reported %v with severity %v", v.Report, v.Severity)
	}
	text = "#   api_key: a1B2c3D4e5F6\n" // Rails puts it into new projects
	at = strings.Index(text, "a1")
	v = New(Options{}).Review(Input{Rule: generic, Window: []byte(text), Start: at, End: len(text) - 1, NameStart: 4, NameEnd: at - 2})
	if v.Report {
		t.Errorf("a row that counts is reported: %q", v.Reasons)
	}
	text = `new ManagedIdentityCredential("` + id + `")`
	at = strings.Index(text, id)
	v = New(Options{}).Review(Input{Rule: generic, Window: []byte(text), Start: at, End: at + len(id), NameStart: 4, NameEnd: at - 2, Quote: '"', Call: true})
	if v.Report {
		t.Errorf("a client id is reported: %q", v.Reasons)
	}
}

// TestBesideTest: a token of a service that is told by itself is told beside a word for
// tests, too; what nobody has issued is not.
func TestBesideTest(t *testing.T) {
	const value = "7f3a91c07d254be8946a1d0c53e9b7f2"
	for provider, want := range map[string]bool{"acme": true, "generic": false} {
		rule := &rules.Rule{ID: "acme-key", Provider: provider, Generic: provider == "generic", Severity: rules.Medium, Kind: rules.Assignment, Confidence: 0.55}
		text := `# test: acme_key = "` + value + `"`
		at, name := strings.Index(text, value), strings.Index(text, "acme_key")
		v := New(Options{}).Review(Input{Rule: rule, Window: []byte(text), Start: at, End: at + len(value), NameStart: name, NameEnd: name + len("acme_key"), Quote: '"'})
		if v.Report != want {
			t.Errorf("%s: %v at %.2f %q, want %v", provider, v.Report, v.Confidence, v.Reasons, want)
		}
	}
}
