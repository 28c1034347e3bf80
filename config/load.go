package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The bounds of a chain of files that extend each other.
const (
	maxChain = 5
	maxFiles = 20
)

// Files says where a configuration's files are read from.
type Files struct {
	// Read gives the content of a file, or at least an error after limit bytes.
	Read func(name string, limit int64) ([]byte, error)
	// Foreign: they belong to the scanned repository. Their names are slash
	// paths from its top, else names as the system has them.
	Foreign bool
}

// Load reads the file and those that it extends. The layers come in their order
// of strength: a file's own settings are stronger than those that it extends,
// and of those a later one is stronger. The names of rule files and baselines
// are relative to the file that holds them.
func Load(files Files, name string) (Settings, error) {
	l := &loader{files: files}
	if err := l.load(name, nil); err != nil {
		return nil, err
	}
	return l.layers, nil
}

type loader struct {
	files  Files
	layers Settings
	read   int
}

// load adds the layers of one file. by are the files that led to it.
func (l *loader) load(name string, by []string) error {
	if slices.Contains(by, name) {
		return fmt.Errorf("extends goes in a circle: %s", strings.Join(append(by, name), " extends "))
	}
	if l.read++; len(by) >= maxChain || l.read > maxFiles {
		return fmt.Errorf("extends leads to %s, which is too far: at most %d files, %d deep", name, maxFiles, maxChain)
	}
	data, err := l.files.Read(name, maxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return &MissingError{name}
	}
	if err != nil {
		return err
	}
	d, err := parse(name, data, l.files.Foreign)
	if err != nil {
		return err
	}
	for _, base := range d.extends {
		if strings.Contains(base.Text, "://") {
			return fmt.Errorf("%s: extends names %q: only files can be extended, nothing is fetched", base.From, base.Text)
		}
		if err := l.load(l.resolve(name, base.Text), append(slices.Clone(by), name)); err != nil {
			return fmt.Errorf("%s: %w", base.From, err)
		}
	}
	l.rebase(name, &d.layer)
	l.layers = append(l.layers, d.layer)
	return nil
}

// rebase makes the names of files in a layer independent of the file that
// holds them.
func (l *loader) rebase(name string, layer *Layer) {
	list := layer.Plurals[RuleFiles]
	for i := range list {
		list[i].Text = l.resolve(name, list[i].Text)
	}
	if v, ok := layer.Singles[Baseline]; ok {
		v.Text = l.resolve(name, v.Text)
		layer.Singles[Baseline] = v
	}
}

// resolve gives the name of a file that the file by names.
func (l *loader) resolve(by, name string) string {
	if l.files.Foreign {
		if path.IsAbs(name) {
			return name // which Read refuses
		}
		return path.Join(path.Dir(by), name)
	}
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(by), filepath.FromSlash(name))
}

// MissingError means that there is no file of that name.
type MissingError struct{ Name string }

func (e *MissingError) Error() string { return e.Name + ": there is no such file; check the path" }
