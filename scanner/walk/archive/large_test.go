package archive

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// readLarge lists what WalkLarge shows and tells, as read does. Whole and large files
// look alike.
func readLarge(data []byte, max Limits, held int64) (list []string) {
	show := func(path string, data []byte) { list = append(list, shown(path, data)) }
	problems := WalkLarge(bytes.NewReader(data), int64(len(data)), max, Pieces{Held: held, Whole: show, Large: func(path string, content io.Reader) error {
		data, err := io.ReadAll(content)
		if err == nil && int64(len(data)) <= held {
			err = fmt.Errorf("%d bytes are not more than %d", len(data), held)
		}
		show(path, data)
		return err
	}})
	for _, p := range problems {
		list = append(list, fmt.Sprintf("? %s: %s (%v)", p.Path, p.Reason, p.Limit))
	}
	return list
}

// readStream lists what WalkStream shows and tells.
func readStream(data []byte, max Limits, held int64) (list []string) {
	show := func(path string, data []byte) { list = append(list, shown(path, data)) }
	problems := WalkStream(data, iotest.HalfReader(bytes.NewReader(data)), max, Pieces{Held: held, Whole: show, Large: func(path string, content io.Reader) error {
		data, err := io.ReadAll(content)
		show(path, data)
		return err
	}})
	for _, p := range problems {
		list = append(list, fmt.Sprintf("? %s: %s (%v)", p.Path, p.Reason, p.Limit))
	}
	return list
}

// sized is a zip file whose headers tell the sizes of files before them, as most programs
// write it where they can.
func sized(t testing.TB, method uint16, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		var packed bytes.Buffer
		method := method
		if strings.HasSuffix(files[i], "/") {
			method = zip.Store
		}
		if method == zip.Deflate {
			f, err := flate.NewWriter(&packed, 6)
			must(t, err)
			_, err = f.Write([]byte(files[i+1]))
			must(t, err)
			must(t, f.Close())
		} else {
			packed.WriteString(files[i+1])
		}
		out, err := w.CreateRaw(&zip.FileHeader{Name: files[i], Method: method, CRC32: crc32.ChecksumIEEE([]byte(files[i+1])), CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(len(files[i+1]))})
		must(t, err)
		if !strings.HasSuffix(files[i], "/") {
			_, err = out.Write(packed.Bytes())
		}
		must(t, err)
	}
	must(t, w.SetComment(remark))
	must(t, w.Close())
	return b.Bytes()
}

// TestZipStream: a zip file that is read as it comes shows the same files; one that is
// damaged or cut anywhere is a problem, or shows the same.
func TestZipStream(t *testing.T) {
	long := strings.Repeat("some text ", 300)
	files := []string{"a.txt", "1", "d/", "", "d/b.txt", long, "c.zip", string(zipped(t, "e", "2")), "z", ""}
	for name, data := range map[string][]byte{
		"as Go does it": zipped(t, files...), "deflated": sized(t, zip.Deflate, files...), "stored": sized(t, zip.Store, files...), "empty": zipped(t),
	} {
		want := read(data, Default())
		for _, held := range []int64{1, 100, 1 << 20} {
			if held < 1<<20 && name != "empty" {
				continue // what is not held is not opened
			}
			if got := readStream(data, Default(), held); !slices.Equal(got, want) {
				t.Errorf("%s, %d held:\n got %.300q\nwant %.300q", name, held, got, want)
			}
		}
		bad := func(data []byte) bool {
			got := readStream(data, Default(), 1<<20)
			return slices.ContainsFunc(got, func(s string) bool { return s[0] == '?' }) || slices.Equal(got, read(data, Default()))
		}
		for at := range data {
			if at >= 4 && !bad(data[:at]) {
				t.Errorf("%s, cut to %d of %d: no problem", name, at, len(data))
			}
			for bit := at % 4; bit < 8; bit += 4 {
				other := bytes.Clone(data)
				if other[at] ^= 1 << bit; Streams(other) && !bad(other) && !isNote(want, readStream(other, Default(), 1<<20)) {
					t.Errorf("%s, byte %d of %d: %.300q, not held %.300q", name, at, len(data), readStream(other, Default(), 1<<20), read(other, Default()))
				}
			}
		}
	}
}

// sameStream compares Walk with WalkStream: what is whole for the latter is what Walk shows,
// in whatever order.
func sameStream(t *testing.T, data []byte, max Limits) {
	t.Helper()
	if kindOf(data) != isZip || !Streams(data) {
		return
	}
	want, got := read(data, max), readStream(data, max, 1<<20)
	if slices.ContainsFunc(slices.Concat(want, got), func(s string) bool { return strings.HasPrefix(s, "? ") }) {
		return
	}
	slices.Sort(want)
	slices.Sort(got)
	if !isNote(want, got) {
		t.Errorf("as it comes:\n got %.300q\nwant %.300q", got, want)
	}
}

