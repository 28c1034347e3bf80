// Package pack reads git packfiles in delta order: from each object that is
// stored whole down the tree of deltas made from it, every object inflated
// once, and hands each object to a visitor together with the ranges it took
// over from its base and with what the visitor made of that base.
//
// It refuses to know what is searched for: no rules, no findings, no refs. Its
// invariants: every object of the pack is either visited or reported as a
// Problem; at most one base per level of a balanced tree is held (the heaviest
// child goes last), within a bound in bytes; input never makes it panic.
package pack

import (
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
)

// Pack is an open packfile with its index. It is safe for concurrent use.
type Pack struct {
	path    string
	data    []byte // the whole file, mapped
	end     int    // where the trailer starts
	index   *Index
	closers []func() error
	bound   int64 // mutable, by Bound: of what is read by name
	big     *Big  // mutable, by Use

	load    sync.Once
	entries []entry // in pack order; read once, by the first that needs them
	order   []int32 // position in name order → position in pack order
	finder  *finder
	fault   error // the pack was cut while its entries were read
}

// entry is one object's record in the pack.
type entry struct {
	off  uint64 // of the entry's header
	size uint64 // of the inflated data: the object, or the delta
	name int32  // position in the index's name order
	base int32  // position in entries of the delta's base; noBase, or farBase
	crc  uint32 // of the packed bytes, as the index says; 0 if it has none
	head uint8  // bytes of header before the zlib stream
	typ  plumbing.ObjectType
}

const (
	noBase  = int32(-1) // stored whole
	farBase = int32(-2) // a ref-delta whose base is not in this pack
	badBase = int32(-3) // the header does not parse
)

// Open opens the pack at path (ending in .pack) and its index beside it.
// Damage that leaves something readable is reported by Damage, not by the error.
func Open(path string) (_ *Pack, err error) {
	defer Guard(&err)() // it may be cut before its first bytes are looked at
	p := &Pack{path: path, big: &Big{}}
	idx, unmap, err := MapFile(strings.TrimSuffix(path, ".pack") + ".idx")
	if err != nil {
		return nil, fmt.Errorf("open pack index: %w", err)
	}
	p.closers = append(p.closers, unmap)
	if p.index, err = ParseIndex(idx); err != nil {
		p.Close()
		return nil, fmt.Errorf("read the index of pack %s: %w; \"git index-pack\" makes a new one", path, err)
	}
	if p.data, unmap, err = MapFile(path); err != nil {
		p.Close()
		return nil, fmt.Errorf("open pack: %w", err)
	}
	p.closers = append(p.closers, unmap)
	if err := p.checkFrame(); err != nil {
		p.Close()
		return nil, fmt.Errorf("read pack %s: %w", path, err)
	}
	return p, nil
}

func (p *Pack) checkFrame() error {
	d := p.data
	if len(d) < 12+hashLen || string(d[:4]) != "PACK" {
		return errors.New("it does not start as a packfile does")
	}
	if v := binary.BigEndian.Uint32(d[4:]); v != 2 && v != 3 {
		return fmt.Errorf("it has version %d, only 2 and 3 are known", v)
	}
	p.end = len(d) - hashLen
	return nil
}

// Close gives the mappings back. Nothing from the pack may be used after it.
func (p *Pack) Close() error {
	var errs []error
	for _, c := range p.closers {
		errs = append(errs, c())
	}
	p.closers, p.data = nil, nil
	return errors.Join(errs...)
}

// Bound sets how many bytes an object that is read by name may have; 0 is no
// bound. It must not be called while the pack is in use.
func (p *Pack) Bound(limit int64) { p.bound = limit }

// Use makes the pack take the buffers of large objects from b, which other packs may use
// too. It must not be called while the pack is in use.
func (p *Pack) Use(b *Big) { p.big = b }

// Path is the file that the pack was opened from.
func (p *Pack) Path() string { return p.path }

// Size is the length of the file in bytes.
func (p *Pack) Size() int { return len(p.data) }

// Len is the number of objects.
func (p *Pack) Len() int { return p.index.n }

