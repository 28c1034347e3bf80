package judge

import (
	"testing"

	"keyrake/rules"
)

// TestGuessedInside lowers a password that is soon guessed where only its own
// network knows the host, and nowhere else.
func TestGuessedInside(t *testing.T) {
	p := New(Options{})
	for _, test := range []struct {
		value string
		want  rules.Severity
	}{
		{"@pgshop:shop@db:5432/app", rules.Low},
		{"@myshop:shop@db/shop", rules.Low},
		{"@pgdefault:marble7@cache.svc:6379/0", rules.Low},
		{"@pgshop:marble7@main.prod.svc.cluster.local/app", rules.Low},
		{"@pgshop:shop@db.shop-online.net:5432/app", rules.High},
		{"@pgshop:marble7@203.0.113.9/app", rules.High},
		{"@pgshop:@b62:20@db:5432/app", rules.High},
		{"@pgshop:Marble7!x@db:5432/app", rules.High},
	} {
		v := p.Review(input(dburl, "", fill("inside", test.value), 0))
		if !v.Report || v.Severity != test.want {
			t.Errorf("%s: report %v, severity %s, want %s: %q", test.value, v.Report, v.Severity, test.want, v.Reasons)
		}
	}
}

// TestOtherScripts: what a URL has for a password in marks of typesetting, or in words of
// another script, is to be filled in; with a digit or Latin letters it may be one.
func TestOtherScripts(t *testing.T) {
	p := New(Options{})
	for value, want := range map[string]bool{
		"‹V›": false, "«le mot»": false, "【密码】": false, "《密码》": false, "＜パスワード＞": false, "「鍵」": false,
		"你的密码": false, "ваш_пароль": false, "여기에_키": false, "כאן-הסיסמה": false,
		"пароль123": true, "ключqwe7": true, "Straße_ohne_Licht": true, "›ab‹x9Q": true, "【ab7Q": true, "«xk7Qm»": true,
	} {
		if v := p.Review(input(dburl, "", "postgres://app:"+value+"@db.shop-online.net/app", 0)); v.Report != want {
			t.Errorf("%s: report %v: %q", value, v.Report, v.Reasons)
		}
	}
}
