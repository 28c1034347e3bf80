package history

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/fixtures"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// counter counts visits.
type counter struct{ visits atomic.Int64 }

func (c *counter) Visit(int, int, *pack.Object, struct{}) struct{} {
	c.visits.Add(1)
	return struct{}{}
}

func (c *counter) Release(int, struct{}) {}

// walkAgain walks a repository whose files are as they were with what is known,
// and says all that can be asked.
func walkAgain(t testing.TB, dir string, past *Past) (r *Result, answers []any, visits int) {
	t.Helper()
	if past != nil {
		now := make([]int, past.Packs())
		for i := range now {
			now[i] = i
		}
		past.Stay(Files{Packs: now, Loose: func(plumbing.Hash) bool { return true }}, false)
	}
	return walkWith(t, dir, past)
}

func walkWith(t testing.TB, dir string, past *Past) (r *Result, answers []any, visits int) {
	t.Helper()
	s := store.Open([]string{filepath.Join(dir, "objects")})
	t.Cleanup(func() { s.Close() })
	s.List()
	var tips []plumbing.Hash
	for _, name := range strings.Fields(gitOut(t, dir, "", "for-each-ref", "--format=%(objectname)")) {
		tips = append(tips, plumbing.NewHash(name))
	}
	c := &counter{}
	r, err := Walk(context.Background(), Options{Store: s, Tips: tips, Jobs: 2, Past: past, MaxObject: 4000, Named: func(name []byte) bool { return len(name) == 2 }}, c)
	if err != nil {
		t.Fatal(err)
	}
	var blobs []plumbing.Hash
	for n := range s.Len() {
		answers = append(answers, r.Type(n), r.Size(n), r.Reachable(n))
		if r.Type(n) == plumbing.BlobObject {
			blobs = append(blobs, s.Name(n))
		}
	}
	a, err := r.Attribute(context.Background(), blobs, plumbing.ZeroHash)
	if err != nil {
		t.Fatal(err)
	}
	order, _ := r.topological()
	commits := slices.Clone(r.commits)
	for i := range commits {
		commits[i].author = author{} // of what is taken over they are not known
	}
	names := r.Names()
	slices.Sort(names)
	answers = append(answers, r.Commits, r.Trees, r.Blobs, r.Tags, fmt.Sprint(r.Gaps), r.Named, r.Unreachable, a.Spots, a.Lost, commits, order, names)
	return r, answers, int(c.visits.Load())
}

// keep leaves some objects out, keeps others without their length, and gives some a digest.
func keep(leave func(n int) bool) Kept {
	return Kept{Leave: leave, Mute: func(n int) bool { return n%5 == 0 }, Digest: func(n int) pack.Digest { return pack.Digest{byte(n), byte(n >> 8), byte(n % 2)} }}
}

// kept is what Keep gives, as bytes.
func kept(r *Result, k Kept) []byte {
	var b bytes.Buffer
	if from := r.Keep(k); from != nil {
		from.WriteTo(&b)
	}
	return b.Bytes()
}

// written is a whole Past, as bytes.
func written(p *Past) []byte {
	var b bytes.Buffer
	e := encoder{to: bufio.NewWriter(&b)}
	p.encode(&e)
	e.record(p.words)
	e.to.Flush()
	return b.Bytes()
}

