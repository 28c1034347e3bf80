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
