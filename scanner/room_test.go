package scanner

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/replacement"
)

// crowdedRepository has three files with passwords before one with a token, in two
// versions of which the second is staged too; the passwords of one are at ten paths.
func crowdedRepository(t *testing.T) (dir, secret string) {
	t.Helper()
	dir = t.TempDir()
	m := fixtures.New(dir)
	secret = ownSecret(t)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	passwords := func(n int, of string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "password = \"%s-%c%d\"\n", of, 'k'+rune(i), 7919*(i+1))
		}
		return b.String()
	}
	git := func(args ...string) {
		t.Helper()
		if err := m.Run("git", args...); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	write("a.txt", passwords(6, "hUnter"))
	write("b.txt", passwords(6, "wAlrus"))
	git("add", ".")
	git("commit", "-q", "-m", "one")
	for i := range 10 {
		write(fmt.Sprint("c", i, ".txt"), passwords(6, "oTter"))
	}
	write("z.env", "TOKEN="+secret+"\n")
	git("add", ".")
	git("commit", "-q", "-m", "two")
	write("a.txt", passwords(6, "hUnter")+passwords(3, "bAdger"))
	write("y.env", "TOKEN="+secret+"\n")
	git("add", ".")
	return dir, secret
}

// TestRoom: with more places of secrets than may be told, a scan tells as many and says
// so, in the same words whatever the number of workers, and what is serious is not
// crowded out by what is not.
func TestRoom(t *testing.T) {
	dir, secret := crowdedRepository(t)
	env := GitEnv{Path: dir}
	stream, err := os.ReadFile(filepath.Join(dir, "a.txt"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(stream) + "TOKEN=" + secret + "\n"
	modes := map[string]func(Options) (*finding.Report, error){
		"history": func(opt Options) (*finding.Report, error) { return History(t.Context(), opt, env) },
		"range": func(opt Options) (*finding.Report, error) {
			return Range(t.Context(), opt, env, RangeOptions{Include: []string{"HEAD"}})
		},
		"staged": func(opt Options) (*finding.Report, error) { return Staged(t.Context(), opt, env) },
		"files": func(opt Options) (*finding.Report, error) {
			return Files(t.Context(), opt, FilesOptions{Paths: []string{dir}, Git: env})
		},
		"stream": func(opt Options) (*finding.Report, error) {
			return Stream(t.Context(), opt, "in", strings.NewReader(text))
		},
	}
	for mode, scan := range modes {
		all, err := scan(Options{Rules: rules.Builtin()})
		if err != nil || !all.Coverage.Complete() {
			t.Fatalf("%s: %v, %v", mode, err, all.Coverage.Gaps)
		}
		asked := int64(0) // places: the least for which all are told
		for left := true; left; {
			asked++
			r, err := scan(Options{Rules: rules.Builtin(), places: asked})
			if err != nil {
				t.Fatal(err)
			}
			left = leftOut(r)
		}
		if asked < 4 {
			t.Fatalf("%s: %d places: the test shows nothing", mode, asked)
		}
		for _, places := range []int64{asked, asked - 1, asked / 2, 4} {
			want := ""
			for _, jobs := range []int{1, 2, 8} {
				r, err := scan(Options{Rules: rules.Builtin(), Jobs: jobs, places: places})
				if err != nil {
					t.Fatal(err)
				}
				what := fmt.Sprintf("%s, %d of %d places, %d workers", mode, places, asked, jobs)
				if leftOut(r) != (places < asked) {
					t.Errorf("%s: gaps %v", what, r.Coverage.Gaps)
				}
				text := jsonOf(t, r)
				if !strings.Contains(text, `"provider": "cloudflare"`) {
					t.Errorf("%s: the token is lost", what)
				}
				if want == "" {
					want = text
				} else if text != want {
					t.Errorf("%s: another report:\n%s\n%s", what, text, want)
				}
			}
		}
	}
}

// TestRoomGone: the same of listed secrets that are looked for, in objects and in reflogs.
func TestRoomGone(t *testing.T) {
	dir, secret := crowdedRepository(t)
	if err := fixtures.New(dir).Run("git", "commit", "-q", "-m", "oTter-k7919 is in a reflog"); err != nil {
		t.Fatal(err)
	}
	list := []replacement.Entry{{Text: "hUnter-k7919"}, {Text: "oTter-k7919"}, {Text: secret}}
	gone := func(jobs int, places int64) *finding.Report {
		t.Helper()
		r, err := Gone(t.Context(), Options{Rules: rules.Builtin(), Jobs: jobs, places: places}, GitEnv{Path: dir}, list)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	all := gone(2, 0)
	asked := int64(1)
	for leftOut(gone(2, asked)) {
		asked++
	}
	logs := 0
	for _, f := range all.Findings {
		for _, p := range f.Places {
			if p.Kind == finding.File {
				logs++
			}
		}
	}
	if !all.Coverage.Complete() || logs != 2 || asked < 7 {
		t.Fatalf("gaps %v, %d places in reflogs, %d in all", all.Coverage.Gaps, logs, asked)
	}
	for places := int64(1); places <= asked; places++ {
		one, many := gone(1, places), gone(8, places)
		if leftOut(one) != (places < asked) || len(one.Findings) == 0 || jsonOf(t, one) != jsonOf(t, many) {
			t.Errorf("%d places: %s\nand with 8 workers %s", places, jsonOf(t, one), jsonOf(t, many))
		}
	}
}

// leftOut tells whether r says that places were left out.
func leftOut(r *finding.Report) bool {
	return strings.Contains(fmt.Sprint(r.Coverage.Gaps), "not all of them are reported")
}

// TestFit: of a blob at more paths than can be listed some are, with one that HEAD has;
// and secrets that can be guessed are told once each if that were too many findings.
func TestFit(t *testing.T) {
	dir, secret := crowdedRepository(t)
	env := GitEnv{Path: dir}
	m := fixtures.New(dir)
	for _, args := range [][]string{{"commit", "-q", "-m", "three"}, {"rm", "-q", "c0.txt", "c1.txt", "c2.txt"}, {"commit", "-q", "-m", "four"}} {
		if err := m.Run("git", args...); err != nil {
			t.Fatal(err)
		}
	}
	modes := map[string]func(Options) (*finding.Report, error){
		"history": func(opt Options) (*finding.Report, error) { return History(t.Context(), opt, env) },
		"range": func(opt Options) (*finding.Report, error) {
			return Range(t.Context(), opt, env, RangeOptions{Include: []string{"HEAD"}})
		},
	}
	for mode, scan := range modes {
		told := func(places int64) (r *finding.Report, otters map[string]bool, findings int) {
			t.Helper()
			r, err := scan(Options{Rules: rules.Builtin(), Jobs: 2, places: places})
			if err != nil {
				t.Fatal(err)
			}
			otters = map[string]bool{}
			for _, f := range r.Findings {
				if strings.Contains(f.Secret.Reveal(), "oTter-k") {
					findings++
					for _, p := range f.Places {
						otters[p.Path] = otters[p.Path] || p.InHead
					}
				}
			}
			if !strings.Contains(jsonOf(t, r), secret) {
				t.Errorf("%s, %d places: the token is lost", mode, places)
			}
			return r, otters, findings
		}
		cut := func(r *finding.Report) bool { return strings.Contains(fmt.Sprint(r.Coverage.Gaps), "more paths") }
		merged := func(r *finding.Report) bool { return strings.Contains(fmt.Sprint(r.Coverage.Notes), "reported once") }

		if r, paths, findings := told(1000); cut(r) || merged(r) || len(paths) != 10 || findings != 10 || !r.Coverage.Complete() {
			t.Errorf("%s, all: %v, %v, at %v in %d findings", mode, r.Coverage.Gaps, r.Coverage.Notes, paths, findings)
		}
		if r, paths, findings := told(200); cut(r) || !merged(r) || len(paths) != 10 || findings != 1 || !r.Coverage.Complete() {
			t.Errorf("%s, merged: %v, %v, at %v in %d findings", mode, r.Coverage.Gaps, r.Coverage.Notes, paths, findings)
		}
		r, paths, findings := told(70)
		live := false
		for _, in := range paths {
			live = live || in
		}
		if !cut(r) || !merged(r) || leftOut(r) || len(paths) != 2 || findings != 1 || !live || paths["c0.txt"] {
			t.Errorf("%s, cut: %v, %v, at %v in %d findings", mode, r.Coverage.Gaps, r.Coverage.Notes, paths, findings)
		}
	}
	// With more memory more is told: what was told with less is not kept.
	time.Sleep(70 * time.Millisecond) // files that are younger are not trusted
	opt := Options{Rules: rules.Builtin(), Cache: &CacheOptions{Engine: "test"}}
	for _, places := range []int64{200, 0} {
		opt.places = places
		r, err := History(t.Context(), opt, env)
		if err != nil {
			t.Fatal(err)
		}
		if crowded := strings.Contains(fmt.Sprint(r.Coverage.Notes), "reported once"); crowded != (places > 0) {
			t.Errorf("with %d places: %v", places, r.Coverage.Notes)
		}
	}
}
