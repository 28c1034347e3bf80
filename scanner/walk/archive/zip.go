package archive

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/bzip2"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// zip reads what the zip file data holds.
func (r *reader) zip(data []byte, path string, depth int) error {
	return (&zipFile{
		reader: r, from: bytes.NewReader(data), size: int64(len(data)), path: path,
		show:   func(name string, content io.Reader) error { return r.entry(content, path, name, depth) },
		zipped: func(f *zip.File) (int64, bool) { return r.zipped(data, f, path, depth) },
	}).read()
}

// zipFile reads a zip file that can be read at any place: its files in the order in which they
// lie, and what lies between.
type zipFile struct {
	*reader
	from io.ReaderAt
	size int64
	path string
	show func(name string, content io.Reader) error
	// zipped shows a file by itself, if it can, and tells how many of its packed bytes that
	// took; nil can none.
	zipped func(f *zip.File) (taken int64, ok bool)
	// mutable
	list     *zip.Reader
	prefixed bool      // something else stands before it
	packed   *intake   // of the file that is read
	last     *zip.File // that was read
	end      int64     // of all that was
	told     int       // files of the list, as it stands at the end
	others   int       // entries that look like those
	window   []byte    // of from
	at       int64     // where that begins
	scraps
}

// maxDirectory bounds the list of files of a zip file, in bytes: each of its entries
// has 46 at least, and takes some 300 of memory.
const maxDirectory = 16 << 20

// read shows the files that are listed, the comments, and all that is neither. An error of a file that is no
// limit is a problem of that file.
func (z *zipFile) read() error {
	from := &bounded{ReaderAt: z.from, left: maxDirectory}
	list, err := zip.NewReader(from, z.size)
	if from.left < 0 {
		return errTooMuch
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return fmt.Errorf("open zip: %w", err)
	}
	z.list, from.left = list, math.MaxInt64
	z.register()
	// Files stand one after the other. Those that lie in each other cost more than the
	// archive has bytes, even if nothing comes out of them.
	left := 2 * uint64(z.size)
	for _, f := range from.inOrder(list.File) {
		packed := min(f.CompressedSize64, uint64(z.size)) // one that is said to be larger may be sound
		if packed > left {
			return errTooMuch
		}
		left -= packed
		if err := z.between(f.at); err != nil {
			return err
		}
		err := z.file(f.File)
		if errors.Is(err, errTooMuch) {
			return err
		}
		if err != nil {
			z.problem(within(z.path, f.Name), err)
		}
	}
	if text := remarks(list); text != "" {
		if err := z.show(comments, strings.NewReader(text)); err != nil {
			return err
		}
	}
	if err := z.between(z.size); err != nil {
		return err
	}
	return z.flush(z.show)
}

func (z *zipFile) register() {
	z.list.RegisterDecompressor(zip.Deflate, func(from io.Reader) io.ReadCloser {
		z.packed = newIntake(from)
		return flate.NewReader(z.packed.Reader)
	})
	z.list.RegisterDecompressor(methodBzip2, func(from io.Reader) io.ReadCloser { return io.NopCloser(bzip2.NewReader(from)) })
	z.list.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow)))
}

// file shows a file of the list. What it has behind the end of its packed content is left for between.
func (z *zipFile) file(f *zip.File) error {
	from, err := f.DataOffset()
	if err != nil {
		return err
	}
	size := int64(min(f.CompressedSize64, uint64(max(0, z.size-from))))
	taken, err := z.content(f)
	if err != nil || taken > size {
		taken = size
	}
	z.last, z.end = f, max(z.end, from+taken)
	return err
}

// content shows the content of a file, and tells how many packed bytes it has.
func (z *zipFile) content(f *zip.File) (int64, error) {
	switch {
	case strings.HasSuffix(f.Name, "/"):
		return z.folder(f)
	case f.Flags&1 != 0:
		return 0, errEncrypted
	case z.zipped != nil:
		if taken, ok := z.zipped(f); ok {
			return taken, nil
		}
	}
	z.packed = nil
	file, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if err := z.show(f.Name, file); err != nil || z.packed == nil {
		return math.MaxInt64, err
	}
	return z.packed.taken(), nil
}

// encryptedHead is what stands before an encrypted content (APPNOTE 6.1.3).
const encryptedHead = 12

