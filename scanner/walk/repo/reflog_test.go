package repo

import (
	"fmt"
	"slices"
	"strings"
	"testing"
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
