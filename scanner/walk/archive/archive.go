// Package archive reads what archives and compressed files hold: zip and what
// is built on it (jar, docx, xlsx), tar, gzip, bzip2, zlib and Zstandard, also
// nested in one another. Other formats are only recognized, and reported as such.
//
// It refuses to know where the bytes come from and what they are searched for,
// and writes nothing to disk. Its invariant: it hands out no more bytes and
// entries than its limits allow, whatever the bytes say; and every entry is
// either handed out whole, or reported as a problem after as much of it as could
// be read was handed out.
package archive

import (
	"bytes"
	"cmp"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zlib"

	"keyrake/scanner/walk/pack/inflate"
)

// Limits bound what is read of one archive with all that it holds.
type Limits struct {
	Depth   int   // archives inside of archives that are opened; 0 opens none
	Ratio   int64 // bytes out for each byte in
	Bytes   int64 // bytes out
	Entries int
	// Large is asked for room before more than a few MB of one file are held, by all
	// who read archives beside each other, and given it back at the end; nil is no
	// bound.
	Large chan struct{}
}

// largeFile is more than a few MB.
const largeFile = 4 << 20

// Default are limits for ordinary use. The ratio is above that of text and logs
// and a tenth of what a deflate bomb reaches.
func Default() Limits { return Limits{Depth: 2, Ratio: 100, Bytes: 256 << 20, Entries: 10_000} }

// slack is what may come out of a small archive whatever its ratio.
const slack = 1 << 20

// Problem is a part of an archive that was not read.
type Problem struct {
	Path   string // in the archive; "" is the archive itself
	Reason string
	Limit  bool // a limit stopped it; else it is broken, encrypted or of an unknown kind
}

type kind int

const (
	none kind = iota
	isZip
	isTar
	isGzip
	isZstd
	isBzip2
	isZlib
)

const (
	tarMagicOff = 257
	tarMagic    = "ustar"
)

func kindOf(data []byte) kind {
	switch {
	case len(data) < 4:
		return none
	case data[0] == 'P' && data[1] == 'K' && (data[2] == 3 && data[3] == 4 || data[2] == 5 && data[3] == 6):
		return isZip
	case data[0] == 0x1f && data[1] == 0x8b && data[2] == 8:
		return isGzip
	case data[0] == 0x28 && data[1] == 0xb5 && data[2] == 0x2f && data[3] == 0xfd:
		return isZstd
	case data[0]&0xf0 == 0x50 && data[1] == 0x2a && data[2] == 0x4d && data[3] == 0x18: // pzstd puts a frame of its own first
		return isZstd
	case len(data) > len(bzip2Magic) && string(data[:3]) == bzip2Magic[:3] && string(data[4:len(bzip2Magic)]) == bzip2Magic[4:]:
		return isBzip2
	case len(data) > tarMagicOff+len(tarMagic) && string(data[tarMagicOff:tarMagicOff+len(tarMagic)]) == tarMagic:
		return isTar
	case endsAsZip(data):
		return isZip
	case data[0] == 'x' && (data[1] == 0x01 || data[1] == 0x5e || data[1] == 0x9c || data[1] == 0xda):
		return isZlib
	}
	return none
}

// endsAsZip reports whether data ends as a zip file without a comment does: what runs
// by itself has a program before it.
func endsAsZip(data []byte) bool {
	end := len(data) - zipEnd
	return end > 0 && data[end] == 'P' && string(data[end:end+4]) == "PK\x05\x06" && data[end+zipEnd-2]|data[end+zipEnd-1] == 0
}

// zipEnd is the size of the record that ends a zip file, in bytes.
const zipEnd = 22

// bzip2Magic is how a bzip2 file begins; its "9" stands for any digit.
const bzip2Magic = "BZh91AY&SY"

// Is reports whether data is an archive or a compressed file that can be opened.
func Is(data []byte) bool { return kindOf(data) != none }

// Prefixed reports whether something else precedes the archive in data, or data need not be
// one: nothing but two bytes marks a zlib stream.
func Prefixed(data []byte) bool {
	kind := kindOf(data)
	return kind == isZip && data[0] != 'P' || kind == isZlib
}

