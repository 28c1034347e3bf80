package report

import (
	"crypto/sha1"
	"fmt"
	"io"
	"strings"
	"time"

	"keyrake/scanner/finding"
)

const (
	gitLabVersion = "15.2.1" // of the schema that the report keeps to
	gitLabTime    = "2006-01-02T15:04:05"
	gitLabPlaces  = 100
	gitLabName    = 255
	gitLabProse   = 7000
)

// renderGitLab writes a secret detection report for GitLab, with one vulnerability
// for each finding. An incomplete scan has the status "failure". Suppressed
// findings are left out, as GitLab would show them as open.
func renderGitLab(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	end := opt.Now.UTC()
	if opt.Now.IsZero() {
		end = time.Unix(0, 0).UTC()
	}
	tool := gitLabTool{ID: "keyrake", Name: "Keyrake", Version: opt.Version, Vendor: gitLabVendor{"Keyrake"}}
	if tool.Version == "" {
		tool.Version = "(devel)"
	}
	doc := gitLabReport{
		Version: gitLabVersion,
		Scan: gitLabScan{
			Analyzer: tool, Scanner: tool, Type: "secret_detection", Status: "success",
			Start: end.Add(-r.Stats.Elapsed).Format(gitLabTime), End: end.Format(gitLabTime),
			Messages: []gitLabMessage{{"info", v.status + "; " + v.coverage}},
		},
		Vulnerabilities: []gitLabVulnerability{},
	}
	if !v.complete {
		doc.Scan.Status = "failure"
	}
	for _, g := range v.gaps {
		doc.Scan.Messages = append(doc.Scan.Messages, gitLabMessage{"warn", "not read: " + g.What + ": " + g.Reason})
	}
	for _, n := range v.notes {
		if n != "" {
			doc.Scan.Messages = append(doc.Scan.Messages, gitLabMessage{"info", n})
		}
	}
	return newJSONWriter(w, "GitLab report").document(doc, list{"vulnerabilities", 1, func(yield func(any, []list) bool) {
		for _, it := range v.findings() {
			if !yield(gitLabOf(it, opt), nil) {
				return
			}
		}
	}})
}

type gitLabReport struct {
	Version         string                `json:"version"`
	Scan            gitLabScan            `json:"scan"`
	Vulnerabilities []gitLabVulnerability `json:"vulnerabilities"`
}

type gitLabScan struct {
	Analyzer gitLabTool      `json:"analyzer"`
	Scanner  gitLabTool      `json:"scanner"`
	Type     string          `json:"type"`
	Start    string          `json:"start_time"`
	End      string          `json:"end_time"`
	Status   string          `json:"status"`
	Messages []gitLabMessage `json:"messages"`
}

type gitLabTool struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Version string       `json:"version"`
	Vendor  gitLabVendor `json:"vendor"`
}

type gitLabVendor struct {
	Name string `json:"name"`
}

type gitLabMessage struct {
	Level string `json:"level"`
	Value string `json:"value"`
}

type gitLabVulnerability struct {
	ID          string             `json:"id"`
	Name        string             `json:"name"`
	Description string             `json:"description"`
	Severity    string             `json:"severity"`
	Solution    string             `json:"solution"`
	Identifiers []gitLabIdentifier `json:"identifiers"`
	Location    gitLabLocation     `json:"location"`
	Details     map[string]any     `json:"details"`
	Extract     string             `json:"raw_source_code_extract,omitempty"` // only if secrets are shown
}

type gitLabIdentifier struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
}

type gitLabLocation struct {
	File   string       `json:"file"`
	Commit gitLabCommit `json:"commit"`
	Start  int          `json:"start_line"`
	End    int          `json:"end_line"`
}

type gitLabCommit struct {
	SHA  string `json:"sha"`
	Date string `json:"date,omitempty"`
}

// gitLabFile is a further place, in the form that GitLab links to its file.
type gitLabFile struct {
	Type  string `json:"type"`
	File  string `json:"file_name"`
	Start int    `json:"line_start"`
	End   int    `json:"line_end"`
}

func gitLabOf(it *item, opt Options) gitLabVulnerability {
	first := it.spot(0)
	from, to := first.lines()
	out := gitLabVulnerability{
		ID:   uuid(it.fingerprint),
		Name: cut(it.title, gitLabName), Severity: titled(it.severity),
		Description: markdownProse(it.says() + first.inside()), Solution: cut(markdownProse(it.remedy), gitLabProse),
		Identifiers: []gitLabIdentifier{
			{Type: "keyrake_rule_id", Name: "Keyrake rule " + it.rule, Value: "rule " + it.rule},
			{Type: "cwe", Name: "CWE-798", Value: "798", URL: "https://cwe.mitre.org/data/definitions/798.html"},
		},
		Location: gitLabLocation{
			File: decodable(first.opened), Commit: gitLabCommit{first.commit, first.date},
			Start: from, End: to,
		},
		Details: map[string]any{
			"confidence": map[string]any{"name": "Confidence", "type": "value", "value": it.confidence},
			"secret":     map[string]any{"name": "Secret", "type": "code", "value": it.secret},
		},
	}
	if first.commit == "" {
		// The schema demands a name; GitLab's own analyzer writes zeros for files.
		out.Location.Commit.SHA = strings.Repeat("0", 40)
	}
	if opt.ShowSecrets {
		out.Extract = it.secret
	}
	var files []gitLabFile
	for i, s := range it.distinct() {
		if i == gitLabPlaces {
			break
		}
		if i > 0 {
			from, to := s.lines()
			files = append(files, gitLabFile{"file-location", decodable(s.opened), from, to})
		}
	}
	if len(files) > 0 {
		out.Details["places"] = map[string]any{"name": "Also at", "type": "list", "items": files}
	}
	return out
}

// uuid gives a name-based UUID (version 5), the same for the same finding.
func uuid(fingerprint string) string {
	h := sha1.New()
	h.Write([]byte("keyrake finding\x00" + fingerprint))
	u := h.Sum(nil)[:16]
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}