// folder shows the content of what is a folder by its name: some programs write an empty one,
// deflated, and one that has any is a file to some.
func (z *zipFile) folder(f *zip.File) (int64, error) {
	if f.Flags&1 != 0 && f.CompressedSize64 > encryptedHead {
		return 0, errEncrypted
	}
	raw, err := f.OpenRaw()
	if err != nil || f.CompressedSize64 == 0 {
		return 0, err
	}
	packed := newIntake(raw)
	from, err := unpacked(packed.Reader, f.Method)
	if err != nil {
		return 0, err
	}
	if f.UncompressedSize64 > 0 {
		from = &checked{from: from, want: &listed{crc: f.CRC32, all: f.UncompressedSize64}}
	}
	content := bufio.NewReader(from)
	if _, err := content.Peek(1); err == io.EOF {
		return packed.taken(), nil
	}
	err = z.show(f.Name, content)
	return packed.taken(), err
}

// intake is a buffered reader that tells how much was taken from it.
type intake struct {
	*bufio.Reader
	all counting
}

func newIntake(from io.Reader) *intake {
	i := &intake{all: counting{from: from}}
	i.Reader = bufio.NewReader(&i.all)
	return i
}

func (i *intake) taken() int64 { return i.all.n - int64(i.Buffered()) }

// counting counts what is read through it.
type counting struct {
	from io.Reader
	n    int64
}

// Read implements io.Reader.
func (c *counting) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	return n, err
}

// bounded reads so many bytes and no more.
type bounded struct {
	io.ReaderAt
	left  int64
	asked bool  // for the place of a file alone
	at    int64 // that place
}

// ReadAt implements io.ReaderAt.
func (b *bounded) ReadAt(p []byte, off int64) (int, error) {
	if b.asked {
		clear(p[copy(p, localMagic):])
		b.at = off
		return len(p), nil
	}
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errTooMuch
	}
	return b.ReaderAt.ReadAt(p, off)
}

// placed is a file with the place of its header.
type placed struct {
	*zip.File
	at int64
}

// inOrder gives files by where they lie. The library reads the header of a file from that place and does not
// tell it. So b sees where that is and answers itself: what an object holds cannot be read
// at any place without reading all before it.
func (b *bounded) inOrder(list []*zip.File) []placed {
	files := make([]placed, len(list))
	b.asked = true
	for i, f := range list {
		_, _ = f.DataOffset()
		files[i] = placed{f, b.at}
	}
	b.asked = false
	slices.SortStableFunc(files, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	return files
}

// zipped reads one file of a zip file as the list of files says; what is not as that says goes
// the library's way, and so every error is the library's.
func (r *reader) zipped(data []byte, f *zip.File, path string, depth int) (int64, bool) {
	inner, taken, ok := r.inflated(data, f)
	if ok {
		r.entries--
		r.budget -= int64(len(inner))
		r.show(inner, within(path, f.Name), depth-1)
	}
	return int64(taken), ok
}

// inflated is the content of f, and how many packed bytes it has, if it is deflated, is within
// the limits and has the size and the checksum that the list of files gives it.
//
// The library's reader inflates through a window; buffer to buffer takes a
// fifth of the time (143 archives in the history of redis, 330 MB of content).
func (r *reader) inflated(data []byte, f *zip.File) (inner []byte, taken int, ok bool) {
	if f.Method != zip.Deflate || r.entries < 1 || f.UncompressedSize64 > uint64(max(0, r.budget)) {
		return nil, 0, false
	}
	from, err := f.DataOffset()
	if err != nil || from < 0 || from > int64(len(data)) || f.CompressedSize64 > uint64(int64(len(data))-from) {
		return nil, 0, false
	}
	packed := data[from : from+int64(f.CompressedSize64)]
	// No deflate stream grows more than this many times (RFC 1951: 258 bytes from two bits).
	if f.UncompressedSize64/maxGrowth > uint64(len(packed)) {
		return nil, 0, false
	}
	if f.UncompressedSize64 > largeFile {
		r.enter()
	}
	inner = make([]byte, f.UncompressedSize64)
	if taken, err = r.inflater.Raw(inner, packed); err != nil || crc32.ChecksumIEEE(inner) != f.CRC32 {
		return nil, 0, false
	}
	return inner, taken, true
}

const maxGrowth = 1032

// methodBzip2 is a file of a zip file that is compressed by bzip2 (APPNOTE 4.4.5).
const methodBzip2 = 12
