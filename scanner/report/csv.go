package report

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"keyrake/scanner/finding"
)

// renderCSV writes a table for spreadsheets (RFC 4180) with a row for each place of
// each finding, a row for each suppressed finding and one for each gap. A cell
// that a spreadsheet could take for a formula starts with an apostrophe.
func renderCSV(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	out := bufio.NewWriterSize(w, flushAt)
	csvRow(out, "record", "severity", "confidence", "rule", "title", "provider", "proof", "secret", "path", "line", "column",
		"kind", "object", "commit", "author", "date", "in_head", "unreachable", "fingerprint", "remedy", "note")
	for _, it := range v.findings() {
		for _, s := range it.spots() {
			csvPlace(out, "finding", it, s, "")
		}
		for _, part := range it.alone() {
			for _, s := range part.spots() {
				csvPlace(out, "part", &part, s, "belongs to "+it.rule)
			}
		}
	}
	for _, it := range v.suppressed() {
		s := it.spot(0)
		csvPlace(out, "suppressed", it, &s, it.by+": "+it.why)
	}
	for _, g := range v.gaps {
		row := make([]string, 21)
		row[0], row[8], row[20] = "gap", g.What, g.Reason
		csvRow(out, row...)
	}
	return out.Flush()
}

func csvPlace(out *bufio.Writer, record string, it *item, s *spot, note string) {
	csvRow(out, record, it.severity.String(), strconv.FormatFloat(it.confidence, 'f', -1, 64), it.rule, it.title, it.provider, it.proof, it.secret,
		s.name, strconv.Itoa(s.Line), strconv.Itoa(s.Column), Clean(s.Kind.String()), Clean(s.Object), s.commit, s.author, s.date,
		strconv.FormatBool(s.Place.InHead), strconv.FormatBool(it.Unreachable), it.fingerprint, it.remedy, note)
}

func csvRow(out *bufio.Writer, cells ...string) {
	for i, c := range cells {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(`"` + strings.ReplaceAll(inert(c), `"`, `""`) + `"`)
	}
	out.WriteString("\r\n")
}

// inert puts an apostrophe before what a spreadsheet would compute: a formula's
// first character, also in its full-width form and behind blanks, at the start
// of a cell and behind what separates cells where the list separator is another.
func inert(cell string) string {
	if !strings.ContainsAny(cell, "=+-@＝＋－＠") {
		return cell
	}
	var b strings.Builder
	start := true
	for _, r := range cell {
		if start && strings.ContainsRune("=+-@＝＋－＠", r) {
			b.WriteByte('\'')
		}
		start = start && r == ' ' || strings.ContainsRune(`;,"|`, r)
		b.WriteRune(r)
	}
	return b.String()
}
