package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

	// What GitHub shows of a file; more is dropped there without a word.
	sarifLocations = 100
	gitHubResults  = 5000
	helpLimit      = 1000 // characters of a rule's full description
)

// renderSARIF writes a SARIF 2.1.0 log with one result for each finding. Its further
// places are related locations, and what is suppressed says so. It holds no
// snippet and no author.
func renderSARIF(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	return writeSARIF(w, v, v.count(), len(r.Suppressed))
}

// renderGitHubSARIF writes SARIF for GitHub code scanning, which shows suppressed
// results as open and takes no more than 5,000: it leaves the former out, keeps
// the worst of the latter and says how many it left out.
func renderGitHubSARIF(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	if n := v.count() - gitHubResults; n > 0 {
		v.notes = append(v.notes, "GitHub shows "+count(gitHubResults, "result")+": "+count(n, "further finding")+" of less weight left out here, see another format")
	}
	return writeSARIF(w, v, min(v.count(), gitHubResults), 0)
}

// writeSARIF writes the first findings and suppressed findings of v.
func writeSARIF(w io.Writer, v *view, findings, suppressed int) error {
	run := sarifRun{
		AutomationDetails: sarifID{"keyrake/" + sarifCategory(v.source) + "/"},
		ColumnKind:        "utf16CodeUnits",
		Invocations:       []sarifInvocation{{ExecutionSuccessful: v.complete, ToolExecutionNotifications: sarifNotifications(v)}},
		Results:           []sarifResult{},
		Properties:        map[string]any{"status": v.status, "coverage": v.coverage, "suppressed": len(v.report.Suppressed)},
	}
	run.Tool.Driver = sarifDriver{Name: "Keyrake", Version: strings.TrimPrefix(v.opt.Version, "v"), SemanticVersion: semantic(v.opt.Version)}
	var index map[string]int
	run.Tool.Driver.Rules, index = sarifRules(v, findings, suppressed)
	results := func(yield func(any, []list) bool) {
		for i := range findings + suppressed {
			result := sarifAt(v, i, findings, index)
			if !yield(&result, nil) {
				return
			}
		}
	}
	return newJSONWriter(w, "SARIF report").document(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}, list{"results", 3, results})
}

// sarifAt makes a result: those of findings come first, and then those of what
// is suppressed.
func sarifAt(v *view, i, findings int, index map[string]int) sarifResult {
	if i < findings {
		it := v.at(i)
		return sarifResultOf(&it, index[it.rule])
	}
	s := v.hidden(i - findings)
	result := sarifResultOf(&s, index[s.rule])
	kind := "external"
	if s.inSource {
		kind = "inSource"
	}
	result.Suppressions = []sarifSuppression{{kind, "accepted", strings.TrimPrefix(s.by+": "+s.why, ": ")}}
	return result
}

// sarifCategory keeps the results of a history apart from those of files, of
// which some stand at the same places.
func sarifCategory(source string) string {
	if source == "files" || source == "" {
		return "worktree"
	}
	return escapeURI(source)
}

// semantic gives a version without its leading "v", if it is a semantic one.
func semantic(version string) string {
	bare, ok := strings.CutPrefix(version, "v")
	if !ok || strings.Count(bare, ".") < 2 {
		return ""
	}
	return bare
}

func sarifNotifications(v *view) []sarifNotification {
	list := []sarifNotification{}
	for _, g := range v.gaps {
		list = append(list, sarifNotification{"error", sarifMessage{Text: "not read: " + g.What + ": " + g.Reason}})
	}
	for _, n := range v.notes {
		list = append(list, sarifNotification{"note", sarifMessage{Text: n}})
	}
	return list
}

// sarifRules lists the rules of the findings by their ids.
func sarifRules(v *view, findings, suppressed int) (list []sarifRule, index map[string]int) {
	worst, first := map[string]rules.Severity{}, map[string]*finding.Finding{}
	note := func(f *finding.Finding) {
		id := v.rule(f.Rule).rule
		if first[id] == nil {
			first[id] = f
		}
		worst[id] = max(worst[id], min(f.Severity, rules.Critical))
	}
	for i := range findings {
		note(&v.report.Findings[i])
	}
	for i := range suppressed {
		note(&v.report.Suppressed[i].Finding)
	}
	list, index = []sarifRule{}, map[string]int{}
	for i, id := range slices.Sorted(maps.Keys(first)) {
		index[id] = i
		it := v.item(first[id])
		list = append(list, sarifRuleOf(&it, worst[id]))
	}
	return list, index
}

// sarifRuleOf describes a rule. GitHub takes the severity of an alert from its
// rule, so that is the worst that a finding of the rule has.
func sarifRuleOf(it *item, worst rules.Severity) sarifRule {
	what := it.title + ": a credential that whoever can read the repository can use."
	return sarifRule{
		ID:                   it.rule,
		ShortDescription:     sarifMessage{Text: it.title},
		FullDescription:      sarifMessage{Text: cut(what, helpLimit)},
		Help:                 sarifMessage{Text: what + "\n\nWhat to do: " + it.remedy, Markdown: "**What to do.** " + markdownProse(it.remedy)},
		DefaultConfiguration: sarifLevel{sarifLevelOf(worst)},
		Properties: map[string]any{
			"precision":         sarifPrecision(it),
			"security-severity": [...]string{"1.0", "3.0", "5.5", "8.0", "9.5"}[worst],
			"problem.severity":  sarifProblem(worst),
			"tags":              []string{"security", "external/cwe/cwe-798", "secret", it.provider},
		},
	}
}

