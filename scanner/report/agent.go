package report

import (
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

// renderAgent writes a short line of JSON for each finding and each gap, and a last
// one with the counts. Secrets are masked.
func renderAgent(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	out := newJSONWriter(w, "report for agents")
	for _, it := range v.findings() {
		s := it.spot(0)
		line := agentFinding{
			Rule: it.rule, Severity: it.severity.String(), Confidence: it.confidence, Gate: !it.passes, Proven: it.proof == "verified", Secret: it.secret,
			At: Clean(s.at()), Commit: cut(s.commit, shortID), More: len(it.Places) - 1, Fingerprint: it.fingerprint, Fix: it.remedy,
		}
		for _, p := range it.parts {
			line.With = append(line.With, p.text)
		}
		if !out.line(&line) {
			return out.err
		}
	}
	for _, g := range v.gaps {
		out.line(agentGap{g.What, g.Reason})
	}
	out.line(agentEnd{v.count(), len(r.Suppressed), v.complete})
	return out.close()
}
