package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// must fails a test that could not build its input.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		must(t, err)
		_, err = io.WriteString(w, files[i+1])
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

func tarred(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		must(t, w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o600, Size: int64(len(files[i+1]))}))
		_, err := io.WriteString(w, files[i+1])
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

func gzipped(t testing.TB, name string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Name = name
	_, err := z.Write(data)
	must(t, err)
	must(t, z.Close())
	return b.Bytes()
}

func zstandard(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	must(t, err)
	return z.EncodeAll(data, nil)
}

// bzip2Text is "some text\n" as bzip2 writes it; the library only reads it.
const bzip2Text = "BZh91AY&SY\x10ib\xf5\x00\x00\x03Q\x80\x00\x10@\x00\x02\x02\x8c@ \x00\x22\x03\x1a\x840\x22r\xd7\x18\x1e.\xe4\x8ap\xa1  \xd2\xc5\xea"

// read lists what Walk shows, of much the length, and tells.
func read(data []byte, max Limits) (list []string) {
	for _, p := range Walk(data, max, func(path string, data []byte) { list = append(list, shown(path, data)) }) {
		list = append(list, fmt.Sprintf("? %s: %s (%v)", p.Path, p.Reason, p.Limit))
	}
	return list
}

func shown(path string, data []byte) string {
	if len(data) > 100 {
		return fmt.Sprintf("%s of %d, %08x", path, len(data), crc32.ChecksumIEEE(data))
	}
	return path + "=" + string(data)
}

const remark = "a comment that is worth a look"

func gzipComment(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Comment = text
	_, err := w.Write([]byte("1"))
	must(t, err)
	must(t, w.Close())
	return b.Bytes()
}

