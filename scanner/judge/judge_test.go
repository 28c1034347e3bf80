package judge

import (
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"math/rand"
	"reflect"
	"strings"
	"testing"

	"keyrake/rules"
)

const (
	base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	hex16  = "0123456789abcdef"
)

var (
	generic = &rules.Rule{ID: "generic-secret", Kind: rules.Assignment, Generic: true, Provider: "generic", Severity: rules.Medium}
	passwd  = &rules.Rule{ID: "generic-password", Kind: rules.Assignment, Generic: true, Provider: "generic", Severity: rules.Medium}
	datadog = &rules.Rule{ID: "datadog-api-key", Provider: "datadog", Kind: rules.Assignment, Severity: rules.High, Keywords: []string{"datadog"}}
	legacy  = &rules.Rule{ID: "cloudflare-api-token-legacy", Provider: "cloudflare", Kind: rules.Assignment, Severity: rules.Critical, Entropy: 4.2}
	cfut    = &rules.Rule{ID: "cloudflare-user-api-token", Provider: "cloudflare", Kind: rules.Token, Severity: rules.Critical, Keywords: []string{"cfut_"}, Proof: "cloudflare-crc32"}
	groq    = &rules.Rule{ID: "groq-api-key", Kind: rules.Token, Severity: rules.High, Keywords: []string{"gsk_"}, Entropy: 3}
	stripe  = &rules.Rule{ID: "stripe-secret-key", Kind: rules.Token, Severity: rules.High, Keywords: []string{"sk_live_", "sk_test_"}}
	awsID   = &rules.Rule{ID: "aws-access-key-id", Kind: rules.Token, Severity: rules.High, Keywords: []string{"akia", "asia"}, Proof: "aws-account"}
	dburl   = &rules.Rule{ID: "database-url", Kind: rules.Token, Severity: rules.High, Keywords: []string{"postgres://", "mysql://"}, Proof: "db-url"}
	anyRule = []*rules.Rule{generic, passwd, datadog, legacy, cfut, groq, stripe, awsID, dburl}
)

// fill replaces @b62:N, @hex:N, @b64:N, @b36:N, @url:N, @uuid and @cfut by
// made-up values; the seed is the row, so that every run reviews the same.
func fill(seed, text string) string {
	h := fnv.New64a()
	h.Write([]byte(seed + text))
	r := rand.New(rand.NewSource(int64(h.Sum64())))
	draw := func(alphabet string, n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[r.Intn(len(alphabet))]
		}
		return string(b)
	}
	for _, g := range []struct{ mark, alphabet string }{
		{"@b62:", base62}, {"@hex:", hex16}, {"@b64:", base62 + "+/"}, {"@b36:", base62[:10] + base62[36:]}, {"@url:", base62 + "-_"},
	} {
		for {
			i := strings.Index(text, g.mark)
			if i < 0 {
				break
			}
			n, rest := 0, text[i+len(g.mark):]
			for len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
				n, rest = n*10+int(rest[0]-'0'), rest[1:]
			}
			text = text[:i] + draw(g.alphabet, n) + rest
		}
	}
	u := draw(hex16, 32)
	text = strings.ReplaceAll(text, "@uuid", u[:8]+"-"+u[8:12]+"-"+u[12:16]+"-"+u[16:20]+"-"+u[20:])
	for mark, head := range map[string]string{"@pg": "post" + "gres://", "@my": "my" + "sql://", "@aws": "AK" + "IA"} {
		text = strings.ReplaceAll(text, mark, head)
	}
	body := draw(base62, 40)
	return strings.ReplaceAll(text, "@cfut", fmt.Sprintf("cfut_%s%08x", body, crc32.ChecksumIEEE([]byte(body))))
}

// input builds `name = "value"` round a value. The quote is ", ' or 0.
func input(rule *rules.Rule, name, value string, quote byte) Input {
	q := ""
	if quote != 0 {
		q = string(quote)
	}
	head := ""
	in := Input{Rule: rule, Quote: quote}
	if name != "" {
		head = name + " = "
		in.NameEnd = len(name)
	}
	in.Window = []byte("\n" + head + q + value + q + "\n")
	if name != "" {
		in.NameStart, in.NameEnd = 1, 1+len(name)
	}
	in.Start = 1 + len(head) + len(q)
	in.End = in.Start + len(value)
	return in
}

