package rules

import (
	"strings"
	"testing"
)

func TestSeverityRoundTrip(t *testing.T) {
	for s := Info; s <= Critical; s++ {
		for _, text := range []string{s.String(), strings.ToUpper(s.String())} {
			got, err := ParseSeverity(text)
			if err != nil || got != s {
				t.Errorf("ParseSeverity(%q) = %v, %v; want %v", text, got, err, s)
			}
		}
	}
	for _, text := range []string{"", "severe", "critical ", "5"} {
		if got, err := ParseSeverity(text); err == nil {
			t.Errorf("ParseSeverity(%q) = %v, want an error", text, got)
		}
	}
	if got := (Critical + 1).String(); got != "severity(5)" {
		t.Errorf("unknown severity prints %q", got)
	}
}
