package rules

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// yamlFault turns "yaml: line 3: reason" into our form.
func (p *parser) yamlFault(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if text == "EOF" {
		p.fault(1, "", "the file is empty: list at least one rule under rules")
		return
	}
	line := 1
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if n, reason, ok := strings.Cut(rest, ": "); ok {
			if v, err := strconv.Atoi(n); err == nil {
				line, text = v, reason
			}
		}
	}
	p.fault(line, "", "not valid YAML: %s", text)
}

// parser walks the YAML trees and collects faults.
type parser struct {
	fsys   fs.FS // of the files that may be included, or nil
	file   string
	seen   map[string]place // of every id so far
	done   map[string]bool  // files included so far
	faults []fault
}

type place struct {
	file string
	line int
}

type fault struct {
	place
	text string
}

func newParser(fsys fs.FS) *parser {
	return &parser{fsys: fsys, seen: make(map[string]place), done: make(map[string]bool)}
}

func (p *parser) fault(line int, id, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if id != "" {
		text = "rule " + id + ": " + text
	}
	p.faults = append(p.faults, fault{place{p.file, line}, text})
}

// err words the faults, file by file in the order of their first faults.
func (p *parser) err() error {
	order := make(map[string]int)
	for _, f := range p.faults {
		if _, ok := order[f.file]; !ok {
			order[f.file] = len(order)
		}
	}
	slices.SortStableFunc(p.faults, func(a, b fault) int {
		return cmp.Or(order[a.file]-order[b.file], a.line-b.line)
	})
	errs := make([]error, len(p.faults))
	for i, f := range p.faults {
		errs[i] = fmt.Errorf("%s:%d: %s", f.file, f.line, lineBreaks.Replace(f.text)) // which may quote a pattern
	}
	return errors.Join(errs...)
}

var lineBreaks = strings.NewReplacer("\n", `\n`, "\r", `\r`)
