package history

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// FuzzHeader holds the links of commits and tags against go-git's decoder: what
// it reads from a sound header is what we read.
func FuzzHeader(f *testing.F) {
	a, b := strings.Repeat("a1", 20), strings.Repeat("0b", 20)
	who := "A <a@example.org> 1500000000 +0100"
	for _, text := range []string{
		fmt.Sprintf("tree %s\nauthor %s\ncommitter %s\n\nm\n", a, who, who),
		fmt.Sprintf("tree %s\nparent %s\nparent %s\nauthor %s\ncommitter %s\nencoding latin1\n\nm\n", a, b, a, who, who),
		fmt.Sprintf("parent %s\ntree %s\n", b, a),
		fmt.Sprintf("tree %s\nauthor %s\ncommitter A <a> -5 +0000\ngpgsig -----BEGIN\n x\n\ntree %s\n", a, who, b),
		fmt.Sprintf("object %s\ntype commit\ntag v1\ntagger %s\n\nm\n", a, who),
		fmt.Sprintf("object %s\ntype nothing\n", a), fmt.Sprintf("object %s", a), "tree " + a[:39] + "\n", "tree", "\n", "",
		"tree " + a + "\ncommitter <<>> 99999999999999999999 +0000\n", "\ncommitter ",
		"tree " + a + "\nauthor B b <<b> > 1 -0130\n", "tree " + a + "\nparent " + b + "\nauthor  x> -7 ab<cd", "tree " + a + "\nauthor <> 01 +0000\n", "tree " + a,
		"tree " + a + "\nauthor x <y> 5 +010\n", "tree " + a + "\nauthor x <y> 5 -01x0\r\n", "tree " + a + "\nauthor x <y>  5 +0100\n", "tree " + a + "\nauthor x >y< 5 -0930", "tree " + a + "\nauthor \n", "tree " + a + "\r\nauthor " + who + "\r\n",
		"tree " + a + "\ntree " + b + "\nauthor " + who + "\n", "tree " + a + "\nencoding x\nauthor " + who + "\n", "tree " + strings.ToUpper(a) + "\nauthor " + who + "\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		for _, typ := range []plumbing.ObjectType{plumbing.CommitObject, plumbing.TagObject, plumbing.TreeObject, plumbing.BlobObject} {
			EachLink(typ, data, func(h plumbing.Hash, _ plumbing.ObjectType) {
				if !bytes.Contains(bytes.ToLower(data), []byte(h.String())) {
					t.Fatalf("%s links to %s, which it does not name", typ, h)
				}
			})
		}
		when := CommitTime(data)
		if !bytes.Equal(before, data) {
			t.Fatal("the data was changed")
		}
		raw := &plumbing.MemoryObject{}
		raw.SetType(plumbing.CommitObject)
		raw.Write(data)
		var c object.Commit
		err := c.Decode(raw)
		got, want := describe(data), Info{c.Author.Name, c.Author.Email, c.Author.When}
		if err == nil && (got.Author != want.Author || got.Email != want.Email || got.When.String() != want.When.String()) {
			t.Fatalf("%q is by %v, want %v", data, got, want)
		}
		if a := authorOf(data); a.who != "" {
			got = a.info()
			if err != nil || got.Author != want.Author || got.Email != want.Email || got.When.String() != want.When.String() {
				t.Fatalf("%q is by %v, want %v, %v", data, got, want, err)
			}
		}
		if err != nil || !soundCommit(data) {
			return
		}
		var links []plumbing.Hash
		EachLink(plumbing.CommitObject, data, func(h plumbing.Hash, _ plumbing.ObjectType) { links = append(links, h) })
		if want := append([]plumbing.Hash{c.TreeHash}, c.ParentHashes...); fmt.Sprint(links) != fmt.Sprint(want) {
			t.Fatalf("%q links to %v, want %v", data, links, want)
		}
		if c.Committer.When.Unix() != when {
			t.Fatalf("%q is of %d, want %d", data, when, c.Committer.When.Unix())
		}
	})
}

// soundCommit reports whether data begins as git writes a commit: go-git takes
// links in any order, and from below the header's end.
func soundCommit(data []byte) bool {
	header, _, _ := bytes.Cut(data, []byte("\n\n"))
	keys := "tree "
	for line := range strings.SplitSeq(string(header), "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree", "parent":
			if key == "tree" && keys != "tree " || len(value) != 40 || strings.Trim(value, "0123456789abcdef") != "" {
				return false
			}
			keys = "parent author "
			if key == "parent" && !strings.HasPrefix(keys, "parent") {
				return false
			}
			continue
		case "author":
			if !strings.HasPrefix(keys, "parent") {
				return false
			}
			keys = "committer "
		case "committer":
			if keys != "committer " {
				return false
			}
			who, clock, ok := strings.Cut(value, "> ")
			return ok && strings.HasPrefix(who, "A <a") && !strings.ContainsAny(who[3:]+clock, "<>\r") && soundClock(clock)
		}
		if key != "author" {
			return false
		}
	}
	return false
}

// soundClock reports whether text is a time of this century or the last, with a zone.
func soundClock(text string) bool {
	seconds, zone, _ := strings.Cut(text, " ")
	return len(seconds) > 0 && len(seconds) < 11 && strings.Trim(seconds, "0123456789") == "" && zone == "+0000"
}

// authorOf is the author that a walk keeps of a commit.
func authorOf(data []byte) author {
	behind := 0
	EachLink(plumbing.CommitObject, data, func(_ plumbing.Hash, typ plumbing.ObjectType) { behind = afterLink(behind, typ) })
	return new(authors).keep(data, behind)
}

// TestAuthors: what is kept of an ordinary commit is its author, and each text once.
func TestAuthors(t *testing.T) {
	k := new(authors)
	for i, line := range []string{"A <a@example.org> 1500000000 +0100", "A <a@example.org> -5 -0030", "B <> 0 +0000", "A <a@example.org> 1", "A 1 +0000", strings.Repeat("n", maxAuthor) + " <a> 1 +0000"} {
		data := []byte("tree " + strings.Repeat("a1", 20) + "\nauthor " + line + "\n\nm\n")
		a := k.keep(data, treeLine)
		if kept := a.who != ""; kept != (i < 3) {
			t.Errorf("%q: kept %v", line, kept)
		} else if kept && fmt.Sprintf("%s %d %s", a.who, a.time, a.zone[:]) != line {
			t.Errorf("%q: %+v", line, a)
		}
	}
	if len(k.of) != 2 {
		t.Errorf("%d authors are kept, want 2", len(k.of))
	}
	k.held = maxAuthors + 1
	if a := k.keep([]byte("tree "+strings.Repeat("a1", 20)+"\nauthor C <c> 1 +0000\n"), treeLine); a.who != "" {
		t.Errorf("one more than there is room for was kept: %+v", a)
	}
}
