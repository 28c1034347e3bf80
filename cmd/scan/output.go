package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"keyrake/scanner/walk/regular"
)

// checkOutput says early whether a report can be written to path, so that a
// long scan does not end without one.
func checkOutput(path string) error {
	target, regular, err := resolveOutput(path)
	if err != nil || !regular {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(target), tempPattern)
	if err != nil {
		return &fileError{"write", path, err}
	}
	return errors.Join(temp.Close(), os.Remove(temp.Name()))
}

const tempPattern = ".scan-*.tmp"

// writeOutput writes a file that only its owner can read. The file appears, or
// changes, only when it is complete. What is not a regular file (a pipe, a
// device) is written to as it is.
func writeOutput(path string, write func(io.Writer) error) (err error) {
	target, regular, err := resolveOutput(path)
	if err != nil {
		return err
	}
	if !regular {
		file, err := os.OpenFile(target, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(file), file.Close())
	}
	temp, err := os.CreateTemp(filepath.Dir(target), tempPattern) // mode 0600, a new file
	if err != nil {
		return &fileError{"write", path, err} // not the name of a file that nobody asked for
	}
	defer func() {
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	// A report that a crash can cut short would look like a clean one.
	if err := errors.Join(write(temp), temp.Sync(), temp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(temp.Name(), target)
}

// resolveOutput follows links, so that renaming replaces the file and not the
// link to it, and says whether there is, or will be, a regular file. In a work
// tree it refuses links that writeOutput must not follow.
func resolveOutput(path string) (target string, isFile bool, err error) {
	if err := checkLinks(path); err != nil {
		return "", false, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(path); err == nil {
			return "", false, fmt.Errorf("write %s: it is a link to a file that does not exist; name that file, or remove the link", path)
		}
		return path, true, nil
	case err != nil:
		return "", false, err
	case info.IsDir():
		return "", false, fmt.Errorf("write %s: it is a folder; name a file", path)
	case !regular.Is(info.Mode()):
		return path, false, nil
	}
	target, err = filepath.EvalSymlinks(path)
	return target, true, err
}
