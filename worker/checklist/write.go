package checklist

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

// unreadShown is how many gaps a sheet for people lists.
const unreadShown = 10

// Sheet is an answered checklist, ready to be written.
type Sheet struct {
	Title  string // the project's name
	Rows   []Row
	Unread []string // what could not be read
	Most   int      // evidence shown for each row; 0 is all. JSON has all of it
	redact func(string) string
}

// NewSheet answers a checklist. Secrets that the reports know are masked in
// every text.
func NewSheet(title string, in Inputs) *Sheet {
	reports := []*finding.Report{in.Files}
	if in.History != nil {
		reports = append(reports, in.History)
	}
	mask := report.Redactor(reports...)
	return &Sheet{Title: title, Rows: rows(in), Unread: in.unread(), redact: func(text string) string { return report.Clean(mask.Replace(text)) }}
}

// where names the place of evidence, "" if it has none.
func (s *Sheet) where(e *Evidence) string {
	switch {
	case e.Path == "":
		return ""
	case e.Line == 0:
		return s.redact(e.Path)
	}
	return fmt.Sprintf("%s:%d", s.redact(e.Path), e.Line)
}

// shown is the evidence of a row that is written, and how much is left out.
func (s *Sheet) shown(r *Row) ([]Evidence, int) {
	if s.Most > 0 && len(r.Evidence) > s.Most {
		return r.Evidence[:s.Most], len(r.Evidence) - s.Most
	}
	return r.Evidence, 0
}

func (u Supports) text() string {
	text := "NIST AI RMF " + u.NIST
	if u.OWASP != "" {
		text += "; OWASP LLM Top 10 " + u.OWASP
	}
	return text
}

// verdict is one line about all rows.
func (s *Sheet) verdict() string {
	n := map[Status]int{}
	for i := range s.Rows {
		n[s.Rows[i].Status]++
	}
	var parts []string
	for _, st := range []Status{Fail, Unknown, Pass, None} {
		if n[st] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[st], st))
		}
	}
	return strings.Join(parts, ", ")
}

// WriteText writes a sheet for a person. tint colours a word by a status.
func (s *Sheet) WriteText(w io.Writer, tint func(Status, string) string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "Before launch: %s\n", s.redact(s.Title))
	for i := range s.Rows {
		r := &s.Rows[i]
		fmt.Fprintf(out, "\n%s  %s\n", tint(r.Status, fmt.Sprintf("%-7s", strings.ToUpper(string(r.Status)))), r.Title)
		list, left := s.shown(r)
		said := ""
		for j := range list {
			e := &list[j]
			mark := map[Status]string{Pass: "+", Fail: "x", Unknown: "?"}[e.Status]
			if mark == "" {
				mark = "-"
			}
			text := s.redact(e.Text)
			if at := s.where(e); at != "" {
				text = at + "  " + text
			}
			fmt.Fprintf(out, "  %s %s\n", tint(e.Status, mark), text)
			if said != e.Remedy && e.Remedy != "" {
				fmt.Fprintf(out, "      do: %s\n", s.redact(e.Remedy))
			}
			said = e.Remedy
		}
		if left > 0 {
			fmt.Fprintf(out, "    and %d more (--most 0 shows all)\n", left)
		}
		fmt.Fprintf(out, "    supports %s\n", r.Supports.text())
	}
	if len(s.Unread) > 0 {
		fmt.Fprintf(out, "\nNot read:\n")
		for i, text := range s.Unread {
			if i == unreadShown {
				fmt.Fprintf(out, "  and %d more; scan --history lists them\n", len(s.Unread)-i)
				break
			}
			fmt.Fprintf(out, "  %s\n", s.redact(text))
		}
	}
	fmt.Fprintf(out, "\n%s\n", s.verdict())
	return out.Flush()
}

// WriteMarkdown writes a sheet for a pull request.
func (s *Sheet) WriteMarkdown(w io.Writer) error {
	out := bufio.NewWriter(w)
	cell := func(text string) string {
		text = s.redact(text)
		return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", `\|`, "`", "'", "[", `\[`, "]", `\]`, "*", `\*`, "_", `\_`, "@", "&#64;", "#", "&#35;", "!", `\!`).Replace(text)
	}
	fmt.Fprintf(out, "<!-- keyrake-checklist -->\n### Before launch: %s\n\n%s\n\n", cell(s.Title), s.verdict())
	fmt.Fprintf(out, "| | row | evidence | supports |\n|---|---|---|---|\n")
	for i := range s.Rows {
		r := &s.Rows[i]
		var parts []string
		list, left := s.shown(r)
		for j := range list {
			e := &list[j]
			text := string(e.Status) + ": "
			if at := s.where(e); at != "" {
				text += at + " "
			}
			text = cell(text + e.Text)
			if e.Remedy != "" {
				text += "; **do:** " + cell(e.Remedy)
			}
			parts = append(parts, text)
		}
		if left > 0 {
			parts = append(parts, fmt.Sprintf("and %d more", left))
		}
		fmt.Fprintf(out, "| **%s** | %s | %s | %s |\n", r.Status, r.Title, strings.Join(parts, "<br>"), cell(r.Supports.text()))
	}
	for _, text := range s.Unread {
		fmt.Fprintf(out, "\nNot read: %s\n", cell(text))
	}
	return out.Flush()
}

// WriteJSON writes a sheet for programs.
func (s *Sheet) WriteJSON(w io.Writer) error {
	type evidence struct {
		Status Status `json:"status"`
		Path   string `json:"path,omitempty"`
		Line   int    `json:"line,omitempty"`
		Text   string `json:"text"`
		Remedy string `json:"remedy,omitempty"`
	}
	type row struct {
		ID       string     `json:"id"`
		Title    string     `json:"title"`
		Status   Status     `json:"status"`
		Evidence []evidence `json:"evidence"`
		Supports struct {
			NIST  string `json:"nist_ai_rmf"`
			OWASP string `json:"owasp_llm,omitempty"`
		} `json:"supports"`
	}
	doc := struct {
		Schema   string   `json:"schema"`
		Project  string   `json:"project"`
		Complete bool     `json:"complete"`
		Rows     []row    `json:"rows"`
		Unread   []string `json:"unread"`
	}{"keyrake-checklist/1", s.redact(s.Title), len(s.Unread) == 0, nil, []string{}}
	for i := range s.Rows {
		r := &s.Rows[i]
		x := row{ID: r.ID, Title: r.Title, Status: r.Status, Evidence: []evidence{}}
		x.Supports.NIST, x.Supports.OWASP = r.Supports.NIST, r.Supports.OWASP
		for _, e := range r.Evidence {
			x.Evidence = append(x.Evidence, evidence{e.Status, s.redact(e.Path), e.Line, s.redact(e.Text), s.redact(e.Remedy)})
		}
		doc.Rows = append(doc.Rows, x)
	}
	for _, text := range s.Unread {
		doc.Unread = append(doc.Unread, s.redact(text))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
