package revision

import (
	"context"
	"errors"
	"strings"
	"testing"
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
			if full := strings.TrimLeft(strings.ToLower(text), "^"); !p.Objects.Has(h) && full != h.String() { // git takes a whole name unseen
				t.Fatalf("%q gives %s, which is not there", text, h)
			}
		}
	})
}

// FuzzRangeAgainstGit makes ranges of the commits of two repositories: two bytes
// say which one, and how it is meant. In the second one clocks are wrong: there git
// lists some of what is excluded, and which depends on what it read and when.
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
}

func newBounds(t testing.TB, seed uint64, skewed bool) *bounds {
	dir := randomRepo(t, seed, skewed)
	return &bounds{dir, opened(t, dir), strings.Fields(git(t, dir, "", "rev-list", "--all"))}
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
	if diff := differ(r, want); diff != "" {
		t.Errorf("%v: %s", args, diff)
	}
}
