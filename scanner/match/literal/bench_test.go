package literal

// Run with
//
//	go test -run '^$' -bench . -benchtime 1s ./scanner/match/literal
//
// It reads Go's own source; KEYRAKE_BENCH_DIR names another folder.

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// benchWords are the kinds of words that rules use as keywords; + is a space.
const benchWords = `token secret passw pwd api_key apikey api-key access_key
auth bearer authorization credential private+key -----begin cloudflare akia
asia ghp_ gho_ ghu_ ghs_ github_pat_ glpat- xoxb- xoxp- sk_live_ sk-ant-
sk-proj- t3blbkfj aiza npm_ pypi- eyj hf_ r8_ gsk_ postgres:// mysql:// mongodb
redis:// amqp:// :// algolia airtable amplitude anthropic asana atlassian auth0
bitbucket bitly braintree buildkite circleci clojars codecov cohere coinbase
confluent contentful databricks datadog deepgram deepseek digitalocean discord
docker doppler dropbox dynatrace easypost elastic etsy facebook fastly figma
finicity flickr flutterwave freshbooks gcp_ gitea github gitlab gitter
gocardless grafana groq hashicorp heroku hubspot huggingface infracost intercom
jfrog jira kraken kucoin launchdarkly linear linkedin lob mailchimp mailgun
mapbox mattermost messagebird mistral netlify newrelic notion nytimes okta
openai openrouter paypal perplexity pinecone planetscale plaid postman posthog
pulumi rapidapi readme replicate resend rubygems sendbird sendgrid sendinblue
sentry shippo shopify sidekiq slack snyk sonar sourcegraph spotify square
squarespace stability stripe sumologic supabase tailscale telegram terraform
together travis trello turso twilio twitch twitter typeform upstash vault
vercel voyage weights xai- yandex zendesk zapier api_token auth_token
access_token refresh_token client_secret app_secret aws_secret aws_access
webhook signing_key encryption_key jwt_secret dsn connection+string account_key
sharedaccesssignature password passphrase passwd keystore htpasswd
service_account tunnel_token origin_ca api.cloudflare.com workers.dev r2_access
turnstile global_api`

// benchLiterals are benchWords and made-up provider prefixes, n in all.
func benchLiterals(n int) []string {
	var lits []string
	known := map[string]bool{}
	add := func(s string) {
		if !known[s] {
			known[s] = true
			lits = append(lits, s)
		}
	}
	for w := range strings.FieldsSeq(benchWords) {
		add(strings.ReplaceAll(w, "+", " "))
	}
	const inner = "abcdefghijklmnopqrstuvwxyz0123456789aeiourstln_-"
	r := rand.New(rand.NewPCG(1, 2))
	for len(lits) < n {
		size := 4 + r.IntN(9)
		if r.IntN(2) == 0 {
			size = 4 + r.IntN(3)
		}
		b := []byte{inner[r.IntN(26)]}
		for len(b) < size-1 {
			b = append(b, inner[r.IntN(len(inner))])
		}
		add(string(append(b, "___-x9a"[r.IntN(7)])))
	}
	return lits[:n]
}

// sourceText returns up to limit bytes of source files.
func sourceText(tb testing.TB, limit int) []byte {
	dir := os.Getenv("KEYRAKE_BENCH_DIR")
	if dir == "" {
		dir = filepath.Join(runtime.GOROOT(), "src")
	}
	var text []byte
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		if len(text) >= limit {
			return fs.SkipAll
		}
		data, err := os.ReadFile(path)
		if err == nil && bytes.IndexByte(data[:min(len(data), 8000)], 0) < 0 {
			text = append(text, data...)
		}
		return err
	})
	if err != nil || len(text) == 0 {
		tb.Skipf("no source text in %s: %v", dir, err)
	}
	return text[:min(len(text), limit)]
}

func mustNew(tb testing.TB, lits []string) *Set {
	tb.Helper()
	s, err := New(lits)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func mustCompile(tb testing.TB, lits []string, k kernel) *Set {
	tb.Helper()
	s, err := compile(lits, k)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// eachFilter runs f with each filter that this machine has.
func eachFilter(b *testing.B, lits []string, f func(b *testing.B, s *Set)) {
	for k := portable; k <= best(); k++ {
		b.Run(fmt.Sprintf("n=%d/%s", len(lits), [...]string{"plain", "avx2", "avx512"}[k]), func(b *testing.B) { f(b, mustCompile(b, lits, k)) })
	}
}

func BenchmarkFind(b *testing.B) {
	text := sourceText(b, 30<<20)
	for _, n := range []int{420, 2048} {
		eachFilter(b, benchLiterals(n), func(b *testing.B, s *Set) {
			b.SetBytes(int64(len(text)))
			var hits []Hit
			for b.Loop() {
				hits = s.Find(hits[:0], text, 0, len(text))
			}
			b.ReportMetric(float64(len(text))/float64(len(hits)), "bytes/hit")
		})
	}
}

// BenchmarkFilter leaves out the bitmap and the comparison.
func BenchmarkFilter(b *testing.B) {
	text := sourceText(b, 30<<20)
	eachFilter(b, benchLiterals(420), func(b *testing.B, s *Set) {
		b.SetBytes(int64(len(text)))
		var room longRoom
		w := room.scratch()
		for b.Loop() {
			for at := 0; at+chunkBlocks*block+overread <= len(text); at += chunkBlocks * block {
				s.filter(text[at:], chunkBlocks, w)
			}
		}
	})
}

// BenchmarkFindShort searches many ranges of 40 bytes, in text that fits L2.
func BenchmarkFindShort(b *testing.B) {
	const size, step = 40, 997
	text := sourceText(b, 1<<20)
	for _, n := range []int{420, 2048} {
		eachFilter(b, benchLiterals(n), func(b *testing.B, s *Set) {
			var hits []Hit
			at := 0
			for b.Loop() {
				hits = s.Find(hits[:0], text, at, at+size)
				if at += step; at+size > len(text) {
					at = 0
				}
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for _, n := range []int{420, 2048, MaxCount} {
		lits := benchLiterals(n)
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustNew(b, lits)
			}
		})
	}
}
