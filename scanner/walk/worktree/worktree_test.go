package worktree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// build makes files under a new directory: a name with a slash at the end is a
// directory, the rest of the files hold their own name.
func build(t *testing.T, names ...string) string {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		put(t, top, name, name)
	}
	return top
}

func put(t *testing.T, top, name, content string) {
	t.Helper()
	full := filepath.Join(top, name)
	dir := filepath.Dir(full)
	if strings.HasSuffix(name, "/") {
		dir = full
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, "/") {
		return
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

func collect(t *testing.T, opt Options) ([]File, Result) {
	t.Helper()
	var files []File
	res, err := Walk(context.Background(), opt, func(f File) error {
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatalf("Walk: %v", err)
	}
	if res.Files != len(files) {
		t.Errorf("Files = %d, visited %d", res.Files, len(files))
	}
	return files, res
}

func paths(files []File) []string {
	var out []string
	for _, f := range files {
		out = append(out, f.Path)
	}
	return out
}

func wantPaths(t *testing.T, files []File, want ...string) {
	t.Helper()
	if got := paths(files); !slices.Equal(got, want) {
		t.Errorf("paths:\n got %q\nwant %q", got, want)
	}
}

func wantNote(t *testing.T, res Result, part string) {
	t.Helper()
	if !slices.ContainsFunc(res.Notes, func(s string) bool { return strings.Contains(s, part) }) {
		t.Errorf("no note says %q: %q", part, res.Notes)
	}
}

// repository says that top is a work tree with these tracked files.
func repository(top string, tracked ...string) func(string) (*Repository, error) {
	return func(dir string) (*Repository, error) {
		if dir == top || strings.HasPrefix(dir, top+string(filepath.Separator)) {
			return &Repository{Root: top, Tracked: tracked}, nil
		}
		return nil, nil
	}
}

func TestOutsideARepository(t *testing.T) {
	top := build(t, "a.txt", "a/x", "a-b", "a0", "b/.git/config", "b/.git.txt", ".gitignore", "sub/.git", "sub/y", "empty/")
	put(t, top, ".gitignore", "a*\n")
	t.Chdir(top)
	files, res := collect(t, Options{Roots: []string{"."}})
	wantPaths(t, files, ".gitignore", "a-b", "a.txt", "a/x", "a0", "b/.git.txt", "sub/y")
	if !slices.IsSorted(paths(files)) {
		t.Error("paths are not in byte order")
	}
	if len(res.Notes)+len(res.Problems) != 0 {
		t.Errorf("notes %q, problems %v", res.Notes, res.Problems)
	}
}

func TestRootNames(t *testing.T) {
	top := build(t, "src/app/x.go", "src/y.go", "z")
	t.Chdir(filepath.Join(top, "src"))
	abs := filepath.ToSlash(top)
	for _, c := range []struct {
		root string
		want []string
	}{
		{".", []string{"app/x.go", "y.go"}},
		{"./app", []string{"app/x.go"}},
		{"app/", []string{"app/x.go"}},
		{"..", []string{"../src/app/x.go", "../src/y.go", "../z"}},
		{"../src/app/x.go", []string{"../src/app/x.go"}},
		{"./y.go", []string{"y.go"}},
		{top, []string{abs + "/src/app/x.go", abs + "/src/y.go", abs + "/z"}},
	} {
		files, _ := collect(t, Options{Roots: []string{c.root}})
		wantPaths(t, files, c.want...)
		for _, f := range files {
			data, err := f.Read(nil)
			if err != nil || !strings.HasSuffix(f.Path, filepath.Base(string(data))) {
				t.Errorf("root %q: Read(%q) = %q, %v", c.root, f.Path, data, err)
			}
		}
	}
}

func TestIgnoreRules(t *testing.T) {
	top := build(t, "keep.txt", "x.log", "tracked.log", "build/out", "build/tracked", "build/deep/t2", "build/deep/u2",
		"a/x.tmp", "a/b/x.tmp", "a/b/y.log", "global.bak", "excl")
	put(t, top, ".gitignore", "*.log\nbuild/\n")
	put(t, top, "a/.gitignore", "*.tmp\n!y.log\n")
	put(t, top, "a/b/.gitignore", "!x.tmp\n")
	put(t, top, "build/.gitignore", "!out\n")
	conf := build(t)
	put(t, conf, "global", "*.bak\n")
	put(t, conf, "exclude", "/excl\n")
	opt := Options{Roots: []string{top}, Locate: func(dir string) (*Repository, error) {
		return &Repository{
			Root: top, Tracked: []string{"tracked.log", "build/deep/t2", "build/gone", "build/tracked", "gone"},
			Exclude: filepath.Join(conf, "exclude"), ExcludesFile: filepath.Join(conf, "global"),
		}, nil
	}}
	want := []string{".gitignore", "a/.gitignore", "a/b/.gitignore", "a/b/x.tmp", "a/b/y.log", "build/deep/t2", "build/tracked", "keep.txt", "tracked.log"}
	t.Chdir(top)
	opt.Roots = []string{"."}
	files, res := collect(t, opt)
	wantPaths(t, files, want...)
	// x.log, build/{.gitignore,out,deep/u2}, a/x.tmp, global.bak, excl
	if res.Ignored != 7 {
		t.Errorf("Ignored = %d, want 7", res.Ignored)
	}
	wantNote(t, res, "7 files or whole directories were not read because git ignores them")

	opt.Roots = []string{"a"}
	files, _ = collect(t, opt)
	wantPaths(t, files, "a/.gitignore", "a/b/.gitignore", "a/b/x.tmp", "a/b/y.log")

	opt.Roots = []string{"build"}
	files, res = collect(t, opt)
	wantPaths(t, files, "build/.gitignore", "build/deep/t2", "build/deep/u2", "build/out", "build/tracked")
	wantNote(t, res, `git ignores "build"`)

	opt.Roots = []string{"x.log"}
	files, _ = collect(t, opt)
	wantPaths(t, files, "x.log")

	opt.Roots, opt.NoIgnore = []string{"."}, true
	files, res = collect(t, opt)
	if len(files) != 16 || res.Ignored != 0 {
		t.Errorf("NoIgnore: %d files, %d ignored: %q", len(files), res.Ignored, paths(files))
	}
}

func TestNestedRepositories(t *testing.T) {
	top := build(t, "x.log", "sub/.git", "sub/x.log", "sub/own", "sub/in/own", "clone/.git/config", "clone/x.log",
		"fake/.git/", "fake/x.log", "fake/y", "ign/mod/.git", "ign/mod/m", "ign/other")
	put(t, top, ".gitignore", "*.log\nign/\n")
	put(t, top, "sub/.gitignore", "own\n")
	t.Chdir(top)
	var asked []string
	files, _ := collect(t, Options{Roots: []string{"."}, Locate: func(dir string) (*Repository, error) {
		asked = append(asked, strings.TrimPrefix(strings.TrimPrefix(filepath.ToSlash(dir), filepath.ToSlash(top)), "/"))
		r := &Repository{Root: dir}
		switch filepath.Base(dir) {
		case filepath.Base(top):
			r.Tracked = []string{".gitignore", "ign/mod", "sub"}
		case "sub":
			r.Tracked = []string{"in/own"}
		case "fake":
			r.Root = top
		}
		return r, nil
	}})
	wantPaths(t, files, ".gitignore", "clone/x.log", "fake/y", "ign/mod/m", "sub/.gitignore", "sub/in/own", "sub/x.log")
	if want := []string{"", "clone", "fake", "ign/mod", "sub"}; !slices.Equal(asked, want) {
		t.Errorf("Locate was asked about %q, want %q", asked, want)
	}
}

// TestTrackedBelowAnother: what a repository tracks in a folder that is another one too, and
// below a folder of a sparse index, is read whatever is ignored there.
func TestTrackedBelowAnother(t *testing.T) {
	top := build(t, "in/sub/.git/", "in/sub/a", "in/sub/b", "in/sub/d/c", "in/sub/own", "ign/x/y", "ign/x/.git/", "ign/z", "far/a", "far/d/b", "near")
	put(t, top, ".gitignore", "ign/\nfar/\nnear\n")
	put(t, top, "in/sub/.gitignore", "*\n")
	t.Chdir(top)
	locate := func(dir string) (*Repository, error) {
		if filepath.Base(dir) == "sub" {
			return &Repository{Root: dir, Tracked: []string{"own"}}, nil
		}
		return &Repository{Root: top, Tracked: []string{"far/", "ign/x/", "in/sub/a", "in/sub/d/c"}}, nil
	}
	files, res := collect(t, Options{Roots: []string{"."}, Locate: locate})
	wantPaths(t, files, ".gitignore", "far/a", "far/d/b", "ign/x/y", "in/sub/a", "in/sub/d/c", "in/sub/own")
	if res.Ignored != 4 { // ign/z, near, and two files of in/sub
		t.Errorf("%d ignored", res.Ignored)
	}
	put(t, top, "far/.gitignore", "*\n")
	put(t, top, ".gitignore", "")
	files, _ = collect(t, Options{Roots: []string{"far/d"}, Locate: locate})
	wantPaths(t, files, "far/d/b")
}

// TestFoldedBelowAnother is the same where a disk knows no case, below a folder whose name is no
// UTF-8: folding changes no length.
func TestFoldedBelowAnother(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems take no such name")
	}
	top := build(t, "n\xe4/sub/.git/", "n\xe4/sub/A", "n\xe4/sub/b")
	put(t, top, "n\xe4/sub/.gitignore", "*\n")
	t.Chdir(top)
	for _, inner := range []bool{true, false} {
		files, _ := collect(t, Options{Roots: []string{"."}, Locate: func(dir string) (*Repository, error) {
			if filepath.Base(dir) == "sub" {
				return &Repository{Root: dir, FoldCase: inner}, nil
			}
			return &Repository{Root: top, FoldCase: true, Tracked: []string{"N\xe4/Sub/a"}}, nil
		}})
		wantPaths(t, files, "n\xe4/sub/A")
	}
}

func TestLocateFails(t *testing.T) {
	top := build(t, "x.log")
	put(t, top, ".gitignore", "*.log\n")
	files, res := collect(t, Options{Roots: []string{top}, Locate: func(string) (*Repository, error) {
		return nil, errors.New("the index is broken")
	}})
	if len(files) != 2 {
		t.Errorf("read %q, want every file", paths(files))
	}
	wantNote(t, res, "the index is broken")
}

func TestOverlappingRoots(t *testing.T) {
	top := build(t, "src/a", "src/b/c", "z", "ign/i")
	put(t, top, ".gitignore", "ign\n")
	t.Chdir(top)
	opt := Options{Roots: []string{"src/b", "src/a", ".", "./src", "ign", "z", "."}, Locate: repository(top)}
	files, res := collect(t, opt)
	wantPaths(t, files, "src/b/c", "src/a", ".gitignore", "z", "ign/i")
	if res.Ignored != 1 {
		t.Errorf("Ignored = %d, want 1", res.Ignored)
	}
}

func TestSymlinks(t *testing.T) {
	outside := build(t, "secret", "dir/secret")
	top := build(t, "real/x", "a")
	link(t, filepath.Join(outside, "secret"), filepath.Join(top, "out"))
	link(t, filepath.Join(outside, "dir"), filepath.Join(top, "outdir"))
	link(t, ".", filepath.Join(top, "loop"))
	link(t, "l2", filepath.Join(top, "l1"))
	link(t, "l1", filepath.Join(top, "l2"))
	link(t, "real", filepath.Join(top, "inside"))
	t.Chdir(top)
	files, res := collect(t, Options{Roots: []string{"."}})
	wantPaths(t, files, "a", "real/x")
	if res.Symlinks != 6 {
		t.Errorf("Symlinks = %d, want 6", res.Symlinks)
	}
	wantNote(t, res, "6 symbolic links were not followed")

	files, _ = collect(t, Options{Roots: []string{"outdir", "out", "inside"}})
	wantPaths(t, files, "outdir/secret", "out", "inside/x")
	files, res = collect(t, Options{Roots: []string{"l1", "a"}})
	wantPaths(t, files, "a")
	if len(res.Problems) != 1 || res.Problems[0].What != "l1" {
		t.Errorf("problems = %v, want one about l1", res.Problems)
	}
}

// A .gitignore that is a link is no rule for git either.
func TestLinkedGitignore(t *testing.T) {
	top := build(t, "x.log")
	put(t, top, "rules", "*.log\n")
	link(t, "rules", filepath.Join(top, ".gitignore"))
	files, res := collect(t, Options{Roots: []string{top}, Locate: repository(top)})
	if len(files) != 2 || len(res.Notes) != 1 {
		t.Errorf("read %q, notes %q, want rules and x.log and a note about a link", paths(files), res.Notes)
	}
}

func TestOddNames(t *testing.T) {
	names := []string{"new\nline", "bad\xff\xfeutf", "tab\t", "-dash", "é", "quo\"te", "sp ace/in\n\xff"}
	top := build(t, names...)
	t.Chdir(top)
	files, _ := collect(t, Options{Roots: []string{"."}})
	slices.Sort(names)
	wantPaths(t, files, names...)
	for _, f := range files {
		if data, err := f.Read(nil); err != nil || string(data) != f.Path {
			t.Errorf("Read(%q) = %q, %v", f.Path, data, err)
		}
	}
}

func TestMissingRoot(t *testing.T) {
	top := build(t, "a")
	t.Chdir(top)
	files, res := collect(t, Options{Roots: []string{"gone", "", "a"}})
	wantPaths(t, files, "a")
	if len(res.Problems) != 2 || res.Problems[0].Reason != "it does not exist; check the path" {
		t.Errorf("problems = %v", res.Problems)
	}
	if _, err := Walk(context.Background(), Options{}, nil); err == nil {
		t.Error("no roots: no error")
	}
	if _, err := Walk(context.Background(), Options{Roots: []string{"."}, MaxFileBytes: -1}, nil); err == nil {
		t.Error("negative limit: no error")
	}
}

func TestListFailures(t *testing.T) {
	top := build(t, "a/x", "b/y", "c/z", "d/w")
	t.Chdir(top)
	var files []File
	res, err := walk(context.Background(), Options{Roots: []string{"."}, MaxFileBytes: 9}, func(f File) error {
		files = append(files, f)
		return nil
	}, func(at *place, rel string) ([]fs.DirEntry, error) {
		entries, err := at.list(rel)
		switch rel {
		case "a":
			return nil, &fs.PathError{Op: "openat", Path: rel, Err: fs.ErrPermission}
		case "b":
			return entries, &fs.PathError{Op: "readdirent", Path: rel, Err: errors.New("input/output error")}
		case "c":
			return nil, &fs.PathError{Op: "openat", Path: rel, Err: fs.ErrNotExist}
		}
		return entries, err
	})
	if err != nil {
		t.Fatal(err)
	}
	wantPaths(t, files, "b/y", "d/w")
	if len(res.Problems) != 2 || res.Problems[0].What != "a" || res.Problems[1].What != "b" ||
		res.Problems[0].Reason != "permission denied; scan as a user who may read it" || res.Problems[1].Reason != "input/output error" {
		t.Errorf("problems = %v", res.Problems)
	}
}

func TestUnreadableDirectory(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("permissions do not bind this user")
	}
	top := build(t, "a/x", "b")
	if err := os.Chmod(filepath.Join(top, "a"), 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(filepath.Join(top, "a"), 0o755)
	files, res := collect(t, Options{Roots: []string{top}})
	if len(files) != 1 || len(res.Problems) != 1 {
		t.Errorf("files %q, problems %v", paths(files), res.Problems)
	}
}

func TestVisitErrorAndCancel(t *testing.T) {
	top := build(t, "a", "b", "c")
	stop := errors.New("stop")
	res, err := Walk(context.Background(), Options{Roots: []string{top}}, func(f File) error {
		if strings.HasSuffix(f.Path, "b") {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || res.Files != 2 {
		t.Errorf("err = %v after %d files", err, res.Files)
	}
	ctx, cancel := context.WithCancel(context.Background())
	res, err = Walk(ctx, Options{Roots: []string{top}}, func(File) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) || res.Files != 1 {
		t.Errorf("cancel: err = %v after %d files", err, res.Files)
	}
}

func TestTooDeep(t *testing.T) {
	top := build(t, "a", "d/x")
	t.Chdir(top)
	calls := 0
	res, err := walk(context.Background(), Options{Roots: []string{"."}}, func(File) error { return nil },
		func(at *place, rel string) ([]fs.DirEntry, error) {
			// Every directory looks as if it held itself.
			calls++
			return at.list("")
		})
	if err != nil || calls != maxDepth+1 || len(res.Problems) != 1 || !strings.Contains(res.Problems[0].Reason, "deep") {
		t.Errorf("%d listings, problems %v, err %v", calls, len(res.Problems), err)
	}
}
