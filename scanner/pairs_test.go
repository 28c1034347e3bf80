package scanner

import (
	"context"
	"strings"
	"testing"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

func streamed(t *testing.T, text string) *finding.Report {
	t.Helper()
	r, err := Stream(context.Background(), Options{Rules: rules.Builtin(), ArchiveDepth: 2}, "x", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPartsHideNoSecret: a finding goes into another one only where it is an id,
// and a word that is a user here and a password there stays a finding.
func TestPartsHideNoSecret(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       string // rules and parts of the findings
	}{
		{"an account id that a generic rule takes for a key", "TWILIO_ACCOUNT_SID=AC{{hex 32}}\nTWILIO_AUTH_TOKEN={{hex 32}}\n",
			"twilio-auth-token(account sid)"},
		{"a user like a password", "db_user: USER\ndb_password: {{alnum 12}}\nroot_password: USER\n",
			"generic-password(user) generic-password()"},
	} {
		user := expand(t, "{{alnum 12}}", "a user")
		r := streamed(t, strings.ReplaceAll(expand(t, test.text, test.name), "USER", user))
		var got []string
		for i := range r.Findings {
			f := &r.Findings[i]
			var roles []string
			for _, p := range f.Tied().Parts {
				roles = append(roles, p.Role)
			}
			got = append(got, f.Rule.ID+"("+strings.Join(roles, " ")+")")
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: %s, want %s", test.name, s, test.want)
		}
	}
}

// TestPartsInUTF16 finds parts where offsets are not those of the text.
func TestPartsInUTF16(t *testing.T) {
	plain := expand(t, "TWILIO_ACCOUNT_SID=AC{{hex 32}}\nTWILIO_AUTH_TOKEN={{hex 32}}\n", "wide")
	wide := "\xff\xfe"
	for i := range len(plain) {
		wide += plain[i:i+1] + "\x00"
	}
	r := streamed(t, wide)
	if len(r.Findings) != 1 || len(r.Findings[0].Tied().Parts) != 1 {
		t.Fatalf("%+v", r.Findings)
	}
	if at := r.Findings[0].Tied().Parts[0].Places[0]; at.Line != 1 || at.Column != 20 || at.EndColumn != 53 {
		t.Errorf("the part stands at %+v", at)
	}
}
