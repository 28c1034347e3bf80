package scanner

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/known"
	"keyrake/scanner/report"
)

// ledger is a repository that is scanned again and again while it changes: one
// that others push to by way of a remote of its own.
type ledger struct {
	*mutator
	other *mutator // its remote
	rules []*rules.Set
	opt   Options
}

// marked is a rule for words that commits of a ledger hold.
func marked(pattern string, severity rules.Severity) rules.Rule {
	return rules.Rule{
		ID: "marked-word", Title: "Marked word", Provider: "generic", Severity: severity, Confidence: 0.9, Remedy: "none",
		Keywords: []string{"marked_"}, Pattern: pattern,
	}
}

func newLedger(t *testing.T, seed uint64) *ledger {
	rng := rand.New(rand.NewPCG(seed, 17))
	dir := t.TempDir()
	builder := func(name string) *mutator {
		path := filepath.Join(dir, name)
		if err := os.Mkdir(path, 0o777); err != nil {
			t.Fatal(err)
		}
		return &mutator{t, fixtures.New(path), rng, 0}
	}
	l := &ledger{other: builder("other"), mutator: builder("here")}
	l.other.git("init", "-q")
	for range 3 {
		l.write(l.other)
	}
	if err := l.Builder.Run("git", "clone", "-q", "../other", "."); err != nil {
		t.Fatal(err)
	}
	l.rules = []*rules.Set{rules.Builtin()}
	add := func(set *rules.Set, err error) {
		if err != nil {
			t.Fatal(err)
		}
		l.rules = append(l.rules, set)
	}
	add(rules.Builtin().With([]rules.Rule{marked(`marked_[a-z0-9]{8}`, rules.High)}))
	add(rules.Builtin().With([]rules.Rule{marked(`marked_[a-z0-9]{4}`, rules.Low)}))
	add(rules.Builtin().Only(func(r *rules.Rule) bool { return !strings.HasPrefix(r.ID, "cloudflare") }))
	add(rules.Builtin().Only(func(r *rules.Rule) bool { return r.Provider != "shopify" })) // nothing of theirs is ever written
	l.opt.Rules, l.opt.Known = l.rules[0], &known.Policy{Marks: true}
	return l
}

// word is one that the rule for marked words takes for random.
func (l *ledger) word() string {
	text := []byte("marked_")
	for range 8 {
		text = append(text, "abcdefghijklmnopqrstuvwxyz0123456789"[l.rng.IntN(36)])
	}
	return string(text)
}

// kinds are lines that hold a token, or a marked word, in many ways.
func (l *ledger) kinds(token, word string) []string {
	token, word = token+strings.Repeat("-", max(0, 20-len(token))), word+strings.Repeat("-", max(0, 8-len(word)))
	base64 := base64.StdEncoding.EncodeToString
	return []string{
		"clean", "TOKEN=" + token, "password = 'correct-" + "horse-7'", "x = " + token + " # scan:allow cf-user-api-token -- a test",
		"data: " + base64([]byte("TOKEN="+token)), "key: \"" + token[:9] + "\" + \"" + token[9:] + "\"",
		word, "url = https://user:" + token[6:18] + "@example.org/",
		"api_key = \"" + word[:4] + "\" + \"" + word[4:] + "\"", "password = \"" + base64([]byte(word)) + "\"",
		"v = \"marked_:" + token[:3] + "\" + \"" + token[3:] + "\"", "marked_ = \"" + base64([]byte("k="+token)) + "\"",
		"secret: '\\x6d" + word[1:] + "'", "marked_up = \"correct-" + "horse\" + \"-battery\"",
		"pass" + "word = \"mark\" + \"ed_" + word[7:] + "\"", "data: " + base64([]byte("a text of some length with "+word+" in it")),
	}
}

