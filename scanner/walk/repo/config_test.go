package repo

import (
	"fmt"
	"strings"
	"testing"
)

// configTexts are forms that git reads or refuses; the parser has to agree.
var configTexts = []string{
	"", "[core]\n\tbare = true\n", "[core] bare = true\n", "[core]bare=true", "[a.B]\nx=1\n", "[a.B.c]\nx=1\n",
	"\xef\xbb\xbf[core]\nbare=true\n", "[core]\r\n\tbare = true\r\n", "[a \"b\\\"c\"]\nx=\"q;u\" ; c\n",
	"[a]\nx = a\\\n b\n", "[a]\nx\n", "[a]\nx \n y\n", "[a]\nx = \\q\n", "[a]\nx=C:\\Users\n", "[a]\n1x=2\n",
	"[a]\nx = \"unfinished\n", "[a]\nx = \"over\\\nlines\"\n", "[a]\nx= a   b  # k\n", "[a \"b\nc\"]\nx=1\n", "[A \"B\"]\nX=Y\n",
	"[a]\nx = a\\tb\\bc\\n\n", "[a]\n\fx=1\n", "[a]\nx_y=1\n", "[a]\nx=\xff\n", "[a]\nx=\x01y\n", "[a]\nx = \"q\" z\" \"y\n",
	"# only\n; comments", "[a", "[a \"b\"", "[a \"b\" ]\n", "[a  \"b\"]\nx", "[a b]\n", "[]\n", "[a]\nx=\\", "[a]\nx=1 \\\n  \n",
	"[a]\nx=#\ny=\"#\"\n", "[a]\nx = 'q'\n", "]\n", "x\n[a]\n", "[a]x[b]\n", "[a]x=[b]\n", "[a]\nx = \"  \" \n", "[a]\nx==\n", "[a \"\"]\nx=1\n",
}

func TestConfigAgainstGit(t *testing.T) {
	g := newFolder(t)
	for _, text := range configTexts {
		g.write("c", text)
		want, gitErr := g.run("config", "-f", "c", "-z", "-l")
		c := &config{}
		err := c.parse([]byte(text))
		if (err != nil) != (gitErr != nil) {
			t.Errorf("%q: error %v, git: %v %s", text, err, gitErr, want)
			continue
		}
		if err != nil {
			// git names the line in "bad config line 2 in file c".
			var line int
			if _, after, ok := strings.Cut(want, "bad config line "); ok {
				fmt.Sscan(after, &line)
			}
			// At the end of the file it names the line after the last.
			line = min(line, strings.Count(strings.TrimSuffix(text, "\n"), "\n")+1)
			if wantErr := fmt.Sprintf("line %d is not", line); !strings.Contains(err.Error(), wantErr) {
				t.Errorf("%q: %v, git: %s", text, err, want)
			}
			continue
		}
		var got strings.Builder
		for _, o := range c.options {
			name := o.section + "."
			if o.section == "" {
				name = ""
			}
			if o.subsection != "" || strings.Contains(text, `""`) {
				name += o.subsection + "."
			}
			got.WriteString(name + o.key)
			if !o.bare {
				got.WriteString("\n" + o.value)
			}
			got.WriteByte(0)
		}
		if got.String() != want {
			t.Errorf("%q: got %q, git has %q", text, got.String(), want)
		}
	}
}

func TestConfigFlags(t *testing.T) {
	c := &config{}
	if err := c.parse([]byte("[a]\nb\nc=YES\nd=0\ne=2\nf=\ng=maybe\nb=off\n")); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string][2]bool{"b": {false, true}, "c": {true, true}, "d": {false, true}, "e": {true, true}, "f": {false, true}, "g": {}, "h": {}} {
		on, set := c.flag("a", "", key)
		if set != want[1] || set && on != want[0] {
			t.Errorf("%s: %v %v", key, on, set)
		}
	}
}

func FuzzConfig(f *testing.F) {
	for _, text := range configTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := &config{}
		if err := c.parse([]byte(text)); err != nil && strings.Contains(err.Error(), "\n") {
			t.Error(err)
		}
		for _, o := range c.options {
			if o.key == "" || strings.ContainsRune(o.value, '\n') && !strings.Contains(text, `\n`) {
				t.Errorf("option %+v", o)
			}
		}
	})
}
