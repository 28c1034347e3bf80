package judge

import (
	"encoding/base64"
	"testing"

	"keyrake/rules"
)

// TestURLPasswords: a weak password of an account of a database nearby is told,
// if low; one that a sample shows is not.
func TestURLPasswords(t *testing.T) {
	database := &rules.Rule{ID: "database-url", Proof: "db-url", Severity: rules.High}
	service := &rules.Rule{ID: "service-url", Proof: "db-url", Severity: rules.High}
	p := New(Options{})
	for _, r := range []struct {
		rule                     *rules.Rule
		scheme, user, weak, host string
		want                     bool
	}{
		{database, "postgres", "heron", "secret", "localhost:5432/app", true},
		{database, "mongodb", "heron", "secret", "mongo:27017,mongo2:27017/app", true},
		{database, "mysql", "root", "password", "127.0.0.1/app", true},
		{database, "mysql", "root", "P4ssw0rd", "db", true},
		{database, "mysql", "root", "password", "db.acme.dev/app", false},
		{database, "postgres", "postgres", "postgres", "localhost/app", false},
		{database, "postgres", "user", "password", "localhost/app", false},
		{database, "postgres", "my-user", "secret", "localhost/app", false},
		{database, "postgres", "heron", "my-password", "localhost/app", false},
		{database, "postgres", "test", "secret", "localhost/app", false},
		{database, "postgres", "$USER", "secret", "localhost/app", false},
		{service, "amqp", "heron", "secret", "rabbit", false},
	} {
		url := r.scheme + "://" + r.user + ":" + r.weak + "@" + r.host
		v := p.Review(input(r.rule, "", url, '"'))
		if v.Report != r.want || v.Report && v.Severity != rules.Low {
			t.Errorf("%s: told %t at %.2f, severity %s: %q", url, v.Report, v.Confidence, v.Severity, v.Reasons)
		}
	}
}

// TestBasicPairs: user and password in base64 are read with letters beyond
// ASCII too, and other bytes are none.
func TestBasicPairs(t *testing.T) {
	p := New(Options{})
	for text, want := range map[string]bool{
		"heron:glücklich7":               true,
		"héron:kingfisher-7":             true,
		"heron and no colon, ü":          false,
		"heron:\x80\x81\x82\x83\x84\x85": false,
	} {
		in := input(generic, "", base64.StdEncoding.EncodeToString([]byte(text)), 0)
		in.Window = append([]byte("Basic "), in.Window[1:]...)
		in.Start, in.End = in.Start+5, in.End+5
		if v := p.Review(in); v.Report != want {
			t.Errorf("%q: told %t at %.2f: %q", text, v.Report, v.Confidence, v.Reasons)
		}
	}
}
