package pack

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// TestForward has a base that stands after the deltas made from it.
func TestForward(t *testing.T) {
	base := blob("the base stands last in the pack")
	a := change("the base!", base.name, deltaOf(32, 9, opCopy(0, 8), opInsert("!")))
	b := change("base!", a.name, deltaOf(9, 5, opCopy(4, 5)))
	for _, version := range []int{1, 2} {
		v := run(t, made(t, version, []item{b, a, base}), Options{Jobs: 2})
		if len(v.problems) > 0 {
			t.Error(v.problems)
		}
	}
}

// longChain has n blobs, each made from the one before.
func longChain(n int, typ plumbing.ObjectType) []item {
	items := make([]item, n)
	text := func(i int) string { return fmt.Sprintf("line %08d", i) }
	items[0] = blob(text(0))
	for i := 1; i < n; i++ {
		items[i] = change(text(i), items[i-1].name, deltaOf(13, 13, opCopy(0, 5), opInsert(text(i)[5:])))
		items[i].typ, items[i].base = typ, i-1
	}
	return items
}

func TestLongChain(t *testing.T) {
	long := 100_000
	if testing.Short() {
		long = 10_000
	}
	for _, n := range []int{4096, long} {
		for _, typ := range []plumbing.ObjectType{plumbing.OFSDeltaObject, plumbing.REFDeltaObject} {
			items := longChain(n, typ)
			if typ == plumbing.REFDeltaObject {
				slices.Reverse(items)
			}
			p := made(t, 2, items)
			v := run(t, p, Options{Jobs: 2, Memory: 1})
			if len(v.problems) > 0 || v.most > 2 {
				t.Errorf("chain of %d: %d problems, %d bases held", n, len(v.problems), v.most)
			}
			deepest := nameOf(plumbing.BlobObject, fmt.Appendf(nil, "line %08d", n-1))
			if _, data, _, err := p.Get(deepest, nil); err != nil || string(data) != fmt.Sprintf("line %08d", n-1) {
				t.Errorf("get through %d deltas: %q, %v", n, data, err)
			}
		}
	}
}

// TestManyChildren has one base for very many deltas: the workers share them.
func TestManyChildren(t *testing.T) {
	const n = 100_000
	items := []item{blob("base")}
	for i := range n {
		s := fmt.Sprintf("base%d", i)
		items = append(items, change(s, items[0].name, deltaOf(4, len(s), opCopy(0, 4), opInsert(s[4:]))))
	}
	v := run(t, made(t, 2, items), Options{Jobs: 4})
	total := 0
	for _, k := range v.workers {
		total += k
	}
	if len(v.problems) > 0 || total != n+1 {
		t.Errorf("%d problems, %d visits", len(v.problems), total)
	}
	t.Logf("visits by worker: %v", v.workers)
}

// TestFar reads bases from elsewhere.
func TestFar(t *testing.T) {
	base := blob("a base in another pack")
	a := change("a base", base.name, deltaOf(22, 6, opCopy(0, 6)))
	b := change("base", a.name, deltaOf(6, 4, opCopy(2, 4)))
	p := made(t, 2, []item{a, b})
	find := func(h plumbing.Hash) (plumbing.ObjectType, []byte, error) {
		if h != base.name {
			return 0, nil, errors.New("another base was asked for")
		}
		return plumbing.BlobObject, base.data, nil
	}
	if v := run(t, p, Options{External: find}); len(v.problems) > 0 {
		t.Error(v.problems)
	}
	if _, data, ok, err := p.Get(b.name, find); !ok || err != nil || string(data) != "base" {
		t.Error(string(data), ok, err)
	}
	lost := func(plumbing.Hash) (plumbing.ObjectType, []byte, error) { return 0, nil, os.ErrNotExist }
	for _, ext := range []External{nil, lost} {
		if v := run(t, p, Options{External: ext}); len(v.problems) != 2 {
			t.Error(v.problems)
		}
		if _, _, ok, err := p.Get(b.name, ext); !ok || err == nil {
			t.Error("a delta without its base was read")
		}
	}
}

