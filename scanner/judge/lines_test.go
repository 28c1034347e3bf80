package judge

import (
	"encoding/base64"
	"fmt"
	"testing"

	"keyrake/rules"
)

// A lineRow is a piece of a file with «name» and ‹value› marked, and between
// which confidences the verdict has to lie. What is dropped counts as 0.
type lineRow struct {
	password bool
	text     string
	lo, hi   float64
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

var lineRows = []lineRow{
	// weak passwords keep an order: a gate may be set between any two kinds
	{true, "\n«password» = \"‹@b62:16›\"\n", 0.8, 0.9},
	{true, "\n«DB_PASSWORD»=‹k1ngfisher!›\n", 0.65, 0.75},
	{true, "\n«password»: \"‹k1ngfisher›\"\n", 0.7, 0.78},
	{true, "\nexport «DB_PASSWORD»=‹kingfisher›\n", 0.7, 0.78},
	{true, "\nif («password» == \"‹kingfisher›\") {\n", 0.3, 0.49},
	{true, "\nif («password» === '‹Kingfisher77!›') {\n", 0.5, 0.75},
	{true, "\n«password»: \"‹kingfisher›\"\n", 0.6, 0.75},
	{true, "\n«password»: \"‹s3cr3t!›\"\n", 0.1, 0.45},
	{true, "\n«password»: \"‹admin-pass!›\"\n", 0.45, 0.55},
	{true, "\n«DB_PASSWORD»=‹heron_password›\n", 0.25, 0.45},
	{true, "\n«password»: \"‹postgres›\"\n", 0.15, 0.35},
	{true, "\n«password»: ‹123456›\n", 0.2, 0.4},
	{true, "\n«password»: \"‹password›\"\n", 0.1, 0.25},

	// unquoted words: settings against code
	{true, "\n  «password»: ‹kingfisher›\n", 0.5, 0.6},
	{true, "\n«client.password»=‹kingfisher›\n", 0.6, 0.78},
	{true, "\n  x.«password» = ‹kingfisher›\n", 0, 0},
	{true, "\nlogin(«password»=‹pw1›)\n", 0, 0},
	{true, "\nconst char *«userpwd» = ‹arg_4›;\n", 0, 0},
	{true, "\n--«password»=‹DB_PASSWORD›  the password\n", 0, 0},
	{true, "\n$«Pass» = ‹Get-Credential› -Name x\n", 0, 0},

	// names that mention passwords without holding one
	{true, "\n\"«LABEL_PASSWORD»\": \"‹Kennwort9›\"\n", 0, 0},
	{true, "\n\"«FORGOT_PASSWORD»\": \"‹Vergessen1›\"\n", 0, 0},
	{true, "\n\"«Current password is not correct.»\": \"‹Falsch!›\"\n", 0, 0},
	{true, "\n«HTTPPasswordMgr», \"‹urllib9›\"\n", 0.3, 0.49},
	{true, "\n«PWD»=‹build9!›\n", 0, 0},
	{true, "\nurl.«UserPassword»(\"‹k1ngfisher›\", x)\n", 0.25, 0.35},

	// values that are no passwords
	{true, "\n\"«NEW_PASSWORD»\": \"‹新しいパスワード›\"\n", 0, 0},
	{true, "\n\"«password»\": \"‹Contraseña nueva›\"\n", 0, 0},
	{true, "\n«WIN_PASS» = ‹0x4f›\n", 0, 0},
	{true, "\nconfig.«reset_password» = ‹6.hours›\n", 0, 0},
	{true, "\n«password»: \"‹first\\r\\nsecond›\"\n", 0, 0},
	{true, "\n«password».encode(\"‹utf-8›\")\n", 0, 0},
	{true, "\n«passphrase»: ‹:py:data:›\n", 0, 0},
	{true, "\necho 'db_«password» = \"‹'$FRESH'›\"'\n", 0, 0},
	{true, "\necho \"db_«password» = '‹\"${FRESH}\"›'\"\n", 0, 0},
	{true, "\n«password» = \"‹'$9x!kQ'›\"\n", 0.5, 0.9},
	{true, "\n«password»: \"‹$2a$11$abc›\"\n", 0, 0},
	{true, "\nx-«htpasswd»: ‹13.0.0-next-8.7›\n", 0, 0},
	{true, "\n(sn=a)(«password»=‹MYKE*›)\n", 0, 0},
	{true, "\n{user: svc-9, «password»: \"‹svc-9›\"}\n", 0.01, 0.1},
	{true, "\n«password»: \"‹" + b64("heron:password") + "›\"\n", 0.5, 0.6},

	// generic: what stands round a value
	{false, "\n  «encryptionKeyJwk»: ‹JsonWebKey›;\n", 0, 0}, // a type
	{false, "\nAuthorization: Basic ‹" + b64("heron:Qv9!xTr2Lm") + "›\n", 0.6, 0.8},
	{false, "\n«Authorization»: Basic ‹" + b64("user:password") + "›\n", 0.5, 0.6},
	{false, "\n«Authorization»: Basic ‹@b62:24›\n", 0, 0},
	{false, "\n«Authorization»: ‹AWS4-HMAC-SHA256› Credential=x\n", 0, 0},
	{false, "\nx: Bearer ‹@b62:32›\n", 0.7, 0.8},
	{false, "\n«api_key» = \"‹" + b64("ACCESS_KEY_OF_MINE") + "›\"\n", 0, 0},
	{false, "\n«api_key» = \"‹" + b64("the key of this application") + "›\"\n", 0, 0},
	{false, "\n«api_key» = \"‹askdfjhalskdjf9›\"\n", 0, 0},
	{false, "\n«APP_SECRET_TOKEN»=‹heronsandkingfishers›\n", 0.2, 0.45},
	{false, "\n  «app_secret»: \"‹herons-and-kingfishers›\"\n", 0, 0},
	{false, "\n«session_key» = \"‹@hex:16›\"\n", 0.5, 0.8},
	{false, "\ncompile '«io.heron.token»:‹heron-qx7:0.11.2›'\n", 0, 0},
	{false, "\nCookie: «CSRF-TOKEN»=‹0.82659130275518463›\n", 0, 0},
	{false, "\n/graph/badge.svg?«token»=‹@b62:16›\n", 0, 0},
	{false, "\n<script data-cf-beacon='{\"«token»\": \"‹@hex:32›\"}'></script>\n", 0, 0},
	{false, "\n«better-auth»: ‹1.5.4(@heron/types@5.2)›\n", 0, 0},
	{false, "\n«AUTH»=‹EXTERNAL@%HOSTIP:%PORTNAME/7›\n", 0, 0},
	{false, "\n\"PublicKey\": \"@hex:64\",\n\"Nonce\": \"@hex:24\",\n\"«SharedSecret»\": \"‹@hex:64›\"\n", 0.2, 0.49},
	{false, "\n\"«SharedSecret»\": \"‹@hex:64›\"\n", 0.6, 0.8},
}

func TestReviewLines(t *testing.T) {
	p := New(Options{MinConfidence: 0.01})
	for i, r := range lineRows {
		in := lineInput(fill(fmt.Sprint(i), r.text))
		in.Rule = generic
		if r.password {
			in.Rule = passwd
		}
		v := p.Review(in)
		got := v.Confidence
		if !v.Report {
			got = 0
		}
		if got < r.lo || got > r.hi {
			t.Errorf("%q: %.2f, want %.2f to %.2f: %q", r.text, got, r.lo, r.hi, v.Reasons)
		}
	}
}

// lineInput takes the marks out of text.
func lineInput(text string) (in Input) {
	marks := map[rune]*int{'«': &in.NameStart, '»': &in.NameEnd, '‹': &in.Start, '›': &in.End}
	for _, r := range text {
		if at := marks[r]; at != nil {
			*at = len(in.Window)
			continue
		}
		in.Window = append(in.Window, string(r)...)
	}
	if c := in.Window[in.Start-1]; c == '"' || c == '\'' {
		in.Quote = c
	}
	in.Call = in.NameEnd > 0 && in.Window[in.NameEnd] == '('
	return in
}

// TestSeverity: what anybody could guess, and what documents code, is low and so
// fails no scan by default; what a machine made is not.
func TestSeverity(t *testing.T) {
	p := New(Options{MinConfidence: 0.01})
	for i, r := range []struct {
		password bool
		text     string
		low      bool
	}{
		{true, "\n«password» = \"‹@b62:16›\"\n", false},
		{true, "\n«password» = \"‹k1ngf!sher82›\"\n", false},
		{true, "\n«password»: \"‹kingfisher›\"\n", true},
		{true, "\n«password»: \"‹Kingfisher7›\"\n", true},
		{true, "\n * \"user\": \"u\", \"«password»\": \"‹@b62:16›\"\n", true},
		{true, "\n    #   User.new(name: 'heron', «password»: '‹@b62:16›')\n", true},
		{true, "\n    #   «user.password» = \"‹@b62:16›\"\n", true},
		{true, "\n#   «spring.password»=‹@b62:16›\n", false},
		{true, "\n#   «password»: ‹@b62:16›\n", false},
		{false, "\n# «api_key» = \"‹@b62:40›\"\n", false},
		{false, "\n * «api_key» = \"‹@b62:40›\"\n", true},
	} {
		in := lineInput(fill(fmt.Sprint(i), r.text))
		in.Rule = generic
		if r.password {
			in.Rule = passwd
		}
		if v := p.Review(in); !v.Report || (v.Severity <= rules.Low) != r.low {
			t.Errorf("%q: severity %v at %.2f, low is to be %v: %q", r.text, v.Severity, v.Confidence, r.low, v.Reasons)
		}
	}
}
