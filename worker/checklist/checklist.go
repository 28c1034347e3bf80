// Package checklist goes through what a team should be able to say before a
// Worker is launched, and answers each row from evidence: pass, fail, unknown
// or n/a.
//
// It refuses to know disks and git: it is given a project and the reports of
// scans. Its invariant: no row passes without something to point at, and no
// text that it gives holds a secret that the reports know.
package checklist

import (
	"cmp"
	"slices"
	"time"

	"keyrake/scanner/finding"
	"keyrake/worker"
)

// Status is the answer to a row, or what one piece of evidence says.
type Status string

// The answers. Note is for evidence only: it decides nothing.
const (
	Pass    Status = "pass"
	Fail    Status = "fail"
	Unknown Status = "unknown"
	None    Status = "n/a"
	Note    Status = "note"
)

// Evidence is one thing that speaks for an answer.
type Evidence struct {
	Status Status
	worker.Place
	Text   string
	Remedy string // what to do; "" if there is nothing to do
}

// Row is one line of the checklist.
type Row struct {
	ID, Title string
	Status    Status
	Evidence  []Evidence // what decides comes first
	Supports  Supports
}

// Supports names the parts of two frameworks that a row helps with. Neither has
// a status of compliance, and neither asks for the row as such.
type Supports struct{ NIST, OWASP string }

// Inputs are what a checklist is answered from.
type Inputs struct {
	Project *worker.Project
	// Ignored reports whether the project's .gitignore files keep a path out of
	// git; nil where there is no git.
	Ignored func(path string) bool
	Files   *finding.Report // of a scan of the project's files
	History *finding.Report // of a scan of its history; nil where there is no git
	Secrets []string        // what "wrangler secret list" names; nil if it was not given
	Today   time.Time
}

// checker answers from inputs.
type checker struct {
	Inputs
	pipelines []worker.Pipeline
	scripts   []worker.Command
	found     map[string][]finding.Place // places of findings, by file
	several   bool                       // Secrets were given, and set aside: they can be of any of several Workers
}

// rows answers all rows, in the order in which a team ticks them.
func rows(in Inputs) []Row {
	c := &checker{Inputs: in, pipelines: in.Project.Pipelines(), scripts: in.Project.Scripts(), found: map[string][]finding.Place{}}
	if in.Secrets != nil && deployable(in.Project) > 1 {
		c.Secrets, c.several = nil, true
	}
	for i := range in.Files.Findings {
		for _, p := range in.Files.Findings[i].Places {
			c.found[p.Path] = append(c.found[p.Path], p)
		}
	}
	rows := []Row{
		{ID: "workers-secret", Title: "API key stored as a Workers secret", Evidence: c.stored(),
			Supports: Supports{"MEASURE 2.7", "LLM02"}},
		{ID: "no-hard-coded-keys", Title: "No hard-coded keys in files or history", Evidence: c.hardCoded(),
			Supports: Supports{"MEASURE 2.7", "LLM02, LLM03"}},
		{ID: "rotation", Title: "Rotation documented, at least every 90 days", Evidence: c.rotation(),
			Supports: Supports{"GOVERN 1.5, MANAGE 4.1", ""}},
		{ID: "access-logs", Title: "Access logs enabled", Evidence: c.logs(),
			Supports: Supports{"MEASURE 2.4, MANAGE 4.1", "LLM10"}},
		{ID: "least-privilege", Title: "Least-privilege token scopes", Evidence: c.privilege(),
			Supports: Supports{"GOVERN 6.1, MANAGE 3.1", "LLM06, LLM10"}},
		{ID: "ci-injection", Title: "CI injects secrets", Evidence: c.injection(),
			Supports: Supports{"GOVERN 6.1", "LLM03"}},
		{ID: "no-key-needed", Title: "No key at all where the AI binding serves", Evidence: c.binding(),
			Supports: Supports{"MEASURE 2.7", "LLM02"}},
	}
	for i := range rows {
		rows[i].settle()
	}
	return rows
}

// deployable counts the configurations of Workers, but for templates of them.
func deployable(p *worker.Project) (n int) {
	for _, w := range p.Workers {
		if !w.IsTemplate() {
			n++
		}
	}
	return n
}

// weight orders what evidence says: what decides a row comes first.
func weight(s Status) int {
	return slices.Index([]Status{Fail, Unknown, Pass, Note, None}, s)
}

// settle takes the answer from the evidence: one failure fails a row, and one
// thing that is not known keeps it from passing.
func (r *Row) settle() {
	slices.SortStableFunc(r.Evidence, func(a, b Evidence) int {
		if d := cmp.Compare(weight(a.Status), weight(b.Status)); d != 0 || r.ID == "no-hard-coded-keys" {
			return d // findings come the worst first
		}
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	r.Evidence = slices.Compact(r.Evidence)
	r.Status = None
	if len(r.Evidence) > 0 && r.Evidence[0].Status != Note {
		r.Status = r.Evidence[0].Status
	}
}

// Failed reports whether any row fails.
func Failed(rows []Row) bool {
	return slices.ContainsFunc(rows, func(r Row) bool { return r.Status == Fail })
}

// unread lists what keeps the answers from being whole.
func (in *Inputs) unread() (list []string) {
	for _, p := range in.Project.Problems {
		list = append(list, p.Path+": "+p.Reason)
	}
	for _, r := range []*finding.Report{in.Files, in.History} {
		if r != nil {
			for _, g := range r.Coverage.Gaps {
				list = append(list, g.What+": "+g.Reason)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
