package archive

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// gzip reads the file in the gzip file data. As of zip files, ours is the fast way
// for what is as its end says, and all else is the library's.
func (r *reader) gzip(data []byte, path string, depth int) error {
	from := bytes.NewReader(data)
	z, err := gzip.NewReader(from)
	if err != nil {
		return fmt.Errorf("open gzip: %w", err)
	}
	if text := beside(z.Comment, string(z.Extra)); text != "" {
		if err := r.entry(strings.NewReader(text), path, comments, depth); err != nil {
			return err
		}
	}
	name := z.Name
	if name == "" {
		name = "contents"
	}
	if inner, ok := r.member(data[len(data)-from.Len():]); ok {
		r.budget -= int64(len(inner))
		return r.alone(inner, path, name, depth)
	}
	return r.single(z, path, name, depth)
}

// member is the content of a gzip member whose header was read, if it is the last
// one, is within the limits and has the size and the checksum that stand behind it.
func (r *reader) member(data []byte) ([]byte, bool) {
	const trailer = 8 // checksum and size, RFC 1952
	if len(data) < trailer {
		return nil, false
	}
	packed, end := data[:len(data)-trailer], data[len(data)-trailer:]
	size := int64(binary.LittleEndian.Uint32(end[4:]))
	if size > r.budget || size/maxGrowth > int64(len(packed)) {
		return nil, false
	}
	if size > largeFile {
		r.enter()
	}
	inner := make([]byte, size)
	n, err := r.inflater.Raw(inner, packed)
	if err != nil || n != len(packed) || crc32.ChecksumIEEE(inner) != binary.LittleEndian.Uint32(end) {
		return nil, false
	}
	return inner, true
}
