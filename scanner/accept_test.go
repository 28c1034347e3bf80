package scanner

import (
	"fmt"
	"strings"
	"testing"

	"keyrake/rules"
	"keyrake/rules/example"
	"keyrake/scanner/finding"
	"keyrake/scanner/known"
)

func stream(t *testing.T, opt Options, text string) *finding.Report {
	t.Helper()
	r, err := Stream(t.Context(), opt, "stdin", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func token(t *testing.T, template string) string {
	t.Helper()
	text, err := example.Expand(template, t.Name()+template)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// brief gives what is found and what is suppressed, by rule.
func brief(r *finding.Report) string {
	var parts []string
	for _, f := range r.Findings {
		parts = append(parts, f.Rule.ID+" "+f.Severity.String())
	}
	for _, x := range r.Suppressed {
		parts = append(parts, "("+x.Rule.ID+" "+x.Severity.String()+" by "+x.By+")")
	}
	return strings.Join(parts, " ")
}

// TestMuted: a rule that is turned off loses against any other on the same
// bytes, and where it is alone its finding is suppressed, not lost.
func TestMuted(t *testing.T) {
	secret := token(t, `{{cf "cfut"}}`)
	muted := map[string]known.Origin{}
	for _, off := range []string{"", "cf-user-api-token", "generic-secret"} {
		if off != "" {
			muted[off] = known.Origin{File: "cfg", Line: 1}
		}
		r := stream(t, Options{Rules: rules.Builtin(), Known: &known.Policy{Muted: muted}}, "token = "+secret+"\n")
		if len(r.Findings) != 1 || len(r.Suppressed) != 0 || muted[r.Findings[0].Rule.ID].File != "" {
			t.Errorf("also without %q: %s", off, brief(r))
		}
	}
	for _, r := range rules.Builtin().All() {
		if r.ID != "aws-access-key-id" {
			muted[r.ID] = known.Origin{File: "cfg", Line: 1}
		}
	}
	r := stream(t, Options{Rules: rules.Builtin(), Known: &known.Policy{Muted: muted}}, "token = "+secret+"\n")
	if got := brief(r); got != "(cf-user-api-token critical by cfg:1)" {
		t.Error(got)
	}
	if len(r.Coverage.Notes) != 1 || !strings.HasPrefix(r.Coverage.Notes[0], "PROVEN secret suppressed by cfg:1: cf-user-api-token at stdin:1;") {
		t.Errorf("notes %q", r.Coverage.Notes)
	}
}

// TestSeverities: whoever scans may give a rule any severity; the scanned
// repository cannot make less of what is proven.
func TestSeverities(t *testing.T) {
	text := "token = " + token(t, `{{cf "cfut"}}`) + "\nid = " + token(t, `{{awskey "AKIA"}}`) + "\n"
	for _, c := range []struct {
		to      rules.Severity
		foreign bool
		want    string
		notes   int
	}{
		{rules.Info, false, "cf-user-api-token info aws-access-key-id info", 0},
		{rules.Info, true, "cf-user-api-token critical aws-access-key-id info", 2},
		{rules.Critical, true, "cf-user-api-token critical aws-access-key-id critical", 1},
	} {
		by := Severity{Severity: c.to, From: "cfg", Foreign: c.foreign}
		r := stream(t, Options{Rules: rules.Builtin(), Severities: map[string]Severity{"cf-user-api-token": by, "aws-access-key-id": by}}, text)
		if got := brief(r); got != c.want || len(r.Coverage.Notes) != c.notes {
			t.Errorf("%v, foreign %v: %s, notes %q", c.to, c.foreign, got, r.Coverage.Notes)
		}
	}
}

// TestProvenNotes: the notes are bounded, and count what they do not name.
func TestProvenNotes(t *testing.T) {
	var list []finding.Suppressed
	for i := range maxProven + 3 {
		list = append(list, finding.Suppressed{By: fmt.Sprint("b:", i), Finding: finding.Finding{
			Rule: &rules.Rule{ID: "r"}, Proof: "verified", Places: []finding.Place{{Object: "0b", Line: 2}}}})
	}
	list = append(list, finding.Suppressed{Finding: finding.Finding{Rule: &rules.Rule{ID: "q"}, Places: []finding.Place{{}}}})
	notes := provenNotes(list)
	if len(notes) != maxProven+1 || notes[maxProven] != "and 3 more PROVEN secrets suppressed" || !strings.Contains(notes[0], "r at 0b:2;") {
		t.Errorf("%q", notes)
	}
}

// TestMarkGoesWithItsPlace: a mark accepts the place beside it and no other.
func TestMarkGoesWithItsPlace(t *testing.T) {
	secret := token(t, `{{cf "cfut"}}`)
	text := "a = " + secret + " # scan:allow cf-user-api-token -- why\n\nb = " + secret + "\n"
	r := stream(t, Options{Rules: rules.Builtin(), Known: &known.Policy{Marks: true}}, text)
	if len(r.Findings) != 1 || len(r.Findings[0].Places) != 1 || r.Findings[0].Places[0].Line != 3 {
		t.Errorf("found %+v", r.Findings)
	}
	if len(r.Suppressed) != 1 || len(r.Suppressed[0].Places) != 1 || r.Suppressed[0].Places[0].Line != 1 || r.Suppressed[0].By != "stdin:1" {
		t.Errorf("suppressed %+v", r.Suppressed)
	}
	if len(r.Suppressed) == 1 && r.Suppressed[0].Fingerprint != r.Findings[0].Fingerprint {
		t.Error("the two parts of one finding have two fingerprints")
	}
}
