package rules

import (
	"strings"
	"testing"
)

func TestKeywords(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`acme_[a-z]{20}`, "acme_"},
		{`(?i)(?:acme|shop)[-_]?key\s*=\s*[a-z]{20}`, "acme-key acme_key acmekey shop-key shop_key shopkey"},
		{`\b(live|test)_[a-z]{20}`, "live_ test_"},
		{`A[KS]IA[A-Z]{16}`, "akia asia"},
		{`[a-z0-9]{32}`, ""},
		{`a_[0-9]{20}`, ""},
		{`(acme_[a-z]+|[0-9]{9})`, ""},
		{`(?:acme_){1,3}[a-z]+`, "acme_"},
		{`(?:acme_)?[a-z]+`, ""},
		{`at2?_[0-9a-f]{12}_x`, "at2_ at_"},
		{`(?i)password\s*[:=]\s*\S+`, "password"},
		{`["']?---["']?[a-z]{20}`, ""},
		{`(`, ""},
	} {
		words, ok := Keywords(c.pattern)
		if got := strings.Join(words, " "); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q %v, want %q", c.pattern, got, ok, c.want)
		}
	}
}

// FuzzKeywords holds that derived keywords pass the check that every match
// holds one of them.
func FuzzKeywords(f *testing.F) {
	f.Add(`(?i)acme[-_](key|token)\s*=\s*[a-z]{3,}`)
	f.Fuzz(func(t *testing.T, pattern string) {
		if words, ok := Keywords(pattern); ok && !Holds(pattern, words) {
			t.Fatalf("%q: %q", pattern, words)
		}
	})
}
