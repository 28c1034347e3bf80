package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestPassing tells programs that "go run" made from those that stay.
func TestPassing(t *testing.T) {
	for path, want := range map[string]bool{
		"/tmp/go-build123/b001/exe/scan":                                     true,
		"/home/u/.cache/go-build/0a/" + strings.Repeat("0a", 32) + "-d/scan": true,
		"/tmp/go-build123/b001/scan.test":                                    false,
		"/home/u/go/bin/scan":                                                false,
		"/home/u/exe/scan":                                                   false,
		"/scan":                                                              false,
	} {
		if got := passing(filepath.FromSlash(path)); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
