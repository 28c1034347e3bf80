package lex

import (
	"strings"
	"testing"
)

func TestPieces(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`"«abc»" + "def" + 'ghi'`, "abc|def|ghi"},
		{`'«abc»' . 'def'`, "abc|def"}, {`"«abc»" .. "def"`, "abc|def"}, {`"«abc»" & "def"`, "abc|def"},
		{"\"«abc»\"\n  \"def\"", "abc|def"}, {"\"«abc»\" \\\n  \"def\"", "abc|def"}, {`"«abc»" "def"`, "abc|def"},
		{"\"«abc»\"\n\n\"def\"", "abc"}, {"'«abc»'\r\n\r\n  'def'", "abc"}, {"\"«abc»\" +\n\n\"def\"", "abc|def"},
		{"`«abc»` + `def`", "abc|def"}, {`"«abc»".concat("def")`, "abc|def"}, {`\"«abc»\" + \"def\"`, "abc|def"},
		{`["«abc»", "def"].join("")`, "abc|def"}, {`["«abc»", "def",].join('-')`, "abc|def /-"}, {`"".join(["«abc»", "def"])`, "abc|def"},
		{`"_".join(("«abc»", "def"))`, "abc|def /_"},
		{`["«abc»", "def"]`, "abc"}, {`f("«abc»", "def")`, "abc"}, {`["«abc»", "def"].join(sep)`, "abc"}, {`"«abc»" + name`, "abc"},
		{"{\"«abc»\"\n\"def\": 1}", "abc"}, {`"«abc»"`, "abc"}, {`"«abc»" + "def`, "abc"},
	} {
		a, rest, _ := strings.Cut(c.text, "«")
		b, d, _ := strings.Cut(rest, "»")
		win := []byte(a + b + d)
		pieces, glue := Pieces(nil, win, len(a), len(a)+len(b))
		got := b
		for _, p := range pieces {
			got += "|" + string(win[p.Start:p.End])
		}
		if len(glue) > 0 {
			got += " /" + string(glue)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}

// FuzzPieces: the pieces lie in the window, behind each other and behind the
// first literal.
func FuzzPieces(f *testing.F) {
	f.Add([]byte(`["abc", "def"].join("")`), 2, 5)
	f.Add([]byte(`'abc' . 'def' . 'ghi'`), 1, 4)
	f.Fuzz(func(t *testing.T, win []byte, start, end int) {
		if start < 0 || end < start || end > len(win) {
			return
		}
		pieces, glue := Pieces(nil, win, start, end)
		last := end
		for _, p := range pieces {
			if p.Start <= last || p.End < p.Start || p.End > len(win) {
				t.Fatalf("%q [%d:%d): %v", win, start, end, pieces)
			}
			last = p.End
		}
		if len(pieces) > maxPieces || len(glue) > maxGlue {
			t.Fatalf("%q: %d pieces, glue %q", win, len(pieces), glue)
		}
	})
}
