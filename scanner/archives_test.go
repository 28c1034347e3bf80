package scanner

import (
	"archive/zip"
	"bytes"
	"fmt"
	"testing"

	"keyrake/rules"
)

// TestHeldInner: of an archive of a history the files with findings are held, of two with
// one name the first if it has any.
func TestHeldInner(t *testing.T) {
	found := `client_secret = "` + expand(t, "{{alnum 40}}", t.Name()) + `"`
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, file := range [][2]string{{"none", "x"}, {"one", found}, {"one", found + " again"}, {"late", "x"}, {"late", found}, {"two", found + "\n"}} {
		w, err := z.Create(file[0])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, file[1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]int{"history": 2, "range": 0} {
		s, err := newScan(Options{Rules: rules.Builtin(), ArchiveDepth: 1}, source)
		if err != nil {
			t.Fatal(err)
		}
		w := s.workers[0]
		if !w.unpack(target{7, func() string { return "blob" }}, b.Bytes()) || len(w.list) != 4 {
			t.Fatalf("%d findings, gaps %v", len(w.list), w.gaps)
		}
		if len(w.opened) != want {
			t.Fatalf("%s: %d files are held, want %d", source, len(w.opened), want)
		}
		if want > 0 {
			if one, two := w.opened[0], w.opened[1]; one.path != "one" || string(one.data) != found || two.path != "two" || two.where != 7 {
				t.Errorf("held are %q in %d, %q in %d", one.path, one.where, two.path, two.where)
			}
		}
	}
}