// write commits a file that is new or changed, of one of many kinds.
func (l *ledger) write(m *mutator) {
	m.n++
	rng := l.rng
	path := []string{"a.txt", "dir/b.txt", "dir/deep/er/c.txt", ".env", "ä\xff.txt", "dir/big.txt"}[rng.IntN(6)]
	token := m.token()
	lines := []string{fmt.Sprint("line ", m.n), "end"}
	kinds := l.kinds(token, l.word())
	for range 1 + rng.IntN(3) {
		lines = append(lines, kinds[rng.IntN(len(kinds))])
	}
	if rng.IntN(2) == 0 { // long enough for its length to be kept
		for i := range 60 {
			lines = append(lines, fmt.Sprint("filler of some length, number ", i*m.n))
		}
	}
	if path == "dir/big.txt" {
		lines = append(lines, strings.Repeat(fmt.Sprint("much ", m.n, "\n"), 3000))
	}
	if rng.IntN(10) == 0 {
		lines = []string{"version https://git-lfs.github.com/spec/v1", "oid sha256:" + strings.Repeat(fmt.Sprint(m.n%10), 64), "size 12"}
	}
	m.run("write", append([]string{path}, lines...)...)
	if form := rng.IntN(12); form < 4 {
		m.run("encode", path, []string{"utf16le", "zip", "gzip", "nul"}[form])
	}
	m.record()
}

// step changes the repository, its remote, or what is asked of the scan.
func (l *ledger) step() string {
	n := l.rng.IntN(28)
	if n < ordinary {
		return l.ordinary(n, func() { l.write(l.mutator) })
	}
	switch n - ordinary {
	case 0:
		l.git("repack", "-adq")
		return "repack -ad"
	case 1, 2:
		for range 1 + l.rng.IntN(4) {
			l.write(l.other)
		}
		l.git("-c", "fetch.unpackLimit=1", "fetch", "-q")
		l.git("merge", "-q", "-m", "merged", "-X", "ours", "origin/main")
		return "a fetched pack"
	case 3:
		l.write(l.other)
		l.git("fetch", "-q")
		return "a fetch of loose objects"
	case 4:
		l.git("commit", "-q", "--amend", "-m", "amended "+l.token())
		return "amend"
	case 5, 6, 7, 8, 9:
		at := l.rng.IntN(len(l.rules))
		l.opt.Rules = l.rules[at]
		return fmt.Sprint("other rules ", at)
	case 10:
		l.opt.MinConfidence = []float64{0, 0.5, 0.9}[l.rng.IntN(3)]
		l.opt.MaxFileBytes = []int64{0, 8000}[l.rng.IntN(2)]
		l.opt.ArchiveDepth = l.rng.IntN(3)
		return "other options"
	case 11:
		if list := l.files("keyrake/*"); len(list) > 0 {
			path := list[l.rng.IntN(len(list))]
			info, _ := os.Stat(path)
			at := fmt.Sprint(l.rng.Int64N(max(1, info.Size())))
			l.run([]string{"flip", "truncate"}[l.rng.IntN(2)], path, at)
			os.Chmod(path, 0o600)
		}
		return "damage of what was kept"
	case 12:
		os.Remove(filepath.Join(l.Dir, ".git", "keyrake", []string{"history", "objects"}[l.rng.IntN(2)]))
		return "a part of what was kept goes"
	case 13:
		for _, p := range l.files("objects/pack/*.pack")[:min(1, len(l.files("objects/pack/*.pack")))] {
			if l.rng.IntN(2) == 0 {
				os.Chtimes(p, time.Now(), time.Now()) // as git does with what it would write again
				continue
			}
			for _, end := range []string{".pack", ".idx", ".rev"} { // as if written anew: other files, the same bytes
				from := strings.TrimSuffix(p, ".pack") + end
				if data, err := os.ReadFile(from); err == nil {
					os.Remove(from)
					os.WriteFile(from, data, 0o444)
				}
			}
		}
		return "a pack that is touched or written anew"
	case 14:
		for i := range min(1, len(l.files("objects/pack/*.pack"))) { // an object in two packs
			p := strings.TrimSuffix(l.files("objects/pack/*.pack")[i], ".pack")
			for _, end := range []string{".pack", ".idx"} {
				data, _ := os.ReadFile(p + end)
				os.WriteFile(filepath.Join(filepath.Dir(p), fmt.Sprintf("pack-%040d", l.rng.IntN(2))+end), data, 0o444)
			}
		}
		return "a second copy of a pack"
	case 15:
		if list := l.files("objects/??/*"); len(list) > 0 {
			os.Remove(list[l.rng.IntN(len(list))])
		}
		return "a lost object"
	case 16:
		l.opt.Publish = [](*PublishOptions){nil, {}, {Remote: "origin"}}[l.rng.IntN(3)]
		l.opt.Unreachable = l.rng.IntN(2) == 0
		return "another question"
	}
	l.write(l.mutator)
	return "a commit"
}