// closed are the first bytes of forms that hold contents and are not opened.
var closed = [...]struct{ magic, form string }{
	{"\xfd7zXZ\x00", "xz"}, {"7z\xbc\xaf\x27\x1c", "7z"}, {"Rar!\x1a\x07", "rar"}, {"\x04\x22\x4d\x18", "lz4"}, {"LZIP", "lzip"},
	{"!<arch>\ndebian-binary", "deb"}, {"\xed\xab\xee\xdb", "rpm"}, {"MSCF\x00\x00\x00\x00", "cab"}, {"\x1f\x9d\x90", "compress"}, {"\x02\x21\x4c\x18", "lz4"},
	{"]\x00\x00\x80\x00", "lzma"}, {"]\x00\x00\x00\x01", "lzma"}, {"]\x00\x00\x00\x04", "lzma"}, {"LRZI", "lrzip"}, {"hsqs", "squashfs"}, {"MSWIM\x00\x00\x00", "wim"},
	{"PAR1", "Parquet"}, {"Obj\x01", "Avro"},
	{"# v2 git bundle\n", "git bundle"}, {"# v3 git bundle\n", "git bundle"}, {"PACK\x00\x00\x00\x02", "git pack"}, {"PACK\x00\x00\x00\x03", "git pack"},
}

// Closed names the form of data if it holds contents and is not opened, else it is "".
func Closed(data []byte) string {
	if len(data) > 0 && closedFirst[data[0]] {
		for i := range closed {
			if strings.HasPrefix(string(data[:min(len(data), 24)]), closed[i].magic) {
				return closed[i].form
			}
		}
	}
	return ""
}

// closedFirst says which bytes a form that is not opened begins with.
var closedFirst = func() (m [256]bool) {
	for _, c := range closed {
		m[c.magic[0]] = true
	}
	return m
}()

// Walk shows each file that data holds to visit, with its path; that of a file
// in an archive in the archive is "inner.zip!path". The bytes are good until
// visit returns.
func Walk(data []byte, max Limits, visit func(path string, data []byte)) []Problem {
	if max.Depth < 1 {
		return nil
	}
	r := &reader{
		budget: min(max.Bytes, max.Ratio*int64(len(data))+slack), entries: max.Entries, visit: visit,
	}
	r.large = max.Large
	defer r.leave()
	r.open(data, "", max.Depth)
	return r.problems
}

// reader is the state of one Walk.
type reader struct {
	visit    func(string, []byte)
	problems []Problem
	budget   int64 // bytes that may still come out
	entries  int   // that may still be read
	inflater inflate.Decoder
	large    chan struct{}
	inside   bool // it has a place in large
}

// enter waits until a large file may be held.
func (r *reader) enter() {
	if r.large != nil && !r.inside {
		r.large <- struct{}{}
		r.inside = true
	}
}

func (r *reader) leave() {
	if r.inside {
		<-r.large
	}
}

// readAll reads what the limits allow, and one byte more if there is more.
func (r *reader) readAll(from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, min(r.budget+1, largeFile)))
	if err == nil && len(data) == largeFile {
		r.enter()
		buf := bytes.NewBuffer(data)
		_, err = buf.ReadFrom(io.LimitReader(from, r.budget+1-largeFile))
		data = buf.Bytes()
	}
	r.budget -= int64(len(data))
	return data, err
}

var errTooMuch = errors.New("it holds more than the limits allow")

func (r *reader) problem(path string, err error) {
	p := Problem{Path: path, Reason: err.Error(), Limit: errors.Is(err, errTooMuch)}
	if p.Limit {
		p.Reason = errTooMuch.Error() + "; what comes after was not searched"
	}
	r.problems = append(r.problems, p)
}

// open reads the archive data that is called path.
func (r *reader) open(data []byte, path string, depth int) {
	var err error
	switch kindOf(data) {
	case isZip:
		err = r.zip(data, path, depth)
	case isTar:
		err = r.tar(bytes.NewReader(data), path, depth)
	case isGzip:
		err = r.gzip(data, path, depth)
	case isZstd:
		err = r.zstd(data, path, depth)
	case isBzip2:
		err = r.single(bzip2.NewReader(bytes.NewReader(data)), path, "contents", depth)
	case isZlib:
		err = r.zlib(data, path, depth)
	}
	if err != nil {
		r.problem(path, err)
	}
}

