package repo

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// gitAlternates asks git which alternates it uses.
func (g gitFolder) gitAlternates() []string {
	var list []string
	for line := range strings.SplitSeq(g.git("count-objects", "-v"), "\n") {
		if path, ok := strings.CutPrefix(line, "alternate: "); ok {
			list = append(list, path)
		}
	}
	return list
}

func TestAlternatesAgainstGit(t *testing.T) {
	g := newFolder(t)
	// Eight stores; what each one's alternates file says is the table's part.
	for i := range 9 {
		g.git("init", "-q", "--bare", fmt.Sprint("r", i))
	}
	obj := func(i int) string { return g.path(fmt.Sprint("r", i), "objects") }
	tests := []struct {
		name     string
		files    map[int]string
		want     int // alternates of r0
		problems int
	}{
		{"none", nil, 0, 0},
		{"absolute", map[int]string{0: obj(1) + "\n"}, 1, 0},
		{"no line end", map[int]string{0: obj(1)}, 1, 0},
		{"relative", map[int]string{0: "../../r1/objects\n"}, 1, 0},
		{"relative nested", map[int]string{0: "../../r1/objects\n", 1: "../../r2/objects\n"}, 2, 0},
		{"comment and blank", map[int]string{0: "# x\n\n" + obj(1) + "\n#" + obj(2) + "\n"}, 1, 0},
		{"quoted", map[int]string{0: `"` + strings.Replace(obj(1), "r1", `\1621`, 1) + "\"\n" + obj(2) + "\n"}, 2, 0},
		{"bad quote is a name", map[int]string{0: `"` + obj(1) + "\n"}, 0, 1},
		{"loop", map[int]string{0: obj(1) + "\n", 1: obj(0) + "\n" + obj(2) + "\n", 2: obj(1) + "\n" + obj(2)}, 2, 0},
		{"twice", map[int]string{0: obj(1) + "\n" + obj(1) + "/\n../../r1/./objects\n"}, 1, 0},
		{"missing", map[int]string{0: g.path("gone") + "\n" + obj(1) + "\n"}, 1, 1},
		{"order", map[int]string{0: obj(1) + "\n" + obj(2) + "\n", 1: obj(3) + "\n"}, 3, 0},
		{"too deep", map[int]string{0: obj(1), 1: obj(2), 2: obj(3), 3: obj(4), 4: obj(5), 5: obj(6), 6: obj(7), 7: obj(8)}, 6, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i := range 9 {
				os.Remove(g.path(fmt.Sprint("r", i), "objects/info/alternates"))
			}
			for i, text := range tt.files {
				g.write(fmt.Sprintf("r%d/objects/info/alternates", i), text)
			}
			r := g.at("r0").open()
			if want := g.at("r0").gitAlternates(); !slices.Equal(r.ObjectDirs[1:], want) || len(want) != tt.want {
				t.Errorf("got %q, git has %q", r.ObjectDirs[1:], want)
			}
			if r.ObjectDirs[0] != obj(0) || len(r.Problems) != tt.problems {
				t.Errorf("own %q, problems %v", r.ObjectDirs[0], r.Problems)
			}
		})
	}
}

func TestAlternatesFromEnvironment(t *testing.T) {
	g := newFolder(t)
	for _, name := range []string{"r0", "r1", "r2", "r:3"} {
		g.git("init", "-q", "--bare", name)
	}
	value := g.path("r1/objects") + `:#skip:"` + g.path("r:3/objects") + `"::` + g.path("gone")
	g.write("r0/objects/info/alternates", g.path("r2/objects")+"\n")
	r0 := g.at("r0")
	r0.env = []string{"GIT_ALTERNATE_OBJECT_DIRECTORIES=" + value}
	r := r0.openWith(Options{AlternateObjectDirectories: SplitAlternates(value)})
	if want := r0.gitAlternates(); !slices.Equal(r.ObjectDirs[1:], want) || len(want) != 3 {
		t.Errorf("got %q, git has %q", r.ObjectDirs[1:], want)
	}
	if len(r.Problems) != 1 {
		t.Errorf("problems %v", r.Problems)
	}
}

func FuzzAlternates(f *testing.F) {
	f.Add("a\n#b\n\"c\\n\\101\"\n")
	f.Add("\"\\")
	f.Fuzz(func(t *testing.T, text string) {
		for _, path := range splitAlternates([]byte(text), '\n') {
			if path == "" || len(path) > len(text) {
				t.Errorf("path %q from %q", path, text)
			}
		}
	})
}

// TestSplitAlternatesTable: quoted entries may hold the separator, others end at it.
func TestSplitAlternatesTable(t *testing.T) {
	tests := []struct {
		list string
		want []string
	}{
		{"", nil},
		{"/a", []string{"/a"}},
		{"/a:/b::/c:", []string{"/a", "/b", "/c"}},
		{`"/a:x\n":/b`, []string{"/a:x\n", "/b"}},
		{`"/unclosed:/b`, []string{`"/unclosed`, "/b"}},
		{"`/a`:/b", []string{"`/a`", "/b"}},
	}
	for _, test := range tests {
		if got := SplitAlternates(test.list); !slices.Equal(got, test.want) {
			t.Errorf("SplitAlternates(%q) = %q, want %q", test.list, got, test.want)
		}
	}
}
