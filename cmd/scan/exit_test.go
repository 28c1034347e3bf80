package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/revision"
)

func TestCodeFor(t *testing.T) {
	report := func(findings, gaps int) *finding.Report {
		return &finding.Report{
			Findings: make([]finding.Finding, findings),
			Coverage: finding.Coverage{Gaps: make([]finding.Gap, gaps)},
		}
	}
	broken := errors.New("broken")
	interrupted := fmt.Errorf("history: %w", context.Canceled)
	tests := []struct {
		name string
		r    *finding.Report
		err  error
		want exitCode
	}{
		{"clean", report(0, 0), nil, 0},
		{"findings", report(2, 0), nil, 1},
		{"gap", report(0, 1), nil, 3},
		{"findings win over a gap", report(1, 1), nil, 1},
		{"could not start", nil, broken, 3},
		{"no report and no error", nil, nil, 3},
		{"error after a part", report(0, 0), broken, 3},
		{"error after findings", report(1, 0), broken, 1},
		{"interrupted", report(0, 1), interrupted, 130},
		{"interrupted after findings", report(1, 1), interrupted, 130},
		{"interrupted at once", nil, interrupted, 130},
		{"a revision that means nothing", nil, fmt.Errorf("range: %w", &revision.Error{Revision: "x", Reason: "y"}), 2},
	}
	for _, test := range tests {
		if got := codeFor(test.r, test.err, false); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
		want := test.want
		if test.name == "gap" {
			want = exitClean
		}
		if got := codeFor(test.r, test.err, true); got != want {
			t.Errorf("%s, gaps allowed: %d, want %d", test.name, got, want)
		}
	}
}
