package archive

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// gzip reads the file in the gzip file data. As of zip files, ours is the fast way
// for what is as its end says, and all else is the library's.
func (r *reader) gzip(data []byte, path string, depth int) error {
	from := bytes.NewReader(data)
	m, err := newMembers(from)
	if err != nil {
		return fmt.Errorf("open gzip: %w", err)
	}
	show := func(text io.Reader) error { return r.entry(text, path, comments, depth) }
	if err := m.show(show); err != nil {
		return err
	}
	if inner, ok := r.member(data[len(data)-from.Len():]); ok {
		r.budget -= int64(len(inner))
		return r.alone(inner, path, m.name, depth)
	}
	err = r.single(m, path, m.name, depth)
	return cmp.Or(err, m.show(show))
}

// members reads all members of a gzip file as one, as programs do, and keeps what their
// headers say.
type members struct {
	z    *gzip.Reader
	from flate.Reader
	name string // that the first one has
	// mutable
	texts []string
	room  int
}

func newMembers(from flate.Reader) (*members, error) {
	z, err := gzip.NewReader(from)
	if err != nil {
		return nil, err
	}
	m := &members{z: z, from: from, name: cmp.Or(z.Name, "contents"), room: largeFile}
	return m, m.begun()
}

// begun takes what the header of a member says.
func (m *members) begun() error {
	m.z.Multistream(false)
	for _, text := range []string{m.z.Comment, string(m.z.Extra)} {
		if m.room -= len(text); m.room < 0 {
			return errTooMuch
		}
		m.texts = append(m.texts, text)
	}
	return nil
}

// Read implements io.Reader.
func (m *members) Read(b []byte) (int, error) {
	for {
		n, err := m.z.Read(b)
		if err != io.EOF {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
		if err := m.z.Reset(m.from); err != nil {
			return 0, err // the end, if nothing follows
		}
		if err := m.begun(); err != nil {
			return 0, err
		}
	}
}

// show shows the comments that were met since it was last asked.
func (m *members) show(show func(text io.Reader) error) error {
	text := beside(m.texts...)
	if m.texts = nil; text == "" {
		return nil
	}
	return show(strings.NewReader(text))
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
