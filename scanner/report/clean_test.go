package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// sgr matches the colour sequences that the text report uses, and no other.
var sgr = regexp.MustCompile("\x1b\\[(1|2|31|32|33|34|36|31;1|0|22|0;22)m")

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"src/a b.go", "src/a b.go"},
		{"größe/日本語.txt", "größe/日本語.txt"},
		{"a\x1b[31mb", `a\x1b[31mb`},
		{"a\nb\tc\rd\x00", `a\x0ab\x09c\x0dd\x00`},
		{"\x7f", `\x7f`},
		{"\u0085\u009b", `\u0085\u009b`},
		{"\x9b31m", `\x9b31m`},
		{"a\xff\xc3", `a\xff\xc3`},
		{"x\u202egpj.exe", `x\u202egpj.exe`},
		{"\u2066\u200b\u2028\ufeff\u00ad", `\u2066\u200b\u2028\ufeff\u00ad`},
		{"\U000e0041", `\U000e0041`},
		{"\ufffd", "\ufffd"},
		{"::set-env x", `\x3a:set-env x`},
		{"a ::x", `a \x3a:x`},
		{"a::b", "a::b"},
		{"##[add-mask]x ##vso[x]", `\x23#[add-mask]x \x23#vso[x]`},
		{"C# #1", "C# #1"},
	}
	for _, test := range tests {
		if got := Clean(test.in); got != test.want {
			t.Errorf("Clean(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b]8;;x\x07\u202e\xff##[ ::x")
	f.Fuzz(func(t *testing.T, in string) {
		out := Clean(in)
		if reason := unsafe(out, ""); reason != "" {
			t.Errorf("Clean(%q) = %q holds %s", in, out, reason)
		}
	})
}

func TestWrap(t *testing.T) {
	tests := []struct {
		in    string
		width int
		want  []string
	}{
		{"", 10, nil},
		{"  one\n two ", 10, []string{"one two"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"unbreakable x", 4, []string{"unbreakable", "x"}},
		{"äöü äöü äöü", 7, []string{"äöü äöü", "äöü"}},
	}
	for _, test := range tests {
		if got := wrap(test.in, test.width); !slices.Equal(got, test.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", test.in, test.width, got, test.want)
		}
	}
}

// unsafe names the first thing in out that must not reach a terminal or a CI log.
func unsafe(out, allowed string) string {
	if !utf8.ValidString(out) {
		return "invalid UTF-8"
	}
	for _, r := range out {
		if (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) && !strings.ContainsRune(allowed, r) {
			return fmt.Sprintf("%U", r)
		}
	}
	for line := range strings.Lines(out) {
		if strings.Contains(line, "##") || strings.HasPrefix(strings.TrimLeft(line, " "), "::") {
			return "a command for a CI runner: " + line
		}
	}
	return ""
}

// hostile gives random text that is rich in what a terminal or a runner obeys.
func hostile(rng *rand.Rand) string {
	parts := []string{
		"\x1b[35;46m", "\x1b]8;;http://x\x1b\\", "\x1b]52;c;eA==\x07", "\x9b2J", "\u009b", "\r", "\n", "\n::set-env name=x::y", "::error::x", " ",
		"##[command]", "##vso[task]", "\u202e", "\u2066", "\u200b", "\u2028", "\x00", "\x7f", "\xff", "\xed\xa0\x80", "\U000e0041", "a", "ö", "/",
		strings.Repeat("w", 70), "\"", "\\", "\b", "\ufffe", "<script>alert(1)</script>", "' onload=x ", "=cmd()", ";=1+1", "-", "@all", "[x](http://x)", "`", "|",
		"%0A::error::x", "{{x}}", "]]>", "<!--", "${x}", "&amp;", "javascript:", "../", "C:/", ",",
	}
	var b strings.Builder
	for range rng.IntN(12) {
		if rng.IntN(8) == 0 {
			b.WriteByte(byte(rng.IntN(256)))
		}
		b.WriteString(parts[rng.IntN(len(parts))])
	}
	return b.String()
}

func TestEscapeInvisibleKeepsTheMeaning(t *testing.T) {
	in := "a\u202e\x7f\u0085\U000e0041##[x]#\U0001f600ö"
	doc, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out := appendVisible(nil, doc)
	var got string
	if err := json.Unmarshal(out, &got); err != nil || got != in {
		t.Errorf("%s reads as %q, %v", out, got, err)
	}
	if !bytes.Contains(out, []byte("\U0001f600ö")) {
		t.Errorf("visible text is escaped in %s", out)
	}
}
