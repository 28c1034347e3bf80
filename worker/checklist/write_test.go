package checklist

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// TestUnreadIsCutForPeople lists a few gaps for people, and all for programs.
func TestUnreadIsCutForPeople(t *testing.T) {
	in := inputs("wrangler.toml", "name = \"a\"\n")
	for i := range 25 {
		in.History.Coverage.Gaps = append(in.History.Coverage.Gaps, finding.Gap{What: fmt.Sprintf("blob %02d", i), Reason: "it was never fetched"})
	}
	s := NewSheet("a", in)
	var text, doc bytes.Buffer
	if err := s.WriteText(&text, func(_ Status, word string) string { return word }); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteJSON(&doc); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), "  blob "); n != unreadShown || !strings.Contains(text.String(), "and 15 more; scan --history lists them") {
		t.Errorf("%d gaps in\n%s", n, text.String())
	}
	if !strings.Contains(doc.String(), "blob 24: it was never fetched") {
		t.Errorf("JSON does not hold all of 25 gaps:\n%s", doc.String())
	}
}

// TestNothingIsNoPass: a folder without files proves nothing.
func TestNothingIsNoPass(t *testing.T) {
	in := inputs()
	in.Files.Coverage.Source, in.History.Coverage.Source = "files", "history"
	if r := row(t, in, "no-hard-coded-keys"); r.Status != None {
		t.Errorf("status %s: %v", r.Status, r.Evidence)
	}
	in.Files.Coverage.Files = finding.Count{Reached: 1, Read: 1}
	if r := row(t, in, "no-hard-coded-keys"); r.Status != Pass {
		t.Errorf("status %s: %v", r.Status, r.Evidence)
	}
}

// TestBrowserVarIsRestricted: what a name sends to browsers is no secret that
// wrangler could keep.
func TestBrowserVarIsRestricted(t *testing.T) {
	text := "main = \"src/index.ts\"\n[vars]\nPUBLIC_MAPS_KEY = \"abcdefgh12345\"\nMAPS_KEY = \"abcdefgh12345\"\n"
	in := inputs("wrangler.toml", text)
	place := func(name string) finding.Place {
		at := strings.Index(text, "\n"+name) + 1
		return finding.Place{Path: "wrangler.toml", Line: strings.Count(text[:at], "\n") + 1, Offset: at + len(name+` = "`)}
	}
	in.Files.Findings = []finding.Finding{
		{Rule: &rules.Rule{ID: "a"}, Fingerprint: "a", Places: []finding.Place{place("PUBLIC_MAPS_KEY")}},
		{Rule: &rules.Rule{ID: "b"}, Fingerprint: "b", Places: []finding.Place{place("MAPS_KEY")}},
	}
	r := row(t, in, "workers-secret")
	for _, e := range r.Evidence {
		public := strings.HasPrefix(e.Text, "PUBLIC_")
		if strings.Contains(e.Remedy, "restrict it") != public || !strings.Contains(e.Remedy, "npx wrangler secret put") {
			t.Errorf("%s: %s", e.Text, e.Remedy)
		}
	}
	if len(r.Evidence) != 2 {
		t.Errorf("evidence %v", r.Evidence)
	}
}
