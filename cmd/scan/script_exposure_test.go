package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// exposed demands how far a secret is exposed in a JSON report. Commits are
// told by their names, lists with commas: exposed stdout $TOKEN status=local first=$C.
func exposed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: exposed FILE SECRET NAME=VALUE...")
	}
	var doc struct {
		Findings []struct {
			Secret   string
			Exposure map[string]any
		}
	}
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc); err != nil {
		ts.Fatalf("%s is no JSON report: %v", args[0], err)
	}
	for _, f := range doc.Findings {
		if f.Secret != args[1] {
			continue
		}
		for _, pair := range args[2:] {
			name, want, ok := strings.Cut(pair, "=")
			value, known := f.Exposure[name]
			if !ok || !known {
				ts.Fatalf("%s: an exposure has %v", pair, slices.Sorted(maps.Keys(f.Exposure)))
			}
			if got := flat(value); got != want {
				ts.Fatalf("%s is %q, want %q, in\n%s", name, got, want, ts.ReadFile(args[0]))
			}
		}
		return
	}
	ts.Fatalf("no finding with this secret in\n%s", ts.ReadFile(args[0]))
}

func flat(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case map[string]any:
		return fmt.Sprint(v["commit"])
	case []any:
		list := make([]string, len(v))
		for i := range v {
			list[i] = fmt.Sprint(v[i])
		}
		return strings.Join(list, ",")
	}
	return fmt.Sprint(value)
}
