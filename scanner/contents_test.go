package scanner

import (
	"archive/zip"
	"bytes"
	"fmt"
	"testing"

	"keyrake/scanner/finding"
)

// TestContentsOpenOnce: all files of an archive that hold findings are taken out
// of it at once; what was not announced is found all the same.
func TestContentsOpenOnce(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 3 {
		w, err := z.Create(fmt.Sprintf("dir/%d", i))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(w, "content %d", i)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	read := 0
	c := contents{content: func(*finding.Place) ([]byte, error) {
		read++
		return b.Bytes(), nil
	}}
	at := func(i int) *finding.Place {
		return &finding.Place{Path: fmt.Sprintf("a.zip!dir/%d", i), Inner: int32(len("!dir/0")), Object: "0f"}
	}
	c.hold(at(0))
	c.hold(at(1))
	for _, i := range []int{0, 1, 0, 2, 1} {
		text, _, err := c.text(at(i))
		if want := fmt.Sprintf("content %d", i); err != nil || string(text) != want {
			t.Errorf("file %d: %q, %v; want %q", i, text, err, want)
		}
	}
	if read != 2 {
		t.Errorf("the archive was read %d times, want once for what is held, once for what is not", read)
	}
}