// TestBeside: what a zip file holds and does not list is shown, and a zlib stream, whose
// sign is weak, if it is sound.
func TestBeside(t *testing.T) {
	long := strings.Repeat("some text ", 3)
	unlisted := func(data []byte, n int) []byte { // takes its first n files out of its list
		const entry = "PK\x01\x02"
		for range n {
			at := bytes.Index(data, []byte(entry))
			next := at + 4 + bytes.Index(data[at+4:], []byte(entry))
			data = append(data[:at:at], data[next:]...)
			end := len(data) - zipEnd
			data[end+8], data[end+10] = data[end+8]-1, data[end+10]-1
			binary.LittleEndian.PutUint32(data[end+12:], uint32(end-at))
		}
		return data
	}
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, err := w.Write([]byte(long))
	must(t, err)
	must(t, w.Close())
	plain := append(zipped(t, "a", "1"), "x"...)
	at := bytes.Index(plain, []byte("PK\x01\x02"))
	between := slices.Concat(plain[:at], []byte(long), plain[at:len(plain)-1])
	binary.LittleEndian.PutUint32(between[len(between)-6:], uint32(at+len(long)))
	for _, c := range []struct {
		name string
		data []byte
		want []string
	}{
		{"one that is not listed", unlisted(zipped(t, "h", long, "a", "1"), 1), []string{"h=" + long, "a=1"}},
		{"two zip files", append(zipped(t, "h", long), zipped(t, "a", "1")...), []string{"h=" + long, "a=1", gaps}},
		{"text between", between, []string{"a=1", gaps + "=" + long}},
		{"zlib", z.Bytes(), []string{"contents=" + long}},
		{"zlib, cut", z.Bytes()[:z.Len()-1], []string{"contents=" + long}},
		{"zlib in a zip", zipped(t, "a", z.String()), []string{"a=" + z.String(), "a!contents=" + long}},
	} {
		got := read(c.data, Default())
		for i := range got {
			got[i] = strings.TrimRight(got[i], "\n")
		}
		if c.name == "text between" && len(got) == 2 && strings.HasSuffix(got[1], long) {
			got[1] = c.want[1] // behind the sizes of the file before
		}
		if c.name == "two zip files" && len(got) == 3 && strings.HasPrefix(got[2], gaps) {
			got[2] = gaps // the list of the first one
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestWalk(t *testing.T) {
	encrypted := zipped(t, "a", "text")
	encrypted[6] |= 1 // in the local header
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	sum := gzipped(t, "x", []byte("some text"))
	deep := zipped(t, "c.zip", string(zipped(t, "b.zip", string(zipped(t, "a", "1")))))
	commented := zipped(t, "a", "1")
	commented[len(commented)-2] = byte(len(remark))
	commented = append(commented, remark...)
	const tooDeep = "it is an archive inside of archives, deeper than is opened; raise --max-archive-depth"
	const tooMuch = "it holds more than the limits allow; what comes after was not searched"
	for _, c := range []struct {
		name string
		data []byte
		max  func(*Limits)
		want []string
	}{
		{name: "zip", data: zipped(t, "a/b", "1", "d/", "", "../c", "2"), want: []string{"a/b=1", "../c=2"}},
		{name: "tar", data: tarred(t, "a/b", "1", "c", "2"), want: []string{"a/b=1", "c=2"}},
		{name: "tgz", data: gzipped(t, "x", tarred(t, "a", "1")), want: []string{"a=1"}},
		{name: "gzip", data: gzipped(t, "x.log", []byte("1")), want: []string{"x.log=1"}},
		{name: "gzip without a name", data: gzipped(t, "", []byte("1")), want: []string{"contents=1"}},
		{name: "zstd", data: zstandard(t, []byte("1")), want: []string{"contents=1"}},
		{name: "zstd behind a frame to skip", data: append([]byte("\x50\x2a\x4d\x18\x02\x00\x00\x00xx"), zstandard(t, []byte("1"))...), want: []string{"contents=1", comments + "=xx"}},
		{name: "tar in zstd in zip", data: zipped(t, "b.tar.zst", string(zstandard(t, tarred(t, "a", "1")))), want: []string{"b.tar.zst!a=1"}},
		{name: "two deep", data: zipped(t, "b.zip", string(zipped(t, "a", "1"))), want: []string{"b.zip!a=1"}},
		{name: "three deep", data: deep, want: []string{"? c.zip!b.zip: " + tooDeep + " (true)"}},
		{name: "three deep, asked for", data: deep, max: func(l *Limits) { l.Depth = 3 }, want: []string{"c.zip!b.zip!a=1"}},
		{name: "none", data: deep, max: func(l *Limits) { l.Depth = 0 }},
		{name: "encrypted", data: encrypted, want: []string{"? a: it is encrypted (false)"}},
		{name: "too many", data: tarred(t, "a", "1", "b", "2"), max: func(l *Limits) { l.Entries = 1 }, want: []string{"a=1", "? : " + tooMuch + " (true)"}},
		{name: "too much", data: tarred(t, "a", "12", "b", "34"), max: func(l *Limits) { l.Bytes = 3 }, want: []string{"a=12", "b=3", "? : " + tooMuch + " (true)"}},
		{name: "a bomb", data: gzipped(t, "x", make([]byte, 8<<20)), want: []string{shown("x", make([]byte, slack+100*len(gzipped(t, "x", make([]byte, 8<<20))))), "? : " + tooMuch + " (true)"}},
		{name: "bzip2", data: []byte(bzip2Text), want: []string{"contents=some text\n"}},
		{name: "zip behind a program", data: append([]byte("#!/bin/sh\n"), zipped(t, "a", "1")...), want: []string{"a=1"}},
		{name: "such a file in a zip", data: zipped(t, "b", "#!\n"+string(zipped(t, "a", "1"))), want: []string{shown("b", append([]byte("#!\n"), zipped(t, "a", "1")...)), "b!a=1"}},
		{name: "gzip with a wrong checksum", data: append(sum[:len(sum)-8:len(sum)-8], "12345678"...), want: []string{"x=some text", "? : decompress: gzip: invalid checksum (false)"}},
		{name: "gzip with junk behind it", data: append(sum[:len(sum):len(sum)], "junk"...), want: []string{"x=some text", "? : decompress: unexpected EOF (false)"}},
		{name: "a tar that is cut", data: tarred(t, "a", "12345")[:514], want: []string{"a=12", "? : read a: unexpected EOF (false)"}},
		{name: "xz in a zip", data: zipped(t, "a", "\xfd7zXZ\x00"), want: []string{"a=\xfd7zXZ\x00", "? a: xz files are not opened (false)"}},
		{name: "a zip file with a comment", data: commented, want: []string{"a=1", comments + "=" + remark}},
		{name: "gzip with a comment", data: gzipComment(t, remark), want: []string{comments + "=" + remark, "contents=1"}},
		{name: "two tars", data: slices.Concat(tarred(t, "a", "1"), tarred(t, "b", "2")), want: []string{"a=1", "b=2"}},
		{name: "a tar with text behind it", data: append(tarred(t, "a", "1"), "text"...), want: []string{"a=1", behindEnd + "=text"}},
		{name: "deb", data: zipped(t, "a", "!<arch>\ndebian-binary   "), want: []string{"a=!<arch>\ndebian-binary   ", "? a: deb files are not opened (false)"}},
		{name: "no archive", data: []byte("text")},
	} {
		max := Default()
		if c.max != nil {
			c.max(&max)
		}
		if got := read(c.data, max); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		if got := readLarge(c.data, max, 1<<20); !slices.Equal(got, c.want) {
			t.Errorf("%s, not held:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestWalkCut: an archive that was cut off anywhere is a problem, never less.
func TestWalkCut(t *testing.T) {
	for name, data := range map[string][]byte{
		"zip": zipped(t, "a", strings.Repeat("some text ", 20)), "gzip": gzipped(t, "x", []byte(strings.Repeat("some text ", 20))),
		"zstd": zstandard(t, []byte(strings.Repeat("some text ", 20))), "bzip2": []byte(bzip2Text),
	} {
		for n := 4; n < len(data); n++ {
			if !Is(data[:n]) {
				continue
			}
			if problems := Walk(data[:n], Default(), func(string, []byte) {}); len(problems) == 0 {
				t.Errorf("%s of %d bytes, cut to %d: no problem", name, len(data), n)
			}
			for _, held := range []int64{3, 1 << 20} {
				if list := readLarge(data[:n], Default(), held); !slices.ContainsFunc(list, func(s string) bool { return s[0] == '?' }) {
					t.Errorf("%s of %d bytes, cut to %d, %d held: no problem", name, len(data), n, held)
				}
			}
		}
	}
}

// paddedTar is a tar in which a text stands behind the content of a file, in its last block.
func paddedTar(t testing.TB, text string) []byte {
	t.Helper()
	data := tarred(t, "a", "1", "b", "2")
	copy(data[tarBlock+1:], text)
	return data
}

// FuzzWalk: whatever the bytes are, no more comes out than the limits allow.
func FuzzWalk(f *testing.F) {
	f.Add(zipped(f, "a", "1", "b.zip", string(zipped(f, "c", "2"))))
	f.Add(gzipped(f, "x", tarred(f, "a", "1")))
	f.Add(zstandard(f, []byte("some text")))
	f.Add([]byte(bzip2Text))
	f.Add(append(zipped(f, "h", remark), zipped(f, "a", "1")...))
	f.Add(sized(f, zip.Deflate, "a", remark, "d/", "", "b", "2"))
	f.Add(slices.Concat(zipped(f, "a", "1")[:40], []byte("text"), zipped(f, "b", "2")))
	f.Add(paddedTar(f, "text"))
	f.Add(slices.Concat(gzipComment(f, "one"), gzipComment(f, "two")))
	f.Add(zlibOf(f, strings.Repeat(remark, 50), 9))
	f.Add(append([]byte("#!"), zipped(f, "a", "1", "b", "#!"+string(zipped(f, "a", "1")))...))
	f.Fuzz(func(t *testing.T, data []byte) {
		max := Limits{Depth: 3, Ratio: 10, Bytes: 1 << 16, Entries: 20}
		bytes, entries := 0, 0
		Walk(data, max, func(_ string, data []byte) { bytes, entries = bytes+len(data), entries+1 })
		if bytes > int(max.Bytes) || entries > max.Entries {
			t.Fatalf("%d bytes, %d entries", bytes, entries)
		}
		sameNotHeld(t, data, max)
		sameStream(t, data, max)
	})
}

// TestTarKinds holds that what has content in a tar file is read, whatever kind of
// file it says it is.
func TestTarKinds(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, kind := range []byte{tar.TypeReg, tar.TypeCont, 'Z'} {
		must(t, w.WriteHeader(&tar.Header{Typeflag: kind, Name: string(kind), Size: 4, Mode: 0o644}))
		_, err := io.WriteString(w, "text")
		must(t, err)
	}
	for _, kind := range []byte{tar.TypeDir, tar.TypeSymlink, tar.TypeLink, tar.TypeFifo} {
		must(t, w.WriteHeader(&tar.Header{Typeflag: kind, Name: string(kind) + map[byte]string{tar.TypeDir: "/"}[kind], Linkname: "0", Mode: 0o644}))
	}
	must(t, w.Close())
	if got := strings.Join(read(b.Bytes(), Default()), " "); strings.Count(got, "text") != 3 || strings.Contains(got, "problem") {
		t.Errorf("%s", got)
	}
}

// TestLarge holds that large files are held by as many as there is room for, small
// ones by all, and that each place is given back.
func TestLarge(t *testing.T) {
	big := strings.Repeat("x", largeFile+1)
	max := Default()
	max.Ratio, max.Large = 1<<20, make(chan struct{}, 1)
	for _, c := range []struct {
		data []byte
		want int
	}{
		{zipped(t, "a", big, "b", big), 1},
		{gzipped(t, "a", []byte(big)), 1},
		{zipped(t, "a.gz", string(gzipped(t, "a", []byte(big)))), 1},
		{tarred(t, "a", big), 1},
		{zipped(t, "a", "text"), 0},
		{gzipped(t, "a", []byte(big[:largeFile-1])), 0},
	} {
		files := 0
		problems := Walk(c.data, max, func(_ string, data []byte) {
			files++
			if len(max.Large) != c.want || len(data) > 4 && strings.Trim(string(data), "x") != "" {
				t.Errorf("%d places are taken, want %d", len(max.Large), c.want)
			}
		})
		if files == 0 || len(problems) > 0 || len(max.Large) != 0 {
			t.Errorf("%d files, %v, %d places are not given back", files, problems, len(max.Large))
		}
	}
}
