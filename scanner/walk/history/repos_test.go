package history

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/fixtures"
)

// gitOut runs git in the bare repository dir and returns what it prints.
func gitOut(t testing.TB, dir, stdin string, args ...string) string {
	t.Helper()
	out, err := fixtures.Git(dir, stdin, append(fixtures.Author(), "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_DIR=."), args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func bare(t testing.TB) string {
	dir := t.TempDir()
	gitOut(t, dir, "", "init", "-q", "--bare", "--initial-branch=b0", ".")
	return dir
}

// story writes random commits as a stream for "git fast-import".
type story struct {
	rng      *rand.Rand
	out      strings.Builder
	branches []string // that have a commit, in an earlier stream or in this one
	fresh    map[string]bool
	texts    map[string][]string // path → lines; what some branch may have there
	clock    int
}

func (s *story) path() string {
	n := s.rng.IntN(12)
	return []string{"f", "dir/f", "dir/sub/f", "other/x/y/z/f"}[n%4] + fmt.Sprint(n)
}

func (s *story) data(text string) { fmt.Fprintf(&s.out, "data %d\n%s\n", len(text), text) }

func (s *story) edit() {
	p := s.path()
	switch s.rng.IntN(13) {
	case 12: // the same tree twice, and then moved
		n := s.rng.IntN(3)
		fmt.Fprintf(&s.out, "D pair/b%d\n", 2-n)
		for _, at := range []string{"pair/a/in", fmt.Sprintf("pair/b%d/in", n)} {
			fmt.Fprintf(&s.out, "M 100644 inline %s\n", at)
			s.data("the same in all")
		}
	case 0:
		fmt.Fprintf(&s.out, "D %s\n", p)
	case 1:
		fmt.Fprintf(&s.out, "M 120000 inline link%d\n", s.rng.IntN(3))
		s.data(p)
	case 2:
		fmt.Fprintf(&s.out, "M 160000 %040x module%d\n", s.rng.Uint64(), s.rng.IntN(2))
	case 3: // the same content at another path
		lines := s.texts[p]
		fmt.Fprintf(&s.out, "M 100755 inline copy/of%d\n", s.rng.IntN(4))
		s.data(strings.Join(lines, "\n"))
	case 4:
		fmt.Fprintf(&s.out, "M 100644 inline empty%d\n", s.rng.IntN(2))
		s.data("")
	default:
		lines := s.texts[p]
		for len(lines) < 30 {
			lines = append(lines, fmt.Sprintf("%x", s.rng.Uint64()))
		}
		lines = slices.Clone(lines)
		lines[s.rng.IntN(len(lines))] = fmt.Sprintf("%x", s.rng.Uint32N(40)) // contents come back now and then
		s.texts[p] = lines
		fmt.Fprintf(&s.out, "M 100644 inline %s\n", p)
		s.data(strings.Join(lines, "\n"))
	}
}

// from names a branch's tip for this stream.
func (s *story) from(b string) string {
	if s.fresh[b] {
		return b
	}
	return b + "^0"
}

func (s *story) commit() {
	b := fmt.Sprintf("refs/heads/b%d", s.rng.IntN(5))
	known := slices.Contains(s.branches, b)
	s.clock += s.rng.IntN(100) - 20 // clocks go wrong
	fmt.Fprintf(&s.out, "commit %s\ncommitter A <a@example.com> %d +0000\n", b, 1000+max(s.clock, 0))
	s.data(fmt.Sprintf("message %d", s.clock))
	switch {
	case known && !s.fresh[b]:
		fmt.Fprintf(&s.out, "from %s\n", s.from(b))
	case !known && len(s.branches) > 0 && s.rng.IntN(3) > 0:
		fmt.Fprintf(&s.out, "from %s\n", s.from(s.branches[s.rng.IntN(len(s.branches))]))
	}
	if len(s.branches) > 0 && s.rng.IntN(4) == 0 {
		for _, i := range s.rng.Perm(len(s.branches))[:1+s.rng.IntN(min(3, len(s.branches)))] {
			if s.branches[i] != b {
				fmt.Fprintf(&s.out, "merge %s\n", s.from(s.branches[i]))
			}
		}
	}
	if s.rng.IntN(15) == 0 {
		s.out.WriteString("deleteall\n")
	} else {
		for range 1 + s.rng.IntN(4) {
			s.edit()
		}
	}
	if !known {
		s.branches = append(s.branches, b)
	}
	s.fresh[b] = true
}

func (s *story) tell(t testing.TB, dir string, commits int, keepPack bool) {
	s.out.Reset()
	s.fresh = map[string]bool{}
	for range commits {
		s.commit()
	}
	limit := "fastimport.unpackLimit=100000"
	if keepPack {
		limit = "fastimport.unpackLimit=0"
	}
	gitOut(t, dir, s.out.String(), "-c", limit, "fast-import", "--quiet", "--force")
}

// randomRepo makes a bare repository with a bit of everything.
func randomRepo(t testing.TB, seed uint64) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 99))
	dir := bare(t)
	s := &story{rng: rng, texts: map[string][]string{}}
	s.tell(t, dir, 15, rng.IntN(2) == 0)
	gitOut(t, dir, "", "symbolic-ref", "HEAD", s.branches[0])
	addTags(t, dir, s.branches[0])
	if rng.IntN(2) == 0 {
		gitOut(t, dir, "", "repack", "-adfq")
	}
	s.tell(t, dir, 10, rng.IntN(2) == 0)
	if rng.IntN(2) == 0 {
		gitOut(t, dir, "", "repack", "-dq")
	}
	for _, b := range s.branches { // what was on top is reached no more, or by another branch only
		switch rng.IntN(4) {
		case 0:
			gitOut(t, dir, "", "update-ref", b, strings.Fields(gitOut(t, dir, "", "rev-list", "--reverse", b))[0])
		case 1:
			if b != s.branches[0] {
				gitOut(t, dir, "", "update-ref", "-d", b)
			}
		}
	}
	gitOut(t, dir, "", "reflog", "expire", "--expire=now", "--all")
	names := allNames(t, dir)
	for range rng.IntN(3) { // second copies
		var list strings.Builder
		for _, h := range names {
			if rng.IntN(3) == 0 {
				fmt.Fprintln(&list, h)
			}
		}
		gitOut(t, dir, list.String(), "pack-objects", "-q", fmt.Sprintf("objects/pack/more%d", rng.IntN(1000)))
	}
	if rng.IntN(3) == 0 {
		gitOut(t, dir, "", "prune-packed")
	}
	return dir
}

