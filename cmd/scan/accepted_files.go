package main

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"

	"keyrake/scanner/known"
)

// newBaseline makes a baseline with a key of its own; name is for messages.
func newBaseline(name string) *known.Baseline {
	return known.NewBaseline(name, func(key []byte) { rand.Read(key) })
}

// readBaseline reads a baseline file.
func readBaseline(path, name string) (*known.Baseline, error) {
	data, err := readLimited(path, maxBaselineFile)
	if err != nil {
		return nil, err
	}
	return known.ParseBaseline(name, data)
}

// addIgnore adds whole lines to an ignore file, which it makes if there is none.
func addIgnore(path, lines string) error {
	old, err := readLimited(path, maxIgnoreFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(old) > 0 && old[len(old)-1] != '\n' {
		old = append(old, '\n')
	}
	return writeShared(path, append(old, lines...))
}

// writeShared writes a file that is meant to be committed, and keeps its mode.
func writeShared(name string, text []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	err := writeOutput(name, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	return os.Chmod(name, mode)
}
