package main

import (
	"fmt"
	"slices"
	"strings"
)

// marks flags what a reader must not take for a plain median.
func (t *suiteTable) marks(m medians) string {
	var marks string
	if m.runs < t.runs && m.valid() {
		marks += "\\*"
	}
	if len(m.badExits) > 0 {
		marks += "†"
	}
	return marks
}

// valid reports whether the figures are those of the whole work.
func (m medians) valid() bool { return !m.timedOut && len(m.badExits) == 0 && m.runs > 0 }

func (t *suiteTable) timeCell(m medians) string {
	if m.timedOut {
		return fmt.Sprintf("stopped after %.0f s", m.wall)
	}
	if short(t.suite) {
		return fmt.Sprintf("%.1f / %.1f", m.wall*1e3, m.cpu*1e3)
	}
	return fmt.Sprintf("%.2f / %.2f", m.wall, m.cpu)
}

func (t *suiteTable) memoryCell(m medians) string {
	rss := fmt.Sprintf("%.0f", m.maxRSS/1e6)
	if m.maxRSS <= m.floor {
		rss = fmt.Sprintf("≤ %.0f", m.floor/1e6)
	}
	switch {
	case short(t.suite):
		return rss
	case m.anon == 0:
		return rss + " / –"
	}
	return fmt.Sprintf("%s / %.0f", rss, m.anon/1e6)
}

// ratios writes how many times the base's wall and CPU each other row needs.
func (t *suiteTable) ratios(b *strings.Builder, base string) {
	ratio := func(row, col string) (wall, cpu float64, ok bool) {
		m, of := t.cells[[2]string{row, col}], t.cells[[2]string{base, col}]
		if !m.valid() || !of.valid() || of.wall <= 0 || of.cpu <= 0 {
			return 0, 0, false
		}
		return m.wall / of.wall, m.cpu / of.cpu, true
	}
	cell := func(row, col string) string {
		wall, cpu, ok := ratio(row, col)
		if !ok {
			return "–"
		}
		return times(wall) + " / " + times(cpu) + t.marks(t.cells[[2]string{row, col}])
	}
	mean := func(row string) string {
		var walls, cpus []float64
		for _, col := range t.cols {
			if wall, cpu, ok := ratio(row, col); ok {
				walls, cpus = append(walls, wall), append(cpus, cpu)
			}
		}
		return meanCell(walls, cpus, len(t.cols))
	}
	others := slices.DeleteFunc(slices.Clone(t.rows), func(row string) bool { return row == base })
	t.grid(b, "times `"+base+"`, wall / CPU", others, cell, mean)
}

// meanCell names the number of repositories when it isn't all of them.
func meanCell(walls, cpus []float64, of int) string {
	if len(walls) == 0 {
		return "–"
	}
	text := fmt.Sprintf("**%s / %s**", times(geoMean(walls)), times(geoMean(cpus)))
	if len(walls) < of {
		text += fmt.Sprintf(" (%d of %d)", len(walls), of)
	}
	return text
}

// times prints a ratio with two or three digits that mean something.
func times(ratio float64) string {
	if ratio >= 10 {
		return fmt.Sprintf("%.0f", ratio)
	}
	if ratio >= 0.1 {
		return fmt.Sprintf("%.2f", ratio)
	}
	return fmt.Sprintf("%.3f", ratio)
}

// notes explains the marks and lists the exit codes.
func (t *suiteTable) notes(b *strings.Builder, r *results) {
	var few, bad bool
	var exits []string
	for _, row := range t.rows {
		var codes []string
		for _, rec := range r.Records {
			if rec.Suite != t.suite || rec.Label != row {
				continue
			}
			m := t.cells[[2]string{row, rec.Repo}]
			few = few || (m.runs < t.runs && m.valid())
			bad = bad || len(m.badExits) > 0
			for _, s := range rec.Samples {
				if code := fmt.Sprint(s.Exit); !slices.Contains(codes, code) {
					codes = append(codes, code)
				}
				if len(m.badExits) > 0 && s.Stderr != "" {
					exits = append(exits, fmt.Sprintf("%s on %s said: %s", row, rec.Repo, s.Stderr))
					break
				}
			}
		}
		exits = append(exits, fmt.Sprintf("%s: exit %s", row, strings.Join(codes, ", ")))
	}
	if few {
		b.WriteString("\\* fewer runs, because the command is slow; its warm-up counts as the first.\n")
	}
	if bad {
		b.WriteString("† the command did not finish its work; the figures are left out of the ratios.\n")
	}
	if !short(t.suite) {
		b.WriteString("All resident memory is what the kernel counts, mapped packs included; without mapped files is the process alone, read every 20 ms.\n")
	}
	b.WriteString("A peak below the size of the measuring program can't be seen and is shown as ≤.\n")
	b.WriteString("\n<details><summary>Exit codes</summary>\n\n")
	for _, e := range exits {
		fmt.Fprintf(b, "- %s\n", escape(e))
	}
	b.WriteString("\n</details>\n\n")
}

// escape keeps a text from breaking a table.
func escape(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(text)
}
