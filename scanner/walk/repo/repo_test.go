package repo

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOpenFindsTheRepositoryFromEveryPlace(t *testing.T) {
	g := newRepo(t)
	for _, start := range []string{".", "dir", "dir/sub", ".git", ".git/objects"} {
		r, err := Open(Options{Path: g.path(start)})
		if err != nil {
			t.Errorf("%s: %v", start, err)
			continue
		}
		if r.GitDir != g.path(".git") || r.CommonDir != r.GitDir || r.Bare || r.WorkTree != g.dir {
			t.Errorf("%s: %+v", start, r)
		}
	}
	// Folders and files that only look like parts of a repository.
	g.write("dir/sub/commondir", "")
	g.write("dir/sub/objects/x", "")
	g.write("dir/sub/refs/x", "")
	if r := g.openWith(Options{Path: g.path("dir/sub")}); r.WorkTree != g.dir {
		t.Errorf("from a folder with a strange name: %+v", r)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(g.path("dir"), link); err != nil {
		t.Skip(err)
	}
	if r := g.openWith(Options{Path: link}); r.WorkTree != g.dir {
		t.Errorf("from a link: %+v", r)
	}
}

func TestOpenBare(t *testing.T) {
	g := newRepo(t)
	bare := g.path("..", filepath.Base(g.dir)+"-bare.git")
	g.git("clone", "-q", "--bare", ".", bare)
	t.Cleanup(func() { os.RemoveAll(bare) })
	for _, start := range []string{"", "refs/heads"} {
		r := g.openWith(Options{Path: filepath.Join(bare, start)})
		if !r.Bare || r.WorkTree != "" || r.GitDir != bare {
			t.Errorf("%+v", r)
		}
	}
	if got := g.openWith(Options{Path: bare}).Remotes(); !slices.Equal(got, []string{"origin"}) {
		t.Errorf("remotes %q", got)
	}
}

func TestOpenLinkedWorktree(t *testing.T) {
	g := newRepo(t)
	g.git("worktree", "add", "-q", g.path("wt"), "-b", "side")
	w := g.at("wt")
	for _, r := range []*Repo{w.open(), g.openWith(Options{Path: g.path(".git/worktrees/wt")}), g.openWith(Options{Path: g.path("wt/.git")})} {
		if r.GitDir != g.path(".git/worktrees/wt") || r.CommonDir != g.path(".git") || r.WorkTree != w.dir {
			t.Errorf("%+v", r)
		}
		if _, name, born, err := r.Head(); name != "refs/heads/side" || !born || err != nil {
			t.Errorf("head %q %v %v", name, born, err)
		}
	}
	// A bare repository with worktrees: core.bare speaks of the main one only.
	g.git("config", "core.bare", "true")
	if r := w.open(); r.Bare || r.WorkTree != w.dir {
		t.Errorf("worktree of a bare repository: %+v", r)
	}
	if r := g.open(); !r.Bare {
		t.Errorf("main: %+v", r)
	}
}

func TestOpenWorktreeConfig(t *testing.T) {
	g := newRepo(t)
	g.git("sparse-checkout", "set", "dir")
	if g.git("config", "extensions.worktreeConfig") != "true" {
		t.Fatal("git did not set the extension")
	}
	g.open()
	g.git("config", "--worktree", "core.bare", "true")
	if r := g.open(); !r.Bare {
		t.Error("config.worktree was not read")
	}
}

func TestOpenSubmodule(t *testing.T) {
	sub, g := newRepo(t), newRepo(t)
	g.git("submodule", "--quiet", "add", sub.dir, "mod")
	r := g.openWith(Options{Path: g.path("mod", "dir")})
	if r.GitDir != g.path(".git/modules/mod") || r.WorkTree != g.path("mod") || r.Bare {
		t.Errorf("%+v", r)
	}
	// From its git folder only core.worktree, which is relative, can tell.
	if r := g.openWith(Options{Path: g.path(".git/modules/mod")}); r.WorkTree != g.path("mod") {
		t.Errorf("%+v", r)
	}
}

func TestOpenEnvironment(t *testing.T) {
	g, other := newRepo(t), newFolder(t)
	r := other.openWith(Options{GitDir: g.path(".git")})
	if r.GitDir != g.path(".git") || r.WorkTree != other.dir {
		t.Errorf("GIT_DIR: %+v", r)
	}
	r = g.openWith(Options{Path: g.path("dir"), GitDir: "../.git", WorkTree: ".."})
	if r.GitDir != g.path(".git") || r.WorkTree != g.dir {
		t.Errorf("relative GIT_DIR: %+v", r)
	}
	if r := g.openWith(Options{WorkTree: other.dir}); r.WorkTree != other.dir {
		t.Errorf("GIT_WORK_TREE: %+v", r)
	}
	if err := os.MkdirAll(other.path("incoming"), 0o755); err != nil {
		t.Fatal(err)
	}
	r = g.openWith(Options{ObjectDirectory: other.path("incoming"), AlternateObjectDirectories: SplitAlternates(g.path(".git/objects"))})
	if want := []string{other.path("incoming"), g.path(".git/objects")}; !slices.Equal(r.ObjectDirs, want) {
		t.Errorf("quarantine: %q", r.ObjectDirs)
	}
	if _, err := Open(Options{Path: g.dir, ObjectDirectory: "gone"}); err == nil || !strings.Contains(err.Error(), "GIT_OBJECT_DIRECTORY") {
		t.Errorf("wrong GIT_OBJECT_DIRECTORY: %v", err)
	}
	if _, err := Open(Options{Path: g.dir, GitDir: other.dir}); err == nil || !strings.Contains(err.Error(), "GIT_DIR") {
		t.Errorf("wrong GIT_DIR: %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	config := func(lines string) func(gitFolder) {
		return func(g gitFolder) { g.write(".git/config", lines) }
	}
	v1 := "[core]\nrepositoryformatversion = 1\n[extensions]\n"
	tests := []struct {
		name, want string
		spoil      func(gitFolder)
	}{
		{"no repository", "is not a git repository (nor any parent folder): run it inside one, or give the path", func(g gitFolder) { os.RemoveAll(g.path(".git")) }},
		{"sha256", "SHA-256", func(g gitFolder) { os.RemoveAll(g.path(".git")); g.git("init", "-q", "--object-format=sha256") }},
		{"sha256 detached", "SHA-256", func(g gitFolder) {
			os.RemoveAll(g.path(".git"))
			g.git("init", "-q", "--object-format=sha256")
			g.commit("x")
			g.git("checkout", "-q", "--detach")
		}},
		{"reftable", "reftable", config(v1 + "refstorage = reftable\n")},
		{"other object format", "sha512", config(v1 + "objectformat = sha512\n")},
		{"unknown extension", `extension "frob"`, config(v1 + "frob = 1\n")},
		{"v1 extension in v0", "extensions.noop-v1", config("[core]\nrepositoryformatversion = 0\n[extensions]\nnoop-v1 = 1\n")},
		{"version 2", `format version "2"`, config("[core]\nrepositoryformatversion = 2\n")},
		{"broken config", "line 3 is not valid", config("[core]\nbare = false\n?\n")},
		{"empty head", "HEAD cannot be read (it is empty", func(g gitFolder) { g.write(".git/HEAD", "") }},
		{"odd head", "HEAD cannot be read (it holds neither", func(g gitFolder) { g.write(".git/HEAD", "what\n") }},
		{"no head", "HEAD cannot be read", func(g gitFolder) { os.Remove(g.path(".git/HEAD")) }},
		{"git file to nowhere", "which is not a git repository", func(g gitFolder) { os.RemoveAll(g.path(".git")); g.write(".git", "gitdir: gone\n") }},
		{"git file of another kind", "is not a .git file", func(g gitFolder) { os.RemoveAll(g.path(".git")); g.write(".git", "hello\n") }},
		{"no such path", "no such file", func(g gitFolder) { os.RemoveAll(g.dir) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newRepo(t)
			tt.spoil(g)
			_, err := Open(Options{Path: g.dir})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	g := newRepo(t)
	if _, err := Open(Options{Path: g.path("a.txt")}); err == nil || !strings.Contains(err.Error(), "give the repository's folder") {
		t.Errorf("a file: %v", err)
	}
}

func TestOpenHarmlessExtensions(t *testing.T) {
	g := newRepo(t)
	lines := "[core]\nrepositoryformatversion = 1\n[extensions]\nnoop = 1\nnoop-v1 = 1\npreciousObjects = true\nobjectFormat = sha1\nrefStorage = files\nrelativeWorktrees = true\ncompatObjectFormat = sha256\n"
	g.write(".git/config", lines)
	g.open()
	g.write(".git/config", "[core]\nrepositoryformatversion = 0\n[extensions]\nfrob = 1\n")
	g.open()
	if g.git("rev-parse", "HEAD") == "" {
		t.Error("git disagrees: version 0 ignores what it does not know")
	}
	os.Remove(g.path(".git/config"))
	g.open()
}

func TestShallowAndPromisor(t *testing.T) {
	g := newRepo(t)
	g.git("config", "uploadpack.allowFilter", "true")
	if r := g.open(); r.Shallow != nil || r.Promisor {
		t.Errorf("plain: %+v", r)
	}
	out := newFolder(t)
	out.git("clone", "-q", "--depth=1", "file://"+g.dir, "shallow")
	r := out.at("shallow").open()
	if len(r.Shallow) != 1 || r.Shallow[0].String() != g.git("rev-parse", "HEAD") || r.Promisor {
		t.Errorf("shallow: %+v", r)
	}
	out.at("shallow").write(".git/shallow", "junk\n")
	if r := out.at("shallow").open(); len(r.Problems) != 1 {
		t.Errorf("broken shallow: %+v", r.Problems)
	}
	out.git("clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+g.dir, "partial")
	p := out.at("partial")
	if r := p.open(); !r.Promisor {
		t.Error("partial clone not seen")
	}
	// Without its configuration the pack still says so.
	p.write(".git/config", "")
	if r := p.open(); !r.Promisor {
		t.Error("promisor pack not seen")
	}
}