// TestPastIsAWalk: a walk that takes all over reads nothing, and answers like one
// that reads everything; and so does one that reads a part again.
func TestPastIsAWalk(t *testing.T) {
	for seed := range 8 {
		dir := randomRepo(t, uint64(seed))
		if seed%2 == 0 {
			gitOut(t, dir, "", "repack", "-adq")
		}
		r, want, all := walkAgain(t, dir, nil)
		for part, leave := range []func(n int) bool{
			func(int) bool { return false },
			func(n int) bool { return r.Type(n) != plumbing.TreeObject && n%3 == 0 },
		} {
			data := kept(r, keep(leave))
			if data == nil {
				t.Fatalf("seed %d: nothing can be kept", seed)
			}
			past, err := ParsePast(data)
			if err != nil {
				t.Fatal(err)
			}
			again, got, visits := walkAgain(t, dir, past)
			if !reflect.DeepEqual(got, want) {
				for i := range got {
					if !reflect.DeepEqual(got[i], want[i]) {
						t.Fatalf("seed %d, answer %d: %v, and from the past %v", seed, i, want[i], got[i])
					}
				}
			}
			if visits > all/2 || part == 0 && visits > 0 {
				t.Errorf("seed %d: %d of %d objects were read", seed, visits, all)
			}
			if second := kept(again, keep(leave)); len(second) != len(data) { // absent objects may come in another order
				t.Errorf("seed %d: what is kept of what was kept has %d bytes, not %d", seed, len(second), len(data))
			}
		}
	}
}

