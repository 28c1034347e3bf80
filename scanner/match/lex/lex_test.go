package lex

import (
	"strings"
	"testing"
)

// row is one text with its anchor between « and », the name and value that At
// has to read there (or want "none"), and the marks that it has to set:
// c Call, r Ref, j Joined, x Cut, and the scheme as ":Bearer".
type row struct{ text, want string }

// open returns the row's window and anchor.
func (r row) open(t testing.TB) (win []byte, start, end int) {
	t.Helper()
	a, rest, ok := strings.Cut(r.text, "«")
	b, c, ok2 := strings.Cut(rest, "»")
	if !ok || !ok2 {
		t.Fatalf("%q: no anchor marked", r.text)
	}
	return []byte(a + b + c), len(a), len(a) + len(b)
}

// describe writes an answer of At the way the tables do.
func describe(win []byte, a Assignment, ok bool) string {
	if !ok {
		return "none"
	}
	s := string(win[a.NameStart:a.NameEnd]) + " " + string(win[a.ValueStart:a.ValueEnd])
	marks := ""
	for _, m := range []struct {
		set  bool
		mark string
	}{{a.Call, "c"}, {a.Ref, "r"}, {a.Joined, "j"}, {a.Cut, "x"}} {
		if m.set {
			marks += m.mark
		}
	}
	if a.SchemeEnd > a.SchemeStart {
		marks += ":" + string(win[a.SchemeStart:a.SchemeEnd])
	}
	if marks != "" {
		s += " /" + marks
	}
	return s
}

func TestAt(t *testing.T) {
	n := 0
	for _, group := range [][]row{configRows, codeRows, fallbackRows, notedRows, textRows, markupRows, escapedRows, rejectedRows} {
		for _, r := range group {
			n++
			win, start, end := r.open(t)
			a, ok := At(win, start, end)
			if got := describe(win, a, ok); got != r.want {
				t.Errorf("%q\n got %s\nwant %s", r.text, got, r.want)
			}
		}
	}
	t.Logf("%d rows", n)
}

func TestAtQuote(t *testing.T) {
	for text, want := range map[string]byte{
		"«token» = \"alpha-1\"":   '"',
		"«token» = 'alpha-1'":     '\'',
		"«token» = `alpha-1`":     '`',
		"«token»=alpha-1 ":        0,
		`\"«token»\": \"alpha\" `: '"',
	} {
		win, start, end := row{text: text}.open(t)
		if a, ok := At(win, start, end); !ok || a.Quote != want {
			t.Errorf("%q: quote %q, %v; want %q", text, a.Quote, ok, want)
		}
	}
}

func TestAtCut(t *testing.T) {
	for _, c := range []struct {
		text string
		want int // length of the value, or -1
		cut  bool
	}{
		{`token = "` + strings.Repeat("a", 399), -1, false},
		{`token = "` + strings.Repeat("a", 400), 400, true},
		{`token = "` + strings.Repeat("a", 400) + `"`, 400, false},
		{`token = "` + strings.Repeat("a", 400) + "\n", -1, false},
		{`token=` + strings.Repeat("a", 40), 40, true},
		{`token=` + strings.Repeat("a", 40) + "\n", 40, false},
		{"token: |\n  " + strings.Repeat("a", 40), 40, true},
		{`<token>` + strings.Repeat("a", 40), -1, false},
	} {
		a, ok := At([]byte(c.text), 0, 5)
		if got := a.ValueEnd - a.ValueStart; ok != (c.want >= 0) || ok && (got != c.want || a.Cut != c.cut) {
			t.Errorf("%.20q… (%d bytes): %d bytes, cut %v, ok %v; want %d, %v", c.text, len(c.text), got, a.Cut, ok, c.want, c.cut)
		}
	}
}

func TestAtTakesAnyOffsets(t *testing.T) {
	win := []byte("token=alpha-bravo-1\n")
	for start := -2; start < len(win)+3; start++ {
		for end := -2; end < len(win)+3; end++ {
			a, ok := At(win, start, end)
			check(t, win, start, end, a, ok)
		}
	}
}

func TestAtAllocatesNothing(t *testing.T) {
	win := []byte("const token: string = process.env.API_TOKEN || 'alpha-bravo-1';\n")
	if n := testing.AllocsPerRun(100, func() { At(win, 6, 11) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// check holds the promises that every answer of At keeps.
func check(t testing.TB, win []byte, start, end int, a Assignment, ok bool) {
	t.Helper()
	if !ok {
		if a != (Assignment{}) {
			t.Fatalf("%q [%d:%d): false with %+v", win, start, end, a)
		}
		return
	}
	switch {
	case a.NameStart < 0 || a.NameStart > start || a.NameEnd < end:
		t.Fatalf("%q [%d:%d): the name does not hold the anchor: %+v", win, start, end, a)
	case a.ValueStart < a.NameEnd && a.ValueEnd > a.NameStart || a.ValueStart < 0 || a.ValueEnd > len(win) || a.ValueEnd-a.ValueStart < minValue:
		t.Fatalf("%q [%d:%d): value out of place: %+v", win, start, end, a)
	case a.SchemeStart > a.SchemeEnd || a.SchemeEnd > a.ValueStart || a.SchemeStart < 0:
		t.Fatalf("%q [%d:%d): scheme out of place: %+v", win, start, end, a)
	case a.Quote != 0 && class[a.Quote]&quote == 0:
		t.Fatalf("%q [%d:%d): quote %q", win, start, end, a.Quote)
	}
}

func FuzzAt(f *testing.F) {
	for _, group := range [][]row{configRows, codeRows, fallbackRows, notedRows, textRows, markupRows, escapedRows, rejectedRows} {
		for _, r := range group {
			win, start, end := r.open(f)
			f.Add(win, start, end)
		}
	}
	f.Fuzz(func(t *testing.T, win []byte, start, end int) {
		a, ok := At(win, start, end)
		check(t, win, start, end, a, ok)
		// Bytes outside the window may be anything.
		framed := append(append([]byte(`"`), win...), `"=x`...)
		b, ok2 := At(framed[1:1+len(win):1+len(win)], start, end)
		if a != b || ok != ok2 {
			t.Fatalf("%q: %+v here, %+v inside other bytes", win, a, b)
		}
	})
}
