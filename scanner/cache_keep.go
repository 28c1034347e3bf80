package scanner

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/warm"
)

// pastKeeper gathers what is to be kept of objects.
type pastKeeper struct {
	*referrer
	from    *past
	past    past
	odd     map[int]bool  // objects that the next scan has to read again
	mute    map[int]bool  // objects whose length is not kept
	list    []*occurrence // in the other objects, in order
	numbers []int         // of the verdict of each occurrence in list
	refs    []int         // per verdict: its number with the referrer
}

// gather lists the occurrences, and asks the referrer for a place for each verdict.
func (k *pastKeeper) gather(res *history.Result) {
	k.odd, k.mute = map[int]bool{}, map[int]bool{}
	for _, w := range k.workers {
		for _, n := range w.odd {
			k.odd[int(n)] = true
		}
	}
	secrets := map[*occurrence]string{}
	for _, w := range k.workers {
		for i := range w.list {
			o := &w.list[i]
			k.list = append(k.list, o)
			secrets[o] = w.secrets[o.secret]
			if o.mark != nil {
				k.odd[int(o.where)] = true
			}
			if res.Size(int(o.where)) < leastKnown {
				k.mute[int(o.where)] = true
			}
		}
	}
	k.list = slices.DeleteFunc(k.list, func(o *occurrence) bool { return k.odd[int(o.where)] })
	slices.SortFunc(k.list, func(a, b *occurrence) int { return cmp.Or(cmp.Compare(a.where, b.where), cmp.Compare(a.off, b.off)) })
	// Verdicts are one if they say the same about texts that end alike.
	type said struct {
		secret, inner, text string
		shape               ends
	}
	same := map[said]int{}
	known := map[reference]int{}
	for _, o := range k.list {
		v, at := o.verdict, reference{decision{o.verdict, secrets[o], o.shape()}, o.inner}
		n, ok := known[at]
		if !ok {
			what := said{at.secret, o.inner, fmt.Sprint(v.rule.ID, v.muted, v.secret != "", v.Confidence, v.Severity, v.Proof, len(v.Reasons), v.Reasons), at.shape}
			if n, ok = same[what]; !ok {
				n = len(k.refs)
				same[what] = n
				k.refs = append(k.refs, k.ask(o, at.secret))
			}
			known[at] = n
		}
		k.numbers = append(k.numbers, n)
	}
}

// keep writes what was gathered to its file. The referrer has found the places by now.
func (k *pastKeeper) keep(m *memo, res *history.Result) {
	k.writeSpots()
	p := &k.past
	var words map[string]bool
	p.Rules, words = k.pastRules(k.from)
	p.Words = slices.Sorted(maps.Keys(words))
	for _, w := range k.workers {
		p.Reread = append(p.Reread, w.reread...)
	}
	p.Own = k.opt.own.allowance.Spent()
	if k.namesTell(res) {
		return
	}
	var ok bool
	if m.key.Bytes == nil {
		if m.key, ok = warm.MakeKey(m.keyFile); !ok {
			return
		}
	}
	walk := k.links(m, res)
	if walk == nil {
		return
	}
	for _, pk := range k.objects.Packs() {
		p.Packs = append(p.Packs, markPack(pk))
	}
	for _, l := range k.objects.LooseObjects() {
		mark, _ := warm.MarkOf(l.Path)
		p.Loose = append(p.Loose, mark)
	}
	var data bytes.Buffer
	if err := gob.NewEncoder(&data).Encode(p); err == nil {
		_ = warm.Save(m.objects, m.objectsSeal(), &data, walk)
	}
}

// writeSpots writes where secrets stand and how verdicts are had again, with numbers
// for the labels of anchors. What is not decided as it was is left out.
func (k *pastKeeper) writeSpots() {
	for i, o := range k.list {
		if !k.ok[k.refs[k.numbers[i]]] {
			k.odd[int(o.where)] = true
		}
	}
	p, before := &k.past, int32(0)
	lits := map[uint16]uint16{}
	number := func(lit uint16) uint16 {
		n, ok := lits[lit]
		if !ok {
			n = uint16(len(lits))
			lits[lit] = n
			p.Labels = append(p.Labels, k.workers[0].prog.Label(lit))
		}
		return n
	}
	for i, o := range k.list {
		if !k.odd[int(o.where)] {
			at := *o
			at.anchor.Lit = number(o.anchor.Lit)
			p.Spots = putSpot(p.Spots, &at, before, k.numbers[i])
			before = o.where
		}
	}
	for _, i := range k.refs {
		d := k.referrer.list[i]
		d.Anchor.Lit = number(d.Anchor.Lit)
		p.Decided = append(p.Decided, d)
	}
}

// links gives what the walk keeps of objects, to be written; nil if it keeps nothing.
func (k *pastKeeper) links(m *memo, res *history.Result) io.WriterTo {
	bytesOf := newBytesOf(k.objects, m.key.Bytes)
	if k.from != nil {
		bytesOf = k.from.bytes
	}
	digests, odd, mute := bytesOf.all(), k.copies(k.odd), k.copies(k.mute)
	return res.Keep(history.Kept{
		Leave:  func(n int) bool { return odd[n] },
		Mute:   func(n int) bool { return mute[n] },
		Digest: func(n int) pack.Digest { return digests[n] },
	})
}

// copies are the numbers of all copies of some objects.
func (k *pastKeeper) copies(of map[int]bool) map[int]bool {
	packs := k.objects.Packs()
	if len(packs) == 1 {
		return of
	}
	all := maps.Clone(of)
	for n := range of {
		name := k.objects.Name(n)
		for i, p := range packs {
			if e, ok := p.Find(name); ok {
				all[k.objects.PackBase(i)+e] = true
			}
		}
	}
	return all
}

// namesTell tells whether the names of files hold a secret. They are kept, so then
// nothing may be.
func (s *scan) namesTell(res *history.Result) bool {
	text := []byte(strings.Join(res.Names(), "\n"))
	if s.holdsSecret(text) {
		return true
	}
	w := s.workers[0]
	searched, expired := w.searched, len(w.expired)
	st := new(state)
	w.whole(st, text)
	w.searched, w.expired = searched, w.expired[:expired]
	return slices.ContainsFunc(st.hits, func(h hit) bool { return h.verdict.Confidence >= sureName })
}
