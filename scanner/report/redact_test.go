package report

import (
	"math/rand/v2"
	"strings"
	"testing"

	"keyrake/scanner/finding"
)

// twin is the mask by the standard library.
func twin(secrets []finding.Secret) *strings.Replacer {
	var pairs []string
	for _, s := range secrets {
		pairs = append(pairs, s.Reveal(), s.String())
	}
	return strings.NewReplacer(pairs...)
}

// TestMaskEqualsReplacer masks texts of pieces in which secrets begin alike, hold
// each other and stand one after the other.
func TestMaskEqualsReplacer(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	text := func(least, most int) string {
		b := make([]byte, least+r.IntN(most-least))
		for i := range b {
			b[i] = "ab"[r.IntN(8)/7]
		}
		return string(b)
	}
	masked := 0
	for range 300 {
		var secrets []finding.Secret
		for range r.IntN(40) {
			secrets = append(secrets, finding.NewSecret([]byte(text(minRedacted, minRedacted+8))))
		}
		m := newMask(secrets)
		plain := twin(m.secrets)
		for range 20 {
			in := text(0, 120)
			want := plain.Replace(in)
			if got := m.Replace(in); got != want {
				t.Fatalf("%q with %d secrets: %q, want %q", in, len(secrets), got, want)
			}
			if want != in {
				masked++
			}
		}
	}
	if masked < 100 {
		t.Errorf("only %d texts held a secret", masked)
	}
}

func FuzzMask(f *testing.F) {
	f.Add("aaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaa")
	f.Add("x-bbbbbbbbbbbbbbbbbbbb-y", "bbbbbbbbbbbbbbbbbbbb", "-bbbbbbbbbbbbbbbbbbb")
	f.Add("\xff\x00", "", "\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff")
	f.Fuzz(func(t *testing.T, text, a, b string) {
		m := Redactor(&finding.Report{Named: []finding.Secret{finding.NewSecret([]byte(a)), finding.NewSecret([]byte(b))}})
		if got, want := m.Replace(text), twin(m.secrets).Replace(text); len(m.secrets) > 0 && got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}
