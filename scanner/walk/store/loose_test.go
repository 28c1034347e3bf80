package store

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-git/go-git/v5/plumbing"
)

func deflated(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

// writeFar writes a pack of one ref-delta, and its index.
func writeFar(t *testing.T, path string, name, base plumbing.Hash) {
	t.Helper()
	delta := []byte{1, 1, 0x90, 1} // base of 1 byte, result of 1 byte: copy(0, 1)
	pack := append([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01\x74"), base[:]...)
	pack = append(pack, deflated(delta)...)
	crc := crc32.ChecksumIEEE(pack[12:])
	sum := sha1.Sum(pack)
	idx := []byte("\xfftOc\x00\x00\x00\x02")
	for b := range 256 {
		n := uint32(0)
		if b >= int(name[0]) {
			n = 1
		}
		idx = binary.BigEndian.AppendUint32(idx, n)
	}
	idx = append(idx, name[:]...)
	idx = binary.BigEndian.AppendUint32(idx, crc)
	idx = binary.BigEndian.AppendUint32(idx, 12)
	idx = append(idx, sum[:]...)
	own := sha1.Sum(idx)
	for ext, data := range map[string][]byte{".pack": append(pack, sum[:]...), ".idx": append(idx, own[:]...)} {
		if err := os.WriteFile(path+ext, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// streamed reads a loose object piece by piece.
func streamed(path string) (data []byte, err error) {
	err = StreamLoose(context.Background(), path, func(_ plumbing.ObjectType, size int64, content io.Reader) (err error) {
		if data, err = io.ReadAll(iotest.HalfReader(content)); err == nil && int64(len(data)) != size {
			return fmt.Errorf("%d bytes of %d", len(data), size)
		}
		return err
	})
	return data, err
}

// TestCorruptLoose flips every bit of a loose object, and cuts it at every
// length: an error, or the right bytes.
func TestCorruptLoose(t *testing.T) {
	text := strings.Repeat("some text, ", 30) + "and its end"
	whole := deflated(fmt.Appendf(nil, "blob %d\x00%s", len(text), text))
	path := filepath.Join(t.TempDir(), "object")
	read := func(data []byte, what string) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		typ, got, err := new(Store).ReadLoose(path, 0)
		if err == nil && (typ != plumbing.BlobObject || string(got) != text) {
			t.Errorf("%s: a %s of %d bytes, and nothing is said", what, typ, len(got))
		}
		if err == nil && len(data) < len(whole) {
			t.Errorf("%s: nothing is said", what)
		}
		if inPieces, e := streamed(path); (e == nil) != (err == nil) || err == nil && string(inPieces) != text {
			t.Errorf("%s: read in pieces it is %v, and else %v", what, e, err)
		}
	}
	for bit := range 8 * len(whole) {
		bad := bytes.Clone(whole)
		bad[bit/8] ^= 1 << (bit % 8)
		read(bad, fmt.Sprintf("bit %d of byte %d", bit%8, bit/8))
	}
	for n := range whole {
		read(whole[:n], fmt.Sprintf("cut at %d of %d bytes", n, len(whole)))
	}
	read(whole, "whole")
	if _, got, err := new(Store).ReadLoose(path, 0); err != nil || string(got) != text {
		t.Error(err)
	}
}

// headers are the beginnings of loose objects, with what they must give.
var headers = []struct {
	content string
	ok      bool
}{
	{"blob 5\x00hello", true},
	{"blob 0\x00", true},
	{"tag 5\x00hello", true},
	{"commit 5\x00hello", true},
	{"tree 5\x00hello", true},
	{"blob 100\x00" + strings.Repeat("long", 25), true},
	{"blob 4\x00hello", false},
	{"blob 6\x00hello", false},
	{"blob 99\x00" + strings.Repeat("long", 25), false},
	{"blob 101\x00" + strings.Repeat("long", 25), false},
	{"blob 9223372036854775807\x00hello", false},
	{"blob 9223372036854775808\x00hello", false},
	{"blob -5\x00hello", false},
	{"blob x\x00hello", false},
	{"blob \x00hello", false},
	{"blob 5hello", false},
	{"blob\x00hello", false},
	{"ofs-delta 5\x00hello", false},
	{"ref-delta 5\x00hello", false},
	{"any 5\x00hello", false},
	{" 5\x00hello", false},
	{"", false},
	{strings.Repeat("b", 100), false},
	{"blob " + strings.Repeat("0", 100) + "5\x00hello", false},
}

func TestHeaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "object")
	for _, c := range headers {
		if err := os.WriteFile(path, deflated([]byte(c.content)), 0o600); err != nil {
			t.Fatal(err)
		}
		typ, data, err := new(Store).ReadLoose(path, 0)
		if (err == nil) != c.ok {
			t.Errorf("%.40q: %v", c.content, err)
		} else if err == nil && !strings.HasSuffix(c.content, "\x00"+string(data)) || err == nil && !strings.HasPrefix(c.content, typ.String()+" ") {
			t.Errorf("%.40q: %s %q", c.content, typ, data)
		}
	}
}

// plainHeader splits a loose object in the plain way.
func plainHeader(content string) (typ plumbing.ObjectType, size int64, err error) {
	head, _, ok := strings.Cut(content[:min(64, len(content))], "\x00")
	name, digits, ok2 := strings.Cut(head, " ")
	if !ok || !ok2 {
		return 0, 0, errors.New("no header")
	}
	typ, known := map[string]plumbing.ObjectType{"commit": 1, "tree": 2, "blob": 3, "tag": 4}[name]
	size, err = strconv.ParseInt(digits, 10, 64)
	if !known || size < 0 {
		err = errors.Join(err, errors.New("type or size"))
	}
	return typ, size, err
}

func FuzzLooseHeader(f *testing.F) {
	for _, c := range headers {
		f.Add([]byte(c.content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		wantType, wantSize, wantErr := plainHeader(string(content))
		r := bytes.NewReader(content)
		typ, size, rest, err := looseHeader(r)
		if err != nil {
			if wantErr == nil && wantSize == int64(len(content)-bytes.IndexByte(content, 0)-1) {
				t.Fatalf("%q: %v, and it is sound", content, err)
			}
			return
		}
		tail, _ := io.ReadAll(r)
		all := append(bytes.Clone(rest), tail...)
		_, want, _ := bytes.Cut(content, []byte{0})
		if wantErr != nil || typ != wantType || size != wantSize || !bytes.Equal(all, want) {
			t.Fatalf("%q: %s %d %q; want %s %d %q, %v", content, typ, size, all, wantType, wantSize, want, wantErr)
		}
	})
}

func FuzzReadLoose(f *testing.F) {
	for _, c := range headers {
		f.Add(deflated([]byte(c.content)), int64(50))
	}
	path := filepath.Join(f.TempDir(), "object")
	f.Fuzz(func(t *testing.T, file []byte, limit int64) {
		name := fmt.Sprint(path, os.Getpid())
		if err := os.WriteFile(name, file, 0o600); err != nil {
			t.Fatal(err)
		}
		inPieces, inErr := streamed(name)
		typ, data, err := new(Store).ReadLoose(name, limit)
		if err != nil {
			return
		}
		if inErr != nil || !bytes.Equal(inPieces, data) {
			t.Fatalf("read in pieces: %q, %v; else %q", inPieces, inErr, data)
		}
		if limit > 0 && int64(len(data)) > limit {
			t.Fatalf("%d bytes, limit %d", len(data), limit)
		}
		z, err := zlib.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(z)
		wantType, size, headErr := plainHeader(string(content))
		if err != nil || headErr != nil || typ != wantType || size != int64(len(data)) || !bytes.HasSuffix(content, append([]byte{0}, data...)) {
			t.Fatalf("%q: %s %q, %v %v", content, typ, data, err, headErr)
		}
	})
}
