package repo

import (
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// wantRefs asks git for what "rev-list --all" starts from in this worktree.
func (g gitFolder) wantRefs() []string {
	var list []string
	if out := g.git("for-each-ref", "--format=%(refname) %(objectname)"); out != "" {
		list = strings.Split(out, "\n")
	}
	if id, err := g.run("rev-parse", "-q", "--verify", "HEAD"); err == nil {
		list = append(list, "HEAD "+strings.TrimSpace(id))
	}
	sort.Strings(list)
	return list
}

// ours lists the refs of this worktree and the shared ones that are not Extra.
func ours(refs []Ref) []string {
	var list []string
	for _, ref := range refs {
		if !ref.Extra && ref.Worktree == "" {
			list = append(list, ref.Name+" "+ref.Target.String())
		}
	}
	return list
}

func extras(refs []Ref) []string {
	var list []string
	for _, ref := range refs {
		if ref.Extra || ref.Worktree != "" {
			list = append(list, fmt.Sprintf("%s %s %v", ref.Name, ref.Target.String()[:7], ref.Extra))
		}
	}
	return list
}

func (g gitFolder) compareRefs() []Ref {
	g.t.Helper()
	refs, problems := g.open().Refs()
	if got, want := ours(refs), g.wantRefs(); !slices.Equal(got, want) {
		g.t.Errorf("got\n%s\ngit has\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(problems) > 0 {
		g.t.Errorf("problems %v", problems)
	}
	return refs
}

func TestRefsAgainstGit(t *testing.T) {
	g := newRepo(t)
	g.compareRefs()
	g.git("tag", "light")
	g.git("tag", "-a", "heavy", "-m", "x")
	g.git("branch", "deep/er/est", "HEAD~1")
	g.git("notes", "add", "-m", "note")
	g.git("update-ref", "refs/odd/thing", "HEAD:a.txt")
	g.git("update-ref", "refs/bisect/bad", "HEAD~1")
	g.git("symbolic-ref", "refs/remotes/o/HEAD", "refs/heads/main")
	g.git("symbolic-ref", "refs/heads/dangling", "refs/heads/none")
	kinds := map[RefKind]int{}
	for _, ref := range g.compareRefs() {
		kinds[ref.Kind]++
	}
	if kinds[Branch] != 2 || kinds[Tag] != 2 || kinds[Note] != 1 || kinds[Remote] != 1 || kinds[Head] != 1 || kinds[Other] != 2 {
		t.Errorf("kinds %v", kinds)
	}
	g.git("pack-refs", "--all")
	g.compareRefs()
	// Loose wins over packed; a lock and a hidden file are no refs.
	g.git("update-ref", "refs/heads/deep/er/est", "HEAD")
	g.write(".git/refs/heads/x.lock", "")
	g.write(".git/refs/heads/.hidden", "")
	g.compareRefs()
	g.git("checkout", "-q", "--detach", "HEAD~1")
	g.compareRefs()
	if _, name, born, err := g.open().Head(); name != "" || !born || err != nil {
		t.Errorf("detached head: %q %v %v", name, born, err)
	}
}

func TestRefsOfAnEmptyRepository(t *testing.T) {
	g := newFolder(t)
	g.git("init", "-q")
	if refs := g.compareRefs(); len(refs) != 0 {
		t.Errorf("refs %v", refs)
	}
	id, name, born, err := g.open().Head()
	if !id.IsZero() || name != "refs/heads/main" || born || err != nil {
		t.Errorf("head %v %q %v %v", id, name, born, err)
	}
}

func TestHeadReadsPackedRefs(t *testing.T) {
	g := newRepo(t)
	g.git("tag", "-a", "heavy", "-m", "x")
	g.git("branch", "main2")
	g.git("pack-refs", "--all", "--prune")
	id, name, born, err := g.open().Head()
	if id.String() != g.git("rev-parse", "HEAD") || name != "refs/heads/main" || !born || err != nil {
		t.Errorf("head %v %q %v %v", id, name, born, err)
	}
}

func TestRefsExtra(t *testing.T) {
	g := newRepo(t)
	head := g.git("rev-parse", "HEAD")[:7]
	var stashes []string
	for i := range 3 {
		g.write("a.txt", fmt.Sprint("stash", i))
		g.git("stash", "-q")
		stashes = append(stashes, g.git("rev-parse", "refs/stash")[:7])
	}
	g.git("stash", "drop", "-q", "stash@{1}")
	g.write(".git/FETCH_HEAD", g.git("rev-parse", "HEAD")+"\tnot-for-merge\tbranch 'x' of /y\n"+g.git("rev-parse", "HEAD~1")+"\t\tbranch 'z' of /y\n")
	g.git("update-ref", "ORIG_HEAD", "HEAD")
	g.write(".git/refs/heads/main 2", g.git("rev-parse", "HEAD~1")+"\n")
	before := g.git("rev-parse", "HEAD~1")[:7]
	want := []string{
		"FETCH_HEAD " + head + " true", "FETCH_HEAD:2 " + before + " true", "ORIG_HEAD " + head + " true",
		"refs/heads/main 2 " + before + " true",
		"stash@{0} " + stashes[2] + " true", "stash@{1} " + stashes[0] + " true",
	}
	if got := extras(g.compareRefs()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRefsOfWorktrees(t *testing.T) {
	g := newRepo(t)
	head, before := g.git("rev-parse", "HEAD")[:7], g.git("rev-parse", "HEAD~1")[:7]
	g.git("worktree", "add", "-q", "--detach", g.path("one"), "HEAD~1")
	g.git("worktree", "add", "-q", g.path("two"), "-b", "two")
	g.at("one").git("update-ref", "refs/bisect/good", "HEAD")
	g.git("update-ref", "refs/worktree/mine", "HEAD")
	g.git("pack-refs", "--all")
	want := []string{
		"worktrees/one/HEAD " + before + " false", "worktrees/one/ORIG_HEAD " + before + " true", "worktrees/one/refs/bisect/good " + before + " true",
		"worktrees/two/HEAD " + head + " false", "worktrees/two/ORIG_HEAD " + head + " true",
	}
	if got := extras(g.compareRefs()); !slices.Equal(got, want) {
		t.Errorf("main: got %q, want %q", got, want)
	}
	want = []string{
		"ORIG_HEAD " + before + " true",
		"main-worktree/HEAD " + head + " false", "main-worktree/refs/worktree/mine " + head + " true",
		"worktrees/two/HEAD " + head + " false", "worktrees/two/ORIG_HEAD " + head + " true",
	}
	if got := extras(g.at("one").compareRefs()); !slices.Equal(got, want) {
		t.Errorf("one: got %q, want %q", got, want)
	}
}

func TestRefsProblems(t *testing.T) {
	tests := []struct {
		name, what, reason string
		spoil              func(gitFolder)
	}{
		{"empty", "refs/heads/x", "empty", func(g gitFolder) { g.write(".git/refs/heads/x", "") }},
		{"text", "refs/heads/x", "neither", func(g gitFolder) { g.write(".git/refs/heads/x", "zzz\n") }},
		{"zeros", "refs/heads/x", "zeros", func(g gitFolder) { g.write(".git/refs/heads/x", strings.Repeat("0", 40)+"\n") }},
		{"escape", "refs/heads/x", "out of the repository", func(g gitFolder) { g.write(".git/refs/heads/x", "ref: refs/../config\n") }},
		{"loop", "refs/heads/x", "loop", func(g gitFolder) { g.write(".git/refs/heads/x", "ref: refs/heads/x\n") }},
		{"chain", "refs/heads/x0", "loop", func(g gitFolder) {
			for i := range 5 {
				g.write(fmt.Sprint(".git/refs/heads/x", i), fmt.Sprintf("ref: refs/heads/x%d\n", i+1))
			}
			g.write(".git/refs/heads/x5", g.git("rev-parse", "main"))
		}},
		{"packed", "packed-refs", "2 lines are not refs, the first is line 2", func(g gitFolder) {
			id := g.git("rev-parse", "HEAD")
			g.write(".git/packed-refs", "# pack-refs with: peeled\nwhat\n"+id+" refs/heads/fine\n"+id+" refs/../../x\n")
		}},
		{"folder link", "refs/heads/up", "symbolic link", func(g gitFolder) { os.Symlink("..", g.path(".git/refs/heads/up")) }},
		{"worktree", "worktrees/w/HEAD", "no such file", func(g gitFolder) { g.write(".git/worktrees/w/gitdir", "x") }},
		{"pseudo", "ORIG_HEAD", "neither", func(g gitFolder) { g.write(".git/ORIG_HEAD", "ref: refs/heads/main") }},
		{"stash", "stash", "line 1 names no stash", func(g gitFolder) { g.write(".git/logs/refs/stash", "x\n") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newRepo(t)
			tt.spoil(g)
			refs, problems := g.open().Refs()
			if len(problems) != 1 || !strings.HasSuffix(problems[0].What, tt.what) || !strings.Contains(problems[0].Reason, tt.reason) {
				t.Errorf("problems %v", problems)
			}
			if !slices.ContainsFunc(refs, func(r Ref) bool { return r.Name == "refs/heads/main" }) {
				t.Errorf("the sound refs are gone: %v", refs)
			}
		})
	}
}

func TestRefsOldSymbolicLink(t *testing.T) {
	g := newRepo(t)
	os.Remove(g.path(".git/HEAD"))
	if err := os.Symlink("refs/heads/main", g.path(".git/HEAD")); err != nil {
		t.Skip(err)
	}
	g.compareRefs()
}

func TestRefNames(t *testing.T) {
	g := newFolder(t)
	names := []string{
		"refs/heads/a", "refs/heads/a b", "refs/heads/.a", "refs/heads/a.", "refs/heads/a..b", "refs/heads/a.lock", "refs/heads/a.lock/b",
		"refs/heads/a~", "refs/heads/a^", "refs/heads/a:", "refs/heads/a?", "refs/heads/a*", "refs/heads/a[", "refs/heads/a\\", "refs/heads/@", "refs/heads/@{", "refs/heads/a@{b",
		"refs/heads//a", "refs/heads/a/", "/refs/a", "refs/heads/\x7f", "refs/heads/\x01", "refs/heads/é", "@",
	}
	for _, name := range names {
		_, err := g.run("check-ref-format", "--allow-onelevel", name)
		if got := validRefName(name); got != (err == nil) {
			t.Errorf("validRefName(%q) = %v", name, got)
		}
	}
	for name, want := range map[string]bool{"refs/a": true, "refs/a b": true, "refs/../a": false, "refs/a/../b": false, "refs/": false, "refs/a//b": false,
		"refs/a/": false, "refs/a\x00": false, "HEAD": true, "ORIG_HEAD": true, "config": false, "": false, "worktrees/x/HEAD": false} {
		if isSafeRefName(name) != want {
			t.Errorf("isSafeRefName(%q) = %v", name, !want)
		}
	}
}

func FuzzPackedRefs(f *testing.F) {
	id := strings.Repeat("ab", 20)
	f.Add("# pack-refs with: peeled fully-peeled sorted \n" + id + " refs/heads/a\n" + id + " refs/tags/b\n^" + id + "\n")
	f.Add(id + " refs/../x\n" + id)
	f.Fuzz(func(t *testing.T, text string) {
		seen := map[string][]plumbing.Hash{}
		broken, first := parsePackedRefs([]byte(text), func(name []byte, id plumbing.Hash) {
			if !isPackedName(string(name)) || id.IsZero() {
				t.Errorf("ref %q %v", name, id)
			}
			seen[string(name)] = append(seen[string(name)], id)
		})
		if (broken == 0) != (first == 0) || first > strings.Count(text, "\n")+1 {
			t.Errorf("%d broken, first %d", broken, first)
		}
		for name, ids := range seen {
			if id, ok := packedRef([]byte(text), name); !ok || id != ids[0] {
				t.Errorf("packedRef(%q) = %v %v, want %v", name, id, ok, ids[0])
			}
		}
	})
}

func FuzzRef(f *testing.F) {
	f.Add("ref: refs/heads/main\n")
	f.Add(strings.Repeat("ab", 20) + "\n")
	f.Add(strings.Repeat("ab", 32) + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseRef([]byte(text))
		if err == nil && v.id.IsZero() == (v.link == "") {
			t.Errorf("%+v", v)
		}
		if v.link != "" && !isSafeRefName(v.link) {
			t.Errorf("unsafe %q", v.link)
		}
	})
}
