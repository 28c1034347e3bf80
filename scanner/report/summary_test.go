package report

import (
	"math"
	"strings"
	"testing"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

func TestSummary(t *testing.T) {
	one := finding.Count{Reached: 1, Read: 1, Bytes: 5}
	gap := []finding.Gap{{What: "x", Reason: "y"}}
	found := func(severities ...rules.Severity) []finding.Finding {
		var list []finding.Finding
		for _, s := range severities {
			list = append(list, finding.Finding{Severity: s})
		}
		return list
	}
	tests := []struct {
		name string
		r    finding.Report
		want string
	}{
		{"clean", finding.Report{Coverage: finding.Coverage{Source: "files", Files: one}},
			"clean: no secret found; read 1 file (5 B) in 0 ms; nothing was left unread"},
		{"findings", finding.Report{Findings: found(rules.High, rules.Low, rules.High), Coverage: finding.Coverage{Source: "files", Files: one}},
			"3 findings: 2 high, 1 low; read 1 file (5 B) in 0 ms; nothing was left unread"},
		{"findings and gap", finding.Report{Findings: found(rules.Critical), Coverage: finding.Coverage{Source: "files", Files: one, Gaps: gap}},
			"1 finding: 1 critical; incomplete: 1 gap; read 1 file (5 B) in 0 ms; not read to the end: see the gaps"},
		{"gap", finding.Report{Coverage: finding.Coverage{Source: "history", Blobs: finding.Count{Reached: 1003, Read: 1, Bytes: 1e6}, Gaps: gap}},
			"incomplete: no secret in what was read, but 1 gap; read 1 blob (1.0 MB) in 0 ms; not read: 1,002 blobs"},
		{"history of nothing", finding.Report{Coverage: finding.Coverage{Source: "history"}},
			"nothing to scan: no ref of the repository reaches an object; read nothing in 0 ms; nothing was left unread"},
		{"nothing staged", finding.Report{Coverage: finding.Coverage{Source: "staged"}},
			"nothing to scan: the index holds nothing that differs from HEAD; read nothing in 0 ms; nothing was left unread"},
		{"no files", finding.Report{Coverage: finding.Coverage{Source: "files"}},
			"nothing to scan: the paths hold no regular file that git does not ignore; read nothing in 0 ms; nothing was left unread"},
		{"empty stream", finding.Report{Coverage: finding.Coverage{Source: "stdin", Files: finding.Count{Reached: 1, Read: 1}}},
			"nothing to scan: the stream is empty; read 1 file in 0 ms; nothing was left unread"},
		{"everything missing", finding.Report{Coverage: finding.Coverage{Source: "history", Blobs: finding.Count{Reached: 2}, Gaps: gap}},
			"incomplete: no secret in what was read, but 1 gap; read 0 blobs in 0 ms; not read: 2 blobs"},
	}
	for _, test := range tests {
		for i := range test.r.Findings {
			test.r.Findings[i].Rule = sampleRule()
		}
		if got := Summary(&test.r); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
		lines := strings.Split(strings.TrimSuffix(text(t, &test.r, Options{}), "\n"), "\n")
		if last := strings.Join(lines[len(lines)-2:], "; "); last != test.want {
			t.Errorf("%s: the text report ends with %s", test.name, last)
		}
	}
}

func TestHumanBytes(t *testing.T) {
	tests := map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 9950: "10 kB", 999_400: "999 kB", 999_600: "1.0 MB",
		5_149_000_000: "5.1 GB", math.MaxInt64: "9.2 EB",
	}
	for n, want := range tests {
		if got := humanBytes(n); got != want {
			t.Errorf("humanBytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestHumanTime(t *testing.T) {
	tests := map[time.Duration]string{
		0: "0 ms", 999 * time.Millisecond: "999 ms", time.Second: "1.0 s", 59_990 * time.Millisecond: "59.9 s", 192 * time.Second: "3 min 12 s", 2 * time.Hour: "120 min 0 s",
	}
	for d, want := range tests {
		if got := humanTime(d); got != want {
			t.Errorf("humanTime(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestGroup(t *testing.T) {
	tests := map[int]string{0: "0", 999: "999", 1000: "1,000", 115266: "115,266", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"}
	for n, want := range tests {
		if got := group(n); got != want {
			t.Errorf("group(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{0: "0 texts were", 1: "1 text was", 1000: "1,000 texts were"} {
		if got := were(n, "text"); got != want {
			t.Errorf("were(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestCauses(t *testing.T) {
	list := []finding.Gap{{}, {Cause: finding.Missing}, {Cause: finding.TooLarge}, {Cause: finding.Missing}}
	for n, want := range map[int]string{1: "1", 2: "2: 1 missing, 1 unreadable", 4: "4: 2 missing, 1 too large, 1 unreadable"} {
		if got := causes(list[:n]); got != want {
			t.Errorf("%d gaps: %s, want %s", n, got, want)
		}
	}
}