func within(path, name string) string {
	if path == "" {
		return name
	}
	return path + "!" + name
}

// entry reads the file name and shows it, or opens it in turn.
func (r *reader) entry(from io.Reader, path, name string, depth int) error {
	if r.entries--; r.entries < 0 {
		return errTooMuch
	}
	data, err := r.most(from)
	if err == nil || len(data) > 0 {
		r.show(data, within(path, name), depth-1)
	}
	if err != nil && !errors.Is(err, errTooMuch) {
		return fmt.Errorf("read %s: %w", printable(name), err)
	}
	return err
}

// most reads all, or as much as the limits and the bytes allow, with what stopped it.
func (r *reader) most(from io.Reader) ([]byte, error) {
	data, err := r.readAll(from)
	if r.budget < 0 {
		r.budget = 0
		return data[:len(data)-1], errTooMuch
	}
	return data, err
}

// show hands a file out, or opens it if it is an archive itself.
func (r *reader) show(data []byte, path string, depth int) {
	switch {
	case !Is(data):
		r.visit(path, data)
		r.noteClosed(data, path)
	case depth < 1:
		r.problems = append(r.problems, Problem{Path: path, Reason: "it is an archive inside of archives, deeper than is opened; raise --max-archive-depth", Limit: true})
	default:
		prefixed, before := Prefixed(data), len(r.problems)
		if prefixed {
			r.visit(path, data)
		}
		r.open(data, path, depth)
		if !prefixed && slices.ContainsFunc(r.problems[before:], func(p Problem) bool { return !p.Limit }) {
			r.visit(path, data) // not all of it was opened
		}
	}
}

// noteClosed tells that a file, which begins with data, is of a form that is not opened.
func (r *reader) noteClosed(data []byte, path string) {
	if form := Closed(data); form != "" {
		r.problem(path, fmt.Errorf("%s files are not opened", form))
	}
}

func (r *reader) zstd(data []byte, path string, depth int) error {
	z, f, err := openZstd(bytes.NewReader(data))
	if err != nil {
		return err
	}
	defer z.Close()
	err = r.single(z, path, "contents", depth)
	return cmp.Or(err, f.show(func(text io.Reader) error { return r.entry(text, path, comments, depth) }))
}

// leastZlib is how many bytes have to come out of what begins as a zlib stream to tell that it is one, though it is broken:
// two bytes are all that tells of it, and so may a text begin ("x^2"). Of 2.4 million random texts and bytes that begin so
// 36,000 gave 64 bytes and more, 62 gave 1024. What does come out is shown anyway.
const leastZlib = 1 << 10

// zlib reads what may be a zlib stream, as a loose object of git is one.
func (r *reader) zlib(data []byte, path string, depth int) error {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	all := &counting{from: z}
	err = r.single(all, path, "contents", depth)
	return weak(err, all.n)
}

// weak is the error of a zlib stream of which so much came out.
func weak(err error, came int64) error {
	if errors.Is(err, errTooMuch) || came >= leastZlib {
		return err
	}
	return nil
}

// maxWindow bounds the window that a Zstandard file may ask for, in bytes.
const maxWindow = 128 << 20

// single reads a compressed file.
func (r *reader) single(from io.Reader, path, name string, depth int) error {
	data, err := r.most(from)
	if err == nil {
		return r.alone(data, path, name, depth)
	}
	if len(data) > 0 {
		_ = r.alone(data, path, name, depth) // what is wrong with it, its end tells
	}
	if errors.Is(err, errTooMuch) {
		return err
	}
	return fmt.Errorf("decompress: %w", err)
}

// alone shows what a compressed file holds. The tar in it, if it is one, counts as
// the same archive.
func (r *reader) alone(data []byte, path, name string, depth int) error {
	if kindOf(data) == isTar {
		err := r.tar(bytes.NewReader(data), path, depth)
		if err != nil && !errors.Is(err, errTooMuch) {
			r.visit(within(path, name), data) // other programs read on
		}
		return err
	}
	if r.entries--; r.entries < 0 {
		return errTooMuch
	}
	r.show(data, within(path, name), depth-1)
	return nil
}

// printable is name without what a terminal may obey.
func printable(name string) string {
	return strings.Map(func(c rune) rune {
		if isControl(c) {
			return '?'
		}
		return c
	}, name)
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }
