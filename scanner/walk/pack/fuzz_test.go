package pack

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/fixtures"
)

// FuzzParseIndex holds Find against a scan of all names, and every accessor
// against panics.
func FuzzParseIndex(f *testing.F) {
	for _, version := range []int{1, 2} {
		_, idx := writePack(version, smallItems())
		f.Add(idx)
		_, idx = writePack(version, nil)
		f.Add(idx)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := ParseIndex(data)
		if err != nil {
			return
		}
		x.Verify()
		sorted := true
		for i := range x.n {
			x.Offset(i)
			x.CRC(i)
			h := x.Name(i)
			if i > 0 {
				before := x.Name(i - 1)
				sorted = sorted && bytes.Compare(before[:], h[:]) < 0
			}
			lo := uint32(0)
			if h[0] > 0 {
				lo = x.fanout[h[0]-1]
			}
			sorted = sorted && lo <= uint32(i) && uint32(i) < x.fanout[h[0]]
		}
		quick := newFinder(x)
		for i := range x.n {
			h := x.Name(i)
			at, ok := x.Find(h)
			if q, found := quick.find(&h); found && x.Name(q) != h || sorted && (q != at || found != ok) {
				t.Fatalf("find %s by its first bits: %d, %t; it stands at %d", h, q, found, at)
			}
			if ok && x.Name(at) != h || sorted && (!ok || at != i) {
				t.Fatalf("find %s: %d, %t; it stands at %d", h, at, ok, i)
			}
			h[19] ^= 1
			if q, ok := quick.find(&h); ok && x.Name(q) != h {
				t.Fatalf("find %s by its first bits: %d, which is %s", h, q, x.Name(q))
			}
			if at, ok := x.Find(h); ok && x.Name(at) != h {
				t.Fatalf("find %s: %d, which is %s", h, at, x.Name(at))
			}
		}
	})
}

// TestFinder holds the look-up by first bits against Find, with names that are
// evenly spread and with names that crowd together.
func TestFinder(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	for _, n := range []int{0, 1, 2, 3, 17, 256, 1000, fixtures.Cases(2000, 5000)} {
		for _, same := range []int{0, 1, 4, 8, 12} { // bytes that all names have in common
			list := make([]plumbing.Hash, n)
			for i := range list {
				for k := same; k < hashLen; k++ {
					list[i][k] = byte(rng.Uint32())
				}
			}
			slices.SortFunc(list, func(a, b plumbing.Hash) int { return bytes.Compare(a[:], b[:]) })
			x := &Index{n: n, step: hashLen}
			for _, h := range list {
				x.names = append(x.names, h[:]...)
				for b := int(h[0]); b < 256; b++ {
					x.fanout[b]++
				}
			}
			f := newFinder(x)
			for _, h := range list {
				for _, at := range []int{-1, same, 19} {
					asked := h
					if at >= 0 {
						asked[at] ^= byte(1 << rng.IntN(8))
					}
					got, found := f.find(&asked)
					want, ok := x.Find(asked)
					if found != ok || found && got != want {
						t.Fatalf("%d names: find %s: %d, %t, want %d, %t", n, asked, got, found, want, ok)
					}
				}
			}
		}
	}
}