// addTags makes tags of everything, refs to what is no commit, notes and a
// commit whose tree is empty.
func addTags(t testing.TB, dir, branch string) {
	tag := func(object, typ, name string) string {
		return gitOut(t, dir, fmt.Sprintf("object %s\ntype %s\ntag %s\ntagger A <a@example.com> 5 +0000\n\nm\n", object, typ, name), "mktag")
	}
	commit := gitOut(t, dir, "", "rev-parse", branch)
	blob := gitOut(t, dir, "only a tag reaches this", "hash-object", "-w", "--stdin")
	inTree := gitOut(t, dir, "only a tag of a tree reaches this", "hash-object", "-w", "--stdin")
	tree := gitOut(t, dir, "100644 blob "+inTree+"\tname\n", "mktree")
	loneBlob := gitOut(t, dir, "only a ref reaches this", "hash-object", "-w", "--stdin")
	loneTree := gitOut(t, dir, "100644 blob "+inTree+"\tother\n", "mktree")
	ofTag := tag(tag(commit, "commit", "inner"), "tag", "outer")
	lost := tag(commit, "commit", "lost") // no ref
	for name, object := range map[string]string{
		"tags/commit": tag(commit, "commit", "commit"), "tags/blob": tag(blob, "blob", "blob"), "tags/tree": tag(tree, "tree", "tree"),
		"tags/tag": ofTag, "tags/light": commit, "odd/blob": loneBlob, "odd/tree": loneTree,
		"odd/empty": gitOut(t, dir, "m", "commit-tree", emptyTree.String()),
	} {
		gitOut(t, dir, "", "update-ref", "refs/"+name, object)
	}
	gitOut(t, dir, "", "notes", "add", "-m", "a note", commit)
	gitOut(t, dir, "", "notes", "add", "-m", "a note of a lost tag", lost)
}

func allNames(t testing.TB, dir string) []string {
	return strings.Fields(gitOut(t, dir, "", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered"))
}

// packOf packs just the objects named, under a name that begins with prefix.
func packOf(t testing.TB, dir, prefix string, names ...string) string {
	t.Helper()
	sum := gitOut(t, dir, strings.Join(names, "\n")+"\n", "pack-objects", "-q", "--window=50", "objects/pack/"+prefix)
	return filepath.Join(dir, "objects", "pack", prefix+"-"+sum+".pack")
}

func loosePath(dir, name string) string { return filepath.Join(dir, "objects", name[:2], name[2:]) }

// forget takes the loose copies of objects away; of all if none is named.
func forget(t testing.TB, dir string, names ...string) {
	t.Helper()
	if len(names) == 0 {
		gitOut(t, dir, "", "prune-packed")
		return
	}
	for _, n := range names {
		if err := os.Remove(loosePath(dir, n)); err != nil {
			t.Fatal(err)
		}
	}
}

// spoil flips a bit of the packed bytes of name: the first of its header if
// head is set, which changes its type, or else one of its checksum.
func spoil(t testing.TB, pack, name string, head bool) {
	t.Helper()
	data, err := os.ReadFile(pack)
	if err != nil {
		t.Fatal(err)
	}
	idx, err := os.ReadFile(strings.TrimSuffix(pack, "pack") + "idx")
	if err != nil {
		t.Fatal(err)
	}
	start, end := 0, len(data)-20
	for _, line := range strings.Split(gitOut(t, filepath.Dir(pack), string(idx), "show-index"), "\n") {
		var off int
		var h string
		fmt.Sscan(line, &off, &h)
		if h == name {
			start = off
		}
	}
	for _, line := range strings.Split(gitOut(t, filepath.Dir(pack), string(idx), "show-index"), "\n") {
		var off int
		fmt.Sscan(line, &off)
		if off > start {
			end = min(end, off)
		}
	}
	if start == 0 {
		t.Fatalf("pack %s does not hold %s", pack, name)
	}
	if head {
		data[start] ^= 0x10 // the lowest bit of the type
	} else {
		data[end-1] ^= 1
	}
	os.Chmod(pack, 0o600)
	if err := os.WriteFile(pack, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func hashOf(name string) plumbing.Hash { return plumbing.NewHash(name) }
