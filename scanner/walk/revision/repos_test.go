package revision

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/fixtures"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// try runs git in the bare repository dir.
func try(dir, stdin string, args ...string) (string, error) {
	vars := append(fixtures.Author(), "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_DIR=.",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*")
	out, err := fixtures.Git(dir, stdin, vars, args...)
	return strings.TrimSpace(string(out)), err
}

func git(t testing.TB, dir, stdin string, args ...string) string {
	t.Helper()
	out, err := try(dir, stdin, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// opened is a repository with its parser.
func opened(t testing.TB, dir string) *Parser {
	t.Helper()
	r, err := repo.Open(repo.Options{Path: dir, GitDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	s := store.Open(r.ObjectDirs)
	t.Cleanup(func() { s.Close() })
	return &Parser{Repo: r, Objects: s}
}

// randomRepo makes a bare repository of some 40 commits: branches b0 to b3 with
// merges, several roots, contents that come back and move, tags of everything.
// If clocks are wrong, commits are now and then older than their parents.
func randomRepo(t testing.TB, seed uint64, wrong bool) string {
	t.Helper()
	return repoOf(t, seed, wrong, 25)
}

// repoOf is randomRepo with so many contents of files.
func repoOf(t testing.TB, seed uint64, wrong bool, contents int) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	dir := t.TempDir()
	git(t, dir, "", "init", "-q", "--bare", "--initial-branch=b0", ".")
	var out strings.Builder
	data := func(text string) { fmt.Fprintf(&out, "data %d\n%s\n", len(text), text) }
	known := map[string]bool{}
	clock := 1000
	for n := range 40 {
		b := fmt.Sprintf("refs/heads/b%d", rng.IntN(4))
		clock += rng.IntN(3)
		if wrong {
			clock += rng.IntN(60) - 30
		}
		fmt.Fprintf(&out, "commit %s\nmark :%d\ncommitter A <a@example.com> %d +0000\n", b, n+1, max(clock, 1))
		data(fmt.Sprintf("message %d", n))
		if !known[b] && n > 0 && rng.IntN(4) > 0 {
			fmt.Fprintf(&out, "from :%d\n", 1+rng.IntN(n))
		}
		known[b] = true
		if n > 2 && rng.IntN(3) == 0 {
			fmt.Fprintf(&out, "merge :%d\n", 1+rng.IntN(n))
		}
		for range rng.IntN(3) { // none at times: a commit with its parent's tree
			path := []string{"f", "dir/f", "dir/sub/f", "other/x/f", "moved/f"}[rng.IntN(5)]
			switch rng.IntN(6) {
			case 0:
				fmt.Fprintf(&out, "D %s\n", path)
			case 1:
				fmt.Fprintf(&out, "M 160000 %040x module\n", rng.Uint64())
			default: // few contents, so that they come back and stand elsewhere
				fmt.Fprintf(&out, "M 100644 inline %s\n", path)
				data(strings.Repeat(fmt.Sprintf("content %d\n", rng.IntN(contents)), 20))
			}
		}
	}
	for i := range 6 {
		fmt.Fprintf(&out, "reset refs/tags/light%d\nfrom :%d\n\n", i, 1+rng.IntN(40))
	}
	git(t, dir, out.String(), "-c", fmt.Sprintf("fastimport.unpackLimit=%d", rng.IntN(2)*100000), "fast-import", "--quiet", "--force")
	tag := func(object, typ, name string) string {
		h := git(t, dir, fmt.Sprintf("object %s\ntype %s\ntag %s\ntagger A <a@example.com> 5 +0000\n\nm\n", object, typ, name), "mktag")
		git(t, dir, "", "update-ref", "refs/tags/"+name, h)
		return h
	}
	commit := git(t, dir, "", "rev-parse", "light0")
	tag(tag(commit, "commit", "inner"), "tag", "outer")
	tag(git(t, dir, "", "rev-parse", "light1^{tree}"), "tree", "tree")
	tag(git(t, dir, "a blob of a tag", "hash-object", "-w", "--stdin"), "blob", "blob")
	git(t, dir, "", "update-ref", "refs/remotes/origin/b0", git(t, dir, "", "rev-parse", "light2"))
	git(t, dir, "", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/b0")
	git(t, dir, "", "config", "branch.b0.remote", "origin")
	git(t, dir, "", "config", "branch.b0.merge", "refs/heads/b0")
	git(t, dir, "", "config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
	git(t, dir, "", "config", "remote.origin.url", "nowhere")
	if !known["refs/heads/b0"] {
		git(t, dir, "", "update-ref", "refs/heads/b0", commit)
	}
	if rng.IntN(2) == 0 {
		git(t, dir, "", "pack-refs", "--all")
	}
	return dir
}

func hashes(text string) []plumbing.Hash {
	var list []plumbing.Hash
	for _, word := range strings.Fields(text) {
		list = append(list, plumbing.NewHash(word))
	}
	return list
}
