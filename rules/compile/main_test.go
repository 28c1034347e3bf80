package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"keyrake"
)

// TestBuiltinIsUpToDate: the tables that the program was built with are those of the
// rule files, made anew.
func TestBuiltinIsUpToDate(t *testing.T) {
	all, err := sources(keyrake.Rules, "rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range all {
		got, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		// A checkout with CRLF line ends is still the same table.
		if got = bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")); !bytes.Equal(withoutFilters(got), withoutFilters(want)) {
			t.Errorf("%s is not what rules.yaml and its packs say: run go run ./rules/compile", path)
		}
	}
}

// withoutFilters drops the tables of filters that only amd64 has: other machines round
// what they are worked out of in another way.
func withoutFilters(src []byte) []byte {
	if runtime.GOARCH == "amd64" {
		return src
	}
	from, to := bytes.Index(src, []byte("\tVec: ")), bytes.Index(src, []byte("\tSeen: "))
	if from < 0 || to < from {
		return src
	}
	return slices.Concat(src[:from], src[to:])
}
