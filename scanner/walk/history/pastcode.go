package history

import (
	"bufio"
	"encoding/binary"
	"errors"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

var errPast = errors.New("what was kept of a walk does not parse")

// encoder writes lists one after the other, each behind its length. After an error it
// writes nothing more.
type encoder struct {
	to    *bufio.Writer
	wrote int64
}

// encode writes p, but for its words, which stand at the end.
func (p *Past) encode(e *encoder) {
	e.words(p.packs)
	e.int(len(p.loose))
	for _, h := range p.loose {
		e.raw(h[:])
	}
	e.bytes(p.types)
	for _, n := range p.sizes {
		e.int(int(n))
	}
	e.raw(p.digests)
	e.int(len(p.absent))
	for _, a := range p.absent {
		e.raw([]byte{byte(a.typ)})
		e.raw(a.name[:])
	}
	e.words(p.named)
	e.int(len(p.limits))
	for _, l := range p.limits {
		e.int(int(l.number))
		e.raw([]byte{byte(l.typ)})
		e.bytes([]byte(l.text))
	}
	e.int(len(p.names))
	for _, name := range p.names {
		e.bytes([]byte(name))
	}
	e.bytes(p.trees)
	for _, t := range p.times {
		e.long(uint64(t))
	}
	e.words(p.tips)
	e.int(len(p.reached))
	for _, word := range p.reached {
		e.long(word)
	}
	var empty byte
	if p.empty {
		empty = 1
	}
	e.raw([]byte{empty})
}

func (e *encoder) raw(text []byte) {
	n, _ := e.to.Write(text) // the error stays, and Flush gives it
	e.wrote += int64(n)
}

func (e *encoder) int(n int) {
	e.raw(binary.LittleEndian.AppendUint32(e.to.AvailableBuffer(), uint32(n)))
}

func (e *encoder) long(n uint64) {
	e.raw(binary.LittleEndian.AppendUint64(e.to.AvailableBuffer(), n))
}

func (e *encoder) bytes(text []byte) {
	e.int(len(text))
	e.raw(text)
}

func (e *encoder) words(list []int32) {
	e.int(len(list))
	e.record(list)
}

func (e *encoder) record(list []int32) {
	for _, n := range list {
		e.int(int(n))
	}
}

// cut reads what an encoder wrote. Once something is missing, all that follows is empty.
type cut struct {
	data []byte
	bad  bool
}

// take takes n pieces of size bytes off.
func (c *cut) take(n, size int) []byte {
	if n < 0 || n > len(c.data)/size {
		c.bad, c.data = true, nil
		return nil
	}
	head := c.data[:n*size]
	c.data = c.data[n*size:]
	return head
}

func (c *cut) int() int {
	b := c.take(1, 4)
	if b == nil {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(b)))
}

func (c *cut) bytes() []byte { return c.take(c.int(), 1) }

func (c *cut) words() []int32 { return c.record(c.int()) }

