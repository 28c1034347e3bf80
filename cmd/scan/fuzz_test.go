package main

import (
	"slices"
	"strings"
	"testing"
)

// FuzzRefUpdates: of what git gives a hook, each line is read, or none.
func FuzzRefUpdates(f *testing.F) {
	a, b := strings.Repeat("a1", 20), strings.Repeat("0", 40)
	for _, text := range []string{
		"refs/heads/x " + a + " refs/heads/x " + b + "\n", a + " " + b + " refs/heads/x\n", a + " " + b, "\n", "", "a b c d\na b c\n", " a\tb c\r\n", "\x00 \xff c d",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for fields, pick := range map[int][]int{4: {1, 3}, 3: {1}} {
			list, err := refUpdates(strings.NewReader(text), fields, pick...)
			lines := slices.Collect(strings.Lines(text))
			if err != nil {
				if len(list) > 0 {
					t.Fatalf("%q gives %v and %v", text, list, err)
				}
				continue
			}
			if len(list) != len(lines) {
				t.Fatalf("%q has %d lines, %d are read", text, len(lines), len(list))
			}
			for i, line := range lines {
				for k, n := range pick {
					if !isObjectName(list[i][k]) {
						t.Fatalf("line %d of %q names no object", i, text)
					}
					if want := strings.Fields(line)[n]; list[i][k] != want {
						t.Fatalf("line %d of %q gives %q, want %q", i, text, list[i][k], want)
					}
				}
			}
		}
	})
}
