// Package sums computes the SHA-1 of many contents side by side, each in a lane
// of a vector. One content alone leaves most of a machine's arithmetic idle, as
// each step needs what the one before it made.
//
// It refuses to know what the contents are. Its invariant: for each content that
// was added it reports the sum that crypto/sha1 computes, once, when Finish
// returns at the latest.
package sums

import (
	"crypto/sha1"
	"encoding/binary"
	"math"
)

const (
	lanes = 16
	block = sha1.BlockSize
	// room is how many bytes wait at most. The lanes are all busy until the last of
	// these is begun, so more of them make less to carry over.
	room = 1 << 20
	// longest is the longest message that takes a lane: what fewer messages than
	// lanes leave to be carried over, and one more, has to find room.
	longest = room / lanes
)

// Batch takes contents and reports the sum of each, with its tag, some time later.
// It belongs to one goroutine.
type Batch[T any] struct {
	tell func(tag T, sum [sha1.Size]byte)

	// mutable
	data, spare []byte       // whole messages, one after another: made of blocks
	wait        []message[T] // those that no lane has
	lane        [lanes]message[T]
	busy        int // how many of the first lanes have a message
	state       state
}

// message is a content with its padding, as SHA-1 reads it: data[at:end].
type message[T any] struct {
	at, end int
	tag     T
}

// state has the five words of the sum so far, of all lanes.
type state [5][lanes]uint32

// NewBatch makes a batch that calls tell for each content that is added.
func NewBatch[T any](tell func(tag T, sum [sha1.Size]byte)) *Batch[T] { return &Batch[T]{tell: tell} }

// Add takes the content that is made of head and body, neither of which it keeps.
func (b *Batch[T]) Add(head, body []byte, tag T) {
	n := len(head) + len(body)
	size := (n + 1 + 8 + block - 1) / block * block
	if !vectors() || size > longest {
		sum := sha1.New()
		sum.Write(head)
		sum.Write(body)
		b.tell(tag, [sha1.Size]byte(sum.Sum(nil)))
		return
	}
	if len(b.data)+size > room {
		b.run()
		b.compact()
	}
	if b.data == nil {
		b.data, b.spare = make([]byte, 0, room), make([]byte, 0, room)
	}
	at := len(b.data)
	b.data = b.data[:at+size]
	m := b.data[at:]
	n = copy(m, head)
	n += copy(m[n:], body)
	m[n] = 0x80
	clear(m[n+1:])
	binary.BigEndian.PutUint64(m[size-8:], uint64(n)*8)
	b.wait = append(b.wait, message[T]{at, at + size, tag})
}

// Finish reports the sums that were not reported yet.
func (b *Batch[T]) Finish() {
	b.run()
	for b.busy > 0 {
		b.step()
	}
	b.data = b.data[:0]
}

// run goes on until there are fewer messages than lanes.
func (b *Batch[T]) run() {
	next := 0
	for {
		for ; b.busy < lanes && next < len(b.wait); next++ {
			b.begin(b.wait[next])
		}
		if b.busy < lanes {
			break
		}
		b.step()
	}
	b.wait = b.wait[:0]
}

// begin gives a message to the first free lane.
func (b *Batch[T]) begin(m message[T]) {
	for i, v := range [5]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0} { // FIPS 180-4, 5.3.1
		b.state[i][b.busy] = v
	}
	b.lane[b.busy] = m
	b.busy++
}

// step reads on in all lanes up to the end of the shortest message. Lanes that
// are free read what the first one does, for nothing.
func (b *Batch[T]) step() {
	least := math.MaxInt
	var from [lanes]*byte
	for i := range from {
		m := &b.lane[0]
		if i < b.busy {
			m = &b.lane[i]
			least = min(least, m.end-m.at)
		}
		from[i] = &b.data[m.at]
	}
	sumBlocks(&b.state, &from, least/block)
	for i := b.busy - 1; i >= 0; i-- {
		if m := &b.lane[i]; m.at+least < m.end {
			m.at += least
			continue
		}
		b.end(i)
	}
}

// end tells the sum of lane i, which the last busy one takes the place of.
func (b *Batch[T]) end(i int) {
	var sum [sha1.Size]byte
	b.busy--
	for k := range b.state {
		binary.BigEndian.PutUint32(sum[4*k:], b.state[k][i])
		b.state[k][i] = b.state[k][b.busy]
	}
	tag := b.lane[i].tag
	b.lane[i] = b.lane[b.busy]
	b.lane[b.busy] = message[T]{}
	b.tell(tag, sum)
}

// compact keeps of the data what the lanes have not read yet.
func (b *Batch[T]) compact() {
	kept := b.spare[:0]
	for i := range b.lane[:b.busy] {
		m := &b.lane[i]
		at := len(kept)
		kept = append(kept, b.data[m.at:m.end]...)
		m.at, m.end = at, len(kept)
	}
	b.data, b.spare = kept, b.data
}