type row struct {
	rule        *rules.Rule
	name, value string
	quote       byte
	want        bool
}

func TestReview(t *testing.T) {
	p := New(Options{})
	if len(rows) < 150 {
		t.Errorf("only %d rows", len(rows))
	}
	for i, r := range rows {
		value := fill(fmt.Sprint(i), r.value)
		v := p.Review(input(r.rule, r.name, value, r.quote))
		if v.Report != r.want {
			t.Errorf("%s: %s = %s: report %v at %.2f: %q", r.rule.ID, r.name, r.value, v.Report, v.Confidence, v.Reasons)
		}
		if len(v.Reasons) == 0 {
			t.Errorf("%s: %s = %s: no reason", r.rule.ID, r.name, r.value)
		}
		for _, why := range v.Reasons {
			if len(value) >= 6 && strings.Contains(why, value) {
				t.Errorf("%s: reason holds the value", r.name)
			}
		}
	}
}

// TestReviewIsPure: the same window gives the same verdict, whatever was
// reviewed before, and nothing beyond Input is read or changed.
func TestReviewIsPure(t *testing.T) {
	p, q := New(Options{}), New(Options{})
	for i, r := range rows {
		in := input(r.rule, r.name, fill(fmt.Sprint(i), r.value), r.quote)
		before := string(in.Window)
		a, b := p.Review(in), q.Review(in)
		roomy := in
		roomy.Window = append(make([]byte, 0, len(in.Window)+64), in.Window...)
		copy(roomy.Window[len(in.Window):cap(roomy.Window)], "example test dummy")
		if c := p.Review(roomy); !reflect.DeepEqual(a, b) || !reflect.DeepEqual(a, c) || string(in.Window) != before {
			t.Errorf("%s = %s: verdicts differ", r.name, r.value)
		}
	}
}

// TestRecall measures random values under honest names: a filter that drops
// more than one in a thousand is too clever.
func TestRecall(t *testing.T) {
	p := New(Options{})
	tests := []struct {
		rule        *rules.Rule
		name, value string
	}{
		{generic, "api_key", "@b62:20"}, {generic, "api_key", "@b62:32"}, {generic, "client_secret", "@url:40"}, {generic, "authToken", "@hex:32"},
		{generic, "SECRET_KEY", "@b64:44"}, {generic, "accessToken", "@b36:24"}, {generic, "signing_key", "@hex:64"}, {generic, "api_key", "@b62:16"},
		{passwd, "password", "@b62:12"}, {passwd, "password", "@url:16"},
		{datadog, "DATADOG_API_KEY", "@hex:32"}, {legacy, "CF_API_TOKEN", "@url:40"},
		{cfut, "", "@cfut"}, {groq, "", "gsk_@b62:52"}, {stripe, "", "sk_test_@b62:24"}, {awsID, "", "@awsJ@b62:15"},
	}
	const trials = 3000
	for _, tt := range tests {
		missed := 0
		var why []string
		for i := range trials {
			if v := p.Review(input(tt.rule, tt.name, fill(fmt.Sprint(i), tt.value), '"')); !v.Report {
				why = append(why, fmt.Sprint(v.Reasons))
				missed++
			}
		}
		if missed > trials/1000 {
			t.Errorf("%s %s = %s: %d of %d missed: %q", tt.rule.ID, tt.name, tt.value, missed, trials, why)
		}
	}
}

func TestMismatch(t *testing.T) {
	good := fill("m", "@cfut")
	flip := "0"
	if strings.HasSuffix(good, "0") {
		flip = "1"
	}
	bad := good[:len(good)-1] + flip
	v := New(Options{}).Review(input(cfut, "", good, '"'))
	if !v.Report || v.Proof != Verified || v.Confidence != 0.99 {
		t.Errorf("verified token: %+v", v)
	}
	v = New(Options{}).Review(input(cfut, "", bad, '"'))
	if !v.Report || v.Proof != Mismatch || v.Confidence != 0.4 {
		t.Errorf("altered token: %+v", v)
	}
	if v = New(Options{StrictChecksum: true}).Review(input(cfut, "", bad, '"')); v.Report {
		t.Errorf("altered token, strict: %+v", v)
	}
	fake := "cfut_" + strings.Repeat("x", 40) + "00000000"
	if v = New(Options{}).Review(input(cfut, "", fake, '"')); v.Report {
		t.Errorf("placeholder: %+v", v)
	}
}