// TestSameNames has objects that two packs, and one pack twice, hold.
func TestSameNames(t *testing.T) {
	a, b := blob("one"), blob("two")
	for _, p := range []*Pack{made(t, 2, []item{a, b}), made(t, 2, []item{b, a})} {
		run(t, p, Options{Jobs: 2})
	}
	twice := made(t, 2, []item{a, b, a})
	v := newWatch(twice)
	if err := Walk(t.Context(), twice, Options{}, v); err != nil || len(v.faults) > 0 {
		t.Error(err, v.faults)
	}
	for i, s := range v.seen {
		if s == nil {
			t.Errorf("entry %d was not visited", i)
		}
	}
}

// TestLies has packs with one wrong entry: it and what is made from it must be
// problems, everything else must be visited.
func TestLies(t *testing.T) {
	base := blob("0123456789abcdef")
	good := change("0123", base.name, deltaOf(16, 4, opCopy(0, 4)))
	odd := func(it item) item {
		it.name = nameOf(plumbing.TagObject, fmt.Append(nil, it))
		return it
	}
	delta := func(d ...[]byte) item {
		return odd(item{typ: plumbing.REFDeltaObject, ref: base.name, data: slices.Concat(d...)})
	}
	over := slices.Repeat([]byte{0xff}, 12)
	self, x, y := odd(item{typ: plumbing.REFDeltaObject, data: []byte("s")}), odd(item{typ: plumbing.REFDeltaObject, data: []byte("x")}), odd(item{typ: plumbing.REFDeltaObject, data: []byte("y")})
	self.ref, x.ref, y.ref = self.name, y.name, x.name
	whole := func(it item) item { it.typ, it.data = plumbing.BlobObject, []byte("wrong"); return odd(it) }
	huge := append(binary.AppendUvarint([]byte{16}, 1<<40), make([]byte, 1<<17)...)
	for _, c := range []struct {
		name string
		bad  []item
	}{
		{"insert of nothing", []item{delta(deltaOf(16, 4, opCopy(0, 4), []byte{0}))}},
		{"copy from outside", []item{delta(deltaOf(16, 4, opCopy(13, 4)))}},
		{"copy from far outside", []item{delta(deltaOf(16, 4, opCopy(1<<31, 4)))}},
		{"copy of 64 KiB", []item{delta(deltaOf(16, 1<<16, []byte{0x80}))}},
		{"result too long", []item{delta(deltaOf(16, 3, opCopy(0, 4)))}},
		{"insert too long", []item{delta(deltaOf(16, 3, opInsert("abcd")))}},
		{"result too short", []item{delta(deltaOf(16, 5, opCopy(0, 4)))}},
		{"another base", []item{delta(deltaOf(17, 4, opCopy(0, 4)))}},
		{"cut copy", []item{delta(deltaOf(16, 4, []byte{0xff, 1, 2}))}},
		{"cut insert", []item{delta(deltaOf(16, 4, []byte{4, 'a'}))}},
		{"empty delta", []item{delta(nil)}},
		{"sizes that do not end", []item{delta(over)}},
		{"result of 2^62", []item{delta([]byte{16, 255, 255, 255, 255, 255, 255, 255, 255, 63}, opCopy(0, 4))}},
		{"result of a terabyte", []item{delta(huge)}},
		{"declared too small", []item{whole(item{size: 4})}},
		{"declared too large", []item{whole(item{size: 6})}},
		{"declared huge", []item{whole(item{size: 1 << 55})}},
		{"endless header", []item{whole(item{head: slices.Repeat([]byte{0xff}, 20)})}},
		{"endless distance", []item{whole(item{head: append([]byte{0x65}, over...)})}},
		{"distance 0", []item{whole(item{head: []byte{0x65, 0}})}},
		{"distance before the pack", []item{whole(item{head: []byte{0x65, 0xff, 0x7f}})}},
		{"distance to no entry", []item{whole(item{head: []byte{0x65, 1}})}},
		{"distance to the pack's header", []item{whole(item{head: []byte{0x65, 12}})}},
		{"type 0", []item{whole(item{head: []byte{0x05}})}},
		{"type 5", []item{whole(item{head: []byte{0x55}})}},
		{"garbage after the stream", []item{whole(item{junk: []byte("garbage")})}},
		{"other checksum", []item{whole(item{crc: 1})}},
		{"offset outside", []item{whole(item{off: 1 << 20})}},
		{"offset in the table of large ones", []item{whole(item{off: 1 << 31})}},
		{"delta of itself", []item{self}},
		{"deltas of each other", []item{x, y}},
		{"children of a cycle", []item{x, y, odd(item{typ: plumbing.REFDeltaObject, ref: x.name}), odd(item{typ: plumbing.REFDeltaObject, ref: y.name})}},
		{"child of a bad one", []item{whole(item{size: 4}), odd(item{typ: plumbing.REFDeltaObject, ref: whole(item{size: 4}).name})}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for at := range 3 {
				items := slices.Insert([]item{base, good}, min(at, 2), c.bad...)
				p := made(t, 2, items)
				v := run(t, p, Options{Jobs: 2}, anyName)
				for _, it := range c.bad {
					i, _ := p.Find(it.name)
					if _, ok := v.problems[i]; !ok {
						t.Errorf("at %d: entry %d is no problem", at, i)
					}
					p.Get(it.name, nil)
				}
				// Where an entry's place is unknown, the one before seems to go on to the next.
				if len(v.problems) != len(c.bad) && !strings.HasPrefix(c.name, "offset") {
					t.Errorf("at %d: %d problems: %v", at, len(v.problems), v.problems)
				}
			}
		})
	}
}

