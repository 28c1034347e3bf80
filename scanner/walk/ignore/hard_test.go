package ignore

import (
	"strconv"
	"strings"
	"testing"
)

// hardCases are the rules that matchers most often get wrong. Paths that end in
// a slash are directories; "+" means ignored.
var hardCases = []struct {
	name, ignore string
	paths        string // "+path" or "-path", separated by "|"
}{
	{"literal at any depth", "foo", "+foo|+a/foo|+a/b/foo/|-foobar|-xfoo"},
	{"leading slash anchors", "/foo", "+foo|-a/foo"},
	{"inner slash anchors", "a/foo", "+a/foo|-b/a/foo"},
	{"trailing slash does not anchor", "foo/", "+foo/|+a/foo/|-foo|-a/foo"},
	{"suffix", "*.log", "+x.log|+.log|+d/x.log|-x.logs"},
	{"prefix", "tmp*", "+tmp|+tmpx|+d/tmp.x|-xtmp"},
	{"last line wins", "*.log\n!keep.log\nkeep.log", "+keep.log|+x.log"},
	{"negation", "*.log\n!keep.log", "-keep.log|-d/keep.log|+x.log"},
	{"no re-include below an ignored directory", "d/\n!d/keep", "+d/keep"},
	{"re-include after d/*", "d/*\n!d/keep", "-d/keep|+d/x"},
	{"re-include of one directory", "/*\n!/a\n/a/*\n!/a/b", "-a/b/c|+a/x|+z"},
	{"star does not cross a slash", "a/*/c", "+a/b/c|-a/b/b/c|-a/c"},
	{"leading double star", "**/foo", "+foo|+a/foo|+a/b/foo|-xfoo"},
	{"leading double star with path", "**/a/foo", "+a/foo|+x/a/foo|+x/y/a/foo|-xa/foo"},
	{"trailing double star", "a/**", "+a/x|+a/b/c|-a/|-b/a/x"},
	{"trailing double star and negation", "a/**\n!a/keep", "-a/keep|+a/x"},
	{"middle double star", "a/**/b", "+a/b|+a/x/b|+a/x/y/b|-ab|-xa/b"},
	{"two double stars", "a/**/b/**/c", "+a/b/c|+a/x/b/y/z/c|-a/c"},
	{"double star alone", "**", "+a|+a/b"},
	{"double star within a component", "a**/b", "+ab|+ax/b|+axb/b|+a/x/b"},
	{"double star before text", "x/**a", "+x/ba|-x/b/a"},
	{"three stars", "a/***/b", "+a/b|+a/x/b"},
	{"double star and escaped slash", `a/**\/b`, "+a/x/b|+a/x/y/b|-a/b"},
	{"question mark is no slash", "a?b/c", "+axb/c|-a/b/c"},
	{"set is no slash", "a[!x]b/c", "+ayb/c|-a/b/c"},
	{"bracket first in set", "[]x]", "+]|+x|-y"},
	{"range, escaped ends", `[\a-\c]`, "+b|-d|-\\"},
	{"dash last in set", "[a-]", "+a|+-|-b"},
	{"class", "[[:digit:]]x", "+7x|-ax"},
	{"unknown class never matches", "[a[:foo:]]", "-a|-f"},
	{"class name without its end", "[[:a]", "+[|+a|-b"},
	{"unclosed set never matches", "[ab", "-a|-[ab"},
	{"backslash at the end never matches", "a\\", "-a|-a\\"},
	{"escaped specials", `\!a` + "\n" + `\#b` + "\n" + `c\*`, "+!a|+#b|+c*|-cx"},
	{"comment", "#a", "-#a|-a"},
	{"comment sign later", "a#b\n a", "+a#b|+ a|-a"},
	{"trailing spaces drop", "a  ", "+a|-a  "},
	{"escaped trailing space stays", `a\ `, "+a |-a"},
	{"escaped space, then spaces", `a\   `, "+a |-a|-a   "},
	{"trailing tab stays", "a\t", "+a\t|-a"},
	{"space before the slash stays", "a /", "+a /|-a/"},
	{"CRLF", "a\r\nb/\r\n", "+a|+b/"},
	{"CR at the end without LF", "a\r", "+a"},
	{"two CR lose one", "a\r\r\n", "+a\r|-a"},
	{"spaces before CR", "a \r\n", "+a"},
	{"byte order mark", "\xef\xbb\xbfa\n", "+a"},
	{"byte order mark only first", "b\n\xef\xbb\xbfa\n", "+b|-a|+\xef\xbb\xbfa"},
	{"bang alone, slash alone", "!\n/\n//\n", "-a|-a/"},
	{"double leading slash", "//a", "-a"},
	{"NUL ends a line", "a\x00b\nc", "+a|-ab|+c"},
	{"case", "Foo", "+Foo|-foo"},
	{"invalid UTF-8", "\xff*", "+\xff1|-1"},
	{"newline in a name", "*x", "+a\nx"},
	{"dot is a plain byte", "a.b", "+a.b|-axb"},
	{"directory pattern with star", "a*/", "+ab/|-ab"},
	{"empty lines", "\n\na\n\n", "+a"},
}

// Each row has a directory of its own in one tree, so that git starts once.
func TestHardCases(t *testing.T) {
	tr := newTree(t, false)
	var paths []string
	for i, c := range hardCases {
		dir := "case" + strconv.Itoa(i)
		tr.ignore(t, dir, []byte(c.ignore))
		top := New(false).Enter("", []byte(c.ignore))
		below := New(false).Enter(dir, []byte(c.ignore))
		for _, q := range strings.Split(c.paths, "|") {
			want, path := q[0] == '+', q[1:]
			path, isDir := strings.CutSuffix(path, "/")
			if got := top.IgnoredBelow(path, isDir); got != want {
				t.Errorf("%s: IgnoredBelow(%q, %v) with %q = %v, want %v", c.name, path, isDir, c.ignore, got, want)
			}
			if got := below.IgnoredBelow(dir+"/"+path, isDir); got != want {
				t.Errorf("%s: in a directory: IgnoredBelow(%q, %v) with %q = %v, want %v", c.name, path, isDir, c.ignore, got, want)
			}
			if isDir {
				tr.mkdir(t, dir+"/"+path)
			}
			paths = append(paths, dir+"/"+path)
		}
	}
	// Git looks at the disk to tell directories: where a row names a path as a
	// file and as a directory, both sides of this comparison see a directory.
	tr.compare(t, paths)
}

func TestPrecedence(t *testing.T) {
	m := New(false, []byte("a\nb\nc\n!d"), []byte("!b\nd"))
	m = m.Enter("", []byte("!c\n/e/f"))
	sub := m.Enter("e", []byte("c\n/f\n!a"))
	for _, c := range []struct {
		path string
		m    *Matcher
		want bool
	}{
		{"a", m, true}, {"b", m, false}, {"c", m, false}, {"d", m, true}, {"e/f", m, true},
		{"e/a", sub, false}, {"e/c", sub, true}, {"e/f", sub, true}, {"e/b", sub, false}, {"e/x/f", sub, false},
		{"e/a", m, true},
	} {
		if got := c.m.Ignored(c.path, false); got != c.want {
			t.Errorf("Ignored(%q) = %v, want %v", c.path, got, c.want)
		}
	}
	if m.Enter("e", []byte("# nothing\n\n")) != m {
		t.Error("a .gitignore without patterns made a new level")
	}
}
