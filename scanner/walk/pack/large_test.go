package pack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-git/go-git/v5/plumbing"
)

// readLarge is a Large that reads contents in small steps.
func readLarge(v *plain) Large {
	return func(_ int, o *Object, size int64, content io.Reader) error {
		data, err := io.ReadAll(iotest.HalfReader(content))
		if err != nil {
			return err
		}
		if int64(len(data)) != size || o.Data != nil || !o.Leaf {
			return errors.New("it is not as was said")
		}
		v.Visit(0, &Object{Name: o.Name, Type: o.Type, Data: data}, 0)
		return nil
	}
}

// TestLarge reads what is larger than the limit piece by piece, in a walk and by
// name: blobs that are stored whole, and nothing else.
func TestLarge(t *testing.T) {
	items := smallItems()
	p := made(t, 2, items)
	v := &plain{right: map[plumbing.Hash]bool{}}
	bad := map[plumbing.Hash]bool{}
	err := Walk(t.Context(), p, Options{MaxObject: 4, Large: readLarge(v), Problem: func(p Problem) {
		if bad[p.Name] = true; !errors.Is(p.Err, ErrLimit) {
			t.Error(p)
		}
	}}, v)
	if err != nil || len(v.wrong) > 0 || len(v.right) != 3 || len(bad) != len(items)-3 {
		t.Fatalf("%v, right %d, wrong %v, not read %d of %d", err, len(v.right), v.wrong, len(bad), len(items))
	}
	for i, x := range items {
		var got []byte
		ok, err := p.Stream(t.Context(), x.name, 0, func(typ plumbing.ObjectType, size int64, content io.Reader) (err error) {
			got, err = io.ReadAll(content)
			if int64(len(got)) != size {
				t.Errorf("item %d: %d bytes, and %d were told", i, len(got), size)
			}
			return err
		})
		delta := x.typ.IsDelta()
		if !ok || delta != errors.Is(err, ErrLimit) || !delta && (err != nil || !bytes.Equal(got, x.data)) {
			t.Errorf("item %d: %v, %v", i, ok, err)
		}
	}
	if ok, err := p.Stream(t.Context(), plumbing.Hash{1}, 0, nil); ok || err != nil {
		t.Error(ok, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Stream(ctx, items[0].name, 0, func(_ plumbing.ObjectType, _ int64, r io.Reader) error { _, err := io.ReadAll(r); return err }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestLargeFlippedBits flips every bit of a pack and of its index, and cuts the pack at every
// byte: what is read piece by piece then is right, or something is said.
func TestLargeFlippedBits(t *testing.T) {
	items := []item{blob(strings.Repeat("line of a file\n", 30)), blob("short"), blob("another one, of letters")}
	pack, idx := writePack(2, items)
	try := func(what string, at int, pack []byte) {
		p, err := openBytes(pack, idx)
		if err != nil {
			return
		}
		said := len(p.Damage()) > 0
		v := &plain{right: map[plumbing.Hash]bool{}}
		if err := Walk(t.Context(), p, Options{MaxObject: 4, Large: readLarge(v), Problem: func(Problem) { said = true }}, v); err != nil {
			said = true
		}
		for i := range items {
			_, _ = p.Stream(t.Context(), items[i].name, 0, func(_ plumbing.ObjectType, _ int64, r io.Reader) error { _, err := io.ReadAll(r); return err })
		}
		if !said && (len(v.wrong) > 0 || len(v.right) != len(items)) {
			t.Errorf("%s at %d: %d right, wrong %v, and nothing is said", what, at, len(v.right), v.wrong)
		}
	}
	for bit := range 8 * len(pack) {
		pack[bit/8] ^= 1 << (bit % 8)
		try("a bit of the pack", bit, pack)
		pack[bit/8] ^= 1 << (bit % 8)
	}
	for bit := 0; bit < 8*len(idx); bit += 3 {
		idx[bit/8] ^= 1 << (bit % 8)
		try("a bit of the index", bit, pack)
		idx[bit/8] ^= 1 << (bit % 8)
	}
	for n := range len(pack) {
		try("cut", n, pack[:n:n])
	}
}
