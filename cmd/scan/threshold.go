package main

import (
	"errors"
	"strings"

	"keyrake/config"
	"keyrake/rules"
	"keyrake/scanner/finding"
)

// threshold says which findings make a scan fail: those that reach both.
type threshold struct {
	text       string // as it was given; "" is usualThreshold
	severity   rules.Severity
	confidence float64
	by         config.Value // what says so, if it is no flag
}

// usualThreshold lets fail what is of severity medium or more. Below that are
// passwords that anybody could guess, and the keys of nobody in particular that
// stand in tests and documentation only.
func usualThreshold() threshold { return threshold{severity: rules.Medium} }

// parseThreshold reads "high", "0.9" or "high,0.9".
func parseThreshold(text string) (threshold, error) {
	t := threshold{text: text}
	wrong := errors.New("give a severity (info, low, medium, high, critical), a confidence from 0 to 1, or both with a comma")
	var severities, confidences int
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if s, ok := severityNamed(part); ok {
			t.severity = s
			severities++
		} else if n, err := parseConfidence(part); err == nil {
			t.confidence = n
			confidences++
		} else {
			return threshold{}, wrong
		}
	}
	if severities > 1 || confidences > 1 {
		return threshold{}, wrong
	}
	return t, nil
}

func severityNamed(name string) (rules.Severity, bool) {
	for s := rules.Info; s <= rules.Critical; s++ {
		if s.String() == strings.ToLower(name) {
			return s, true
		}
	}
	return 0, false
}

func (t threshold) reached(f *finding.Finding) bool {
	return f.Severity >= t.severity && f.Confidence >= t.confidence
}

// exit gives the exit code of a scan, in which only the findings that the
// command line lets fail count. What was not read counts all the same.
func (c *command) exit(r *finding.Report, err error) exitCode {
	if r == nil {
		return codeFor(r, err, c.allowIncomplete)
	}
	counted := *r
	counted.Findings = nil
	for i := range r.Findings {
		if !c.exitZero && c.failOn.reached(&r.Findings[i]) {
			counted.Findings = r.Findings[i : i+1] // one is enough
			break
		}
	}
	return codeFor(&counted, err, c.allowIncomplete)
}

// passes reports whether a finding is one that does not fail the scan.
func (c *command) passes(f *finding.Finding) bool { return !c.failOn.reached(f) }

// tellPassed says that findings are why the scan could have failed and did not;
// told is that the report on the screen says so of low ones itself.
func (c *command) tellPassed(term *terminal, r *finding.Report, told bool) {
	low := 0
	for i := range r.Findings {
		if !c.failOn.reached(&r.Findings[i]) {
			low++
		}
	}
	switch {
	case len(r.Findings) == 0:
	case c.exitZero:
		term.print("findings do not fail this scan, as --exit-zero asks")
	case low > 0 && c.failOn.text == "" && told:
	case low > 0 && c.failOn.text == "":
		term.print("%d of %d findings are below severity medium and do not fail this scan; --fail-on low lets them", low, len(r.Findings))
	case low > 0 && c.failOn.by.From.File != "":
		term.print("%d of %d findings stay below fail-on %s of %s and do not fail this scan", low, len(r.Findings), c.failOn.text, c.failOn.by.From)
	case low > 0:
		term.print("%d of %d findings stay below --fail-on %s and do not fail this scan", low, len(r.Findings), c.failOn.text)
	}
}

// warnPassed says on stderr, whatever the format and however quiet, that the scanned
// repository itself lets secrets pass which are proven to be credentials.
func (c *command) warnPassed(term *terminal, r *finding.Report) {
	if !c.failOn.by.Foreign || c.exitZero {
		return
	}
	n, usual := 0, usualThreshold()
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Proof == "verified" && usual.reached(f) && !c.failOn.reached(f) {
			n++
		}
	}
	if n > 0 {
		term.print("WARNING: PROVEN secrets that do not fail this scan, as %s says fail-on %s: %d; --fail-on medium lets them", c.failOn.by.From, c.failOn.text, n)
	}
}
