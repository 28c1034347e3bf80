package history

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// numbered stands in for the lookup of a store: some objects are not there.
func numbered(mode, name []byte, h plumbing.Hash) (kid, tag int32) {
	tag = label(int32(len(name))<<8|int32(name[0]), childKind(mode) == plumbing.TreeObject)
	if childKind(mode) == 0 || h[0]%5 == 0 {
		return none, tag
	}
	return int32(h[0])<<16 | int32(h[10])<<8 | int32(h[19]), tag
}

// expand lists what a tree's entries point to and their labels, two words for
// each; base is that list of the tree's base.
func expand(pieces, base []int32) (list []int32) {
	t := tree{pieces: pieces}
	for p, ok := t.next(0); ok; p, ok = t.next(p.pos + p.n) {
		if int(p.pos) != len(list)/2 {
			panic("a piece that does not start where the one before ends")
		}
		if p.own == nil {
			p.own = base[2*p.from : 2*(p.from+p.n)]
		}
		list = append(list, p.own...)
	}
	return list
}

// trickyTree makes a tree some of whose names of objects look like the start of
// an entry, so that a copy from their middle parses as well.
func trickyTree(rng *rand.Rand, n int) []byte {
	var b []byte
	for range n {
		b = append(b, []string{"100644 ", "40000 ", "120000 ", "160000 ", "100755 "}[rng.IntN(5)]...)
		b = append(b, "abcdefgh"[:1+rng.IntN(8)]...)
		b = append(b, 0)
		h := make([]byte, hashLen)
		for i := range h {
			h[i] = byte(rng.Uint32())
		}
		switch rng.IntN(3) {
		case 0:
			copy(h[rng.IntN(12):], "100644 x\x00")
		case 1:
			copy(h[rng.IntN(14):], "40000 y\x00")
		}
		b = append(b, h...)
	}
	return b
}

// changed makes a result from base and a script: each three bytes are a copy of
// a range, or if the first is odd an insert of script bytes.
func changed(base, script []byte) (data []byte, copies []pack.Copy) {
	for len(script) >= 3 {
		op, a, b := script[0], int(script[1]), int(script[2])
		script = script[3:]
		if op&1 == 1 {
			n := min(a, len(script))
			data, script = append(data, script[:n]...), script[n:]
			continue
		}
		from := min(a*4+int(op>>1&3), len(base))
		n := min(b, len(base)-from)
		if n == 0 {
			continue
		}
		if k := len(copies) - 1; k >= 0 && copies[k].Pos+copies[k].Len == len(data) && copies[k].From+copies[k].Len == from {
			copies[k].Len += n
		} else {
			copies = append(copies, pack.Copy{Pos: len(data), From: from, Len: n})
		}
		data = append(data, base[from:from+n]...)
	}
	return data, copies
}

// twin compares the fast path with a parse of the plain bytes.
func twin(t *testing.T, base, data []byte, copies []pack.Copy) (ok bool) {
	t.Helper()
	var b, fast, plain entries
	_ = b.parse(&pack.Object{Data: base}, nil, numbered)
	errFast := fast.parse(&pack.Object{Data: data, Delta: true, Copies: copies, BaseLen: len(base)}, &b, numbered)
	errPlain := plain.parse(&pack.Object{Data: data}, nil, numbered)
	got, want := expand(fast.pieces, expand(b.pieces, nil)), expand(plain.pieces, nil)
	if errFast != errPlain || !slices.Equal(fast.starts, plain.starts) || !slices.Equal(got, want) {
		t.Fatalf("base %q, copies %v, data %q:\n%v %v, want\n%v %v (%v, want %v)", base, copies, data, fast.starts, got, plain.starts, want, errFast, errPlain)
	}
	return errPlain == nil && len(want) > 0
}

// splice makes a result that mostly parses: whole entries of base or of
// another tree, and copies that begin within an entry and end at an entry's end.
func splice(rng *rand.Rand, base []byte) (data []byte, copies []pack.Copy) {
	starts := []int{}
	for pos := 0; pos < len(base); {
		starts = append(starts, pos)
		_, _, pos = treeEntry(base, pos)
	}
	starts = append(starts, len(base))
	for range rng.IntN(6) {
		a := rng.IntN(len(starts))
		from, to := starts[a], starts[a+rng.IntN(len(starts)-a)]
		switch rng.IntN(4) {
		case 0:
			data = append(data, trickyTree(rng, rng.IntN(3))...)
			continue
		case 1: // where an object's name looks like an entry
			if i := bytes.Index(base[from:], []byte{"14"[rng.IntN(2)], '0', '0', '0'}); i >= 0 {
				from += i
			}
			to = min(len(base), from+28+rng.IntN(60))
		case 2: // ends anywhere, and goes on inserted
			end := from + rng.IntN(to-from+1)
			if end > from {
				copies = append(copies, pack.Copy{Pos: len(data), From: from, Len: end - from})
			}
			data = append(data, base[from:to]...)
			continue
		}
		if from < to {
			copies = append(copies, pack.Copy{Pos: len(data), From: from, Len: to - from})
			data = append(data, base[from:to]...)
		}
	}
	return data, copies
}

func TestParseTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	sound := 0
	for range 20_000 {
		base := trickyTree(rng, rng.IntN(12))
		data, copies := splice(rng, base)
		if twin(t, base, data, copies) {
			sound++
		}
	}
	if sound < 5000 {
		t.Errorf("only %d of the trees parsed", sound)
	}
}

func FuzzParse(f *testing.F) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		script := make([]byte, 30)
		for i := range script {
			script[i] = byte(rng.Uint32())
		}
		f.Add(trickyTree(rng, 8), script)
	}
	f.Fuzz(func(t *testing.T, base, script []byte) {
		data, copies := changed(base, script)
		twin(t, base, data, copies)
	})
}

// TestChildKind compares with what git makes of odd modes.
func TestChildKind(t *testing.T) {
	for mode, want := range map[string]plumbing.ObjectType{
		"40000": plumbing.TreeObject, "040000": plumbing.TreeObject, "40755": plumbing.TreeObject,
		"100644": plumbing.BlobObject, "100755": plumbing.BlobObject, "100664": plumbing.BlobObject, "0100644": plumbing.BlobObject,
		"120000": plumbing.BlobObject, "160000": 0, "0160000": 0,
	} {
		if got := childKind([]byte(mode)); got != want {
			t.Errorf("mode %s: %s, want %s", mode, got, want)
		}
	}
}
