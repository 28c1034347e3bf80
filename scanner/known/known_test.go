package known

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

func TestSplit(t *testing.T) {
	const print = "0123456789abcdef0123456789abcdef"
	entries, err := ParseIgnore("ign", []byte("fix/ -- made up\nfingerprint:"+print+" -- revoked\nold/ until 2020-01-01 -- x\n"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := NewList(entries, day(t, "2026-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	b := cheap()
	b.Add([]finding.Finding{found("a", "hunter2")}, "weak", 1)
	if b, err = ParseBaseline("base", b.Bytes()); err != nil {
		t.Fatal(err)
	}
	p := &Policy{
		Lists: []*List{list}, Baseline: b, Marks: true, Muted: map[string]Origin{"quiet": {"cfg", 3}}, Floor: Floor{0.8, Origin{"cfg", 4}},
		Within: func(s string) (string, bool) { return strings.CutPrefix(s, "/repo/") },
	}
	mark := func(reason string, rules ...string) *finding.Mark {
		return &finding.Mark{Rules: rules, Reason: reason, Line: 7}
	}
	at := func(kind finding.Kind, path string, m *finding.Mark) finding.Place {
		return finding.Place{Kind: kind, Path: path, Object: "0b", Mark: m, InHead: path == "fix/a"}
	}
	make := func(rule, secret string, places ...finding.Place) finding.Finding {
		f := found(rule, secret)
		if len(places) > 0 {
			f.Places = places
		}
		f.InHead = true
		return f
	}
	with := func(f finding.Finding, change func(*finding.Finding)) finding.Finding {
		change(&f)
		return f
	}
	for _, c := range []struct {
		name string
		f    finding.Finding
		want string // what is left, then each that is suppressed
	}{
		{"free", make("r", "s"), "p"},
		{"baseline", make("r", "hunter2"), "; base:4 weak: p"},
		{"muted", make("quiet", "s"), "; cfg:3 the rule is turned off there: p"},
		{"below", with(make("r", "s"), func(f *finding.Finding) { f.Confidence = 0.7 }), "; cfg:4 the confidence is below 0.8: p"},
		{"below, but halved", with(make("r", "s"), func(f *finding.Finding) { f.Confidence, f.Proof = 0.4, "mismatch" }), "p"},
		{"fingerprint", with(make("r", "s"), func(f *finding.Finding) { f.Fingerprint = print }), "; ign:2 revoked: p"},
		{"path", make("r", "s", at(finding.Blob, "fix/a", nil)), "; ign:1 made up: fix/a"},
		{"path, staged", make("r", "s", at(finding.Staged, "fix/a", nil)), "; ign:1 made up: fix/a"},
		{"path on disk", make("r", "s", at(finding.File, "/repo/fix/a", nil), at(finding.File, "/else/fix/a", nil)), "/else/fix/a; ign:1 made up: /repo/fix/a"},
		{"expired path", make("r", "s", at(finding.Blob, "old/a", nil)), "old/a"},
		{"a stream has no path", make("r", "s", at(finding.Stream, "fix/a", nil)), "fix/a"},
		{"messages have no path", make("r", "s", at(finding.CommitMessage, "", nil)), ""},
		{"mark", make("r", "s", at(finding.Blob, "x", mark("why", "r"))), "; x:7 why: x"},
		{"mark in a message", make("r", "s", at(finding.CommitMessage, "", mark("why", "r"))), "; 0b:7 why: "},
		{"mark for another rule", make("r", "s", at(finding.Blob, "x", mark("why", "q"))), "x"},
		{"mark without a reason", make("r", "s", at(finding.Blob, "x", mark("", "r"))), "x"},
		{"some places", make("r", "s", at(finding.Blob, "x", nil), at(finding.Blob, "fix/a", nil), at(finding.Blob, "y", mark("why", "r")), at(finding.Blob, "fix/b", nil)),
			"x; ign:1 made up: fix/a fix/b; y:7 why: y"},
	} {
		left, out, _ := p.Split([]finding.Finding{c.f}, 1)
		got := ""
		for _, f := range left {
			got += paths(f.Places)
			if f.InHead && !strings.Contains(paths(f.Places), "fix/a") {
				t.Errorf("%s: what is left is in HEAD", c.name)
			}
		}
		n := 0
		for _, x := range out {
			n += len(x.Places)
			got += fmt.Sprintf("; %s %s: %s", x.By, x.Reason, paths(x.Places))
			if !strings.HasPrefix(x.By, x.Sort) && !x.InSource || x.InSource != (x.Sort == markSort) {
				t.Errorf("%s: %+v", c.name, x)
			}
		}
		for _, f := range left {
			n += len(f.Places)
		}
		if got != c.want || n != len(c.f.Places) {
			t.Errorf("%s: %q with %d places, want %q with %d", c.name, got, n, c.want, len(c.f.Places))
		}
	}
	_, _, notes := p.Split([]finding.Finding{make("r", "s", at(finding.Blob, "x", mark("", "r")))}, 1)
	if want := []string{"ign:3 expired on 2020-01-01 and no longer suppresses old/", `1 mark says "scan:allow" without a reason`}; len(notes) != 2 || notes[0] != want[0] || !strings.HasPrefix(notes[1], want[1]) {
		t.Errorf("notes %q", notes)
	}
	p.Marks = false
	if left, _, _ := p.Split([]finding.Finding{make("r", "s", at(finding.Blob, "x", mark("why", "r")))}, 1); len(left) != 1 {
		t.Error("marks count although they should not")
	}
	if left, out, notes := new(Policy).Split([]finding.Finding{make("r", "s")}, 1); len(left) != 1 || out != nil || notes != nil {
		t.Error("the zero policy accepts something")
	}
}

func paths(places []finding.Place) string {
	var list []string
	for _, p := range places {
		list = append(list, p.Path)
	}
	return strings.Join(list, " ")
}

func TestNewListFaults(t *testing.T) {
	many := slices.Repeat([]Entry{{Pattern: "a", Reason: "x", From: Origin{"f", 1}}}, maxPatterns+1)
	if _, err := NewList(many, time.Time{}); err == nil || !strings.Contains(err.Error(), "f:1: there are more than 2000 patterns") {
		t.Errorf("too many patterns: %v", err)
	}
	if _, err := NewList(many[1:], time.Time{}); err != nil {
		t.Error(err)
	}
	for _, e := range []Entry{
		{From: Origin{"f", 1}}, {Pattern: "a", From: Origin{"f", 1}}, {Pattern: "a\nb", Reason: "x", From: Origin{"f", 1}},
		{Fingerprint: "x", Reason: "x", From: Origin{"f", 1}}, {Pattern: "#a", Reason: "x", From: Origin{"f", 1}},
	} {
		if _, err := NewList([]Entry{e}, time.Time{}); err == nil || !strings.HasPrefix(err.Error(), "f:1: ") {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

// What accepts an archive accepts what is in it, and names in an archive lead nowhere else.
func TestInAnArchive(t *testing.T) {
	in := func(file, inner string) finding.Place {
		return finding.Place{Kind: finding.File, Path: file + "!" + inner, Inner: int32(1 + len(inner)), Line: 1}
	}
	for _, c := range []struct {
		pattern string
		place   finding.Place
		want    bool
	}{
		{"a.zip", in("/repo/lib/a.zip", "x/.env"), true},
		{"/lib/*.zip", in("/repo/lib/a.zip", "x/.env"), true},
		{"lib/", in("/repo/lib/a.zip", "x/.env"), true},
		{".env", in("/repo/lib/a.zip", "x/.env"), true},
		{"a.zip/", in("/repo/lib/a.zip", "x/.env"), false},
		{"*.zip\n!.env", in("/repo/lib/a.zip", "x/.env"), true},
		{"/docs/", in("/repo/lib/a.zip", "../../docs/x"), false},
		{"/docs/", in("/elsewhere/a.zip", "../../repo/docs/x"), false},
		{"a", finding.Place{Kind: finding.File, Path: "/repo/a!b"}, false},
	} {
		var lines strings.Builder
		for _, p := range strings.Split(c.pattern, "\n") {
			lines.WriteString(p + " -- why\n")
		}
		entries, err := ParseIgnore("f", []byte(lines.String()))
		if err != nil {
			t.Fatal(err)
		}
		l, err := NewList(entries, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		policy := &Policy{Lists: []*List{l}, Within: func(s string) (string, bool) {
			s = path.Clean(s)
			return strings.CutPrefix(s, "/repo/")
		}}
		f := finding.Finding{Rule: &rules.Rule{ID: "r"}, Secret: finding.NewSecret([]byte("hush")), Places: []finding.Place{c.place}}
		if _, out, _ := policy.Split([]finding.Finding{f}, 1); (len(out) == 1) != c.want {
			t.Errorf("%q accepts %s: %v", c.pattern, c.place.Path, !c.want)
		}
		if strings.HasSuffix(c.pattern, ".zip") {
			for _, when := range []Condition{{Paths: []string{`\.zip$`}}, {Paths: []string{`\.env$`}}, {Outside: []string{`^docs/`}}} {
				if l, err = NewList([]Entry{{When: &when, Reason: "x"}}, time.Time{}); err != nil {
					t.Fatal(err)
				}
				policy.Lists = []*List{l}
				if _, out, _ := policy.Split([]finding.Finding{f}, 1); len(out) != 1 {
					t.Errorf("%s does not accept %s", when.String(), c.place.Path)
				}
			}
		}
	}
}