// Name is the object name of entry i, in pack order.
func (p *Pack) Name(i int) plumbing.Hash {
	p.load.Do(p.readEntries)
	return p.index.Name(int(p.entries[i].name))
}

// Find returns the entry that holds h, in pack order.
func (p *Pack) Find(h plumbing.Hash) (int, bool) {
	if p.load.Do(p.readEntries); p.fault != nil {
		return 0, false
	}
	i, ok := p.finder.find(&h)
	if !ok {
		return 0, false
	}
	return int(p.order[i]), true
}

// FindAll appends to list the entry that holds each of names, in pack order, or -1.
func (p *Pack) FindAll(list []int32, names []plumbing.Hash) []int32 {
	from := len(list)
	if p.load.Do(p.readEntries); p.fault != nil {
		for range names {
			list = append(list, -1)
		}
		return list
	}
	list = p.finder.findAll(list, names)
	for i, at := range list[from:] {
		if at >= 0 {
			list[from+i] = p.order[at]
		}
	}
	return list
}

// Damage lists what is wrong with the frame of the pack although its objects
// can be read: a count or checksum that does not fit.
func (p *Pack) Damage() []error {
	var errs []error
	if err := p.index.Verify(); err != nil {
		errs = append(errs, fmt.Errorf("pack %s: %w; \"git index-pack\" makes a new index", p.path, err))
	}
	for b := range len(p.index.fanout) {
		if !p.index.Rising(plumbing.Hash{byte(b)}) {
			errs = append(errs, p.errOrder())
			break
		}
	}
	if n := binary.BigEndian.Uint32(p.data[8:]); int(n) != p.index.n {
		errs = append(errs, fmt.Errorf("pack %s says that it holds %d objects, its index lists %d; run \"git fsck\"", p.path, n, p.index.n))
	}
	trailer := p.data[p.end:]
	if p.index.crcs == nil { // then only the checksum of the whole holds the entries
		sum := sha1.Sum(p.data[:p.end])
		trailer = sum[:]
	}
	if string(trailer) != string(p.index.pack[:]) {
		errs = append(errs, fmt.Errorf("the checksum of pack %s is not the one that its index names; the pack is truncated or was changed", p.path))
	}
	return errs
}

// errOrder means that names are not in their order in the index.
func (p *Pack) errOrder() error {
	return fmt.Errorf("the index of pack %s lists names twice or out of their order, so that git may find other bytes under them than were searched; \"git index-pack\" makes a new one", p.path)
}

// Ordered is an error if h cannot be looked up for certain: if the index lists names
// near it twice or out of their order.
func (p *Pack) Ordered(h plumbing.Hash) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer p.catch(&err)
	if !p.index.Rising(h) {
		return p.errOrder()
	}
	return nil
}

// readEntries parses every entry's header, in pack order.
func (p *Pack) readEntries() {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer p.catch(&p.fault)
	n := p.index.n
	p.finder = newFinder(p.index)
	p.entries = make([]entry, n)
	p.order = make([]int32, n)
	keys := make([]uint64, n)
	names := make([]int32, n)
	for i := range n {
		off, ok := p.index.Offset(i)
		if !ok {
			off = math.MaxUint64
		}
		keys[i], names[i] = off, int32(i)
	}
	keys, names = sortByOffset(keys, names)
	for i := range n {
		crc, _ := p.index.CRC(int(names[i]))
		p.entries[i] = entry{off: keys[i], name: names[i], crc: crc}
		p.order[names[i]] = int32(i)
	}
	for i := range p.entries {
		p.readHeader(i)
	}
}

// readHeader parses the header of entry i and finds the entry of its base.
func (p *Pack) readHeader(i int) {
	e := &p.entries[i]
	e.base = badBase
	if e.off < 12 || e.off >= uint64(p.end) {
		return
	}
	h, ok := parseHeader(p.data[e.off:p.end])
	if !ok {
		return
	}
	e.typ, e.size, e.head = h.typ, h.size, h.len
	switch h.typ {
	case plumbing.OFSDeltaObject:
		if h.back > e.off {
			return
		}
		if j, ok := p.entryAt(i, e.off-h.back); ok {
			e.base = int32(j)
		}
	case plumbing.REFDeltaObject:
		e.base = farBase
		if j, ok := p.finder.find(&h.base); ok {
			e.base = p.order[j]
		}
	default:
		e.base = noBase
	}
}

