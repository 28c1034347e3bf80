package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// randomChange makes random changes of base, of copies from anywhere and inserts.
func randomChange(rng *rand.Rand, base []byte) (result, delta []byte) {
	var ops [][]byte
	at := 0
	for range 1 + rng.IntN(8) {
		switch n := 1 + rng.IntN(max(1, len(base)/2)); {
		case rng.IntN(3) == 0: // from anywhere
			from := rng.IntN(len(base) - n + 1)
			ops, result = append(ops, opCopy(from, n)), append(result, base[from:from+n]...)
		case rng.IntN(3) == 0:
			text := fmt.Sprint("inserted ", rng.Uint32())
			ops, result = append(ops, opInsert(text)), append(result, text...)
		case at < len(base): // the next part
			at += rng.IntN(min(50, len(base)-at))
			n = min(n, len(base)-at)
			ops, result = append(ops, opCopy(at, n)), append(result, base[at:at+n]...)
			at += n
		}
	}
	if len(result) == 0 {
		ops, result = [][]byte{opInsert("x")}, []byte("x")
	}
	return result, deltaOf(len(base), len(result), ops...)
}

// versions are random blobs, each made from one before but for the first.
func versions(rng *rand.Rand, n int) []item {
	first := make([]byte, 2000+rng.IntN(2000))
	for i := range first {
		first[i] = byte('a' + rng.IntN(4))
	}
	items, contents := []item{blob(string(first))}, [][]byte{first}
	for len(items) < n {
		on := rng.IntN(len(items))
		result, delta := randomChange(rng, contents[on])
		it := change(string(result), items[on].name, delta)
		if slices.ContainsFunc(items, func(x item) bool { return x.name == it.name }) {
			continue
		}
		if rng.IntN(2) == 0 {
			it.typ, it.base = plumbing.OFSDeltaObject, on
		}
		items, contents = append(items, it), append(contents, result)
	}
	return items
}

// heldToName is readLarge for contents that are held to their names.
func heldToName(v *plain) Large {
	return func(_ int, o *Object, size int64, content io.Reader) error {
		data, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		if int64(len(data)) != size || nameOf(o.Type, data) != o.Name {
			return errors.New("it does not hash to its name")
		}
		v.Visit(0, &Object{Name: o.Name, Type: o.Type, Data: data}, 0)
		return nil
	}
}

// TestPiecedAgainstWhole: versions of what is too large to be held are those that are
// made where all is held.
func TestPiecedAgainstWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 11))
	jumps, all := 0, 0
	for range 60 {
		items := versions(rng, 30)
		p := made(t, 2, items)
		limit := int64(1500)
		if rng.IntN(2) == 0 {
			limit = 20_000 // then some of them grow beyond it, or none
		}
		v := &plain{right: map[plumbing.Hash]bool{}}
		bad := 0
		err := Walk(t.Context(), p, Options{Jobs: 1, MaxObject: limit, Large: heldToName(v), Problem: func(p Problem) {
			if bad++; !errors.Is(p.Err, ErrLimit) {
				t.Error(p)
			}
		}}, v)
		if err != nil || len(v.wrong) > 0 || len(v.right)+bad != len(items) {
			t.Fatalf("%v, right %d, wrong %v, not read %d of %d", err, len(v.right), v.wrong, bad, len(items))
		}
		jumps, all = jumps+bad, all+len(items)
	}
	if jumps == 0 || jumps > all/2 {
		t.Errorf("of %d versions %d go back and forth too much", all, jumps)
	}
	t.Logf("of %d versions %d go back and forth too much", all, jumps)
}

// TestPiecedDamage flips every bit of a pack with versions of what is too large, and
// cuts it everywhere: what is read is right, or something is said.
func TestPiecedDamage(t *testing.T) {
	items := versions(rand.New(rand.NewPCG(5, 2)), 6)
	pack, idx := writePack(2, items)
	try := func(what string, at int, pack []byte) {
		p, err := openBytes(pack, idx)
		if err != nil {
			return
		}
		said := len(p.Damage()) > 0
		v := &plain{right: map[plumbing.Hash]bool{}}
		if err := Walk(t.Context(), p, Options{MaxObject: 1900, Large: heldToName(v), Problem: func(Problem) { said = true }}, v); err != nil {
			said = true
		}
		if len(v.wrong) > 0 || !said && len(v.right) != len(items) {
			t.Errorf("%s at %d: %d right, wrong %v, said: %v", what, at, len(v.right), v.wrong, said)
		}
	}
	for bit := range 8 * len(pack) {
		pack[bit/8] ^= 1 << (bit % 8)
		try("a bit", bit, pack)
		pack[bit/8] ^= 1 << (bit % 8)
	}
	for n := range len(pack) {
		try("cut", n, pack[:n:n])
	}
}

// TestPiecedBounds: a bomb of copies, and a list of segments without end are limits.
func TestPiecedBounds(t *testing.T) {
	base := bytes.Repeat([]byte("0123456789abcdef"), 200)
	bombs := [][]byte{
		deltaOf(len(base), (maxPieced/len(base)+1)*len(base), bytes.Repeat(opCopy(0, len(base)), maxPieced/len(base)+1)),
		deltaOf(len(base), 2*(maxSegments+1), bytes.Repeat(slices.Concat(opCopy(0, 1), opInsert("x")), maxSegments+1)),
	}
	for _, bomb := range bombs {
		if _, _, err := compose([]segment{{n: int64(len(base))}}, int64(len(base)), bomb); !errors.Is(err, ErrLimit) {
			t.Error(err)
		}
	}
}

// TestPiecedMost: of very many versions those that come first in the pack are read,
// the same ones at any number of workers.
func TestPiecedMost(t *testing.T) {
	base := bytes.Repeat([]byte("0123456789abcdef"), 200)
	const size = 400 << 20
	items := []item{blob(string(base))}
	for i := range MostMade/size + 5 {
		ops := bytes.Repeat(opCopy(0, len(base)), size/len(base))
		items = append(items, item{name: plumbing.Hash{byte(i)}, typ: plumbing.REFDeltaObject, ref: items[0].name, data: deltaOf(len(base), size/len(base)*len(base), ops)})
	}
	for _, jobs := range []int{1, 4} {
		shown, limited := 0, 0
		err := Walk(t.Context(), made(t, 2, items), Options{Jobs: jobs, MaxObject: 64 << 20, Large: func(_ int, o *Object, n int64, _ io.Reader) error {
			if shown++; limited > 0 || n > size {
				t.Errorf("%s of %d bytes is read after one was not", o.Name, n)
			}
			return nil
		}, Problem: func(p Problem) {
			if limited++; p.Err != errVersions {
				t.Error(p)
			}
		}}, &plain{right: map[plumbing.Hash]bool{}})
		if err != nil || shown != MostMade/size || limited != len(items)-1-shown {
			t.Errorf("%d versions are read, %d are not; %v", shown, limited, err)
		}
	}
}
