package scanner

import (
	"context"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyrake/fixtures"
	"keyrake/rules"
)

// TestPublishSendsWhatGitSends makes refs of all kinds and pushes them.
func TestPublishSendsWhatGitSends(t *testing.T) {
	m := &mutator{t, fixtures.New(t.TempDir()), rand.New(rand.NewPCG(1, 31)), 0}
	mirror := t.TempDir()
	must := func(args ...string) {
		t.Helper()
		if err := m.Builder.Run("git", args...); err != nil {
			t.Fatal(err)
		}
	}
	must("init", "-q")
	for range 4 {
		m.commit()
	}
	for _, name := range []string{
		"refs/odd/x", "refs/one", "refs/bisect/bad", "refs/worktree/y", "refs/rewritten/z", "refs/pull/1/head", "refs/notes/other", "refs/remotes/origin/main",
		"refs/tags/deep/er/light", "refs/heads/a/b", "refs/original/refs/heads/main",
	} {
		must("update-ref", name, "HEAD~1")
	}
	must("update-ref", "refs/odd/tree", "HEAD^{tree}")
	must("update-ref", "refs/odd/blob", "HEAD:"+firstPath(t, m.Dir))
	must("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	must("symbolic-ref", "refs/heads/dangling", "refs/heads/nowhere")
	must("worktree", "add", "-q", "--detach", filepath.Join(t.TempDir(), "linked"))
	must("tag", "-a", "-m", "m", "v1")
	m.run("append", "a.txt", "more")
	must("stash", "push", "-q", "-u")
	must("init", "-q", "--bare", mirror)
	must("push", "-q", "--mirror", mirror)
	sent := strings.Fields(output(t, mirror, "for-each-ref", "--format=%(refname)=%(objectname)"))
	r, err := History(context.Background(), Options{Rules: rules.Builtin(), Publish: &PublishOptions{}}, GitEnv{Path: m.Dir})
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, ref := range r.Publish.Refs {
		listed = append(listed, ref.Name+"="+ref.Object)
	}
	slices.Sort(sent)
	slices.Sort(listed)
	if !slices.Equal(sent, listed) {
		t.Errorf("git sends\n%s\nlisted is\n%s", strings.Join(sent, "\n"), strings.Join(listed, "\n"))
	}
	// What they reach is what the mirror holds.
	all := len(strings.Fields(output(t, mirror, "rev-list", "--objects", "--no-object-names", "--all")))
	c := r.Publish.All
	if n := c.Commits.Read + c.Trees.Read + c.Blobs.Read + c.Tags.Read; n != all || c != r.Publish.New {
		t.Errorf("%d objects are told, the mirror has %d", n, all)
	}
}

func firstPath(t *testing.T, dir string) string {
	return strings.Fields(output(t, dir, "ls-tree", "-r", "--name-only", "HEAD"))[0]
}

func output(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", dir, "-c", "core.quotePath=false"}, args...)...).Output()
	if err != nil {
		t.Fatalf("git %v: %v", args, err)
	}
	return string(out)
}