// plainDelta does what checkDelta and applyDelta do, byte by byte: from tells
// for each byte of the result where in base it comes from, -1 if inserted.
func plainDelta(delta, base []byte) (result []byte, from []int, ok bool) {
	at := 0
	next := func() int {
		if at++; at > len(delta) {
			return -1
		}
		return int(delta[at-1])
	}
	var sizes [2]uint64
	for i := range sizes {
		for k := 0; ; k++ {
			b := next()
			if b < 0 || k > 8 {
				return nil, nil, false
			}
			sizes[i] |= uint64(b&0x7f) << (7 * k)
			if b < 0x80 {
				break
			}
		}
	}
	if sizes[0] != uint64(len(base)) {
		return nil, nil, false
	}
	for at < len(delta) {
		op := next()
		if op < 0x80 {
			for range op {
				b := next()
				if b < 0 {
					return nil, nil, false
				}
				result, from = append(result, byte(b)), append(from, -1)
			}
			if op == 0 {
				return nil, nil, false
			}
			continue
		}
		var args [7]int
		for i := range args {
			if op>>i&1 == 1 {
				if args[i] = next(); args[i] < 0 {
					return nil, nil, false
				}
			}
		}
		start := args[0] + args[1]<<8 + args[2]<<16 + args[3]<<24
		n := args[4] + args[5]<<8 + args[6]<<16
		if n == 0 {
			n = 65536
		}
		if start+n > len(base) || uint64(len(result)+n) > sizes[1] {
			return nil, nil, false
		}
		for i := range n {
			result, from = append(result, base[start+i]), append(from, start+i)
		}
	}
	return result, from, uint64(len(result)) == sizes[1]
}

func FuzzApplyDelta(f *testing.F) {
	base := []byte("0123456789abcdef")
	for _, d := range [][]byte{
		deltaOf(16, 4, opCopy(0, 4)), deltaOf(16, 8, opCopy(0, 4), opCopy(4, 4)), deltaOf(16, 7, opCopy(3, 2), opInsert("abc"), opCopy(5, 2)),
		deltaOf(16, 4, opCopy(0, 2), opCopy(0, 2)), deltaOf(16, 0), deltaOf(16, 4, []byte{0}), {16, 200}, nil,
		append([]byte{16}, binary.AppendUvarint(nil, 1<<60)...),
	} {
		f.Add(d, base)
	}
	f.Add(deltaOf(1<<16, 1<<16, []byte{0x80}), make([]byte, 1<<16))
	f.Fuzz(func(t *testing.T, delta, base []byte) {
		want, from, ok := plainDelta(delta, base)
		size, ops, err := checkDelta(delta, len(base))
		if err != nil || size > 1<<26 {
			if ok {
				t.Fatalf("delta %x: %v, and it is sound", delta, err)
			}
			return
		}
		if ok && resultSize(ops) != size {
			t.Fatalf("delta %x makes %d bytes, not %d", delta, size, resultSize(ops))
		}
		room := bytes.Repeat([]byte{0xa5}, int(size)+16)
		copies, err := applyDelta(room[:size], base, ops, nil)
		if (err == nil) != ok {
			t.Fatalf("delta %x on %d bytes: %v, the plain twin says %t", delta, len(base), err, ok)
		}
		for _, b := range room[size:] {
			if b != 0xa5 {
				t.Fatal("it writes beyond the result")
			}
		}
		if !ok {
			return
		}
		if !bytes.Equal(room[:size], want) {
			t.Fatalf("delta %x makes %x, want %x", delta, room[:size], want)
		}
		if len(copies) < maxCopies {
			checkCopies(t, copies, from)
		}
	})
}

// checkCopies holds the ranges against where each byte came from.
func checkCopies(t *testing.T, copies []Copy, from []int) {
	t.Helper()
	got := make([]int, len(from))
	for i := range got {
		got[i] = -1
	}
	for k, c := range copies {
		for i := range c.Len {
			got[c.Pos+i] = c.From + i
		}
		if k > 0 {
			if b := copies[k-1]; b.Pos+b.Len > c.Pos || b.Pos+b.Len == c.Pos && b.From+b.Len == c.From {
				t.Fatalf("%v and %v overlap or are one", b, c)
			}
		}
	}
	for i := range from {
		if from[i] != got[i] {
			t.Fatalf("byte %d comes from %d, copies say %d", i, from[i], got[i])
		}
	}
}

