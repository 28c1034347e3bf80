package scanner

import (
	"bytes"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// headTexts holds contents of files of HEAD that the walk had in its hands, for
// sameText, which would read them through their chains of deltas again: that took a
// fiftieth of the CPU of a history of trufflehog.
type headTexts struct {
	files []headFile
	want  []uint64     // a bit for each number of an object
	room  atomic.Int64 // bytes that may still be held
	parts []heldTexts  // per worker
}

// heldTexts is what one worker holds.
type heldTexts struct {
	numbers []int32
	texts   [][]byte
	left    []byte   // of the piece that texts are cut from
	_       [64]byte // the next worker's are not on the same cache line
}

// holdHead lists the files of HEAD, whose contents are to be held: as many as find room
// in a sixteenth of what bases may take. Which files are held depends on scheduling;
// the report does not.
func (s *scan) holdHead(r *repo.Repo, objects *store.Store) *headTexts {
	const usual = 16 << 20 // bytes, where there is no limit
	head := s.head(r)      // an error is told later
	if !head.born || head.err != nil {
		return nil
	}
	h := &headTexts{want: make([]uint64, objects.Len()/64+1), parts: make([]heldTexts, len(s.workers))}
	h.room.Store(usual)
	if s.opt.MemoryLimit > 0 {
		h.room.Store(s.opt.MemoryLimit / 16)
	}
	h.files = headFiles(objects, objects.NewReader(1<<20), head.commit)
	names := make([]plumbing.Hash, len(h.files))
	for i := range h.files {
		names[i] = h.files[i].blob
	}
	for _, n := range objects.Numbers(nil, names) {
		if n >= 0 {
			h.want[n/64] |= 1 << (n % 64)
		}
	}
	return h
}

// take holds the content of the object with number n, if it is to be held.
func (h *headTexts) take(worker, n int, data []byte) {
	if h == nil || h.want[n/64]&(1<<(n%64)) == 0 {
		return
	}
	if size := int64(len(data)); h.room.Add(-size) < 0 {
		h.room.Add(size) // a smaller one may have room
		return
	}
	p := &h.parts[worker]
	p.numbers, p.texts = append(p.numbers, int32(n)), append(p.texts, p.keep(data))
}

// keep gives data in memory of its own. Small contents share pieces.
func (p *heldTexts) keep(data []byte) []byte {
	const piece = 1 << 20
	if len(data) > piece/8 {
		return bytes.Clone(data)
	}
	if len(data) > len(p.left) {
		p.left = make([]byte, piece)
	}
	size := copy(p.left, data)
	kept := p.left[:size:size]
	p.left = p.left[size:]
	return kept
}

// byName gives what is held.
func (h *headTexts) byName(objects *store.Store) map[plumbing.Hash][]byte {
	held := map[plumbing.Hash][]byte{}
	if h != nil {
		for i := range h.parts {
			for k, n := range h.parts[i].numbers {
				held[objects.Name(int(n))] = h.parts[i].texts[k]
			}
		}
	}
	return held
}