func (c *cut) record(n int) []int32 {
	b := c.take(n, 4)
	list := make([]int32, len(b)/4)
	for i := range list {
		list[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return list
}

func (c *cut) hash() (h plumbing.Hash) {
	copy(h[:], c.take(1, hashLen))
	return h
}

// ParsePast reads what Result.Keep gave to write. It keeps data.
func ParsePast(data []byte) (*Past, error) {
	c := &cut{data: data}
	p := &Past{packs: c.words()}
	for range c.int() {
		if c.bad {
			break
		}
		p.loose = append(p.loose, c.hash())
	}
	p.types = c.bytes()
	sizes := c.take(len(p.types), 4)
	p.sizes = make([]uint32, len(sizes)/4)
	for i := range p.sizes {
		p.sizes[i] = binary.LittleEndian.Uint32(sizes[4*i:])
	}
	p.digests = c.take(len(p.types), len(pack.Digest{}))
	for n := c.int(); n > 0 && !c.bad; n-- {
		typ := c.take(1, 1)
		if len(typ) == 1 {
			p.absent = append(p.absent, absentee{c.hash(), plumbing.ObjectType(int8(typ[0]))})
		}
	}
	p.named = c.words()
	for n := c.int(); n > 0 && !c.bad; n-- {
		number, typ := c.int(), c.take(1, 1)
		if text := c.bytes(); len(typ) == 1 {
			p.limits = append(p.limits, limit{int32(number), plumbing.ObjectType(int8(typ[0])), string(text)})
		}
	}
	for n := c.int(); n > 0 && !c.bad; n-- {
		p.names = append(p.names, string(c.bytes()))
	}
	p.trees = c.bytes()
	times := c.take(len(p.trees), 8)
	for i := range len(times) / 8 {
		p.times = append(p.times, int64(binary.LittleEndian.Uint64(times[8*i:])))
	}
	p.tips = c.words()
	reached := c.take(c.int(), 8)
	for i := range len(reached) / 8 {
		p.reached = append(p.reached, binary.LittleEndian.Uint64(reached[8*i:]))
	}
	empty := c.take(1, 1)
	p.words = c.record(len(c.data) / 4)
	if c.bad || len(c.data) > 0 || empty[0] > 1 || !p.holds() {
		return nil, errPast
	}
	p.empty = empty[0] == 1
	return p, nil
}

// holds reports whether all numbers in p are those of something.
func (p *Past) holds() bool {
	total := len(p.loose)
	for _, n := range p.packs {
		if n < 0 {
			return false
		}
		total += int(n)
	}
	if total != len(p.types) || len(p.sizes) != total {
		return false
	}
	for _, n := range p.named {
		if n < 0 || int(n) >= total {
			return false
		}
	}
	for _, n := range p.tips {
		if n < none || int(n) >= total+len(p.absent) {
			return false
		}
	}
	if p.reached != nil && len(p.reached) != len(newBitset(total+len(p.absent))) {
		return false
	}
	for _, l := range p.limits {
		if l.number < 0 || int(l.number) >= total || p.types[l.number] != 0 {
			return false
		}
	}
	p.records = make([]int32, total)
	s := &checker{p, p.words, make([]extent, total)}
	at := 0
	for _, size := range append(p.packs[:len(p.packs):len(p.packs)], int32(len(p.loose))) {
		for n := at; n < at+int(size); n++ {
			if !s.sound(n, at, at+int(size)) {
				return false
			}
			if p.types[n]&^noSize == uint8(plumbing.CommitObject) {
				p.commits = append(p.commits, int32(n))
			}
		}
		at += int(size)
	}
	for n, e := range s.extents {
		if e.taken > 0 && s.extents[e.base].size < e.taken {
			return false
		}
		if e.taken > 0 && int(e.base) == n {
			return false
		}
	}
	return len(s.left) == 0 && len(p.commits) == len(p.times)
}

// checker goes through records that may be anything, in the order of their numbers.
type checker struct {
	*Past
	left    []int32 // words behind the records so far
	extents []extent
}

// next takes a record of some words off, which is that of number n.
func (s *checker) next(n int, size int32) []int32 {
	s.records[n] = int32(len(s.words) - len(s.left))
	rec := s.left[:size:size]
	s.left = s.left[size:]
	return rec
}

// extent is how many entries a tree has, and how many its base has to have.
type extent struct{ size, taken, base int32 }

// sound reports whether the record of number n is whole and points to something; a
// tree's base lies between lo and hi. It takes the record off the shelf.
func (s *checker) sound(n, lo, hi int) bool {
	all := int32(len(s.types) + len(s.absent))
	t := s.types[n]
	s.records[n] = none
	switch typ := plumbing.ObjectType(t &^ marks); typ {
	case 0, plumbing.BlobObject:
		return typ != 0 || t == 0
	case plumbing.CommitObject, plumbing.TagObject:
		if t&notFirst != 0 {
			return true
		}
		if len(s.left) < 1 || s.left[0] < 0 || int(s.left[0]) >= len(s.left) {
			return false
		}
		for _, kid := range s.next(n, 1+s.left[0])[1:] {
			if kid < none || kid >= all {
				return false
			}
		}
		return true
	case plumbing.TreeObject:
		if len(s.left) < 3 || s.left[2] < 0 || int(s.left[2]) > len(s.left)-3 {
			return false
		}
		return s.soundTree(n, s.next(n, 3+s.left[2]), int32(lo), int32(hi))
	}
	return false
}

func (s *checker) soundTree(tree int, rec []int32, lo, hi int32) bool {
	all, size, taken := int32(len(s.types)+len(s.absent)), int32(0), int32(0)
	base := rec[0]
	if base != none && (base < lo || base >= hi) {
		return false
	}
	for at := 3; at < len(rec); {
		n := rec[at]
		if n >= 0 {
			if at+2 > len(rec) || rec[at+1] <= 0 || base == none || n > 1<<30 || rec[at+1] > 1<<30 {
				return false
			}
			size, taken = size+rec[at+1], max(taken, n+rec[at+1])
			at += 2
			continue
		}
		at++
		if n < -int32(len(rec)) || at-2*int(n) > len(rec) {
			return false
		}
		size -= n
		for ; n < 0; n++ {
			kid, label := rec[at], rec[at+1]
			if kid < none || kid >= all || label < 0 || int(label>>1) > len(s.names) {
				return false
			}
			at += 2
		}
	}
	s.extents[tree] = extent{size, taken, base}
	return size == rec[1] && size >= 0
}