// plainHeader parses an entry's header with big numbers.
func plainHeader(d []byte) (typ int, size, back *big.Int, n int, ok bool) {
	size, back = big.NewInt(int64(d[0]&15)), new(big.Int)
	typ = int(d[0] >> 4 & 7)
	n = 1
	for shift := uint(4); d[n-1] >= 0x80; shift += 7 {
		if n == len(d) || shift > 57 { // git gives up there too
			return typ, size, back, n, false
		}
		size.Add(size, new(big.Int).Lsh(big.NewInt(int64(d[n]&0x7f)), shift))
		n++
	}
	switch typ {
	case 1, 2, 3, 4:
		return typ, size, back, n, true
	case 7:
		return typ, size, back, n + 20, n+20 <= len(d)
	case 6:
		for first := true; ; first = false {
			if n == len(d) {
				return typ, size, back, n, false
			}
			if !first {
				back.Add(back, big.NewInt(1))
			}
			back.Lsh(back, 7).Add(back, big.NewInt(int64(d[n]&0x7f)))
			n++
			if d[n-1] < 0x80 {
				return typ, size, back, n, back.Sign() > 0
			}
		}
	}
	return typ, size, back, n, false
}

func FuzzParseHeader(f *testing.F) {
	for _, it := range smallItems() {
		f.Add(entryHeader(&it, 5000, make([]uint64, 9)))
	}
	f.Add(bytes.Repeat([]byte{0xff}, 30))
	f.Add(append([]byte{0x65}, bytes.Repeat([]byte{0xff}, 30)...))
	f.Add([]byte{0xb5, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01})
	f.Fuzz(func(t *testing.T, d []byte) {
		if len(d) == 0 {
			return // the caller has at least the byte at an offset inside the pack
		}
		h, got := parseHeader(d)
		typ, size, back, n, want := plainHeader(d)
		limit := big.NewInt(1 << 60)
		if want && (size.Cmp(limit) >= 0 || back.Cmp(limit) >= 0) {
			if got && (h.size < 1<<60 && size.Cmp(limit) >= 0 || h.back < 1<<60 && back.Cmp(limit) >= 0) {
				t.Fatalf("header %x: a huge number became a small one", d)
			}
			return
		}
		if got != want {
			t.Fatalf("header %x: %t, the plain twin says %t", d, got, want)
		}
		if got && (int(h.typ) != typ || h.size != size.Uint64() || h.back != back.Uint64() || int(h.len) != n) {
			t.Fatalf("header %x: %+v; want %d %s %s %d", d, h, typ, size, back, n)
		}
	})
}

// FuzzWalk changes a small pack under an index that has no checksums of the
// entries, so that damage reaches the deltas and the walk.
func FuzzWalk(f *testing.F) {
	pack, _ := writePack(1, smallItems())
	f.Add(uint16(20), []byte{1}, uint16(300), []byte{0xff, 3})
	f.Add(uint16(12), []byte{0xb0, 0x80}, uint16(230), []byte{0x7f})
	for i, it := range smallItems() {
		at := bytes.Index(pack, it.data)
		f.Add(uint16(max(0, at-7)), []byte{9, 8, 7}, uint16(i), []byte(nil))
	}
	f.Fuzz(func(t *testing.T, at1 uint16, b1 []byte, at2 uint16, b2 []byte) {
		pack, idx := writePack(1, smallItems())
		copy(pack[min(int(at1), len(pack)):], b1)
		copy(pack[min(int(at2), len(pack)):], b2)
		p, err := openBytes(pack, idx)
		if err != nil {
			return
		}
		mutual := func(plumbing.Hash) (plumbing.ObjectType, []byte, error) {
			return plumbing.BlobObject, []byte("short"), nil
		}
		for _, opt := range []Options{{Jobs: 1}, {Jobs: 3, Memory: 1, External: mutual}, {Jobs: 2, MaxObject: 100}} {
			run(t, p, opt, anyName)
		}
		for i := range p.Len() {
			p.Get(p.Name(i), mutual)
		}
	})
}

// FuzzAgainstGit has git and us read one pack, of which the fuzzer makes up the
// texts, the bases and the instructions, and into which it writes: what git
// accepts is read to the same bytes, and what it refuses is not passed over.
func FuzzAgainstGit(f *testing.F) {
	if _, err := exec.LookPath("git"); err != nil {
		f.Skip("git is not installed")
	}
	f.Add([]byte("0123456789abcdef"), []byte("\x00\x04\x02\x09\x01\x00\x08\x08"), uint16(0), byte(0))
	f.Add(bytes.Repeat([]byte("a line\n"), 100), []byte("\x05\x20\x81\x40\x02\x00\x10\x07\x80\x33"), uint16(30), byte(1))
	f.Add([]byte("x"), []byte{}, uint16(13), byte(0x80))
	dir := f.TempDir()
	git(f, dir, "", "init", "-q", "--bare", ".")
	path := filepath.Join(dir, "objects", "pack", "pack-"+strings.Repeat("a", 40)+".pack")
	f.Fuzz(func(t *testing.T, text, plan []byte, at uint16, flip byte) {
		items, want := planned(text, plan)
		pack, idx := writePack(2, items)
		if flip != 0 {
			// The checksum is made good again, so that the damage is met where it is.
			pack[packHead+int(at)%(len(pack)-packHead-20)] ^= flip
			sum := sha1.Sum(pack[:len(pack)-20])
			copy(pack[len(pack)-20:], sum[:])
			copy(idx[len(idx)-40:], sum[:])
			sum = sha1.Sum(idx[:len(idx)-20])
			copy(idx[len(idx)-20:], sum[:])
		}
		for name, data := range map[string][]byte{path: pack, path[:len(path)-4] + "idx": idx} {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		check := exec.Command("git", "index-pack", "--verify", path)
		check.Dir = dir
		gitErr := check.Run()
		p, err := openBytes(pack, idx)
		if err != nil {
			if gitErr == nil {
				t.Fatalf("git reads what we do not open: %v", err)
			}
			return
		}
		v := newWatch(p)
		v.names = flip == 0
		if err := Walk(t.Context(), p, Options{Jobs: 2, Problem: v.problem}, v); err != nil {
			t.Fatal(err)
		}
		if gitErr == nil && len(v.problems) > 0 {
			t.Fatalf("git reads it, we have %v", v.problems)
		}
		got := &plain{right: map[plumbing.Hash]bool{}}
		if err := Walk(t.Context(), p, Options{Jobs: 1, Problem: func(Problem) {}}, got); err != nil {
			t.Fatal(err)
		}
		if gitErr == nil && (len(got.wrong) > 0 || len(got.right) != want) {
			t.Fatalf("git reads %d objects; %d are right here, wrong are %v", want, len(got.right), got.wrong)
		}
		if gitErr != nil && len(v.problems) == 0 && (len(got.wrong) > 0 || len(got.right) != want) {
			t.Fatalf("git refuses it; %d of %d are right here and no problem is told", len(got.right), want)
		}
	})
}

const packHead = 12

// planned makes whole objects and deltas out of a text: four bytes of the plan
// for each instruction.
func planned(text, plan []byte) (items []item, names int) {
	text = text[:min(len(text), 1<<12)]
	whole := blob(string(text))
	items = []item{whole}
	last, lastName := text, whole.name
	seen := map[plumbing.Hash]bool{whole.name: true}
	for n := 0; len(plan) >= 4 && n < 40; n++ {
		var ops [][]byte
		var next []byte
		for range 1 + int(plan[0])%3 {
			if len(plan) < 4 {
				break
			}
			if from, size := int(plan[1])*16, int(plan[2])*16; plan[3]%2 == 0 && from < len(last) && size > 0 {
				size = min(size, len(last)-from)
				ops, next = append(ops, opCopy(from, size)), append(next, last[from:from+size]...)
			} else {
				word := strings.Repeat(string(rune('a'+plan[1]%26)), 1+int(plan[2])%127)
				ops, next = append(ops, opInsert(word)), append(next, word...)
			}
			plan = plan[4:]
		}
		it := change(string(next), lastName, deltaOf(len(last), len(next), ops...))
		if seen[it.name] {
			continue
		}
		seen[it.name] = true
		items = append(items, it)
		last, lastName = next, it.name
	}
	return items, len(items)
}
