package report

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"keyrake/scanner/finding"
)

// renderJUnit writes the report as test results: a test case for each rule and file,
// which fails; one for each gap, which is an error; one for each suppressed
// finding and for those that do not fail the scan, which is skipped. A clean and complete scan is one case that passes.
func renderJUnit(w io.Writer, r *finding.Report, opt Options) error {
	v := flatten(r, opt)
	x := &xmlWriter{out: bufio.NewWriterSize(w, flushAt)}
	groups := junitGroups(v)
	failures := 0
	for _, g := range groups {
		if !v.opt.passes(&v.report.Findings[g[0].finding]) {
			failures++
		}
	}
	cases := len(groups) + len(v.gaps) + len(r.Suppressed)
	fmt.Fprintf(x.out, "%s<testsuites>\n  <testsuite%s>\n", xml.Header, x.attributes(
		"name", "keyrake "+v.source, "tests", strconv.Itoa(max(cases, 1)), "failures", strconv.Itoa(failures),
		"errors", strconv.Itoa(len(v.gaps)), "skipped", strconv.Itoa(len(groups)-failures+len(r.Suppressed))))
	for _, g := range groups {
		x.group(v, g)
	}
	for _, g := range v.gaps {
		x.open("keyrake.incomplete", "not read: "+g.What, "")
		fmt.Fprintf(x.out, "<error%s>%s</error>", x.attributes("message", g.Reason, "type", "incomplete"), x.text(g.What+": "+g.Reason))
		x.close()
	}
	for _, it := range v.suppressed() {
		s := it.spot(0)
		x.open("keyrake."+it.rule, it.title+" in "+s.name, Clean(s.file()))
		x.skipped("suppressed by " + it.by + ": " + it.why)
		x.close()
	}
	if cases == 0 {
		fmt.Fprintf(x.out, "    <testcase%s></testcase>\n", x.attributes("classname", "keyrake", "name", v.status))
	}
	fmt.Fprintf(x.out, "    <system-out>%s</system-out>\n  </testsuite>\n</testsuites>\n", x.text(v.status+"; "+v.coverage))
	return x.out.Flush()
}

// numbered names a place of a finding by their numbers.
type numbered struct{ finding, place int32 }

// junitGroups sorts the places of all findings by rule and file, in the order of
// the first of each.
func junitGroups(v *view) (groups [][]numbered) {
	type key struct {
		rule, file string
		passes     bool
	}
	at := map[key]int{}
	for i, it := range v.findings() {
		for _, s := range it.distinct() {
			k := key{it.rule, s.name, it.passes}
			n, known := at[k]
			if !known {
				n = len(groups)
				at[k] = n
				groups = append(groups, nil)
			}
			groups[n] = append(groups[n], numbered{int32(i), int32(s.number)})
		}
	}
	return groups
}

// xmlWriter writes test cases. The errors of its writer are for Flush.
type xmlWriter struct {
	out *bufio.Writer
	buf bytes.Buffer
}

// group writes the case of what a rule found in a file.
func (x *xmlWriter) group(v *view, places []numbered) {
	it := v.at(int(places[0].finding))
	s := v.spot(&it.Places[places[0].place])
	x.open("keyrake."+it.rule, it.title+" in "+s.name, Clean(s.file()))
	if it.passes {
		x.skipped("does not fail the scan, severity " + it.severity.String() + ": " + it.says())
		x.close()
		return
	}
	fmt.Fprintf(x.out, "<failure%s>", x.attributes("message", it.says(), "type", it.severity.String()))
	for i, at := range places {
		if i > 0 {
			x.out.WriteString(x.text("\n"))
		}
		if i > 0 && at.finding != places[i-1].finding {
			it = v.at(int(at.finding))
		}
		s := v.spot(&it.Places[at.place])
		x.out.WriteString(x.text(s.at() + ": " + it.says() + ". " + it.remedy))
	}
	x.out.WriteString("</failure>")
	x.close()
}

// open begins a case.
func (x *xmlWriter) open(class, name, file string) {
	fmt.Fprintf(x.out, "    <testcase%s", x.attributes("classname", class, "name", name))
	if file != "" {
		x.out.WriteString(x.attributes("file", file))
	}
	x.out.WriteString(">\n      ")
}

func (x *xmlWriter) close() { x.out.WriteString("\n    </testcase>\n") }

func (x *xmlWriter) skipped(why string) {
	fmt.Fprintf(x.out, "<skipped%s></skipped>", x.attributes("message", why))
}

// attributes gives names and values as attributes.
func (x *xmlWriter) attributes(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString(" " + pairs[i] + `="` + x.text(pairs[i+1]) + `"`)
	}
	return b.String()
}

// text escapes a text for where it stands between tags or quotes.
func (x *xmlWriter) text(text string) string {
	x.buf.Reset()
	_ = xml.EscapeText(&x.buf, []byte(text)) // a buffer has no error
	return x.buf.String()
}
