package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"keyrake/scanner/finding"
)

const (
	// GitHub takes comments of 65,536 characters; one that is cut by the service
	// would lose the gaps, so findings stop before that.
	markdownLimit  = 55_000
	markdownPlaces = 10
	markdownGaps   = 20

	// MarkdownMark is the first line of the report in Markdown, by which a bot
	// finds the comment that it wrote before.
	MarkdownMark = "<!-- keyrake -->"
)

// Markdown writes the report for a comment or for the summary of a CI job. Text
// from the repository stands in code spans only; it makes no link, no mention
// and no markup.
func Markdown(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s\n## %s %s\n\n", MarkdownMark, markdownSign(v), markdownProse(v.status))
	if len(v.findings) > 0 {
		markdownFindings(out, v)
	}
	markdownGapsAndNotes(out, v)
	if n := len(v.suppressed); n > 0 {
		fmt.Fprintf(out, "<details><summary>%s suppressed</summary>\n\n", count(n, "finding"))
		for i := range v.suppressed[:min(n, markdownGaps)] {
			it := &v.suppressed[i]
			fmt.Fprintf(out, "- **%s** at %s: %s\n", markdownProse(it.title), markdownCode(it.spots[0].at()), markdownProse(it.by+": "+it.why))
		}
		if n > markdownGaps {
			fmt.Fprintf(out, "- and %s\n", count(n-markdownGaps, "further finding"))
		}
		out.WriteString("\n</details>\n\n")
	}
	fmt.Fprintf(out, "<sub>Keyrake %s</sub>\n", markdownProse(v.coverage))
	return out.Flush()
}

// markdownSign is one character that shows the result before a word is read.
func markdownSign(v *view) string {
	switch {
	case len(v.findings) > 0:
		return "🔴"
	case !v.complete:
		return "🟠"
	}
	return "🟢"
}

func markdownFindings(out *bufio.Writer, v *view) {
	written := 0
	for i := range v.findings {
		var b strings.Builder
		v.findings[i].markdown(&b)
		if written += b.Len(); written > markdownLimit {
			fmt.Fprintf(out, "…and %s, not shown here.\n\n", count(len(v.findings)-i, "further finding"))
			return
		}
		out.WriteString(b.String())
	}
}

// markdown writes one finding: a line, and what to know about it folded below.
func (it *item) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "- **%s**: %s %s at %s\n", titled(it.severity), markdownProse(it.title), markdownCode(it.secret), markdownCode(it.spots[0].at()))
	var facts []string
	if s := &it.spots[0]; s.commit != "" {
		text := "since commit " + markdownCode(cut(s.commit, shortID))
		if s.date != "" {
			text += " of " + s.date
		}
		facts = append(facts, text)
	}
	if it.InHead {
		facts = append(facts, "still in HEAD")
	}
	if it.Unreachable {
		facts = append(facts, "no ref reaches it, but it is still in the object store")
	}
	facts = append(facts, fmt.Sprintf("rule %s, confidence %.2f, %s", markdownCode(it.rule), it.confidence, markdownProse(proofWord(it.proof))))
	fmt.Fprintf(b, "  <br>%s\n  <br>**Next:** %s\n", strings.Join(facts, "; "), markdownProse(it.remedy))
	places := it.distinct()[1:]
	if len(places) == 0 {
		return
	}
	fmt.Fprintf(b, "  <details><summary>%s</summary>\n\n", count(len(places), "further place"))
	for i := range places {
		if i == markdownPlaces {
			fmt.Fprintf(b, "  - and %s\n", count(len(places)-i, "further place"))
			break
		}
		fmt.Fprintf(b, "  - %s\n", markdownCode(places[i].at()))
	}
	b.WriteString("\n  </details>\n")
}

func markdownGapsAndNotes(out *bufio.Writer, v *view) {
	if len(v.findings) > 0 {
		out.WriteByte('\n')
	}
	if n := len(v.gaps); n > 0 {
		fmt.Fprintf(out, "**Not read to the end** (%s): what stands there is not known.\n\n", count(n, "gap"))
		for i, g := range v.gaps {
			if i == markdownGaps {
				fmt.Fprintf(out, "- and %s\n", count(n-i, "further gap"))
				break
			}
			fmt.Fprintf(out, "- %s: %s\n", markdownCode(cut(g.What, 300)), markdownProse(cut(g.Reason, 500)))
		}
		out.WriteByte('\n')
	}
	for i, note := range v.notes {
		if i == markdownGaps {
			break
		}
		fmt.Fprintf(out, "- note: %s\n", markdownProse(cut(note, 500)))
	}
	if len(v.notes) > 0 {
		out.WriteByte('\n')
	}
}

// markdownCode gives text as code, in which nothing has a meaning. Where a code
// span could end early or a table could split it, each doubtful character is an
// entity instead.
func markdownCode(text string) string {
	if text != "" && !strings.ContainsAny(text, "`|\\") && strings.TrimSpace(text) == text {
		return "`" + text + "`"
	}
	var b strings.Builder
	b.WriteString("<code>")
	for _, r := range text {
		if r < 0x80 && !isWord(r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String() + "</code>"
}

func isWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == ' ' || r == '-'
}

// markdownProse gives clean text as Markdown that shows just that text: no
// markup, no link, no HTML, no mention of a person.
func markdownProse(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '@':
			b.WriteString("<span>@</span>") // an entity would still be a mention
		case r == '<' || r == '&':
			fmt.Fprintf(&b, "&#%d;", r)
		case strings.ContainsRune("\\`*_{}[]#|~$>", r), strings.HasPrefix(text[i:], "://"):
			b.WriteString("\\" + string(r)) // of an address, so that it becomes no link
		default:
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "www.", `www\.`)
}
