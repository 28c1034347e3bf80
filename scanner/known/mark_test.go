package known

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMarkAt(t *testing.T) {
	// $ stands for the secret, which rule r found.
	for _, c := range []struct{ name, text, want string }{
		{"none", "key = $", ""},
		{"behind", "key = $ # scan:allow r -- why", "1 [r] why fits"},
		{"in a comment of C", "key = \"$\"; /* scan:allow r -- why */ more()", "1 [r] why fits"},
		{"before", "/* scan:allow r -- why */ key = $", "1 [r] why fits"},
		{"HTML", "<b>$</b> <!-- scan:allow r -- why -->", "1 [r] why fits"},
		{"JSON", `{"key": "$", "comment": "scan:allow r -- why"}`, "1 [r] why fits"},
		{"CRLF", "key = $ # scan:allow r -- why\r\n", "1 [r] why fits"},
		{"several rules", "key = $ # scan:allow a, r b -- why", "1 [a r b] why fits"},
		{"several marks", "key = $ # scan:allow a -- x scan:allow r -- why", "1 [r] why fits"},
		{"another rule", "key = $ # scan:allow a -- x", "1 [a] x"},
		{"no reason", "key = $ # scan:allow r", "1 [r]  fits"},
		{"empty reason", "key = $ # scan:allow r -- ", "1 [r]  fits"},
		{"reason of marks", "key = $ # scan:allow r -- */", "1 [r]  fits"},
		{"no rule", "key = $ # scan:allow -- why", "1 [] why"},
		{"nothing", "key = $ # scan:allow", "1 [] "},
		{"star", "key = $ # scan:allow * -- why", "1 [] why"},
		{"capitals", "key = $ # scan:allow R -- why", "1 [] why"},
		{"glued", "key = $ # xscan:allow r -- why", ""},
		{"glued behind", "key = $ # scan:allowed r -- why", ""},
		{"line before", "# scan:allow r -- why\nkey = $", "1 [r] why fits"},
		{"line before, CRLF", "  // scan:allow r -- why\r\nkey = $", "1 [r] why fits"},
		{"line before, REM", "REM scan:allow r -- why\nkey = $", "1 [r] why fits"},
		{"line before with code", "x = 1 # scan:allow r -- why\nkey = $", ""},
		{"line before with other words", "ähm scan:allow r -- why\nkey = $", ""},
		{"two lines before", "# scan:allow r -- why\n\nkey = $", ""},
		{"line after", "key = $\n# scan:allow r -- why", ""},
		{"both", "# scan:allow a -- x\nkey = $ # scan:allow r", "2 [r]  fits"},
		{"within the secret's line of several", "# scan:allow r -- why\n$\nmore", "1 [r] why fits"},
		{"far behind", "key = $" + strings.Repeat(" ", markReach) + "# scan:allow r -- why", ""},
		{"far before", "# scan:allow r -- why" + strings.Repeat(" ", markReach) + "key = $", ""},
		{"a long line before", strings.Repeat("x", markReach) + "# scan:allow r -- why\nkey = $", ""},
		{"line before, of a long line", "# scan:allow r -- why\n" + strings.Repeat("x", markReach) + "key = $ # scan:allow a -- x", "1 [r] why fits"},
		{"line before, of a longer line", "# scan:allow r -- why\n" + strings.Repeat("x", 2*markReach) + "key = $ # scan:allow a -- x", "2 [a] x"},
		{"gitleaks'", "key = $ # gitleaks:allow", "1 []  foreign"},
		{"detect-secrets'", "key = $ # pragma: allowlist secret\n", "1 []  foreign"},
		{"another line's", "key = $\n# gitleaks:allow", ""},
		{"ours and another's", "key = $ # gitleaks:allow scan:allow r -- why", "1 [r] why fits"},
		{"invalid UTF-8", "key = $ # scan:allow r -- \xffwhy", "1 [r] \uFFFDwhy fits"},
	} {
		from := strings.Index(c.text, "$")
		line := 1 + strings.Count(c.text[:from], "\n")
		got := ""
		if m := MarkAt([]byte(c.text), from, from+1, line, "r"); m != nil {
			got = fmt.Sprintf("%d %v %s", m.Line, m.Rules, m.Reason)
			if m.Fits {
				got += " fits"
			}
			if m.Foreign {
				got += " foreign"
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestMarkSecretOfLines: behind the last line of a secret of several lines there
// is no mark for it, since its finding stands at the first.
func TestMarkSecretOfLines(t *testing.T) {
	text := []byte("a\nb\nc # scan:allow r -- why")
	if m := MarkAt(text, 0, 5, 1, "r"); m != nil {
		t.Errorf("%+v", m)
	}
}

// FuzzMarkAt holds that a mark depends on nothing but the line and the one
// before it, and that what it gives can be shown.
func FuzzMarkAt(f *testing.F) {
	f.Add([]byte("key = x # scan:allow r -- why"), 6, 7)
	f.Add([]byte("// scan:allow r,s -- why\nkey = x"), 30, 31)
	f.Add([]byte("scan:allow r scan:allow s -- y\r\n x"), 33, 34)
	f.Fuzz(func(t *testing.T, text []byte, from, to int) {
		if from < 0 || to <= from || to > len(text) {
			return
		}
		line := 1 + bytes.Count(text[:from], []byte("\n"))
		m := MarkAt(text, from, to, line, "r")
		start := bytes.LastIndexByte(text[:from], '\n') + 1
		if start > 0 {
			start = bytes.LastIndexByte(text[:start-1], '\n') + 1
		}
		end := len(text)
		if n := bytes.IndexByte(text[to:], '\n'); n >= 0 {
			end = to + n
		}
		near := MarkAt(text[start:end], from-start, to-start, line, "r")
		if fmt.Sprint(m) != fmt.Sprint(near) {
			t.Fatalf("%+v, and of the two lines alone %+v", m, near)
		}
		if m == nil {
			return
		}
		if m.Line != line && m.Line != line-1 || m.Line < 1 || m.Fits != slices.Contains(m.Rules, "r") || strings.ContainsAny(m.Reason, "\n") || len(m.Reason) > 4*maxReason {
			t.Fatalf("%+v", m)
		}
	})
}
