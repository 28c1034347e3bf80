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
// out of the list or stand before another zip file, and what is no file at all.
func (r *reader) unlisted(data []byte, list []*zip.File, path string, depth int) error {
	bodies := make(map[int64]int64, len(list)) // sizes of listed files by where they begin
	for _, f := range list {
		if at, err := f.DataOffset(); err == nil {
			bodies[at] = int64(min(f.CompressedSize64, uint64(len(data))))
		}
	}
	files := data[:listStart(data)]
	if data[0] != localMagic[0] {
		files = files[max(0, bytes.Index(files, []byte(localMagic))):] // what stands before is searched anyway
	}
	moved := int64(len(data[:listStart(data)]) - len(files))
	var rest []byte
	for at := 0; at < len(files); {
		next := bytes.Index(files[at:], []byte(localMagic))
		if next < 0 {
			next = len(files) - at
		}
		if next >= leastBeside {
			rest = append(append(rest, files[at:at+next]...), '\n')
		}
		if at += next; at == len(files) {
			break
		}
		h, ok := localHeader(files[at:])
		size, listed := bodies[moved+int64(at)+h.length]
		switch {
		case listed:
			at = int(min(int64(len(files)), max(int64(at)+h.length+size, int64(at)+4)))
		case ok:
			n, err := r.unlistedFile(files[at+int(h.length):], h, path, depth)
			if err != nil {
				return err
			}
			at += int(h.length) + n
		default:
			rest = append(rest, localMagic...)
			at += len(localMagic)
		}
	}
	if len(rest) > 0 {
		return r.entry(bytes.NewReader(rest), path, gaps, depth)
	}
	return nil
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
	sound := utf8.ValidString(h.name) && printable(h.name) == h.name && !strings.HasSuffix(h.name, "/")
	return h, sound && (method == 8 || method == 0)
}
