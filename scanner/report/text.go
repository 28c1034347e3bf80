package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fatih/color"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

const (
	shortID    = 10 // hex digits of an object's name that are shown
	moreShown  = 3  // further places listed for one finding
	gapsShown  = 20
	notesShown = 20
	labelWidth = 9
	minWidth   = 40
	maxWidth   = 100 // longer lines of prose are hard to read
)

// Text writes the report for a person: one block for each finding, then what
// was not read, then, unless it is to be quiet, a summary of two lines.
func Text(w io.Writer, r *finding.Report, opt Options) error {
	out := bufio.NewWriterSize(w, flushAt) // keeps the first write error for Flush
	t := newTextWriter(out, r, opt)
	folded := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Severity < rules.Medium && opt.passes(f) && !opt.ShowLow {
			folded++
			continue
		}
		t.finding(f)
	}
	t.gaps(r.Coverage.Gaps)
	if opt.Quiet {
		if folded < len(r.Findings) || len(r.Coverage.Gaps) > 0 {
			t.notes(r.Coverage.Notes)
		}
		if opt.ShowSuppressed {
			t.listSuppressed(r)
		}
		return out.Flush()
	}
	t.notes(r.Coverage.Notes)
	t.folded(folded)
	t.suppressed(r)
	t.publish(r.Publish)
	t.summary(r)
	return out.Flush()
}

// TextFindings writes the blocks of the findings alone, as Text does.
func TextFindings(w io.Writer, r *finding.Report, opt Options) error {
	out := bufio.NewWriterSize(w, flushAt)
	t := newTextWriter(out, r, opt)
	for i := range r.Findings {
		t.finding(&r.Findings[i])
	}
	return out.Flush()
}

func newTextWriter(out *bufio.Writer, r *finding.Report, opt Options) *textWriter {
	return &textWriter{
		out:    out,
		opt:    opt,
		colors: newPalette(opt.Color),
		width:  proseWidth(opt.Width),
		redact: redactor(r, opt),
		source: r.Coverage.Source,
		told:   map[string]bool{},
		edge:   r.Coverage.Shallow,
	}
}

// textWriter holds what the blocks of one text report share.
type textWriter struct {
	out    *bufio.Writer
	opt    Options
	colors palette
	width  int
	redact *Mask
	source string
	told   map[string]bool // rules whose remedy was written; mutable
	edge   []string        // commits at which a shallow clone was cut off
}

// palette holds the colours, each switched by Options and not by the library's
// global, which looks at the process's own stdout.
type palette struct {
	severity              [rules.Critical + 1]*color.Color
	title, label, ok, bad *color.Color
}

