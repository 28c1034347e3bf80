package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// writerFunc is a Writer for tests.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

var errFull = errors.New("disk full")

func full([]byte) (int, error) { return 0, errFull }

func TestHelpToABrokenStdout(t *testing.T) {
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, nil, writerFunc(full), &stderr, nil); code != exitIncomplete {
		t.Errorf("exit code %d", code)
	}
	if got := stderr.String(); got != "scan: disk full\n" {
		t.Errorf("stderr %q", got)
	}
}

func TestMessagesAreSafe(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"--x\x1b[31m\n::error::"}, nil, &stdout, &stderr, nil); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	if got := stderr.String(); strings.Contains(got, "\x1b") || strings.Contains(got, "\n::") {
		t.Errorf("stderr %q", got)
	}
	if stdout.Len() > 0 {
		t.Errorf("stdout %q", &stdout)
	}
}

// TestInterruptible reads from a pipe that nobody writes to.
func TestInterruptible(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent, w := io.Pipe()
	defer w.Close()
	r := interruptible(ctx, silent)
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := io.ReadAll(r); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	data, err := io.ReadAll(interruptible(t.Context(), strings.NewReader("text")))
	if err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := io.ReadAll(interruptible(t.Context(), io.MultiReader(strings.NewReader("x"), brokenReader{}))); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}

// TestInterrupted stops a scan that waits for its input.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent, w := io.Pipe()
	defer w.Close()
	time.AfterFunc(10*time.Millisecond, cancel)
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"--stdin", "--format", "json"}, silent, &stdout, &stderr, nil)
	if code != exitInterrupted || !strings.Contains(stderr.String(), "scan: interrupted") {
		t.Errorf("exit code %d, stderr %q", code, &stderr)
	}
	if stdout.Len() > 0 && !strings.Contains(stdout.String(), `"complete": false`) {
		t.Errorf("the report does not say that it is incomplete:\n%s", &stdout)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errFull }

func TestDeliver(t *testing.T) {
	clean := &finding.Report{Coverage: finding.Coverage{Source: "files", Files: finding.Count{Reached: 1, Read: 1}}}
	found := &finding.Report{Coverage: clean.Coverage, Findings: []finding.Finding{{
		Rule: &rules.Rule{ID: "r", Title: "T"}, Secret: finding.NewSecret([]byte("made-up")),
		Places: []finding.Place{{Kind: finding.File, Path: "a.txt", Line: 1, Column: 2}},
	}}}
	gap := &finding.Report{Coverage: finding.Coverage{Source: "files", Gaps: []finding.Gap{{What: "b.txt", Reason: "gone"}}}}
	tests := []struct {
		name  string
		c     command
		r     *finding.Report
		env   environment
		want  string // in stdout; "" means that stdout is empty
		never string
	}{
		{"clean", command{format: "text", color: "auto"}, clean, nil, "clean", "\x1b"},
		{"quiet and clean", command{format: "text", color: "auto", quiet: true}, clean, nil, "", ""},
		{"quiet and found", command{format: "text", color: "auto", quiet: true}, found, nil, "a.txt:1:2", "made-up"},
		{"quiet with a gap", command{format: "text", color: "auto", quiet: true}, gap, nil, "b.txt: gone", ""},
		{"quiet JSON is still JSON", command{format: "json", color: "auto", quiet: true}, clean, nil, `"complete": true`, ""},
		{"colour", command{format: "text", color: "always"}, found, nil, "\x1b[", ""},
		{"colour by environment", command{format: "text", color: "auto"}, found, environment{"FORCE_COLOR=1"}, "\x1b[", ""},
		{"secrets", command{format: "text", color: "auto", showSecrets: true}, found, nil, "made-up", "•"},
		{"secrets in JSON", command{format: "json", color: "auto", showSecrets: true}, found, nil, `"made-up"`, "•"},
		{"masked JSON", command{format: "json", color: "auto"}, found, nil, "•", "made-up"},
	}
	for _, test := range tests {
		var out bytes.Buffer
		if err := deliver(&test.c, test.r, &out, test.env); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		got := out.String()
		if !strings.Contains(got, test.want) || (test.want == "") != (got == "") || test.never != "" && strings.Contains(got, test.never) {
			t.Errorf("%s: %q", test.name, got)
		}
		// A file gets the same bytes, but no colour by environment.
		test.c.output = t.TempDir() + "/report"
		if err := deliver(&test.c, test.r, nil, test.env); err != nil {
			t.Errorf("%s to a file: %v", test.name, err)
		}
		data, err := os.ReadFile(test.c.output)
		if err != nil || test.env == nil && string(data) != got || test.env != nil && bytes.Contains(data, []byte("\x1b")) {
			t.Errorf("%s to a file: %q, %v", test.name, data, err)
		}
	}
	if err := deliver(&command{format: "text"}, clean, writerFunc(full), nil); !errors.Is(err, errFull) {
		t.Errorf("a full disk gives %v", err)
	}
}
