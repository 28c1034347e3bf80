package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

// place is one place of a finding in a JSON report, with the finding's own
// fields: every value as text.
type place map[string]string

func readPlaces(ts *testscript.TestScript, file string) (places []place, findings int) {
	var doc struct {
		Findings []map[string]any
	}
	in := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	in.UseNumber() // large columns stay whole numbers
	if err := in.Decode(&doc); err != nil {
		ts.Fatalf("%s is no JSON report: %v", file, err)
	}
	for _, f := range doc.Findings {
		if f["repeat"] == true {
			continue // a place of the entry before
		}
		findings++
		for _, p := range f["places"].([]any) {
			all := place{}
			for _, fields := range []map[string]any{f, p.(map[string]any)} {
				for name, value := range fields {
					all[name] = strings.TrimRight(fmt.Sprint(value), "\n")
				}
			}
			all["in_head_somewhere"] = fmt.Sprint(f["in_head"])
			places = append(places, all)
		}
	}
	return places, findings
}

// has reports whether the place has all these NAME=VALUE pairs.
func (p place) has(ts *testscript.TestScript, pairs []string) bool {
	return !slices.ContainsFunc(pairs, func(pair string) bool {
		name, want, ok := strings.Cut(pair, "=")
		got, known := p[name]
		if !ok || !known {
			ts.Fatalf("%s: a place has %v", pair, slices.Sorted(maps.Keys(p)))
		}
		return got != strings.TrimRight(want, "\n")
	})
}

// found demands a place with these fields in a JSON report:
// found stdout secret=$TOKEN kind=blob path=a.txt.
func found(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: [!] found FILE NAME=VALUE...")
	}
	places, _ := readPlaces(ts, args[0])
	if slices.ContainsFunc(places, func(p place) bool { return p.has(ts, args[1:]) }) == neg {
		ts.Fatalf("found is %v, want %v, of %q in\n%s", neg, !neg, args[1:], ts.ReadFile(args[0]))
	}
}

// count demands how many findings and places a JSON report has: count stdout 1 2.
func count(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: count FILE FINDINGS PLACES")
	}
	places, findings := readPlaces(ts, args[0])
	if got := fmt.Sprint(findings, " ", len(places)); got != args[1]+" "+args[2] {
		ts.Fatalf("findings and places: %s, want %s %s, in\n%s", got, args[1], args[2], ts.ReadFile(args[0]))
	}
}

// fingerprint sets FINGERPRINT to that of the first finding of a JSON report:
// fingerprint FILE.
func fingerprint(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fingerprint FILE")
	}
	places, _ := readPlaces(ts, args[0])
	if len(places) == 0 {
		ts.Fatalf("no findings in %s", args[0])
	}
	ts.Setenv("FINGERPRINT", places[0]["fingerprint"])
}

// hides demands that a file holds nothing of the values: no line of them as it
// is, quoted, or cut to its first twelve characters. hides stdout $TOKEN.
func hides(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: [!] hides FILE VALUE...")
	}
	text := ts.ReadFile(args[0])
	for _, value := range args[1:] {
		leaks := false
		for line := range strings.Lines(value) {
			line = strings.TrimRight(line, "\n")
			if line == "" {
				ts.Fatalf("a value is empty")
			}
			if !strings.HasPrefix(line, "-----") {
				quoted := strings.Trim(strconv.Quote(line), `"`)
				leaks = leaks || strings.Contains(text, line[:min(12, len(line))]) || strings.Contains(text, quoted)
			}
		}
		if leaks != neg {
			ts.Fatalf("%s holds %q: %v\n%s", args[0], value, leaks, text)
		}
	}
}

// TestEveryFlagHasAScript holds that no flag, of a scan or of a verb, goes
// without a script that uses it.
func TestEveryFlagHasAScript(t *testing.T) {
	used := flagsInScripts(t)
	tables := map[string][]section{"": scanSections()}
	for _, s := range subcommands() {
		tables[s.name] = s.sections
	}
	seen := 0
	for verb, sections := range tables {
		for _, s := range sections {
			for _, o := range s.options {
				seen++
				if !used[verb+" --"+o.name] {
					t.Errorf("no script uses scan %s --%s", verb, o.name)
				}
				if o.short != "" && !used[verb+" -"+o.short] {
					t.Errorf("no script uses scan %s -%s", verb, o.short)
				}
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d flags are described", seen)
	}
}

// flagsInScripts lists the flags that scripts use, each behind its verb ("" for
// a scan) and a space.
func flagsInScripts(t *testing.T) map[string]bool {
	used := map[string]bool{}
	names, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("scripts %v, %v", names, err)
	}
	for _, name := range names {
		script, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(script.Comment)) {
			words := strings.Fields(line)
			at := slices.Index(words, "scan")
			if at < 0 || strings.HasPrefix(line, "#") {
				continue
			}
			args, verb := words[at+1:], ""
			if s, ok := findSubcommand(args); ok {
				verb = s.name
			}
			for _, word := range args {
				flag, _, _ := strings.Cut(word, "=")
				used[verb+" "+flag] = true
			}
		}
	}
	return used
}