// scan is the report as JSON, with secrets, and how much of it was known.
func (l *ledger) scan(cache bool, jobs int) (string, finding.Stats) {
	opt := l.opt
	opt.Jobs = jobs
	opt.FileRules = rules.Files()
	if cache {
		opt.Cache = &CacheOptions{Engine: "test"}
	}
	r, err := History(context.Background(), opt, GitEnv{Path: l.Dir})
	if err != nil {
		l.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.JSON(&b, r, report.Options{ShowSecrets: true}); err != nil {
		l.Fatal(err)
	}
	return b.String(), r.Stats
}

// TestKnownIsRead scans repositories that change in many ways, with what was
// kept of their objects and without: the report is the same.
func TestKnownIsRead(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("nothing is kept on this system")
	}
	seeds, steps := fixtures.Cases(8, 200), fixtures.Cases(20, 40)
	if testing.Short() {
		seeds, steps = 3, 12
	}
	var mu sync.Mutex
	var objects, known, scans int
	t.Run("seeds", func(t *testing.T) {
		for seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				l := newLedger(t, uint64(seed))
				var done []string
				for range steps {
					done = append(done, l.step())
					if l.rng.IntN(6) > 0 {
						time.Sleep(70 * time.Millisecond) // else files are too young for a seal to be known
					}
					want, _ := l.scan(false, 1)
					for i, jobs := range []int{1 + l.rng.IntN(8), 1} {
						got, stats := l.scan(true, jobs)
						if got != want {
							t.Fatalf("scan %d, %d of %d objects known, after %q:\n%s", i, stats.Known, stats.Objects, done, difference(want, got))
						}
						mu.Lock()
						if stats.BytesDecoded > 0 { // not all of it was kept
							objects, known, scans = objects+stats.Objects, known+stats.Known, scans+1
						}
						mu.Unlock()
					}
				}
			})
		}
	})
	t.Logf("%d scans: %d of %d objects were known", scans, known, objects)
	if known < objects/3 {
		t.Errorf("%d of %d objects were known", known, objects)
	}
}

// TestOtherRules scans with one set of rules and then with another, for each pair
// of some sets, what each kind of text is alone in a file.
func TestOtherRules(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("nothing is kept on this system")
	}
	l := newLedger(t, 1)
	for kind := range l.kinds("", "") {
		line := l.kinds(l.token(), l.word())[kind]
		l.run("write", fmt.Sprintf("%d.txt", kind), line, strings.Repeat("filler\n", 300))
	}
	l.run("commit", "all kinds")
	time.Sleep(70 * time.Millisecond)
	partly, marked := 0, 0
	for i, before := range l.rules {
		for j, after := range l.rules {
			os.RemoveAll(filepath.Join(l.Dir, ".git", "keyrake"))
			l.opt.Rules = before
			l.scan(true, 1)
			l.opt.Rules = after
			want, cold := l.scan(false, 1)
			got, stats := l.scan(true, 1)
			if got != want {
				t.Errorf("rules %d after %d: %s", j, i, difference(want, got))
			}
			if strings.Contains(want, "marked-word") {
				marked++
			}
			if i != j && stats.BytesSearched < cold.BytesSearched/2 {
				partly++
			}
		}
	}
	if marked < 4 {
		t.Errorf("only %d reports with a marked word", marked)
	}
	if partly < 4 {
		t.Errorf("only %d pairs of rule sets left most of it unsearched", partly)
	}
}

// difference shows where two texts begin to differ.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			lo := max(0, i-12)
			return fmt.Sprintf("cold:\n%s\nwarm:\n%s", strings.Join(a[lo:min(len(a), i+6)], "\n"), strings.Join(b[lo:min(len(b), i+6)], "\n"))
		}
	}
	return fmt.Sprintf("%d lines, cold, and %d, warm", len(a), len(b))
}
