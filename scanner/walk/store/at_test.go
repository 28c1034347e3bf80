package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// atRepo has a blob of some MB, loose or in a pack.
func atRepo(t *testing.T, packed bool) (dir string, h plumbing.Hash, data []byte) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	data = make([]byte, 5*keptBehind+12_345)
	for i := range data {
		data[i] = "0123456789abcdef"[rng.IntN(16)]
	}
	dir = bare(t)
	h = put(t, dir, string(data))
	if packed {
		git(t, dir, h.String()+"\n", "pack-objects", "-q", "objects/pack/pack")
		git(t, dir, "", "prune-packed")
	}
	return dir, h, data
}

// at hands the blob to use as one that is begun to be read.
func at(t *testing.T, s *Store, h plumbing.Hash, use func(*At, int64) error) error {
	t.Helper()
	return s.Stream(t.Context(), h, func(_ plumbing.ObjectType, size int64, content io.Reader) error {
		return use(s.At(t.Context(), h, 0, size, content), size)
	})
}

// TestAt: any place of an object is read, with what is kept and anew, until it would be
// read too often; then it is whole once more.
func TestAt(t *testing.T) {
	for _, packed := range []bool{false, true} {
		dir, h, data := atRepo(t, packed)
		s := open(t, dir)
		err := at(t, s, h, func(a *At, size int64) error {
			read := func(off int64, n int) error {
				b := make([]byte, n)
				k, err := a.ReadAt(b, off)
				if want := data[min(off, size):min(off+int64(n), size)]; err == nil || err == io.EOF {
					if !bytes.Equal(b[:k], want) || (err == nil) != (k == n) {
						t.Fatalf("packed %v: %d bytes at %d: got %d, %v", packed, n, off, k, err)
					}
				}
				return err
			}
			read(0, 30)
			read(size-22, 100)          // to the end
			read(size-keptBehind/2, 10) // kept
			read(100, 30)               // anew
			read(2*keptBehind, 2*keptBehind)
			read(4*keptBehind-50, 50) // kept
			read(5, 5)                // anew
			read(size, 1)
			if err := read(5, 5); !errors.Is(err, pack.ErrLimit) || !a.TooOften() {
				t.Errorf("packed %v: a fourth time: %v", packed, err)
			}
			r, err := a.Whole()
			if err != nil {
				return err
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, data) {
				t.Errorf("packed %v: whole: %d bytes, %v", packed, len(got), err)
			}
			return a.Close()
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestAtDamaged: what is damaged ends with an error, wherever it was looked at, and so
// does what is damaged only when it is read anew.
func TestAtDamaged(t *testing.T) {
	dir, h, data := atRepo(t, false)
	s := open(t, dir)
	file := dir + "/objects/" + h.String()[:2] + "/" + h.String()[2:]
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(good)
	bad[len(bad)/2] ^= 1
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	write := func(data []byte) {
		os.Remove(file)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(bad)
	err = at(t, s, h, func(a *At, _ int64) error {
		_, _ = a.ReadAt(make([]byte, 10), 0)
		return a.Close()
	})
	if err == nil {
		t.Error("a damaged object was closed without an error")
	}
	write(good)
	err = at(t, s, h, func(a *At, size int64) error {
		if _, err := a.ReadAt(make([]byte, 10), size-10); err != nil {
			t.Error(err)
		}
		write(bad)
		b := make([]byte, 10)
		if _, err := a.ReadAt(b, 0); err != nil || !bytes.Equal(b, data[:10]) {
			t.Errorf("%q, %v", b, err)
		}
		return a.Close()
	})
	if err == nil {
		t.Error("an object that was damaged meanwhile was closed without an error")
	}
}

// TestAtStops: who ends early leaves nothing behind that reads on.
func TestAtStops(t *testing.T) {
	dir, h, _ := atRepo(t, true)
	s := open(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Stream(ctx, h, func(_ plumbing.ObjectType, size int64, content io.Reader) error {
		a := s.At(ctx, h, 0, size, content)
		_, _ = a.ReadAt(make([]byte, 1), size-1)
		_, _ = a.ReadAt(make([]byte, 1), 0)
		cancel()
		if _, err := a.ReadAt(make([]byte, 1), size-1); !errors.Is(err, context.Canceled) {
			t.Errorf("after the end: %v", err)
		}
		return a.Close()
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
