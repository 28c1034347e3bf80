package archive

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
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

// beside joins the comments of an archive.
func beside(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), "\n")
}

// remarks are the comments of a zip file and of its files.
func remarks(z *zip.Reader) string {
	texts := []string{z.Comment}
	for _, f := range z.File {
		texts = append(texts, f.Comment)
	}
	return beside(texts...)
}

// scraps are what stands between the files of an archive, to be shown together.
type scraps struct{ all []byte }

// mostScraps is about how many bytes of them are held.
const mostScraps = 1 << 20

// add keeps a piece. Zeros fill up, and hold nothing.
func (s *scraps) add(piece []byte) {
	if piece = bytes.Trim(piece, "\x00"); len(piece) > 0 {
		s.all = append(append(s.all, piece...), '\n')
	}
}

func (s *scraps) full() bool { return len(s.all) >= mostScraps }

func (s *scraps) flush(show func(name string, content io.Reader) error) error {
	all := s.all
	if s.all = nil; len(all) == 0 {
		return nil
	}
	return show(gaps, bytes.NewReader(all))
}

const (
	localMagic = "PK\x03\x04"
	listMagic  = "PK\x01\x02"
	endMagic   = "PK\x05\x06"
	wideMagic  = "PK\x06\x06"
	whereMagic = "PK\x06\x07"
)

// windowBytes is what is looked at at once of what stands between files.
const windowBytes = 64 << 10

// peek gives what stands at a place, up to another one: at least so many bytes if there are
// as many. They are good until the next call.
func (z *zipFile) peek(at, to int64, least int) ([]byte, error) {
	least = int(min(int64(least), to-at))
	if from := at - z.at; from >= 0 && from+int64(least) <= int64(len(z.window)) {
		return z.window[from:min(int64(len(z.window)), to-z.at)], nil
	}
	size := int(min(to-at, max(windowBytes, int64(least))))
	z.window, z.at = slices.Grow(z.window[:0], size)[:size], at
	n, err := z.from.ReadAt(z.window, at)
	if z.window = z.window[:n]; n >= least {
		err = nil
	} else if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", gaps, err)
	}
	return z.window, nil
}

// between shows what stands from the end of what was read up to a place: files that were
// taken out of the list or stand before another zip file, and what is no file at all.
func (z *zipFile) between(to int64) error {
	if to = min(to, z.size); to <= z.end {
		return nil
	}
	at, err := z.descriptor(to)
	if err != nil {
		return err
	}
	if at == 0 {
		b, err := z.peek(at, to, 1)
		if err != nil {
			return err
		}
		z.prefixed = b[0] != localMagic[0]
	}
	from := at // of what is no file
	for at < to {
		b, err := z.peek(at, to, 4)
		if err != nil {
			return err
		}
		if i := bytes.Index(b, []byte("PK")); i != 0 {
			if i < 0 {
				i = max(1, len(b)-1) // it may begin with the last one
			}
			at += int64(i)
			continue
		}
		n, err := z.record(at, to, string(b[:min(4, len(b))]))
		if err != nil {
			return err
		}
		if n == 0 {
			at += 2
			continue
		}
		if err := z.keep(from, at); err != nil {
			return err
		}
		at += n
		from = at
	}
	z.end = to
	return z.keep(from, to)
}

// keep takes what is no file.
func (z *zipFile) keep(from, to int64) error {
	if from == to {
		return nil
	}
	if from == 0 && z.prefixed {
		return nil // it is searched as it stands
	}
	if to-from > mostScraps {
		return z.show(gaps, io.NewSectionReader(z.from, from, to-from))
	}
	piece, err := z.peek(from, to, mostScraps)
	if err != nil {
		return err
	}
	if z.add(piece); z.full() {
		return z.flush(z.show)
	}
	return nil
}

// descriptor passes over the checksum and the sizes behind the file that was read last, if what stands there
// says no more than the list of files does.
func (z *zipFile) descriptor(to int64) (at int64, err error) {
	if z.last == nil {
		return z.end, nil
	}
	b, err := z.peek(z.end, to, mostDescriptor)
	if err != nil {
		return 0, err
	}
	is := listed{crc: z.last.CRC32, packed: z.last.CompressedSize64, all: z.last.UncompressedSize64}
	z.last = nil
	return z.end + int64(is.descriptor(b)), nil
}

// mostDescriptor is the length of the longest one.
const mostDescriptor = 24

// descriptor says how long the checksum and two sizes of 32 or 64 bits are that data begins with, maybe behind a sign
// of their own; 0 if they are others than those of l.
func (l *listed) descriptor(data []byte) int {
	for _, magic := range []string{"PK\x07\x08", ""} {
		sum := binary.LittleEndian.AppendUint32([]byte(magic), l.crc)
		narrow := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(sum[:len(sum):len(sum)], uint32(l.packed)), uint32(l.all))
		long := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(sum[:len(sum):len(sum)], l.packed), l.all)
		for _, form := range [][]byte{long, narrow} {
			if bytes.HasPrefix(data, form) {
				return len(form)
			}
		}
	}
	return 0
}

