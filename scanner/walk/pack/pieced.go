package pack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack/inflate"
)

// What is made as changes to another version and is too large to be held is read
// piece by piece too: all changes on the way are made one list of segments, of the
// version that is stored whole and of inserted text. That version is then inflated
// along the list. Where the list goes back in it, and that is little, it is held
// from a first time through.
const (
	// MostMade is how many bytes of large versions that are stored as changes are read of
	// one pack, or at one time by name.
	MostMade = 4 << 30

	maxPieced   = 512 << 20 // bytes of a content: above, git itself stores each version whole
	maxSegments = 1 << 18
)

var (
	errJumps    = fmt.Errorf("it is stored as changes to another version that go back and forth in it too much: %w", ErrLimit)
	errVersions = fmt.Errorf("more versions of it are stored as changes than are read piece by piece: %w", ErrLimit)
)

// segment is a run of bytes of a content.
type segment struct {
	pos, n int64
	from   int64  // in the version that is stored whole
	text   []byte // of a change; nil is copied from there
}

func (s *segment) end() int64 { return s.from + s.n }

// later keeps entry i, if it is asked for, and all that is made from it for makeLarge.
func (w *walk[S]) later(i int32, itself bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if itself {
		w.made = append(w.made, i)
	}
	todo := []int32{w.f.first[i]}
	for len(todo) > 0 {
		c := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for ; c >= 0; c = w.f.next[c] {
			w.made = append(w.made, c)
			if w.f.first[c] >= 0 {
				todo = append(todo, w.f.first[c])
			}
		}
	}
}

// makeLarge shows the blobs that were kept for it piece by piece, in the order of the
// pack: each costs what it has in bytes, however little is stored, so that they are
// not read without end.
func (k *worker[S]) makeLarge() {
	slices.Sort(k.made)
	left := int64(MostMade)
	for _, i := range k.made {
		if k.passes(i) {
			continue
		}
		k.obj = Object{Entry: int(i), Name: k.p.Name(int(i)), Type: plumbing.BlobObject, Leaf: true}
		c, _, size, err := k.p.pieced(k.ctx, k.p.entries[i].off, k.opt.MaxObject, &k.dec)
		if err == nil {
			if left -= size; left < 0 {
				err = errVersions
			} else {
				err = k.opt.Large(k.id, &k.obj, size, c)
			}
		}
		if k.ctx.Err() != nil {
			return
		}
		if err != nil && k.opt.Problem != nil {
			k.opt.Problem(Problem{k.obj.Name, plumbing.BlobObject, err})
		}
	}
}

// pieced opens the content whose entry starts at off. Of what it is made from no more
// than a quarter of limit is held.
func (p *Pack) pieced(ctx context.Context, off uint64, limit int64, dec *inflate.Decoder) (content io.Reader, typ plumbing.ObjectType, size int64, err error) {
	var chain []packedAt
	e, err := p.at(off)
	for ; err == nil && e.typ.IsDelta(); e, err = p.at(off) {
		if chain = append(chain, e); len(chain) > p.index.n {
			return nil, 0, 0, errEndless
		}
		if e.typ == plumbing.OFSDeltaObject {
			if e.back > off {
				return nil, 0, 0, errBroken
			}
			off -= e.back
		} else if i, ok := p.index.Find(e.base); !ok {
			return nil, 0, 0, errPieces
		} else if off, ok = p.index.Offset(i); !ok {
			return nil, 0, 0, errOutside
		}
	}
	if err != nil {
		return nil, 0, 0, err
	}
	size = int64(min(e.size, maxPieced+1))
	list, held := []segment{{n: size}}, limit/4
	for _, d := range slices.Backward(chain) {
		if held -= int64(min(d.size, maxPieced)); held < 0 {
			return nil, 0, 0, errPieces
		}
		delta, err := p.inflate(d, dec)
		if err != nil {
			return nil, 0, 0, err
		}
		if list, size, err = compose(list, size, delta); err != nil {
			return nil, 0, 0, err
		}
	}
	open := func() (io.Reader, error) { return newContent(ctx, e.size, e.stream, p.path) }
	if err := prefetch(list, held, open); err != nil {
		return nil, 0, 0, err
	}
	from, err := open()
	return &piecedReader{list: list, from: from}, e.typ, size, err
}

