package archive

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// zip reads the files that the zip file data is listed to hold.
func (r *reader) zip(data []byte, path string, depth int) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return fmt.Errorf("open zip: %w", err)
	}
	z.RegisterDecompressor(methodBzip2, func(from io.Reader) io.ReadCloser { return io.NopCloser(bzip2.NewReader(from)) })
	z.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow)))
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if f.Flags&1 != 0 {
			r.problem(within(path, f.Name), errors.New("it is encrypted"))
			continue
		}
		err := r.zipped(data, f, path, depth)
		if errors.Is(err, errTooMuch) {
			return err
		}
		if err != nil {
			r.problem(within(path, f.Name), err)
		}
	}
	return nil
}

// zipped reads one file of a zip file. Ours is the fast way for what is as the
// list of files says; all else, and so every error, is the library's.
func (r *reader) zipped(data []byte, f *zip.File, path string, depth int) error {
	if inner, ok := r.inflated(data, f); ok {
		r.entries--
		r.budget -= int64(len(inner))
		r.show(inner, within(path, f.Name), depth-1)
		return nil
	}
	file, err := f.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	return r.entry(file, path, f.Name, depth)
}

// inflated is the content of f if it is deflated, is within the limits and has
// the size and the checksum that the list of files gives it.
//
// The library's reader inflates through a window; buffer to buffer takes a
// fifth of the time (143 archives in the history of redis, 330 MB of content).
func (r *reader) inflated(data []byte, f *zip.File) ([]byte, bool) {
	if f.Method != zip.Deflate || r.entries < 1 || f.UncompressedSize64 > uint64(max(0, r.budget)) {
		return nil, false
	}
	from, err := f.DataOffset()
	if err != nil || from < 0 || from > int64(len(data)) || f.CompressedSize64 > uint64(int64(len(data))-from) {
		return nil, false
	}
	packed := data[from : from+int64(f.CompressedSize64)]
	// No deflate stream grows more than this many times (RFC 1951: 258 bytes from two bits).
	if f.UncompressedSize64/maxGrowth > uint64(len(packed)) {
		return nil, false
	}
	if f.UncompressedSize64 > largeFile {
		r.enter()
	}
	inner := make([]byte, f.UncompressedSize64)
	if _, err := r.inflater.Raw(inner, packed); err != nil || crc32.ChecksumIEEE(inner) != f.CRC32 {
		return nil, false
	}
	return inner, true
}

const maxGrowth = 1032

// methodBzip2 is a file of a zip file that is compressed by bzip2 (APPNOTE 4.4.5).
const methodBzip2 = 12
