package scanner

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/warm"
)

// FuzzRecall hands a scan an outcome that no scan kept, under the right seal: it
// is no outcome, or one whose secrets stand where it says; nothing else may come
// of it.
func FuzzRecall(f *testing.F) {
	dir := f.TempDir()
	b := fixtures.New(dir)
	for _, line := range [][]string{{"git", "init", "-q"}, {"token", "KEY", `{{cf "cfut"}}`}} {
		if err := b.Run(line[0], line[1:]...); err != nil {
			f.Fatal(err)
		}
	}
	if err := b.Run("write", "a.txt", "KEY="+b.Getenv("KEY")); err != nil {
		f.Fatal(err)
	}
	if err := b.Run("commit", "one"); err != nil {
		f.Fatal(err)
	}
	start := func() (*scan, *memo, *store.Store) {
		env := GitEnv{Path: dir}
		r, err := env.open()
		if err != nil {
			f.Fatal(err)
		}
		s, err := newScan(Options{Rules: rules.Builtin(), Cache: &CacheOptions{Engine: "fuzz"}}, "history")
		if err != nil {
			f.Fatal(err)
		}
		objects := store.Open(r.ObjectDirs)
		objects.List()
		return s, s.memo(r, env), objects
	}
	time.Sleep(100 * time.Millisecond) // what was changed just now is not kept
	opt := Options{Rules: rules.Builtin(), Cache: &CacheOptions{Engine: "fuzz"}}
	whole, err := History(context.Background(), opt, GitEnv{Path: dir})
	if err != nil || len(whole.Findings) != 1 {
		f.Fatalf("%+v, %v", whole, err)
	}
	s, m, objects := start()
	seed, ok := warm.Load(m.path, m.seal)
	if !ok || !s.recall(m, objects) {
		f.Skip("nothing is kept on this system")
	}
	objects.Close()
	f.Add(seed)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		s, n, objects := start()
		defer objects.Close()
		n.path = m.path
		if err := warm.Save(n.path, n.seal, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		if !s.recall(n, objects) {
			if len(s.report.Findings) > 0 {
				t.Fatal("what is no outcome left findings behind")
			}
			return
		}
		for _, got := range s.report.Findings {
			if secret := got.Secret.Reveal(); secret != whole.Findings[0].Secret.Reveal() {
				t.Fatalf("it tells a secret that is none: %s", fmt.Sprint(got.Secret))
			}
		}
	})
}
