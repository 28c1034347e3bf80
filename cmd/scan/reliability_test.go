package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReliabilityCommands: every command of docs/reliability.md names packages
// and tests that exist.
func TestReliabilityCommands(t *testing.T) {
	page, err := os.ReadFile("../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("`go test ([^`]*)`").FindAllStringSubmatch(string(page), -1)
	if len(commands) < 15 {
		t.Errorf("only %d commands", len(commands))
	}
	for _, command := range commands {
		packages, pattern, _ := strings.Cut(command[1], " -run ")
		if packages == "./..." {
			continue
		}
		pattern = strings.ReplaceAll(strings.Trim(pattern, `'"`), `\|`, "|")
		re, err := regexp.Compile(strings.Split(pattern, "/")[0])
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for dir := range strings.FieldsSeq(packages) {
			files, err := filepath.Glob(filepath.Join("../..", dir, "*_test.go"))
			if err != nil || len(files) == 0 {
				t.Errorf("%s: %s has no tests", command[0], dir)
			}
			for _, file := range files {
				source, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllStringSubmatch(string(source), -1) {
					found = found || re.MatchString(name[1])
				}
			}
		}
		if !found {
			t.Errorf("%s: no such test", command[0])
		}
	}
}
