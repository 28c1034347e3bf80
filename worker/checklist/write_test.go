package checklist

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

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
