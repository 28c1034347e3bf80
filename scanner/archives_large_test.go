package scanner

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// archived has files in an archive of each kind, and the first of them compressed.
func archived(t *testing.T, files [][]byte) map[string][]byte {
	t.Helper()
	var z, b, g bytes.Buffer
	zw, tw, gw := zip.NewWriter(&z), tar.NewWriter(&b), gzip.NewWriter(&g)
	write := func(w io.Writer, err error, data []byte) {
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, data := range files {
		name := fmt.Sprint("d/", i, ".txt")
		w, err := zw.Create(name)
		write(w, err, data)
		write(tw, tw.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data))}), data)
	}
	if zw.Close() != nil || tw.Close() != nil {
		t.Fatal("not closed")
	}
	write(gw, nil, b.Bytes())
	gw.Close()
	s, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"a.zip": z.Bytes(), "a.tar": b.Bytes(), "a.tgz": g.Bytes(), "a.tar.zst": s.EncodeAll(b.Bytes(), nil), "a.sql.zst": s.EncodeAll(files[0], nil),
	}
}

// TestLargeArchives: archives on disk that are too large to be held, and such whose
// content is, are searched as those that are held.
func TestLargeArchives(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 8))
	text := func(size int, noise bool) []byte {
		var b bytes.Buffer
		for n := 0; b.Len() < size; n++ {
			line := fmt.Sprintf("a line like %d others, and more of the same\n", rng.IntN(10_000))
			if noise {
				line = fmt.Sprintf("%08x%08x%08x\n", rng.Uint32(), rng.Uint32(), rng.Uint32())
			}
			b.WriteString(line)
			if b.Len()/100_000 != (b.Len()+len(line))/100_000 {
				fmt.Fprintf(&b, "TOKEN=%s\n", expand(t, `{{cf "cfut"}}`, fmt.Sprint(t.Name(), noise, n)))
			}
		}
		return b.Bytes()
	}
	for name, files := range map[string][][]byte{
		"itself":  {text(1_500_000, true), text(50_000, true), text(400_000, true)},
		"content": {text(1_500_000, false), text(50_000, true), text(900_000, false)},
	} {
		dir := t.TempDir()
		for name, data := range archived(t, files) {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		find := func(memory int64, jobs int) []finding.Finding {
			r, err := Files(t.Context(), Options{Rules: rules.Builtin(), Jobs: jobs, MemoryLimit: memory, ArchiveDepth: 2}, FilesOptions{Paths: []string{dir}, NoIgnore: true})
			if err != nil || !r.Coverage.Complete() {
				t.Fatalf("%s: %v, %+v", name, err, r.Coverage.Gaps)
			}
			return r.Findings
		}
		want := find(64<<20, 2)
		if len(want) < 10 || len(want[0].Places) < 4 {
			t.Fatalf("%s: %d findings, the first at %d places", name, len(want), len(want[0].Places))
		}
		for _, jobs := range []int{1, 8} {
			if got := find(1<<20, jobs); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %d findings, want %d", name, len(got), len(want))
			}
		}
	}
}

// TestLargeArchiveCut: one that ends too early is a gap, and what stands before the
// cut is found.
func TestLargeArchiveCut(t *testing.T) {
	secret := expand(t, `{{cf "cfut"}}`, t.Name())
	noise := make([]byte, 1_200_000)
	rng := rand.New(rand.NewPCG(3, 9))
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	for name, data := range archived(t, [][]byte{[]byte("TOKEN=" + secret + "\n" + string(noise)), noise}) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), data[:len(data)-1500], 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Files(t.Context(), Options{Rules: rules.Builtin(), MemoryLimit: 1 << 20, ArchiveDepth: 2}, FilesOptions{Paths: []string{dir}, NoIgnore: true})
		if err != nil || len(r.Coverage.Gaps) == 0 {
			t.Errorf("%s: %v, and no gap", name, err)
			continue
		}
		listed := name == "a.zip" // its list of files is gone
		if found := len(r.Findings) > 0 && r.Findings[0].Secret.Reveal() == secret; !found && !listed {
			t.Errorf("%s: %d findings, gaps %+v", name, len(r.Findings), r.Coverage.Gaps)
		}
		for _, g := range r.Coverage.Gaps {
			if strings.Contains(g.Reason, "--memory") {
				t.Errorf("%s: %s", name, g.Reason)
			}
		}
	}
}
