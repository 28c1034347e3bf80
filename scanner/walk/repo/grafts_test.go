package repo

import (
	"fmt"
	"strings"
	"testing"
)

// TestGrafts: what is a graft, and what is none.
func TestGrafts(t *testing.T) {
	a, b, c := strings.Repeat("a", 40), strings.Repeat("b", 40), strings.Repeat("c", 40)
	for text, want := range map[string]string{
		"":                                  "0 0",
		a + "\n":                            "1 0 0",
		"# " + a + "\n\n" + a + " " + b:     "1 0 1",
		a + " " + b + " " + c + " \r\n" + b: "2 0 2",
		a + " " + b[:39] + "\n":             "0 1",
		a + "\n" + b + "x\n":                "1 1 0",
		a + "," + b:                         "0 1",
	} {
		g := newRepo(t)
		g.write(".git/info/grafts", text)
		list, problems := g.open().Grafts()
		got := fmt.Sprint(len(list), len(problems))
		if len(list) > 0 {
			got += fmt.Sprint(" ", len(list[0].Parents))
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if list, problems := newRepo(t).open().Grafts(); len(list)+len(problems) > 0 {
		t.Error(list, problems)
	}
}

// TestPackedProblems: a line that is no ref, or not in its order.
func TestPackedProblems(t *testing.T) {
	const sorted, plain = "# pack-refs with: peeled fully-peeled sorted \n", "# pack-refs with: peeled fully-peeled \n"
	a, b := strings.Repeat("a", 40)+" refs/heads/a\n", strings.Repeat("b", 40)+" refs/heads/b\n"
	for text, want := range map[string]int{
		"": 0, sorted + a + b: 0, plain + b + a: 0, sorted + b + a: 1, sorted + a + a: 1, sorted + a + "\x00\n" + b: 1, sorted + a + "^" + b[:40] + "\n" + b: 0, a + b[:30]: 1,
	} {
		g := newRepo(t)
		g.write(".git/packed-refs", text)
		if got := g.open().PackedProblems(); len(got) != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
