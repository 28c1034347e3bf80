package revision

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/store"
)

// TestResolveAgainstGit holds single revisions against "git rev-parse".
func TestResolveAgainstGit(t *testing.T) {
	for seed := range uint64(4) {
		dir := randomRepo(t, 100+seed, false)
		p := opened(t, dir)
		rng := rand.New(rand.NewPCG(seed, 5))
		all := strings.Fields(git(t, dir, "", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)"))
		stems := []string{
			"HEAD", "@", "b0", "b1", "heads/b1", "refs/heads/b2", "tags/light1", "outer", "inner", "tree", "blob", "origin", "origin/b0", "origin/HEAD",
			"b0@{u}", "@{upstream}", "b0@{UPSTREAM}", "b1@{u}", "nowhere", "dead", "deadbeef", "", "b0..b1", "refs/heads/", "FETCH_HEAD", "light", "xyz",
		}
		ends := []string{"", "^", "^^", "^0", "^1", "^2", "~", "~0", "~1", "~2", "~3^2", "^{}", "^{commit}", "^{tree}", "^{blob}", "^{tag}", "^{object}", "^{nothing}", "~99", "^{commit}~1", "^~", "~99999999999"}
		good := 0
		for range 250 {
			stem := stems[rng.IntN(len(stems))]
			if rng.IntN(3) == 0 {
				stem = all[rng.IntN(len(all))][:4+rng.IntN(37)]
			}
			rev := stem + ends[rng.IntN(len(ends))]
			want, gitErr := try(dir, "", "rev-parse", "--verify", "--end-of-options", rev)
			got, err := p.object(rev, false)
			if strings.Contains(rev, "..") || rev == "" {
				if err == nil {
					t.Errorf("%q gives %s", rev, got)
				}
				continue
			}
			if (err != nil) != (gitErr != nil) || err == nil && got.String() != want {
				t.Errorf("%q gives %s, %v; git says %s, %v", rev, got, err, want, gitErr)
			}
			var known *Error
			if err != nil && !errors.As(err, &known) {
				t.Errorf("%q: %v is no Error", rev, err)
			}
			if err == nil {
				good++
			}
		}
		if good < 60 {
			t.Errorf("only %d revisions mean anything", good)
		}
	}
}

// TestOrder: of refs with one name the first by git's order is meant, and a ref
// before an object's name.
func TestOrder(t *testing.T) {
	dir := randomRepo(t, 5, false)
	commits := strings.Fields(git(t, dir, "", "rev-list", "--all"))
	refs := []string{"refs/remotes/name/HEAD", "refs/remotes/name", "refs/heads/name", "refs/tags/name", "refs/name"}
	abbreviated := commits[9][:6]
	for i, ref := range append(refs, "refs/heads/"+abbreviated) {
		if ref == "refs/remotes/name" { // it cannot stand beside the folder of the first
			git(t, dir, "", "update-ref", "-d", refs[0])
		}
		git(t, dir, "", "update-ref", ref, commits[i])
		name := "name"
		if strings.HasSuffix(ref, abbreviated) {
			name = abbreviated
		}
		got, err := opened(t, dir).object(name, false)
		if err != nil || got.String() != commits[i] || got.String() != git(t, dir, "", "rev-parse", name) {
			t.Errorf("after %s %s is %s, %v, want %s", ref, name, got, err, commits[i])
		}
	}
}

func TestAmbiguous(t *testing.T) {
	dir := randomRepo(t, 6, false)
	byStart := map[string][]string{}
	var twins []string
	for n := 0; twins == nil; n++ {
		h := git(t, dir, fmt.Sprint("blob ", n), "hash-object", "-w", "--stdin")
		byStart[h[:4]] = append(byStart[h[:4]], h)
		if list := byStart[h[:4]]; len(list) == 2 {
			twins = list
		}
	}
	p := opened(t, dir)
	_, err := p.object(twins[0][:4], false)
	if err == nil || !strings.Contains(err.Error(), "ambiguous") || !strings.Contains(err.Error(), "blob "+twins[0]) || !strings.Contains(err.Error(), "blob "+twins[1]) {
		t.Errorf("two blobs have the name %s: %v", twins[0][:4], err)
	}
	if got, err := p.object(twins[0], false); err != nil || got.String() != twins[0] {
		t.Errorf("the full name gives %s, %v", got, err)
	}
	// Where a commit is meant, the one commit that has the name is taken.
	commit := git(t, dir, "", "rev-parse", "HEAD")
	for n := 0; ; n++ {
		h := plumbing.ComputeHash(plumbing.BlobObject, []byte(fmt.Sprint("look-alike ", n))).String()
		if h[:4] == commit[:4] {
			git(t, dir, fmt.Sprint("look-alike ", n), "hash-object", "-w", "--stdin")
			break
		}
	}
	if got, err := p.object(commit[:4]+"^{commit}", false); err != nil || got.String() != commit {
		t.Errorf("a commit is meant: %s, %v", got, err)
	}
	if _, err := p.object(commit[:4], false); err == nil {
		t.Error("a commit and a blob have the name")
	}
}

// TestUnreadable: what of a range is not there, or is not what its name says, is
// a gap, and all else is listed.
func TestUnreadable(t *testing.T) {
	for seed := range uint64(6) {
		dir := randomRepo(t, 300+seed, false)
		git(t, dir, "", "repack", "-adq")
		packs, _ := filepath.Glob(filepath.Join(dir, "objects", "pack", "*.pack"))
		data, err := os.ReadFile(packs[0])
		if err != nil {
			t.Fatal(err)
		}
		old, _ := filepath.Glob(filepath.Join(dir, "objects", "pack", "*"))
		for _, name := range old {
			os.Remove(name)
		}
		git(t, dir, string(data), "unpack-objects", "-q")
		all := strings.Fields(git(t, dir, "", "rev-list", "--objects", "--no-object-names", "HEAD"))
		rng := rand.New(rand.NewPCG(seed, 9))
		victim := plumbing.NewHash(all[rng.IntN(len(all))])
		file := filepath.Join(dir, "objects", victim.String()[:2], victim.String()[2:])
		os.Chmod(file, 0o600)
		if seed%2 == 0 {
			err = os.Remove(file)
		} else {
			err = os.WriteFile(file, []byte("not zlib"), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		p := opened(t, dir)
		r, err := List(t.Context(), p.Objects, Selection{Include: hashes(all[0])}, nil, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		n, ok := r.index[victim]
		if !ok {
			t.Fatalf("%s is not listed", victim)
		}
		if r.Objects[n].Type == plumbing.BlobObject { // the list never reads blobs
			continue
		}
		if len(r.Gaps) != 1 || r.Gaps[0].Name != victim {
			t.Errorf("gaps %v, want %s", r.Gaps, victim)
		}
	}
}

// TestEachAbbreviation: every start of a name of four digits or more leads to it,
// packed and loose.
func TestEachAbbreviation(t *testing.T) {
	dir := randomRepo(t, 8, false)
	git(t, dir, "", "repack", "-dq")
	git(t, dir, "one more", "hash-object", "-w", "--stdin")
	p := opened(t, dir)
	names := strings.Fields(git(t, dir, "", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)"))
	for _, name := range names {
		for n := store.MinAbbreviation; n <= 40; n++ {
			list, err := p.Objects.Abbreviated(name[:n])
			want := 0
			for _, other := range names {
				if strings.HasPrefix(other, name[:n]) {
					want++
				}
			}
			if err != nil || len(list) != want {
				t.Fatalf("%s: %d objects, %v, want %d", name[:n], len(list), err, want)
			}
		}
	}
	if _, err := p.Objects.Abbreviated("abc"); err == nil {
		t.Error("three digits are taken")
	}
}
