package setup

import (
	"fmt"
	"strings"
)

// Diff shows a change as a unified diff with one hunk, up to three lines round it.
func (c *Change) Diff() string {
	before, after := splitLines(c.Old), splitLines(c.New)
	from := 0
	for from < len(before) && from < len(after) && before[from] == after[from] {
		from++
	}
	tail := 0
	for tail < len(before)-from && tail < len(after)-from && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	first, last := max(0, from-3), min(3, tail)
	var b strings.Builder
	old := "a/" + c.Path
	if c.Old == nil {
		old = "/dev/null"
	}
	fmt.Fprintf(&b, "--- %s\n+++ b/%s\n", old, c.Path)
	hunk := func(lines []string) string {
		n := len(lines) - tail + last - first
		at := first + 1
		if n == 0 {
			at = first
		}
		return fmt.Sprintf("%d,%d", at, n)
	}
	fmt.Fprintf(&b, "@@ -%s +%s @@\n", hunk(before), hunk(after))
	write := func(mark string, lines []string) {
		for _, line := range lines {
			b.WriteString(mark + strings.TrimRight(line, "\r\n") + "\n")
			if !strings.HasSuffix(line, "\n") {
				b.WriteString("\\ No newline at end of file\n")
			}
		}
	}
	write(" ", before[first:from])
	write("-", before[from:len(before)-tail])
	write("+", after[from:len(after)-tail])
	write(" ", before[len(before)-tail:len(before)-tail+last])
	return b.String()
}

func splitLines(text []byte) (list []string) {
	for line := range strings.Lines(string(text)) {
		list = append(list, line)
	}
	return list
}
