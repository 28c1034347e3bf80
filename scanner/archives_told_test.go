package scanner

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
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

// noise is text that packs badly.
func noise(size int) []byte {
	rng := rand.New(rand.NewPCG(6, 3))
	b := make([]byte, 0, size)
	for len(b) < size {
		b = fmt.Appendf(b, "%08x%08x\n", rng.Uint32(), rng.Uint32())
	}
	return b
}

// TestZlib: of a zlib stream that is cut, or grows beyond a limit, what comes out is searched and the rest is a
// gap; one that is too large to be held is searched as any archive, and so is what stands behind its end.
func TestZlib(t *testing.T) {
	sequential(t)
	token := []byte("TOKEN=" + expand(t, `{{cf "cfut"}}`, t.Name()) + "\n")
	packed := func(parts ...[]byte) []byte {
		var b bytes.Buffer
		w, err := zlib.NewWriterLevel(&b, 9)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			if _, err := w.Write(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	cut := packed(token, bytes.Repeat([]byte("hello, there\n"), 3000))
	for name, c := range map[string]struct {
		data []byte
		gap  string
	}{
		"grows":               {packed(token, make([]byte, 3<<20)), "more than the limits allow"},
		"cut":                 {cut[:len(cut)-4], "unexpected EOF"},
		"large":               {packed(noise(3<<20), token), ""},
		"behind a large one":  {append(packed(noise(3<<20)), token...), ""},
		"text that begins so": {append(append([]byte("x^2 + 1\n"), noise(3<<20)...), token...), ""},
	} {
		for _, memory := range []int64{64 << 20, 1 << 20} {
			fileOrStream(t, c.data, memory, func(how string, r *finding.Report) {
				gaps := fmt.Sprint(r.Coverage.Gaps)
				if len(r.Findings) != 1 || len(r.Coverage.Gaps) != min(1, len(c.gap)) || !strings.Contains(gaps, c.gap) {
					t.Errorf("%s, %s, %d: %d findings, gaps %s", name, how, memory, len(r.Findings), gaps)
				}
			})
		}
	}
}

// TestBesideMany: what stands beside the files of a zip file is found though it has more files than are read of one that is
// held.
func TestBesideMany(t *testing.T) {
	sequential(t)
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

// TestClosedInLarge: what is not opened is told in the same words, whether it is held or not.
func TestClosedInLarge(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "x.xz", Method: zip.Store})
	if err == nil {
		_, err = w.Write(append([]byte("\xfd7zXZ\x00"), noise(1<<20)...))
	}
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	for _, memory := range []int64{64 << 20, 1 << 20} {
		r, err := Files(t.Context(), Options{Rules: rules.Builtin(), MemoryLimit: memory, ArchiveDepth: 2}, FilesOptions{Paths: []string{written(t, b.Bytes())}, NoIgnore: true})
		if err != nil || len(r.Coverage.Gaps) != 1 || r.Coverage.Gaps[0].Reason != "xz files are not opened" || !strings.HasSuffix(r.Coverage.Gaps[0].What, "!x.xz") {
			t.Errorf("%d: %v, %+v", memory, err, r.Coverage.Gaps)
		}
	}
}
