package repo

import (
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// gitFolder is a folder in which the tests run the real git, the oracle.
type gitFolder struct {
	t   testing.TB
	dir string
	env []string
}

// newFolder makes an empty folder whose path holds no symbolic links.
func newFolder(t testing.TB) gitFolder {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return gitFolder{t: t, dir: dir}
}

// newRepo makes a repository with two commits. It is a copy of one that is made
// once, since starting git is what the tests spend their time on.
func newRepo(t testing.TB) gitFolder {
	t.Helper()
	g := newFolder(t)
	if err := os.CopyFS(g.dir, template(t)); err != nil {
		t.Fatal(err)
	}
	return g
}

var (
	templateOnce  sync.Once
	templateFiles = fstest.MapFS{}
)

func template(t testing.TB) fs.FS {
	templateOnce.Do(func() {
		g := newFolder(t)
		g.git("init", "-q", "--template=")
		g.write("a.txt", "one\n")
		g.write("dir/b.txt", "two\n")
		g.commit("first")
		g.write("dir/sub/c.txt", "three\n")
		g.commit("second")
		err := fs.WalkDir(os.DirFS(g.dir), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				templateFiles[path] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
				return err
			}
			data, err := os.ReadFile(g.path(path))
			templateFiles[path] = &fstest.MapFile{Data: data, Mode: 0o644}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	return templateFiles
}

func (g gitFolder) at(elem ...string) gitFolder {
	g.dir = g.path(elem...)
	return g
}

func (g gitFolder) path(elem ...string) string {
	return filepath.Join(append([]string{g.dir}, elem...)...)
}

func (g gitFolder) write(name, content string) {
	g.t.Helper()
	file := g.path(filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

func (g gitFolder) read(name string) string {
	g.t.Helper()
	data, err := os.ReadFile(g.path(filepath.FromSlash(name)))
	if err != nil {
		g.t.Fatal(err)
	}
	return string(data)
}

func (g gitFolder) commit(message string) {
	g.t.Helper()
	g.git("add", "-A")
	g.git("commit", "-q", "--allow-empty", "-m", message)
}

// run runs git and gives what it prints.
func (g gitFolder) run(args ...string) (string, error) {
	return g.runFrom(nil, args...)
}

func (g gitFolder) runFrom(stdin io.Reader, args ...string) (string, error) {
	settings := []string{
		"-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main",
		"-c", "protocol.file.allow=always", "-c", "gc.auto=0", "-c", "advice.detachedHead=false", "-c", "core.fsync=none",
	}
	cmd := exec.Command("git", append(settings, args...)...)
	cmd.Dir = g.dir
	cmd.Stdin = stdin
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
		"GIT_AUTHOR_DATE=1700000000 +0000", "GIT_COMMITTER_DATE=1700000000 +0000")
	cmd.Env = append(cmd.Env, g.env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return stderr.String(), err
	}
	return string(out), nil
}

func (g gitFolder) git(args ...string) string {
	g.t.Helper()
	out, err := g.run(args...)
	if err != nil {
		g.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSuffix(out, "\n")
}

func (g gitFolder) gitFrom(stdin io.Reader, args ...string) {
	g.t.Helper()
	if out, err := g.runFrom(stdin, args...); err != nil {
		g.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (g gitFolder) open() *Repo {
	g.t.Helper()
	return g.openWith(Options{})
}

func (g gitFolder) openWith(opt Options) *Repo {
	g.t.Helper()
	if opt.Path == "" {
		opt.Path = g.dir
	}
	r, err := Open(opt)
	if err != nil {
		g.t.Fatal(err)
	}
	return r
}
