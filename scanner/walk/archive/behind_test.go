package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// TestNothingBeside: text that no program unpacks, or only some do, is shown from wherever it
// stands in an archive that is sound for others.
func TestNothingBeside(t *testing.T) {
	const secret = "a text that nobody is to miss"
	long := strings.Repeat("some other text ", 20) + secret
	plain := zipped(t, "a", "1")
	hidden := zipped(t, "h", long)
	file := hidden[:bytes.Index(hidden, []byte("PK\x01\x02"))]
	beforeEnd := func(more []byte) []byte { // the list is said to be longer
		at := bytes.LastIndex(plain, []byte("PK\x05\x06"))
		data := slices.Concat(plain[:at], more, plain[at:])
		size := data[at+len(more)+12:]
		binary.LittleEndian.PutUint32(size, binary.LittleEndian.Uint32(size)+uint32(len(more)))
		return data
	}
	frame := func(text string) []byte { // one that is passed over
		return append(binary.LittleEndian.AppendUint32([]byte("\x50\x2a\x4d\x18"), uint32(len(text))), text...)
	}
	z, err := zstd.NewWriter(nil)
	must(t, err)
	packed := z.EncodeAll([]byte(strings.Repeat("some other text ", 20)), nil)
	damaged := tarWith(t, tar.TypeReg, long)
	damaged[512+512+150] ^= 0x41 // the checksum of the second file's header
	broken := storedZip(t, secret)
	for name, data := range map[string][]byte{
		"text behind the end of a zip":      append(slices.Clone(plain), secret...),
		"a file behind the end of a zip":    append(slices.Clone(plain), file...),
		"text between list and end":         beforeEnd([]byte(secret)),
		"a file between list and end":       beforeEnd(file),
		"a folder that is a file":           folderZip(t, long),
		"a frame that is passed over":       append(frame(secret), packed...),
		"such a frame behind others":        append(slices.Clone(packed), frame(secret)...),
		"a tar in gzip, damaged":            gzipOf(t, damaged),
		"a link with a content, in gzip":    gzipOf(t, linkTar(t, long)),
		"a broken zip in a zip":             zipped(t, "in.zip", string(broken[:bytes.Index(broken, []byte("PK\x01\x02"))-3])),
		"zlib of level 3":                   zlibOf(t, long, 3),
		"zlib of level 9, as git writes it": zlibOf(t, long, 9),
	} {
		var got strings.Builder
		Walk(data, Default(), func(_ string, content []byte) { got.Write(content) })
		if !strings.Contains(got.String(), secret) {
			t.Errorf("%s: %q", name, got.String())
		}
	}
}

func gzipOf(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	must(t, err)
	must(t, w.Close())
	return b.Bytes()
}

func zlibOf(t testing.TB, text string, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	must(t, err)
	_, err = w.Write([]byte(text))
	must(t, err)
	must(t, w.Close())
	// Ours writes one sign for several levels; the C library has this one for 2 to 5.
	if data := b.Bytes(); level < 6 {
		data[1] = 0x5e
	}
	return b.Bytes()
}

// tarWith is a tar of two files, of which the second has the text.
func tarWith(t *testing.T, kind byte, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, c := range []string{"1", text} {
		must(t, w.WriteHeader(&tar.Header{Name: "f", Typeflag: kind, Size: int64(len(c)), Mode: 0o644}))
		_, err := w.Write([]byte(c))
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// linkTar is a tar whose second entry is a hard link that has a content.
func linkTar(t *testing.T, text string) []byte {
	t.Helper()
	data := tarWith(t, tar.TypeReg, text)
	head := data[1024:1536]
	head[156] = tar.TypeLink
	copy(head[148:156], "        ")
	sum := 0
	for _, c := range head {
		sum += int(c)
	}
	digits := []byte("000000\x00 ")
	for i := 5; i >= 0; i, sum = i-1, sum>>3 {
		digits[i] = '0' + byte(sum&7)
	}
	copy(head[148:], digits)
	return data
}

func storedZip(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, c := range []string{strings.Repeat("x", 100), text} {
		f, err := w.CreateHeader(&zip.FileHeader{Name: "f", Method: zip.Store})
		must(t, err)
		_, err = f.Write([]byte(c))
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// folderZip is a zip file with a content under a name that ends as that of a folder does.
func folderZip(t *testing.T, text string) []byte {
	t.Helper()
	return bytes.ReplaceAll(zipped(t, "dX", text), []byte("dX"), []byte("d/"))
}
