package pack

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// digested gives the digest of each object of a pack by its name.
func digested(t testing.TB, p *Pack, salt string) map[plumbing.Hash]Digest {
	t.Helper()
	list, err := p.Digests([]byte(salt))
	if err != nil {
		t.Fatal(err)
	}
	all := map[plumbing.Hash]Digest{}
	for i, d := range list {
		all[p.Name(i)] = d
	}
	return all
}

// TestDigestsStay: a pack that git writes anew from others has the entries that
// they have, and so their digests; one that is made from scratch has others.
func TestDigestsStay(t *testing.T) {
	dir := edited(t, 3, 120)
	digests := func() map[plumbing.Hash]Digest {
		p, err := Open(onlyPack(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		return digested(t, p, "salt")
	}
	git(t, dir, "", "repack", "-adfq", "--window=20")
	before := digests()
	git(t, dir, "", "tag", "-d", "v1") // so that the pack has another name, and an object less
	git(t, dir, "", "-c", "repack.useDeltaBaseOffset=false", "repack", "-adq")
	same, after := 0, digests()
	for name, d := range after {
		if d != (Digest{}) && d == before[name] {
			same++
		}
	}
	if same < len(before)*9/10 || len(after) >= len(before) {
		t.Errorf("of %d objects, %d have their digests in a pack of %d", len(before), same, len(after))
	}
	git(t, dir, "", "-c", "core.compression=1", "repack", "-adFq", "--window=0")
	for name, d := range digests() {
		if d == before[name] {
			t.Errorf("%s: the same digest for other bytes", name)
		}
	}
}

// reader is a Visitor that keeps contents.
type reader struct {
	mu   sync.Mutex
	data map[plumbing.Hash]string
}

func (v *reader) Visit(_ int, o *Object, _ int) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.data[o.Name] = o.Type.String() + " " + string(o.Data)
	return 0
}

func (*reader) Release(int, int) {}

func readAll(t testing.TB, p *Pack) map[plumbing.Hash]string {
	v := &reader{data: map[plumbing.Hash]string{}}
	if err := Walk(t.Context(), p, Options{Jobs: 1}, v); err != nil {
		t.Fatal(err)
	}
	return v.data
}

// TestDigestsProve flips every bit of a pack and of its index: an object that has
// the digest it had is visited as it was.
func TestDigestsProve(t *testing.T) {
	items := smallItems()
	for _, version := range []int{1, 2} {
		pack, idx := writePack(version, items)
		whole, err := openBytes(bytes.Clone(pack), bytes.Clone(idx))
		if err != nil {
			t.Fatal(err)
		}
		before, was := digested(t, whole, "salt"), readAll(t, whole)
		for name, d := range before {
			if d == (Digest{}) {
				t.Errorf("%s has no digest", name)
			}
		}
		stay, leave := 0, 0
		for _, data := range [][]byte{pack, idx} {
			for bit := range 8 * len(data) {
				data[bit/8] ^= 1 << (bit % 8)
				if p, err := openBytes(pack, idx); err == nil {
					now := readAll(t, p)
					for name, d := range digested(t, p, "salt") {
						switch {
						case d == (Digest{}) || d != before[name]:
							leave++
						case now[name] != was[name]:
							t.Errorf("index %d, bit %d of byte %d: %s is another object with the same digest", version, bit%8, bit/8, name)
						default:
							stay++
						}
					}
				}
				data[bit/8] ^= 1 << (bit % 8)
			}
		}
		if stay == 0 || leave == 0 {
			t.Errorf("index %d: %d digests stay and %d do not", version, stay, leave)
		}
	}
}

// TestDigestsNeed: name, salt and base are in a digest, and what a walk refuses
// or cannot make from this pack alone has none.
func TestDigestsNeed(t *testing.T) {
	a, b := blob("one"), blob("two")
	b.name = a.name
	b.name[0] ^= 1
	b.data = a.data
	p := made(t, 2, []item{a, b})
	if d := digested(t, p, "salt"); d[a.name] == d[b.name] {
		t.Error("two names, one digest")
	} else if d[a.name] == digested(t, p, "pepper")[a.name] {
		t.Error("two salts, one digest")
	}
	one, two := blob(strings.Repeat("a", 50)), blob(strings.Repeat("b", 50))
	made1 := change(strings.Repeat("a", 9), one.name, deltaOf(50, 9, opCopy(0, 9)))
	made2 := change(strings.Repeat("b", 9), two.name, deltaOf(50, 9, opCopy(0, 9)))
	made2.name = made1.name // the same entry on another base
	x, y := made(t, 2, []item{one, made1}), made(t, 2, []item{two, made2})
	if digested(t, x, "salt")[made1.name] == digested(t, y, "salt")[made1.name] {
		t.Error("two bases, one digest")
	}
	far := change("gone", blob("elsewhere").name, deltaOf(9, 4, opInsert("gone")))
	above := change("go", far.name, deltaOf(4, 2, opCopy(0, 2)))
	wrong := blob("wrong checksum")
	wrong.crc = 1
	p = made(t, 2, []item{far, above, wrong})
	for name, d := range digested(t, p, "salt") {
		if d != (Digest{}) {
			t.Errorf("%s has a digest", name)
		}
	}
}

// TestSkip walks packs with some entries skipped: all others are visited, as they
// would be, and those that are made from something skipped stand for themselves.
func TestSkip(t *testing.T) {
	dir := edited(t, 5, 60)
	git(t, dir, "", "repack", "-adfq", "--window=20")
	p, err := Open(onlyPack(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	want := readAll(t, p)
	for seed := range 40 {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		skip := make([]bool, p.Len())
		for i, of := 0, 1+rng.IntN(60); i < len(skip); i++ {
			skip[i] = rng.IntN(of) > 0
		}
		v := &skipped{watch: newWatch(p), skip: skip, reader: reader{data: map[plumbing.Hash]string{}}}
		opt := Options{Jobs: 1 + seed%3, Memory: int64(seed%2) * 2000, Skip: func(i int) bool { return skip[i] }, Problem: v.problem}
		if err := Walk(t.Context(), p, opt, v); err != nil {
			t.Fatal(err)
		}
		for i, over := range skip {
			got, ok := v.data[p.Name(i)]
			if ok == over || ok && got != want[p.Name(i)] {
				t.Fatalf("seed %d, entry %d: skipped %t, visited %t", seed, i, over, ok)
			}
		}
		for _, f := range v.faults {
			t.Error(seed, f)
		}
		if v.live != 0 || len(v.problems) > 0 {
			t.Errorf("seed %d: %d states are held, %d problems", seed, v.live, len(v.problems))
		}
	}
}

// skipped is a watch that knows which bases it is not told of.
type skipped struct {
	*watch
	reader
	skip []bool
}

func (v *skipped) Visit(worker int, o *Object, base *kept) *kept {
	v.reader.Visit(worker, o, 0)
	at := v.p.entries[o.Entry].base
	if at >= 0 && v.skip[at] {
		v.watch.mu.Lock()
		defer v.watch.mu.Unlock()
		if base != nil || o.Delta || len(o.Copies) > 0 {
			v.fault("entry %d: is told of a base that was skipped", o.Entry)
		}
		s := &kept{entry: o.Entry, leaf: o.Leaf, data: bytes.Clone(o.Data)}
		if !o.Leaf {
			v.live++
		}
		return s
	}
	return v.watch.Visit(worker, o, base)
}

func (v *skipped) Release(worker int, s *kept) { v.watch.Release(worker, s) }

// TestDigestsSpend: an entry that takes more bytes than it can need is not hashed.
func TestDigestsSpend(t *testing.T) {
	d := &digester{left: 2 << 30}
	for _, c := range []struct {
		bytes int64
		size  uint64
		want  bool
	}{
		{0, 0, true}, {slack, 0, true}, {slack + 1, 0, true}, {slack + 2, 0, false}, {slack + 2, 1, true},
		{maxDigested + 1, 1 << 40, false}, {1 << 40, 1 << 62, false},
		{maxDigested, 1 << 40, true}, {maxDigested, 1 << 40, false}, // nothing is left
	} {
		if got := d.spend(c.bytes, c.size); got != c.want {
			t.Errorf("%d bytes for a size of %d: %v", c.bytes, c.size, got)
		}
	}
}
