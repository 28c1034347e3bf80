package scanner

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"slices"
	"sync"
	"time"

	"keyrake/scanner/match"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/warm"
)

// past is what an earlier scan kept of the repository's objects: what each of them
// points to, and where secrets stand in them, but not the secrets. It serves scans of
// any state of the repository that has the same objects still.
type past struct {
	Packs   []packMark
	Loose   []warm.Mark // in the order of the names in Walk
	Rules   []pastRule  // that Spots come from
	Words   []string    // keywords that led to a hit
	Labels  []string    // of anchors, by the numbers that they have in Spots and Decided
	Decided []decided
	Spots   []byte
	Reread  []int32 // objects in which something was read in another form
	Own     int64   // what the repository's own rules cost, or more; see ownRules

	// mutable
	walk      *history.Past // kept behind the rest
	bytes     *bytesOf
	decisions []decision // about Decided; nil if nothing is known of contents
	size      int        // bytes
	lits      []uint16   // today's numbers of anchors, by those in Spots
	reread    map[int]bool
	sameRules bool
	once      sync.Once
}

// leastKnown is how many bytes an object with a finding must have for its length to be
// kept. A shorter object may be nothing but the secret, and would tell how long it is.
const leastKnown = 1 << 10

// layout names the form of what is kept of objects. Change the name with the form, and
// with the meaning of any field, so that files of the old form are not read.
const layout = "objects 4"

// objectsSeal is the seal of what is kept of objects. It depends on options and on the
// key, and on no other file.
func (m *memo) objectsSeal() warm.Seal {
	s := warm.NewSealer()
	s.Text(layout)
	s.Text(m.search...)
	s.Key(m.key)
	return s.Seal(time.Now())
}

// past reads what was kept of objects. It is nil if nothing was kept or if it cannot be
// trusted, for example because a verdict is not given again as it was.
func (s *scan) past(m *memo, objects *store.Store) *past {
	if m == nil || s.opt.own.anew {
		return nil
	}
	var ok bool
	if m.key, ok = warm.LoadKey(m.keyFile); !ok {
		return nil
	}
	data, ok := warm.Load(m.objects, m.objectsSeal())
	if !ok {
		return nil
	}
	p := &past{}
	rest := bytes.NewReader(data)
	if err := gob.NewDecoder(rest).Decode(p); err != nil {
		return nil
	}
	walk, err := history.ParsePast(data[len(data)-rest.Len():]) // gob reads no farther than it has to
	if err != nil || walk.Packs() != len(p.Packs) || len(walk.Loose()) != len(p.Loose) {
		return nil
	}
	p.walk, p.size = walk, len(data)
	added, known, same := s.newRules(p)
	p.sameRules = same
	if s.opt.own.warm != nil {
		if !same {
			return nil // what they cost then does not tell what they cost now
		}
		*s.opt.own.warm = true
		s.opt.own.allowance.Spend(p.Own)
	}
	if known {
		if known = p.relabel(s.workers[0].prog); !known {
			return nil
		}
		if !p.decide(s, objects) {
			return nil
		}
	}
	if added != nil {
		if err := s.addRules(added); err != nil {
			return nil
		}
	}
	p.bytes = newBytesOf(objects, m.key.Bytes)
	p.walk.Stay(p.bytes.files(p), !known || added != nil)
	return p
}

// decide makes all verdicts anew, each at the one place that was kept for it. If that
// object is gone from the repository, the verdict is not known any more, and other
// objects with the same verdict have to be read again. It is false if a verdict turns
// out another.
func (p *past) decide(s *scan, objects *store.Store) bool {
	p.decisions, _ = s.decideAgain(objects, p.Decided)
	gone := false
	for i := range p.decisions {
		if p.decisions[i].verdict != nil {
			continue
		}
		if _, ok := objects.Number(p.Decided[i].Object); ok {
			return false
		}
		gone = true
	}
	if gone {
		eachSpot(p.Spots, func(o occurrence, which int) {
			if which >= len(p.decisions) || p.decisions[which].verdict == nil {
				p.walk.Forget(int(o.where))
			}
		})
	}
	return true
}

