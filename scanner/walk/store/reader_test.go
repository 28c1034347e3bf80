package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// TestReader holds a Reader to Get, its plain twin: with room for many bases and
// for hardly any, in every order, over packs with and without damage.
func TestReader(t *testing.T) {
	dir := bare(t)
	names := allTypes(t, dir)
	text := strings.Repeat("a line of text that stays\n", 300)
	for n := range 60 {
		text = text[:100*n] + fmt.Sprint("changed ", n) + text[100*n:]
		names = append(names, put(t, dir, text))
		if n == 30 {
			packAll(t, dir, names)
		}
	}
	for _, damage := range []bool{false, true} {
		if damage {
			packs, _ := filepath.Glob(filepath.Join(dir, "objects", "pack", "*.pack"))
			data, err := os.ReadFile(packs[0])
			if err != nil {
				t.Fatal(err)
			}
			data[len(data)/2] ^= 0xff
			os.Chmod(packs[0], 0o600)
			if err := os.WriteFile(packs[0], data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s := Open([]string{filepath.Join(dir, "objects")})
		defer s.Close()
		broken := 0
		for seed, limit := range []int64{0, 1 << 14, 1 << 20} {
			r := s.NewReader(limit)
			rng := rand.New(rand.NewPCG(uint64(seed), 2))
			order := slices.Concat(names, []plumbing.Hash{plumbing.NewHash(strings.Repeat("ab", 20))})
			rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			if seed == 2 {
				SortByPlace(s, order, func(h plumbing.Hash) plumbing.Hash { return h })
			}
			for _, h := range order {
				typ, data, err := r.GetProven(h)
				wantTyp, want, wantErr := s.GetProven(h)
				if (err == nil) != (wantErr == nil) || errors.Is(err, ErrNotFound) != errors.Is(wantErr, ErrNotFound) {
					t.Fatalf("%s: %v, want %v", h, err, wantErr)
				}
				if err != nil {
					broken++
				} else if typ != wantTyp || !bytes.Equal(data, want) {
					t.Fatalf("%s is another object", h)
				}
				typ, data, err = r.Unproven(h)
				wantTyp, want, wantErr = s.Get(h)
				if (err == nil) != (wantErr == nil) || typ != wantTyp || !bytes.Equal(data, want) {
					t.Fatalf("%s unproven: %v, want %v", h, err, wantErr)
				}
			}
		}
		if broken < 3 || !damage && broken != 3 {
			t.Errorf("%d objects could not be read", broken)
		}
	}
}

// packAll packs objects and takes their loose copies away.
func packAll(t *testing.T, dir string, names []plumbing.Hash) {
	var list strings.Builder
	for _, h := range names {
		fmt.Fprintln(&list, h)
	}
	git(t, dir, list.String(), "pack-objects", "-q", "objects/pack/pack")
	git(t, dir, "", "prune-packed", "-q")
}
