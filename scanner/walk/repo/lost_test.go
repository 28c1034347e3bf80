package repo

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestLostRefs takes refs away as git does, which is no loss, and as damage does.
func TestLostRefs(t *testing.T) {
	g := newRepo(t)
	for _, name := range []string{"kept", "renamed", "deleted", "packed", "line", "file"} {
		g.git("branch", name)
	}
	g.git("clone", "-q", ".", "far")
	g.git("remote", "add", "far", g.path("far"))
	g.git("fetch", "-q", "far")
	g.git("branch", "-m", "renamed", "new/name")
	g.git("branch", "-D", "deleted")
	g.git("update-ref", "-d", "refs/remotes/far/kept")
	g.git("worktree", "add", "-q", g.path("tree"))
	g.git("stash", "list")
	g.git("pack-refs", "--all")
	g.git("branch", "-D", "packed")
	refs, _ := g.open().Refs()
	if lost := g.open().LostRefs(refs); len(lost) > 0 {
		t.Errorf("git took these away: %v", lost)
	}
	g.git("update-ref", "refs/heads/file", "HEAD~1")
	g.write(".git/packed-refs", dropLine(g.read(".git/packed-refs"), " refs/heads/line"))
	g.write(".git/packed-refs", dropLine(g.read(".git/packed-refs"), " refs/heads/file"))
	os.Remove(g.path(".git/refs/heads/file"))
	refs, _ = g.open().Refs()
	var names []string
	for _, p := range g.open().LostRefs(refs) {
		names = append(names, p.What)
	}
	if want := []string{"refs/heads/file", "refs/heads/line"}; !slices.Equal(names, want) {
		t.Errorf("lost %v, want %v", names, want)
	}
}

// TestLostInAnotherCase: where a disk knows no case, a log lies in the folder that was there.
func TestLostInAnotherCase(t *testing.T) {
	g := newRepo(t)
	g.git("branch", "feature/b")
	g.git("pack-refs", "--all")
	if err := os.Rename(g.path(".git/logs/refs/heads/feature"), g.path(".git/logs/refs/heads/Feature")); err != nil {
		t.Fatal(err)
	}
	for _, knowsNoCase := range []string{"false", "true"} {
		g.git("config", "core.ignoreCase", knowsNoCase)
		refs, _ := g.open().Refs()
		if lost := g.open().LostRefs(refs); (len(lost) == 0) != (knowsNoCase == "true") {
			t.Errorf("core.ignoreCase %s: lost %v", knowsNoCase, lost)
		}
	}
}

func dropLine(text, end string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(strings.TrimSpace(line), end) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestStashLog: what git does to the stash's reflog is no problem, and a line
// that is missing or joined to another is one.
func TestStashLog(t *testing.T) {
	g := newRepo(t)
	for _, text := range []string{"1", "2", "3", "4"} {
		g.write("a.txt", text)
		g.git("stash", "-q")
	}
	const file = ".git/logs/refs/stash"
	count := func(what string, stashes, problems int) {
		t.Helper()
		refs, found := g.open().Refs()
		n := 0
		for _, ref := range refs {
			if strings.HasPrefix(ref.Name, "stash@{") {
				n++
			}
		}
		if n != stashes || len(found) != problems {
			t.Errorf("%s: %d stashes, want %d; problems %v, want %d", what, n, stashes, found, problems)
		}
	}
	count("whole", 4, 0)
	whole := g.read(file)
	lines := strings.SplitAfter(whole, "\n")
	for i := range 4 {
		rest := slices.Delete(slices.Clone(lines), i, i+1)
		g.write(file, strings.Join(rest, ""))
		want := 1
		if i == 0 {
			want = 0 // as "git reflog expire" leaves it
		}
		count("a line is missing", 3, want)
	}
	for i := range 3 {
		g.write(file, strings.Join(lines[:i], "")+strings.TrimSuffix(lines[i], "\n")+"\x0b"+strings.Join(lines[i+1:], ""))
		count("two lines are one", 3, 1)
	}
	g.write(file, whole)
	g.git("stash", "drop", "-q", "stash@{2}")
	count("one was dropped in the middle", 3, 0)
	g.git("stash", "drop", "-q")
	count("the newest was dropped", 2, 0)
	g.git("reflog", "expire", "--expire=now", "refs/stash")
	count("git forgot them all", 0, 0)
}
