package scanner

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
)

// TestHeadTexts: where a secret stands in HEAD as mere text is told alike whether all
// contents of HEAD were held, some, or none.
func TestHeadTexts(t *testing.T) {
	dir := t.TempDir()
	b := fixtures.New(dir)
	rng := rand.New(rand.NewPCG(3, 1))
	must := func(args ...string) {
		t.Helper()
		if err := b.Run(args[0], args[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) {
		t.Helper()
		var filler strings.Builder
		for range 300 {
			fmt.Fprintf(&filler, "line %d\n", rng.IntN(1000))
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(filler.String()+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const files = 12
	secrets := make([]string, files)
	must("git", "init", "-q")
	for i := range secrets {
		secrets[i] = expand(t, "{{alnum 40}}", fmt.Sprint(t.Name(), i))
		write(fmt.Sprintf("a%02d.py", i), `client_secret = "`+secrets[i]+`"`)
	}
	must("git", "add", ".")
	must("commit", "one")
	for i, secret := range secrets {
		write(fmt.Sprintf("a%02d.py", (i+1)%files), "see "+secret)
	}
	must("git", "add", ".")
	must("commit", "two")
	must("git", "repack", "-q", "-a", "-d")

	var want []finding.Finding
	for _, memory := range []int64{0, 16 * 8 << 10, 1} { // all, about three, none
		r, err := History(t.Context(), Options{Rules: rules.Builtin(), Jobs: 2, MemoryLimit: memory, MaxFileBytes: 1 << 20}, GitEnv{Path: dir})
		if err != nil || !r.Coverage.Complete() {
			t.Fatalf("%v, gaps %v", err, r.Coverage.Gaps)
		}
		if want == nil {
			want = r.Findings
			places := 0
			for _, f := range want {
				places += len(f.Exposure.SameText)
			}
			if places != files {
				t.Errorf("%d places of texts are told, want %d", places, files)
			}
		}
		if !reflect.DeepEqual(r.Findings, want) {
			t.Errorf("memory %d: %v, want %v", memory, r.Findings, want)
		}
	}
}

// TestHeadTextsRoom: no more is held than there is room for, and nothing that HEAD
// does not have.
func TestHeadTextsRoom(t *testing.T) {
	h := &headTexts{want: []uint64{1<<1 | 1<<3 | 1<<5}, parts: make([]heldTexts, 1)}
	h.room.Store(10)
	for n, text := range []string{"aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff"} {
		h.take(0, n, []byte(text))
	}
	if p := h.parts[0]; fmt.Sprintf("%d %s", p.numbers, p.texts) != "[1 3] [bbbb dddd]" {
		t.Errorf("held are %d %s", p.numbers, p.texts)
	}
	var none *headTexts
	none.take(0, 1, nil)
}
