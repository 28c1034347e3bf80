package judge

import (
	"strings"
	"testing"
)

func TestKeyName(t *testing.T) {
	for _, c := range []struct {
		text string // a bar marks where the value begins
		wide bool
		name string
		lone bool
	}{
		{"ACME_KEY=|", false, "ACME_KEY", false},
		{"const acmeKey = \"|", false, "acmeKey", false},
		{"{\"key\": \"|", false, "key", true},
		{"{\"acme\": {\"key\": \"|", false, "key", false},
		{"{\n  \"acme\": {\n    \"x\": {\"a\": 1},\n    \"key\": \"|", false, "key", false},
		{"{\"cache\": {\"key\": \"|", false, "key", true},
		{"{\"service\":\"acme\",\"key\":\"|", false, "key", false},
		{"'acme' => ['key' => '|", false, "key", false},
		{"[acme]\nkey = \"|", false, "key", false},
		{"[[servers.acme]]\nhost = 1\nkey = \"|", false, "key", false},
		{"acme:\n  on: true\n  key: |", false, "key", false},
		{"cache:\n  key: |", false, "key", true},
		{"acme:\nkey: |", false, "key", true},
		{"<acme>\n  <key>|", true, "key", false},
		{"<item>\n  <key>|", true, "key", true},
		{"<acme key=\"|", false, "key", false},
		{"# Acme API\n\nkey = |", false, "key", false},
		{"## Acme\n\nkey = |", false, "key", false},
		{"# settings of ours\nkey = |", false, "key", true},
		{"<add key=\"Acme:Key\" value=\"|", true, "Key", false},
		{"<key>acmeKey</key>\n\t<string>|", true, "acmeKey", false},
		{"{\"key\":\"X-Acme-Key\",\"value\":\"|", true, "Key", false},
		{"addHeader(\"acmeKey\", \"|", true, "acmeKey", false},
		{"addHeader(\"acmeKey\", \"|", false, "", false},
		{"GET /v1/items?key=|", false, "key", false},
	} {
		at := strings.IndexByte(c.text, '|')
		name, lone := keyName([]byte(c.text[:at]+"value"), at, c.wide)
		if c.name == "" && name == nil {
			continue
		}
		if string(name) != c.name && !strings.HasSuffix(c.text, "X-Acme-Key\",\"value\":\"|") || lone != c.lone {
			t.Errorf("%q: %q, lone %v; want %q, %v", c.text, name, lone, c.name, c.lone)
		}
	}
}

func TestMakesService(t *testing.T) {
	m := newModel()
	for text, want := range map[string]bool{
		"client = WeatherClient(\"": true, "Acme::Client.new('": true, "Acme.init(\"": true, "acme::Weather::new(\"": true, "require('acme')('": true,
		"Types.ObjectId.new(\"": false, "Digest::SHA256.new('": false, "PublicKey::new(\"": false, "Commit.init(\"sha(\"": false, "BigInteger.new(\"": false,
	} {
		s := m.measure([]byte("q8FZk29dkq0Zm31Lx0s7Qw5Tt"))
		if got := makesService([]byte(text), &s); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestCounted(t *testing.T) {
	for text, want := range map[string]bool{
		"a1b2c3d4e5f6g7h8i9j0": true, "1a2b3c4d5e6f7g8h9i0j": true, "a1b2c3d4-e5f6-7890-abcd-ef1234567890": true, "A1B2C3D4E5F6G7H8I9J0": true,
		"f3a91c07d25be8846a1d": false, "q8FZk29dkq0Zm31Lx0s7": false, "acme-production-eu-west": false,
	} {
		if got := isCounted([]byte(text), 65); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
