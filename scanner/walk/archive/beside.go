package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// Names of what an archive holds beside its files.
const (
	comments = "its comments"
	gaps     = "between its files"
)

// beside joins the comments of an archive; "" if they are not worth a look.
func beside(texts ...string) string {
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	if all := strings.Join(texts, "\n"); len(all) >= leastBeside {
		return all
	}
	return ""
}

// remarks are the comments of a zip file and of its files.
func remarks(z *zip.Reader) string {
	texts := []string{z.Comment}
	for _, f := range z.File {
		texts = append(texts, f.Comment)
	}
	return beside(texts...)
}

// leastBeside is how many bytes beside its files are worth a look; the checksum and the sizes
// behind a file have 24.
const leastBeside = 25

const localMagic = "PK\x03\x04"

// unlisted shows what a zip file holds that its list does not name: files that were taken
// out of the list or stand before another zip file, and what is no file at all, also
// behind the list and the end.
func (r *reader) unlisted(data []byte, list []*zip.File, path string, depth int) error {
	bodies := make(map[int64]int64, len(list)) // sizes of listed files by where they begin
	for _, f := range list {
		if at, err := f.DataOffset(); err == nil {
			bodies[at] = int64(min(f.CompressedSize64, uint64(len(data))))
		}
	}
	from, to := 0, listStart(data)
	if data[0] != localMagic[0] {
		from = max(0, bytes.Index(data[:to], []byte(localMagic))) // what stands before is searched anyway
	}
	rest, err := r.between(nil, data[:to], from, bodies, path, depth)
	for at := to; at < len(data) && err == nil; {
		n := recordLength(data[at:])
		if at += n; n > 0 {
			continue
		}
		end := len(data)
		if next := bytes.Index(data[at:], []byte("PK\x05\x06")); next > 0 {
			end = at + next
		}
		rest, err = r.between(rest, data[:end], at, bodies, path, depth)
		at = end
	}
	if err == nil && len(rest) > 0 {
		err = r.entry(bytes.NewReader(rest), path, gaps, depth)
	}
	return err
}

// between shows the files in data, from at on, that are not listed, and appends what is
// no file.
func (r *reader) between(rest, data []byte, at int, bodies map[int64]int64, path string, depth int) ([]byte, error) {
	for at < len(data) {
		next := bytes.Index(data[at:], []byte(localMagic))
		if next < 0 {
			next = len(data) - at
		}
		if next >= leastBeside {
			rest = append(append(rest, data[at:at+next]...), '\n')
		}
		if at += next; at == len(data) {
			break
		}
		h, ok := localHeader(data[at:])
		size, listed := bodies[int64(at)+h.length]
		switch {
		case listed:
			at = int(min(int64(len(data)), max(int64(at)+h.length+size, int64(at)+4)))
		case ok:
			n, err := r.unlistedFile(data[at+int(h.length):], h, path, depth)
			if err != nil {
				return rest, err
			}
			at += int(h.length) + n
		default:
			rest = append(rest, localMagic...)
			at += len(localMagic)
		}
	}
	return rest, nil
}

// recordLength is how long the record is that data begins with, of those of which the
// list of a zip file and its end are made; 0 if it is none that is whole.
func recordLength(data []byte) int {
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(data[at:])) }
	length := 0
	switch {
	case len(data) < zipEnd-2:
	case string(data[:4]) == "PK\x01\x02" && len(data) >= 46:
		length = 46 + u16(28) + u16(30) + u16(32)
	case string(data[:4]) == "PK\x05\x06" && len(data) >= zipEnd:
		length = zipEnd + u16(20)
	case string(data[:4]) == "PK\x06\x06":
		length = 56
	case string(data[:4]) == "PK\x06\x07":
		length = 20
	}
	if length > len(data) {
		return 0
	}
	return length
}

// unlistedFile shows one file whose content begins body, and tells how much of it that
// is; 0 if it is not sound.
func (r *reader) unlistedFile(body []byte, h local, path string, depth int) (int, error) {
	if h.stored {
		if h.size > int64(len(body)) {
			return 0, nil
		}
		return int(h.size), r.entry(bytes.NewReader(body[:h.size]), path, h.name, depth)
	}
	left := bytes.NewReader(body)
	err := r.entry(flate.NewReader(left), path, h.name, depth)
	if err != nil && !errors.Is(err, errTooMuch) {
		return 0, nil
	}
	return len(body) - left.Len(), err
}

// listStart is where the list of files of a zip file begins, by what its end says.
func listStart(data []byte) int {
	end := bytes.LastIndex(data, []byte("PK\x05\x06"))
	if end < 0 || end+zipEnd > len(data) {
		return len(data)
	}
	if size := int(binary.LittleEndian.Uint32(data[end+12:])); size <= end {
		return end - size
	}
	return end
}

// local is what the header before a file says.
type local struct {
	length int64 // of itself
	name   string
	stored bool
	size   int64
}

// localHeader reads the header that data begins with; ok is false if it is none
// that can be believed, and of a file that is not encrypted. The length is told anyway.
func localHeader(data []byte) (h local, ok bool) {
	const fixed = 30
	if len(data) < fixed {
		return h, false
	}
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(data[at:])) }
	h.length = int64(fixed + u16(26) + u16(28))
	if h.length > int64(len(data)) || u16(4)&0xff > 63 || u16(6)&1 != 0 || u16(26) == 0 {
		return h, false
	}
	method := u16(8)
	h.stored, h.size = method == 0, int64(binary.LittleEndian.Uint32(data[18:]))
	h.name = string(data[fixed : fixed+u16(26)])
	sound := utf8.ValidString(h.name) && printable(h.name) == h.name
	return h, sound && (method == 8 || method == 0)
}

// skippable are the frames of a Zstandard file that programs pass over (RFC 8878, 3.1.2).
func skippable(data []byte) (texts []string) {
	for len(data) >= 8 {
		if kindOf(data) != isZstd {
			return texts
		}
		if data[0]&0xf0 == 0x50 {
			size := int(min(uint64(binary.LittleEndian.Uint32(data[4:])), uint64(len(data)-8)))
			texts, data = append(texts, string(data[8:8+size])), data[8+size:]
			continue
		}
		var h zstd.Header
		if h.Decode(data) != nil || h.HeaderSize > len(data) {
			return texts
		}
		data = data[h.HeaderSize:]
		for last := false; !last; {
			if len(data) < 3 {
				return texts
			}
			block := int(data[0]) | int(data[1])<<8 | int(data[2])<<16
			size := block >> 3
			if block>>1&3 == 1 { // one byte, so many times
				size = 1
			}
			if last = block&1 == 1; 3+size > len(data) {
				return texts
			}
			data = data[3+size:]
		}
		if h.HasCheckSum {
			data = data[min(4, len(data)):]
		}
	}
	return texts
}
