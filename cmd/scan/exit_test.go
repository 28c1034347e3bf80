package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"keyrake/rules"
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
		{"a revision that was cut off", nil, fmt.Errorf("range: %w", &revision.Error{Revision: "x", Reason: "y", Cut: true}), 3},
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

func TestExit(t *testing.T) {
	found := func(severity rules.Severity, confidence float64) finding.Finding {
		return finding.Finding{Severity: severity, Confidence: confidence}
	}
	gap := []finding.Gap{{What: "x"}}
	tests := []struct {
		name string
		c    command
		gaps []finding.Gap
		err  error
		want exitCode
	}{
		{"no threshold", command{}, nil, nil, 1},
		{"below", command{failOn: threshold{severity: rules.Critical}}, nil, nil, 0},
		{"below with a gap", command{failOn: threshold{severity: rules.Critical}}, gap, nil, 3},
		{"reached", command{failOn: threshold{severity: rules.High}}, gap, nil, 1},
		{"each of two findings reaches one half", command{failOn: threshold{severity: rules.High, confidence: 0.9}}, nil, nil, 0},
		{"exit zero", command{exitZero: true}, nil, nil, 0},
		{"exit zero with a gap", command{exitZero: true}, gap, nil, 3},
		{"exit zero, interrupted", command{exitZero: true}, nil, context.Canceled, 130},
	}
	for _, test := range tests {
		r := &finding.Report{Findings: []finding.Finding{found(rules.High, 0.5), found(rules.Low, 0.95)}, Coverage: finding.Coverage{Gaps: test.gaps}}
		if got := test.c.exit(r, test.err); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
		if len(r.Findings) != 2 {
			t.Errorf("%s: the report lost findings", test.name)
		}
	}
}
