package scanner

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/replacement"
	"keyrake/scanner/walk/store"
)

// largeRepo has a text and a binary file of some MB with a secret, both whole in a
// pack, and gives the names of their blobs.
func largeRepo(t *testing.T) (dir, secret, text, binary string) {
	t.Helper()
	dir = t.TempDir()
	b := fixtures.New(dir)
	secret = expand(t, `{{cf "cfut"}}`, t.Name())
	data := "\x00" + strings.Repeat("ab\n", 600_000) + "\x00" + secret + "\x00" + strings.Repeat("ab", 300_000)
	if err := os.WriteFile(filepath.Join(dir, "big.bin"), []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{
		{"git", "init", "-q"},
		{"git", "config", "core.bigFileThreshold", "1m"},
		{"minified", "big.js", "3000000", "x " + secret + " y"},
		{"append", "big.js", "one", "two " + secret},
		{"commit", "one"},
		{"git", "repack", "-q", "-a", "-d"},
	} {
		if err := b.Run(line[0], line[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	env := GitEnv{Path: dir}
	r, err := env.open()
	if err != nil {
		t.Fatal(err)
	}
	objects := store.Open(r.ObjectDirs)
	defer objects.Close()
	objects.List()
	for n := range objects.Len() {
		typ, data, err := objects.Get(objects.Name(n))
		if err != nil {
			t.Fatal(err)
		}
		if typ == plumbing.BlobObject && bytes.Contains(data, []byte("\x00"+secret)) {
			binary = objects.Name(n).String()
		} else if typ == plumbing.BlobObject {
			text = objects.Name(n).String()
		}
	}
	return dir, secret, text, binary
}

// TestLargeElsewhere: what looks for known texts finds in large contents what it
// finds where they are held.
func TestLargeElsewhere(t *testing.T) {
	dir, secret, text, binary := largeRepo(t)
	env := GitEnv{Path: dir}
	list := []replacement.Entry{{Text: secret}, {Text: secret[:20], Word: true}, {Text: "two", Word: true}}
	var reports []*finding.Report
	var hits [][]LiteralHit
	for _, memory := range []int64{64 << 20, 1 << 20} {
		opt := Options{Rules: rules.Builtin(), Jobs: 2, MemoryLimit: memory}
		r, err := Gone(t.Context(), opt, env, list)
		if err != nil || len(r.Coverage.Gaps) > 0 {
			t.Fatal(err, r.Coverage.Gaps)
		}
		reports = append(reports, r)
		for _, paths := range [][]string{nil, {dir}} {
			h, cov, err := Literals(t.Context(), opt, env, []string{strings.ToLower(secret[:16]), "two"}, paths)
			if err != nil || len(cov.Gaps) > 0 {
				t.Fatal(err, cov.Gaps)
			}
			hits = append(hits, h)
		}
	}
	if len(reports[0].Findings) != 2 || !reflect.DeepEqual(reports[0].Findings, reports[1].Findings) {
		t.Errorf("what is not gone:\n%+v\n%+v", reports[0].Findings, reports[1].Findings)
	}
	for i, h := range hits[:2] {
		if len(h) != 4 || !reflect.DeepEqual(h, hits[i+2]) {
			t.Errorf("literals:\n%+v\n%+v", h, hits[i+2])
		}
	}
	r, err := env.open()
	if err != nil {
		t.Fatal(err)
	}
	objects := store.Open(r.ObjectDirs)
	defer objects.Close()
	_, held, err := objects.Get(plumbing.NewHash(text))
	if err != nil {
		t.Fatal(err)
	}
	first, last := bytes.Index(held, []byte(secret)), bytes.LastIndex(held, []byte(secret))
	for _, bound := range []int64{0, 1000} {
		objects.Bound(bound)
		for _, c := range []struct {
			blob  string
			texts []wanted
			want  bool
		}{
			{text, []wanted{{list[0], first}}, true},
			{text, []wanted{{list[0], last}, {list[0], first}, {list[2], last - len("two ")}}, true},
			{text, []wanted{{list[0], first + 1}, {list[2], 0}, {list[0], -1}, {list[0], len(held)}, {list[0], 2 * len(held)}}, true},
			{text, []wanted{{list[0], first}, {list[1], first}}, false}, // a part of a word
			{text, []wanted{{replacement.Entry{Text: "absent"}, first}, {list[0], first}}, false},
			{binary, []wanted{{list[0], 1_800_002}}, false},
		} {
			if got := holdsAll(objects, plumbing.NewHash(c.blob), c.texts); got != c.want {
				t.Errorf("of %s with at most %d bytes held, %v: %v", c.blob, bound, c.texts, got)
			}
		}
	}
}