func sarifLevelOf(s rules.Severity) string {
	return [...]string{"note", "note", "warning", "error", "error"}[s]
}

func sarifProblem(s rules.Severity) string {
	return [...]string{"recommendation", "recommendation", "warning", "error", "error"}[s]
}

// sarifPrecision says how sure a rule is of what it finds.
func sarifPrecision(it *item) string {
	switch c := it.Rule.Confidence; {
	case it.Rule.Proof != "" || c >= 0.9:
		return "very-high"
	case c >= 0.75:
		return "high"
	case c >= 0.5:
		return "medium"
	}
	return "low"
}

func sarifResultOf(it *item, rule int) sarifResult {
	out := sarifResult{
		RuleID: it.rule, RuleIndex: rule, Level: sarifLevelOf(it.severity),
		Fingerprints: map[string]string{"keyrake/1": it.fingerprint},
		// GitHub knows an alert again by this value alone. It has the form of
		// GitHub's own: a hash, and which of its kind.
		PartialFingerprints: map[string]string{"primaryLocationLineHash": cut(it.fingerprint, 16) + ":1"},
		Properties: map[string]any{
			"severity": it.severity.String(), "confidence": it.confidence, "proof": it.proof,
			"inHead": it.InHead, "unreachable": it.Unreachable,
		},
	}
	text := it.says()
	for i, s := range it.distinct() {
		if i == 0 {
			text += s.inside()
			out.Locations = []sarifLocation{s.sarif()}
			if s.commit != "" {
				out.Properties["commit"] = s.commit
				out.Properties["date"] = s.date
			}
			continue
		}
		if i == sarifLocations {
			text += ". It is in " + count(it.places()-i, "further place")
			break
		}
		at := s.sarif()
		at.ID, at.Message = i, &sarifMessage{Text: s.at()}
		if !s.isFile() {
			at.Physical = nil // no file to link to
		}
		out.RelatedLocations = append(out.RelatedLocations, at)
	}
	if len(it.parts) > 0 {
		out.Properties["parts"] = it.sarifParts()
	}
	if len(it.links) > 0 {
		out.Properties["links"] = it.links
	}
	if x := it.Exposure; x != nil {
		out.Properties["pushed"], out.Properties["exposedDays"] = x.Pushed, x.Days
		out.Properties["exposure"] = it.sarifExposure(x)
	}
	out.Message = sarifMessage{Text: sarifText(text) + sarifLinks(out.RelatedLocations)}
	return out
}

// sarifExposure says where a secret has been, and who can have it; it names no
// person.
func (it *item) sarifExposure(x *finding.Exposure) map[string]any {
	out := map[string]any{"status": statusOf(x), "days": x.Days, "introductions": len(x.Introduced)}
	for key, c := range map[string]*finding.Commit{"first": x.First, "last": x.Last, "removed": x.Removed} {
		if c == nil {
			continue
		}
		at := map[string]string{"commit": c.ID}
		if !c.Date.IsZero() {
			at["date"] = day(c.Date)
		}
		out[key] = at
	}
	if x.Only != "" {
		out["only"] = x.Only
	}
	if x.Partial { // nothing is known of what is before it
		out["scope"] = "range"
	}
	for key, names := range it.from.refs(x) {
		out[key] = names
	}
	return out
}

// sarifLinks names the first further places in a message, where GitHub shows
// them as links.
func sarifLinks(related []sarifLocation) string {
	if len(related) == 0 {
		return ""
	}
	var links []string
	for _, at := range related[:min(len(related), moreShown)] {
		name := sarifText(at.Message.Text)
		if at.Physical != nil {
			name = fmt.Sprintf("[%s](%d)", name, at.ID)
		}
		links = append(links, name)
	}
	text := ". Also at " + strings.Join(links, ", ")
	if n := len(related) - len(links); n > 0 {
		text += " and " + count(n, "further place")
	}
	return text
}

// sarifText escapes what starts a link or a placeholder in a SARIF message.
func sarifText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "{", "{{", "}", "}}").Replace(text)
}

// sarif gives a place. What is no file has a made-up path, as GitHub shows no
// result without one; what is in an archive is at the archive's begin.
func (s *spot) sarif() sarifLocation {
	first, last := s.lines()
	at := &sarifPhysical{
		Artifact: sarifArtifact{escapeURI(s.opened), "%SRCROOT%"},
		// The end of a region is the column after its last character.
		Region: sarifRegion{first, s.unit(), last, s.endUnit() + 1},
	}
	if strings.HasPrefix(s.opened, "/") {
		at.Artifact = sarifArtifact{URI: "file://" + escapeURI(s.opened)}
	} else if len(s.opened) > 2 && s.opened[1] == ':' && s.opened[2] == '/' {
		at.Artifact = sarifArtifact{URI: "file:///" + escapeURI(s.opened)}
	}
	if s.Inner > 0 {
		at.Region = sarifRegion{1, 1, 1, 1} // its bytes are not those of the archive
	}
	if !s.isPlain() {
		return sarifLocation{Physical: at, Logical: []sarifLogical{{decodable(s.path)}}}
	}
	return sarifLocation{Physical: at}
}

// escapeURI gives a path as a reference: each byte but the plain ones in percent
// form, so that a colon cannot make a scheme of its first part.
func escapeURI(path string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/@+,=!()"
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
		}
	}
	return b.String()
}
