package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func sampled(suite, repo, label, kind string, walls ...float64) record {
	r := record{Suite: suite, Repo: repo, Label: label, Kind: kind}
	for _, w := range walls {
		r.Samples = append(r.Samples, sample{Wall: w, CPU: 2 * w, MaxRSS: 50e6, Anon: 20e6})
	}
	return r
}

func sampleResults() *results {
	failed := sampled(suiteHistory, "b", "gitleaks git", "gitleaks", 9)
	failed.Samples[0].Exit, failed.Samples[0].Stderr = 126, "bad | flag"
	stopped := sampled(suiteHistory, "b", "titus-fast scan --git", "titus", 600)
	stopped.Samples[0].TimedOut, stopped.Samples[0].Exit = true, -1
	small := sampled(suiteHistory, "b", "git cat-file", "git", 4, 4, 4)
	for i := range small.Samples {
		small.Samples[i].Floor = 60e6
	}
	return &results{
		Dates:   []string{"2026-01-02"},
		Machine: machine{CPU: "Test CPU", Cores: 2, Memory: 8e9, OS: "linux/amd64", Go: "go1.26"},
		Tools:   map[string]string{"git": "git version 2"},
		Repos:   []repoInfo{{"a", 10, 1e6}, {"b", 20, 2e6}},
		Records: []record{
			// Not in the order of the table of command lines.
			sampled(suiteHistory, "a", "gitleaks git", "gitleaks", 40),
			sampled(suiteHistory, "a", "scan --history", "scan", 2, 9, 1),
			sampled(suiteHistory, "a", "git cat-file", "git", 1, 1, 7),
			small,
			sampled(suiteHistory, "b", "scan --history", "scan", 2, 2, 2),
			failed, stopped,
			sampled(suiteStart, noRepo, "git --version", "git", 0.001),
			sampled(suiteStart, noRepo, "scan --version", "scan", 0.002),
			sampled(suiteStart, noRepo, "scan EMPTY", "scan", 0.004),
		},
	}
}

func TestRenderMarkdown(t *testing.T) {
	got := renderMarkdown(sampleResults())
	last := -1
	for _, want := range []string{
		"# Measurements of 2026-01-02",
		"Machine: Test CPU, 2 cores, 8 GB",
		"| a | 10 | 1.0 |",
		"| seconds, wall / CPU | a | b |",
		"| git cat-file | 1.00 / 2.00 | 4.00 / 8.00 |",
		"| scan --history | 2.00 / 4.00 | 2.00 / 4.00 |",
		`| gitleaks git | 40.00 / 80.00\* | 9.00 / 18.00† |`,
		"| titus-fast scan --git | – | stopped after 600 s |",
		"| times `git cat-file`, wall / CPU | a | b | geometric mean |",
		"| scan --history | 2.00 / 2.00 | 0.50 / 0.50 | **1.00 / 1.00** |",
		`| gitleaks git | 40 / 40\* | – | **40 / 40** (1 of 2) |`,
		"| times `scan --history`, wall / CPU | a | b | geometric mean |",
		`| gitleaks git | 20 / 20\* | – | **20 / 20** (1 of 2) |`,
		"| git cat-file | 50 / 20 | ≤ 60 / 20 |",
		"- gitleaks git on b said: bad \\| flag",
		"- gitleaks git: exit 0, 126",
		"| ms, wall / CPU |",
		"| scan EMPTY | 4.0 / 8.0 |",
		"| times `git --version`, wall / CPU |",
		"| scan EMPTY | 4.00 / 4.00 |",
		"| times `scan EMPTY`, wall / CPU |",
		"| scan --version | 0.50 / 0.50 |",
	} {
		i := strings.Index(got[last+1:], want)
		if i < 0 {
			t.Fatalf("missing, or not in order: %s\n%s", want, got)
		}
		last += 1 + i
	}
}

// TestTableShape holds that all rows of a table are as wide as its head.
func TestTableShape(t *testing.T) {
	width := 0
	for l := range strings.Lines(renderMarkdown(sampleResults())) {
		if !strings.HasPrefix(l, "|") {
			width = 0
			continue
		}
		n := strings.Count(l, "|") - strings.Count(l, "\\|")
		if width == 0 {
			width = n
		}
		if n != width {
			t.Errorf("a row of %d bars in a table of %d: %s", n, width, l)
		}
	}
}

func TestTimes(t *testing.T) {
	for ratio, want := range map[float64]string{0.0123: "0.012", 0.25: "0.25", 1.234: "1.23", 25.4: "25"} {
		if got := times(ratio); got != want {
			t.Errorf("times(%v) = %s, want %s", ratio, got, want)
		}
	}
}

func TestRecordsRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	want := sampleResults()
	if err := want.save(path); err != nil {
		t.Fatal(err)
	}
	got, err := loadResults(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("loadResults = %+v, %v", got, err)
	}
	if !got.has(suiteHistory, "a", "gitleaks git") || got.has(suiteDir, "a", "gitleaks git") {
		t.Error("has does not tell what was measured")
	}
	got.touch(time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC))
	got.touch(time.Date(2026, 1, 3, 9, 0, 0, 0, time.UTC))
	if want := []string{"2026-01-02", "2026-01-03"}; !reflect.DeepEqual(got.Dates, want) {
		t.Errorf("dates = %v, want %v", got.Dates, want)
	}
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := loadResults(path); err == nil {
		t.Error("half a file was taken for records")
	}
}

func TestParseCount(t *testing.T) {
	got := parseCount("count: 3\nsize: 4\nin-pack: 100\npacks: 1\nsize-pack: 10\nprune-packable: 7\nalternate: /x: y\n")
	if want := (repoInfo{Objects: 103, Bytes: 14 << 10}); got != want {
		t.Errorf("parseCount = %+v, want %+v", got, want)
	}
}

func TestVersionLine(t *testing.T) {
	for _, tt := range []struct{ kind, out, want string }{
		{"rg", "ripgrep 1.2\n-SIMD\n", "ripgrep 1.2"},
		{"scan", "scan dev\nrules 12ab\n", "scan dev, rules 12ab"},
		{"titus", " /_\\ |4|\n\nA motto.\ntitus v1\n", "titus v1"},
		{"gitleaks", "dev\n", "dev"},
		{"titus", "\n", "?"},
	} {
		if got := versionLine(tt.kind, tt.out); got != tt.want {
			t.Errorf("versionLine(%s, %q) = %q, want %q", tt.kind, tt.out, got, tt.want)
		}
	}
	if got := cpuModel("processor\t: 0\nmodel name\t: Some CPU\n"); got != "Some CPU" {
		t.Errorf("cpuModel = %q", got)
	}
}

func TestParseOptions(t *testing.T) {
	var out strings.Builder
	for _, args := range [][]string{
		{"-suites", "history,nonsense"}, {"-runs", "0"}, {"repo.git"}, {"-repos", "/does/not/exist.git"}, {"-bogus"},
	} {
		if _, err := parseOptions(args, &out); err == nil {
			t.Errorf("parseOptions(%q) took it", args)
		}
	}
	opts, err := parseOptions([]string{"-suites", "dir,start", "-repos", t.TempDir() + ",", "-runs", "2"}, &out)
	if err != nil || len(opts.repos) != 1 || len(opts.suites) != 2 || opts.runs != 2 {
		t.Errorf("parseOptions = %+v, %v", opts, err)
	}
}
