package archive

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// TestMemberIsTheLibrarys: what our decoder reads of a gzip file is what the
// library reads, however the file is damaged or goes on.
func TestMemberIsTheLibrarys(t *testing.T) {
	library := func(data []byte) ([]byte, error) {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	}
	ours := func(data []byte) ([]byte, bool) {
		from := bytes.NewReader(data)
		if _, err := gzip.NewReader(from); err != nil {
			return nil, false
		}
		return (&reader{budget: 1 << 20}).member(data[len(data)-from.Len():])
	}
	for _, content := range []string{"", "a", strings.Repeat("some text ", 300), strings.Repeat("\x00\xff", 20_000)} {
		whole := gzipped(t, "name", []byte(content))
		if got, ok := ours(whole); !ok || string(got) != content {
			t.Errorf("%d bytes do not go our way", len(content))
		}
		try := func(what string, data []byte) {
			got, ok := ours(data)
			if want, err := library(data); ok && (err != nil || !bytes.Equal(got, want)) {
				t.Errorf("%s: ours reads %d bytes, the library %d, %v", what, len(got), len(want), err)
			}
		}
		for at := range whole {
			data := bytes.Clone(whole)
			data[at] ^= 1 << (at % 8)
			try("flipped", data)
			try("cut", whole[:at])
		}
		try("with another member", append(bytes.Clone(whole), whole...))
		try("with junk", append(bytes.Clone(whole), "junk behind it"...))
	}
	if _, ok := (&reader{budget: 100}).member(gzipped(t, "", make([]byte, 101))[10:]); ok {
		t.Error("a file above the limit is read")
	}
}
