package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"keyrake/config"
	"keyrake/migrate"
	"keyrake/scanner/known"
	"keyrake/scanner/walk/regular"
)

// settle adds what the files of gitleaks say to the settings of a call.
func (g *gitleaksCall) settle(s *settings) error {
	im, err := g.config(s)
	if err != nil {
		return err
	}
	if im == nil {
		im = &migrate.Import{}
		if !g.on("ignore-gitleaks-allow") && s.own {
			im.Allows = append(im.Allows, migrate.GitleaksMarks())
		}
	}
	if err := g.adopt(s, im); err != nil {
		return err
	}
	if err := g.enable(s, im); err != nil {
		return err
	}
	for _, list := range []func(*settings) ([]migrate.Entry, string, error){g.ignored, g.baseline} {
		entries, name, err := list(s)
		if err != nil {
			return err
		}
		for _, a := range migrate.Accept(entries) {
			s.lists = append(s.lists, known.Entry{When: &a.When, Reason: a.Reason, From: known.Origin{File: name, Line: a.Line}})
		}
	}
	return nil
}

// config reads the configuration where gitleaks looks for it; nil if there is
// none.
func (g *gitleaksCall) config(s *settings) (*migrate.Import, error) {
	name, text := g.text("config"), g.env.get("GITLEAKS_CONFIG_TOML")
	if name == "" {
		name = g.env.get("GITLEAKS_CONFIG")
	}
	var data []byte
	var err error
	switch {
	case name != "":
		data, err = readLimited(name, migrate.MaxBytes)
	case text != "":
		name, data = "GITLEAKS_CONFIG_TOML", []byte(text)
	case !s.own || s.top == nil:
		return nil, nil
	default:
		name = ".gitleaks.toml"
		if data, err = s.top.Read(name, migrate.MaxBytes); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	if err != nil {
		return nil, err
	}
	im, err := migrate.Gitleaks(name, data, migrateOptions(name, !g.on("ignore-gitleaks-allow") && s.own))
	if err != nil {
		return nil, err
	}
	lost, changed := 0, 0
	for _, r := range im.Remarks {
		if r.Lost {
			lost++
		} else {
			changed++
		}
	}
	if lost+changed > 0 && !g.c.quiet {
		g.term.print(`%s: not carried over: %d, with another meaning: %d; "scan import gitleaks %s -o DIR" lists them`, name, lost, changed, name)
	}
	return im, nil
}

// adopt makes rules and accepted entries of a configuration part of the scan.
func (g *gitleaksCall) adopt(s *settings, im *migrate.Import) error {
	if text := im.RulesYAML(); text != nil {
		// No file of a repository can have this name.
		name := im.Name + " (rules)"
		s.extra = map[string][]byte{name: text}
		layer := config.Layer{Plurals: map[string][]config.Value{config.RuleFiles: {{Text: name, From: known.Origin{File: im.Name}}}}}
		s.Settings = slices.Insert(s.Settings, 0, layer)
	}
	if len(im.Disable) > 0 {
		layer := config.Layer{Plurals: map[string][]config.Value{}}
		for _, id := range im.Disable {
			layer.Plurals[config.DisableRule] = append(layer.Plurals[config.DisableRule], config.Value{Text: id, From: known.Origin{File: im.Name, Line: 1}})
		}
		s.Settings = slices.Insert(s.Settings, 0, layer)
	}
	for _, a := range im.Allows {
		from := known.Origin{File: im.Name, Line: a.Line}
		if a.Line == 0 {
			from.File = "gitleaks:allow"
		}
		e := known.Entry{When: &a.When, Reason: a.Reason, From: from}
		if err := e.Check(); err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		s.lists = append(s.lists, e)
	}
	return nil
}

// enable turns --enable-rule into ours.
func (g *gitleaksCall) enable(s *settings, im *migrate.Import) error {
	ids, err := g.fs.GetStringSlice("enable-rule")
	if err != nil || len(ids) == 0 {
		return err
	}
	layer := config.Layer{Plurals: map[string][]config.Value{}}
	for _, id := range ids {
		ours := im.Counterparts(id, migrateOptions("", false))
		if len(ours) == 0 {
			return &usageError{fmt.Sprintf("--enable-rule %s: Keyrake has no rule for the same thing", id), `"scan rules list" names its rules`}
		}
		for _, o := range ours {
			layer.Plurals[config.EnableRule] = append(layer.Plurals[config.EnableRule], config.Value{Text: o, From: known.Origin{File: "--enable-rule"}})
		}
	}
	s.Settings = append(s.Settings, layer)
	return nil
}

// ignored reads the .gitleaksignore files where gitleaks looks for them.
func (g *gitleaksCall) ignored(s *settings) (list []migrate.Entry, name string, err error) {
	name = ".gitleaksignore"
	seen := map[string]bool{}
	path := g.text("gitleaks-ignore-path")
	for _, file := range []string{path, filepath.Join(path, name), filepath.Join(g.source(), name)} {
		if info, err := os.Stat(file); file == "" || err != nil || !regular.Is(info.Mode()) || seen[file] {
			continue
		}
		if path == "" && !s.own {
			continue // the repository's own
		}
		seen[file] = true
		data, err := readLimited(file, migrate.MaxBytes)
		if err != nil {
			return nil, "", err
		}
		entries, remarks := migrate.Ignore(data)
		list = append(list, entries...)
		if len(remarks) > 0 {
			g.term.print("%s:%s", file, remarks[0])
		}
	}
	return list, name, nil
}

// baseline reads the report that serves as a baseline.
func (g *gitleaksCall) baseline(s *settings) ([]migrate.Entry, string, error) {
	name := g.text("baseline-path")
	if name == "" {
		return nil, "", nil
	}
	data, err := readLimited(name, migrate.MaxBytes)
	if err != nil {
		return nil, "", err
	}
	// It may hold the secrets, and gitleaks does not search it either.
	path := filepath.ToSlash(filepath.Clean(name))
	if s.top != nil {
		path, _ = s.top.Within(name)
	}
	if path != "" { // in the repository
		itself := known.Condition{Paths: []string{"^" + regexp.QuoteMeta(path) + "$"}}
		s.lists = append(s.lists, known.Entry{When: &itself, Reason: "the baseline itself", From: known.Origin{File: name}})
	}
	list, err := migrate.Report(name, data)
	return list, strings.TrimSpace(name), err
}
