package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// Summary gives the result of a scan in one line: what was found, what was
// read, what was not, and how long it took. It holds no text from a repository.
func Summary(r *finding.Report) string {
	text := status(r)
	if line := suppressedLine(r); line != "" {
		text += "; " + line
	}
	return text + "; " + ledger(r)
}

// status says "clean", "N findings", "incomplete" or "nothing to scan".
func status(r *finding.Report) string {
	gaps := len(r.Coverage.Gaps)
	switch {
	case len(r.Findings) > 0 && gaps > 0:
		return tally(r.Findings) + "; incomplete: " + count(gaps, "gap")
	case len(r.Findings) > 0:
		return tally(r.Findings)
	case gaps > 0:
		return "incomplete: no secret in what was read, but " + count(gaps, "gap")
	case len(r.Suppressed) > 0:
		return "clean: no secret found but what was suppressed"
	case readNothing(&r.Coverage):
		return "nothing to scan: " + whyNothing(&r.Coverage)
	}
	return "clean: no secret found"
}

// tally counts findings by severity, worst first.
func tally(findings []finding.Finding) string {
	var by [rules.Critical + 1]int
	for i := range findings {
		by[min(findings[i].Severity, rules.Critical)]++
	}
	var parts []string
	for s := len(by) - 1; s >= 0; s-- {
		if by[s] > 0 {
			parts = append(parts, group(by[s])+" "+rules.Severity(s).String())
		}
	}
	return count(len(findings), "finding") + ": " + strings.Join(parts, ", ")
}

// class is one line of the ledger.
type class struct {
	noun  string
	count finding.Count
}

func classes(c *finding.Coverage) []class {
	return []class{
		{"file", c.Files},
		{"commit", c.Commits},
		{"tree", c.Trees},
		{"blob", c.Blobs},
		{"tag", c.Tags},
	}
}

// ledger says what was read, what was not, and how long it took.
func ledger(r *finding.Report) string {
	read, missed := readings(&r.Coverage)
	return read + " in " + humanTime(r.Stats.Elapsed) + missed
}

// coverage says what was read and what was not.
func coverage(c *finding.Coverage) string {
	read, missed := readings(c)
	return read + missed
}

func readings(c *finding.Coverage) (read, missed string) {
	var have, lack []string
	for _, k := range classes(c) {
		if k.count.Reached == 0 && k.count.Read == 0 {
			continue
		}
		text := count(k.count.Read, k.noun)
		if k.count.Bytes > 0 {
			text += " (" + humanBytes(k.count.Bytes) + ")"
		}
		have = append(have, text)
		if n := k.count.Reached - k.count.Read; n > 0 {
			lack = append(lack, count(n, k.noun))
		}
	}
	if len(have) == 0 {
		have = append(have, "nothing")
	}
	read = "read " + strings.Join(have, ", ")
	if n := c.Unreachable; n > 0 {
		read += ", with " + count(n, "object") + " that no ref reaches"
	}
	switch {
	case len(lack) > 0:
		return read, "; not read: " + strings.Join(lack, ", ")
	case !c.Complete():
		return read, "; not read to the end: see the gaps"
	}
	return read, "; nothing was left unread"
}

func readNothing(c *finding.Coverage) bool {
	if c.Source == "stdin" {
		return c.Files.Bytes == 0
	}
	for _, k := range classes(c) {
		if k.count.Read > 0 {
			return false
		}
	}
	return true
}

func whyNothing(c *finding.Coverage) string {
	if c.Nothing != "" {
		return c.Nothing
	}
	switch c.Source {
	case "range":
		return "the range is empty"
	case "history":
		return "no ref of the repository reaches an object"
	case "staged":
		return "the index holds nothing that differs from HEAD"
	case "stdin":
		return "the stream is empty"
	}
	return "the paths hold no regular file that git does not ignore"
}

// count gives "1 blob", "1,234 blobs".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return group(n) + " " + noun + "s"
}

// were gives "1 text was", "1,234 texts were".
func were(n int, noun string) string {
	if n == 1 {
		return count(n, noun) + " was"
	}
	return count(n, noun) + " were"
}

// group writes n with a comma between thousands.
func group(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// humanBytes writes a size in decimal units with three figures or so.
func humanBytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB", "PB", "EB"} {
		value /= 1000
		if value < 999.5 {
			break
		}
	}
	if value < 9.95 {
		return fmt.Sprintf("%.1f %s", value, unit)
	}
	return fmt.Sprintf("%.0f %s", value, unit)
}

func humanTime(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// causes counts gaps by their causes: "3: 2 missing, 1 too large". Where no
// cause says more than that something could not be read, the number stands alone.
func causes(gaps []finding.Gap) string {
	by := map[finding.Cause]int{}
	for i := range gaps {
		by[cmp.Or(gaps[i].Cause, finding.Unreadable)]++
	}
	if by[finding.Unreadable] == len(gaps) {
		return group(len(gaps))
	}
	var parts []string
	for _, c := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, group(by[c])+" "+string(c))
	}
	return group(len(gaps)) + ": " + strings.Join(parts, ", ")
}
