package staged

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/repo"
)

// gitFolder is a folder in which the tests run the real git, the oracle.
type gitFolder struct {
	t   testing.TB
	dir string
}

func newRepo(t testing.TB) gitFolder {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g := gitFolder{t, dir}
	g.git("init", "-q", "--template=")
	return g
}

func (g gitFolder) write(name, content string) {
	g.t.Helper()
	file := filepath.Join(g.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

func (g gitFolder) run(stdin string, args ...string) (string, error) {
	settings := []string{"-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", "-c", "gc.auto=0", "-c", "core.fsync=none"}
	cmd := exec.Command("git", append(settings, args...)...)
	cmd.Dir = g.dir
	cmd.Stdin = strings.NewReader(stdin)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
		"GIT_AUTHOR_DATE=1700000000 +0000", "GIT_COMMITTER_DATE=1700000000 +0000")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, stderr.Bytes())
	}
	return string(out), err
}

func (g gitFolder) git(args ...string) string {
	g.t.Helper()
	return g.feed("", args...)
}

func (g gitFolder) feed(stdin string, args ...string) string {
	g.t.Helper()
	out, err := g.run(stdin, args...)
	if err != nil {
		g.t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSuffix(out, "\n")
}

func (g gitFolder) open() *repo.Repo {
	g.t.Helper()
	r, err := repo.Open(repo.Options{Path: g.dir})
	if err != nil {
		g.t.Fatal(err)
	}
	return r
}

// gitObjects reads objects from one "git cat-file --batch" and counts how often
// it is asked.
type gitObjects struct {
	in   io.WriteCloser
	out  *bufio.Reader
	gets int
}

func (g gitFolder) objects() *gitObjects {
	g.t.Helper()
	cmd := exec.Command("git", "cat-file", "--batch")
	cmd.Dir = g.dir
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &gitObjects{in: in, out: bufio.NewReader(out)}
}

func (o *gitObjects) GetProven(id plumbing.Hash) (plumbing.ObjectType, []byte, error) {
	o.gets++
	fmt.Fprintln(o.in, id)
	header, err := o.out.ReadString('\n')
	if err != nil {
		return 0, nil, err
	}
	var name, kindName string
	var size int
	if _, err := fmt.Sscan(header, &name, &kindName, &size); err != nil {
		return 0, nil, fmt.Errorf("git says %q", header)
	}
	kind, err := plumbing.ParseObjectType(kindName)
	content := make([]byte, size+1) // and the line end after it
	if err == nil {
		_, err = io.ReadFull(o.out, content)
	}
	return kind, content[:size], err
}
