package repo

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// indexLink says how a split index differs from its shared index.
type indexLink struct {
	base     plumbing.Hash // names the shared index file; zero if there is none
	deleted  *bitmap       // positions in the shared index; nil if none
	replaced *bitmap
}

func parseLink(data []byte) (*indexLink, error) {
	l := &indexLink{}
	if len(data) < len(l.base) {
		return nil, errIndexCut
	}
	l.base = plumbing.Hash(data[:len(l.base)])
	if data = data[len(l.base):]; len(data) == 0 {
		return l, nil
	}
	var err error
	if l.deleted, data, err = parseBitmap(data); err != nil {
		return nil, err
	}
	if l.replaced, data, err = parseBitmap(data); err != nil {
		return nil, err
	}
	if len(data) > 0 {
		return nil, errors.New("it is followed by bytes that are not known")
	}
	return l, nil
}

// mergeSharedIndex gives the entries of a split index on top of the shared one's.
func (r *Repo) mergeSharedIndex(raw *rawIndex) ([]Entry, error) {
	file := filepath.Join(r.GitDir, "sharedindex."+raw.link.base.String())
	data, err := readFile(file, maxIndexFile)
	if err != nil {
		return nil, fmt.Errorf("its shared index %s: %s", file, reason(err))
	}
	shared, err := parseIndex(data)
	if err != nil {
		return nil, fmt.Errorf("its shared index %s: %w", file, err)
	}
	if shared.link != nil && !shared.link.base.IsZero() {
		return nil, fmt.Errorf("its shared index %s is split again", file)
	}
	base := shared.all()
	if err := checkOrder(base); err != nil {
		return nil, fmt.Errorf("its shared index %s: %w", file, err)
	}
	if shared.trailer != raw.link.base {
		return nil, fmt.Errorf("its shared index %s holds another index", file)
	}
	return raw.link.merge(base, raw.all())
}

// merge applies the changes to base. Entries of changes without a path replace
// those that the bitmap marks, in order; the rest are additions.
func (l *indexLink) merge(base, changes []Entry) ([]Entry, error) {
	next := 0
	err := l.replaced.each(len(base), func(i int) error {
		if next >= len(changes) || changes[next].Path != "" {
			return errors.New("it replaces more entries of the shared index than it holds")
		}
		path := base[i].Path
		base[i] = changes[next]
		base[i].Path = path
		next++
		return nil
	})
	if err != nil {
		return nil, err
	}
	gone := make([]bool, len(base))
	err = l.deleted.each(len(base), func(i int) error {
		gone[i] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	added := changes[next:]
	for i := range added {
		if added[i].Path == "" {
			return nil, errors.New("it holds more replacements than it marks in the shared index")
		}
	}
	entries := make([]Entry, 0, len(base)+len(added))
	for i := range base {
		if !gone[i] {
			entries = append(entries, base[i])
		}
	}
	return addEntries(entries, added), nil
}

// addEntries adds entries as git does: one replaces its like, and an entry
// without conflict also removes the stages of its path.
func addEntries(entries, added []Entry) []Entry {
	fromBase := len(entries)
	all := append(entries, added...)
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Or(strings.Compare(all[i].Path, all[j].Path), cmp.Compare(all[i].Stage, all[j].Stage))
	})
	merged := make([]Entry, 0, len(all))
	settled := "" // the last path whose added entry has stage 0
	for _, i := range order {
		e := all[i]
		if i < fromBase && e.Path == settled {
			continue
		}
		if last := len(merged) - 1; last >= 0 && merged[last].Path == e.Path && merged[last].Stage == e.Stage {
			merged = merged[:last]
		}
		merged = append(merged, e)
		if i >= fromBase && e.Stage == 0 {
			settled = e.Path
		}
	}
	return merged
}

// bitmap is a compressed bitmap in EWAH form: runs of equal 64-bit words, each
// followed by literal words.
type bitmap struct {
	words []byte // big-endian
}

func parseBitmap(data []byte) (*bitmap, []byte, error) {
	if len(data) < 8 {
		return nil, nil, errIndexCut
	}
	size := uint64(binary.BigEndian.Uint32(data[4:])) * 8
	// The position of the last run follows, which only writers need.
	if uint64(len(data)) < 8+size+4 {
		return nil, nil, errIndexCut
	}
	return &bitmap{data[8 : 8+size]}, data[8+size+4:], nil
}

// each calls f for every set bit, in order. A bit at or past limit is an error.
func (b *bitmap) each(limit int, f func(int) error) error {
	if b == nil {
		return nil
	}
	pos := uint64(0) // of the next word's first bit
	for words := b.words; len(words) >= 8; {
		run := binary.BigEndian.Uint64(words)
		words = words[8:]
		length, literals := run>>1&0xffffffff, run>>33
		if literals > uint64(len(words)/8) {
			return errIndexCut
		}
		if run&1 != 0 {
			if err := eachInRun(pos, pos+length*64, limit, f); err != nil {
				return err
			}
		}
		pos += length * 64
		for ; literals > 0; literals-- {
			for word := binary.BigEndian.Uint64(words); word != 0; word &= word - 1 {
				i := pos + uint64(bits.TrailingZeros64(word))
				if err := eachInRun(i, i+1, limit, f); err != nil {
					return err
				}
			}
			words = words[8:]
			pos += 64
		}
	}
	return nil
}

func eachInRun(from, to uint64, limit int, f func(int) error) error {
	if to > uint64(limit) {
		return fmt.Errorf("it marks entry %d of a shared index of %d", to, limit)
	}
	for i := from; i < to; i++ {
		if err := f(int(i)); err != nil {
			return err
		}
	}
	return nil
}
