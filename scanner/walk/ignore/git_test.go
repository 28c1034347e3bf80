package ignore

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// tree is a work tree that both git and the matcher are asked about.
type tree struct {
	dir     string
	ignores map[string][]byte // directory → its .gitignore
	dirs    map[string]bool
	base    [2][]byte // core.excludesFile, info/exclude
	fold    bool
}

func newTree(t testing.TB, fold bool) *tree {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	tr := &tree{dir: t.TempDir(), ignores: map[string][]byte{}, dirs: map[string]bool{"": true}, fold: fold}
	tr.git(t, nil, "init", "-q", "--template=", ".")
	tr.git(t, nil, "config", "core.ignoreCase", strconv.FormatBool(fold))
	tr.git(t, nil, "config", "core.excludesFile", filepath.Join(tr.dir, ".git", "global"))
	return tr
}

func (tr *tree) git(t testing.TB, stdin []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = tr.dir
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CEILING_DIRECTORIES="+filepath.Dir(tr.dir))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	// check-ignore exits 1 if nothing is ignored.
	if err != nil && (args[0] != "check-ignore" || cmd.ProcessState.ExitCode() != 1) {
		t.Fatalf("git %v: %v: %s", args, err, stderr.Bytes())
	}
	return out
}

func (tr *tree) mkdir(t testing.TB, dir string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(tr.dir, dir), 0o755); err != nil {
		t.Fatal(err)
	}
	for ; dir != "." && dir != ""; dir = filepath.Dir(dir) {
		tr.dirs[dir] = true
	}
}

func (tr *tree) write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(tr.dir, path)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tr.dir, path), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (tr *tree) ignore(t testing.TB, dir string, data []byte) {
	t.Helper()
	tr.mkdir(t, dir)
	tr.ignores[dir] = data
	tr.write(t, filepath.Join(dir, ".gitignore"), data)
}

func (tr *tree) setBase(t testing.TB, global, exclude []byte) {
	t.Helper()
	tr.base = [2][]byte{global, exclude}
	tr.write(t, ".git/global", global)
	tr.write(t, ".git/info/exclude", exclude)
}

// ours walks down to path as a caller does, and tells the deciding line in the
// form of `git check-ignore -v`.
func (tr *tree) ours(path string) string {
	m := New(tr.fold, tr.base[0], tr.base[1])
	dir := ""
	for {
		m = m.Enter(dir, tr.ignores[dir])
		part, rest, more := strings.Cut(strings.TrimPrefix(path[len(dir):], "/"), "/")
		next := strings.TrimPrefix(dir+"/"+part, "/")
		r, ok := m.Decide(next, more || tr.dirs[next])
		if !more || rest == "" || ok && !r.Negated {
			return tr.format(r, ok)
		}
		dir = next
	}
}

func (tr *tree) format(r Rule, ok bool) string {
	if !ok {
		return "::"
	}
	source := filepath.Join(r.Dir, ".gitignore")
	switch r.Base {
	case 1:
		source = filepath.Join(tr.dir, ".git", "global")
	case 2:
		source = ".git/info/exclude"
	}
	return fmt.Sprintf("%s:%d:%s", source, r.Line, r.Pattern)
}

// compare asks git and us about every path, and returns how many lines spoke.
func (tr *tree) compare(t testing.TB, paths []string) (matched int) {
	t.Helper()
	in := []byte(strings.Join(paths, "\x00") + "\x00")
	out := tr.git(t, in, "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin")
	fields := strings.Split(string(out), "\x00")
	if len(fields) != 4*len(paths)+1 {
		t.Fatalf("git answered %d fields for %d paths", len(fields), len(paths))
	}
	bad := 0
	for i, path := range paths {
		f := fields[4*i:]
		theirs := f[0] + ":" + f[1] + ":" + f[2]
		if f[3] != path {
			t.Fatalf("git answered about %q, asked about %q", f[3], path)
		}
		if theirs != "::" {
			matched++
		}
		if ours := tr.ours(path); ours != theirs {
			t.Errorf("%q (dir %v): ours %q, git %q", path, tr.dirs[path], ours, theirs)
			if bad++; bad > 20 {
				t.Fatal("too many differences")
			}
		}
	}
	return matched
}

var patternAtoms = []string{
	"a", "b", "c", "A", "B", "ab", ".", "é", "*", "*", "*", "**", "**", "?", "/", "/", "/", "/", "**/", "/**", "/**/",
	"[ab]", "[!a]", "[^b]", "[a-c]", "[A-C]", "[]a]", "[a-]", "[[:alpha:]]", "[[:upper:]]", "[[:digit:][:punct:]]", "[[:foo:]]", "[[:]",
	"[a\\]b]", "[\\a-\\c]", "[", "]", "-", "!", "#", " ", "\\ ", "\\*", "\\a", "\\A", "\\!", "\\#", "\\", "\\/", "\t", "\r",
}

func randomPattern(r *rand.Rand) string {
	var b strings.Builder
	if r.IntN(6) == 0 {
		b.WriteByte('!')
	}
	for range 1 + r.IntN(6) {
		b.WriteString(patternAtoms[r.IntN(len(patternAtoms))])
	}
	if r.IntN(6) == 0 {
		b.WriteByte('/')
	}
	if r.IntN(8) == 0 {
		b.WriteString("  ")
	}
	return b.String()
}

