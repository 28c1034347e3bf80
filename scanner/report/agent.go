package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"keyrake/scanner/finding"
)

// agentFinding is a finding in as few words as a coding agent or an editor needs.
type agentFinding struct {
	Rule        string   `json:"rule"`
	Severity    string   `json:"severity"`
	Confidence  float64  `json:"confidence"`
	Gate        bool     `json:"gate"` // it fails the scan
	Proven      bool     `json:"proven,omitempty"`
	Secret      string   `json:"secret"`
	At          string   `json:"at"`
	Commit      string   `json:"commit,omitempty"`
	More        int      `json:"more,omitempty"` // further places
	Fingerprint string   `json:"fingerprint"`
	With        []string `json:"with,omitempty"` // what the secret is used with
	Fix         string   `json:"fix"`
}

type agentGap struct {
	Unread string `json:"unread"`
	Why    string `json:"why"`
}

// agentEnd is the last line, so that a report that broke off does not look like
// a clean one.
type agentEnd struct {
	Findings   int  `json:"findings"`
	Suppressed int  `json:"suppressed,omitempty"`
	Complete   bool `json:"complete"`
}

// Agent writes a short line of JSON for each finding and each gap, and a last
// one with the counts. Secrets are masked.
func Agent(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	write := func(line any) error {
		if err := enc.Encode(line); err != nil {
			return fmt.Errorf("encode report for agents: %w", err)
		}
		return nil
	}
	for i := range v.findings {
		it := &v.findings[i]
		s := &it.spots[0]
		line := agentFinding{
			Rule: it.rule, Severity: it.severity.String(), Confidence: it.confidence, Gate: !it.passes, Proven: it.proof == "verified", Secret: it.secret,
			At: Clean(s.at()), Commit: cut(s.commit, shortID), More: len(it.spots) - 1, Fingerprint: it.fingerprint, Fix: it.remedy,
		}
		for _, p := range it.parts {
			line.With = append(line.With, p.text)
		}
		if err := write(line); err != nil {
			return err
		}
	}
	for _, g := range v.gaps {
		if err := write(agentGap{g.What, g.Reason}); err != nil {
			return err
		}
	}
	if err := write(agentEnd{len(v.findings), len(v.suppressed), v.complete}); err != nil {
		return err
	}
	_, err := w.Write(escapeInvisible(out.Bytes()))
	return err
}
