package pack

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"
)

// Index is a pack index, version 1 or 2 (git's gitformat-pack), read in place:
// the sorted object names of a pack with the offset of each.
type Index struct {
	n       int
	fanout  [256]uint32
	names   []byte // n records of nameStep bytes; the name stands at nameOff in each
	step    int
	nameOff int
	crcs    []byte // n × 4 bytes; nil in version 1
	offs    []byte // n × 4 bytes; nil in version 1, where the offset precedes the name
	large   []byte // version 2: 8-byte offsets
	pack    plumbing.Hash
	data    []byte // the whole index

	order [256]atomic.Uint32 // mutable: what is known of the names that begin with a byte
}

// What Index.order holds.
const (
	orderUnknown = iota
	orderRising
	orderWrong
)

const hashLen = len(plumbing.Hash{})

// ParseIndex reads the index in data, which it keeps. It returns an error if
// the structure is not sound; it leaves the checksum to Verify, which reads
// every byte.
func ParseIndex(data []byte) (*Index, error) {
	x := &Index{data: data}
	table := data
	v2 := bytes.HasPrefix(data, []byte{0xff, 't', 'O', 'c'})
	if v2 {
		if len(data) < 8 {
			return nil, fmt.Errorf("index is truncated at %d bytes", len(data))
		}
		if v := binary.BigEndian.Uint32(data[4:]); v != 2 {
			return nil, fmt.Errorf("index has version %d, only 1 and 2 are known", v)
		}
		table = data[8:]
	}
	if len(table) < 1024+2*hashLen {
		return nil, fmt.Errorf("index is truncated at %d bytes", len(data))
	}
	last := uint32(0)
	for i := range x.fanout {
		x.fanout[i] = binary.BigEndian.Uint32(table[4*i:])
		if x.fanout[i] < last {
			return nil, fmt.Errorf("index fan-out falls at entry %d", i)
		}
		last = x.fanout[i]
	}
	x.n = int(last)
	body, trailer := table[1024:len(table)-2*hashLen], data[len(data)-2*hashLen:]
	copy(x.pack[:], trailer)
	if err := x.split(body, v2); err != nil {
		return nil, err
	}
	return x, nil
}

func (x *Index) split(body []byte, v2 bool) error {
	if !v2 {
		x.step, x.nameOff = hashLen+4, 4
		if len(body) != x.n*x.step {
			return fmt.Errorf("index holds %d bytes for %d objects", len(body), x.n)
		}
		x.names = body
		return nil
	}
	x.step = hashLen
	fixed := x.n * (hashLen + 8)
	if len(body) < fixed || (len(body)-fixed)%8 != 0 {
		return fmt.Errorf("index holds %d bytes for %d objects", len(body), x.n)
	}
	x.names, body = body[:x.n*hashLen], body[x.n*hashLen:]
	x.crcs, body = body[:x.n*4], body[x.n*4:]
	x.offs, x.large = body[:x.n*4], body[x.n*4:]
	return nil
}

// Verify reports whether the index's checksum fits its content.
func (x *Index) Verify() error {
	body, trailer := x.data[:len(x.data)-hashLen], x.data[len(x.data)-hashLen:]
	if sum := sha1.Sum(body); !bytes.Equal(sum[:], trailer) {
		return errors.New("the checksum of its index does not fit")
	}
	return nil
}

// Rising reports whether the names with h's first byte rise, so that each is there
// once. If they do not, it depends on how a reader searches whether it finds one, and
// at which offset.
func (x *Index) Rising(h plumbing.Hash) bool {
	known := &x.order[h[0]]
	if known.Load() == orderUnknown {
		is := uint32(orderRising)
		if !x.rises(h[0]) {
			is = orderWrong
		}
		known.Store(is)
	}
	return known.Load() == orderRising
}

func (x *Index) rises(first byte) bool {
	lo, hi := 0, int(x.fanout[first])
	if first > 0 {
		lo = int(x.fanout[first-1])
	}
	var last []byte
	for i := lo; i < hi; i++ {
		at := i*x.step + x.nameOff
		name := x.names[at : at+hashLen]
		if name[0] != first || last != nil && bytes.Compare(last, name) >= 0 {
			return false
		}
		last = name
	}
	return true
}

// Name is the object name at position i in name order.
func (x *Index) Name(i int) (h plumbing.Hash) {
	copy(h[:], x.names[i*x.step+x.nameOff:])
	return h
}

