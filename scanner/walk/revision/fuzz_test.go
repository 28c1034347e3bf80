package revision

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
)

// FuzzAdd: whatever text is taken for a revision, it means objects or is an
// Error that says why not.
func FuzzAdd(f *testing.F) {
	for _, text := range []string{
		"HEAD", "@", "^b0", "b0..b1", "b0...b1", "..", "b0^!", "b0^@", "b0^-2", "b0~3^2", "tree^{tree}", "outer^{}", "b0@{u}", "@{upstream}",
		"refs/heads/b0", "abcd", "^^^^", "b0~99999999999999999999", "b0^{", "--all", "../../config", "refs/heads/../../config", "b0\x00", strings.Repeat("^", 5000), strings.Repeat("~1", 5000),
	} {
		f.Add(text)
	}
	p := opened(f, randomRepo(f, 9, false))
	f.Fuzz(func(t *testing.T, text string) {
		var sel Selection
		err := p.Add(&sel, text, false)
		var known *Error
		if err != nil && !errors.As(err, &known) {
			t.Fatalf("%q: %v is no Error", text, err)
		}
		for _, h := range append(sel.Include, sel.Exclude...) {
			if !p.Objects.Has(h) {
				t.Fatalf("%q gives %s, which is not there", text, h)
			}
		}
	})
}

// FuzzRangeAgainstGit makes ranges of the commits of two repositories: two bytes
// say which one, and how it is meant. Where clocks are right, a range is what git
// lists. Where they are wrong, git lists some of what is excluded, and which
// depends on the order of its walk; there a range has to hold all that nothing
// excluded reaches, and no more than what is included does.
func FuzzRangeAgainstGit(f *testing.F) {
	for _, seed := range []string{"\x00\x00\x01\x01", "\x05\x02\x07\x00", "\x01\x03", "\x02\x04\x03\x01\x09\x01", "\x04\x05\x01\x01", "\x06\x06\x02\x01", ""} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	sound, wrong := newBounds(f, 20, false), newBounds(f, 21, true)
	f.Fuzz(func(t *testing.T, data []byte, skewed bool) {
		b := sound
		if skewed {
			b = wrong
		}
		data = data[:min(len(data), 24)]
		var args []string
		for ; len(data) >= 2; data = data[2:] {
			rev := b.revs[int(data[0])%len(b.revs)]
			next := b.revs[(int(data[0])+int(data[1])/7+1)%len(b.revs)]
			args = append(args, []string{rev, "^" + rev, rev + ".." + next, rev + "..." + next, rev + "^!", rev + "^@", "^" + rev + "~2"}[data[1]%7])
		}
		if len(args) > 0 {
			b.compare(t, args)
		}
	})
}

// bounds is a repository whose ranges are compared with git's.
type bounds struct {
	dir    string
	parser *Parser
	revs   []string
	skewed bool
}

func newBounds(t testing.TB, seed uint64, skewed bool) *bounds {
	dir := randomRepo(t, seed, skewed)
	return &bounds{dir, opened(t, dir), strings.Fields(git(t, dir, "", "rev-list", "--all")), skewed}
}

func (b *bounds) compare(t *testing.T, args []string) {
	t.Helper()
	want, gitErr := try(b.dir, "", append(append([]string{"rev-list", "--objects", "--no-object-names"}, args...), "--")...)
	var sel Selection
	var err error
	for _, a := range args {
		if err = b.parser.Add(&sel, a, false); err != nil {
			break
		}
	}
	if (err != nil) != (gitErr != nil) {
		t.Fatalf("%v: %v, but git says %v", args, err, gitErr)
	}
	if err != nil {
		return
	}
	r, err := List(context.Background(), b.parser.Objects, sel, b.parser.Repo.Shallow, 1<<20)
	if err != nil || len(r.Gaps) > 0 {
		t.Fatalf("%v: %v, %d gaps", args, err, len(r.Gaps))
	}
	diff := differ(r, want)
	if diff == "" {
		return
	}
	if !b.skewed {
		t.Fatalf("%v: %s", args, diff)
	}
	included, excluded := b.reached(t, sel.Include), b.reached(t, sel.Exclude)
	got := map[string]bool{}
	for _, o := range r.Objects {
		if got[o.Name.String()] = true; !included[o.Name.String()] {
			t.Fatalf("%v: has %s, which nothing included reaches; %s", args, o.Name, diff)
		}
	}
	for name := range included {
		if !excluded[name] && !got[name] && name != history.EmptyTree().String() {
			t.Fatalf("%v: lacks %s, which nothing excluded reaches; %s", args, name, diff)
		}
	}
}

// reached is all that some commits reach.
func (b *bounds) reached(t *testing.T, tips []plumbing.Hash) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	if len(tips) == 0 {
		return all
	}
	args := []string{"rev-list", "--objects", "--no-object-names"}
	for _, h := range tips {
		args = append(args, h.String())
	}
	for name := range strings.FieldsSeq(git(t, b.dir, "", args...)) {
		all[name] = true
	}
	return all
}