func randomIgnore(r *rand.Rand, lines int) []byte {
	var b strings.Builder
	if r.IntN(8) == 0 {
		b.WriteString("\xef\xbb\xbf")
	}
	for i := range lines {
		b.WriteString(randomPattern(r))
		if i+1 < lines || r.IntN(2) == 0 {
			b.WriteString([]string{"\n", "\n", "\n", "\r\n", "\n\n", "\r\r\n"}[r.IntN(6)])
		}
	}
	return []byte(b.String())
}

var nameAtoms = []string{"a", "b", "c", "A", "B", "ab", ".", "é", "*", "[", "]", "-", "!", "#", " ", "\\", "\t", "7", "\r", "?"}

func randomName(r *rand.Rand) string {
	for {
		var b strings.Builder
		for range 1 + r.IntN(3)*r.IntN(2) {
			n := len(nameAtoms)
			if r.IntN(2) == 0 {
				n = 6
			}
			b.WriteString(nameAtoms[r.IntN(n)])
		}
		if s := b.String(); s != "." && s != ".." {
			return s
		}
	}
}

func randomPath(r *rand.Rand, depth int) string {
	parts := make([]string, 1+r.IntN(depth))
	for i := range parts {
		parts[i] = randomName(r)
	}
	return strings.Join(parts, "/")
}

// pathLike makes a path that the pattern may match.
func pathLike(r *rand.Rand, pattern string) string {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(pick("", "", "a", "b", "ab", "a/b", "/", "/a/"))
		case '?':
			b.WriteString(pick("a", "b", "/"))
		case '[':
			b.WriteString(pick("a", "b", "A", "7", "[", "-"))
			if end := strings.LastIndexByte(pattern[i:], ']'); end > 0 && r.IntN(2) == 0 {
				i += end
			}
		case '\\', '!':
			b.WriteString(pick("", "", string(c)))
		default:
			b.WriteByte(c)
		}
	}
	var parts []string
	for _, part := range strings.Split(b.String(), "/") {
		if part != "" && part != "." && part != ".." {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "a"
	}
	return strings.Join(parts, "/")
}

// One directory with a .gitignore of few lines for each case, all in one tree,
// so that git starts once for thousands of queries.
func TestSinglePatternsAgainstGit(t *testing.T) {
	for _, fold := range []bool{false, true} {
		t.Run(fmt.Sprintf("fold=%v", fold), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			tr := newTree(t, fold)
			var paths []string
			for i := range 300 {
				dir := "case" + strconv.Itoa(i)
				data := randomIgnore(r, 1+r.IntN(2))
				tr.ignore(t, dir, data)
				tr.mkdir(t, dir+"/a")
				lines := strings.Split(strings.TrimSpace(string(data)), "\n")
				for range 8 {
					paths = append(paths, dir+"/"+randomPath(r, 4), dir+"/"+pathLike(r, lines[r.IntN(len(lines))]))
				}
				paths = append(paths, dir+"/a", dir+"/a/b", dir+"/a/b/c", dir+"/abc")
			}
			matched := tr.compare(t, paths)
			t.Logf("%d queries, %d of them matched a line", len(paths), matched)
			if matched < len(paths)/12 {
				t.Errorf("only %d of %d queries matched a line: the test has lost its force", matched, len(paths))
			}
		})
	}
}

// Exclude files of all kinds and depths that speak about the same paths.
func TestNestedAgainstGit(t *testing.T) {
	queries, matched := 0, 0
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 3))
		tr := newTree(t, seed%3 == 2)
		tr.setBase(t, randomIgnore(r, 3), randomIgnore(r, 3))
		tr.ignore(t, "", randomIgnore(r, 6))
		var paths []string
		for range 40 {
			dir := randomPath(r, 4)
			tr.mkdir(t, dir)
			if r.IntN(2) == 0 {
				tr.ignore(t, dir, randomIgnore(r, 3))
			}
			for d := range tr.dirs {
				if d != "" && len(d) < 6 {
					paths = append(paths, d)
				}
			}
			for range 10 {
				paths = append(paths, dir+"/"+randomPath(r, 3), randomPath(r, 4))
			}
		}
		queries += len(paths)
		matched += tr.compare(t, paths)
	}
	t.Logf("%d queries, %d of them matched a line", queries, matched)
}

// FuzzAgainstGit asks git and us about one ignore file in a folder, of which the
// fuzzer makes up the lines and the paths.
func FuzzAgainstGit(f *testing.F) {
	for _, c := range hardCases {
		f.Add(c.ignore, strings.ReplaceAll(c.paths, "|", "\n"), false)
	}
	f.Add("*.[oO]\n!/x/\n", "a.o\nx/y\nx", true)
	trees := map[bool]*tree{false: newTree(f, false), true: newTree(f, true)}
	f.Fuzz(func(t *testing.T, ignore, paths string, fold bool) {
		if len(ignore) > 200 || len(paths) > 400 {
			return
		}
		var list []string
		for path := range strings.SplitSeq(paths, "\n") {
			if fs.ValidPath(path) && path != "." && !strings.Contains(path, "\x00") && !strings.Contains(strings.ToLower("/"+path+"/"), "/.git/") {
				list = append(list, "d/"+path)
			}
		}
		if len(list) == 0 {
			return
		}
		tr := trees[fold]
		tr.ignore(t, "d", []byte(ignore))
		tr.compare(t, list)
	})
}