// compose lists what delta makes of a base that is made of the segments base and has
// size bytes.
func compose(base []segment, size int64, delta []byte) (list []segment, made int64, err error) {
	want, ops, err := checkDelta(delta, int(size))
	if err != nil {
		return nil, 0, err
	}
	if want > maxPieced {
		return nil, 0, errPieces
	}
	add := func(s segment) {
		s.pos = made
		made += s.n
		if k := len(list) - 1; k >= 0 && s.text == nil && list[k].text == nil && list[k].end() == s.from {
			list[k].n += s.n
			return
		}
		list = append(list, s)
	}
	for len(ops) > 0 {
		op := ops[0]
		ops = ops[1:]
		if op < 0x80 {
			n := int(op)
			if n == 0 {
				return nil, 0, errDeltaOp
			}
			if n > len(ops) {
				return nil, 0, errDeltaShort
			}
			add(segment{n: int64(n), text: ops[:n]})
			ops = ops[n:]
		} else {
			from, n, rest, ok := copyArgs(op, ops)
			if !ok {
				return nil, 0, errDeltaShort
			}
			if int64(from) > size || int64(n) > size-int64(from) {
				return nil, 0, errDeltaRange
			}
			part(base, int64(from), int64(n), add)
			ops = rest
		}
		if made > int64(want) {
			return nil, 0, errDeltaSize
		}
		if len(list) > maxSegments {
			return nil, 0, errJumps
		}
	}
	if made != int64(want) {
		return nil, 0, errDeltaSize
	}
	return list, made, nil
}

// part adds n bytes of list, from the place at on.
func part(list []segment, at, n int64, add func(segment)) {
	i := sort.Search(len(list), func(i int) bool { return list[i].pos+list[i].n > at })
	for ; n > 0; i++ {
		s := list[i]
		skip := at - s.pos
		s.from, s.n = s.from+skip, min(n, s.n-skip)
		if s.text != nil {
			s.text = s.text[skip : skip+s.n]
		}
		add(s)
		at, n = at+s.n, n-s.n
	}
}

// prefetch gives a text to copies that are out of the order of their places, so that
// all others can be read in one go.
func prefetch(list []segment, held int64, open func() (io.Reader, error)) error {
	off := offLine(list)
	slices.SortFunc(off, func(a, b *segment) int { return int(a.from - b.from) })
	var from io.Reader
	var last []byte   // what was read last
	start := int64(0) // where it stands
	for i := 0; i < len(off); {
		end, next := off[i].end(), i+1
		for ; next < len(off) && off[next].from <= end; next++ {
			end = max(end, off[next].end())
		}
		if held -= end - off[i].from; held < 0 {
			return errJumps
		}
		if from == nil {
			var err error
			if from, err = open(); err != nil {
				return err
			}
		}
		if err := skip(from, off[i].from-start-int64(len(last))); err != nil {
			return err
		}
		start, last = off[i].from, make([]byte, end-off[i].from)
		if _, err := io.ReadFull(from, last); err != nil {
			return early(err)
		}
		for ; i < next; i++ {
			at := off[i].from - start
			off[i].text = last[at : at+off[i].n]
		}
	}
	return nil
}

// offLine picks copies so that the places of all others rise: of two in the wrong
// order the shorter one.
func offLine(list []segment) (off []*segment) {
	var line []*segment
	for i := range list {
		s := &list[i]
		if s.text != nil {
			continue
		}
		for len(line) > 0 && line[len(line)-1].end() > s.from && line[len(line)-1].n <= s.n {
			off = append(off, line[len(line)-1])
			line = line[:len(line)-1]
		}
		if len(line) > 0 && line[len(line)-1].end() > s.from {
			off = append(off, s)
		} else {
			line = append(line, s)
		}
	}
	return off
}

func skip(from io.Reader, n int64) error {
	_, err := io.CopyN(io.Discard, from, n)
	return early(err)
}

// early is the error where a content ends before what is copied from it.
func early(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errDeltaRange
	}
	return err
}

// piecedReader reads along a list of segments whose copies rise.
type piecedReader struct {
	list []segment
	from io.Reader
	at   int64 // where from stands
	now  io.Reader
}

// Read implements io.Reader.
func (r *piecedReader) Read(b []byte) (int, error) {
	for {
		if r.now != nil {
			n, err := r.now.Read(b)
			if err != io.EOF {
				return n, err
			}
			if r.now = nil; n > 0 {
				return n, nil
			}
		}
		if len(r.list) == 0 {
			return 0, io.EOF
		}
		s := r.list[0]
		r.list = r.list[1:]
		if s.text != nil {
			r.now = bytes.NewReader(s.text)
			continue
		}
		if err := skip(r.from, s.from-r.at); err != nil {
			return 0, err
		}
		r.at = s.end()
		r.now = io.LimitReader(r.from, s.n)
	}
}