// relabel finds today's numbers of the anchors.
func (p *past) relabel(prog *match.Program) bool {
	labels := prog.Labels()
	for _, label := range p.Labels {
		lit, ok := labels.Number(label)
		if !ok {
			return false
		}
		p.lits = append(p.lits, lit)
	}
	for i := range p.Decided {
		a := &p.Decided[i].Anchor
		if int(a.Lit) >= len(p.lits) {
			return false
		}
		a.Lit = p.lits[a.Lit]
	}
	return true
}

// walked is p as the walk takes it; p may be nil.
func (p *past) walked() *history.Past {
	if p == nil {
		return nil
	}
	return p.walk
}

// holds tells whether p can stay as it is, without the new objects of this scan; p may
// be nil. To write the file anew costs as much as to read many objects, so a few new
// ones are rather read again by each scan for some time.
func (p *past) holds(res *history.Result) bool {
	if p == nil || p.decisions == nil || !p.sameRules {
		return false
	}
	const part = 100
	objects, size, found := p.walk.Missing(res)
	all := res.Commits.Bytes + res.Trees.Bytes + res.Blobs.Bytes + res.Tags.Bytes
	return found && (objects == 0 || p.size > fewKept && objects < p.walk.Len()/part && size < all/part)
}

// fewKept is how many bytes are kept anew for any new object.
const fewKept = 1 << 20

// wasReread tells of a known object whether something in it was read in another
// form. It is asked once the walk has found out where objects are.
func (p *past) wasReread(n int) bool {
	p.once.Do(p.settle)
	return p.reread[n]
}

func (p *past) settle() {
	p.reread = map[int]bool{}
	for _, n := range p.Reread {
		if now := p.walk.Now(int(n)); now >= 0 {
			p.reread[now] = true
		}
	}
}

// add adds the places of secrets in known objects to what the workers found, and
// returns how many objects were taken over.
func (p *past) add(workers []*worker) int {
	if p == nil {
		return 0
	}
	if p.decisions == nil {
		return p.walk.Taken()
	}
	w := workers[0]
	ids := make([]int32, len(p.decisions))
	for i := range p.decisions {
		if p.decisions[i].verdict != nil {
			ids[i] = w.id([]byte(p.decisions[i].secret))
		}
	}
	anew := func(n int) bool {
		return slices.ContainsFunc(workers, func(w *worker) bool { return w.again[n] })
	}
	eachSpot(p.Spots, func(o occurrence, which int) {
		n := p.walk.Now(int(o.where))
		if n < 0 || which >= len(ids) || p.decisions[which].verdict == nil || int(o.anchor.Lit) >= len(p.lits) || anew(n) {
			return
		}
		d := &p.decisions[which]
		o.where, o.secret, o.verdict, o.anchor.Lit = int32(n), ids[which], d.verdict, p.lits[o.anchor.Lit]
		o.inner = p.Decided[which].Inner
		o.endLine, o.endCol, o.endWide = o.line+int32(d.shape.line), int32(d.shape.col), int32(d.shape.wide)
		if d.shape.line == 0 {
			o.endCol += o.col
			o.endWide += o.wide
		}
		w.list = append(w.list, o)
	})
	p.once.Do(p.settle)
	for n := range p.reread {
		if !anew(n) {
			w.reread = append(w.reread, int32(n))
		}
	}
	return p.walk.Taken()
}

// eachSpot reads what putSpot wrote, with the number of the verdict.
func eachSpot(data []byte, f func(o occurrence, which int)) {
	where := int64(0)
	for len(data) > 0 {
		var v [9]int64
		for i := range v {
			x, n := binary.Varint(data)
			if n <= 0 {
				return
			}
			v[i], data = x, data[n:]
		}
		where += v[0]
		o := occurrence{where: int32(where), off: int32(v[1]), line: int32(v[2]), col: int32(v[3])}
		o.anchor = match.Anchor{Off: int32(v[1] + v[4]), Lit: uint16(v[5])}
		o.nth, o.stored, o.wide = uint16(v[6]>>1), v[6]&1 != 0, int32(v[7])
		f(o, int(max(0, v[8])))
	}
}

// putSpot writes where o stands, behind one at before.
func putSpot(b []byte, o *occurrence, before int32, which int) []byte {
	nth := int32(o.nth) << 1
	if o.stored {
		nth++
	}
	for _, v := range [...]int32{o.where - before, o.off, o.line, o.col, o.anchor.Off - o.off, int32(o.anchor.Lit), nth, o.wide, int32(which)} {
		b = binary.AppendVarint(b, int64(v))
	}
	return b
}