// isNote reports whether two lists differ in nothing but comments.
func isNote(a, b []string) bool {
	return slices.EqualFunc(a, b, func(a, b string) bool {
		return a == b || strings.HasPrefix(a, comments) && strings.HasPrefix(b, comments)
	})
}

// sameNotHeld compares Walk with WalkLarge, but for archives that meet a limit. What is
// broken for Walk is so for WalkLarge, which may have read more before; and what is
// whole for WalkLarge is what Walk shows.
func sameNotHeld(t *testing.T, data []byte, max Limits) {
	t.Helper()
	isProblem := func(s string) bool { return strings.HasPrefix(s, "? ") }
	want, got := read(data, max), readLarge(data, max, 1<<20)
	if slices.ContainsFunc(want, func(s string) bool { return isProblem(s) && strings.HasSuffix(s, "(true)") }) {
		return
	}
	if !slices.ContainsFunc(got, isProblem) && !slices.Equal(got, want) {
		t.Errorf("not held:\n got %.300q\nwant %.300q", got, want)
	}
}

// TestWalkLarge: whatever is held of each file, the same files with the same bytes are
// shown as where all is held.
func TestWalkLarge(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for n := range 60 {
		var files []string
		for i := range 1 + rng.IntN(5) {
			content := make([]byte, rng.IntN(3000))
			for k := range content {
				content[k] = byte('a' + rng.IntN(1+n%20))
			}
			files = append(files, fmt.Sprint("d/", i, ".txt"), string(content))
		}
		for name, data := range map[string][]byte{
			"zip": zipped(t, files...), "tar": tarred(t, files...), "tgz": gzipped(t, "x", tarred(t, files...)), "tar.zst": zstandard(t, tarred(t, files...)),
			"gz": gzipped(t, "x.sql", []byte(files[1])), "zst": zstandard(t, []byte(files[1])), "two in one": slices.Concat(gzipped(t, "x", []byte(files[1])), gzipped(t, "y", []byte(files[1]))),
			"zip in zip": zipped(t, "b.zip", string(zipped(t, files...))),
		} {
			want := read(data, Default())
			for _, held := range []int64{1, 500, 1500, 1 << 20} {
				if name == "zip in zip" && held < 1<<20 {
					continue // what is not held is not opened
				}
				if got := readLarge(data, Default(), held); !slices.Equal(got, want) {
					t.Fatalf("%s, %d held:\n got %.300q\nwant %.300q", name, held, got, want)
				}
			}
		}
	}
}

// TestZipsThatCost: a list of files beyond what is read of one, and files that lie in
// each other, are a limit, though nothing comes out of them.
func TestZipsThatCost(t *testing.T) {
	const entry = "PK\x01\x02"
	one := zipped(t, "name", "")
	at := bytes.Index(one, []byte(entry))
	end := bytes.Index(one, []byte("PK\x05\x06"))
	list := one[at:end]
	many := maxDirectory/len(list) + 2000
	data := slices.Concat(one[:at], bytes.Repeat(list, many), one[end:])
	put := func(field, value int) {
		for i := range 4 {
			data[len(data)-22+field+i] = byte(value >> (8 * i))
		}
	}
	put(12, many*len(list)) // the size of the list
	data[len(data)-22+10], data[len(data)-22+11] = byte(many), byte(many>>8)
	for _, got := range [][]string{read(data, Default()), readLarge(data, Default(), 1<<20)} {
		if len(got) != 1 || !strings.HasSuffix(got[0], "(true)") {
			t.Errorf("a long list: %.300q", got)
		}
	}
	var files []string
	for range 5 {
		files = append(files, "a", strings.Repeat("x", 10_000))
	}
	whole := zipped(t, files...)
	for i := bytes.Index(whole, []byte(entry)); i >= 0; { // each is said to be all of the archive
		for k := range 4 {
			whole[i+20+k] = byte(len(whole) >> (8 * k))
		}
		next := bytes.Index(whole[i+4:], []byte(entry))
		if next < 0 {
			break
		}
		i += 4 + next
	}
	for _, got := range [][]string{read(whole, Default()), readLarge(whole, Default(), 1<<20)} {
		if n := len(got); n == 0 || n > 6 || !strings.HasSuffix(got[n-1], "(true)") {
			t.Errorf("files in each other: %.300q", got)
		}
	}
}
