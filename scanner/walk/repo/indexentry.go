package repo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// The layout of an entry: times, device and owner (not read), mode at 24, the
// object's name at 40, flags at 60, further flags at 62 if the flags say so.
const (
	entryModeOff  = 24
	entryHashOff  = 40
	entryFlagsOff = 60
	entrySize     = 62

	flagExtended     = 0x4000
	flagStage        = 0x3000
	flagName         = 0x0fff // the name's length, or this value if it is longer
	flagIntentToAdd  = 0x2000 // in the further flags, as the next ones
	flagSkipWorktree = 0x4000
	flagsUnknown     = 0x8000
)

// maxPathGrowth is how many times larger than the index all its paths may be.
// In version 4 an entry of 64 bytes can repeat a path of any length.
const maxPathGrowth = 64

// entryDecoder reads the entries one after the other.
type entryDecoder struct {
	data    []byte
	off     int // of the next entry
	version uint32
	path    []byte // of the last entry in version 4, which the next one builds on
	total   int    // bytes in all paths of version 4
}

// skim goes through the entries of version 2 or 3 and tells where each begins, so that
// it can be read by itself, and which of them is the first that is out of order.
func (d *entryDecoder) skim(count uint32) (at []uint32, order, err error) {
	if err := d.fits(count); err != nil {
		return nil, nil, err
	}
	at = make([]uint32, count)
	var last []byte
	var before, e Entry
	for i := range at {
		at[i] = uint32(d.off)
		path, err := d.next(&e)
		if err != nil {
			return nil, nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		if order == nil {
			order = misplaced(i, last, path, before.Stage, e.Stage)
		}
		last, before = path, e
	}
	return at, order, nil
}

// all reads the entries.
func (d *entryDecoder) all(count uint32) ([]Entry, error) {
	if err := d.fits(count); err != nil {
		return nil, err
	}
	entries := make([]Entry, count)
	var names strings.Builder
	names.Grow(len(d.data) / 2)
	for i := range entries {
		e := &entries[i]
		path, err := d.next(e)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		// Should names need more room, those so far stay where they are.
		start := names.Len()
		names.Write(path)
		e.Path = names.String()[start:]
	}
	return entries, nil
}

func (d *entryDecoder) fits(count uint32) error {
	if uint64(count) > uint64(len(d.data)/entrySize) {
		return fmt.Errorf("it claims %d entries, more than fit into it", count)
	}
	return nil
}

// next reads an entry, but for its path, which it gives in memory that is not its own.
func (d *entryDecoder) next(e *Entry) (path []byte, err error) {
	data := d.data[d.off:]
	if len(data) < entrySize {
		return nil, errIndexCut
	}
	*e = Entry{}
	e.Mode = filemode.FileMode(binary.BigEndian.Uint32(data[entryModeOff:]))
	e.Hash = plumbing.Hash(data[entryHashOff:entryFlagsOff])
	flags := binary.BigEndian.Uint16(data[entryFlagsOff:])
	e.Stage = uint8(flags & flagStage >> 12)
	size := entrySize
	if flags&flagExtended != 0 {
		if d.version < 3 {
			return nil, errors.New("it has flags that its version does not know")
		}
		if len(data) < size+2 {
			return nil, errIndexCut
		}
		more := binary.BigEndian.Uint16(data[size:])
		if more&flagsUnknown != 0 {
			return nil, fmt.Errorf("its flags %#x are not known", more)
		}
		e.IntentToAdd = more&flagIntentToAdd != 0
		e.SkipWorktree = more&flagSkipWorktree != 0
		size += 2
	}
	if d.version == 4 {
		return d.compressedPath(size)
	}
	return d.paddedPath(size, int(flags&flagName))
}

// paddedPath reads the path of versions 2 and 3: zeros fill the entry up to a
// multiple of 8, at least one.
func (d *entryDecoder) paddedPath(size, length int) ([]byte, error) {
	start := d.off + size
	if length == flagName {
		length = bytes.IndexByte(d.data[start:], 0)
	}
	end := d.off + (size+length+8)&^7
	if length < 0 || end > len(d.data) {
		return nil, errIndexCut
	}
	if bytes.IndexByte(d.data[start:end], 0) != length {
		return nil, errors.New("its path is not closed by a zero")
	}
	d.off = end
	return d.data[start : start+length], nil
}

// compressedPath reads the path of version 4: how many bytes of the last path
// to drop, and what to add.
func (d *entryDecoder) compressedPath(size int) ([]byte, error) {
	rest := d.data[d.off+size:]
	drop, n := indexVarint(rest)
	if n == 0 || drop > uint64(len(d.path)) {
		return nil, errors.New("its path builds on a longer one than there is")
	}
	rest = rest[n:]
	end := bytes.IndexByte(rest, 0)
	if end < 0 {
		return nil, errIndexCut
	}
	d.path = append(d.path[:len(d.path)-int(drop)], rest[:end]...)
	if d.total += len(d.path); d.total > maxPathGrowth*len(d.data) {
		return nil, errors.New("its paths repeat a beginning that is too long")
	}
	d.off += size + n + end + 1
	return d.path, nil
}

// indexVarint reads a number in git's offset encoding, and how many bytes it
// takes: 0 if it is cut or far too large.
func indexVarint(data []byte) (value uint64, n int) {
	for n < len(data) && n < 8 {
		ch := data[n]
		n++
		value |= uint64(ch & 0x7f)
		if ch&0x80 == 0 {
			return value, n
		}
		value = (value + 1) << 7
	}
	return 0, 0
}