// record says how long that is which stands at a place and is not to be searched as it stands: a file that is
// not listed, which it shows, or a part of the list; else 0. The list is told by its magic
// number and by saying what it said when it was read, so that nothing hides in its form.
func (z *zipFile) record(at, to int64, magic string) (int64, error) {
	u16 := binary.LittleEndian.Uint16
	atEnd := to == z.size
	switch {
	case magic == localMagic:
		return z.unlisted(at, to)
	case !atEnd:
	case magic == listMagic && z.told < len(z.list.File):
		return z.listEntry(at, to, z.list.File[z.told])
	case z.told < len(z.list.File):
	case magic == wideMagic:
		const size = 56
		b, err := z.peek(at, to, size)
		if err != nil || len(b) < size || !isWideEnd(b, len(z.list.File)) {
			return 0, err
		}
		return size, nil
	case magic == whereMagic:
		return min(20, to-at), nil
	case magic == endMagic:
		n := zipEnd + len(z.list.Comment)
		b, err := z.peek(at, to, n)
		if err != nil || len(b) < n || int(u16(b[20:])) != n-zipEnd || string(b[zipEnd:n]) != z.list.Comment {
			return 0, err
		}
		z.told = math.MaxInt // what comes behind is another's
		return int64(n), nil
	}
	return 0, nil
}

// listEntry says how long the entry of the list at a place is, if it is that of f.
func (z *zipFile) listEntry(at, to int64, f *zip.File) (int64, error) {
	const fixed = 46
	u16 := func(b []byte, at int) int { return int(binary.LittleEndian.Uint16(b[at:])) }
	b, err := z.peek(at, to, fixed)
	if err != nil || len(b) < fixed || u16(b, 28) != len(f.Name) || u16(b, 30) != len(f.Extra) || u16(b, 32) != len(f.Comment) {
		return 0, err
	}
	n := fixed + len(f.Name) + len(f.Extra) + len(f.Comment)
	if b, err = z.peek(at, to, n); err != nil || len(b) < n || string(b[fixed:n]) != f.Name+string(f.Extra)+f.Comment {
		if z.others++; z.others > mostOthers {
			z.told = math.MaxInt
		}
		return 0, err
	}
	z.told++
	return int64(n), nil
}

// mostOthers is how many entries may look like those of the list: to compare one costs up to 196 kB.
const mostOthers = 100

// isWideEnd reports whether the record that has the end's numbers in 64 bits has nothing else, for so many files.
func isWideEnd(b []byte, files int) bool {
	u64 := binary.LittleEndian.Uint64
	return u64(b[4:]) == 44 && u64(b[24:]) == uint64(files) && u64(b[32:]) == uint64(files)
}

// unlisted shows the file whose header stands at a place, if it is sound, and tells how long it is.
func (z *zipFile) unlisted(at, to int64) (int64, error) {
	h, err := z.localHeader(at, to)
	if err != nil || h.name == "" {
		return 0, err
	}
	body := at + h.length
	watch := &watchedAt{ReaderAt: z.from}
	if h.stored {
		if h.size > to-body {
			return 0, nil
		}
		if h.size > 0 {
			err = z.show(h.name, io.NewSectionReader(watch, body, h.size))
		}
		return h.length + h.size, err
	}
	packed := newIntake(io.NewSectionReader(watch, body, to-body))
	is := &listed{}
	content := &checked{from: flate.NewReader(packed.Reader), want: is, atEnd: func() error { return nil }}
	err = z.show(h.name, content)
	if watch.failed != nil || errors.Is(err, errTooMuch) {
		return 0, cmp.Or(watch.failed, err)
	}
	if err != nil {
		return 0, nil
	}
	body += packed.taken()
	*is = listed{crc: content.sum, packed: uint64(packed.taken()), all: content.n}
	b, err := z.peek(body, to, mostDescriptor)
	return body - at + int64(is.descriptor(b)), err
}

// watchedAt keeps an error of reading.
type watchedAt struct {
	io.ReaderAt
	failed error
}

// ReadAt implements io.ReaderAt.
func (w *watchedAt) ReadAt(b []byte, off int64) (int, error) {
	n, err := w.ReaderAt.ReadAt(b, off)
	if err != nil && err != io.EOF {
		w.failed = err
	}
	return n, err
}

// local is what the header before a file says.
type local struct {
	length int64  // of itself
	name   string // "" if it cannot be believed, or is that of a file that is encrypted
	stored bool
	size   int64
}

// localHeader reads the header at a place.
func (z *zipFile) localHeader(at, to int64) (h local, err error) {
	const fixed = 30
	b, err := z.peek(at, to, fixed)
	if err != nil || len(b) < fixed {
		return h, err
	}
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(b[at:])) }
	name, method := u16(26), u16(8)
	h.length = int64(fixed + name + u16(28))
	if h.length > to-at || u16(4)&0xff > 63 || u16(6)&1 != 0 || method != 8 && method != 0 {
		return h, nil
	}
	h.stored, h.size = method == 0, int64(binary.LittleEndian.Uint32(b[18:]))
	// No name has a magic number in it. So a name is not looked at twice, however many headers say they have a long one.
	for n := min(name, mostName); ; n = name {
		if b, err = z.peek(at, to, fixed+n); err != nil || bytes.ContainsFunc(b[fixed:fixed+n], isControl) {
			return h, err
		}
		if n == name {
			break
		}
	}
	if text := b[fixed : fixed+name]; utf8.Valid(text) {
		h.name = string(text)
	}
	return h, nil
}

// mostName is how long names are but for few, in bytes.
const mostName = 256
