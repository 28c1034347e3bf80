package worktree

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyrake/fixtures"
)

func git(t *testing.T, dir, stdin string, args ...string) []string {
	t.Helper()
	out, err := fixtures.Git(dir, stdin, nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 })
}

// onlyRegular keeps the paths that are regular files on disk, reached without a
// symbolic link.
func onlyRegular(dir string, list []string) []string {
	var out []string
	for _, p := range list {
		info, err := os.Lstat(filepath.Join(dir, p))
		if err == nil && info.Mode().IsRegular() && !behindLink(dir, p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// behindLink says whether a parent of path is a symbolic link.
func behindLink(top, path string) bool {
	for i, c := range path {
		if c != '/' {
			continue
		}
		if info, err := os.Lstat(filepath.Join(top, path[:i])); err == nil && info.Mode()&os.ModeSymlink != 0 {
			return true
		}
	}
	return false
}

var (
	treeNames    = []string{"a", "b", "c", "ab", "a.b", "a-b", "x.log", "y.log", "build", "a\nb", "\xff"}
	treePatterns = []string{"a", "b/", "*.log", "!x.log", "/build", "build/*", "!build/a", "**/c", "a/**", "!a/b/", "a/*/b", "*b", "!*", "/*/b", "a?b", "[!ax]", "build/", "!build/", "/a/b/*"}
)

func randomTree(t *testing.T, r *rand.Rand) (top string, files []string) {
	t.Helper()
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	top = build(t)
	for range 120 {
		parts := make([]string, 1+r.IntN(5))
		for i := range parts {
			parts[i] = pick(treeNames)
		}
		name := strings.Join(parts, "/")
		full := filepath.Join(top, name)
		if behindLink(top, name) || os.MkdirAll(filepath.Dir(full), 0o755) != nil {
			continue
		}
		if _, err := os.Lstat(full); err == nil {
			continue
		}
		switch r.IntN(12) {
		case 0:
			link(t, pick(treeNames), full)
		case 1, 2:
			lines := ""
			for range 1 + r.IntN(4) {
				lines += pick(treePatterns) + "\n"
			}
			put(t, top, filepath.Join(filepath.Dir(name), ".gitignore"), lines)
		default:
			put(t, top, name, name)
			files = append(files, name)
		}
	}
	return top, files
}

func TestAgainstLsFiles(t *testing.T) {
	yielded, left := 0, 0
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 9))
		top, files := randomTree(t, r)
		git(t, top, "", "init", "-q", "--template=", ".")
		global := filepath.Join(build(t), "global")
		git(t, top, "", "config", "core.excludesFile", global)
		put(t, filepath.Dir(global), "global", "a-b\n")
		put(t, top, ".git/info/exclude", "*.b\n!a.b\n/c\n")
		var add []string
		for _, f := range files {
			if r.IntN(4) == 0 {
				add = append(add, f)
			}
		}
		if len(add) > 0 {
			git(t, top, strings.Join(add, "\x00"), "add", "-f", "--pathspec-from-file=-", "--pathspec-file-nul")
		}
		for _, f := range add {
			if r.IntN(6) == 0 {
				os.Remove(filepath.Join(top, f))
			}
		}
		tracked := git(t, top, "", "ls-files", "-z", "--cached")
		opt := Options{Locate: func(string) (*Repository, error) {
			return &Repository{Root: top, Tracked: tracked, Exclude: filepath.Join(top, ".git/info/exclude"), ExcludesFile: global}, nil
		}}
		for _, sub := range []string{"", "a", "build", "ab/a"} {
			dir := filepath.Join(top, sub)
			if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
				continue
			}
			t.Chdir(dir)
			opt.Roots = []string{"."}
			got, res := collect(t, opt)
			if slices.ContainsFunc(res.Notes, func(s string) bool { return strings.Contains(s, "it was named") }) {
				continue
			}
			want := onlyRegular(dir, git(t, dir, "", "ls-files", "-z", "--cached", "--others", "--exclude-standard"))
			if !slices.Equal(paths(got), want) {
				t.Errorf("seed %d, root %q:\n got %q\nwant %q", seed, sub, paths(got), want)
			}
			yielded += len(got)
			left += res.Ignored
		}
	}
	t.Logf("%d files yielded, %d entries ignored", yielded, left)
	if yielded < 300 || left < 80 {
		t.Error("the test has lost its force")
	}
}

// benchTree makes a checkout of 5,500 files in 800 directories.
func benchTree(b *testing.B) (string, []string) {
	top := b.TempDir()
	var names []string
	for d := range 800 {
		dir := fmt.Sprintf("packages/p%d/src/d%d/e%d", d%20, d%160, d)
		if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
			b.Fatal(err)
		}
		for f := range 7 {
			name := fmt.Sprintf("%s/file%d.ts", dir, f)
			if err := os.WriteFile(filepath.Join(top, name), make([]byte, 3000), 0o644); err != nil {
				b.Fatal(err)
			}
			names = append(names, name)
		}
	}
	ignore := "node_modules/\ndist\n.env\n.env.*\n!.env.example\n*.log\n/coverage\npackages/*/dist\n**/.wrangler/state\n.turbo\ntmp*\n*.[oa]\n"
	if err := os.WriteFile(filepath.Join(top, ".gitignore"), []byte(ignore), 0o644); err != nil {
		b.Fatal(err)
	}
	slices.Sort(names)
	return top, names
}

// Run with: go test -run '^$' -bench . ./scanner/walk/worktree
func BenchmarkList(b *testing.B) {
	top, names := benchTree(b)
	opt := Options{Roots: []string{top}, Locate: func(string) (*Repository, error) {
		return &Repository{Root: top, Tracked: names}, nil
	}}
	b.ReportAllocs()
	for b.Loop() {
		res, err := Walk(b.Context(), opt, func(File) error { return nil })
		if err != nil || res.Files != 5601 {
			b.Fatal(res.Files, err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	top, _ := benchTree(b)
	var files []File
	if _, err := Walk(b.Context(), Options{Roots: []string{top}}, func(f File) error { files = append(files, f); return nil }); err != nil {
		b.Fatal(err)
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range files {
			var err error
			if buf, err = f.Read(buf); err != nil {
				b.Fatal(err)
			}
		}
	}
}
