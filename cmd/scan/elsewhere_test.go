package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"testing"
)

// TestElsewhere holds that no name in the table is one of scan's own, and that
// all flags which the hints name exist.
func TestElsewhere(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "elsewhere.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	fs := newFlagSet(&command{})
	for _, mode := range modeFlags {
		if mode != "" {
			fs.Bool(mode[len("--"):], false, "")
		}
	}
	flags := regexp.MustCompile(`--?[a-z-]+`)
	names := 0
	ast.Inspect(file, func(n ast.Node) bool {
		c, ok := n.(*ast.CaseClause)
		if !ok {
			return true
		}
		for _, e := range c.List {
			name, err := strconv.Unquote(e.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			names++
			if fs.Lookup(name) != nil || len(name) == 1 && fs.ShorthandLookup(name) != nil {
				t.Errorf("%s is a flag of scan", name)
			}
			for _, flag := range flags.FindAllString(elsewhere(name), -1) {
				if len(flag) > 2 && flag[:2] == "--" && fs.Lookup(flag[2:]) == nil {
					t.Errorf("the hint for %s names %s, which is none", name, flag)
				}
			}
		}
		return true
	})
	if names < 30 {
		t.Errorf("the table has %d names", names)
	}
}
