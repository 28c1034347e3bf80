package commitgraph

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"sort"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// layer is one file.
type layer struct {
	path  string
	unmap func() error
	n     int    // commits
	fan   []byte // how many names begin with at most this byte
	names []byte
	data  []byte // of each name its tree, two parents, and its clock
	edges []byte // further parents

	// mutable, by Set.add
	base  int      // commits in the layers below
	chain []*layer // those, and this one
}

const (
	hashLen   = len(plumbing.Hash{})
	headLen   = 8
	rowLen    = 12 // of the table of chunks
	dataLen   = hashLen + 16
	noParent  = 0x70000000
	manyMark  = 0x80000000 // as a second parent: the others are in edges
	clockBits = 34
)

var errTables = errors.New("its tables do not fit; remove it, git makes it anew")

// openLayer opens one file. The error wraps fs.ErrNotExist if there is none.
func openLayer(path string) (_ *layer, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer catch(&err)
	data, unmap, err := pack.MapFile(path)
	if err != nil {
		return nil, err
	}
	l := &layer{path: path, unmap: unmap}
	if err := l.parse(data); err != nil {
		unmap()
		return nil, err
	}
	return l, nil
}

// catch makes an error of a fault: a mapped file was cut.
func catch(err *error) {
	if r := recover(); r != nil {
		if !pack.IsFault(r) {
			panic(r)
		}
		*err = fmt.Errorf("it changed or became unreadable while it was read (%v); scan again", r)
	}
}

func (l *layer) parse(data []byte) error {
	switch {
	case len(data) < headLen || string(data[:4]) != "CGPH":
		return errors.New("it does not start as a commit-graph does; remove it, git makes it anew")
	case data[4] != 1 || data[5] != 1:
		return fmt.Errorf("it has version %d with names of kind %d; only 1 and 1 are known", data[4], data[5])
	}
	rows := int(data[6])
	if len(data) < headLen+rowLen*(rows+1) {
		return errTables
	}
	chunk := map[string][]byte{}
	for i := range rows {
		row := data[headLen+rowLen*i:]
		from, to := binary.BigEndian.Uint64(row[4:]), binary.BigEndian.Uint64(row[rowLen+4:])
		id := string(row[:4])
		if from > to || to > uint64(len(data)) || chunk[id] != nil {
			return errTables
		}
		chunk[id] = data[from:to:to]
	}
	l.fan, l.names, l.data, l.edges = chunk["OIDF"], chunk["OIDL"], chunk["CDAT"], chunk["EDGE"]
	if len(l.fan) != 1024 {
		return errTables
	}
	last := uint32(0)
	for i := range 256 {
		n := binary.BigEndian.Uint32(l.fan[4*i:])
		if n < last {
			return errTables
		}
		last = n
	}
	if l.n = int(last); len(l.names) != l.n*hashLen || len(l.data) != l.n*dataLen {
		return errTables
	}
	return nil
}

// find compares the entries of some commits. It looks for them as git does: what a
// wrong order hides here is hidden from git.
func (l *layer) find(commits iter.Seq2[plumbing.Hash, Commit], found *lies) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer catch(&err)
	for h, is := range commits {
		lo, hi := 0, int(binary.BigEndian.Uint32(l.fan[4*int(h[0]):]))
		if h[0] > 0 {
			lo = int(binary.BigEndian.Uint32(l.fan[4*int(h[0])-4:]))
		}
		for lo < hi {
			mid := (lo + hi) / 2
			order := bytes.Compare(l.name(mid), h[:])
			if order == 0 {
				if err := l.compare(mid, is, found); err != nil {
					return err
				}
				break
			}
			if order < 0 {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
	}
	return nil
}

// each compares all entries, in the file's order.
func (l *layer) each(known func(plumbing.Hash) (Commit, bool), found *lies) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer catch(&err)
	for i := range l.n {
		if is, ok := known(plumbing.Hash(l.name(i))); ok {
			if err := l.compare(i, is, found); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare holds entry i to what the commit is. Of its parents no more are read than
// it takes to tell: all entries may name one long list.
func (l *layer) compare(i int, is Commit, found *lies) error {
	says, err := l.commit(i, len(is.Parents)+1)
	if err == nil {
		found.add(plumbing.Hash(l.name(i)), says.differs(is))
	}
	return err
}

func (l *layer) name(i int) []byte { return l.names[i*hashLen : (i+1)*hashLen] }

// commit reads entry i, with at most so many parents.
func (l *layer) commit(i, most int) (c Commit, err error) {
	d := l.data[i*dataLen : (i+1)*dataLen]
	copy(c.Tree[:], d)
	d = d[hashLen:]
	first, second := binary.BigEndian.Uint32(d), binary.BigEndian.Uint32(d[4:])
	c.When = int64(binary.BigEndian.Uint64(d[8:]) & (1<<clockBits - 1))
	if first == noParent {
		return c, nil
	}
	if err := l.parent(&c, first); err != nil || second == noParent {
		return c, err
	}
	if second&manyMark == 0 {
		return c, l.parent(&c, second)
	}
	for at := int(second &^ manyMark); len(c.Parents) < most; at++ {
		if 4*at+4 > len(l.edges) {
			return c, errTables
		}
		p := binary.BigEndian.Uint32(l.edges[4*at:])
		if err := l.parent(&c, p&^manyMark); err != nil || p&manyMark != 0 {
			return c, err
		}
	}
	return c, nil
}

// parent adds the commit at a position, which counts from the lowest layer on.
func (l *layer) parent(c *Commit, position uint32) error {
	at := int(position)
	if at >= l.base+l.n {
		return errors.New("it names a parent that no layer has; remove it, git makes it anew")
	}
	in := l
	if at < l.base {
		in = l.chain[sort.Search(len(l.chain), func(i int) bool { return l.chain[i].base > at })-1]
	}
	c.Parents = append(c.Parents, plumbing.Hash(in.name(at-in.base)))
	return nil
}
