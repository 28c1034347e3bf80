package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"keyrake/scanner"
)

func testTerminal() (*terminal, *bytes.Buffer, *time.Time) {
	var out bytes.Buffer
	now := time.Unix(1000, 0)
	return &terminal{out: &out, meter: true, width: 30, started: now, now: func() time.Time { return now }}, &out, &now
}

func TestProgressWaitsAndIsSlow(t *testing.T) {
	term, out, now := testTerminal()
	for range 4000 { // 4 seconds
		*now = now.Add(time.Millisecond)
		term.progress(scanner.Progress{Stage: "blobs", Done: 5, Total: 10, Findings: 2})
		if now.Sub(term.started) < progressDelay && out.Len() > 0 {
			t.Fatal("progress before its time")
		}
	}
	if n := strings.Count(out.String(), "\r"); n < 25 || n > 31 {
		t.Errorf("%d lines in 3 seconds, want about 30", n)
	}
	for line := range strings.SplitSeq(strings.TrimPrefix(out.String(), "\r"), "\r") {
		if text := strings.TrimSuffix(line, "\x1b[K"); !strings.HasPrefix(text, "scan: blobs 5/10 (50 %), ") {
			t.Fatalf("line %q", text)
		}
	}
	out.Reset()
	term.print("a\x1b\nb")
	if got := out.String(); got != "\r\x1b[Kscan: a\\x1b\nscan: b\n" {
		t.Errorf("after progress: %q", got)
	}
}

func TestPace(t *testing.T) {
	tests := []struct {
		p     scanner.Progress
		spent time.Duration
		want  string
	}{
		{scanner.Progress{}, time.Minute, ""},
		{scanner.Progress{Done: 7}, 0, " 7"},
		{scanner.Progress{Done: 100, Total: 400}, 0, " 100/400 (25 %)"},
		{scanner.Progress{Done: 100, Total: 400}, time.Second, " 100/400 (25 %), 100/s, 3s left"},
		{scanner.Progress{Done: 100, Total: 40_000}, 2 * time.Second, " 100/40000 (0 %), 50/s, 13m18s left"},
		{scanner.Progress{Done: 399, Total: 400}, time.Second, " 399/400 (99 %), 399/s"},
		{scanner.Progress{Done: 50}, time.Second, " 50, 50/s"},
	}
	for _, test := range tests {
		if got := pace(test.p, test.spent); got != test.want {
			t.Errorf("%+v after %v: %q, want %q", test.p, test.spent, got, test.want)
		}
	}
}

func TestNoProgressNothingToClear(t *testing.T) {
	term, out, _ := testTerminal()
	term.clear()
	if out.Len() > 0 {
		t.Errorf("%q", out)
	}
}

func TestUsageErrorsCarryAHint(t *testing.T) {
	term, out, _ := testTerminal()
	term.usage(&usageError{"wrong", "right"})
	term.usage(&usageError{"bad", ""})
	want := `scan: wrong
scan: hint: right
scan: hint: "scan --help" lists all flags, with examples
scan: bad
scan: hint: "scan --help" lists all flags, with examples
`
	if out.String() != want {
		t.Errorf("got\n%s", out)
	}
}
