package scanner

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// fileOrStream scans a content as a file on disk and as a stream.
func fileOrStream(t *testing.T, data []byte, memory int64, check func(how string, r *finding.Report)) {
	t.Helper()
	opt := Options{Rules: rules.Builtin(), MemoryLimit: memory, ArchiveDepth: 2}
	r, err := Files(t.Context(), opt, FilesOptions{Paths: []string{written(t, data)}, NoIgnore: true})
	if err != nil {
		t.Fatal(err)
	}
	check("file", r)
	if r, err = Stream(t.Context(), opt, "stdin", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	check("stream", r)
}

func written(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBesideMany: what stands beside the files of a zip file is found though it has more files than are read of one that is
// held.
func TestBesideMany(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 10_050 {
		if _, err := z.Create(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	data := append(b.Bytes(), "\nTOKEN="+expand(t, `{{cf "cfut"}}`, t.Name())+"\n"...)
	fileOrStream(t, data, 64<<20, func(how string, r *finding.Report) {
		if len(r.Findings) != 1 || !r.Coverage.Complete() {
			t.Errorf("%s: %d findings, gaps %+v", how, len(r.Findings), r.Coverage.Gaps)
		}
	})
}
