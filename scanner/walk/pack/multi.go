package pack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// MultiIndex is git's index of several packs (gitformat-pack, "multi-pack-index").
// git asks it before the packs' own indexes. Here it is read only to see that it
// says what those say: else git would show other bytes than those searched.
type MultiIndex struct {
	path  string
	packs []string // names of the packs' indexes
	n     int
	fan   []byte
	names []byte
	offs  []byte // of each name the number of a pack, and an offset in it
	large []byte
	unmap func() error
}

// OpenMulti opens the index at path. The error wraps fs.ErrNotExist if there is none.
func OpenMulti(path string) (_ *MultiIndex, err error) {
	defer Guard(&err)()
	data, unmap, err := MapFile(path)
	if err != nil {
		return nil, err
	}
	m := &MultiIndex{path: path, unmap: unmap}
	if err := m.parse(data); err != nil {
		unmap()
		return nil, fmt.Errorf("read %s: %w; \"git multi-pack-index write\" makes a new one", path, err)
	}
	return m, nil
}

// Close gives the mapping back.
func (m *MultiIndex) Close() error { return m.unmap() }

// Packs are the names of the packs that it lists, without an ending.
func (m *MultiIndex) Packs() []string { return m.packs }

const (
	multiHead = 12
	chunkRow  = 12
)

func (m *MultiIndex) parse(data []byte) error {
	switch {
	case len(data) < multiHead || string(data[:4]) != "MIDX":
		return errors.New("it does not start as an index of several packs does")
	case data[4] != 1 || data[5] != 1:
		return fmt.Errorf("it has version %d with names of kind %d; only 1 and 1 are known", data[4], data[5])
	case data[7] != 0:
		return errors.New("it is made of several files")
	}
	rows, packs := int(data[6]), int(binary.BigEndian.Uint32(data[8:]))
	if len(data) < multiHead+chunkRow*(rows+1) {
		return errTruncated
	}
	chunk := map[string][]byte{}
	for i := range rows {
		row := data[multiHead+chunkRow*i:]
		from, to := binary.BigEndian.Uint64(row[4:]), binary.BigEndian.Uint64(row[chunkRow+4:])
		if from > to || to > uint64(len(data)) {
			return errTruncated
		}
		if id := string(row[:4]); chunk[id] == nil {
			chunk[id] = data[from:to:to]
		}
	}
	m.fan, m.names, m.offs, m.large = chunk["OIDF"], chunk["OIDL"], chunk["OOFF"], chunk["LOFF"]
	if len(m.fan) != 1024 {
		return errTruncated
	}
	m.n = int(binary.BigEndian.Uint32(m.fan[1020:]))
	if len(m.names) != m.n*hashLen || len(m.offs) != m.n*8 {
		return errTruncated
	}
	for name := range bytes.SplitSeq(chunk["PNAM"], []byte{0}) {
		if len(m.packs) < packs {
			m.packs = append(m.packs, strings.TrimSuffix(string(name), ".idx"))
		}
	}
	if len(m.packs) != packs {
		return errTruncated
	}
	return nil
}

var errTruncated = errors.New("its tables do not fit")

// Check reports whether all that it says of packs is what their own indexes say. by
// gives a pack by the name of its file without an ending, nil if it is not there:
// then git does not use it either.
func (m *MultiIndex) Check(by func(name string) *Pack) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer m.catch(&err)
	packs := make([]*Pack, len(m.packs))
	for i, name := range m.packs {
		packs[i] = by(name)
	}
	for i := range m.n {
		if err := m.agrees(i, func(n int) *Pack { return packs[n] }); err != nil {
			return err
		}
	}
	return nil
}

// CheckOne is Check for one name; one that is not listed is right.
func (m *MultiIndex) CheckOne(h plumbing.Hash, by func(name string) *Pack) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer m.catch(&err)
	// git trusts the fan-out, so that what it hides is hidden from git as well.
	lo, hi := 0, int(binary.BigEndian.Uint32(m.fan[4*int(h[0]):]))
	if hi > m.n {
		return m.lie(h)
	}
	if h[0] > 0 {
		lo = int(binary.BigEndian.Uint32(m.fan[4*int(h[0])-4:]))
	}
	for lo < hi {
		switch mid := int(uint(lo+hi) >> 1); bytes.Compare(m.names[mid*hashLen:(mid+1)*hashLen], h[:]) {
		case -1:
			lo = mid + 1
		case 0:
			return m.agrees(mid, func(n int) *Pack { return by(m.packs[n]) })
		default:
			hi = mid
		}
	}
	return nil
}

// agrees compares entry i with the index of the pack that it names.
func (m *MultiIndex) agrees(i int, by func(n int) *Pack) error {
	var h plumbing.Hash
	copy(h[:], m.names[i*hashLen:])
	n := binary.BigEndian.Uint32(m.offs[8*i:])
	off := uint64(binary.BigEndian.Uint32(m.offs[8*i+4:]))
	if off&0x80000000 != 0 && m.large != nil {
		at := int(off&0x7fffffff) * 8
		if at+8 > len(m.large) {
			return m.lie(h)
		}
		off = binary.BigEndian.Uint64(m.large[at:])
	}
	if int(n) >= len(m.packs) {
		return m.lie(h)
	}
	p := by(int(n))
	if p == nil {
		return nil
	}
	if is, ok := p.Offset(h); !ok || is != off {
		return m.lie(h)
	}
	return nil
}

func (m *MultiIndex) lie(h plumbing.Hash) error {
	return fmt.Errorf("%s says that object %s is at an offset where the index of its pack does not have it, so git may show content that was not searched; \"git multi-pack-index write\" makes a new one, \"git fsck\" shows details", m.path, h)
}

func (m *MultiIndex) catch(err *error) {
	if r := recover(); r != nil {
		if !IsFault(r) {
			panic(r)
		}
		*err = fmt.Errorf("read %s: it changed or became unreadable while it was read (%v)", m.path, r)
	}
}