// A prefix of words says nothing about the body behind it.
func TestPrefixAndBody(t *testing.T) {
	p := New(Options{})
	for i := range 500 {
		value := "dk_prod_" + strings.ToUpper(fill(fmt.Sprint(i), "@b36:28"))
		if v := p.Review(input(datadog, "DATADOG_API_KEY", value, '"')); !v.Report {
			t.Errorf("%d: %.2f %q", i, v.Confidence, v.Reasons)
		}
	}
}

// A verified token is exempt from what its surroundings say.
func TestVerifiedIsExemptFromContext(t *testing.T) {
	in := input(cfut, "", fill("x", "@cfut"), '"')
	in.Window = append([]byte("# example test dummy: "), in.Window[1:]...)
	shift := len("# example test dummy: ") - 1
	in.Start, in.End = in.Start+shift, in.End+shift
	if v := New(Options{}).Review(in); !v.Report || v.Confidence != 0.99 {
		t.Errorf("%+v", v)
	}
}

func TestContextLowersConfidence(t *testing.T) {
	p := New(Options{})
	plain := input(generic, "api_key", fill("c", "@b62:32"), '"')
	behind := func(head string, in Input) Input {
		in.Window = append([]byte("\n"+head), in.Window[1:]...)
		in.Start, in.End, in.NameStart, in.NameEnd = in.Start+len(head), in.End+len(head), in.NameStart+len(head), in.NameEnd+len(head)
		return in
	}
	base := p.Review(plain).Confidence
	for head, want := range map[string]float64{"": base, "# ": base * 0.95, "// example: ": base * 0.95 * 0.75, "the latest ": base} {
		if v := p.Review(behind(head, plain)); v.Confidence < want-1e-9 || v.Confidence > want+1e-9 {
			t.Errorf("%q: confidence %.3f, want %.3f", head, v.Confidence, want)
		}
	}
	hexed := input(generic, "token", fill("h", "@hex:32"), '"')
	if v := p.Review(hexed); !v.Report {
		t.Errorf("hex token not reported: %+v", v)
	}
	if v := p.Review(behind(`"integrity": {`, hexed)); v.Report {
		t.Errorf("integrity field reported: %+v", v)
	}
}

func TestBadSpans(t *testing.T) {
	p := New(Options{})
	for _, in := range []Input{
		{}, {Rule: generic, Start: -1}, {Rule: generic, Start: 2, End: 1}, {Rule: generic, End: 5},
		{Rule: generic, Window: []byte("abc"), Start: 0, End: 3, NameStart: -4, NameEnd: 99},
	} {
		if v := p.Review(in); v.Report {
			t.Errorf("%+v reported", in)
		}
	}
}

func FuzzReview(f *testing.F) {
	for i, r := range rows {
		f.Add(r.name, fill(fmt.Sprint(i), r.value), r.quote, i)
	}
	p := New(Options{})
	f.Fuzz(func(t *testing.T, name, value string, quote byte, pick int) {
		in := input(anyRule[uint(pick)%uint(len(anyRule))], name, value, quote)
		v := p.Review(in)
		if v.Confidence < 0 || v.Confidence > 1 {
			t.Fatalf("confidence %v", v.Confidence)
		}
		if !reflect.DeepEqual(v, p.Review(in)) {
			t.Fatal("not pure")
		}
	})
}

func BenchmarkReview(b *testing.B) {
	p := New(Options{})
	for _, bb := range []struct {
		what, name, value string
		rule              *rules.Rule
		quote             byte
	}{
		{"reported", "client_secret", "@b62:32", generic, '"'},
		{"reported-long-line", "client_secret", "@url:64", generic, '"'},
		{"placeholder", "api_key", "your-api-key-goes-here", generic, '"'},
		{"reference", "api_key", "process.env.API_KEY", generic, 0},
		{"identifier", "tokenField", "getAccessTokenSilently", generic, '"'},
		{"name", "cache_key", "@hex:32", generic, '"'},
		{"password", "DB_PASSWORD", "hunter2!", passwd, 0},
		{"checksum", "", "@cfut", cfut, '"'},
	} {
		in := input(bb.rule, bb.name, fill("bench", bb.value), bb.quote)
		b.Run(bb.what, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Review(in)
			}
		})
	}
}
