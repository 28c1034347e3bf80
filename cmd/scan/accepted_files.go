package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/known"
	"keyrake/scanner/walk/regular"
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

// ownFile gives the path of a file of the repository with its top at dir that is to be
// written. Nothing that a repository brings along may lead out of it, or to git's own files.
func ownFile(dir, name string) (string, error) {
	local := filepath.FromSlash(name)
	if !filepath.IsLocal(local) {
		return "", fmt.Errorf("%s is not below the top of the repository", name)
	}
	path, at := filepath.Join(dir, local), dir
	for _, part := range strings.Split(filepath.Clean(local), string(filepath.Separator)) {
		at = filepath.Join(at, part)
		info, err := os.Lstat(at)
		switch {
		case strings.EqualFold(part, ".git"):
			return "", fmt.Errorf("%s is among git's own files", name)
		case err != nil: // it is made, or cannot be written, as whoever writes it will see
			return path, nil
		case at == path && !regular.Is(info.Mode()), at != path && !info.IsDir():
			return "", fmt.Errorf("%s is a link or no regular file, or is behind one", name)
		}
	}
	return path, nil
}

// ignoreLines gives the lines of a .scanignore that accept a finding in every mode of a
// scan: one for each name that it has. A secret that can be guessed is named by where it
// stands, which is the file for a scan of files, and a version of it for all others; dir is
// the repository's top. The name of a version is made of its content, so it is told only if
// git has that anyway; if not, half says why.
func ignoreLines(f *finding.Finding, dir, reason string) (lines, half string) {
	names := []string{f.Fingerprint}
	f.Versions(func(v finding.Version) bool {
		switch at := v.Place; {
		case at != &f.Places[0] && half != "":
			return false
		case at.Disk != nil && scanner.InIndex(scanner.GitEnv{Path: dir}, at.Disk.Path, v.Blob):
			names, half = append(names, v.Fingerprint), ""
			return false
		case at.Disk != nil:
			half = "is not in git's index as it is, so this is accepted in scans of files only; accept it again when it is committed"
		case at.InHead, at.Kind == finding.Staged:
			names = append(names, v.Fingerprint, f.FingerprintOnDisk(at))
			return false
		}
		return true
	})
	if at := f.Places[0].Disk; at != nil && at.Blob == "" && f.FingerprintOnDisk(&f.Places[0]) != "" {
		half = `is too large for its version to be told, so this is accepted in scans of files only; "scan triage --history" accepts its versions`
	}
	for _, name := range unique(names) {
		lines += fmt.Sprintf("fingerprint:%s -- %s\n", name, reason)
	}
	return lines, half
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
