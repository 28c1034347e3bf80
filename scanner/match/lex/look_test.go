package lex

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// surroundings is what may stand on either side of a window.
var surroundings = []string{
	"", "\n", " ", "\"", "'", "=", "x", "ret", "0", "\\", "alue: \"vvvvvvvvvv\"", "\n\"more\"", " + \"more\"", "or \"vvvvvv\"", ": vvvvvvvv\n", "\n\n", "ENV ", "login a ",
	"variable \"", "name: ", "${", "&quot;", "<a key=\"", "[\"", "\"\".join([", "\xff", "\x00", "// ", "_", ".",
}

// hold holds an answer to what is read where nothing is left of the window but what
// was looked at, with other bytes round that. It tells whether an end of the window was
// asked for: then that has to be one of what is read, too.
func hold(t *testing.T, win []byte, start, end int, before, after string) (asked bool) {
	t.Helper()
	found, seen := Joins(win, start, end)
	other, shift := seen.among(win, before, after)
	if pieces, _ := Pieces(nil, other, start+shift, end+shift); found != (len(pieces) > 0) {
		t.Fatalf("literals are joined to [%d:%d) of %q: %v; but in %q there are %v", start, end, win, found, other, pieces)
	}
	a, seen, ok := Look(win, start, end)
	other, shift = seen.among(win, before, after)
	b, ok2 := At(other, start+shift, end+shift)
	if ok2 {
		for _, p := range []*int{&b.NameStart, &b.NameEnd, &b.ValueStart, &b.ValueEnd} {
			*p -= shift
		}
		if b.SchemeEnd > 0 {
			b.SchemeStart, b.SchemeEnd = b.SchemeStart-shift, b.SchemeEnd-shift
		}
	}
	if ok != ok2 || ok && a != b {
		t.Fatalf("[%d:%d) of %q is read as %v %+v, but in %q as %v %+v", start, end, win, ok, a, other, ok2, b)
	}
	return seen.From < 0 || seen.To > len(win)
}

// among puts what was seen of a window between other bytes, and tells how far it moved.
func (s Seen) among(win []byte, before, after string) (other []byte, shift int) {
	if s.From < 0 {
		before = ""
	}
	if s.To > len(win) {
		after = ""
	}
	lo, hi := max(0, s.From), min(len(win), s.To)
	return []byte(before + string(win[lo:hi]) + after), len(before) - lo
}

// TestLook cuts windows out of all rows, whole and damaged: what stands beyond what
// was looked at does not matter.
func TestLook(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	some := func(list []string) string { return list[rng.IntN(len(list))] }
	const odd = `aZ_09.-$=:|?"'` + "`" + `\ [](){}<>,;*&#@+/` + "\t\r\n\x00\xffvnor"
	asked, inside := 0, 0
	for _, group := range [][]row{configRows, codeRows, fallbackRows, notedRows, textRows, markupRows, escapedRows, rejectedRows} {
		for _, r := range group {
			win, start, end := r.open(t)
			for range 200 {
				cut := bytes.Clone(win)
				for range rng.IntN(3) {
					if at := rng.IntN(len(cut)); at < start || at >= end {
						cut[at] = odd[rng.IntN(len(odd))]
					}
				}
				lo, hi := rng.IntN(start+1), end+rng.IntN(len(cut)-end+1)
				if rng.IntN(2) == 0 {
					lo = 0
				}
				if hold(t, cut[lo:hi:hi], start-lo, end-lo, some(surroundings)+some(surroundings), some(surroundings)+some(surroundings)) {
					asked++
				} else {
					inside++
				}
			}
		}
	}
	t.Logf("%d times an end of the window was asked for, %d times not", asked, inside)
	if asked < inside/10 || inside < asked/10 {
		t.Errorf("an end of the window was asked for %d times, and %d times not: both must occur", asked, inside)
	}
}

func FuzzLook(f *testing.F) {
	for _, group := range [][]row{configRows, codeRows, fallbackRows, notedRows, textRows, markupRows, escapedRows, rejectedRows} {
		for i, r := range group {
			win, start, end := r.open(f)
			f.Add(win, start, end, surroundings[i%len(surroundings)], "\n")
		}
	}
	f.Fuzz(func(t *testing.T, win []byte, start, end int, before, after string) {
		if 0 <= start && start < end && end <= len(win) {
			hold(t, win, start, end, before, after)
		}
	})
}

// TestEndsAreAskedForOnce looks through the source: whoever compares an offset
// with an end of the window, but for has, could forget to note it.
func TestEndsAreAskedForOnce(t *testing.T) {
	asks := regexp.MustCompile(`len\((?:l\.)?win\)|\b[eijkns] (?:>=?|==) 0\b`) // offsets have such names
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(source), "\n") {
			if !strings.HasSuffix(name, "_test.go") && asks.MatchString(line) {
				found = append(found, name+": "+strings.TrimSpace(line))
			}
		}
	}
	// has itself; what asks once has or at said no, or what the caller gave; and
	// offsets in something else, or none at all.
	want := []string{
		`bare.go: return len(l.win), false`,
		`hopeless.go: if class[c]&afterName == 0 || e > 0 && (behind[e-1] == '.' || behind[e-1] == '-') {`,
		`join.go: if start < 0 || end > len(l.win) || class[q]&quote == 0 || depth > 15 {`,
		`lex.go: if start < 0 || end <= start || end > len(win) {`,
		`lex.go: return Assignment{}, Seen{From: -1, To: len(win) + 1}, false`,
		`lex.go: s.To = len(l.win) + 1`,
		`lex.go: case i >= len(l.win):`,
		`lex.go: l.n = uint(min(len(l.win), i+stride) - l.lo)`,
		`literal.go: for _, c := range l.win[min(i, len(l.win)):min(n, len(l.win))] {`,
		`literal.go: if len(l.win)-from < minCut || next < 0 {`,
		`literal.go: end, next = len(l.win), len(l.win)`,
		`literal.go: if k := l.schemeEnd(i, j); k > 0 {`,
		`value.go: if j := l.joinedList(i); j > 0 {`,
		`value.go: if j := l.annotation(i); j > 0 {`,
		`value.go: if j := l.listItem(i); j > 0 {`,
		`value.go: if j := l.firstOf(i + 1); j > 0 {`,
		`value.go: for s > 0 && class[name[s-1]]&ident != 0 {`,
	}
	if strings.Join(found, "\n") != strings.Join(want, "\n") {
		t.Errorf("who asks where the window ends:\n%s\nwant:\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}
