package main

import (
	"bytes"
	"os"
	"testing"

	"keyrake"
)

func TestBuiltinIsUpToDate(t *testing.T) {
	want, err := source(keyrake.Rules, "rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../builtin.go")
	if err != nil {
		t.Fatal(err)
	}
	// A checkout with CRLF line ends is still the same table.
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Error("rules/builtin.go is not what rules.yaml and its packs say: run go run ./rules/compile")
	}
}
