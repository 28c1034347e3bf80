package repo

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// TestReflogs compares with "git reflog" of every log, in two worktrees.
func TestReflogs(t *testing.T) {
	g := newFolder(t)
	g.git("init", "-q", ".")
	for i := range 3 {
		g.git("commit", "-q", "--allow-empty", "-m", fmt.Sprint("commit ", i))
	}
	g.git("reset", "-q", "--hard", "HEAD~1")
	g.git("worktree", "add", "-q", "--detach", "linked")
	g.git("-C", "linked", "commit", "-q", "--allow-empty", "-m", "linked")
	linked := g.git("-C", "linked", "rev-parse", "HEAD")
	g.write(".git/logs/refs/heads/odd", "no line of a log\n")
	entries, problems := g.open().Reflogs()
	if len(problems) > 0 {
		t.Errorf("problems %v", problems)
	}
	got := map[string][]string{}
	for _, e := range entries {
		got[e.Log] = append(got[e.Log], e.Target.String())
	}
	branch := g.git("symbolic-ref", "HEAD")
	for _, log := range []string{"HEAD", branch} {
		want := strings.Fields(g.git("reflog", "show", "--format=%H", log))
		slices.Sort(want)
		want = slices.Compact(want)
		slices.Sort(got[log])
		if !slices.Equal(got[log], want) || len(want) != 3 {
			t.Errorf("%s: %v, want %v", log, got[log], want)
		}
	}
	if !slices.Contains(got["worktrees/linked/HEAD"], linked) || len(got) != 3 {
		t.Errorf("logs %v, want one with %s", got, linked)
	}
}

// FuzzReflog holds the reading of a reflog against a plain reading: the two
// names at the start of each line, each once.
func FuzzReflog(f *testing.F) {
	a, b := strings.Repeat("a1", 20), strings.Repeat("0b", 20)
	who := " A <a@example.org> 1500000000 +0000\tcommit: x\n"
	for _, log := range []string{
		a + " " + b + who, strings.Repeat("0", 40) + " " + a + who + a + " " + b + who, a + " " + b, a, a + "\n" + b + "\n",
		"x" + a + " " + b + who, a + "  " + b + who, a + "\t" + b + who, "\n\n", "",
	} {
		f.Add([]byte(log))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		seen := map[string]bool{}
		for _, e := range logEntries("x", data) {
			name := e.Target.String()
			if e.Log != "x" || e.Target.IsZero() || seen[name] {
				t.Fatalf("%q gives %v, double or empty", data, e)
			}
			seen[name] = true
		}
		for line := range strings.SplitSeq(string(data), "\n") {
			words := strings.Split(line, " ")
			for _, word := range words[:min(2, len(words))] {
				if len(word) != 40 || !plumbing.IsHash(word) {
					break
				}
				if !seen[strings.ToLower(word)] && !plumbing.NewHash(word).IsZero() {
					t.Fatalf("%q: %s is not seen", data, word)
				}
			}
		}
	})
}

// FuzzShallow: the list of cut-off commits is all there, or a problem is told.
func FuzzShallow(f *testing.F) {
	a := strings.Repeat("a1", 20)
	for _, text := range []string{a + "\n", a, a + "\n\n" + a, a + " x\n", a[1:] + "\n", "\n", ""} {
		f.Add([]byte(text))
	}
	r := &Repo{CommonDir: f.TempDir()}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(filepath.Join(r.CommonDir, "shallow"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		r.Shallow, r.Problems = nil, nil
		r.readShallow()
		var want []string
		for line := range strings.Lines(string(data)) {
			want = append(want, strings.ToLower(strings.TrimSpace(line)))
		}
		if got := fmt.Sprint(r.Shallow); len(r.Problems) == 0 && got != fmt.Sprint(want) {
			t.Fatalf("%q gives %s without a problem", data, got)
		}
	})
}