// TestOtherCopies: an object that a pack holds once more stands for itself when the
// first copy is gone, and does not when another comes before it.
func TestOtherCopies(t *testing.T) {
	for seed := range 4 {
		dir := randomRepo(t, uint64(seed))
		gitOut(t, dir, "", "repack", "-adfq")
		gitOut(t, dir, "", "prune-packed")
		packs := func() []string {
			list, _ := filepath.Glob(filepath.Join(dir, "objects", "pack", "*"))
			return list
		}
		first := map[string][]byte{} // files of a pack that comes before all others
		for _, path := range packs() {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			first[filepath.Join(filepath.Dir(path), "pack-"+strings.Repeat("0", 40)+filepath.Ext(path))] = data
		}
		gitOut(t, dir, "", "-c", "core.compression=1", "repack", "-adFq", "--depth=3")
		come := func() {
			for path, data := range first {
				if err := os.WriteFile(path, data, 0o444); err != nil {
					t.Fatal(err)
				}
			}
		}
		leave := func() {
			for path := range first {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, step := range []struct {
			name          string
			before, after func()
			now           []int
			unread        bool // copies that stay are read again
		}{
			{"the first copies are gone", come, leave, []int{-1, 0}, true},
			{"others come before", func() {}, come, []int{1}, true},
			{"nothing changes", func() {}, func() {}, []int{0, 1}, false},
		} {
			step.before()
			r, _, all := walkWith(t, dir, nil)
			past, err := ParsePast(kept(r, keep(func(int) bool { return false })))
			if err != nil {
				t.Fatal(err)
			}
			step.after()
			_, want, _ := walkWith(t, dir, nil)
			past.Stay(Files{Packs: step.now, Loose: func(plumbing.Hash) bool { return true }, Digests: func(int) []pack.Digest { return nil }}, false)
			_, got, visits := walkWith(t, dir, past)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("seed %d, %s: another answer", seed, step.name)
			}
			if (visits > 0) != step.unread || visits > all {
				t.Errorf("seed %d, %s: %d of %d visits", seed, step.name, visits, all)
			}
		}
	}
}

// TestMissingComes: what was missing, and is there now, is followed like all else,
// even if it is not what the link to it says.
func TestMissingComes(t *testing.T) {
	dir := randomRepo(t, 1)
	blob := strings.TrimSpace(gitOut(t, dir, "only below what is missing", "hash-object", "-w", "--stdin"))
	tree := strings.TrimSpace(gitOut(t, dir, "100644 blob "+blob+"\tb\n", "mktree"))
	path := filepath.Join(dir, "objects", tree[:2], tree[2:])
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	root := make([]byte, hashLen)
	if _, err := hex.Decode(root, []byte(tree)); err != nil {
		t.Fatal(err)
	}
	wrong := strings.TrimSpace(gitOut(t, dir, "100644 x\x00"+string(root), "hash-object", "-w", "-t", "tree", "--literally", "--stdin"))
	commit := strings.TrimSpace(gitOut(t, dir, "m", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit-tree", wrong))
	gitOut(t, dir, "", "update-ref", "refs/heads/wrong", commit)
	os.Remove(path)
	r, _, _ := walkWith(t, dir, nil)
	if len(r.Gaps) == 0 {
		t.Fatal("nothing is missing")
	}
	past, err := ParsePast(kept(r, keep(func(int) bool { return false })))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o444); err != nil {
		t.Fatal(err)
	}
	_, want, _ := walkAgain(t, dir, nil)
	again, got, _ := walkAgain(t, dir, past)
	if !reflect.DeepEqual(got, want) || !again.onward || len(again.Gaps) > 0 {
		t.Errorf("another answer (from what was reached: %t, gaps: %v)", again.onward, again.Gaps)
	}
}

// TestReachOn moves, adds and removes refs: what is reached, from what was, is what
// a search from the tips alone finds.
func TestReachOn(t *testing.T) {
	on, anew := 0, 0
	for seed := range fixtures.Cases(4, 60) {
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		dir := randomRepo(t, uint64(seed))
		commits := strings.Fields(gitOut(t, dir, "", "rev-list", "--all"))
		refs := func() []string { return strings.Fields(gitOut(t, dir, "", "for-each-ref", "--format=%(refname)")) }
		for range 12 {
			r, _, _ := walkWith(t, dir, nil)
			past, err := ParsePast(kept(r, keep(func(int) bool { return false })))
			if err != nil {
				t.Fatal(err)
			}
			for range 1 + rng.IntN(2) {
				names := refs()
				switch rng.IntN(4) {
				case 0:
					if len(names) > 1 {
						gitOut(t, dir, "", "update-ref", "-d", names[rng.IntN(len(names))])
					}
				default:
					gitOut(t, dir, "", "update-ref", fmt.Sprint("refs/heads/moved", rng.IntN(3)), commits[rng.IntN(len(commits))])
				}
			}
			_, want, _ := walkAgain(t, dir, nil)
			again, got, _ := walkAgain(t, dir, past)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: another answer", seed)
			}
			if again.onward {
				on++
			} else {
				anew++
			}
		}
	}
	if on < 5 || anew < 5 {
		t.Errorf("%d searches went on from what was reached, and %d did not", on, anew)
	}
}

// TestFlippedPast: a past with one other byte is refused, or is what such a past is
// written as.
func TestFlippedPast(t *testing.T) {
	dir := randomRepo(t, 3)
	r, _, _ := walkAgain(t, dir, nil)
	data := kept(r, keep(func(n int) bool { return n > 20 && r.Type(n) != plumbing.TreeObject }))
	for at := range data {
		flipped := slices.Clone(data)
		flipped[at] ^= 0x78
		if past, err := ParsePast(flipped); err == nil && !slices.Equal(written(past), flipped) {
			t.Fatalf("with another byte at %d of %d it is read as something else", at, len(data))
		}
	}
}

// FuzzParsePast: whatever bytes stand for a past, they are refused, or are what
// such a past is written as.
func FuzzParsePast(f *testing.F) {
	dir := randomRepo(f, 3)
	r, _, _ := walkAgain(f, dir, nil)
	data := kept(r, keep(func(n int) bool { return n > 20 && r.Type(n) != plumbing.TreeObject }))
	f.Add(data, uint32(0), byte(0))
	f.Add(data, uint32(900), byte(1))
	f.Add(data[:len(data)/2], uint32(0), byte(0))
	f.Add([]byte{}, uint32(0), byte(0))
	f.Fuzz(func(t *testing.T, data []byte, at uint32, flip byte) {
		data = slices.Clone(data)
		if len(data) > 0 {
			data[int(at)%len(data)] ^= flip
		}
		if past, err := ParsePast(data); err == nil && !slices.Equal(written(past), data) {
			t.Fatalf("%x is read as %x", data, written(past))
		}
	})
}
