package report

import (
	"fmt"
	"iter"
	"strings"

	"keyrake/scanner/finding"
)

// suppressedLine says how many findings were suppressed and by what, or "" if
// none was. It holds no text from a repository but the names of the files that
// the user or the repository's own configuration gave.
func suppressedLine(r *finding.Report) string {
	if len(r.Suppressed) == 0 {
		return ""
	}
	var parts []string
	list := suppressors(r)
	if len(list) == 1 { // the count would stand there twice
		return count(len(r.Suppressed), "finding") + " suppressed by " + list[0].name
	}
	for _, k := range list {
		parts = append(parts, fmt.Sprintf("%s %s", k.name, group(k.count)))
	}
	return count(len(r.Suppressed), "finding") + " suppressed by " + strings.Join(parts, ", ")
}

// suppressor is one kind of thing that suppresses, with how many findings it did.
type suppressor struct {
	name  string
	count int
}

// suppressors counts what was suppressed by what did it, the first first.
func suppressors(r *finding.Report) (list []suppressor) {
	at := map[string]int{}
	for i := range r.Suppressed {
		name := r.Suppressed[i].Sort
		k, ok := at[name]
		if !ok {
			k = len(list)
			at[name] = k
			list = append(list, suppressor{name: name})
		}
		list[k].count++
	}
	return list
}

// suppressed writes what was suppressed, if asked, and always how much it is.
func (t *textWriter) suppressed(r *finding.Report) {
	if t.opt.ShowSuppressed {
		t.listSuppressed(r)
	}
	if line := suppressedLine(r); line != "" {
		if !t.opt.ShowSuppressed {
			line += "; --show-suppressed lists them"
		}
		fmt.Fprintf(t.out, "%s\n", t.safe(line))
	}
}

func (t *textWriter) listSuppressed(r *finding.Report) {
	for i := range r.Suppressed {
		x := &r.Suppressed[i]
		fmt.Fprint(t.out, "suppressed: ")
		by := t.safe(x.By)
		if x.Reason != "" {
			by += " -- " + t.safe(x.Reason)
		}
		t.block(&x.Finding, by)
	}
}

// jsonSuppressed is a finding that does not count, with what suppressed it.
type jsonSuppressed struct {
	jsonFinding
	By        string `json:"suppressed_by"`
	InSource  bool   `json:"in_source"`
	Rationale string `json:"justification"`
}

// jsonSuppressor is one entry of the summary.
type jsonSuppressor struct {
	By       string `json:"by"`
	Findings int    `json:"findings"`
}

func (e *jsonEncoder) suppressors(r *finding.Report) []jsonSuppressor {
	out := []jsonSuppressor{}
	for _, k := range suppressors(r) {
		out = append(out, jsonSuppressor{e.text(k.name), k.count})
	}
	return out
}

// suppressed gives the suppressed findings.
func (e *jsonEncoder) suppressed(r *finding.Report) iter.Seq2[any, []list] {
	return func(yield func(any, []list) bool) {
		for i := range r.Suppressed {
			out := e.hidden(&r.Suppressed[i])
			_, lists := e.placed(&out.jsonFinding, &r.Suppressed[i].Finding)
			if !yield(&out, lists) {
				return
			}
		}
	}
}

// hidden gives a suppressed finding, without its places.
func (e *jsonEncoder) hidden(x *finding.Suppressed) jsonSuppressed {
	return jsonSuppressed{e.finding(&x.Finding), e.text(x.By), x.InSource, e.text(x.Reason)}
}
