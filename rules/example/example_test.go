package example

import (
	"encoding/pem"
	"strings"
	"testing"
)

func TestExpandIsDeterministic(t *testing.T) {
	const template = `{{cf "cfut"}} {{pem "rsa"}} {{pem "ec"}} {{pem "encrypted"}} {{serviceaccount}} {{streamjwk}} {{password}} {{age}}`
	first, err := Expand(template, "a/0")
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Expand(template, "a/0")
	other, _ := Expand(template, "a/1")
	if first != again {
		t.Error("the same seed gives another text")
	}
	if first == other {
		t.Error("another seed gives the same text")
	}
}

func TestExpand(t *testing.T) {
	for _, c := range []struct{ template, shape string }{
		{`{{alnum 40}}`, "40"},
		{`{{cf "cfut"}}`, "53"},
		{`{{cf "cfast"}}`, "54"},
		{`{{originca}}`, "176"},
		{`{{cfoat}}`, "93"},
		{`{{sitekey}}`, "24"},
		{`{{turnstile}}`, "35"},
		{`{{uuid}}`, "36"},
		{`{{github "ghp"}}`, "40"},
		{`{{github "ghr"}}`, "80"},
		{`{{githubpat}}`, "93"},
		{`{{vercel "vcp"}}`, "60"},
		{`{{awskey "AKIA"}}`, "20"},
		{`{{age}}`, "74"},
		{`{{nkey "U"}}`, "58"},
		{`{{short (hex 9)}}{{long (hex 9)}}{{bad (hex 9)}}`, "27"},
		{`{{head 3 "abcdef"}}-{{tail 3 "abcdef"}}`, "abc-def"},
		{`{{base64 "acme"}} {{base64url "acme"}} {{hexof "acme"}} {{percent "a b"}} {{repeat 2 "ab"}}`, "YWNtZQ== YWNtZQ 61636d65 a+b abab"},
		{`{{bad "ab9"}} {{bad "abz="}}`, "ab8 aby="},
		{`{{escape "a\nb"}}`, `a\nb`},
	} {
		got, err := Expand(c.template, "test")
		if err != nil {
			t.Error(err)
			continue
		}
		if c.shape[0] >= '0' && c.shape[0] <= '9' {
			got = number(len(got))
		}
		if got != c.shape {
			t.Errorf("%s: got %s, want %s", c.template, got, c.shape)
		}
	}
	for _, template := range []string{`{{nothing}}`, `{{cf "cfxx"}}`, `{{pem "x"}}`, `{{nkey "Z"}}`, `{{jwt "x"}}`, `{{short ""}}`, `{{bad "--"}}`, `{{`} {
		if got, err := Expand(template, "test"); err == nil {
			t.Errorf("%s: got %q, want an error", template, got)
		}
	}
}

func number(n int) string {
	s := ""
	for ; n > 0; n /= 10 {
		s = string(rune('0'+n%10)) + s
	}
	return s
}

func TestLongTextsAreMixed(t *testing.T) {
	for _, seed := range strings.Fields("a b c d e f g h i j k l m n o p") {
		got, err := Expand(`{{alnum 16}}`, seed)
		if err != nil || !varied(alnum62, got) {
			t.Errorf("%q: %v", got, err)
		}
	}
}

func TestKeysAreWholeBlocks(t *testing.T) {
	for _, kind := range strings.Fields("rsa pkcs8 ec ed25519 openssh encrypted public") {
		got, err := Expand(`{{pem "`+kind+`"}}`, "test")
		if err != nil {
			t.Fatal(err)
		}
		if block, rest := pem.Decode([]byte(got + "\n")); block == nil || len(rest) != 0 {
			t.Errorf("%s is not one PEM block", kind)
		}
	}
}
