package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/judge"
	"keyrake/scanner/match"
)

// source says where a case is from.
type source uint8

const (
	labelled source = iota
	tree
	standIn
)

// example is one weighing whose outcome is known.
type example struct {
	judge.Weighing
	from   source
	group  string // repository, tree or stand-in
	place  string // what is labelled, of which there may be several weighings
	secret bool
	weight float64
}

// collector gathers examples.
type collector struct {
	prog    *match.Program
	matcher *match.Matcher
	policy  *judge.Policy
	cases   []example
}

func newCollector() (*collector, error) {
	prog, err := match.Compile(rules.Builtin())
	if err != nil {
		return nil, err
	}
	return &collector{prog: prog, matcher: prog.NewMatcher(), policy: judge.New(judge.Options{})}, nil
}

// each calls do for every candidate in data that the scale weighs.
func (c *collector) each(data []byte, do func(at int, w judge.Weighing)) {
	type span struct {
		rule       string
		start, end int
	}
	seen := map[span]bool{}
	var found []match.Candidate
	for _, a := range c.prog.Anchors(nil, data, 0, len(data)) {
		found = c.matcher.At(found[:0], data, a)
		for _, f := range found {
			k := span{f.Rule.ID, f.Start, f.End}
			if seen[k] {
				continue
			}
			seen[k] = true
			lo := f.WindowLo
			w, ok := c.policy.Weigh(judge.Input{
				Rule: f.Rule, Window: data[lo:f.WindowHi], Start: f.Start - lo, End: f.End - lo,
				NameStart: f.NameStart - lo, NameEnd: f.NameEnd - lo, Quote: f.Quote, Call: f.Call,
			})
			if ok {
				do(f.Start, w)
			}
		}
	}
}

// label is a line of the file of cases.
type label struct {
	Group, File string
	Start, End  int
	Secret      bool
}

// labelled reads the places that somebody has looked at.
func (c *collector) labelled(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	byFile := map[string][]label{}
	var files []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l label
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if byFile[l.File] == nil {
			files = append(files, l.File)
		}
		byFile[l.File] = append(byFile[l.File], l)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		c.each(data, func(at int, w judge.Weighing) {
			line := bytes.Count(data[:at], []byte{'\n'}) + 1
			if l := narrowest(byFile[file], line); l != nil {
				place := fmt.Sprintf("%s:%d-%d", file, l.Start, l.End)
				c.cases = append(c.cases, example{Weighing: w, from: labelled, group: l.Group, place: place, secret: l.Secret})
			}
		})
	}
	return nil
}

// narrowest is the label that says most of a line: a secret wins, then the fewer
// lines.
func narrowest(labels []label, line int) *label {
	var best *label
	for i := range labels {
		l := &labels[i]
		if line < l.Start || line > l.End {
			continue
		}
		if best == nil || l.Secret && !best.Secret || l.Secret == best.Secret && l.End-l.Start < best.End-best.Start {
			best = l
		}
	}
	return best
}

// trees reads well-kept work trees.
func (c *collector) trees(root string) error {
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if info, err := d.Info(); err != nil || info.Size() > 8<<20 {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil || bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		group, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		c.each(data, func(at int, w judge.Weighing) {
			c.cases = append(c.cases, example{Weighing: w, from: tree, group: group, place: fmt.Sprintf("%s:%d", rel, at)})
		})
		return nil
	})
}

// balance gives each place, repository and tree its weight.
func balance(cases []example) {
	places, groups, made := map[string]int{}, map[string]int{}, 0
	for i := range cases {
		places[cases[i].place]++
		groups[cases[i].group]++
		if cases[i].from == standIn {
			made++
		}
	}
	for i := range cases {
		e := &cases[i]
		switch e.from {
		case labelled:
			e.weight = min(1, mostOfGroup/float64(groups[e.group])) / float64(places[e.place])
		case tree:
			e.weight = treeShare * min(1, mostOfTree/float64(groups[e.group]))
		case standIn:
			e.weight = standIns / float64(made)
		}
	}
}
