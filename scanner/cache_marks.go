package scanner

import (
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/warm"
)

// packMark is the mark of a pack and its index: as long as it is the same, so are their
// bytes. Zero means that it is not known.
type packMark struct{ Pack, Index warm.Mark }

// markPack marks the files of a pack. The mark is zero if objects of the pack are made
// from what is not in these files.
func markPack(k *pack.Pack) packMark {
	p, a := warm.MarkOf(k.Path())
	i, b := warm.MarkOf(strings.TrimSuffix(k.Path(), ".pack") + ".idx")
	if !a || !b || !k.Closed() {
		return packMark{}
	}
	return packMark{p, i}
}

// bytesOf tells which objects have the same bytes as when they were kept: all of a
// file whose mark is the same, and else those whose digests are.
type bytesOf struct {
	objects *store.Store
	salt    []byte
	// mutable
	packs   map[int][]pack.Digest // by their places in the store
	known   map[int]func() []pack.Digest
	digests map[int]pack.Digest // of loose objects, by their places in the store's list
}

func newBytesOf(objects *store.Store, salt []byte) *bytesOf {
	return &bytesOf{objects, salt, map[int][]pack.Digest{}, map[int]func() []pack.Digest{}, map[int]pack.Digest{}}
}

// files compares the files of the repository with those that were kept.
func (b *bytesOf) files(p *past) history.Files {
	f := history.Files{Packs: b.packsNow(p), Digests: b.pack, LooseDigest: b.loose}
	for i, j := range f.Packs {
		if j >= 0 {
			b.known[j] = func() []pack.Digest { return p.walk.PackDigests(i) }
		}
	}
	now := b.looseNow(p)
	f.Loose = func(h plumbing.Hash) bool { return now[h] }
	return f
}

// packsNow finds the packs whose files are the same.
func (b *bytesOf) packsNow(p *past) []int {
	at := map[packMark]int{}
	for i, k := range b.objects.Packs() {
		at[markPack(k)] = i
	}
	now := make([]int, len(p.Packs))
	for i, mark := range p.Packs {
		j, ok := at[mark]
		if now[i] = j; !ok || mark == (packMark{}) {
			now[i] = -1
		}
	}
	return now
}

// looseNow tells which loose objects have the same files.
func (b *bytesOf) looseNow(p *past) map[plumbing.Hash]bool {
	was := map[plumbing.Hash]int{}
	for i, h := range p.walk.Loose() {
		was[h] = i
	}
	now := map[plumbing.Hash]bool{}
	for i, l := range b.objects.LooseObjects() {
		at, ok := was[l.Name]
		if !ok {
			continue
		}
		mark, ok := warm.MarkOf(l.Path)
		if now[l.Name] = ok && mark == p.Loose[at]; now[l.Name] {
			b.digests[i] = p.walk.LooseDigest(at)
		}
	}
	return now
}

// pack gives the digests of a pack; nil if it cannot be read.
func (b *bytesOf) pack(i int) []pack.Digest {
	list, ok := b.packs[i]
	if known := b.known[i]; known != nil {
		return known()
	}
	if !ok {
		list, _ = b.objects.Packs()[i].Digests(b.salt) // the walk meets what is wrong
		b.packs[i] = list
	}
	return list
}

// loose gives the digest of a loose object.
func (b *bytesOf) loose(i int) pack.Digest {
	d, ok := b.digests[i]
	if !ok {
		d = b.objects.LooseDigest(i, b.salt)
		b.digests[i] = d
	}
	return d
}

// all gives the digests of all objects, by their numbers.
func (b *bytesOf) all() []pack.Digest {
	var list []pack.Digest
	for i, k := range b.objects.Packs() {
		of := b.pack(i)
		if of == nil {
			of = make([]pack.Digest, k.Len())
		}
		list = append(list, of...)
	}
	for i := range b.objects.LooseObjects() {
		list = append(list, b.loose(i))
	}
	return list
}