// Offset is where the object at position i in name order starts in the pack;
// false if the index points outside its own table of large offsets.
func (x *Index) Offset(i int) (uint64, bool) {
	if x.offs == nil {
		return uint64(binary.BigEndian.Uint32(x.names[i*x.step:])), true
	}
	v := binary.BigEndian.Uint32(x.offs[4*i:])
	if v&0x80000000 == 0 {
		return uint64(v), true
	}
	j := int(v&0x7fffffff) * 8
	if j+8 > len(x.large) {
		return 0, false
	}
	return binary.BigEndian.Uint64(x.large[j:]), true
}

// CRC is the CRC-32 of the packed bytes of the object at position i; false in
// version 1, which has none.
func (x *Index) CRC(i int) (uint32, bool) {
	if x.crcs == nil {
		return 0, false
	}
	return binary.BigEndian.Uint32(x.crcs[4*i:]), true
}

// Find returns the position of h in name order.
func (x *Index) Find(h plumbing.Hash) (int, bool) {
	lo, hi := 0, int(x.fanout[h[0]])
	if h[0] > 0 {
		lo = int(x.fanout[h[0]-1])
	}
	// Names are evenly spread, so one guess lands within a few records of the
	// place; the search widens from there and ends as a binary search.
	key := binary.BigEndian.Uint64(h[:8])
	if hi-lo > 8 {
		g := lo + int(uint64(hi-lo)*(key>>24&0xffffffff)>>32)
		for span := 8; ; span *= 4 {
			a, b := max(lo, g-span), min(hi, g+span)
			okLow := a == lo || x.key(a) <= key
			okHigh := b == hi || x.key(b) > key
			if okLow && okHigh {
				lo, hi = a, b
				break
			}
		}
	}
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if x.key(m) < key {
			lo = m + 1
		} else {
			hi = m
		}
	}
	for end := int(x.fanout[h[0]]); lo < end && x.key(lo) == key; lo++ {
		if x.Name(lo) == h {
			return lo, true
		}
	}
	return 0, false
}

// finder finds names in an index by their first bits, which are evenly spread,
// so that hardly more than one name is looked at. On the indexes of curl and
// terraform it takes half the time of Index.Find, whose probes each miss the
// cache. It costs four bytes for a name, and is made for walks only.
type finder struct {
	*Index
	shift uint
	first []uint32 // by the first bits of a name, the first position that has them
}

// crowd is how many names with the same first bits are looked at one by one.
const crowd = 16

func newFinder(x *Index) *finder {
	width := max(1, bits.Len(uint(x.n))-1)
	f := &finder{x, uint(64 - width), make([]uint32, 1<<width+1)}
	for i := range x.n {
		f.first[x.key(i)>>f.shift+1]++
	}
	for i := 1; i < len(f.first); i++ {
		f.first[i] += f.first[i-1]
	}
	return f
}

// find is Index.Find.
func (f *finder) find(h *plumbing.Hash) (int, bool) {
	key := binary.BigEndian.Uint64(h[:8])
	k := key >> f.shift
	lo, hi := int(f.first[k]), int(f.first[k+1])
	if hi-lo > crowd { // no hashes: names that were made up
		return f.Index.Find(*h)
	}
	for ; lo < hi; lo++ {
		at := lo*f.step + f.nameOff
		name := f.names[at : at+hashLen]
		if binary.BigEndian.Uint64(name) == key && string(name) == string(h[:]) {
			return lo, true
		}
	}
	return 0, false
}

// findAll appends to list the position of each of names, or -1. It goes over them
// a few times, so that what one has to wait for in memory is fetched for many.
func (f *finder) findAll(list []int32, names []plumbing.Hash) []int32 {
	from := len(list)
	for i := range names {
		list = append(list, int32(f.first[binary.BigEndian.Uint64(names[i][:8])>>f.shift]))
	}
	for i, lo := range list[from:] {
		if int(lo) < f.n {
			list[from+i] = int32(f.names[int(lo)*f.step+f.nameOff])
		}
	}
	for i := range names {
		at, ok := f.find(&names[i])
		if !ok {
			at = -1
		}
		list[from+i] = int32(at)
	}
	return list
}

// key is the head of the name at position i, in the order of names.
func (x *Index) key(i int) uint64 {
	return binary.BigEndian.Uint64(x.names[i*x.step+x.nameOff:])
}
