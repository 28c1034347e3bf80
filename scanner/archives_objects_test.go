package scanner

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/replacement"
)

// dumps are texts with secrets, of which the one is packed badly and the other well.
func dumps(t *testing.T, size int) [][]byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 8))
	var files [][]byte
	for i, noise := range []bool{true, false, true} {
		var b bytes.Buffer
		for n := 0; b.Len() < size; n++ {
			line := fmt.Sprintf("a line like %d others, and more of the same\n", rng.IntN(10_000))
			if noise {
				line = fmt.Sprintf("%08x%08x%08x\n", rng.Uint32(), rng.Uint32(), rng.Uint32())
			}
			b.WriteString(line)
			if b.Len()/200_000 != (b.Len()+len(line))/200_000 {
				fmt.Fprintf(&b, "TOKEN=%s\n", expand(t, `{{cf "cfut"}}`, fmt.Sprint(t.Name(), i, n)))
			}
		}
		files = append(files, b.Bytes())
	}
	return files
}

// sources are the ways by which the files of a repository are scanned that are no files
// on disk.
func sources(dir string) map[string]func(context.Context, Options) (*finding.Report, error) {
	env := GitEnv{Path: dir}
	return map[string]func(context.Context, Options) (*finding.Report, error){
		"history": func(ctx context.Context, o Options) (*finding.Report, error) { return History(ctx, o, env) },
		"range": func(ctx context.Context, o Options) (*finding.Report, error) {
			return Range(ctx, o, env, RangeOptions{Include: []string{"main"}})
		},
		"staged": func(ctx context.Context, o Options) (*finding.Report, error) { return Staged(ctx, o, env) },
	}
}

// objectArchives is a repository of archives.
type objectArchives struct {
	*testing.T
	dir string
	b   *fixtures.Builder
}

func newObjectArchives(t *testing.T) objectArchives {
	dir := t.TempDir()
	a := objectArchives{t, dir, fixtures.New(dir)}
	a.do("git init -q -b main", "git config gc.auto 0")
	return a
}

func (a objectArchives) do(lines ...string) {
	a.Helper()
	for _, line := range lines {
		words := strings.Fields(line)
		if err := a.b.Run(words[0], words[1:]...); err != nil {
			a.Fatal(err)
		}
	}
}

func (a objectArchives) write(name string, data []byte) {
	a.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), data, 0o600); err != nil {
		a.Fatal(err)
	}
}

// same compares scans that hold little with one that holds all.
func (a objectArchives) same(form, source string) {
	a.Helper()
	find := func(memory int64, jobs int) []finding.Finding {
		r, err := sources(a.dir)[source](a.Context(), Options{Rules: rules.Builtin(), Jobs: jobs, MemoryLimit: memory, ArchiveDepth: 2})
		if err != nil || !r.Coverage.Complete() {
			a.Fatalf("%s, %s: %v, %+v", form, source, err, r.Coverage.Gaps)
		}
		return r.Findings
	}
	want := find(64<<20, 2)
	if len(want) < 9 || len(want[0].Places) < 2 {
		a.Fatalf("%s, %s: %d findings, the first at %d places", form, source, len(want), len(want[0].Places))
	}
	for _, jobs := range []int{1, 8} {
		if got := find(1<<20, jobs); !reflect.DeepEqual(got, want) {
			a.Errorf("%s, %s: %d findings, want %d", form, source, len(got), len(want))
		}
	}
}

// TestLargeArchivesOfObjects: archives in a history, a range or staged that are too large
// to be held, and such whose content is, are searched as those that are held, loose and
// in a pack, also behind something else.
func TestLargeArchivesOfObjects(t *testing.T) {
	a := newObjectArchives(t)
	for name, data := range archived(t, dumps(t, 650_000)) {
		a.write(name, data)
		if name == "a.zip" {
			a.write("a.run", append([]byte("#!/bin/sh\necho a program\n"), data...))
		}
	}
	a.do("git add -A")
	a.same("loose", "staged")
	a.do("commit one")
	a.same("loose", "history")
	if testing.Short() { // a pack is read side by side as loose objects are
		return
	}
	a.same("loose", "range")
	a.do("git -c core.bigFileThreshold=1 repack -q -a -d")
	a.same("whole", "history")
	a.same("whole", "range")
}

