package pack

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"runtime/debug"
)

// Digest identifies an object under its name, as a pack stores it: by its packed
// bytes and those of all that it is made from, wherever they are. Equal digests
// under one salt mean that a walk makes the same object of them. None is zero.
type Digest [16]byte

// Digests gives the digest of each entry, in pack order. It is zero for an entry
// that a walk would refuse, that is made from something outside of the pack, or that
// takes far more bytes than it can need.
//
// That costs no inflating: when git writes a pack anew, it takes most entries
// over as they are, but for the distance to the base.
func (p *Pack) Digests(salt []byte) (list []Digest, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer p.catch(&err)
	if p.load.Do(p.readEntries); p.fault != nil {
		return nil, p.fault
	}
	d := &digester{p: p, left: maxDigesting, salt: salt, list: make([]Digest, len(p.entries)), done: make([]bool, len(p.entries)), hash: sha256.New()}
	for i := range p.entries {
		d.entry(int32(i))
	}
	return d.list, nil
}

// What is hashed at most: a file may have holes of terabytes, of which the last
// entry before one seems to be made.
const (
	maxDigested  = 1 << 30  // bytes of one entry
	maxDigesting = 64 << 30 // and of all
	slack        = 1 << 16  // what an entry may take beyond twice its size; deflate adds far less
)

// spend reports whether n bytes, which make an object of that size, are to be hashed.
func (d *digester) spend(n int64, size uint64) bool {
	if n > maxDigested || n > d.left || n > slack && uint64(n-slack)/2 > size {
		return false
	}
	d.left -= n
	return true
}

type digester struct {
	p     *Pack
	left  int64 // bytes that may still be hashed
	salt  []byte
	list  []Digest
	done  []bool // or begun
	chain []int32
	hash  hash.Hash
	head  []byte // scratch
	sum   []byte
}

// entry makes the digest of entry i, and before it those of the bases that it
// needs, of which a ref-delta's may come later in the pack.
func (d *digester) entry(i int32) {
	d.chain = d.chain[:0]
	for ; i >= 0 && !d.done[i]; i = d.p.entries[i].base {
		d.done[i] = true // of a cycle of bases, none has a digest
		d.chain = append(d.chain, i)
	}
	for k := len(d.chain) - 1; k >= 0; k-- {
		d.put(d.chain[k])
	}
}

func (d *digester) put(i int32) {
	e := &d.p.entries[i]
	var base Digest
	if e.base >= 0 {
		base = d.list[e.base]
	}
	if e.base != noBase && base == (Digest{}) {
		return
	}
	raw := d.p.packed(int(i))
	if int(e.head) > len(raw) || !d.spend(int64(len(raw)), e.size) || d.p.damaged(i, raw) {
		return
	}
	kind := byte(e.typ)
	if e.base != noBase {
		kind = 0
	}
	name := d.p.index.Name(int(e.name))
	d.head = append(append(append(d.head[:0], d.salt...), name[:]...), base[:]...)
	d.head = binary.LittleEndian.AppendUint64(append(d.head, kind), e.size)
	d.hash.Reset()
	d.hash.Write(d.head)
	d.hash.Write(raw[e.head:])
	d.sum = d.hash.Sum(d.sum[:0])
	copy(d.list[i][:], d.sum)
}
