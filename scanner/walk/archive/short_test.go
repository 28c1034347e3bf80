package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
)

// rawFile is a file of a zip file that is written as it is told.
type rawFile struct {
	name    string
	method  uint16
	packed  string
	content string // of which its size and its checksum are
	before  string // stands before its header
}

// deflated is a file with a text, behind whose packed bytes another text stands.
func deflated(t testing.TB, name, behind string) rawFile {
	t.Helper()
	text := "some text of " + name
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	must(t, err)
	_, err = w.Write([]byte(text))
	must(t, err)
	must(t, w.Close())
	return rawFile{name: name, method: zip.Deflate, packed: b.String() + behind, content: text}
}

// rawZip is a zip file with the files, a text before its list and a comment.
func rawZip(between, comment string, files ...rawFile) []byte {
	join := func(parts ...any) []byte {
		var b bytes.Buffer
		for _, p := range parts {
			if text, ok := p.(string); ok {
				b.WriteString(text)
			} else {
				_ = binary.Write(&b, binary.LittleEndian, p)
			}
		}
		return b.Bytes()
	}
	var out, list []byte
	for _, f := range files {
		out = append(out, f.before...)
		at := uint32(len(out))
		facts := join(uint16(0), f.method, uint32(0), crc32.ChecksumIEEE([]byte(f.content)), uint32(len(f.packed)), uint32(len(f.content)), uint16(len(f.name)), uint16(0))
		out = append(out, join(localMagic, uint16(20), facts, f.name, f.packed)...)
		list = append(list, join(listMagic, uint16(20), uint16(20), facts, uint16(0), uint32(0), uint32(0), at, f.name)...)
	}
	out = append(out, between...)
	n := uint16(len(files))
	return slices.Concat(out, list, join(endMagic, uint32(0), n, n, uint32(len(list)), uint32(len(out)), uint16(len(comment)), comment))
}

// TestShortBeside: a text of a few bytes is shown from wherever it stands in an archive beside its files, held or not.
// As a stream it is shown, or a problem is told.
func TestShortBeside(t *testing.T) {
	const short = "a key"
	a, c := deflated(t, "a", ""), deflated(t, "c", "")
	gap, folder, old := c, rawFile{name: "d/", packed: short}, rawFile{name: "d/", method: zip.Deflate, packed: "\x03\x00"}
	gap.before = short
	frame := binary.LittleEndian.AppendUint32([]byte("\x50\x2a\x4d\x18"), uint32(len(short)))
	wide := wideZip(t)
	for name, data := range map[string][]byte{
		"comment":                        rawZip("", short, a),
		"between files":                  rawZip("", "", a, gap),
		"before the list":                rawZip(short, "", a),
		"a folder with a content":        rawZip("", "", a, folder),
		"a folder, deflated":             rawZip("", "", a, rawFile{name: "d/", method: zip.Deflate, packed: string(storedBlock(short))}),
		"behind a folder's content":      rawZip("", "", rawFile{name: "d/", method: zip.Deflate, packed: old.packed + short}, a),
		"behind a packed content":        rawZip("", "", deflated(t, "a", short), c),
		"behind the end":                 append(zipped(t, "a", "1"), short...),
		"comment of gzip":                gzipComment(t, short),
		"comment of the second of gzip":  append(gzipComment(t, ""), gzipComment(t, short)...),
		"what fills up a block of a tar": paddedTar(t, short),
		"such a block behind long names": paxPadded(t, short),
		"a frame of Zstandard":           slices.Concat(frame, []byte(short), zstandard(t, []byte("1"))),
		"such a frame at the end":        slices.Concat(zstandard(t, []byte("1")), zstandard(t, []byte("2")), frame, []byte(short)),
		"in a record of wide numbers":    widened(wide, short),
	} {
		has := func(s string) bool { return strings.Contains(s, short) }
		told := func(s string) bool { return has(s) || strings.HasPrefix(s, "? ") }
		if got := read(data, Default()); !slices.ContainsFunc(got, has) {
			t.Errorf("%s: %q", name, got)
		}
		if got := readLarge(data, Default(), 1<<20); !slices.ContainsFunc(got, has) {
			t.Errorf("%s, not held: %q", name, got)
		}
		if got := readStream(data, Default(), 1<<20); Streams(data) && !slices.ContainsFunc(got, told) {
			t.Errorf("%s, as it comes: %q", name, got)
		}
	}
	// What every program writes is not shown.
	for name, data := range map[string][]byte{"sizes behind a file": zipped(t, "a", "1", "c", "2"), "an old folder": rawZip("", "", old, a), "wide numbers": wide} {
		if got := read(data, Default()); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, gaps) || strings.HasPrefix(s, "d/") || s[0] == '?' }) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// storedBlock is a text as deflate has it that packs nothing.
func storedBlock(text string) []byte {
	n := uint16(len(text))
	return append(binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16([]byte{1}, n), ^n), text...)
}

// paxPadded is a tar in which a text stands behind what a header holds more than fits in one.
func paxPadded(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	must(t, w.WriteHeader(&tar.Header{Name: strings.Repeat("n", 200) + strings.Repeat("/n", 60), Mode: 0o600, Format: tar.FormatPAX}))
	must(t, w.Close())
	data := b.Bytes()
	end := tarBlock + bytes.IndexByte(data[tarBlock:], 0)
	copy(data[end+1:], text)
	return data
}

// widened is a zip file in whose record of wide numbers a text stands, as the library passes over it.
func widened(data []byte, text string) []byte {
	data = bytes.Clone(data)
	at := bytes.Index(data, []byte(wideMagic))
	data[at+4] += byte(len(text))
	data[bytes.Index(data, []byte(whereMagic))+8] = byte(at)
	return slices.Insert(data, at+56, []byte(text)...)
}

// wideZip is a zip file whose end has its numbers in 64 bits too.
func wideZip(t testing.TB) []byte {
	t.Helper()
	data := rawZip("", "", deflated(t, "a", ""))
	end := len(data) - zipEnd
	var wide bytes.Buffer
	wide.WriteString(wideMagic)
	for _, n := range []any{uint64(44), uint32(45), uint32(0), uint32(0), uint64(1), uint64(1), uint64(data[end+12]), uint64(data[end+16])} {
		must(t, binary.Write(&wide, binary.LittleEndian, n))
	}
	return slices.Concat(data[:end], wide.Bytes(), []byte(fmt.Sprint(whereMagic, "\x00\x00\x00\x00")), binary.LittleEndian.AppendUint64(nil, uint64(end)), []byte("\x01\x00\x00\x00"), data[end:])
}
