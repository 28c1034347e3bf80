package archive

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestInflatedIsTheLibrarys: what our decoder reads of a zip file is what
// archive/zip reads, and of a damaged one nothing but what was put in.
func TestInflatedIsTheLibrarys(t *testing.T) {
	contents := []string{"", "a", strings.Repeat("some text ", 500), strings.Repeat("\x00\xff", 40_000)}
	whole := zipped(t, "0", contents[0], "1", contents[1], "2", contents[2], "3", contents[3])
	check := func(data []byte, damaged bool) (read int) {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return 0
		}
		for i, f := range z.File {
			r := &reader{budget: 1 << 20, entries: 1}
			got, _, ok := r.inflated(data, f)
			if !ok {
				continue
			}
			read++
			if i < len(contents) && string(got) == contents[i] {
				continue
			}
			file, err := f.Open()
			if err != nil {
				t.Fatalf("file %d: ours reads %d bytes, the library %v", i, len(got), err)
			}
			want, err := io.ReadAll(file)
			if err != nil || !bytes.Equal(got, want) || !damaged {
				t.Fatalf("file %d: ours reads %d bytes, the library %d, %v", i, len(got), len(want), err)
			}
		}
		return read
	}
	if n := check(whole, false); n != len(contents) {
		t.Errorf("%d of %d files go our way", n, len(contents))
	}
	for at := range whole {
		for _, bit := range []byte{1, 0x80} {
			data := bytes.Clone(whole)
			data[at] ^= bit
			check(data, true)
		}
	}
	r := &reader{budget: 100, entries: 1}
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	must(t, err)
	if _, _, ok := r.inflated(whole, z.File[2]); ok {
		t.Error("a file above the limit is read")
	}
}
