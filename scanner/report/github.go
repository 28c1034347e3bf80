package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// gitHubShown is how many annotations of one level GitHub shows of a step; the
// rest it drops without a word.
const gitHubShown = 10

// renderGitHub writes workflow commands that annotate the files of a pull request:
// the worst ten findings, and a last one with the count of all and with what
// was not read.
func renderGitHub(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	out := bufio.NewWriterSize(w, flushAt)
	used := map[string]int{}
	for _, i := range v.worst(gitHubShown) {
		it := v.at(i)
		s := it.spot(0)
		level := [...]string{"notice", "notice", "warning", "error", "error"}[it.severity]
		used[level]++
		fmt.Fprintf(out, "::%s %stitle=%s::%s\n", level, gitHubPlace(&s), gitHubProperty(it.title), gitHubData(gitHubText(&it)))
	}
	fmt.Fprintf(out, "::%s title=Keyrake::%s\n", gitHubLevel(v, used), gitHubData(gitHubSummary(v)))
	return out.Flush()
}

// worst gives the numbers of the worst findings, at most so many.
func (v *view) worst(most int) (list []int) {
	for less := range rules.Critical + 1 {
		for i := range v.report.Findings {
			if len(list) == most {
				return list
			}
			if min(v.report.Findings[i].Severity, rules.Critical) == rules.Critical-less {
				list = append(list, i)
			}
		}
	}
	return list
}

// gitHubPlace gives the properties that say where an annotation stands. What is
// no file has none.
func gitHubPlace(s *spot) string {
	if !s.isFile() {
		return ""
	}
	first, last := s.lines()
	text := fmt.Sprintf("file=%s,line=%d,endLine=%d,", gitHubProperty(Clean(s.opened)), first, last)
	if s.isPlain() && s.EndLine <= s.Line { // GitHub takes columns within one line only
		text += fmt.Sprintf("col=%d,endColumn=%d,", s.unit(), s.endUnit())
	}
	return text
}

func gitHubText(it *item) string {
	text := it.says()
	if s := it.spot(0); !s.isPlain() {
		text += ", in " + s.at()
	}
	text += ". " + it.remedy
	if n := it.places() - 1; n > 0 {
		text += " It is in " + count(n, "further place") + "."
	}
	return text
}

// gitHubLevel gives the level of the last annotation: one that has room left.
func gitHubLevel(v *view, used map[string]int) string {
	switch {
	case v.complete && v.failing() == 0 && used["error"]+used["warning"] == 0:
		return "notice"
	case used["error"] < gitHubShown:
		return "error"
	}
	return "warning"
}

func gitHubSummary(v *view) string {
	text := v.status
	if n := v.count() - gitHubShown; n > 0 {
		text += "; " + count(n, "further finding") + " not annotated, see the report"
	}
	text += "; " + v.coverage
	for i, g := range v.gaps {
		if i == moreShown {
			text += "; and " + count(len(v.gaps)-i, "further gap")
			break
		}
		text += "; not read: " + g.What + ": " + g.Reason
	}
	return text
}

// gitHubData escapes the text of a workflow command.
func gitHubData(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// gitHubProperty escapes a property of a workflow command.
func gitHubProperty(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}
