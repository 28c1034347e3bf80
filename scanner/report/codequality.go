package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"

	"keyrake/scanner/finding"
)

// renderCodeQuality writes GitLab's code quality report: an array with an issue for
// each place of each finding, as the widget shows each beside its file. That
// format knows of no incomplete scan, so each gap is an issue, too.
func renderCodeQuality(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	return newJSONWriter(w, "code quality report").array(func(yield func(any, []list) bool) {
		for _, it := range v.findings() {
			for issue := range it.issues() {
				if !yield(issue, nil) {
					return
				}
			}
		}
		for _, g := range v.gaps {
			issue := qualityIssue{
				Description: "The scan is incomplete. Not read: " + g.What + ": " + g.Reason, Check: "keyrake-incomplete",
				Fingerprint: qualityName("gap", g.What+"\x00"+g.Reason, 0), Severity: "major",
			}
			issue.Location.Path, issue.Location.Lines.Begin = "(scan)", 1
			if !yield(issue, nil) {
				return
			}
		}
	})
}

// issues makes an issue of each place.
func (it *item) issues() iter.Seq[qualityIssue] {
	return func(yield func(qualityIssue) bool) {
		nth := map[string]int{}
		for _, s := range it.distinct() {
			// No line: an issue stays the same when its file grows above it.
			nth[s.path]++
			issue := qualityIssue{
				Description: it.says() + s.inside(), Check: it.rule,
				Fingerprint: qualityName(it.fingerprint, s.path, nth[s.path]),
				Severity:    [...]string{"info", "minor", "major", "critical", "blocker"}[it.severity],
			}
			issue.Location.Path = decodable(s.opened)
			issue.Location.Lines.Begin, _ = s.lines()
			if !yield(issue) {
				return
			}
		}
	}
}

type qualityIssue struct {
	Description string `json:"description"`
	Check       string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

// qualityName names an issue for good.
func qualityName(fingerprint, path string, nth int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", fingerprint, path, nth))
	return hex.EncodeToString(sum[:16])
}
