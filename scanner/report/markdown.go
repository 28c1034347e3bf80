package report

import (
	"fmt"
	"io"
	"strings"

	"keyrake/scanner/finding"
)

const (
	// GitHub takes comments of 65,536 characters and drops longer ones. Findings
	// stop early, so that there is room for what was not read.
	markdownFindings = 45_000
	markdownLimit    = 62_000
	markdownPlaces   = 10
	markdownLines    = 20 // of gaps, of notes, of suppressed findings

	// markdownMark is the first line of the report in Markdown, by which a bot
	// finds the comment that it wrote before.
	markdownMark = "<!-- keyrake -->"
)

// renderMarkdown writes the report for a comment or for the summary of a CI job. Text
// from the repository stands in code spans only; it makes no link, no mention
// and no markup.
func renderMarkdown(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	out := &markdownText{}
	fmt.Fprintf(out, "%s\n## %s %s\n\n", markdownMark, markdownSign(v), markdownProse(v.status))
	out.lines(v.count(), v.count(), markdownFindings, "finding", func(i int) string { it := v.at(i); return it.markdown() })
	if n := len(v.gaps); n > 0 {
		fmt.Fprintf(out, "**Not read to the end** (%s): what those parts hold is unknown.\n\n", count(n, "gap"))
		out.lines(n, markdownLines, markdownLimit, "gap", func(i int) string {
			return fmt.Sprintf("- %s: %s\n", markdownCode(v.gaps[i].What), markdownProse(v.gaps[i].Reason))
		})
	}
	out.lines(len(v.notes), markdownLines, markdownLimit, "note", func(i int) string { return "- note: " + markdownProse(v.notes[i]) + "\n" })
	if n := len(r.Suppressed); n > 0 {
		fmt.Fprintf(out, "<details><summary>%s suppressed</summary>\n\n", count(n, "finding"))
		out.lines(n, markdownLines, markdownLimit, "finding", func(i int) string {
			it := v.hidden(i)
			s := it.spot(0)
			return fmt.Sprintf("- **%s** at %s: %s\n", markdownProse(it.title), markdownCode(s.at()), markdownProse(it.by+": "+it.why))
		})
		out.WriteString("</details>\n\n")
	}
	fmt.Fprintf(out, "<sub>Keyrake %s</sub>\n", markdownProse(v.coverage))
	_, err := io.WriteString(w, out.String())
	return err
}

// markdownText is the text so far.
type markdownText struct{ strings.Builder }

// lines writes up to most of n entries of a list, as long as the text stays
// within limit bytes, and how many are left.
func (m *markdownText) lines(n, most, limit int, noun string, line func(int) string) {
	for i := range n {
		text := ""
		if i < most {
			text = line(i)
		}
		if text == "" || m.Len()+len(text) > limit {
			fmt.Fprintf(m, "- and %s, not shown here\n", count(n-i, "further "+noun))
			break
		}
		m.WriteString(text)
	}
	if n > 0 {
		m.WriteByte('\n')
	}
}

// markdownSign is one character that shows the result before a word is read.
func markdownSign(v *view) string {
	switch {
	case v.failing() > 0:
		return "🔴"
	case !v.complete:
		return "🟠"
	case v.count() > 0:
		return "🟡"
	}
	return "🟢"
}

// markdown gives one finding: a line, what to know about it, and its further
// places folded below.
func (it *item) markdown() string {
	var b strings.Builder
	secret := ""
	if it.secret != "" {
		secret = " " + markdownCode(it.secret)
	}
	s := it.spot(0)
	fmt.Fprintf(&b, "- **%s**: %s%s at %s\n", titled(it.severity), markdownProse(it.title), secret, markdownCode(s.at()))
	var facts []string
	if s.commit != "" {
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
	if it.passes {
		facts = append(facts, "does not fail the scan")
	}
	facts = append(facts, fmt.Sprintf("rule %s, confidence %.2f, %s", markdownCode(it.rule), it.confidence, markdownProse(proofWord(it.proof))))
	fmt.Fprintf(&b, "  <br>%s\n  <br>**Next:** %s\n", strings.Join(facts, "; "), markdownProse(it.remedy))
	for _, x := range it.related() {
		fmt.Fprintf(&b, "  <br>**%s:** %s\n", x.Label, markdownProse(x.Text))
	}
	n := it.places() - 1
	if n == 0 {
		return b.String()
	}
	fmt.Fprintf(&b, "  <details><summary>%s</summary>\n\n", count(n, "further place"))
	for i, s := range it.distinct() {
		if i > markdownPlaces {
			fmt.Fprintf(&b, "  - and %s\n", count(n-markdownPlaces, "further place"))
			break
		}
		if i > 0 {
			fmt.Fprintf(&b, "  - %s\n", markdownCode(s.at()))
		}
	}
	return b.String() + "\n  </details>\n"
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