// TestLargeArchivesOfChanges: so are those that are stored as changes to another version.
func TestLargeArchivesOfChanges(t *testing.T) {
	sequential(t)
	a := newObjectArchives(t)
	files := dumps(t, 650_000)
	for i := range 2 {
		all := archived(t, files)
		a.write("a.tar", all["a.tar"])
		a.write("a.zip", all["a.zip"])
		a.do("git add -A", fmt.Sprint("commit ", i))
		files = append(files, []byte("one more"))
	}
	a.do("git repack -q -a -d -f")
	list, err := fixtures.Git(a.dir, "", nil, "cat-file", "--batch-all-objects", "--batch-check=%(objectsize) %(deltabase)")
	if err != nil || !regexp.MustCompile(`(?m)^\d{7} .*[1-9]`).Match(list) {
		t.Fatalf("%s, %v", list, err)
	}
	a.same("changes", "history")
	a.same("changes", "range")
	a.do("git checkout -q --orphan other")
	for _, version := range []string{"main", "main~1"} { // one of them has what is stored as changes
		a.do("git read-tree " + version)
		a.same(version, "staged")
	}
	// What HEAD's version holds is not told, if that is stored as changes.
	a.do("git checkout -q -f main", "git branch kept")
	for _, version := range []string{"kept", "kept~1"} {
		a.do("git reset -q --hard " + version)
		a.write("a.tar", append(archived(t, files[:3])["a.tar"], make([]byte, 512)...))
		a.do("git add a.tar")
		r, err := sources(a.dir)["staged"](t.Context(), Options{Rules: rules.Builtin(), MemoryLimit: 1 << 20, ArchiveDepth: 2})
		if err != nil || !r.Coverage.Complete() || len(r.Findings) > 0 {
			t.Errorf("beside %s: %v, %d findings, %+v", version, err, len(r.Findings), r.Coverage.Gaps)
		}
		a.do("git reset -q --hard kept")
	}
}

// TestGoneFromLargeArchives: what stands in such an archive is not gone.
func TestGoneFromLargeArchives(t *testing.T) {
	dir := t.TempDir()
	b := fixtures.New(dir)
	secret := "hunter" + t.Name()
	files := dumps(t, 650_000)
	files[2] = append(files[2], secret...)
	if err := os.WriteFile(filepath.Join(dir, "a.tgz"), archived(t, files)["a.tgz"], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{{"git", "init", "-q"}, {"commit", "one"}} {
		if err := b.Run(line[0], line[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	var want []finding.Finding
	for _, memory := range []int64{64 << 20, 1 << 20} {
		r, err := Gone(t.Context(), Options{Rules: rules.Builtin(), MemoryLimit: memory, ArchiveDepth: 2}, GitEnv{Path: dir}, []replacement.Entry{{Text: secret}})
		if err != nil || len(r.Coverage.Gaps) > 0 {
			t.Fatal(err, r.Coverage.Gaps)
		}
		if want == nil {
			want = r.Findings
		}
		if len(r.Findings) != 1 || !reflect.DeepEqual(r.Findings, want) {
			t.Errorf("%d bytes: %+v", memory, r.Findings)
		}
	}
}

// TestLargeArchiveStream: an archive that comes as a stream is searched as it comes, but for a
// zip file behind something else, which is a gap; what is broken is a gap too, and as much of it is searched as it
// stands as is held.
func TestLargeArchiveStream(t *testing.T) {
	sequential(t)
	scan := func(data []byte, memory int64) *finding.Report {
		t.Helper()
		r, err := Stream(t.Context(), Options{Rules: rules.Builtin(), MemoryLimit: memory, ArchiveDepth: 2}, "stdin", bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	all := archived(t, dumps(t, 650_000))
	for name, data := range all {
		want, got := scan(data, 64<<20), scan(data, 1<<20)
		if r := scan(append([]byte("before"), data...), 1<<20); name == "a.zip" && (len(r.Coverage.Gaps) != 1 || !strings.Contains(r.Coverage.Gaps[0].Reason, "raise --memory")) {
			t.Errorf("a zip file behind something else: %+v", r.Coverage.Gaps)
		}
		if len(want.Findings) == 0 || !want.Coverage.Complete() || !reflect.DeepEqual(got.Findings, want.Findings) || !reflect.DeepEqual(got.Coverage, want.Coverage) {
			t.Errorf("%s: %d findings, want %d, %+v", name, len(got.Findings), len(want.Findings), got.Coverage)
		}
		bad := append(bytes.Clone(data[:len(data)/2]), "\nTOKEN="+expand(t, `{{cf "cfat"}}`, name)...)
		if got := scan(bad, 1<<20); got.Coverage.Complete() || len(got.Findings) == 0 && name != "a.sql.zst" {
			t.Errorf("%s, cut: complete %v, %d findings", name, got.Coverage.Complete(), len(got.Findings))
		}
	}
	secret := expand(t, `{{cf "cfat"}}`, "no archive")
	none := append([]byte("\x1f\x8b\x08 TOKEN="+secret+"\n"), bytes.Repeat([]byte("no gzip file\n"), 50_000)...)
	if r := scan(none, 1<<20); r.Coverage.Complete() || len(r.Findings) != 1 || r.Findings[0].Secret.Reveal() != secret {
		t.Errorf("what begins as gzip: %+v", r)
	}
}