// header is what stands before the zlib stream of an entry (gitformat-pack).
type header struct {
	typ  plumbing.ObjectType
	size uint64        // of the inflated data
	len  uint8         // of the header, bytes
	back uint64        // ofs-delta: distance to the base
	base plumbing.Hash // ref-delta: name of the base
}

func parseHeader(d []byte) (h header, ok bool) {
	c := d[0]
	h.typ = plumbing.ObjectType(c >> 4 & 7)
	size, shift, k := uint64(c&15), 4, 1
	for c >= 0x80 {
		if k >= len(d) || shift > 53 {
			return h, false
		}
		c = d[k]
		size |= uint64(c&0x7f) << shift
		shift += 7
		k++
	}
	h.size = size
	switch h.typ {
	case plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject:
	case plumbing.OFSDeltaObject:
		m := 0
		if h.back, m = ofsDistance(d[k:]); m == 0 || h.back == 0 {
			return h, false
		}
		k += m
	case plumbing.REFDeltaObject:
		if len(d) < k+hashLen {
			return h, false
		}
		copy(h.base[:], d[k:])
		k += hashLen
	default:
		return h, false
	}
	h.len = uint8(k)
	return h, true
}

// ofsDistance reads the negative offset of an ofs-delta; m is its length in
// bytes, 0 if it is broken.
func ofsDistance(d []byte) (back uint64, m int) {
	for m < len(d) && m < 9 {
		c := d[m]
		m++
		back |= uint64(c & 0x7f)
		if c < 0x80 {
			return back, m
		}
		back = (back + 1) << 7
	}
	return 0, 0
}

// entryAt finds the entry that starts at off. Bases mostly stand a little
// before their deltas, so it gallops backwards from i.
func (p *Pack) entryAt(i int, off uint64) (int, bool) {
	if i == 0 {
		return 0, false
	}
	hi, step := i, 1
	lo := i - 1
	for lo > 0 && p.entries[lo].off > off {
		hi = lo
		step *= 2
		lo = max(0, lo-step)
	}
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if p.entries[m].off < off {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo < len(p.entries) && lo >= 0 && p.entries[lo].off == off {
		return lo, true
	}
	return 0, false
}

// damaged reports whether the packed bytes of entry i, which are raw, have another
// checksum than the index says.
func (p *Pack) damaged(i int32, raw []byte) bool {
	return p.index.crcs != nil && crc32.ChecksumIEEE(raw) != p.entries[i].crc
}

// packed returns the bytes of entry i, header included, up to the next entry.
func (p *Pack) packed(i int) []byte {
	end := uint64(p.end)
	if i+1 < len(p.entries) && p.entries[i+1].off < end {
		end = p.entries[i+1].off
	}
	return p.data[p.entries[i].off:end]
}

// sortByOffset sorts the pairs by key with a radix sort: a pack of 300,000
// objects takes 4 ms instead of 45 ms with slices.SortFunc.
func sortByOffset(keys []uint64, names []int32) ([]uint64, []int32) {
	const bits = 11
	var top uint64
	for _, k := range keys {
		top |= k
	}
	k2, n2 := make([]uint64, len(keys)), make([]int32, len(keys))
	for shift := 0; shift < 64 && top>>shift != 0; shift += bits {
		var count [1 << bits]int
		for _, k := range keys {
			count[k>>shift&(1<<bits-1)]++
		}
		sum := 0
		for i, c := range count {
			count[i] = sum
			sum += c
		}
		for i, k := range keys {
			j := count[k>>shift&(1<<bits-1)]
			count[k>>shift&(1<<bits-1)]++
			k2[j], n2[j] = k, names[i]
		}
		keys, k2, names, n2 = k2, keys, n2, names
	}
	return keys, names
}