func newPalette(on bool) palette {
	pen := func(attributes ...color.Attribute) *color.Color {
		c := color.New(attributes...)
		if on {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	return palette{
		severity: [...]*color.Color{
			rules.Info:     pen(color.FgBlue),
			rules.Low:      pen(color.FgCyan),
			rules.Medium:   pen(color.FgYellow),
			rules.High:     pen(color.FgRed),
			rules.Critical: pen(color.FgRed, color.Bold),
		},
		title: pen(color.Bold),
		label: pen(color.Faint),
		ok:    pen(color.FgGreen),
		bad:   pen(color.FgRed),
	}
}

// Pens gives what colours good, bad and doubtful words in a text that is not a
// report. Without colour they change nothing.
func Pens(on bool) (good, bad, doubtful func(word string) string) {
	p := newPalette(on)
	pen := func(c *color.Color) func(string) string { return func(word string) string { return c.Sprint(word) } }
	return pen(p.ok), pen(p.severity[rules.Critical]), pen(p.severity[rules.Medium])
}

func proseWidth(width int) int {
	if width <= 0 {
		width = 80
	}
	return min(max(width, minWidth), maxWidth)
}

func (t *textWriter) finding(f *finding.Finding) { t.block(f, "") }

// block writes one finding, and what suppressed it if anything did.
func (t *textWriter) block(f *finding.Finding, by string) {
	word := strings.ToUpper(f.Severity.String())
	if int(f.Severity) < len(t.colors.severity) {
		word = t.colors.severity[f.Severity].Sprint(word)
	}
	fmt.Fprintf(t.out, "%s  %s\n", word, t.colors.title.Sprint(Clean(f.Rule.Title)))

	t.secret(f.Secret)
	t.parts(f)
	t.field("rule", fmt.Sprintf("%s (confidence %.2f, %s)", Clean(f.Rule.ID), f.Confidence, proofWord(f.Proof)))
	if len(f.Places) > 0 {
		t.field("where", t.location(&f.Places[0]))
		if f.Exposure != nil {
			t.exposure(f)
		} else {
			t.field("since", t.since(f))
		}
		t.further(f.Places[1:])
	}
	t.links(f)
	t.prose("by", by)
	t.prose("fix", t.safe(f.Tied().Fix))
	t.remedy(f)
	t.out.WriteByte('\n')
}

// remedy says what to do next: of many findings of one rule at the first alone,
// where it takes more than a line.
func (t *textWriter) remedy(f *finding.Finding) {
	text := t.safe(f.Rule.Remedy)
	if t.told[f.Rule.ID] && len(wrap(text, t.width-labelWidth-3)) > 1 {
		text = "as for the first " + Clean(f.Rule.ID) + " above"
	}
	t.told[f.Rule.ID] = true
	t.prose("next", text)
}

// secret writes the masked secret or, if asked, the secret itself, line by line.
func (t *textWriter) secret(s finding.Secret) {
	if !t.opt.ShowSecrets {
		t.field("secret", Clean(s.String()))
		return
	}
	label := "secret"
	for line := range strings.Lines(s.Reveal()) {
		t.field(label, Clean(strings.TrimRight(line, "\r\n")))
		label = ""
	}
}

// further lists the places after the first, up to moreShown of them.
func (t *textWriter) further(places []finding.Place) {
	label := "also at"
	for i := range places {
		if i == moreShown {
			t.field("", "and "+count(len(places)-i, "further place"))
			return
		}
		p := &places[i]
		text := t.location(p)
		if p.Commit != nil && p.Kind != finding.CommitMessage {
			text += " (commit " + t.commit(p.Commit.ID) + ")"
		}
		t.field(label, text)
		label = ""
	}
}

// location gives a place in the form path:line:column, which terminals and
// editors open.
func (t *textWriter) location(p *finding.Place) string {
	text := fmt.Sprintf("%s:%d:%d", nameOf(p, t.safe(p.Path)), p.Line, p.Column)
	// A path that holds a secret would hold it in the link, too.
	if t.opt.Link == nil || t.redact.Replace(p.Path) != p.Path {
		return text
	}
	return hyperlink(t.opt.Link(p), text)
}

// hyperlink makes text lead to a URI (OSC 8).
func hyperlink(uri, text string) string {
	if uri == "" {
		return text
	}
	return "\x1b]8;;" + uri + "\x1b\\" + text + "\x1b]8;;\x1b\\"
}

// commit gives the short name of a commit.
func (t *textWriter) commit(id string) string {
	if t.opt.CommitLink == nil {
		return t.short(id)
	}
	return hyperlink(t.opt.CommitLink(id), t.short(id))
}

// since says which commit brought the secret in, and whether it is still there.
// It is empty outside of history.
func (t *textWriter) since(f *finding.Finding) string {
	var parts []string
	if c := f.Places[0].Commit; c != nil {
		parts = append(parts, "commit "+t.commit(c.ID))
		if c.Author != "" {
			parts = append(parts, "by "+t.safe(c.Author))
		}
		if !c.Date.IsZero() {
			parts = append(parts, "on "+c.Date.UTC().Format(time.DateOnly))
		}
	}
	text := strings.Join(parts, " ")
	if t.source != "history" {
		return text
	}
	state := "only in history"
	if f.InHead {
		state = "still in HEAD"
	} else if k := f.Places[0].Kind; k == finding.CommitMessage || k == finding.TagMessage {
		state = "in a message, which every clone has"
	} else if f.Unreachable {
		state = "no ref reaches it, but it is still in the object store"
	}
	if text == "" {
		return state
	}
	return text + ", " + state
}

// field writes one labelled line, or nothing if there is no text.
func (t *textWriter) field(label, text string) {
	if text != "" {
		fmt.Fprintf(t.out, "  %s %s\n", t.colors.label.Sprintf("%-*s", labelWidth, label), text)
	}
}

// prose writes a labelled text that is wrapped to the width.
func (t *textWriter) prose(label, text string) {
	for _, line := range wrap(text, t.width-labelWidth-3) {
		t.field(label, line)
		label = ""
	}
}

// safe masks secrets in text from outside and makes it printable.
func (t *textWriter) safe(text string) string { return Clean(t.redact.Replace(text)) }

func (t *textWriter) short(id string) string { return Clean(id[:min(len(id), shortID)]) }

func (t *textWriter) gaps(gaps []finding.Gap) {
	if len(gaps) == 0 {
		return
	}
	fmt.Fprintf(t.out, "%s\n", t.colors.bad.Sprintf("Not read to the end (%s):", causes(gaps)))
	for i, g := range gaps {
		if i == gapsShown {
			fmt.Fprintf(t.out, "  and %s\n", count(len(gaps)-i, "further gap"))
			break
		}
		reason := t.safe(g.Reason)
		if i > 0 && g.Reason == gaps[i-1].Reason && len(reason) > len("the same") {
			reason = "the same"
		}
		fmt.Fprintf(t.out, "  %s: %s\n", t.safe(g.What), reason)
	}
	t.out.WriteByte('\n')
}

func (t *textWriter) notes(notes []string) {
	for i, note := range notes {
		if i == notesShown {
			fmt.Fprintf(t.out, "note: and %s\n", count(len(notes)-i, "further note"))
			break
		}
		fmt.Fprintf(t.out, "note: %s\n", t.safe(note))
	}
	if len(notes) > 0 {
		t.out.WriteByte('\n')
	}
}

// folded says how many findings are not listed: those that do not fail the scan
// and are hardly ever a secret that somebody has to rotate.
func (t *textWriter) folded(n int) {
	if n > 0 {
		fmt.Fprintf(t.out, "not listed: %s of low severity (weak passwords; keys in tests and documentation), which do not fail a scan: --show-low lists them, --fail-on low lets them fail it\n\n", count(n, "finding"))
	}
}

func (t *textWriter) summary(r *finding.Report) {
	pen := t.colors.ok
	if t.opt.failing(r) > 0 || !r.Coverage.Complete() {
		pen = t.colors.bad
	}
	fmt.Fprintf(t.out, "%s\n%s\n", pen.Sprint(status(r)), ledger(r))
}

// proofWord says what the offline check gave.
func proofWord(proof string) string {
	if proof == "" {
		return "unproven"
	}
	return Clean(proof)
}
