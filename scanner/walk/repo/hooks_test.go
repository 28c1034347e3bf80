package repo

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestHooksDir compares the hooks folder with the one that git names.
func TestHooksDir(t *testing.T) {
	home := t.TempDir()
	dir := filepath.Join(home, "work")
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
		cmd.Env = append(os.Environ(), "HOME="+home, "GIT_CONFIG_NOSYSTEM=1", "XDG_CONFIG_HOME="+filepath.Join(home, "xdg"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if err := os.MkdirAll(filepath.Join(home, "xdg", "git"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	git("init", "-q")
	configs := []string{filepath.Join(home, "xdg", "git", "config"), filepath.Join(home, ".gitconfig")}
	check := func(what string) {
		t.Helper()
		want := git("rev-parse", "--git-path", "hooks")
		if !filepath.IsAbs(want) {
			want = filepath.Join(dir, want)
		}
		r, err := Open(Options{Path: dir})
		if err != nil {
			t.Fatal(err)
		}
		got, includes, err := r.HooksDir(configs, home)
		if err != nil || includes || got != filepath.Clean(want) {
			t.Errorf("%s: %s, %v; git says %s", what, got, err, want)
		}
	}
	check("nothing set")
	for i, path := range []string{"~/xdg-hooks", filepath.Join(home, "abs hooks")} {
		if err := os.WriteFile(configs[i], []byte("[core]\n\thooksPath = \""+path+"\"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		check(path)
	}
	git("config", "core.hooksPath", ".husky/_")
	check("relative, in the repository")
	if err := os.WriteFile(configs[1], []byte("[core\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Open(Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	own, _, _ := r.HooksDir(configs, home)
	if own != filepath.Join(dir, ".husky/_") {
		t.Errorf("the repository's own setting does not win: %s", own)
	}
	if err := os.WriteFile(configs[1], []byte("[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"~", "~other/hooks", "%(prefix)/etc/hooks"} {
		git("config", "core.hooksPath", path)
		if r, err = Open(Options{Path: dir}); err != nil {
			t.Fatal(err)
		}
		if at, _, err := r.HooksDir(configs, home); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s is taken for %s, %v", path, at, err)
		}
	}
	git("config", "core.hooksPath", "~/hooks")
	if r, err = Open(Options{Path: dir}); err != nil {
		t.Fatal(err)
	}
	if at, _, err := r.HooksDir(configs, ""); err == nil {
		t.Errorf("without a home, ~/hooks is taken for %s", at)
	}
	git("config", "--unset", "core.hooksPath")
	if r, err = Open(Options{Path: dir}); err != nil {
		t.Fatal(err)
	}
	if _, includes, err := r.HooksDir(configs, home); !includes || err != nil {
		t.Errorf("a file that is included is not told: %v", err)
	}
}
