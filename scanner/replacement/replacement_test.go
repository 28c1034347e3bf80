package replacement

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func entries() []Entry {
	return []Entry{
		{Text: "plain-text_1"}, {Text: "has ==> in it"}, {Text: "literal:x"}, {Text: "regex:(a|b)*"}, {Text: "# no comment"},
		{Text: " blanks "}, {Text: "two\nlines"}, {Text: "cr at its end\r"}, {Text: "not UTF-8 \xff\xfe"}, {Text: "ümläut"}, {Text: "nul\x00"},
		{Text: "short", Word: true}, {Text: "o\nl"}, {Text: `back\slash \1 $1`}, {Text: "line"}, {Text: "ends in ==>"}, {Text: "a.b*c", Word: true},
	}
}

func TestRoundTrip(t *testing.T) {
	var out bytes.Buffer
	if err := Write(&out, entries()); err != nil {
		t.Fatal(err)
	}
	got, err := Parse(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(entries()) {
		t.Errorf("%d entries, want %d", len(got), len(entries()))
	}
	for _, e := range entries() {
		if !slices.Contains(got, e) {
			t.Errorf("%+v was not read back", e)
		}
	}
	if Write(&out, []Entry{{}}) == nil {
		t.Error("an empty entry was written: it would stand everywhere")
	}
}

// TestPython runs the list as git filter-repo would: with Python's expressions.
func TestPython(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3")
	}
	const program = `
import re, sys
list, text = sys.argv[1], sys.stdin.buffer.read()
literals, expressions = [], []
for line in open(list, "rb"):
    line = line.rstrip(b"\r\n")
    line, new = line.rsplit(b"==>", 1)
    if line.startswith(b"regex:"):
        expressions.append((re.compile(line[6:]), new))
    else:
        literals.append((line[8:] if line.startswith(b"literal:") else line, new))
for old, new in literals:
    text = text.replace(old, new)
for old, new in expressions:
    text = old.sub(new, text)
sys.stdout.buffer.write(text)
`
	var list, text bytes.Buffer
	if err := Write(&list, entries()); err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, e := range entries() {
		text.WriteString("<" + e.Text + ">")
		want += "<" + removed + ">"
	}
	text.WriteString("shorter unshort")
	want += "shorter unshort"
	file := t.TempDir() + "/list"
	if err := os.WriteFile(file, list.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "-c", program, file)
	cmd.Stdin = &text
	out, err := cmd.CombinedOutput()
	if string(out) != want || err != nil {
		t.Errorf("%v\n%q\nwant\n%q\nlist\n%s", err, out, want, list.String())
	}
}

func TestParse(t *testing.T) {
	got, err := Parse([]byte("one\r\n\nliteral:two==>x\nthree==>y\n# four\nlast"))
	want := []Entry{{Text: "one"}, {Text: "two"}, {Text: "three"}, {Text: "# four"}, {Text: "last"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"ok\nglob:*x", "ok\nregex:a+", `ok` + "\n" + `regex:\d`, `ok` + "\n" + `regex:\xz1`} {
		if _, err := Parse([]byte(bad)); err == nil || !strings.HasPrefix(err.Error(), "line 2 ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add("a==>b", "c\nd", true)
	f.Fuzz(func(t *testing.T, a, b string, word bool) {
		if a == "" || b == "" || a == b {
			t.Skip()
		}
		var out bytes.Buffer
		list := []Entry{{a, word}, {b, false}}
		if err := Write(&out, list); err != nil {
			t.Fatal(err)
		}
		got, err := Parse(out.Bytes())
		if err != nil || len(got) != 2 || !slices.Contains(got, list[0]) || !slices.Contains(got, list[1]) {
			t.Errorf("%+v, %v, want %+v; list %q", got, err, list, out.String())
		}
	})
}

// TestParseEditors: what editors put before a list and behind its lines is no text.
func TestParseEditors(t *testing.T) {
	list, err := Parse([]byte("\ufeffalpha-bravo \t\r\nliteral:charlie \n"))
	if err != nil || len(list) != 2 || list[0].Text != "alpha-bravo" || list[1].Text != "charlie " {
		t.Errorf("%+v, %v", list, err)
	}
	for _, mark := range []string{"\xff\xfea\x00b\x00c\x00d\x00", "\xfe\xff\x00a\x00b\x00c\x00d"} {
		if _, err := Parse([]byte(mark)); err == nil || !strings.Contains(err.Error(), "UTF-8") {
			t.Errorf("a list in UTF-16 is read: %v", err)
		}
	}
}