// TestSharedOffset has an index that gives two names to one entry.
func TestSharedOffset(t *testing.T) {
	a, b := blob("first"), blob("second")
	items := []item{a, b}
	pack, _ := writePack(2, items)
	second := uint64(len(pack) - hashLen - (1 + 11 + len(b.data)))
	items[1].off = 12 - second
	for _, version := range []int{1, 2} {
		v := run(t, made(t, version, items), Options{}, anyName)
		if len(v.problems) == 0 {
			t.Error("nothing is said of two names for one entry")
		}
	}
}

// TestLimit holds MaxObject against whole objects and results of deltas.
func TestLimit(t *testing.T) {
	base := blob(strings.Repeat("x", 100))
	big := change(strings.Repeat("x", 200), base.name, deltaOf(100, 200, opCopy(0, 100), opCopy(0, 100)))
	small := change("x", base.name, deltaOf(100, 1, opCopy(0, 1)))
	for limit, bad := range map[int64]int{0: 0, 200: 0, 199: 1, 100: 1, 99: 3} {
		if v := run(t, made(t, 2, []item{base, big, small}), Options{MaxObject: limit}); len(v.problems) != bad {
			t.Errorf("limit %d: %d problems, want %d", limit, len(v.problems), bad)
		}
	}
}

// TestCancel ends a walk in its middle.
func TestCancel(t *testing.T) {
	p := made(t, 2, longChain(5000, plumbing.OFSDeltaObject))
	for _, jobs := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		v := &canceller{cancel: cancel}
		if err := Walk(ctx, p, Options{Jobs: jobs}, v); !errors.Is(err, context.Canceled) {
			t.Errorf("a walk that was cancelled ended with %v", err)
		}
		if n := int(v.visits.Load()); n > 100+jobs {
			t.Errorf("%d visits after the end", n-100)
		}
	}
}

type canceller struct {
	cancel func()
	visits atomic.Int32
}

func (c *canceller) Visit(int, *Object, int) int {
	if c.visits.Add(1) == 100 {
		c.cancel()
	}
	return 0
}

func (*canceller) Release(int, int) {}

// TestCutUnderWalk cuts the file after it was opened.
func TestCutUnderWalk(t *testing.T) {
	items := longChain(20_000, plumbing.REFDeltaObject)
	for _, warm := range []bool{true, false} {
		p := made(t, 2, items)
		if warm {
			p.Name(0)
		}
		if err := os.Truncate(p.Path(), 4096); err != nil {
			t.Fatal(err)
		}
		if err := Walk(t.Context(), p, Options{Jobs: 2}, newWatch(p)); err == nil {
			t.Error("a pack that was cut during the walk was read without complaint")
		}
		if _, _, _, err := p.Get(items[15_000].name, nil); err == nil {
			t.Error("an object was read from beyond the end of a cut pack")
		}
	}
}
