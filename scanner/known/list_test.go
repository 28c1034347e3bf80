package known

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"keyrake/scanner/walk/ignore"
)

func day(t *testing.T, text string) time.Time {
	t.Helper()
	d, err := ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseIgnore(t *testing.T) {
	const print = "0123456789abcdef0123456789abcdef"
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"# comment\n\n  \n", ""},
		{"a/b -- why", "a/b||why|"},
		{"\ufeffa -- why\r\n", "a||why|"},
		{"a   --  why not -- really ", "a||why not -- really|"},
		{`a\  -- why`, `a\ ||why|`},
		{`a \-- b -- why`, `a \-- b||why|`},
		{"!a", "!a|||"},
		{"!a -- but not this", "!a||but not this|"},
		{"a until 2027-01-31 -- why", "a||why|2027-01-31"},
		{`a \until 2027-01-31 -- why`, `a \until 2027-01-31||why|`},
		{`\#a -- why`, `\#a||why|`},
		{"fingerprint:" + print + " until 2027-01-31 -- why", "|" + print + "|why|2027-01-31"},
		{`\fingerprint:x -- why`, `\fingerprint:x||why|`},
		{"a", "error f:1: the reason is missing"},
		{"a -- ", "error f:1: the reason is missing"},
		{"a --", "error f:1: the reason is missing"},
		{"\na until 2027-02-30 -- why", `error f:2: "2027-02-30" is not a day`},
		{"fingerprint:" + print[1:] + " -- why", "error f:1: a fingerprint has 32"},
		{"fingerprint:" + strings.ToUpper(print) + " -- why", "error f:1: a fingerprint has 32"},
		{"a[ -- why", "error f:1: the pattern \"a[\" can match no path"},
		{" -- why", "error f:1: the pattern \"\" can match no path"},
		{"a -- \xff", "error f: the file is not UTF-8 text"},
		{strings.Repeat("#", maxList+1), "error f: the file has 1048577 bytes"},
	} {
		list, err := ParseIgnore("f", []byte(c.text))
		var parts []string
		for _, e := range list {
			until := ""
			if !e.Until.IsZero() {
				until = e.Until.Format(time.DateOnly)
			}
			parts = append(parts, strings.Join([]string{e.Pattern, e.Fingerprint, e.Reason, until}, "|"))
		}
		got := strings.Join(parts, "\n")
		if err != nil {
			got = "error " + err.Error()
		}
		if got != c.want && (err == nil || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%q: %q, want %q", c.text[:min(len(c.text), 60)], got, c.want)
		}
	}
}

func TestListUntil(t *testing.T) {
	entries, err := ParseIgnore("f", []byte("a until 2026-03-01 -- x\nfingerprint:0123456789abcdef0123456789abcdef until 2026-03-01 -- x\n"))
	if err != nil {
		t.Fatal(err)
	}
	for today, counts := range map[string]bool{"2026-02-28": true, "2026-03-01": true, "2026-03-02": false} {
		l, err := NewList(entries, day(t, today))
		if err != nil {
			t.Fatal(err)
		}
		if (l.path("a", 1, map[string]*Entry{}) != nil) != counts || (l.fingerprint("0123456789abcdef0123456789abcdef") != nil) != counts {
			t.Errorf("on %s it counts: %v, want %v", today, !counts, counts)
		}
		p := &Policy{Lists: []*List{l}}
		if notes := p.expired(); len(notes) != 2 == !counts && counts {
			t.Errorf("on %s: %q", today, notes)
		}
	}
}

// TestListIsGitignore compares with the matcher that is tested against git: the
// same lines without reasons say the same of every path.
func TestListIsGitignore(t *testing.T) {
	patterns := []string{"a", "b/", "*.log", "!x.log", "/build", "build/*", "!build/a", "**/c", "a/**", "!a/b/", "a/*/b", "*b", "!*", "/*/b", "a?b", "[!ax]", "!build/", `\#a`, "a -b", "x y"}
	names := []string{"a", "b", "c", "ab", "x.log", "y.log", "build", "#a", "a -b", "x y"}
	rng := rand.New(rand.NewPCG(3, 4))
	yes, no := 0, 0
	for range 3000 {
		var ours, gits strings.Builder
		for range 1 + rng.IntN(5) {
			p := patterns[rng.IntN(len(patterns))]
			fmt.Fprintf(&ours, "%s -- why\n", p)
			fmt.Fprintf(&gits, "%s\n", p)
		}
		entries, err := ParseIgnore("f", []byte(ours.String()))
		if err != nil {
			t.Fatal(err)
		}
		l, err := NewList(entries, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		m := ignore.New(false).Enter("", []byte(gits.String()))
		memo := map[string]*Entry{}
		for range 4 {
			parts := make([]string, 1+rng.IntN(4))
			for i := range parts {
				parts[i] = names[rng.IntN(len(names))]
			}
			path := strings.Join(parts, "/")
			want := m.IgnoredBelow(path, false)
			if e := l.path(path, len(path), memo); (e != nil) != want {
				t.Fatalf("%q of\n%s: %v, want %v", path, &ours, e, want)
			}
			if want {
				yes++
			} else {
				no++
			}
		}
	}
	if yes < 500 || no < 500 {
		t.Errorf("%d yes, %d no: the test has lost its force", yes, no)
	}
}

// FuzzParseIgnore holds that a file either is refused with its line or makes a
// list of entries that each have a pattern or a fingerprint, and a reason.
func FuzzParseIgnore(f *testing.F) {
	f.Add([]byte("# c\na/** until 2027-01-01 -- why\n!b\nfingerprint:0123456789abcdef0123456789abcdef -- x\n"), "a/b")
	f.Add([]byte("[ -- x\n\\"), "x")
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		entries, err := ParseIgnore("f", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Fatalf("no file in %q", err)
			}
			return
		}
		if len(entries) > maxPatterns {
			return
		}
		l, err := NewList(entries, time.Time{})
		if err != nil {
			t.Fatalf("accepted by the parser and not by the list: %v", err)
		}
		for _, e := range l.Entries() {
			if (e.Pattern == "") == (e.Fingerprint == "") || e.Reason == "" && e.Pattern[0] != '!' || e.From.Line < 1 {
				t.Fatalf("%+v", e)
			}
		}
		if e := l.path(path, len(path), map[string]*Entry{}); e != nil && e.Pattern == "" {
			t.Fatalf("%q is accepted by %+v", path, e)
		}
	})
}
