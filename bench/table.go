package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// suiteTable holds the medians of one suite, by row (command) and column
// (repository).
type suiteTable struct {
	suite string
	rows  []string
	cols  []string
	cells map[[2]string]medians
	runs  int // the most that any cell has; a cell with fewer is marked
}

// renderMarkdown writes all tables. It is a pure function of the results.
func renderMarkdown(r *results) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Measurements of %s\n\n", strings.Join(r.Dates, ", "))
	renderMachine(&b, r)
	for _, suite := range suiteNames() {
		if t := newSuiteTable(r, suite); len(t.rows) > 0 {
			t.render(&b, r)
		}
	}
	return b.String()
}

func renderMachine(b *strings.Builder, r *results) {
	m := r.Machine
	fmt.Fprintf(b, "Machine: %s, %d cores, %.0f GB, %s. bench built with %s.\n", m.CPU, m.Cores, float64(m.Memory)/1e9, m.OS, m.Go)
	for _, name := range slices.Sorted(maps.Keys(r.Tools)) {
		fmt.Fprintf(b, "- %s: %s\n", name, escape(r.Tools[name]))
	}
	b.WriteByte('\n')
	if len(r.Repos) == 0 {
		return
	}
	b.WriteString("| repository | objects | MB on disk |\n|---|---:|---:|\n")
	for _, repo := range r.Repos {
		fmt.Fprintf(b, "| %s | %d | %.1f |\n", escape(repo.Name), repo.Objects, float64(repo.Bytes)/1e6)
	}
	b.WriteByte('\n')
}

func newSuiteTable(r *results, suite string) *suiteTable {
	t := &suiteTable{suite: suite, cells: map[[2]string]medians{}}
	var labels []string
	for _, rec := range r.Records {
		if rec.Suite != suite {
			continue
		}
		if !slices.Contains(t.cols, rec.Repo) {
			t.cols = append(t.cols, rec.Repo)
		}
		if !slices.Contains(labels, rec.Label) {
			labels = append(labels, rec.Label)
		}
		m := summarize(rec)
		t.cells[[2]string{rec.Label, rec.Repo}] = m
		t.runs = max(t.runs, m.runs)
	}
	// Records of several runs of bench come in any order.
	slices.SortStableFunc(labels, func(a, b string) int { return t.rank(a) - t.rank(b) })
	t.rows = labels
	return t
}

// rank is the place of a row's command in the table of command lines.
func (t *suiteTable) rank(label string) int {
	return slices.IndexFunc(lines(), func(l line) bool { return isRow(label, l, t.suite) })
}

// isRow reports whether the label is that of the line, for any variant of its
// tool.
func isRow(label string, l line, suite string) bool {
	name, what, _ := strings.Cut(label, " ")
	kind, _, _ := strings.Cut(name, "-")
	return l.suite == suite && l.kind == kind && l.what == what
}

// first returns the first row that wanted accepts among the lines of the suite.
func (t *suiteTable) first(wanted func(line) bool) (string, bool) {
	for _, l := range lines() {
		if l.suite != t.suite || !wanted(l) {
			continue
		}
		for _, row := range t.rows {
			if isRow(row, l, t.suite) {
				return row, true
			}
		}
	}
	return "", false
}

// yardstick is the row of the suite's first line, if it was measured.
func (t *suiteTable) yardstick() (string, bool) {
	all := lines()
	i := slices.IndexFunc(all, func(l line) bool { return l.suite == t.suite })
	return t.first(func(l line) bool { return l == all[i] })
}

func (t *suiteTable) render(b *strings.Builder, r *results) {
	fmt.Fprintf(b, "## %s\n\n%s Medians of up to %d runs after one warm-up; the commands took turns.\n\n", t.suite, about(t.suite), t.runs)
	t.grid(b, t.unit()+", wall / CPU", t.rows, t.plain(t.timeCell), nil)
	if base, ok := t.yardstick(); ok {
		t.ratios(b, base)
	}
	// The first line of scan is its normal way of doing the suite's work.
	if base, ok := t.first(func(l line) bool { return l.kind == "scan" && l.what != "--version" }); ok {
		t.ratios(b, base)
	}
	head := "peak MB, all resident / without mapped files"
	if short(t.suite) {
		head = "peak MB, all resident"
	}
	t.grid(b, head, t.rows, t.plain(t.memoryCell), nil)
	t.notes(b, r)
}

// about says what a suite measures and against what.
func about(suite string) string {
	switch suite {
	case suiteHistory:
		return "All history of a bare repository."
	case suiteDir:
		return "The files of a fresh checkout. LITERALS are the keywords of the built-in rules."
	case suiteStaged:
		return "One new file of 5 KB is staged in a fresh checkout."
	}
	return "Start-up alone: EMPTY is an empty folder."
}

func (t *suiteTable) unit() string {
	if short(t.suite) {
		return "ms"
	}
	return "seconds"
}

// grid writes one table. If there is more than one repository to speak of, mean
// adds a column.
func (t *suiteTable) grid(b *strings.Builder, head string, rows []string, cell func(row, col string) string, mean func(row string) string) {
	titles := []string{head}
	for _, c := range t.cols {
		titles = append(titles, strings.TrimPrefix(c, noRepo))
	}
	if t.cols[0] == noRepo {
		mean = nil
	}
	if mean != nil {
		titles = append(titles, "geometric mean")
	}
	writeRow(b, titles)
	b.WriteString("|---|" + strings.Repeat("---:|", len(titles)-1) + "\n")
	for _, row := range rows {
		texts := []string{row}
		for _, c := range t.cols {
			texts = append(texts, cell(row, c))
		}
		if mean != nil {
			texts = append(texts, mean(row))
		}
		writeRow(b, texts)
	}
	b.WriteByte('\n')
}

func writeRow(b *strings.Builder, texts []string) {
	b.WriteByte('|')
	for _, text := range texts {
		b.WriteString(" " + escape(text) + " |")
	}
	b.WriteByte('\n')
}

// plain makes a cell out of the medians that lie there.
func (t *suiteTable) plain(text func(medians) string) func(row, col string) string {
	return func(row, col string) string {
		m, ok := t.cells[[2]string{row, col}]
		if !ok {
			return "–"
		}
		return text(m) + t.marks(m)
	}
}
